//! The chain of the record: each operation's hash covers the hash of the one before.

use crate::error::{EngineError, Result};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

/// The hash before the first operation.
pub(super) const START: u128 = 0;

/// The hash of an operation: of the one before, its text, and the checksums of its changes.
pub(super) fn link(previous: u128, operation: &str, changes: &[i64]) -> u128 {
    let mut bytes = previous.to_le_bytes().to_vec();
    bytes.extend(operation.as_bytes());
    changes.iter().for_each(|checksum| bytes.extend(checksum.to_le_bytes()));
    xxh3_128(&bytes)
}

/// The checksum of a blob, as SQLite keeps integers.
pub(super) fn checksum(bytes: &[u8]) -> i64 {
    xxh3_64(bytes) as i64
}

/// Refuses a blob that is not what was written.
pub(super) fn verify(bytes: &[u8], expected: i64, what: impl Fn() -> String) -> Result<()> {
    if checksum(bytes) == expected {
        return Ok(());
    }
    Err(EngineError::Damaged(format!("{} does not match its checksum", what())))
}
