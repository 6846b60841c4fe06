//! One call that fails: each write, flush, cut and opening of the cube file and its log, in turn.
//!
//! `strace` makes the calls fail. Where it is missing or may not trace, the test says so and does nothing.

#![cfg(target_os = "linux")]

use super::kills::filled;
use super::{make, number, statements};
use engine::file::{Access, check, open};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use tests::binary;

/// The calls that fail, and how.
const FAULTS: [&str; 6] = [
    "pwrite64,write:error=EIO",
    "pwrite64,write:error=ENOSPC",
    "fsync,fdatasync:error=EIO",
    "ftruncate:error=EIO",
    "openat:error=EIO",
    "openat:error=EROFS",
];
/// How many statements each run is given.
const STATEMENTS: i64 = 4;

#[test]
fn a_call_that_fails_loses_nothing_that_was_acknowledged() {
    let program = binary::plancube().unwrap();
    if !traces() {
        eprintln!("SKIPPED: strace is missing or may not trace; no call was made to fail");
        return;
    }
    // The short form makes the first few calls of each kind fail; the long one all of them.
    let most = if std::env::var_os("PLANCUBE_FAULTS").is_some() { usize::MAX } else { 4 };
    let (mut failed, mut ended) = (0, 0);
    for fault in FAULTS {
        for storage in ["65536 65536 0", "65536 65536 1000000"] {
            for nth in 1..=most {
                match run(&program, fault, storage, nth) {
                    None => break,
                    Some(whole) => (failed, ended) = (failed + 1, ended + usize::from(!whole)),
                }
            }
        }
    }
    println!("{failed} calls failed; {ended} of them ended the script with an error");
    assert!(ended > 0, "no call failed");
}

/// Whether calls of a program can be made to fail here.
fn traces() -> bool {
    let quiet = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Runs the statements with one call failing; whether all of them were done, none where there was no such call.
fn run(program: &Path, fault: &str, storage: &str, nth: usize) -> Option<bool> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().canonicalize().unwrap().join("t.plancube");
    make(&path);
    fs::write(folder.path().join("work.pcq"), statements(0, STATEMENTS)).unwrap();
    let output = traced(program, &path, &format!("inject={fault}:when={nth}"), storage);
    let log = fs::read_to_string(folder.path().join("calls")).unwrap();
    if !log.contains("(INJECTED)") {
        return None;
    }
    let about = format!("{fault}, call {nth}, storage {storage}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let last = String::from_utf8_lossy(&output.stdout).lines().filter_map(filled).next_back().unwrap_or(0);
    let whole = match output.status.code() {
        Some(0) => last == STATEMENTS,
        Some(1 | 3) if said.contains("error: ") => false,
        other => panic!("{about}: ended with {other:?}: {said}"),
    };
    let cube = open(&path, Access::Write, "tester").unwrap_or_else(|error| panic!("{about}: {error}"));
    let found = number(&cube, nth);
    // Only a commit whose outcome is said to be unknown may be there without having been acknowledged.
    let unknown = i64::from(said.contains("outcome unknown"));
    assert!((last..=last + unknown).contains(&found), "{about}: {last} acknowledged, {found} there; {said}");
    drop(cube);
    check(&path).unwrap_or_else(|error| panic!("{about}: {error}"));
    Some(whole)
}

fn traced(program: &Path, path: &Path, injection: &str, storage: &str) -> Output {
    let folder = path.parent().unwrap();
    let mut command = Command::new("strace");
    command.args(["-f", "-o", "calls", "-e", injection]);
    for ending in ["", "-wal", "-shm"] {
        command.arg("-P").arg(format!("{}{ending}", path.display()));
    }
    command.arg(program).args(["t.plancube", "-f", "work.pcq", "--format", "json", "--quiet"]);
    command.current_dir(folder).env("HOME", folder).env("PLANCUBE_AUTHOR", "tester").env("PLANCUBE_STORAGE", storage);
    command.stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_file_that_may_not_be_written_is_read_and_refused_with_a_sentence() {
    let program = binary::plancube().unwrap();
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    make(&path);
    let bytes = fs::read(&path).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = binary::command(&program, folder.path());
        command.arg("t.plancube").args(arguments).output().unwrap()
    };
    let refused = run(&["--read-only", "-c", "fill n with 1 where plan"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("for reading only"));
    assert!(run(&["--read-only", "-c", "show n where plan"]).status.success());
    assert_eq!(fs::read(&path).unwrap(), bytes);
    if !traces() {
        eprintln!("SKIPPED: strace is missing or may not trace; no disk was read only");
        return;
    }
    // Every opening for writing fails, as on a disk that is mounted to be read.
    fs::write(folder.path().join("work.pcq"), "show n where plan;\nfill n with 1 where plan;\n").unwrap();
    let whole = path.canonicalize().unwrap();
    let output =
        traced(&program, &whole, "inject=pwrite64,write,fsync,fdatasync,ftruncate:error=EROFS", "65536 65536 0");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("error: "), "{said}");
    check(&path).unwrap();
    assert_eq!(number(&open(&path, Access::Read, "tester").unwrap(), 0), 0);
}
