//! Separated text: every column as text, every line accounted for.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::{fs, str};

use arrow_array::{ArrayRef, RecordBatch};
use memchr::memchr_iter;
use polars::prelude::{Column, CsvParseOptions, CsvReadOptions, DataFrame, DataType, Field, Schema, SerReader};
use rayon::prelude::*;

use super::dictionary::encode;
use super::records::{Record, Records, fields};
use super::{NOTE, ReadError};
use crate::columns::batch;
use crate::guard::unguarded;

/// A text that has been checked: a header, and rows of as many fields.
struct Table<'a> {
    header: Vec<String>,
    rows: usize,
    body: Cow<'a, [u8]>,
}

/// Reads a whole file.
pub(super) fn read(path: &Path, separator: u8) -> Result<RecordBatch, ReadError> {
    let bytes = fs::read(path).map_err(|source| ReadError::from_io(path, source))?;
    let text = text(path, &bytes)?;
    let usual = separator;
    let separator = separator_of(text, usual);
    let table = check(path, text, separator)?;
    let columns = match table.rows {
        0 => table.header.par_iter().map(|name| column(path, name, None)).collect(),
        _ => {
            let frame = parse(path, &table, separator)?;
            let columns = table.header.par_iter().zip(frame.columns());
            columns.map(|(name, values)| column(path, name, Some(values))).collect()
        }
    };
    let columns: Result<Vec<ArrayRef>, ReadError> = columns;
    let batch = batch(table.header.iter().map(String::as_str).zip(columns?).collect());
    Ok(if separator == usual { batch } else { noted(batch, separator) })
}

/// What parts the fields of the header: the usual, unless another stands there more often.
fn separator_of(text: &[u8], usual: u8) -> u8 {
    let mut counts = [(usual, 0), (b';', 0), (b'\t', 0), (b'|', 0), (b',', 0)];
    let mut quoted = false;
    for byte in text {
        if *byte == b'\n' && !quoted {
            break;
        }
        quoted ^= *byte == b'"';
        if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| !quoted && separator == byte) {
            *count += 1;
        }
    }
    let more = |best: (u8, u32), other: (u8, u32)| if other.1 > best.1 { other } else { best };
    counts.into_iter().fold((usual, 0), more).0
}

/// The batch with a note of what parts its fields.
fn noted(batch: RecordBatch, separator: u8) -> RecordBatch {
    let name = match separator {
        b';' => "semicolons",
        b'\t' => "tabs",
        b'|' => "bars",
        _ => "commas",
    };
    let note = HashMap::from([(NOTE.to_owned(), format!("the fields are separated by {name}"))]);
    let schema = batch.schema().as_ref().clone().with_metadata(note);
    batch.clone().with_schema(Arc::new(schema)).unwrap_or(batch)
}

/// The line on which a row begins.
pub(super) fn line_of_row(path: &Path, separator: u8, row: usize) -> Option<usize> {
    let bytes = fs::read(path).ok()?;
    let text = text(path, &bytes).ok()?;
    let record = Records::new(text, separator_of(text, separator)).nth(row)?.ok()?;
    (row > 0).then_some(record.line)
}

/// The bytes after a byte order mark, which must be UTF-8.
fn text<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a [u8], ReadError> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match str::from_utf8(text) {
        Ok(_) => Ok(text),
        Err(error) => {
            let line = memchr_iter(b'\n', &text[..error.valid_up_to()]).count() + 1;
            Err(ReadError::bad_line(path, line, "not UTF-8; save the file as UTF-8 text"))
        }
    }
}

/// The header and the rows, each of which has as many fields as the header.
fn check<'a>(path: &Path, text: &'a [u8], separator: u8) -> Result<Table<'a>, ReadError> {
    let mut records = Records::new(text, separator)
        .map(|record| record.map_err(|bad| ReadError::bad_line(path, bad.line, bad.problem)));
    let first = records.next().unwrap_or_else(|| Err(ReadError::bad_line(path, 1, "no header: the file is empty")))?;
    let header = header(path, &first, text, separator)?;
    let mut table = Table { header, rows: 0, body: Cow::Borrowed(&text[first.end..]) };
    let mut end = first.end;
    let mut blank_lines = false;
    for record in records {
        let record = record?;
        check_fields(path, &record, table.header.len())?;
        table.rows += 1;
        blank_lines |= record.start != end;
        end = record.end;
    }
    if blank_lines {
        table.body = Cow::Owned(without_blank_lines(text, separator));
    }
    Ok(table)
}

/// The names of the columns.
fn header(path: &Path, record: &Record, text: &[u8], separator: u8) -> Result<Vec<String>, ReadError> {
    let names = fields(&text[record.start..record.end], separator);
    let mut seen = HashSet::new();
    let names: Vec<String> = names.iter().map(|name| unguarded(name).to_owned()).collect();
    for name in &names {
        let problem = match name.as_str() {
            "" => Some("a column has no name".to_owned()),
            name if !seen.insert(name) => Some(format!("two columns are named {name}")),
            _ => None,
        };
        if let Some(problem) = problem {
            return Err(ReadError::bad_line(path, record.line, problem));
        }
    }
    Ok(names)
}

fn check_fields(path: &Path, record: &Record, expected: usize) -> Result<(), ReadError> {
    let found = record.fields;
    if found == expected {
        return Ok(());
    }
    let kind = if found < expected { "few" } else { "many" };
    let problem = format!("too {kind} fields: {found}, where the header has {expected}");
    Err(ReadError::bad_line(path, record.line, problem))
}

/// The rows of a text, one after the other.
fn without_blank_lines(text: &[u8], separator: u8) -> Vec<u8> {
    let rows = Records::new(text, separator).skip(1).flatten();
    rows.fold(Vec::with_capacity(text.len()), |mut body, row| {
        body.extend_from_slice(&text[row.start..row.end]);
        body
    })
}

/// The rows as a frame of text columns.
fn parse(path: &Path, table: &Table<'_>, separator: u8) -> Result<DataFrame, ReadError> {
    let fields = table.header.iter().map(|name| Field::new(name.into(), DataType::String));
    let frame = CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(Arc::new(Schema::from_iter(fields))))
        .with_parse_options(CsvParseOptions::default().with_separator(separator))
        .into_reader_with_file_handle(Cursor::new(&*table.body))
        .finish()
        .map_err(|error| ReadError::damaged(path, error))?;
    if frame.height() == table.rows {
        return Ok(frame);
    }
    Err(ReadError::damaged(path, format!("{} rows were read of {}", frame.height(), table.rows)))
}

/// One text column, or an empty one.
fn column(path: &Path, name: &str, values: Option<&Column>) -> Result<ArrayRef, ReadError> {
    let encoded = match values {
        None => encode(0, std::iter::empty()),
        Some(values) => {
            let texts = values.str().map_err(|error| ReadError::damaged(path, error))?;
            encode(texts.len(), texts.iter().map(|text| text.map(unguarded)))
        }
    };
    encoded.ok_or_else(|| ReadError::bad_column(path, name, "more than 2 GiB of distinct text"))
}
