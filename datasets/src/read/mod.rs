//! Reading a file of facts into one Arrow batch, by its extension.

mod arrow;
mod caught;
mod csv;
mod dictionary;
mod error;
mod parquet;
mod records;
mod stamp;
mod xlsx;

use std::path::Path;

use arrow_array::RecordBatch;

pub use error::ReadError;
pub use stamp::stamp;

/// Under this key the schema's metadata holds what a reader should be told of how the file was taken.
pub const NOTE: &str = "note";

/// What a file is by its extension.
enum Format {
    /// Fields separated by this byte, unless the header says otherwise.
    Separated(u8),
    Parquet,
    Arrow,
    Workbook,
}

/// The rows of a `.csv`, `.tsv`, `.parquet`, `.arrow` (`.ipc`, `.feather`) or `.xlsx` file.
///
/// Of a workbook the first sheet is read, its first row as the header, and every column as text.
///
/// All columns of a separated file are text, so codes such as `01` stay as they are; an empty field is null. Where
/// its header is parted by semicolons, tabs or bars, so are the rows, and the schema's metadata says so under
/// [`NOTE`]. The others keep their types: whole numbers leave as `Int64`, others as `Float64`, `Boolean`, `Date32`
/// (moments are cut to their date) or `Decimal128`. Text always leaves as a `DictionaryArray<UInt32Type>` over `Utf8`.
///
/// # Errors
///
/// If the file is not there, cannot be read, has an extension that is not known, or holds what cannot be taken
/// without guessing: a line with too many or too few fields, stray quotes, text that is not UTF-8, a column of
/// lists.
pub fn read(path: &Path) -> Result<RecordBatch, ReadError> {
    match format(path)? {
        Format::Separated(separator) => csv::read(path, separator),
        Format::Parquet => parquet::read(path),
        Format::Arrow => arrow::read(path),
        Format::Workbook => xlsx::read(path),
    }
}

/// A file's rows, part by part.
pub type Parts = Box<dyn Iterator<Item = Result<RecordBatch, ReadError>> + Send>;

/// The rows of a file as [`read`] gives them, some at a time: at least one part, of no rows where the file has none.
///
/// A part of a separated file has some 16 MiB of it, one of a Parquet file is a row group or several; files of the
/// other kinds come whole. The dictionaries of parts differ, and a column of texts that hardly repeat is plain `Utf8`.
///
/// # Errors
///
/// Those of [`read`], with the part that cannot be taken; what follows it is not given.
pub fn parts(path: &Path) -> Result<Parts, ReadError> {
    match format(path)? {
        Format::Separated(separator) => Ok(Box::new(csv::parts(path, separator)?)),
        Format::Parquet => Ok(Box::new(parquet::parts(path)?)),
        Format::Arrow | Format::Workbook => Ok(Box::new(std::iter::once(read(path)))),
    }
}

/// The line of the file on which row `row` begins (both count from 1), where the file has lines and such a row.
///
/// Blank lines and line breaks inside quotes are counted. This reads the file again: it is for error messages.
pub fn line_of_row(path: &Path, row: usize) -> Option<usize> {
    match format(path).ok()? {
        Format::Separated(separator) => csv::line_of_row(path, separator, row),
        Format::Parquet | Format::Arrow | Format::Workbook => None,
    }
}

fn format(path: &Path) -> Result<Format, ReadError> {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match extension.as_str() {
        "csv" => Ok(Format::Separated(b',')),
        "tsv" => Ok(Format::Separated(b'\t')),
        "parquet" => Ok(Format::Parquet),
        "arrow" | "ipc" | "feather" => Ok(Format::Arrow),
        "xlsx" => Ok(Format::Workbook),
        _ => Err(ReadError::Extension { path: path.to_owned() }),
    }
}
