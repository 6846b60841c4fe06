//! Readers of formats that give up by a panic: a damaged file must not end the program.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::ReadError;

/// What a reader gives; where it panics, the file is damaged, and `problem` says what cannot be read.
pub(super) fn caught<T>(
    path: &Path,
    problem: &str,
    read: impl FnOnce() -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err(ReadError::damaged(path, problem)))
}
