//! Connections to a cube file, also where nothing may be written.

use crate::error::{EngineError, Result};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;

/// How a cube file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// For reading and writing; made where it is not there.
    Write,
    /// For reading only; it must be there.
    Read,
}

/// A reader opens for writing too, where it may, so that the last to leave can fold the log into the one file.
///
/// Errors: [`EngineError::Unwritable`] where the file is to be written and may not be.
pub(super) fn connect(path: &Path, access: Access) -> Result<Connection> {
    let open = |flags| Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let opened = match access {
        Access::Write => open(OpenFlags::SQLITE_OPEN_READ_WRITE),
        Access::Read => open(OpenFlags::SQLITE_OPEN_READ_WRITE).or_else(|_| open(OpenFlags::SQLITE_OPEN_READ_ONLY)),
    };
    let connection = opened.map_err(|error| cannot_open(path, &error))?;
    let unwritable = || EngineError::Unwritable(path.display().to_string());
    match (may_not_write(&connection), access) {
        (Some(Barred::Folder), Access::Read) => frozen(path),
        (Some(_), Access::Write) => Err(unwritable()),
        _ => Ok(connection),
    }
}

/// What may not be written.
enum Barred {
    /// The file.
    File,
    /// What SQLite needs beside it, even for reading.
    Folder,
}

fn may_not_write(connection: &Connection) -> Option<Barred> {
    match connection.pragma_query_value(None, "application_id", |row| row.get::<_, i32>(0)) {
        Err(error) if matches!(storage_code(&error), Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen)) => {
            Some(Barred::Folder)
        }
        _ => connection.is_readonly("main").ok().filter(|barred| *barred).map(|_| Barred::File),
    }
}

/// A file in a folder where nothing may be written, read as it is. Whoever may write there and does so meanwhile is not
/// noticed, but by checksums.
///
/// Errors: it has a log that was not folded in, and which cannot be read like this.
fn frozen(path: &Path) -> Result<Connection> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        let message = format!(
            "{} cannot be read where nothing may be written: its log {} holds statements; copy both to where you may write",
            path.display(),
            Path::new(&log).display()
        );
        return Err(EngineError::File(message));
    }
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(format!("file:{escaped}?immutable=1"), flags).map_err(|error| cannot_open(path, &error))
}

pub(super) fn cannot_open(path: &Path, error: &rusqlite::Error) -> EngineError {
    EngineError::File(format!("{} cannot be opened: {error}", path.display()))
}

pub(super) fn storage_code(error: &rusqlite::Error) -> Option<ErrorCode> {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(failure.code),
        _ => None,
    }
}
