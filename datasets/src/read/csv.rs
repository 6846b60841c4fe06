//! Separated text: every column as text, every line accounted for.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io, str};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use memchr::memchr_iter;
use polars::prelude::{Column, CsvParseOptions, CsvReadOptions, DataFrame, DataType, Field, Schema, SerReader};
use rayon::prelude::*;

use super::dictionary::encode;
use super::records::{Misquoted, Record, Records, fields};
use super::{NOTE, ReadError};
use crate::columns::batch;
use crate::guard::unguarded;

/// How many bytes a part of a file has, up to the end of a row.
const PART_BYTES: usize = 16 << 20;

/// How many columns a file may have: some kilobytes of memory go to each.
const MOST_COLUMNS: usize = 1 << 16;

/// How many fields of a column are looked at to tell whether they repeat.
const LOOKED_AT: usize = 4096;

/// Rows that have been checked: so many, of as many fields as the header.
struct Rows<'a> {
    count: usize,
    body: Cow<'a, [u8]>,
}

/// What the first record says of all others.
struct Header {
    names: Vec<String>,
    separator: u8,
    /// The separator is another than the usual.
    unusual: bool,
}

/// A file, read part by part.
pub(super) struct Parts {
    path: PathBuf,
    file: File,
    usual: u8,
    /// How many bytes a part has at least.
    size: usize,
    header: Option<Header>,
    /// What was read and is not given yet, and the line it begins on.
    rest: Vec<u8>,
    line: usize,
    ended: bool,
}

/// Reads a whole file.
pub(super) fn read(path: &Path, separator: u8) -> Result<RecordBatch, ReadError> {
    let mut whole = Parts { size: usize::MAX, ..parts(path, separator)? };
    whole.part()
}

/// Reads a file part by part; the first is there even where the file has no rows.
pub(super) fn parts(path: &Path, separator: u8) -> Result<Parts, ReadError> {
    let file = File::open(path).map_err(|source| ReadError::from_io(path, source))?;
    let (usual, size, rest) = (separator, PART_BYTES, Vec::new());
    Ok(Parts { path: path.to_owned(), file, usual, size, header: None, rest, line: 1, ended: false })
}

impl Iterator for Parts {
    type Item = Result<RecordBatch, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended && (self.rest.is_empty() && self.header.is_some()) {
            return None;
        }
        let part = self.part();
        if part.is_err() {
            (self.ended, self.rest) = (true, Vec::new());
            self.header.get_or_insert(Header { names: Vec::new(), separator: 0, unusual: false });
        }
        Some(part)
    }
}

impl Parts {
    /// The next part, from the start of a row to the end of one.
    fn part(&mut self) -> Result<RecordBatch, ReadError> {
        let bytes = self.bytes().map_err(|source| ReadError::from_io(&self.path, source))?;
        let bytes = if self.header.is_none() { bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes) } else { &bytes };
        let mut text = text(&self.path, bytes, self.line)?;
        if self.header.is_none() {
            let (header, end) = header_of(&self.path, text, self.usual)?;
            self.line += breaks(&text[..end]);
            self.header = Some(header);
            text = &text[end..];
        }
        let Some(header) = &self.header else { return Ok(batch(Vec::new())) };
        let rows = check(&self.path, text, header, self.line)?;
        self.line += breaks(text);
        let columns: Result<Vec<ArrayRef>, ReadError> = match rows.count {
            0 => header.names.par_iter().map(|name| column(&self.path, name, None, true)).collect(),
            _ => {
                let frame = parse(&self.path, &rows, header)?;
                let columns = header.names.par_iter().zip(frame.columns());
                let whole = self.size == usize::MAX;
                columns.map(|(name, values)| column(&self.path, name, Some(values), whole)).collect()
            }
        };
        let batch = batch(header.names.iter().map(String::as_str).zip(columns?).collect());
        Ok(if header.unusual { noted(batch, header.separator) } else { batch })
    }

    /// Bytes up to the end of a row: at least as many as a part has, or all there are.
    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = std::mem::take(&mut self.rest);
        loop {
            let wanted = self.size.saturating_sub(bytes.len()).max(self.size / 2).max(1);
            let read = (&mut self.file).take(wanted as u64).read_to_end(&mut bytes)?;
            if read < wanted {
                self.ended = true;
                return Ok(bytes);
            }
            if let Some(end) = last_row_end(&bytes) {
                self.rest = bytes.split_off(end);
                return Ok(bytes);
            }
        }
    }
}

/// The end of the last row that is there whole: the last line break outside quotes.
fn last_row_end(bytes: &[u8]) -> Option<usize> {
    if memchr::memchr(b'"', bytes).is_none() {
        return memchr::memrchr(b'\n', bytes).map(|feed| feed + 1);
    }
    let (mut quoted, mut end) = (false, None);
    for at in memchr::memchr2_iter(b'"', b'\n', bytes) {
        match bytes[at] {
            b'"' => quoted = !quoted,
            _ if !quoted => end = Some(at + 1),
            _ => {}
        }
    }
    end
}

fn breaks(text: &[u8]) -> usize {
    memchr_iter(b'\n', text).count()
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
    let text = text(path, bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes), 1).ok()?;
    let record = Records::new(text, separator_of(text, separator)).nth(row)?.ok()?;
    (row > 0).then_some(record.line)
}

/// The bytes as text, which must be UTF-8; they begin on a line.
fn text<'a>(path: &Path, bytes: &'a [u8], line: usize) -> Result<&'a [u8], ReadError> {
    match str::from_utf8(bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => {
            let line = line + breaks(&bytes[..error.valid_up_to()]);
            Err(ReadError::bad_line(path, line, "not UTF-8; save the file as UTF-8 text"))
        }
    }
}

