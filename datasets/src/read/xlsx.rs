//! Workbooks: the first sheet, its first row the header. Every column leaves as text, as in a file of fields.
//!
//! A small workbook may unpack to a large one, and a sheet may have a cell a million rows from the
//! next: both are measured before memory is taken for them.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, Schema};
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use zip::ZipArchive;

use super::caught::caught;
use super::dictionary;
use super::error::ReadError;

/// Bytes that the parts of a workbook may come to when they are unpacked.
const MOST_UNPACKED: u64 = 2 << 30;
/// No byte of a packed part unpacks to more.
const MOST_PACKED: u64 = 1032;
/// A sheet may span so many cells whatever it holds.
const ROOM: usize = 1 << 24;
/// A larger one may span so many for each cell that it holds.
const SPARSE: usize = 64;

/// The cells of a sheet that are not empty: row, column, text.
type Cells = Vec<(usize, usize, String)>;

pub(super) fn read(path: &Path) -> Result<RecordBatch, ReadError> {
    refuse_bomb(path, MOST_UNPACKED)?;
    batch(path, caught(path, "its cells cannot be read", || cells(path))?)
}

/// The cells of the first sheet.
fn cells(path: &Path) -> Result<Cells, ReadError> {
    let file = File::open(path).map_err(|error| ReadError::from_io(path, error))?;
    let damaged = |error: calamine::XlsxError| ReadError::damaged(path, error);
    let mut workbook: Xlsx<_> = open_workbook_from_rs(BufReader::new(file)).map_err(damaged)?;
    let first = workbook.sheet_names().first().cloned();
    let first = first.ok_or_else(|| ReadError::damaged(path, "it has no sheet"))?;
    let mut sheet = workbook.worksheet_cells_reader(&first).map_err(damaged)?;
    let mut cells = Cells::new();
    while let Some(cell) = sheet.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        if let Some(text) = text(&Data::from(cell.get_value().clone())) {
            cells.push((row as usize, column as usize, text));
        }
    }
    Ok(cells)
}

/// Refuses a file that unpacks to more bytes than `most`.
fn refuse_bomb(path: &Path, most: u64) -> Result<(), ReadError> {
    let file = File::open(path).map_err(|error| ReadError::from_io(path, error))?;
    let length = file.metadata().map_or(0, |file| file.len());
    if length.saturating_mul(MOST_PACKED) <= most {
        return Ok(());
    }
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| ReadError::damaged(path, error))?;
    let mut room = most;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|error| ReadError::damaged(path, error))?;
        let unpacked = io::copy(&mut part.take(room + 1), &mut io::sink());
        let unpacked = unpacked.map_err(|error| ReadError::damaged(path, error))?;
        room = room.checked_sub(unpacked).ok_or_else(|| {
            let problem = format!("it unpacks to more than {} MiB; save the facts as .csv or .parquet", most >> 20);
            ReadError::damaged(path, problem)
        })?;
    }
    Ok(())
}

fn batch(path: &Path, cells: Cells) -> Result<RecordBatch, ReadError> {
    let least = |place: fn(&(usize, usize, String)) -> usize| cells.iter().map(place).min();
    let most = |place: fn(&(usize, usize, String)) -> usize| cells.iter().map(place).max().unwrap_or(0);
    let (Some(top), Some(left)) = (least(|cell| cell.0), least(|cell| cell.1)) else {
        return Err(ReadError::damaged(path, "its first sheet is empty"));
    };
    let (rows, width) = (most(|cell| cell.0) - top, most(|cell| cell.1) - left + 1);
    if rows.saturating_mul(width) > ROOM.max(cells.len().saturating_mul(SPARSE)) {
        let problem = format!(
            "its first sheet spans {rows} rows and {width} columns, and holds {} cells; delete what stands far from the table",
            cells.len()
        );
        return Err(ReadError::damaged(path, problem));
    }
    let mut names = vec![String::new(); width];
    let mut columns: Vec<Vec<(usize, String)>> = vec![Vec::new(); width];
    for (row, column, text) in cells {
        match row - top {
            0 => names[column - left] = text.trim().to_owned(),
            row => columns[column - left].push((row - 1, text)),
        }
    }
    check_names(path, &names)?;
    let arrays = names.iter().zip(&columns).map(|(name, texts)| column(path, name, rows, texts));
    let arrays: Vec<ArrayRef> = arrays.collect::<Result<_, _>>()?;
    let field = |(name, column): (&String, &ArrayRef)| Field::new(name, column.data_type().clone(), true);
    let schema = Schema::new(names.iter().zip(&arrays).map(field).collect::<Vec<_>>());
    RecordBatch::try_new(Arc::new(schema), arrays).map_err(|error| ReadError::damaged(path, error))
}

fn check_names(path: &Path, names: &[String]) -> Result<(), ReadError> {
    let mut seen = HashSet::new();
    for name in names {
        if name.is_empty() || !seen.insert(name) {
            let problem = if name.is_empty() { "a heading is empty".into() } else { format!("{name} is there twice") };
            return Err(ReadError::bad_line(path, 1, problem));
        }
    }
    Ok(())
}

/// A column of so many rows, from those that are not empty.
fn column(path: &Path, name: &str, rows: usize, texts: &[(usize, String)]) -> Result<ArrayRef, ReadError> {
    let mut values: Vec<Option<&str>> = vec![None; rows];
    texts.iter().for_each(|(row, text)| values[*row] = Some(text));
    dictionary::encode(rows, values.into_iter()).ok_or_else(|| ReadError::bad_column(path, name, "too much text"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use rust_xlsxwriter::Workbook;

    fn refused(workbook: &mut Workbook, most: u64) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.xlsx");
        workbook.save(&path).unwrap();
        let problem = refuse_bomb(&path, most).and_then(|()| read(&path)).err().unwrap().to_string();
        problem.replace(&format!("{}", path.display()), "book.xlsx")
    }

    #[test]
    fn a_cell_a_million_rows_away_takes_no_memory() {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for column in 0..40 {
            sheet.write(0, column, format!("c{column}")).unwrap();
        }
        sheet.write(1_048_575, 16_383, 1).unwrap();
        assert_eq!(
            refused(&mut workbook, MOST_UNPACKED),
            "book.xlsx is damaged or not what its name says: its first sheet spans 1048575 rows and 16384 columns, \
             and holds 41 cells; delete what stands far from the table"
        );
    }

    #[test]
    fn what_unpacks_to_too_much_is_refused_before_it_is_read() {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        for row in 0..200 {
            sheet.write(row, 0, "a".repeat(30_000)).unwrap();
        }
        assert_eq!(
            refused(&mut workbook, 1 << 15),
            "book.xlsx is damaged or not what its name says: it unpacks to more than 0 MiB; save the facts as .csv or \
             .parquet"
        );
    }

    #[test]
    fn a_table_may_stand_anywhere_and_have_blank_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.xlsx");
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.write(3, 2, "team").unwrap().write(3, 3, "cost").unwrap();
        sheet.write(4, 2, "a").unwrap().write(6, 3, 2.5).unwrap();
        workbook.save(&path).unwrap();
        let batch = read(&path).unwrap();
        assert_eq!((batch.num_rows(), batch.num_columns()), (3, 2));
        assert_eq!((batch.column(0).null_count(), batch.column(1).null_count()), (2, 2));
    }
}
