//! A workbook of one sheet: a heading, then the rows. Texts are written as texts, never as formulas.

use std::io::{self, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// Whole numbers that a cell of a sheet holds exactly: it is a floating point number. Longer ones become texts.
const EXACT: u128 = 1 << 53;

pub(super) fn write(batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()> {
    let bytes = workbook(batch).map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn workbook(batch: &RecordBatch) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let bold = Format::new().set_bold();
    for (place, (field, array)) in batch.schema().fields().iter().zip(batch.columns()).enumerate() {
        let column = u16::try_from(place).map_err(|_| XlsxError::RowColumnLimitError)?;
        sheet.write_string_with_format(0, column, field.name(), &bold)?;
        write_column(sheet, column, field.name(), array)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    workbook.save_to_buffer()
}

fn write_column(sheet: &mut Worksheet, column: u16, heading: &str, array: &ArrayRef) -> Result<(), XlsxError> {
    match array.data_type() {
        DataType::Int64 => {
            let values = array.as_primitive::<Int64Type>();
            each(values.iter(), |row, value| decimal(sheet, row, column, i128::from(value), 0))
        }
        // `variance %` and `gap %` hold shares.
        DataType::Float64 if heading.ends_with('%') => {
            let percent = Format::new().set_num_format("0.0%");
            each(array.as_primitive::<Float64Type>().iter(), |row, value| {
                sheet.write_number_with_format(row, column, value, &percent).map(drop)
            })
        }
        DataType::Float64 => each(array.as_primitive::<Float64Type>().iter(), |row, value| {
            sheet.write_number(row, column, value).map(drop)
        }),
        DataType::Decimal128(_, scale) => {
            let scale = u8::try_from(*scale).unwrap_or(0);
            let values = array.as_primitive::<Decimal128Type>();
            each(values.iter(), |row, value| decimal(sheet, row, column, value, scale))
        }
        DataType::Boolean => {
            each(array.as_boolean().iter(), |row, value| sheet.write_boolean(row, column, value).map(drop))
        }
        DataType::Dictionary(..) => texts(sheet, column, array),
        other => Err(XlsxError::ParameterError(format!("a column of {other} has no place in a sheet"))),
    }
}

fn texts(sheet: &mut Worksheet, column: u16, array: &ArrayRef) -> Result<(), XlsxError> {
    let wrong = || XlsxError::ParameterError("a column of texts is not as it was built".to_owned());
    let array = array.as_any_dictionary_opt().ok_or_else(wrong)?;
    let keys = array.keys().as_primitive_opt::<UInt32Type>().ok_or_else(wrong)?;
    let values = array.values().as_string_opt::<i32>().ok_or_else(wrong)?;
    each(keys.iter(), |row, key| sheet.write_string(row, column, values.value(key as usize)).map(drop))
}

/// Every value that is there with its row, below the heading.
fn each<T>(
    values: impl Iterator<Item = Option<T>>,
    mut write: impl FnMut(u32, T) -> Result<(), XlsxError>,
) -> Result<(), XlsxError> {
    values.enumerate().filter_map(|(row, value)| Some((row, value?))).try_for_each(|(row, value)| {
        let row = u32::try_from(row + 1).map_err(|_| XlsxError::RowColumnLimitError)?;
        write(row, value)
    })
}

/// A decimal with all its digits shown; a text where a cell cannot hold it exactly.
fn decimal(sheet: &mut Worksheet, row: u32, column: u16, units: i128, scale: u8) -> Result<(), XlsxError> {
    let text = digits(units, scale);
    match text.parse::<f64>() {
        Ok(number) if units.unsigned_abs() < EXACT => {
            let places = if scale == 0 { String::new() } else { format!(".{}", "0".repeat(usize::from(scale))) };
            let format = Format::new().set_num_format(format!("#,##0{places}"));
            sheet.write_number_with_format(row, column, number, &format).map(drop)
        }
        _ => sheet.write_string(row, column, text).map(drop),
    }
}

/// `-12.50` for -1250 at two digits.
fn digits(units: i128, scale: u8) -> String {
    let scale = usize::from(scale);
    let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let sign = if units < 0 { "-" } else { "" };
    let point = if scale > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{part}")
}
