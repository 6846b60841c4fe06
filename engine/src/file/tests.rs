//! The file against the memory: what was committed is there, what was flipped is found.

use super::*;
use crate::cube::Draft;
use crate::dimension::{Dimension, NewMember};
use crate::id::{MeasureId, MemberId};
use crate::journal::Record;
use crate::measure::{Measure, OverTime, Rollup};
use crate::storage::{Write, Writes};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const MEMBERS: u32 = 30;

fn measure(name: &str) -> Measure {
    Measure {
        name: name.into(),
        scale: 2,
        rollup: Rollup::Sum,
        over_time: OverTime::Flow,
        unit: None,
        format: None,
        favours_higher: None,
    }
}

/// Commits a model of one dimension, one scenario and two measures.
fn model(cube: &mut Cube) {
    let mut draft = Draft::on(&cube.snapshot());
    let mut dimension = Dimension::with_levels("item", vec!["item".into()]);
    let mut scenarios = Dimension::scenarios();
    scenarios.add(NewMember::named("plan", MemberId::ROOT, true)).unwrap();
    scenarios.seal();
    for member in 1..MEMBERS {
        dimension.add(NewMember::named(format!("m{member}"), MemberId::ROOT, true)).unwrap();
    }
    dimension.seal();
    let schema = cube.snapshot().schema().with_dimension(dimension).unwrap();
    let schema = schema.with_measure(measure("cost")).unwrap().with_measure(measure("sales")).unwrap();
    draft.schema(schema.replacing(crate::id::DimensionId::SCENARIO, scenarios)).unwrap();
    cube.commit(draft, Record::default()).unwrap();
}

type Batch = BTreeMap<u32, (Option<i64>, Option<i64>)>;

fn change(cube: &mut Cube, batch: &Batch) {
    let snapshot = cube.snapshot();
    if snapshot.schema().measures().is_empty() {
        return; // the model itself was undone
    }
    let put = |cell: &Option<i64>| cell.map_or(Write::Clear, Write::Put);
    let keys: Vec<u128> = batch.keys().map(|code| snapshot.layout().pack([*code].into_iter())).collect();
    let columns = vec![
        (MeasureId(0), batch.values().map(|(cell, _)| put(cell)).collect()),
        (MeasureId(1), batch.values().map(|(_, cell)| put(cell)).collect()),
    ];
    let writes = Writes::at(snapshot.layout(), &keys, columns);
    let mut draft = Draft::on(&snapshot);
    if let Some(delta) = draft.write(MemberId(1), &writes).unwrap() {
        let cells = delta.count().0 * 20_000;
        cube.commit(draft, Record { cells, ..Record::default() }).unwrap();
    }
}

/// A key with its cells in both measures.
type Row = (u128, Option<i64>, Option<i64>);

/// Everything a version holds, apart from how it is cut into chunks.
fn content(cube: &Cube) -> (u64, Vec<Row>) {
    content_of(&cube.snapshot())
}

fn content_of(snapshot: &Snapshot) -> (u64, Vec<Row>) {
    let mut rows = Vec::new();
    for chunk in snapshot.facts_at(MemberId(1)).partition().unwrap().chunks() {
        let keys = chunk.leaves(snapshot.layout()).keys();
        rows.extend(keys.into_iter().zip(chunk.cells(0)).zip(chunk.cells(1)).map(|((key, a), b)| (key, a, b)));
    }
    (snapshot.sequence, rows)
}

#[test]
fn facts_read_late_are_those_of_the_opening() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    let mut cube = open(&path, Access::Write, "tester").unwrap();
    model(&mut cube);
    let all = |value: i64| (0..MEMBERS).map(|code| (code, (Some(value), None))).collect::<Batch>();
    change(&mut cube, &all(1));
    let before = cube.snapshot();
    let another = Database::open(&path, Access::Read).unwrap().another().unwrap().unwrap();
    let outlines = another.outlines().unwrap();
    assert_eq!(outlines.iter().map(|outline| outline.facts).sum::<usize>(), MEMBERS as usize);
    let facts = late::Late::new(another).facts(outlines);
    change(&mut cube, &all(2));
    let version = Snapshot::new(before.sequence, Arc::clone(before.schema()), facts).unwrap();
    assert_eq!(version.facts(), before.facts());
    assert_eq!(content_of(&version), content_of(&before));
    assert_ne!(content_of(&version).1, content(&cube).1);
}

