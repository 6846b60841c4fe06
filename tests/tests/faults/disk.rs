//! A disk that is full: what was acknowledged is there, the error is a sentence, and work goes on when there is room.

#![cfg(unix)]

use super::kills::filled;
use super::{make, number, rounds, statements};
use engine::file::{Access, check, open};
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tests::binary;

/// Blocks of 512 bytes that the first writer may write to a file.
const LEAST: usize = 60;

#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let program = binary::plancube().unwrap();
    let all = rounds(12).end.min(400);
    let mut failed = 0;
    for round in 0..all {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("t.plancube");
        make(&path);
        std::fs::write(folder.path().join("work.pcq"), statements(0, 400)).unwrap();
        // The shell limits the size of files; a write beyond it fails as on a full disk.
        let limit = LEAST + round * 37;
        let script =
            format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" t.plancube -f work.pcq --format json --quiet");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).arg(&program).current_dir(folder.path()).env("HOME", folder.path());
        shell.env("PLANCUBE_STORAGE", if round % 2 == 0 { "65536 65536 0" } else { "65536 65536 1000000" });
        let output = shell.stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let last = String::from_utf8_lossy(&output.stdout).lines().filter_map(filled).next_back().unwrap_or(0);
        match output.status.code() {
            Some(0) => assert_eq!(last, 400, "round {round}"),
            Some(1 | 3) => {
                failed += 1;
                assert!(said.contains("error: "), "round {round}: {said}");
            }
            other => panic!("round {round}: ended with {other:?}: {said}"),
        }
        let cube = open(&path, Access::Write, "tester").unwrap_or_else(|error| panic!("round {round}: {error}"));
        let found = number(&cube, round);
        assert!((last..=last + 1).contains(&found), "round {round}: {last} acknowledged, {found} there; {said}");
        drop(cube);
        check(&path).unwrap_or_else(|error| panic!("round {round}: {error}"));
    }
    println!("{all} disks, {failed} of them full");
    assert!(failed > 0, "no disk was full");
}
