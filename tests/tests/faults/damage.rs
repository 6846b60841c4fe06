//! Damaged bytes: a file opens as it was, or is refused with a sentence. Never another number, never a panic.

use super::{Random, hash, rounds, tune};
use engine::cube::Cube;
use engine::file::{Access, check, open, repair};
use query::session::Session;
use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use tempfile::TempDir;
use tests::MemoryTables;

const MODEL: &str = "
    create dimension team levels (division, team); create dimension project; create scenario plan, actual;
    create time dimension month months 2026-01..2026-12;
    create measure heads decimal(0) last over month; create measure cost decimal(2) unit 'USD';";

/// A file with loads, changes, a branch, a merge and what was taken back, its bytes, and the hash after each operation.
fn sample(folder: &Path) -> (Vec<u8>, u128, HashSet<u128>) {
    tune();
    let path = folder.join("sample.plancube");
    let cube = open(&path, Access::Write, "tester").unwrap();
    let row = |at: usize| {
        let month = format!("2026-{:02}", at % 12 + 1);
        [
            format!("d{}", at % 3),
            format!("t{}", at % 7),
            format!("p{}", at % 11),
            month,
            at.to_string(),
            format!("{at}.25"),
        ]
        .to_vec()
    };
    let rows: Vec<Vec<String>> = (0..400).map(row).collect();
    let tables = MemoryTables::default();
    let tables = tables.with("facts", &["division", "team", "project", "month", "heads", "cost"], &rows).unwrap();
    let mut session = Session::new(cube, Box::new(tables));
    let statements = format!(
        "{MODEL} load 'facts' into plan creating members; branch upside from plan; add 10% to cost where upside;
         set cost to 500 where plan, 2026-03; undo; redo; merge upside into plan taking upside;
         set heads to 9 where plan, 2026-05; lock plan, 2026-01; define rate = cost / heads;"
    );
    let mut hashes = HashSet::from([hash(session.cube())]);
    for span in query::syntax::split(&statements) {
        session.execute(&statements[span]).unwrap();
        hashes.insert(hash(session.cube()));
    }
    let last = hash(session.cube());
    drop(session);
    (fs::read(&path).unwrap(), last, hashes)
}

/// Damages some bytes; says how.
fn damaged(bytes: &[u8], random: &mut Random) -> (Vec<u8>, String) {
    let mut bytes = bytes.to_vec();
    let at = random.below(bytes.len());
    let how = match random.below(6) {
        0 => {
            bytes.truncate(at);
            format!("cut off at {at}")
        }
        1 => {
            let end = (at + 1 + random.below(600)).min(bytes.len());
            bytes[at..end].fill(0);
            format!("nought from {at} to {end}")
        }
        2 => {
            let end = (at + 4096).min(bytes.len());
            let from = random.below(bytes.len() - (end - at) + 1);
            bytes.copy_within(from..from + (end - at), at);
            format!("{from} copied over {at}")
        }
        _ => {
            let flips = 1 + random.below(4);
            let places: Vec<usize> = (0..flips).map(|_| random.below(bytes.len())).collect();
            places.iter().for_each(|place| bytes[*place] ^= 1 << random.below(8));
            format!("bits flipped at {places:?}")
        }
    };
    (bytes, how)
}

#[test]
fn a_damaged_file_opens_as_it_was_or_is_refused() {
    let folder = TempDir::new().unwrap();
    let (bytes, whole, hashes) = sample(folder.path());
    let all = rounds(150);
    let (mut refused, mut saved) = (0, 0);
    for round in all.clone() {
        let (damaged, how) = damaged(&bytes, &mut Random(round as u64));
        let path = folder.path().join("t.plancube");
        let into = folder.path().join("t.repaired");
        fs::write(&path, damaged).unwrap();
        let opened = catch_unwind(AssertUnwindSafe(|| {
            let opened = read(&path);
            let _ = check(&path);
            let _ = repair(&path, &into);
            opened
        }));
        match opened.unwrap_or_else(|_| panic!("round {round} ({how}): a panic")) {
            Ok(found) => assert_eq!(found, whole, "round {round} ({how}): other numbers"),
            Err(_) => refused += 1,
        }
        if into.exists() {
            check(&into).unwrap_or_else(|error| panic!("round {round} ({how}): repaired, and yet {error}"));
            let found = read(&into).unwrap();
            assert!(hashes.contains(&found), "round {round} ({how}): repaired to what never was");
            saved += usize::from(found == whole);
            fs::remove_file(&into).unwrap();
        }
        for leftover in ["t.plancube-wal", "t.plancube-shm", "t.repaired-wal", "t.repaired-shm"] {
            let _ = fs::remove_file(folder.path().join(leftover));
        }
    }
    let count = all.len();
    println!(
        "rounds {all:?}: {count} damaged files, {refused} refused, the others as they were; {saved} repaired whole"
    );
    assert!(refused > 0, "no damage was found");
}

/// What a file holds, if it can be opened.
fn read(path: &Path) -> Result<u128, String> {
    let mut cube: Cube = open(path, Access::Read, "tester").map_err(|error| error.to_string())?;
    cube.refresh().map_err(|error| error.to_string())?;
    Ok(hash(&cube))
}

#[test]
fn what_stands_beside_the_facts_is_verified_too() {
    let folder = TempDir::new().unwrap();
    let (bytes, ..) = sample(folder.path());
    for sql in [
        "UPDATE chunks SET scenario = scenario + 1",
        "UPDATE chunks SET position = position + 1, scenario = 3 - scenario",
        "DELETE FROM chunks WHERE id = (SELECT max(id) FROM chunks)",
        "UPDATE checkpoint SET sequence = sequence - 1",
        "UPDATE changes SET position = 7 WHERE position = 0",
        "UPDATE changes SET kind = 'cells' WHERE kind = 'schema'",
        "DELETE FROM changes WHERE sequence = 8",
        "UPDATE head SET sequence = sequence - 1",
    ] {
        let path = folder.path().join("t.plancube");
        fs::write(&path, &bytes).unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
        drop(connection);
        assert!(read(&path).is_err(), "not found: {sql}");
    }
}
