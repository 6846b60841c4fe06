//! The cube file: one SQLite database that holds a checkpoint of the facts and every operation.
//!
//! ```text
//! head        the number and the hash of the last operation
//! journal     one row an operation, each with the hash of the one before
//! changes     what an operation changed: schemas as JSON, cells as Arrow IPC, with checksums
//! checkpoint  the model as it was after one operation
//! chunks      the facts as they were then, as Arrow IPC, with checksums
//! outline     how much there is of each scenario: the facts themselves are read when they are asked for
//! ```
//!
//! A version is the checkpoint with the later operations replayed. SQLite gives transactions,
//! several processes and safety from crashes (WAL, `synchronous = FULL`); checksums (xxh3) close its
//! one gap, a flipped byte that no one notices. Every blob is verified when it is read. A file of an older
//! version is opened by replaying its record; the next checkpoint is one of this version.

mod blob;
mod chain;
mod check;
mod connect;
mod database;
mod late;
mod repair;
mod store;
#[cfg(test)]
mod tests;

pub use check::check;
pub use connect::Access;
pub use repair::{Repaired, repair};

use crate::cube::Cube;
use crate::error::{EngineError, Result};
use crate::journal::{Entry, Store};
use crate::snapshot::Snapshot;
use database::Database;
use std::path::{Path, PathBuf};
use std::time::Duration;
use store::CubeFile;

/// Opens a cube file.
///
/// Errors: [`EngineError::File`] where it is no cube or cannot be opened; [`EngineError::Unwritable`] where it is to be
/// written and may not be; [`EngineError::Damaged`].
pub fn open(path: &Path, access: Access, author: &str) -> Result<Cube> {
    opened(path, access, author, Database::open)
}

/// The same, waiting so long for another process that writes before a statement is refused.
pub fn open_waiting(path: &Path, access: Access, author: &str, wait: Duration) -> Result<Cube> {
    opened(path, access, author, |path, access| Database::open_waiting(path, access, wait))
}

fn opened(
    path: &Path,
    access: Access,
    author: &str,
    database: impl Fn(&Path, Access) -> Result<Database>,
) -> Result<Cube> {
    if access == Access::Write && !path.exists() {
        create(path, None)?;
    }
    let database = database(path, access)?;
    if access == Access::Write && database.is_older() {
        keep_older(&database, path)?;
    }
    let mut file = CubeFile::new(database, access);
    let (snapshot, operations) = file.restore()?;
    Ok(Cube::from_parts(snapshot, operations, Box::new(file), author))
}

/// Puts a copy of a file that an older version wrote beside it, before the first change turns it into one of this
/// version.
fn keep_older(database: &Database, path: &Path) -> Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".before-upgrade");
    let copy = PathBuf::from(&name);
    if copy.exists() {
        return Ok(());
    }
    // Under another name until it is whole and on disk: a copy cut short must not pass for one.
    name.push(format!(".{}.part", std::process::id()));
    let part = Path::new(&name);
    let cannot = |error| EngineError::File(format!("{} cannot be made: {error}", copy.display()));
    let _ = std::fs::remove_file(part);
    let on_disk = || std::fs::File::open(part)?.sync_all().and_then(|()| std::fs::rename(part, &copy));
    let kept = database.copy_to(part).and_then(|()| on_disk().map_err(cannot));
    let _ = std::fs::remove_file(part);
    keep_name(path);
    kept
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
    let folder = folder_of(path);
    if !folder.is_dir() {
        return Err(EngineError::File(format!(
            "{} cannot be made: there is no folder {}",
            path.display(),
            folder.display()
        )));
    }
    let temporary = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let made = database::make(&temporary).and_then(|database| {
        let empty = Snapshot::empty()?;
        let mut file = CubeFile::new(database, Access::Write);
        file.checkpoint_next();
        file.append(0, &[], &empty)?;
        if let Some((entries, snapshot)) = content {
            file.checkpoint_next();
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
    if moved.is_ok() {
        keep_name(path);
    }
    for leftover in ["", "-wal", "-shm"] {
        let mut name = temporary.as_os_str().to_owned();
        name.push(leftover);
        let _ = std::fs::remove_file(name);
    }
    moved
}

/// The folder that a file is in: the current one where its name says none.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes a new name in its folder durable, where the system can.
fn keep_name(path: &Path) {
    let _ = std::fs::File::open(folder_of(path)).and_then(|folder| folder.sync_all());
}
