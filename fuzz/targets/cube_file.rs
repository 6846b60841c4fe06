//! The bytes of a cube file, changed: it opens as it was, or is refused with a sentence.
//!
//! What libFuzzer makes up is not the file but a list of changes to one, of six bytes each: pages of SQLite are
//! large, and what matters lies in few of their bytes. Where the first byte is odd, the changes are made within a
//! blob, and its checksum is made to match: what it holds may then be anything, and must still not bring the program
//! down.

#![no_main]

use engine::error::EngineError;
use engine::file::{Access, check, open, repair};
use libfuzzer_sys::fuzz_target;
use query::session::Session;
use rusqlite::{Connection, params};
use std::fs;
use std::panic;
use std::path::Path;
use std::sync::LazyLock;
use xxhash_rust::xxh3::xxh3_64;

/// What is done to the company in each file.
const FILES: [&str; 3] = [
    "add 10% to cost where plan; undo;",
    "branch upside from plan; add 5 to cost where upside, Field; merge upside into plan; undo; redo; hold cost where Sales;",
    "begin; fill headcount with 3 where plan, Inside; define rate = cost / headcount; commit; lock plan, 2026-01;",
];
/// Blobs with a checksum beside them: the table, the column, and the table's key.
const BLOBS: [(&str, &str, &str); 3] =
    [("chunks", "data", "id"), ("changes", "data", "sequence * 1000 + position"), ("checkpoint", "schema", "one")];
/// What is asked of a file that opens.
const QUESTIONS: [&str; 3] = [
    "show cost, revenue, headcount by division, department across quarter where plan with totals",
    "describe",
    "history",
];

/// The bytes of a file, the hash of what it holds, and what the questions answer.
type Sample = (Vec<u8>, u128, Vec<String>);

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(|| {
    // A checkpoint in the midst of the record: both are read.
    engine::Tuning { checkpoint_cells: 20, chunk_rows: 8, ..engine::Tuning::default() }.install();
    FILES.iter().map(|script| made(script)).collect()
});

fn made(script: &str) -> Sample {
    let folder = fuzz::folder();
    let path = folder.path().join("t.plancube");
    let cube = open(&path, Access::Write, "fuzz").expect("a new file");
    let mut session = fuzz::company_on(cube, Box::new(fuzz::Company));
    for span in query::syntax::split(script) {
        session.execute(&script[span]).expect("a statement that is right");
    }
    drop(session);
    let (hash, answers) = read(&path).expect("a file that is right");
    (fs::read(&path).expect("its bytes"), hash, answers)
}

// The reader of Arrow blocks may give up with a panic of its own, which the engine catches; the hook of libFuzzer would
// end the program there. One that is not caught still ends it.
fuzz_target!(
    init: panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| {
        let Some((head, edits)) = data.split_first() else { return };
        let (bytes, hash, answers) = &SAMPLES[usize::from(head >> 1) % FILES.len()];
        let folder = fuzz::folder();
        let path = folder.path().join("t.plancube");
        let as_it_was = match head & 1 {
            0 => {
                fs::write(&path, edited(bytes.clone(), edits)).expect("room for a file");
                true
            }
            _ => {
                fs::write(&path, bytes).expect("room for a file");
                edit_blob(&path, edits);
                false
            }
        };
        if let Ok(found) = read(&path) {
            assert!(!as_it_was || found == (*hash, answers.clone()), "a damaged file opens, and holds something else");
        }
        told(check(&path).map(|_| ()));
        let into = folder.path().join("t.repaired");
        told(repair(&path, &into).map(|_| ()));
        if into.exists() && as_it_was {
            check(&into).expect("what is repaired is in order");
        }
    }
);

/// An error says something.
fn told(outcome: Result<(), EngineError>) {
    assert!(outcome.err().is_none_or(|error| !error.to_string().is_empty()));
}

