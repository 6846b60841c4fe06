//! Parquet, by way of a frame of polars.

use std::io::{self, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use polars::prelude::{
    BooleanChunked, Column, DataFrame, Float64Chunked, Int64Chunked, Int128Chunked, IntoColumn, NewChunkedArray,
    ParquetWriter, PlSmallStr, StringChunked,
};

/// Digits that a decimal column has room for.
const DIGITS: usize = 38;

pub(super) fn write(batch: &RecordBatch, out: &mut dyn Write) -> io::Result<()> {
    let schema = batch.schema();
    let fields = schema.fields().iter().zip(batch.columns());
    let columns: Vec<Column> = fields.map(|(field, array)| column(field.name(), array)).collect::<io::Result<_>>()?;
    let mut frame = DataFrame::new(batch.num_rows(), columns).map_err(io::Error::other)?;
    ParquetWriter::new(out).finish(&mut frame).map(|_| ()).map_err(io::Error::other)
}

fn column(name: &str, array: &ArrayRef) -> io::Result<Column> {
    let name = PlSmallStr::from_str(name);
    Ok(match array.data_type() {
        DataType::Int64 => {
            Int64Chunked::from_iter_options(name, array.as_primitive::<Int64Type>().iter()).into_column()
        }
        DataType::Float64 => {
            Float64Chunked::from_iter_options(name, array.as_primitive::<Float64Type>().iter()).into_column()
        }
        DataType::Boolean => BooleanChunked::from_iter_options(name, array.as_boolean().iter()).into_column(),
        DataType::Decimal128(_, scale) => {
            let units = Int128Chunked::from_iter_options(name, array.as_primitive::<Decimal128Type>().iter());
            units.into_decimal(DIGITS, (*scale).max(0) as usize).map_err(io::Error::other)?.into_column()
        }
        DataType::Dictionary(..) => texts(name, array)?.into_column(),
        other => return Err(unwritable(other)),
    })
}

fn texts(name: PlSmallStr, array: &ArrayRef) -> io::Result<StringChunked> {
    let typed =
        array.as_dictionary_opt::<UInt32Type>().and_then(|column| column.downcast_dict::<arrow_array::StringArray>());
    let typed = typed.ok_or_else(|| unwritable(array.data_type()))?;
    Ok(StringChunked::from_iter_options(name, typed.into_iter()))
}

fn unwritable(kind: &DataType) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("cannot write a column of type {kind}"))
}
