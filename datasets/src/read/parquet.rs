//! Parquet: columns with their types.

use std::error::Error;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch};
use polars::prelude::{Column, DataFrame, DataType, ParquetReader, PolarsResult, SerReader, TimeUnit};
use rayon::prelude::*;

use super::ReadError;
use super::caught::caught;
use super::dictionary::encode;
use crate::columns::batch;

/// An array, or why there is none.
type Converted = Result<ArrayRef, Box<dyn Error>>;

/// How many rows a part has at least, but for the last.
const PART_ROWS: usize = 1 << 18;

/// Reads a whole file.
pub(super) fn read(path: &Path) -> Result<RecordBatch, ReadError> {
    converted(path, None)
}

/// Reads a file part by part, each of one row group or several small ones.
pub(super) fn parts(
    path: &Path,
) -> Result<impl Iterator<Item = Result<RecordBatch, ReadError>> + Send + use<>, ReadError> {
    let path = path.to_owned();
    let slices = slices(groups(&path)?);
    Ok(slices.into_iter().map(move |slice| converted(&path, Some(slice))))
}

/// The rows of each row group.
fn groups(path: &Path) -> Result<Vec<usize>, ReadError> {
    let file = File::open(path).map_err(|source| ReadError::from_io(path, source))?;
    let read = || {
        let mut reader = ParquetReader::new(file);
        reader.get_metadata().map(|metadata| metadata.row_groups.iter().map(|group| group.num_rows()).collect())
    };
    decoded(path, read)
}

/// Where each part begins, and how many rows it has.
fn slices(groups: Vec<usize>) -> Vec<(usize, usize)> {
    let mut slices = vec![(0, 0)];
    for rows in groups {
        match slices.last_mut() {
            Some((_, length)) if *length < PART_ROWS => *length += rows,
            Some((start, length)) => {
                let next = (*start + *length, rows);
                slices.push(next);
            }
            None => {}
        }
    }
    slices
}

fn converted(path: &Path, slice: Option<(usize, usize)>) -> Result<RecordBatch, ReadError> {
    let file = File::open(path).map_err(|source| ReadError::from_io(path, source))?;
    let read = || ParquetReader::new(file).with_slice(slice).finish();
    let frame: DataFrame = decoded(path, read)?;
    let columns = frame.columns().par_iter().map(|column| Ok((column.name().as_str(), array(path, column)?)));
    Ok(batch(columns.collect::<Result<_, ReadError>>()?))
}

fn decoded<T>(path: &Path, read: impl FnOnce() -> PolarsResult<T>) -> Result<T, ReadError> {
    caught(path, "its pages cannot be decoded", || read().map_err(|problem| ReadError::damaged(path, problem)))
}

/// A column as an Arrow array of one of the types that [`read`](super::read) names.
fn array(path: &Path, column: &Column) -> Result<ArrayRef, ReadError> {
    let array = match column.dtype() {
        DataType::String | DataType::Null | DataType::Categorical(..) | DataType::Enum(..) => text(column),
        DataType::Boolean => booleans(column),
        DataType::Date => dates(column),
        DataType::Datetime(_, Some(zone)) if zone.as_str() != "UTC" => {
            Err(format!("moments in time zone {zone}; write dates instead").into())
        }
        DataType::Datetime(unit, _) => moments(column, *unit),
        DataType::Decimal(..) => decimals(column),
        DataType::Float32 => short_floats(column),
        DataType::Float64 => floats(column),
        other if other.is_integer() => integers(column),
        other => Err(format!("values of type {other} have no place in a cube").into()),
    };
    array.map_err(|error| ReadError::bad_column(path, column.name(), error.to_string()))
}

fn text(column: &Column) -> Converted {
    let texts = column.cast(&DataType::String)?;
    let texts = texts.str()?;
    Ok(encode(texts.len(), texts.iter()).ok_or("more than 2 GiB of distinct text")?)
}

fn booleans(column: &Column) -> Converted {
    Ok(Arc::new(column.bool()?.iter().collect::<BooleanArray>()))
}

fn integers(column: &Column) -> Converted {
    let wide = column.strict_cast(&DataType::Int64)?;
    Ok(Arc::new(wide.i64()?.iter().collect::<Int64Array>()))
}

fn floats(column: &Column) -> Converted {
    Ok(Arc::new(column.f64()?.iter().collect::<Float64Array>()))
}

/// Single-precision numbers as they are written: 0.1 is 0.1, not 0.10000000149.
fn short_floats(column: &Column) -> Converted {
    let widen = |value: f32| value.to_string().parse().unwrap_or(f64::from(value));
    let values = column.f32()?.iter().map(|value| value.map(widen));
    Ok(Arc::new(values.collect::<Float64Array>()))
}

fn dates(column: &Column) -> Converted {
    Ok(Arc::new(column.date()?.physical().iter().collect::<Date32Array>()))
}

/// Moments, cut to the day they lie in.
fn moments(column: &Column, unit: TimeUnit) -> Converted {
    let second = match unit {
        TimeUnit::Nanoseconds => 1_000_000_000,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Milliseconds => 1_000,
    };
    let day = |moment: i64| moment.div_euclid(second * 86_400) as i32;
    let values = column.datetime()?.physical().iter().map(|moment| moment.map(day));
    Ok(Arc::new(values.collect::<Date32Array>()))
}

fn decimals(column: &Column) -> Converted {
    let values = column.decimal()?;
    let (precision, scale) = (values.precision() as u8, values.scale() as i8);
    let array: Decimal128Array = values.physical().iter().collect();
    Ok(Arc::new(array.with_precision_and_scale(precision, scale)?))
}
