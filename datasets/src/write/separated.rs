//! Fields with a separator between them (RFC 4180), a batch as lines.

use std::io::{self, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;

use crate::guard::guarded;

/// Writes one field.
type Field<'a> = Box<dyn Fn(&mut dyn Write, usize) -> io::Result<()> + 'a>;

pub(super) fn write(batch: &RecordBatch, separator: char, out: &mut dyn Write) -> io::Result<()> {
    let fields: Vec<Field<'_>> =
        batch.columns().iter().map(|column| field(column, separator)).collect::<io::Result<_>>()?;
    let headings: Vec<String> =
        batch.schema().fields().iter().map(|field| quoted(&guarded(field.name()), separator)).collect();
    out.write_all(headings.join(&separator.to_string()).as_bytes())?;
    for row in 0..batch.num_rows() {
        out.write_all(b"\n")?;
        for (at, (field, column)) in fields.iter().zip(batch.columns()).enumerate() {
            if at > 0 {
                write!(out, "{separator}")?;
            }
            if column.is_valid(row) {
                field(out, row)?;
            }
        }
    }
    out.write_all(b"\n")?;
    out.flush()
}

/// How the fields of a column are written.
fn field(column: &ArrayRef, separator: char) -> io::Result<Field<'_>> {
    match column.data_type() {
        DataType::Dictionary(key, value) if (&**key, &**value) == (&DataType::UInt32, &DataType::Utf8) => {
            let column = column.as_dictionary::<UInt32Type>();
            let texts = column.values().as_string::<i32>().iter();
            let texts: Vec<String> = texts.map(|text| quoted(&guarded(text.unwrap_or_default()), separator)).collect();
            let keys = column.keys();
            Ok(Box::new(move |out, row| out.write_all(texts[keys.value(row) as usize].as_bytes())))
        }
        DataType::Int64 => {
            let column = column.as_primitive::<Int64Type>();
            Ok(Box::new(move |out, row| write!(out, "{}", column.value(row))))
        }
        DataType::Float64 => {
            let column = column.as_primitive::<Float64Type>();
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
fn quoted(text: &str, separator: char) -> String {
    if text.contains([separator, '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