fn batch() -> impl Strategy<Value = Batch> {
    let cell = || prop::option::of(prop_oneof![-9i64..9, any::<i64>()]);
    prop::collection::btree_map(0..MEMBERS, (cell(), cell()), 1..20)
}

#[derive(Debug, Clone)]
enum Step {
    Change(Batch),
    Undo(u64),
    Redo(u64),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => batch().prop_map(Step::Change),
        2 => (1u64..3).prop_map(Step::Undo),
        1 => (1u64..3).prop_map(Step::Redo),
        1 => Just(Step::Reopen),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_file_holds_what_memory_holds(steps in prop::collection::vec(step(), 1..12)) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("t.plancube");
        let mut memory = Cube::in_memory("tester").unwrap();
        let mut file = open(&path, Access::Write, "tester").unwrap();
        model(&mut memory);
        model(&mut file);
        for step in &steps {
            match step {
                Step::Change(batch) => {
                    change(&mut memory, batch);
                    change(&mut file, batch);
                }
                Step::Undo(n) => prop_assert_eq!(memory.undo(*n, "undo").is_ok(), file.undo(*n, "undo").is_ok()),
                Step::Redo(n) => prop_assert_eq!(memory.redo(*n, "redo").is_ok(), file.redo(*n, "redo").is_ok()),
                Step::Reopen => file = open(&path, Access::Write, "tester").unwrap(),
            }
            prop_assert_eq!(content(&memory), content(&file));
            prop_assert_eq!(memory.stack(), file.stack());
        }
        let saved = folder.path().join("saved.plancube");
        save(&mut memory, &saved).unwrap();
        for path in [&path, &saved] {
            check(path).unwrap();
            prop_assert_eq!(content(&open(path, Access::Read, "tester").unwrap()), content(&memory));
        }
    }
}

fn sample(path: &Path) -> Cube {
    let mut cube = open(path, Access::Write, "tester").unwrap();
    model(&mut cube);
    change(&mut cube, &(1..MEMBERS).map(|code| (code, (Some(i64::from(code)), None))).collect());
    cube
}

#[test]
fn a_flipped_byte_of_any_blob_is_found() {
    let folder = TempDir::new().unwrap();
    for (table, column) in [("chunks", "data"), ("changes", "data"), ("checkpoint", "schema"), ("journal", "operation")]
    {
        let path = folder.path().join(format!("{table}.plancube"));
        drop(sample(&path));
        check(&path).unwrap();
        let connection = rusqlite::Connection::open(&path).unwrap();
        let flip = format!(
            "UPDATE {table} SET {column} = CAST(substr({column}, 1, 40) || 'x' || substr({column}, 42) AS BLOB)"
        );
        let flip = if table == "journal" { flip.replace(" AS BLOB", " AS TEXT") } else { flip };
        assert!(connection.execute(&flip, []).unwrap() > 0);
        drop(connection);
        let error = check(&path).unwrap_err();
        assert!(matches!(error, EngineError::Damaged(_)), "{table}: {error}");
    }
}

#[test]
fn a_lost_operation_is_found() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    drop(sample(&path));
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute("DELETE FROM journal WHERE sequence = 2", []).unwrap();
    drop(connection);
    assert!(matches!(check(&path), Err(EngineError::Damaged(_))));
}

#[test]
fn another_process_sees_what_was_committed_and_a_stale_draft_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    let mut writer = sample(&path);
    let mut other = open(&path, Access::Write, "other").unwrap();
    let stale = Draft::on(&other.snapshot());
    change(&mut writer, &Batch::from([(1, (Some(7), Some(8)))]));
    writer.undo(1, "undo").unwrap();
    writer.redo(1, "redo").unwrap();
    let mut draft = stale.clone();
    draft.schema(draft.snapshot().schema().with_measure(measure("leads")).unwrap()).unwrap();
    assert!(matches!(other.commit(draft, Record::default()), Err(EngineError::Stale)));
    assert!(other.refresh().unwrap());
    assert_eq!(content(&other), content(&writer));
    change(&mut other, &Batch::from([(2, (None, Some(8)))]));
    assert!(writer.refresh().unwrap());
    assert_eq!(content(&other), content(&writer));
}

