//! The tables, and every statement of SQL that touches them.

use super::blob::{decode_chunk, decode_delta, decode_plain_delta, encode_chunk, encode_delta};
use super::chain::{START, checksum, link, verify};
use super::connect::{Access, cannot_open, connect, storage_code};
use crate::change::Change;
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use crate::journal::{Entry, Operation};
use crate::rollup::Outline;
use crate::schema::Schema;
use crate::snapshot::Snapshot;
use crate::storage::{Chunk, Partition};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use std::io::Read;
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// `PlCu`: tells a cube from any other SQLite file.
const APPLICATION: i32 = 0x506C_4375;
/// The version of the tables and of what is in them. Since 2 the facts of a series lie side by side in a chunk; since
/// 4 the checkpoint says how much there is of each scenario; since 5 a change says what rounding put where; since 7 the
/// model says what facts are sorted by.
const VERSION: i32 = 7;
/// How long another process that writes is waited for, unless something else is said.
const WAIT: Duration = Duration::from_secs(10);
/// Bytes of a page: chunks are large, and fewer pages are fewer reads.
const PAGE: i32 = 16_384;
/// How a SQLite file begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

const TABLES: &str = "
    CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL, hash BLOB NOT NULL);
    CREATE TABLE journal (sequence INTEGER PRIMARY KEY, operation TEXT NOT NULL, hash BLOB NOT NULL);
    CREATE TABLE changes (sequence INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL,
        data BLOB NOT NULL, checksum INTEGER NOT NULL, PRIMARY KEY (sequence, position)) WITHOUT ROWID;
    CREATE TABLE checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL,
        schema BLOB NOT NULL, checksum INTEGER NOT NULL);
    CREATE TABLE chunks (id INTEGER PRIMARY KEY, scenario INTEGER, position INTEGER,
        data BLOB NOT NULL, checksum INTEGER NOT NULL);
";

/// What lets a file be opened without reading what is not asked for: checksums apart from the data that they are of,
/// and how much there is.
const SUMMARIES: &str = "
    CREATE INDEX IF NOT EXISTS change_sums ON changes (sequence, position, checksum);
    CREATE INDEX IF NOT EXISTS chunk_sums ON chunks (scenario, position, checksum);
    CREATE TABLE IF NOT EXISTS outline (scenario INTEGER PRIMARY KEY, facts INTEGER NOT NULL, chunks INTEGER NOT NULL,
        bytes INTEGER NOT NULL);
";

/// Chunks with their row ids.
pub(super) type Stored = Vec<(Arc<Chunk>, i64)>;

#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    version_seen: i64,
    /// The version of the file.
    version: i32,
}

/// Makes a new file with empty tables.
pub(super) fn make(path: &Path) -> Result<Database> {
    let connection = Connection::open(path).map_err(|error| cannot_open(path, &error))?;
    connection.pragma_update(None, "page_size", PAGE).map_err(storage)?;
    let database = prepare(connection, VERSION, WAIT)?;
    let batch = format!("PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; {TABLES} {SUMMARIES}");
    database.connection.execute_batch(&batch).map_err(storage)?;
    let start = START.to_le_bytes();
    database.connection.execute("INSERT INTO head VALUES (1, 0, ?1)", params![start.as_slice()]).map_err(storage)?;
    Ok(database)
}

fn prepare(connection: Connection, version: i32, wait: Duration) -> Result<Database> {
    connection.busy_timeout(wait).map_err(storage)?;
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;")
        .map_err(storage)?;
    Ok(Database { connection, version_seen: 0, version })
}

impl Database {
    /// Opens a file, after making sure that it is a cube of a version we know.
    pub fn open(path: &Path, access: Access) -> Result<Self> {
        Database::open_waiting(path, access, WAIT)
    }