/// The header of a text, and where it ends.
fn header_of(path: &Path, text: &[u8], usual: u8) -> Result<(Header, usize), ReadError> {
    let separator = separator_of(text, usual);
    let first = Records::new(text, separator)
        .next()
        .unwrap_or(Err(Misquoted { line: 1, problem: "no header: the file is empty" }));
    let first = first.map_err(|bad| ReadError::bad_line(path, bad.line, bad.problem))?;
    let names = header(path, &first, text, separator)?;
    Ok((Header { names, separator, unusual: separator != usual }, first.end))
}

/// The rows of a text, each of which has as many fields as the header.
fn check<'a>(path: &Path, text: &'a [u8], header: &Header, line: usize) -> Result<Rows<'a>, ReadError> {
    let mut rows = Rows { count: 0, body: Cow::Borrowed(text) };
    let mut end = 0;
    let mut blank_lines = false;
    for record in Records::new(text, header.separator).starting_on(line) {
        let record = record.map_err(|bad| ReadError::bad_line(path, bad.line, bad.problem))?;
        check_fields(path, &record, header.names.len())?;
        rows.count += 1;
        blank_lines |= record.start != end;
        end = record.end;
    }
    if blank_lines || end < text.len() {
        rows.body = Cow::Owned(without_blank_lines(text, header.separator));
    }
    Ok(rows)
}

/// The names of the columns.
fn header(path: &Path, record: &Record, text: &[u8], separator: u8) -> Result<Vec<String>, ReadError> {
    let names = fields(&text[record.start..record.end], separator);
    if names.len() > MOST_COLUMNS {
        let problem = format!("{} columns, where {MOST_COLUMNS} can be read", names.len());
        return Err(ReadError::bad_line(path, record.line, problem));
    }
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
    let rows = Records::new(text, separator).flatten();
    rows.fold(Vec::with_capacity(text.len()), |mut body, row| {
        body.extend_from_slice(&text[row.start..row.end]);
        body
    })
}

/// The rows as a frame of text columns.
fn parse(path: &Path, rows: &Rows<'_>, header: &Header) -> Result<DataFrame, ReadError> {
    let fields = header.names.iter().map(|name| Field::new(name.into(), DataType::String));
    let frame = CsvReadOptions::default()
        .with_has_header(false)
        .with_schema(Some(Arc::new(Schema::from_iter(fields))))
        .with_parse_options(CsvParseOptions::default().with_separator(header.separator))
        .into_reader_with_file_handle(Cursor::new(&*rows.body))
        .finish()
        .map_err(|error| ReadError::damaged(path, error))?;
    if frame.height() == rows.count {
        return Ok(frame);
    }
    Err(ReadError::damaged(path, format!("{} rows were read of {}", frame.height(), rows.count)))
}

/// One text column, or an empty one: a dictionary, always or where texts repeat.
fn column(path: &Path, name: &str, values: Option<&Column>, always: bool) -> Result<ArrayRef, ReadError> {
    let encoded = match values {
        None => encode(0, std::iter::empty()),
        Some(values) => {
            let texts = values.str().map_err(|error| ReadError::damaged(path, error))?;
            let fields = || texts.iter().map(|text| text.map(unguarded));
            if !always && !repeats(fields()) {
                let own: StringArray = fields().map(|text| text.filter(|text| !text.is_empty())).collect();
                return Ok(Arc::new(own));
            }
            encode(texts.len(), fields())
        }
    };
    encoded.ok_or_else(|| ReadError::bad_column(path, name, "more than 2 GiB of distinct text"))
}

/// Whether the first fields of a column are the same few, as names are and amounts are not.
fn repeats<'a>(fields: impl Iterator<Item = Option<&'a str>>) -> bool {
    let (mut seen, mut distinct) = (0, HashSet::new());
    for text in fields.flatten().take(LOOKED_AT) {
        seen += 1;
        distinct.insert(text);
    }
    distinct.len() * 2 <= seen || seen < LOOKED_AT
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_array::types::UInt32Type;
    use proptest::prelude::*;

    use super::*;

    /// All fields, row by row, or what is wrong.
    fn read_by(path: &Path, size: usize) -> Result<Vec<Vec<Option<String>>>, String> {
        let parts = Parts { size, ..parts(path, b',').unwrap() };
        let parts: Vec<RecordBatch> = parts.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        let field = |column: &ArrayRef, row: usize| match column.as_dictionary_opt::<UInt32Type>() {
            Some(texts) => texts.key(row).map(|key| texts.values().as_string::<i32>().value(key).to_owned()),
            None => column.is_valid(row).then(|| column.as_string::<i32>().value(row).to_owned()),
        };
        let rows = |part: &RecordBatch| {
            let row = |row| part.columns().iter().map(|column| field(column, row)).collect::<Vec<_>>();
            (0..part.num_rows()).map(row).collect::<Vec<_>>()
        };
        Ok(parts.iter().flat_map(rows).collect())
    }

    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            12 => "[a-c]{0,3},[0-9]{0,2}\n",
            3 => "\"[a-c,\n]{0,4}\",\"\"\"[0-9]{0,2}\"\r\n",
            2 => Just("\n".to_owned()),
            1 => Just("a\"b,c\n".to_owned()),
            1 => Just("a,b,c\n".to_owned()),
        ]
    }

    proptest! {
        #[test]
        fn parts_of_any_size_have_the_rows_of_the_whole(lines in prop::collection::vec(line(), 0..12), size in 1usize..40) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("facts.csv");
            fs::write(&path, format!("\u{feff}name,\"the\nnumber\"\n{}", lines.concat())).unwrap();
            prop_assert_eq!(read_by(&path, size), read_by(&path, usize::MAX));
        }
    }
}