#[test]
fn a_reader_writes_nothing_and_a_foreign_file_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    drop(sample(&path));
    let mut reader = open(&path, Access::Read, "reader").unwrap();
    assert!(matches!(reader.undo(1, "undo"), Err(EngineError::ReadOnly)));
    assert!(open(&folder.path().join("none.plancube"), Access::Read, "reader").is_err());
    let foreign = folder.path().join("foreign.plancube");
    std::fs::write(&foreign, "not a cube").unwrap();
    assert!(matches!(open(&foreign, Access::Write, "tester"), Err(EngineError::File(_))));
    assert_eq!(std::fs::read(&foreign).unwrap(), b"not a cube");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(connection);
    assert!(open(&path, Access::Write, "tester").err().unwrap().to_string().contains("newer"));
}

/// Runs a statement of SQL on the file behind a cube.
fn damage(path: &Path, sql: &str) {
    let connection = rusqlite::Connection::open(path).unwrap();
    assert!(connection.execute(sql, []).unwrap() > 0, "{sql}");
}

/// Rows of a scenario, however they were numbered.
fn rows(path: &Path) -> Vec<Row> {
    content(&open(path, Access::Read, "reader").unwrap()).1
}

#[test]
fn a_repair_saves_what_can_be_read() {
    let folder = TempDir::new().unwrap();
    let flip = |table: &str, column: &str| {
        format!("UPDATE {table} SET {column} = CAST(substr({column}, 1, 40) || 'x' || substr({column}, 42) AS BLOB)")
    };
    let varied = |name: &str| {
        let path = folder.path().join(name);
        let mut cube = sample(&path);
        for value in 1..4 {
            change(&mut cube, &Batch::from([(1, (Some(value), None))]));
        }
        cube.undo(1, "undo").unwrap();
        let rows = content(&cube).1;
        (path, rows)
    };
    // The checkpoint is lost: all is made again from the record.
    let (path, all) = varied("checkpoint.plancube");
    damage(&path, &flip("checkpoint", "schema"));
    let into = folder.path().join("checkpoint.repaired");
    assert!(repair(&path, &into).unwrap().whole);
    check(&into).unwrap();
    assert_eq!(rows(&into), all);
    assert!(repair(&path, &into).is_err(), "a file that is there is not overwritten");
    // The third operation is lost, and the checkpoint is older: what came before is saved.
    let (path, _) = varied("record.plancube");
    let copy = folder.path().join("first.plancube");
    drop(sample(&copy));
    damage(&path, &format!("{} WHERE sequence = 3", flip("changes", "data")));
    damage(&path, "UPDATE checkpoint SET checksum = checksum + 1");
    let into = folder.path().join("record.repaired");
    let saved = repair(&path, &into).unwrap();
    assert!(!saved.whole && saved.report[0] == "operations saved: 2 of 5", "{:?}", saved.report);
    assert!(saved.report.iter().any(|line| line.starts_with("lost: operation 3")), "{:?}", saved.report);
    check(&into).unwrap();
    assert_eq!(rows(&into), rows(&copy));
}

/// A file after several operations, and its rows after each of them.
fn several(path: &Path) -> Vec<Vec<Row>> {
    let mut cube = sample(path);
    let mut states = vec![content(&cube).1];
    for value in 1..4 {
        change(&mut cube, &Batch::from([(1, (Some(value), None))]));
        states.push(content(&cube).1);
    }
    states
}

#[test]
fn a_repair_brings_back_a_state_that_was_whatever_table_is_damaged() {
    let folder = TempDir::new().unwrap();
    let damages = [
        ("head", "UPDATE head SET sequence = sequence + 1"),
        ("head_hash", "UPDATE head SET hash = zeroblob(16)"),
        ("head_gone", "DELETE FROM head"),
        ("journal", "UPDATE journal SET operation = operation || ' ' WHERE sequence = 4"),
        ("journal_hash", "UPDATE journal SET hash = zeroblob(16) WHERE sequence = 4"),
        ("journal_gone", "DELETE FROM journal WHERE sequence = 4"),
        ("changes_gone", "DELETE FROM changes WHERE sequence = 4"),
        ("changes_kind", "UPDATE changes SET kind = 'schema' WHERE sequence = 4"),
        ("changes_sum", "UPDATE changes SET checksum = checksum + 1 WHERE sequence = 4"),
        ("checkpoint_gone", "DELETE FROM checkpoint"),
        ("checkpoint_sequence", "UPDATE checkpoint SET sequence = 1"),
        ("chunks", "UPDATE chunks SET data = zeroblob(length(data))"),
        ("chunks_gone", "DELETE FROM chunks"),
        ("chunks_moved", "UPDATE chunks SET position = position + 1"),
        ("outline", "UPDATE outline SET facts = facts + 1"),
        ("outline_gone", "DELETE FROM outline"),
    ];
    for (name, sql) in damages {
        let path = folder.path().join(format!("{name}.plancube"));
        let states = several(&path);
        // A checkpoint with facts, and operations after it.
        damage(&path, sql);
        assert!(check(&path).is_err(), "{name}");
        let into = folder.path().join(format!("{name}.repaired"));
        let saved = repair(&path, &into).unwrap_or_else(|error| panic!("{name}: {error}"));
        check(&into).unwrap();
        assert!(states.contains(&rows(&into)), "{name}: {:?}", saved.report);
        assert!(!saved.report.is_empty(), "{name}");
    }
}