    /// The same, waiting so long for another process that writes.
    pub fn open_waiting(path: &Path, access: Access, wait: Duration) -> Result<Self> {
        refuse_foreign(path)?;
        let connection = connect(path, access)?;
        let pragma = |name: &str| {
            connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0)).map_err(|error| reading(path, &error))
        };
        if pragma("application_id")? != APPLICATION {
            return Err(EngineError::File(format!("{} is a SQLite file, but no cube", path.display())));
        }
        let version = pragma("user_version")?;
        if version > VERSION {
            return Err(EngineError::File(format!(
                "{} was written by a newer plancube (format {version}; this one knows {VERSION})",
                path.display()
            )));
        }
        match access {
            Access::Write => prepare(connection, version, wait),
            Access::Read => {
                connection.busy_timeout(wait).map_err(storage)?;
                connection.execute_batch("PRAGMA query_only = ON").map_err(storage)?;
                Ok(Database { connection, version_seen: 0, version })
            }
        }
    }

    /// Whether an older version wrote the checkpoint: the record of operations reads as ever, the chunks do not.
    pub fn is_older(&self) -> bool {
        self.version < VERSION
    }

    /// Copies the file as it is.
    pub fn copy_to(&self, path: &Path) -> Result<()> {
        self.execute("VACUUM INTO ?1", params![path.to_string_lossy()])
    }

    /// Closes the file, so that everything is in the one file.
    pub fn close(self) -> Result<()> {
        self.connection.close().map_err(|(_, error)| storage(error))
    }

    /// Reads several things as of one moment.
    pub fn reading<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.version_seen = self.data_version()?;
        self.connection.execute_batch("BEGIN").map_err(storage)?;
        let result = read(self);
        let ended = self.connection.execute_batch("COMMIT").map_err(storage);
        result.and_then(|value| ended.map(|()| value))
    }

    /// Whether another connection has committed since [`Database::reading`] last looked.
    pub fn changed_elsewhere(&mut self) -> Result<bool> {
        Ok(self.data_version()? != self.version_seen)
    }

    fn data_version(&self) -> Result<i64> {
        self.connection.pragma_query_value(None, "data_version", |row| row.get(0)).map_err(storage)
    }

    /// Begins to write; others wait.
    pub fn begin(&self) -> Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(storage)
    }

    /// Makes what was written durable.
    pub fn commit(&self) -> Result<()> {
        self.connection
            .execute_batch("COMMIT")
            .map_err(|error| EngineError::OutcomeUnknown(format!("the commit failed ({error})")))
    }

    /// Drops what was written since [`Database::begin`].
    pub fn rollback(&self) {
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// The last operation's number and hash.
    pub fn head(&self) -> Result<(u64, u128)> {
        let row = self.connection.query_row("SELECT sequence, hash FROM head", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))
        });
        let (sequence, hash) = row.map_err(storage)?;
        Ok((sequence as u64, hash_of(hash)?))
    }

    /// Refuses to go on where the file has moved.
    pub fn expect_head(&self, base: u64) -> Result<()> {
        if self.head()?.0 == base { Ok(()) } else { Err(EngineError::Stale) }
    }

    /// Appends an operation with its changes.
    pub fn add_entry(&mut self, entry: &Entry) -> Result<()> {
        let sequence = entry.operation.sequence as i64;
        let mut checksums = Vec::with_capacity(entry.changes.len());
        for (position, change) in entry.changes.iter().enumerate() {
            let (kind, data) = encode_change(change)?;
            checksums.push(checksum(&data));
            self.execute(
                "INSERT INTO changes VALUES (?1, ?2, ?3, ?4, ?5)",
                params![sequence, position as i64, kind, data, checksum(&data)],
            )?;
        }
        let operation = json(&entry.operation)?;
        let hash = link(self.head()?.1, &operation, &checksums).to_le_bytes();
        self.execute("INSERT INTO journal VALUES (?1, ?2, ?3)", params![sequence, operation, hash.as_slice()])?;
        self.execute("UPDATE head SET sequence = ?1, hash = ?2", params![sequence, hash.as_slice()])
    }

    fn execute(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<()> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute(parameters))
            .map(|_| ())
            .map_err(storage)
    }

    /// Every operation after one, in order.
    pub fn operations(&self, after: u64) -> Result<Vec<Operation>> {
        let mut operations = Vec::new();
        for (operation, _) in self.journal(after)? {
            operations.push(from_json(operation.as_bytes(), "the record")?);
        }
        Ok(operations)
    }

    /// All operations in order, each shown to follow from the one before and the last to be the head.
    pub fn verified_operations(&self) -> Result<Vec<Operation>> {
        let mut operations: Vec<Operation> = Vec::new();
        let mut hash = START;
        for (text, recorded) in self.journal(0)? {
            let next = operations.len() as u64 + 1;
            hash = link(hash, &text, &self.change_checksums(next)?);
            if hash != recorded {
                return Err(EngineError::Damaged(format!("operation {next} is not what was recorded")));
            }
            let operation: Operation = from_json(text.as_bytes(), "the record")?;
            if operation.sequence != next {
                return Err(EngineError::Damaged(format!("operation {next} is missing from the record")));
            }
            operations.push(operation);
        }
        if self.head()? != (operations.len() as u64, hash) {
            return Err(EngineError::Damaged("the last operations are missing from the record".into()));
        }
        Ok(operations)
    }

    /// The rows of the journal after one: the operation's text and its hash.
    fn journal(&self, after: u64) -> Result<Vec<(String, u128)>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT operation, hash FROM journal WHERE sequence > ?1 ORDER BY sequence")
            .map_err(storage)?;
        let rows = statement
            .query_map([after as i64], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)))
            .map_err(storage)?;
        rows.map(|row| row.map_err(storage).and_then(|(text, hash)| Ok((text, hash_of(hash)?)))).collect()
    }

    /// One row of the journal: the operation's text and its hash; none where it is not there.
    pub fn journal_row(&self, sequence: u64) -> Result<Option<(String, u128)>> {
        let row = self
            .connection
            .query_row("SELECT operation, hash FROM journal WHERE sequence = ?1", [sequence as i64], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
            .optional()
            .map_err(storage)?;
        row.map(|(text, hash)| Ok((text, hash_of(hash)?))).transpose()
    }

    /// The operation that a row of the journal says.
    pub fn operation_of(&self, text: &str) -> Result<Operation> {
        from_json(text.as_bytes(), "the record")
    }

    /// The changes of an operation: just those whose checksums stand in the chain.
    pub fn changes(&self, sequence: u64) -> Result<Vec<Change>> {
        let sums = self.change_checksums(sequence)?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT kind, data FROM changes WHERE sequence = ?1 ORDER BY position")
            .map_err(storage)?;
        let rows = statement
            .query_map([sequence as i64], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Vec<u8>>(1)?)))
            .map_err(storage)?;
        let rows = rows.map(|row| row.map_err(storage)).collect::<Result<Vec<_>>>()?;
        if rows.len() != sums.len() {
            return Err(EngineError::Damaged(format!("a change of operation {sequence} is missing")));
        }
        let change = |((kind, data), expected): ((String, Vec<u8>), i64)| {
            verify(&data, expected, || format!("a change of operation {sequence}"))?;
            decode_change(&kind, &data)
        };
        rows.into_iter().zip(sums).map(change).collect()
    }

    /// How many bytes an operation's changes take in the file.
    pub fn size_of_changes(&self, sequence: u64) -> Result<usize> {
        let sum = "SELECT coalesce(sum(length(data)), 0) FROM changes WHERE sequence = ?1";
        let size = self.connection.query_row(sum, [sequence as i64], |row| row.get::<_, i64>(0)).map_err(storage)?;
        Ok(usize::try_from(size).unwrap_or(0))
    }

    /// The checksums of an operation's changes, as they stand in the chain. They are read from the index, apart from the
    /// rows themselves.
    pub fn change_checksums(&self, sequence: u64) -> Result<Vec<i64>> {
        self.checksums("SELECT checksum FROM changes WHERE sequence = ?1 ORDER BY position", sequence as i64)
    }

    fn checksums(&self, sql: &str, of: i64) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(sql).map_err(storage)?;
        let rows = statement.query_map([of], |row| row.get(0)).map_err(storage)?;
        rows.map(|row| row.map_err(storage)).collect()
    }

    /// The checkpoint's operation and model.
    pub fn checkpoint(&self) -> Result<(u64, Schema)> {
        let row = self
            .connection
            .query_row("SELECT sequence, schema, checksum FROM checkpoint", [], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, i64>(2)?))
            })
            .optional()
            .map_err(storage)?;
        let (sequence, schema, expected) = row.ok_or_else(|| EngineError::Damaged("there is no checkpoint".into()))?;
        verify(&self.sealed(sequence, &schema)?, expected, || "the checkpoint".into())?;
        Ok((sequence as u64, from_json::<Schema>(&schema, "the model")?.restore()?))
    }

    /// How much there is of each scenario, as the checkpoint says.
    pub fn outlines(&self) -> Result<Vec<Outline>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT scenario, facts, chunks, bytes FROM outline ORDER BY scenario")
            .map_err(storage)?;
        let size = |row: &rusqlite::Row, column| row.get::<_, i64>(column).map(|size| size.max(0) as usize);
        let rows = statement
            .query_map([], |row| {
                let outline = Outline { facts: size(row, 1)?, chunks: size(row, 2)?, bytes: size(row, 3)? };
                Ok((row.get::<_, u32>(0)? as usize, outline))
            })
            .map_err(storage)?;
        let mut outlines = Vec::new();
        for row in rows {
            let (scenario, outline) = row.map_err(storage)?;
            if scenario != outlines.len() {
                return Err(EngineError::Damaged("the checkpoint passes over a scenario".into()));
            }
            outlines.push(outline);
        }
        Ok(outlines)
    }

    /// The same file once more, for reading it as it is now for as long as that is of use.
    ///
    /// None where it has changed since this connection looked.
    pub fn another(&self) -> Result<Option<Database>> {
        let Some(path) = self.connection.path() else { return Ok(None) };
        let other = Database::open(Path::new(path), Access::Read)?;
        other.connection.execute_batch("BEGIN").map_err(storage)?;
        Ok((other.head()? == self.head()? && other.version == self.version).then_some(other))
    }

    /// What the checksum of the checkpoint covers: the operation, the model, which chunk stands where, and how much
    /// there is of each scenario.
    fn sealed(&self, sequence: i64, schema: &[u8]) -> Result<Vec<u8>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT scenario, position, checksum FROM chunks ORDER BY scenario, position")
            .map_err(storage)?;
        let rows = statement
            .query_map([], |row| Ok([row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?]))
            .map_err(storage)?;
        let mut bytes = sequence.to_le_bytes().to_vec();
        for row in rows {
            row.map_err(storage)?.iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        }
        for outline in self.outlines()? {
            let sizes = [outline.facts, outline.chunks, outline.bytes];
            sizes.iter().for_each(|size| bytes.extend((*size as i64).to_le_bytes()));
        }
        bytes.extend(schema);
        Ok(bytes)
    }

    /// The checkpoint's facts of a scenario, and their chunks with their row ids. The checksums are those that the
    /// checkpoint's own covers.
    pub fn partition(&self, scenario: usize) -> Result<(Partition, Stored)> {
        let chunks = self.chunks_of(scenario)?.into_iter().map(|(id, chunk)| (Arc::new(chunk), id));
        let stored: Stored = chunks.collect();
        Ok((Partition::from_chunks(stored.iter().map(|(chunk, _)| Arc::clone(chunk)).collect()), stored))
    }

    fn chunks_of(&self, scenario: usize) -> Result<Vec<(i64, Chunk)>> {
        let sums = "SELECT checksum FROM chunks WHERE scenario = ?1 ORDER BY position";
        let sums = self.checksums(sums, scenario as i64)?;
        let mut statement = self
            .connection
            .prepare_cached("SELECT id FROM chunks WHERE scenario = ?1 ORDER BY position")
            .map_err(storage)?;
        let ids = statement.query_map([scenario as i64], |row| row.get::<_, i64>(0)).map_err(storage)?;
        let ids = ids.map(|id| id.map_err(storage)).collect::<Result<Vec<_>>>()?;
        if ids.len() != sums.len() {
            return Err(EngineError::Damaged("a chunk is missing".into()));
        }
        // One thread reads, the others decode what was read.
        let chunks: Vec<OnceLock<Result<Chunk>>> = ids.iter().map(|_| OnceLock::new()).collect();
        rayon::in_place_scope(|scope| {
            for ((id, expected), chunk) in ids.iter().zip(sums).zip(&chunks) {
                match self.chunk_bytes(*id) {
                    Ok(bytes) => scope.spawn(move |_| _ = chunk.set(verified_chunk(*id, bytes, expected))),
                    Err(error) => _ = chunk.set(Err(error)),
                }
            }
        });
        let missing = || Err(EngineError::Damaged("a chunk is missing".into()));
        let chunk = |(id, chunk): (i64, OnceLock<Result<Chunk>>)| Ok((id, chunk.into_inner().unwrap_or_else(missing)?));
        ids.into_iter().zip(chunks).map(chunk).collect()
    }

    /// The bytes of a chunk, read from its pages into place.
    fn chunk_bytes(&self, id: i64) -> Result<Vec<u8>> {
        let blob = self.connection.blob_open("main", "chunks", "data", id, true).map_err(storage)?;
        let mut bytes = vec![0; blob.len()];
        blob.read_at_exact(&mut bytes, 0).map_err(storage)?;
        Ok(bytes)
    }

    /// Writes a chunk; it belongs to nothing until [`Database::set_checkpoint`] places it.
    pub fn add_chunk(&self, chunk: &Chunk) -> Result<i64> {
        let data = encode_chunk(chunk)?;
        self.execute(
            "INSERT INTO chunks (scenario, position, data, checksum) VALUES (NULL, NULL, ?1, ?2)",
            params![data, checksum(&data)],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Makes a version the checkpoint: its model, the places of its chunks, and how much there is of each scenario.
    /// Other chunks are dropped.
    pub fn set_checkpoint(&self, version: &Snapshot, places: &[(usize, usize, i64)]) -> Result<()> {
        self.connection.execute_batch(SUMMARIES).map_err(storage)?;
        self.execute("UPDATE chunks SET scenario = NULL", [])?;
        let mut placed = std::collections::HashSet::new();
        for (scenario, position, id) in places {
            if placed.insert(*id) {
                self.execute(
                    "UPDATE chunks SET scenario = ?1, position = ?2 WHERE id = ?3",
                    params![*scenario as i64, *position as i64, id],
                )?;
            } else {
                self.execute(
                    "INSERT INTO chunks (scenario, position, data, checksum)
                     SELECT ?1, ?2, data, checksum FROM chunks WHERE id = ?3",
                    params![*scenario as i64, *position as i64, id],
                )?;
            }
        }
        self.execute("DELETE FROM chunks WHERE scenario IS NULL", [])?;
        self.connection.pragma_update(None, "user_version", VERSION).map_err(storage)?;
        self.execute("DELETE FROM outline", [])?;
        for (scenario, Outline { facts, chunks, bytes }) in version.outlines().enumerate() {
            self.execute(
                "INSERT INTO outline VALUES (?1, ?2, ?3, ?4)",
                params![scenario as i64, facts as i64, chunks as i64, bytes as i64],
            )?;
        }
        let (sequence, schema) = (version.sequence, json(version.schema().as_ref())?.into_bytes());
        self.execute(
            "INSERT OR REPLACE INTO checkpoint VALUES (1, ?1, ?2, ?3)",
            params![sequence as i64, schema, checksum(&self.sealed(sequence as i64, &schema)?)],
        )
    }

    /// What SQLite itself finds wrong.
    pub fn integrity(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(10)").map_err(storage)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).map_err(storage)?;
        let lines: Result<Vec<String>> = rows.map(|row| row.map_err(storage)).collect();
        Ok(lines?.into_iter().filter(|line| line != "ok").map(|line| first_line(&line)).collect())
    }
}

fn encode_change(change: &Change) -> Result<(&'static str, Vec<u8>)> {
    match change {
        Change::Schema { before, after } => Ok(("schema", json(&(before.as_ref(), after.as_ref()))?.into_bytes())),
        Change::Branch { from, to } => Ok(("branch", json(&(from, to))?.into_bytes())),
        Change::Cells(_) | Change::Facts { .. } => {
            let delta = change.delta().ok_or_else(|| EngineError::File("a change without cells".into()))?;
            Ok(("series", encode_delta(&delta)?))
        }
    }
}

fn verified_chunk(id: i64, bytes: Vec<u8>, expected: i64) -> Result<Chunk> {
    verify(&bytes, expected, || format!("chunk {id}"))?;
    decode_chunk(bytes)
}

fn decode_change(kind: &str, data: &[u8]) -> Result<Change> {
    match kind {
        "schema" => {
            let (before, after): (Schema, Schema) = from_json(data, "a change of the model")?;
            Ok(Change::Schema { before: Arc::new(before.restore()?), after: Arc::new(after.restore()?) })
        }
        "branch" => {
            let (from, to): (MemberId, MemberId) = from_json(data, "a branch")?;
            Ok(Change::Branch { from, to })
        }
        "series" => decode_delta(data).map(|delta| Change::Cells(Arc::new(delta))),
        "cells" => decode_plain_delta(data).map(|delta| Change::Cells(Arc::new(delta))),
        other => Err(EngineError::Damaged(format!("a change of the unknown kind {other}"))),
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| EngineError::File(format!("the record cannot be written: {error}")))
}

fn from_json<T: serde::de::DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| EngineError::Damaged(format!("{what} cannot be read: {error}")))
}

