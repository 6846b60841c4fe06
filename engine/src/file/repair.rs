//! `check --repair`: what can be saved of a damaged file, written to a new one.
//!
//! The record of operations and the checkpoint each hold the whole cube. Where the record is right up to its head,
//! everything is made anew from it, whatever happened to the checkpoint. Else it is saved up to the first operation
//! that cannot be read, or, where the checkpoint is right and newer than that, the checkpoint's facts as one
//! operation. The damaged file is not touched.

use super::chain::{START, link};
use super::connect::Access;
use super::create;
use super::database::Database;
use super::store::facts_of;
use crate::change::Direction;
use crate::cube::{Draft, replay};
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use crate::journal::{Entry, Kind, Operation, Record};
use crate::snapshot::Snapshot;
use crate::storage::{LeafSet, Write, Writes};
use std::path::Path;
use std::sync::Arc;

/// What a repair saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repaired {
    /// A line for each thing that was saved or not.
    pub report: Vec<String>,
    /// Whether nothing was lost.
    pub whole: bool,
}

/// Saves what can be saved of a file into a new one.
///
/// Errors: the file is no cube, nothing of it can be read, or the new file is there already.
pub fn repair(path: &Path, into: &Path) -> Result<Repaired> {
    if into.exists() {
        return Err(EngineError::File(format!("{} is there already", into.display())));
    }
    let database = Database::open(path, Access::Read)?;
    let known = database.head().map(|(sequence, _)| sequence).ok();
    let (entries, after, broken) = record(&database, known)?;
    let saved = entries.len() as u64;
    let mut report =
        vec![format!("operations saved: {saved}{}", known.map_or(String::new(), |all| format!(" of {all}")))];
    if broken.is_none() && known == Some(saved) {
        create(into, Some((&entries, &after)))?;
        return Ok(Repaired { report, whole: true });
    }
    report.extend(broken.map(|problem| format!("operation {} cannot be read: {problem}", saved + 1)));
    match checkpoint(&database).ok().filter(|snapshot| snapshot.sequence > saved) {
        None => {
            report.extend(lost(&database, saved, known));
            create(into, Some((&entries, &after)))?;
        }
        Some(newer) => {
            let kept = newer.sequence;
            let (entry, after) = as_one(&newer)?;
            create(into, Some((&[entry], &after)))?;
            report[0] = format!(
                "facts saved as they were after operation {kept}, as one operation; the history before is lost"
            );
            report.extend(lost(&database, kept, known));
        }
    }
    Ok(Repaired { report, whole: false })
}

/// The operations that follow from one another and whose changes can be read, the version after them, and what is
/// wrong with the next.
fn record(database: &Database, known: Option<u64>) -> Result<(Vec<Entry>, Snapshot, Option<String>)> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut snapshot = Snapshot::empty()?;
    let mut hash = START;
    loop {
        let next = entries.len() as u64 + 1;
        if known.is_some_and(|all| next > all) {
            return Ok((entries, snapshot, None));
        }
        match step(database, next, hash, &entries, &snapshot) {
            Ok(Some((entry, after, linked))) => {
                entries.push(entry);
                (snapshot, hash) = (after, linked);
            }
            Ok(None) => return Ok((entries, snapshot, known.map(|_| "it is missing".to_owned()))),
            Err(error) => return Ok((entries, snapshot, Some(error.to_string()))),
        }
    }
}

/// One operation further; none where there is no other.
fn step(
    database: &Database,
    next: u64,
    hash: u128,
    entries: &[Entry],
    snapshot: &Snapshot,
) -> Result<Option<(Entry, Snapshot, u128)>> {
    let Some((text, recorded)) = database.journal_row(next)? else { return Ok(None) };
    let linked = link(hash, &text, &database.change_checksums(next)?);
    if linked != recorded {
        return Err(EngineError::Damaged("it is not what was recorded".into()));
    }
    let operation = database.operation_of(&text)?;
    let changes = Arc::new(database.changes(next)?);
    let (source, direction) = operation.kind.source(next);
    let done = match direction {
        Direction::Forward if source == next => Arc::clone(&changes),
        _ => entries
            .get((source as usize).wrapping_sub(1))
            .map(|entry| Arc::clone(&entry.changes))
            .ok_or_else(|| EngineError::Damaged(format!("it names operation {source}, which is not there")))?,
    };
    let after = replay(snapshot, &done, direction)?.numbered(next);
    Ok(Some((Entry { operation, changes }, after, linked)))
}

/// The version that the checkpoint holds.
fn checkpoint(database: &Database) -> Result<Snapshot> {
    let (sequence, schema) = database.checkpoint()?;
    let (facts, _) = facts_of(database, database.outlines()?.len())?;
    Snapshot::new(sequence, Arc::new(schema), facts)
}

/// A version as a single operation on an empty cube.
fn as_one(version: &Snapshot) -> Result<(Entry, Snapshot)> {
    let mut draft = Draft::on(&Snapshot::empty()?);
    let mut schema = version.schema().as_ref().clone();
    // The moments of branches and merges were those of a record that is lost.
    schema.origins.clear();
    schema.merged.clear();
    let locks = std::mem::take(&mut schema.locks);
    draft.schema(schema.clone())?;
    for (scenario, partition) in version.partitions().enumerate() {
        let partition = partition?;
        let parts: Vec<LeafSet> = partition.chunks().iter().map(|chunk| chunk.leaves(version.layout())).collect();
        let leaves = LeafSet::joined(&parts);
        let cells = |place: usize| {
            let measure = crate::id::MeasureId::from_index(place);
            let cells = partition.cells(version.layout(), &leaves, measure);
            (measure, cells.into_iter().map(|cell| cell.map_or(Write::Keep, Write::Put)).collect())
        };
        let columns = (0..schema.measures().len()).map(cells).collect();
        let writes = Writes { leaves, columns, ..Writes::default() };
        draft.write(MemberId::from_index(scenario), &writes)?;
    }
    schema.locks = locks;
    draft.schema(schema)?;
    let after = draft.snapshot().numbered(1);
    let record = Record { statement: format!("repaired as of operation {}", version.sequence), ..Record::default() };
    let operation = Operation { sequence: 1, kind: Kind::Do, author: "plancube".into(), time: 0, record };
    Ok((Entry { operation, changes: Arc::new(draft.changes().to_vec()) }, after))
}

/// A line for each operation after one, as far as it can be read.
fn lost(database: &Database, saved: u64, known: Option<u64>) -> Vec<String> {
    let line = |sequence: u64| {
        let row = database.journal_row(sequence).ok().flatten();
        let statement = row.and_then(|(text, _)| database.operation_of(&text).ok()).map(|op| op.record.statement);
        format!("lost: operation {sequence}: {}", statement.unwrap_or_else(|| "cannot be read".into()))
    };
    (saved + 1..=known.unwrap_or(saved)).map(line).collect()
}
