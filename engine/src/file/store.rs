//! The file behind a cube: restoring a version, appending operations, checkpoints.

use super::connect::Access;
use super::database::{Database, Stored};
use super::late::Late;
use crate::change::Change;
use crate::cube::replay;
use crate::error::{EngineError, Result};
use crate::freed;
use crate::journal::{Entry, Operation, Store};
use crate::memory::{afford, bytes};
use crate::rollup::Facts;
use crate::schema::Schema;
use crate::snapshot::Snapshot;
use crate::storage::{Chunk, Partition, Tuning};
use std::collections::HashMap;
use std::sync::Arc;

/// After writing down a change of so many cells the memory that took is given back.
const MANY_CELLS: u64 = 1 << 20;

/// The file behind a cube.
pub(super) struct CubeFile {
    pub database: Database,
    access: Access,
    poisoned: bool,
    /// The chunks of the checkpoint with their row ids, but for those that are read late.
    stored: Stored,
    late: Option<Arc<Late>>,
    /// Cells changed since the checkpoint.
    cells: u64,
}

impl CubeFile {
    /// A file over its tables.
    pub fn new(database: Database, access: Access) -> Self {
        CubeFile { database, access, poisoned: false, stored: Vec::new(), late: None, cells: 0 }
    }

    /// Has the next operation take a checkpoint.
    pub fn checkpoint_next(&mut self) {
        self.cells = u64::MAX;
    }

    pub fn restore(&mut self) -> Result<(Snapshot, Vec<Operation>)> {
        self.database.reading(|database| {
            let older = database.is_older();
            let (sequence, schema) = if older { (0, Schema::default()) } else { database.checkpoint()? };
            let outlines = if older { Vec::new() } else { database.outlines()? };
            let there = outlines.iter().map(|outline| outline.facts).sum::<usize>();
            let another = if there >= Tuning::current().late_facts { database.another()? } else { None };
            let facts = match another {
                Some(another) => {
                    let late = Late::new(another);
                    let facts = late.facts(outlines);
                    late.read_rest(facts.clone());
                    self.late = Some(late);
                    facts
                }
                None => {
                    let (facts, stored) = facts_of(database, outlines.len())?;
                    self.stored = stored;
                    facts
                }
            };
            let operations = database.verified_operations()?;
            let mut snapshot = Snapshot::new(sequence, Arc::new(schema), facts)?;
            for operation in operations.iter().filter(|operation| operation.sequence > sequence) {
                let (source, direction) = operation.kind.source(operation.sequence);
                let changes = database.changes(source)?;
                snapshot = replay(&snapshot, &changes, direction)?.numbered(operation.sequence);
                self.cells = self.cells.saturating_add(operation.record.cells);
            }
            if older {
                self.cells = u64::MAX;
            }
            Ok((snapshot, operations))
        })
    }

    /// Whether so much has changed that a checkpoint pays: a quarter of the facts, or all of a small cube.
    fn is_due(&self, after: &Snapshot) -> bool {
        match Tuning::current().checkpoint_cells {
            0 => true,
            cells => self.cells >= cells.max(after.facts() as u64 / 4),
        }
    }

    fn checkpoint(&mut self, after: &Snapshot) -> Result<()> {
        let partitions = after.partitions().collect::<Result<Vec<&Partition>>>()?;
        let late = self.late.as_ref().map(|late| late.stored()).unwrap_or_default();
        let known: HashMap<*const Chunk, i64> =
            self.stored.iter().chain(&late).map(|(chunk, id)| (Arc::as_ptr(chunk), *id)).collect();
        let mut stored = Vec::new();
        let mut places = Vec::new();
        for (scenario, partition) in partitions.into_iter().enumerate() {
            for (position, chunk) in partition.chunks().iter().enumerate() {
                let id = match known.get(&Arc::as_ptr(chunk)) {
                    Some(id) => *id,
                    None => self.database.add_chunk(chunk)?,
                };
                stored.push((Arc::clone(chunk), id));
                places.push((scenario, position, id));
            }
        }
        self.database.set_checkpoint(after, &places)?;
        (self.stored, self.late) = (stored, None);
        self.cells = 0;
        Ok(())
    }
}

/// Scenario by scenario the facts of a checkpoint, and its chunks with their row ids.
pub(super) fn facts_of(database: &Database, scenarios: usize) -> Result<(Vec<Arc<Facts>>, Stored)> {
    let mut facts = Vec::with_capacity(scenarios);
    let mut stored = Vec::new();
    for scenario in 0..scenarios {
        let (partition, chunks) = database.partition(scenario)?;
        facts.push(Arc::new(Facts::new(partition)));
        stored.extend(chunks);
    }
    Ok((facts, stored))
}

/// By how much changes take more memory than room in the file: their blobs, and what is made of these.
const READ: usize = 3;

impl Store for CubeFile {
    fn append(&mut self, base: u64, entries: &[Entry], after: &Snapshot) -> Result<()> {
        if self.access == Access::Read {
            return Err(EngineError::ReadOnly);
        }
        if self.poisoned {
            return Err(EngineError::File("writing failed before; reopen the cube".into()));
        }
        self.database.begin()?;
        let (stored, late) = (self.stored.clone(), self.late.clone());
        let write = |file: &mut CubeFile| -> Result<()> {
            file.database.expect_head(base)?;
            for entry in entries {
                file.database.add_entry(entry)?;
                file.cells = file.cells.saturating_add(entry.operation.record.cells);
            }
            if file.is_due(after) {
                file.checkpoint(after)?;
            }
            Ok(())
        };
        let result = write(self).and_then(|()| self.database.commit());
        if let Err(error) = &result {
            self.database.rollback();
            (self.stored, self.late) = (stored, late);
            self.poisoned = !matches!(error, EngineError::Stale);
        }
        if entries.iter().map(|entry| entry.operation.record.cells).sum::<u64>() >= MANY_CELLS {
            freed::give_back();
        }
        result
    }

    fn changes(&mut self, sequence: u64) -> Result<Arc<Vec<Change>>> {
        let stored = self.database.size_of_changes(sequence)?;
        afford(format!("the changes of operation {sequence}"), bytes(stored, READ))?;
        self.database.changes(sequence).map(Arc::new)
    }

    fn since(&mut self, sequence: u64) -> Result<Vec<Entry>> {
        if !self.database.changed_elsewhere()? {
            return Ok(Vec::new());
        }
        self.database.reading(|database| {
            let operations = database.operations(sequence)?;
            operations
                .into_iter()
                .map(|operation| Ok(Entry { changes: Arc::new(database.changes(operation.sequence)?), operation }))
                .collect()
        })
    }
}
