//! Writing a batch as CSV, for load benchmarks and examples.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;

/// Writes one field.
type Field<'a> = Box<dyn Fn(&mut BufWriter<File>, usize) -> io::Result<()> + 'a>;

/// Writes `batch` as a CSV file with a header. Empty cells are empty fields.
///
/// # Errors
///
/// If the file cannot be written, or a column is neither dictionary-encoded text, `Int64` nor `Decimal128`.
pub fn write_csv(batch: &RecordBatch, path: &Path) -> io::Result<()> {
    let fields: Vec<Field<'_>> = batch.columns().iter().map(field).collect::<io::Result<_>>()?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    for (at, field) in batch.schema().fields().iter().enumerate() {
        separate(&mut out, at)?;
        out.write_all(quoted(field.name()).as_bytes())?;
    }
    for row in 0..batch.num_rows() {
        out.write_all(b"\n")?;
        for (at, (field, column)) in fields.iter().zip(batch.columns()).enumerate() {
            separate(&mut out, at)?;
            if column.is_valid(row) {
                field(&mut out, row)?;
            }
        }
    }
    out.write_all(b"\n")?;
    out.flush()
}

fn separate(out: &mut impl Write, at: usize) -> io::Result<()> {
    if at > 0 { out.write_all(b",") } else { Ok(()) }
}

/// How the fields of a column are written.
fn field(column: &ArrayRef) -> io::Result<Field<'_>> {
    match column.data_type() {
        DataType::Dictionary(key, value) if (&**key, &**value) == (&DataType::UInt32, &DataType::Utf8) => {
            let column = column.as_dictionary::<UInt32Type>();
            let texts: Vec<String> = column.values().as_string::<i32>().iter().flatten().map(quoted).collect();
            let keys = column.keys();
            Ok(Box::new(move |out, row| out.write_all(texts[keys.value(row) as usize].as_bytes())))
        }
        DataType::Int64 => {
            let column = column.as_primitive::<Int64Type>();
            Ok(Box::new(move |out, row| write!(out, "{}", column.value(row))))
        }
        DataType::Decimal128(..) => {
            let column = column.as_primitive::<Decimal128Type>();
            Ok(Box::new(move |out, row| out.write_all(column.value_as_string(row).as_bytes())))
        }
        other => Err(io::Error::new(io::ErrorKind::InvalidInput, format!("cannot write a column of type {other}"))),
    }
}

/// A text as a field: in quotes where it needs them.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}
