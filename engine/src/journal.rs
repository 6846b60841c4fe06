//! The record of operations: what was said, by whom, when, why, and what it changed.

use crate::change::{Change, Direction};
use crate::error::Result;
use crate::snapshot::Snapshot;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What an operation does with the stack of operations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// It changes the cube.
    Do,
    /// It takes back an earlier operation.
    Undo(u64),
    /// It does an operation again that was taken back.
    Redo(u64),
}

impl Kind {
    /// Whose changes an operation of this kind and number does, and in which direction.
    pub fn source(self, sequence: u64) -> (u64, Direction) {
        match self {
            Kind::Do => (sequence, Direction::Forward),
            Kind::Undo(target) => (target, Direction::Backward),
            Kind::Redo(target) => (target, Direction::Forward),
        }
    }
}

/// What a statement says of itself for the record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The statement as written.
    pub statement: String,
    /// `because`.
    pub reason: Option<String>,
    /// Whose scenario, by name; empty for the model.
    pub scenario: String,
    /// Cells whose value changed.
    pub cells: u64,
    /// Of these, cells that were empty before.
    pub created: u64,
    /// The total of the slice before, as text at the measure's scale.
    pub before: Option<String>,
    /// The same after.
    pub after: Option<String>,
    /// The statements that were run under a title, where the statement is one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub script: Vec<String>,
    /// The operation that it takes back from the middle, where it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<u64>,
    /// The files that were loaded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<LoadedFile>,
}

/// A file that a statement loaded, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedFile {
    /// Its name in the statement.
    pub name: String,
    /// How many bytes it had.
    pub bytes: u64,
    /// The xxh3 hash of 128 bits of all of them, in hexadecimal digits.
    pub xxh3: String,
}

/// One operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Its number, from 1.
    pub sequence: u64,
    /// What it does with the stack.
    pub kind: Kind,
    /// Who.
    pub author: String,
    /// When, in milliseconds since 1970 UTC.
    pub time: i64,
    /// What and why.
    pub record: Record,
}

/// An operation with what it changed. An undo or redo has no changes of its own: they are those of
/// the operation it names.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The operation.
    pub operation: Operation,
    /// Its changes, in order.
    pub changes: Arc<Vec<Change>>,
}

/// Where entries are kept for good. The one in a file makes them durable before it returns.
pub trait Store: Send {
    /// Keeps entries that lead from one version to another. Refused where the head moved meanwhile.
    fn append(&mut self, base: u64, entries: &[Entry], after: &Snapshot) -> Result<()>;
    /// The changes of an earlier operation.
    fn changes(&mut self, sequence: u64) -> Result<Arc<Vec<Change>>>;
    /// The entries that another process has added since.
    fn since(&mut self, sequence: u64) -> Result<Vec<Entry>>;
}

/// Keeps entries in memory only.
#[derive(Debug, Default)]
pub struct MemoryStore {
    changes: Vec<Arc<Vec<Change>>>,
}

impl Store for MemoryStore {
    fn append(&mut self, _base: u64, entries: &[Entry], _after: &Snapshot) -> Result<()> {
        self.changes.extend(entries.iter().map(|entry| Arc::clone(&entry.changes)));
        Ok(())
    }

    fn changes(&mut self, sequence: u64) -> Result<Arc<Vec<Change>>> {
        let place = (sequence as usize).wrapping_sub(1);
        Ok(self.changes.get(place).cloned().unwrap_or_default())
    }

    fn since(&mut self, _sequence: u64) -> Result<Vec<Entry>> {
        Ok(Vec::new())
    }
}

/// Which operations are done and which are taken back, from the whole record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stack {
    /// Operations in force, in order.
    pub done: Vec<u64>,
    /// Operations taken back, the next to be done again last.
    pub undone: Vec<u64>,
}

impl Stack {
    /// Takes one more operation into account.
    pub fn push(&mut self, operation: &Operation) {
        match operation.kind {
            Kind::Do => {
                self.done.push(operation.sequence);
                self.undone.clear();
            }
            Kind::Undo(target) => {
                self.done.retain(|sequence| *sequence != target);
                self.undone.push(target);
            }
            Kind::Redo(target) => {
                self.undone.retain(|sequence| *sequence != target);
                self.done.push(target);
            }
        }
    }
}
