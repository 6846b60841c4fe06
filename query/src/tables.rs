//! Where files come from: whoever runs the session says how a file becomes columns.

use arrow_array::RecordBatch;

/// Reads and writes files of rows.
pub trait Tables {
    /// Reads a file into columns: text as dictionary arrays of `u32` keys, numbers as `Int64`,
    /// `Float64` or `Decimal128`, dates as `Date32`.
    ///
    /// Errors: a sentence that names the file.
    fn read(&self, path: &str) -> Result<RecordBatch, String>;

    /// Writes rows of text under a heading.
    ///
    /// Errors: a sentence that names the file.
    fn write(&self, path: &str, heading: &[String], rows: &[Vec<String>]) -> Result<(), String>;

    /// The line of the file a row begins in, where it has lines.
    fn line(&self, path: &str, row: usize) -> Option<usize>;
}