fn hash_of(bytes: Vec<u8>) -> Result<u128> {
    let bytes: [u8; 16] = bytes.try_into().map_err(|_| EngineError::Damaged("a hash of another length".into()))?;
    Ok(u128::from_le_bytes(bytes))
}

fn refuse_foreign(path: &Path) -> Result<()> {
    // A pipe is not even opened: that would wait for whoever writes to it.
    if std::fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return Err(EngineError::File(format!("{} is no ordinary file", path.display())));
    }
    let mut start = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start))
        .map_err(|error| EngineError::File(format!("{} cannot be opened: {error}", path.display())))?;
    if start == MAGIC {
        return refuse_short(path);
    }
    let what = if MAGIC.starts_with(&start) { "is cut short: it is no whole cube file" } else { "is not a cube file" };
    Err(EngineError::File(format!("{} {what}", path.display())))
}

/// A file shorter than its header says has lost its end, unless its log still holds that.
fn refuse_short(path: &Path) -> Result<()> {
    let cannot = |error: std::io::Error| EngineError::File(format!("{} cannot be opened: {error}", path.display()));
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if std::fs::metadata(log).is_ok_and(|log| log.len() > 0) {
        return Ok(());
    }
    let file = std::fs::File::open(path).map_err(cannot)?;
    let length = file.metadata().map_err(cannot)?.len();
    let mut header = Vec::new();
    file.take(100).read_to_end(&mut header).map_err(cannot)?;
    let pages = header.get(28..32).map_or(0, |bytes| bytes.iter().fold(0, |all, byte| (all << 8) | u64::from(*byte)));
    let page = header.get(16..18).map_or(0, |bytes| (u64::from(bytes[0]) << 8) | u64::from(bytes[1]));
    let page = if page == 1 { 1 << 16 } else { page };
    match header.len() < 100 || length < pages * page {
        true => Err(EngineError::Damaged(format!("{} (it is cut short)", path.display()))),
        false => Ok(()),
    }
}

fn reading(path: &Path, error: &rusqlite::Error) -> EngineError {
    match storage_code(error) {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            EngineError::Damaged(format!("{} ({error})", path.display()))
        }
        _ => cannot_open(path, error),
    }
}

fn storage(error: rusqlite::Error) -> EngineError {
    match storage_code(&error) {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            EngineError::refused("another process is writing to the cube", "run it again, or wait longer: --wait 60")
        }
        Some(ErrorCode::DiskFull) => EngineError::File("the disk is full; nothing was changed".into()),
        Some(ErrorCode::ReadOnly) => EngineError::File("the cube file may not be written to".into()),
        Some(ErrorCode::SystemIoFailure) => {
            EngineError::File(format!("the cube file cannot be read or written: {error}"))
        }
        _ => EngineError::Damaged(first_line(&error.to_string())),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