#[test]
fn a_change_that_is_lost_from_its_table_but_not_from_the_index_is_found() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    let states = several(&path);
    let index: (String, i64, String) = {
        let connection = rusqlite::Connection::open(&path).unwrap();
        let select = "SELECT tbl_name, rootpage, sql FROM sqlite_schema WHERE name = 'change_sums'";
        let index = connection.query_row(select, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
        connection.pragma_update(None, "writable_schema", true).unwrap();
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'change_sums'", []).unwrap();
        index
    };
    damage(&path, "DELETE FROM changes WHERE sequence = 4");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "writable_schema", true).unwrap();
    let insert =
        "INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('index', 'change_sums', ?1, ?2, ?3)";
    connection.execute(insert, rusqlite::params![index.0, index.1, index.2]).unwrap();
    drop(connection);
    let error = open(&path, Access::Read, "reader").err().expect("the file is refused").to_string();
    assert!(error.contains("a change of operation 4 is missing"), "{error}");
    assert!(check(&path).is_err());
    let into = folder.path().join("t.repaired");
    assert!(!repair(&path, &into).unwrap().whole);
    assert!(states.contains(&rows(&into)));
}

#[test]
fn a_repair_takes_the_checkpoint_where_it_is_newer() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    let mut cube = sample(&path);
    // Enough cells for a checkpoint.
    change(&mut cube, &(1..MEMBERS).map(|code| (code, (Some(7), Some(8)))).collect());
    let (sequence, all) = content(&cube);
    drop(cube);
    damage(&path, "UPDATE changes SET checksum = checksum + 1 WHERE sequence = 1");
    let into = folder.path().join("t.repaired");
    let saved = repair(&path, &into).unwrap();
    assert!(!saved.whole);
    assert!(saved.report[0].contains(&format!("after operation {sequence}, as one operation")), "{:?}", saved.report);
    check(&into).unwrap();
    assert_eq!(rows(&into), all);
}

#[test]
fn a_second_writer_waits_and_is_then_refused_with_a_sentence() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    drop(sample(&path));
    let mut cube = open_waiting(&path, Access::Write, "second", Duration::from_millis(50)).unwrap();
    let busy = rusqlite::Connection::open(&path).unwrap();
    busy.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut draft = Draft::on(&cube.snapshot());
    draft.schema(draft.snapshot().schema().with_measure(measure("leads")).unwrap()).unwrap();
    let error = cube.commit(draft.clone(), Record::default()).unwrap_err();
    assert_eq!(error.to_string(), "another process is writing to the cube");
    // Readers never wait, and the writer goes on when the other is done.
    assert_eq!(rows(&path).len(), MEMBERS as usize - 1);
    busy.execute_batch("ROLLBACK").unwrap();
    cube.commit(draft, Record::default()).unwrap();
}

#[test]
fn a_block_made_up_with_care_is_refused_and_not_believed() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    drop(sample(&path));
    let connection = rusqlite::Connection::open(&path).unwrap();
    let blob: Vec<u8> = connection
        .query_row("SELECT data FROM changes WHERE kind = 'series' ORDER BY sequence", [], |row| row.get(0))
        .unwrap();
    let mut refused = 0;
    for place in 0..blob.len().min(1500) {
        let mut changed = blob.clone();
        changed[place] ^= 0x55;
        refused += usize::from(blob::decode_delta(&changed).is_err());
    }
    assert!(refused > 0);
}
