//! Where files come from: whoever runs the session says how a file becomes columns.

use crate::answer::Answer;
use arrow_array::RecordBatch;
use engine::journal::LoadedFile;

/// Under this key the metadata of the schema of what was read may hold a sentence for the receipt.
pub const NOTE: &str = "note";

/// A file's rows, part by part; a sentence where one cannot be read.
pub type Parts = Box<dyn Iterator<Item = Result<RecordBatch, String>> + Send>;

/// Reads and writes files of rows.
pub trait Tables: Sync {
    /// Reads a file into columns: text as dictionary arrays of `u32` keys, numbers as `Int64`,
    /// `Float64` or `Decimal128`, dates as `Date32`.
    ///
    /// Errors: a sentence that names the file.
    fn read(&self, path: &str) -> Result<RecordBatch, String>;

    /// Reads a file some rows at a time, at least one part: columns as above, texts that hardly repeat also as plain
    /// string arrays.
    ///
    /// Errors: a sentence that names the file.
    fn parts(&self, path: &str) -> Result<Parts, String> {
        Ok(Box::new(std::iter::once(self.read(path))))
    }

    /// A file as it is now; none where there is no such file, or it cannot be read a second time, as a pipe.
    fn stamp(&self, path: &str) -> Option<LoadedFile> {
        let _ = path;
        None
    }

    /// Whether two paths are of one file.
    fn is_same(&self, one: &str, other: &str) -> bool {
        one == other
    }

    /// Told how many rows of a file are loaded so far; none when it is done with.
    fn progress(&self, path: &str, rows: Option<u64>) {
        let _ = (path, rows);
    }

    /// Writes rows of text under a heading.
    ///
    /// Errors: a sentence that names the file.
    fn write(&self, path: &str, heading: &[String], rows: &[Vec<String>]) -> Result<(), String>;

    /// Writes an answer in the format that the path's ending names, whole or not at all.
    ///
    /// Errors: a sentence that names the file.
    fn write_answer(&self, path: &str, answer: &Answer) -> Result<(), String> {
        let _ = answer;
        Err(format!("{path} cannot be written here"))
    }

    /// Writes columns, texts as dictionary arrays and measures as `Decimal128`, in the format that the path's
    /// ending names, whole or not at all.
    ///
    /// Errors: a sentence that names the file.
    fn write_columns(&self, path: &str, columns: &RecordBatch) -> Result<(), String> {
        let _ = columns;
        Err(format!("{path} cannot be written here"))
    }

    /// Writes a text, whole or not at all.
    ///
    /// Errors: a sentence that names the file.
    fn write_text(&self, path: &str, text: &str) -> Result<(), String> {
        let _ = text;
        Err(format!("{path} cannot be written here"))
    }

    /// The line of the file a row begins in, where it has lines.
    fn line(&self, path: &str, row: usize) -> Option<usize>;
}