/// What a file holds and answers, if it opens.
fn read(path: &Path) -> Result<(u128, Vec<String>), String> {
    let cube = open(path, Access::Read, "fuzz").map_err(|error| error.to_string())?;
    let mut session = Session::new(cube, Box::new(fuzz::Company));
    let answer = |question: &&str| match session.execute(question) {
        Ok(answer) => format!("{answer:?}"),
        Err(error) => error.message,
    };
    let answers = QUESTIONS.iter().map(answer).collect();
    let cube = session.cube();
    fuzz::try_hash(cube).map(|hash| (hash, answers)).map_err(|error| error.to_string())
}

/// Bytes after some changes: each of a kind, a place and a value.
fn edited(mut bytes: Vec<u8>, edits: &[u8]) -> Vec<u8> {
    for edit in edits.as_chunks::<6>().0 {
        let [kind, a, b, c, value, length] = *edit;
        let at = (usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)) % bytes.len().max(1);
        let end = (at + 1 + usize::from(length)).min(bytes.len());
        match kind % 8 {
            0 => bytes.truncate(at.max(1)),
            1 => bytes[at..end].fill(value),
            2 => {
                let from = usize::from(value) * bytes.len() / 256;
                let length = (end - at).min(bytes.len() - from);
                bytes.copy_within(from..from + length, at);
            }
            3 => drop(bytes.splice(at..at, std::iter::repeat_n(value, usize::from(length)))),
            4 => drop(bytes.drain(at..end)),
            5 => bytes[at] ^= 1 << (value % 8),
            _ => bytes[at] = value,
        }
    }
    bytes
}

/// Changes one blob of a file and the checksum that goes with it.
fn edit_blob(path: &Path, edits: &[u8]) {
    let Some(([kind, place], edits)) = edits.split_first_chunk() else { return };
    let (table, column, key) = BLOBS[usize::from(*kind) % BLOBS.len()];
    let connection = Connection::open(path).expect("a file that is right");
    let select = format!("SELECT {key}, {column} FROM {table} ORDER BY 1");
    let mut statement = connection.prepare(&select).expect("a table that is there");
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)));
    let rows: Vec<(i64, Vec<u8>)> = rows.expect("rows").map(|row| row.expect("a row")).collect();
    drop(statement);
    if rows.is_empty() {
        return;
    }
    let (number, blob) = rows[usize::from(*place) % rows.len()].clone();
    let blob = edited(blob, edits);
    let sum = sealed(&connection, table, &blob);
    let update = format!("UPDATE {table} SET {column} = ?1, checksum = ?2 WHERE {key} = ?3");
    connection.execute(&update, params![blob, sum, number]).expect("a change of a row");
    if table == "chunks" {
        // The checkpoint's checksum covers those of its chunks.
        let schema: Vec<u8> =
            connection.query_row("SELECT schema FROM checkpoint", [], |row| row.get(0)).expect("a checkpoint");
        let sum = sealed(&connection, "checkpoint", &schema);
        connection.execute("UPDATE checkpoint SET checksum = ?1", params![sum]).expect("a change of a row");
    }
}

/// The checksum that belongs to a blob.
fn sealed(connection: &Connection, table: &str, blob: &[u8]) -> i64 {
    if table != "checkpoint" {
        return xxh3_64(blob) as i64;
    }
    let sequence: i64 =
        connection.query_row("SELECT sequence FROM checkpoint", [], |row| row.get(0)).expect("a checkpoint");
    let mut bytes = sequence.to_le_bytes().to_vec();
    let mut statement = connection
        .prepare("SELECT scenario, position, checksum FROM chunks ORDER BY scenario, position")
        .expect("a table that is there");
    let rows = statement.query_map([], |row| Ok([row.get::<_, i64>(0)?, row.get(1)?, row.get(2)?])).expect("rows");
    rows.for_each(|row| row.expect("a row").iter().for_each(|number| bytes.extend(number.to_le_bytes())));
    bytes.extend(blob);
    xxh3_64(&bytes) as i64
}
