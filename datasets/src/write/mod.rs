//! Writing a batch to a file, in the format of its ending, whole or not at all.

mod arrow;
mod cube;
mod parquet;
mod replace;
mod separated;
mod xlsx;

use std::io::{self, Write};
use std::path::Path;

use arrow_array::RecordBatch;

pub use cube::refuse_cube;
pub use replace::replace;

/// What a file of columns can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// Fields separated by commas.
    Csv,
    /// Fields separated by tabs.
    Tsv,
    /// Parquet.
    Parquet,
    /// An Arrow file, also called Feather.
    Arrow,
    /// A workbook of one sheet.
    Xlsx,
}

impl FileFormat {
    /// The endings that name a format, for messages.
    pub const ENDINGS: &str = "csv, tsv, parquet, arrow, xlsx";

    /// The format that a file's ending names.
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        match ending.as_str() {
            "csv" => Some(FileFormat::Csv),
            "tsv" => Some(FileFormat::Tsv),
            "parquet" => Some(FileFormat::Parquet),
            "arrow" | "ipc" | "feather" => Some(FileFormat::Arrow),
            "xlsx" => Some(FileFormat::Xlsx),
            _ => None,
        }
    }
}

/// Writes a batch.
///
/// # Errors
///
/// If the stream cannot be written to, or a column is of a type that the format has no place for.
pub fn write(batch: &RecordBatch, format: FileFormat, out: &mut dyn Write) -> io::Result<()> {
    match format {
        FileFormat::Csv => separated::write(batch, ',', out),
        FileFormat::Tsv => separated::write(batch, '\t', out),
        FileFormat::Parquet => parquet::write(batch, out),
        FileFormat::Arrow => arrow::write(batch, out),
        FileFormat::Xlsx => xlsx::write(batch, out),
    }
}

/// Writes `batch` as a CSV file with a header. Empty cells are empty fields.
///
/// # Errors
///
/// If the file cannot be written, or a column is of a type that has no place in it.
pub fn write_csv(batch: &RecordBatch, path: &Path) -> io::Result<()> {
    replace(path, |out| write(batch, FileFormat::Csv, out))
}
