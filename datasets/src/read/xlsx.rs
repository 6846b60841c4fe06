//! Workbooks: the first sheet, its first row the header. Every column leaves as text, as in a file of fields.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use calamine::{Data, Range, Reader, Xlsx, open_workbook_from_rs};

use super::dictionary;
use super::error::ReadError;

pub(super) fn read(path: &Path) -> Result<RecordBatch, ReadError> {
    let file = File::open(path).map_err(|error| ReadError::from_io(path, error))?;
    let mut workbook: Xlsx<_> =
        open_workbook_from_rs(BufReader::new(file)).map_err(|error| ReadError::damaged(path, error))?;
    let sheet = workbook.worksheet_range_at(0).ok_or_else(|| ReadError::damaged(path, "it has no sheet"))?;
    batch(path, &sheet.map_err(|error| ReadError::damaged(path, error))?)
}

fn batch(path: &Path, sheet: &Range<Data>) -> Result<RecordBatch, ReadError> {
    let mut rows = sheet.rows();
    let header = rows.next().ok_or_else(|| ReadError::damaged(path, "its first sheet is empty"))?;
    let mut names: Vec<String> = Vec::new();
    for cell in header {
        let name = text(cell).unwrap_or_default().trim().to_owned();
        if name.is_empty() || names.contains(&name) {
            let problem = if name.is_empty() { "a heading is empty".into() } else { format!("{name} is there twice") };
            return Err(ReadError::bad_line(path, 1, problem));
        }
        names.push(name);
    }
    let rows: Vec<Vec<Option<String>>> = rows.map(|row| row.iter().map(text).collect()).collect();
    let columns = names.iter().enumerate().map(|(place, name)| column(path, name, &rows, place));
    let columns: Vec<ArrayRef> = columns.collect::<Result<_, _>>()?;
    let field = |(name, column): (&String, &ArrayRef)| Field::new(name, column.data_type().clone(), true);
    let schema = Schema::new(names.iter().zip(&columns).map(field).collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), columns).map_err(|error| ReadError::damaged(path, error))
}

fn column(path: &Path, name: &str, rows: &[Vec<Option<String>>], place: usize) -> Result<ArrayRef, ReadError> {
    let values = rows.iter().map(|row| row.get(place).and_then(Option::as_deref));
    dictionary::encode(rows.len(), values).ok_or_else(|| ReadError::bad_column(path, name, "too much text"))
}

/// A cell as a person would type it: `5`, `12.5`, `2026-03-31`; none where it is empty.
fn text(cell: &Data) -> Option<String> {
    Some(match cell {
        Data::Empty => return None,
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Bool(flag) => flag.to_string(),
        Data::DateTime(moment) if moment.is_duration() => moment.as_f64().to_string(),
        Data::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        Data::Error(error) => error.to_string(),
    })
}
