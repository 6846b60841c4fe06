//! The cube file: one SQLite database that holds a checkpoint of the facts and every operation.
//!
//! ```text
//! head        the number and the hash of the last operation
//! journal     one row an operation, each with the hash of the one before
//! changes     what an operation changed: schemas as JSON, cells as Arrow IPC, with checksums
//! checkpoint  the model as it was after one operation
//! chunks      the facts as they were then, as Arrow IPC, with checksums
//! ```
//!
//! A version is the checkpoint with the later operations replayed. SQLite gives transactions,
//! several processes and safety from crashes (WAL, `synchronous = FULL`); checksums (xxh3) close its
//! one gap, a flipped byte that no one notices. Every blob is verified when it is read.

mod blob;
mod chain;
mod check;
mod database;

pub use check::check;

use crate::change::Change;
use crate::change::Direction;
use crate::cube::{Cube, replay};
use crate::error::{EngineError, Result};
use crate::journal::{Entry, Kind, Operation, Store};
use crate::snapshot::Snapshot;
use crate::storage::{Chunk, Partition};
use database::Database;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// A checkpoint is taken when so many cells have changed since the last one.
const CELLS_BETWEEN_CHECKPOINTS: u64 = 100_000;

/// How a cube file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// For reading and writing; made where it is not there.
    Write,
    /// For reading only; it must be there.
    Read,
}

/// Opens a cube file.
///
/// Errors: [`EngineError::File`] where it is no cube or cannot be opened; [`EngineError::Damaged`].
pub fn open(path: &Path, access: Access, author: &str) -> Result<Cube> {
    if access == Access::Write && !path.exists() {
        create(path, None)?;
    }
    let mut file =
        CubeFile { database: Database::open(path, access)?, access, poisoned: false, stored: Vec::new(), cells: 0 };
    let (snapshot, operations) = file.restore()?;
    Ok(Cube::from_parts(snapshot, operations, Box::new(file), author))
}

/// Writes a cube, with its whole record, to a new file.
///
/// Errors: there is a file of that name already.
pub fn save(cube: &mut Cube, path: &Path) -> Result<()> {
    if path.exists() {
        return Err(EngineError::File(format!("{} is there already", path.display())));
    }
    let entries = cube.entries()?;
    create(path, Some((&entries, &cube.snapshot())))
}

fn create(path: &Path, content: Option<(&[Entry], &Snapshot)>) -> Result<()> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let made = database::make(&temporary).and_then(|database| {
        let empty = Snapshot::empty()?;
        let mut file =
            CubeFile { database, access: Access::Write, poisoned: false, stored: Vec::new(), cells: u64::MAX };
        file.append(0, &[], &empty)?;
        if let Some((entries, snapshot)) = content {
            file.cells = u64::MAX;
            file.append(0, entries, snapshot)?;
        }
        file.database.close()
    });
    let moved = made.and_then(|()| {
        std::fs::hard_link(&temporary, path)
            .or_else(|_| {
                if path.exists() {
                    Err(std::io::ErrorKind::AlreadyExists.into())
                } else {
                    std::fs::rename(&temporary, path)
                }
            })
            .map_err(|error| EngineError::File(format!("{} cannot be made: {error}", path.display())))
    });
    for leftover in ["", "-wal", "-shm"] {
        let mut name = temporary.as_os_str().to_owned();
        name.push(leftover);
        let _ = std::fs::remove_file(name);
    }
    moved
}

/// The file behind a cube.
struct CubeFile {
    database: Database,
    access: Access,
    poisoned: bool,
    /// The chunks of the checkpoint with their row ids.
    stored: Vec<(Arc<Chunk>, i64)>,
    /// Cells changed since the checkpoint.
    cells: u64,
}

impl CubeFile {
    fn restore(&mut self) -> Result<(Snapshot, Vec<Operation>)> {
        self.database.reading(|database| {
            let (sequence, schema) = database.checkpoint()?;
            let mut partitions: Vec<Vec<Arc<Chunk>>> = Vec::new();
            self.stored.clear();
            for (scenario, id, chunk) in database.chunks()? {
                partitions.resize(partitions.len().max(scenario + 1), Vec::new());
                let chunk = Arc::new(chunk);
                self.stored.push((Arc::clone(&chunk), id));
                partitions[scenario].push(chunk);
            }
            let partitions = partitions.into_iter().map(|chunks| Arc::new(Partition::from_chunks(chunks))).collect();
            let operations = database.operations(0)?;
            let mut snapshot = Snapshot::new(sequence, Arc::new(schema), partitions)?;
            for operation in operations.iter().filter(|operation| operation.sequence > sequence) {
                let (source, direction) = match operation.kind {
                    Kind::Do => (operation.sequence, Direction::Forward),
                    Kind::Undo(target) => (target, Direction::Backward),
                    Kind::Redo(target) => (target, Direction::Forward),
                };
                let changes = database.changes(source)?;
                snapshot = replay(&snapshot, &changes, direction)?.numbered(operation.sequence);
                self.cells += operation.record.cells;
            }
            Ok((snapshot, operations))
        })
    }

    fn checkpoint(&mut self, after: &Snapshot) -> Result<()> {
        let known: HashMap<*const Chunk, i64> =
            self.stored.iter().map(|(chunk, id)| (Arc::as_ptr(chunk), *id)).collect();
        let mut stored = Vec::new();
        let mut places = Vec::new();
        for (scenario, partition) in after.partitions().iter().enumerate() {
            for (position, chunk) in partition.chunks().iter().enumerate() {
                let id = match known.get(&Arc::as_ptr(chunk)) {
                    Some(id) => *id,
                    None => self.database.add_chunk(chunk)?,
                };
                stored.push((Arc::clone(chunk), id));
                places.push((scenario, position, id));
            }
        }
        self.database.set_checkpoint(after.sequence, after.schema(), &places)?;
        self.stored = stored;
        self.cells = 0;
        Ok(())
    }
}

impl Store for CubeFile {
    fn append(&mut self, base: u64, entries: &[Entry], after: &Snapshot) -> Result<()> {
        if self.access == Access::Read {
            return Err(EngineError::File("the cube is open for reading only".into()));
        }
        if self.poisoned {
            return Err(EngineError::File("writing failed before; reopen the cube".into()));
        }
        self.database.begin()?;
        let stored = self.stored.clone();
        let write = |file: &mut CubeFile| -> Result<()> {
            file.database.expect_head(base)?;
            for entry in entries {
                file.database.add_entry(entry)?;
                file.cells = file.cells.saturating_add(entry.operation.record.cells);
            }
            if file.cells >= CELLS_BETWEEN_CHECKPOINTS.max(after.facts() as u64 / 4) {
                file.checkpoint(after)?;
            }
            Ok(())
        };
        let result = write(self).and_then(|()| self.database.commit());
        if let Err(error) = &result {
            self.database.rollback();
            self.stored = stored;
            self.poisoned = !matches!(error, EngineError::Stale);
        }
        result
    }

    fn changes(&mut self, sequence: u64) -> Result<Arc<Vec<Change>>> {
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
