//! A writer killed at a random moment: what it acknowledged is there, and nothing is half done.

use super::{Random, make, number, rounds, statements};
use engine::file::{Access, check, open};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tests::binary;

/// A fresh file after so many rounds, so that opening does not get slower and slower.
const ROUNDS_A_FILE: usize = 40;
/// More than a writer gets done before it is killed.
const STATEMENTS: i64 = 3_000;

#[test]
fn what_a_killed_writer_acknowledged_is_there_and_nothing_is_half_done() {
    let program = binary::plancube().unwrap();
    let mut folder = TempDir::new().unwrap();
    let (mut acknowledged, mut kept) = (0, 0);
    let all = rounds(30);
    for round in all.clone() {
        if round % ROUNDS_A_FILE == 0 || round == all.start {
            folder = TempDir::new().unwrap();
            make(&folder.path().join("t.plancube"));
        }
        let path = folder.path().join("t.plancube");
        let before = number(&open(&path, Access::Read, "tester").unwrap(), round);
        // Every other writer takes a checkpoint with each statement.
        let storage = if round % 2 == 0 { "65536 65536 0" } else { "65536 65536 1000000" };
        let writer = start(&program, folder.path(), before, storage);
        let last =
            kill(writer, Duration::from_micros(20_000 + Random(round as u64).below(120_000) as u64)).unwrap_or(before);
        let cube = open(&path, Access::Write, "tester").unwrap_or_else(|error| panic!("round {round}: {error}"));
        let after = number(&cube, round);
        assert!(after >= last, "round {round}: {last} was acknowledged, and {after} is there");
        assert!(after <= last + 1, "round {round}: {after} is there, long after the {last} acknowledged");
        drop(cube);
        check(&path).unwrap_or_else(|error| panic!("round {round}: {error}"));
        acknowledged += last - before;
        kept += after - before;
    }
    println!("rounds {all:?}: {} kills; {acknowledged} statements acknowledged, {kept} kept", all.len());
    assert!(acknowledged > 0, "no writer was given time to do anything");
}

fn start(program: &Path, folder: &Path, after: i64, storage: &str) -> Child {
    std::fs::write(folder.join("work.pcq"), statements(after, STATEMENTS)).unwrap();
    let mut command = binary::command(program, folder);
    command.args(["t.plancube", "-f", "work.pcq", "--format", "json", "--quiet"]).env("PLANCUBE_STORAGE", storage);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
}

/// Kills a writer after some time; gives the last number that it acknowledged.
fn kill(mut writer: Child, after: Duration) -> Option<i64> {
    let output = BufReader::new(writer.stdout.take().unwrap());
    let reader =
        std::thread::spawn(move || output.lines().map_while(Result::ok).filter_map(|line| filled(&line)).last());
    std::thread::sleep(after);
    writer.kill().unwrap();
    writer.wait().unwrap();
    reader.join().unwrap()
}

/// The number in a receipt of `fill n with NUMBER where plan`; none where the line was cut off.
pub(super) fn filled(receipt: &str) -> Option<i64> {
    let receipt: serde_json::Value = serde_json::from_str(receipt).ok()?;
    receipt["statement"].as_str()?.split(' ').nth(3)?.parse().ok()
}
