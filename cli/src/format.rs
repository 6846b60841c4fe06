//! The formats that answers can be written in.

use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use query::answer::Answer;

use crate::render::json::Records;
use crate::render::{self, Screen, Sheet};

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// For programs: the pivot as it is laid out
    Csv,
    /// The same with tabs between the fields
    Tsv,
    /// For programs: one document a line
    Json,
    /// For programs: one record a line
    Ndjson,
    /// Tables for a text in Markdown
    Markdown,
    /// Tables for a page
    Html,
    /// The pivot as it is laid out, in typed columns
    Parquet,
    /// The same as an Arrow file
    Arrow,
    /// The same as a workbook
    Xlsx,
}

impl Format {
    /// The format that a file's ending names.
    pub fn of_file(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        Some(match ending.as_str() {
            "txt" => Format::Table,
            "csv" => Format::Csv,
            "tsv" => Format::Tsv,
            "json" => Format::Json,
            "ndjson" | "jsonl" => Format::Ndjson,
            "md" | "markdown" => Format::Markdown,
            "html" | "htm" => Format::Html,
            "parquet" => Format::Parquet,
            "arrow" | "ipc" | "feather" => Format::Arrow,
            "xlsx" => Format::Xlsx,
            _ => return None,
        })
    }

    /// Its name, as an option gives it.
    pub fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// All names, for messages.
    pub fn names() -> String {
        Format::value_variants().iter().map(|format| format.name()).collect::<Vec<_>>().join(", ")
    }

    /// Whether it is no text.
    pub fn is_binary(self) -> bool {
        matches!(self, Format::Parquet | Format::Arrow | Format::Xlsx)
    }

    /// Whether receipts are part of what is written.
    pub fn has_receipts(self) -> bool {
        matches!(self, Format::Table | Format::Json | Format::Ndjson | Format::Markdown | Format::Html)
    }

    /// Writes what stands before the first answer.
    pub fn start(self, out: &mut dyn Write) -> io::Result<()> {
        if self == Format::Html { render::html::start(out) } else { Ok(()) }
    }

    /// Writes what stands between two answers.
    pub fn between(self, out: &mut dyn Write) -> io::Result<()> {
        if matches!(self, Format::Json | Format::Ndjson) { Ok(()) } else { writeln!(out) }
    }

    /// Writes one answer.
    pub fn write(self, out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
        match self {
            Format::Table => render::people(out, answer, Screen::default()),
            Format::Csv => separated(out, answer, ','),
            Format::Tsv => separated(out, answer, '\t'),
            Format::Json => records(out, answer, Records::Array),
            Format::Ndjson => records(out, answer, Records::Lines),
            Format::Markdown => render::markdown::write(out, answer),
            Format::Html => render::html::write(out, answer),
            Format::Parquet => columns(out, answer, datasets::FileFormat::Parquet),
            Format::Arrow => columns(out, answer, datasets::FileFormat::Arrow),
            Format::Xlsx => columns(out, answer, datasets::FileFormat::Xlsx),
        }
    }
}

fn separated(out: &mut dyn Write, answer: &Answer, separator: char) -> io::Result<()> {
    Sheet::of(answer).map_or(Ok(()), |sheet| render::csv::write(out, &sheet, separator))
}

fn columns(out: &mut dyn Write, answer: &Answer, format: datasets::FileFormat) -> io::Result<()> {
    let Some(sheet) = Sheet::of(answer) else { return Ok(()) };
    let batch = render::columns::batch(&sheet).map_err(io::Error::other)?;
    datasets::write(&batch, format, out)
}

fn records(out: &mut dyn Write, answer: &Answer, records: Records) -> io::Result<()> {
    match answer {
        Answer::Cells(cells) => render::json::cells(out, cells, records),
        Answer::List(list) => render::json::list(out, list, records),
        Answer::Change(receipt) => render::json::change(out, receipt),
        Answer::Load(receipt) => render::json::load(out, receipt),
        Answer::Nothing { .. } | Answer::Warned { .. } => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_name_formats() {
        let of = |path: &str| Format::of_file(Path::new(path));
        assert_eq!(of("a.json"), Some(Format::Json));
        assert_eq!(of("a.CSV"), Some(Format::Csv));
        assert_eq!(of("a.md"), Some(Format::Markdown));
        assert_eq!(of("a.feather"), Some(Format::Arrow));
        assert_eq!(of("a"), None);
        assert_eq!(of("a.docx"), None);
    }
}
