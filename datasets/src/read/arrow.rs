//! Arrow files and streams (Feather, IPC): columns with their types.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type,
    Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float64Array, Int64Array, RecordBatch};
use arrow_ipc::reader::{FileReader, StreamReader, read_footer_length};
use arrow_ipc::{Block, root_as_footer};
use arrow_schema::{ArrowError, DECIMAL128_MAX_PRECISION, DataType, SchemaRef, TimeUnit};

use super::ReadError;
use super::caught::caught;
use super::dictionary::encode;
use crate::columns::batch;

/// What an Arrow file begins with; a stream begins otherwise.
const MAGIC: &[u8] = b"ARROW1";

const DAY: i64 = 86_400;

/// One column's part in each batch of the file.
type Parts<'a> = [&'a ArrayRef];

/// Reads a whole file.
pub(super) fn read(path: &Path) -> Result<RecordBatch, ReadError> {
    caught(path, "its columns cannot be read", || whole(path))
}

fn whole(path: &Path) -> Result<RecordBatch, ReadError> {
    let mut file = File::open(path).map_err(|source| ReadError::from_io(path, source))?;
    let is_file = is_file(&mut file).map_err(|source| ReadError::from_io(path, source))?;
    let (schema, batches) = batches(file, is_file).map_err(|problem| ReadError::damaged(path, problem))?;
    let mut columns = Vec::new();
    for (place, field) in schema.fields().iter().enumerate() {
        let parts: Vec<&ArrayRef> = batches.iter().map(|batch| batch.column(place)).collect();
        let array =
            array(field.data_type(), &parts).map_err(|problem| ReadError::bad_column(path, field.name(), problem))?;
        columns.push((field.name().as_str(), array));
    }
    Ok(batch(columns))
}

fn is_file(file: &mut File) -> io::Result<bool> {
    let mut start = Vec::new();
    Read::take(&mut *file, MAGIC.len() as u64).read_to_end(&mut start)?;
    file.rewind()?;
    Ok(start == MAGIC)
}

fn batches(file: File, is_file: bool) -> Result<(SchemaRef, Vec<RecordBatch>), ArrowError> {
    let file = BufReader::new(file);
    if is_file {
        refuse_beyond(file.get_ref())?;
        let reader = FileReader::try_new(file, None)?;
        Ok((reader.schema(), reader.collect::<Result<_, _>>()?))
    } else {
        refuse_long(file.get_ref())?;
        let reader = StreamReader::try_new(file, None)?;
        Ok((reader.schema(), reader.collect::<Result<_, _>>()?))
    }
}

/// Refuses a stream whose first message claims to be longer than the file, before memory is taken for it.
fn refuse_long(mut file: &File) -> Result<(), ArrowError> {
    let mut start = Vec::new();
    (&mut file).take(8).read_to_end(&mut start)?;
    file.rewind()?;
    let (marker, rest) = start.split_first_chunk::<4>().ok_or_else(short)?;
    let length = if *marker == [0xFF; 4] { rest.first_chunk::<4>().ok_or_else(short)? } else { marker };
    if u64::from(u32::from_le_bytes(*length)) > file.metadata()?.len() { Err(short()) } else { Ok(()) }
}

/// Refuses a file whose end names blocks that it is too short for, before memory is taken for them.
fn refuse_beyond(mut file: &File) -> Result<(), ArrowError> {
    let length = file.metadata()?.len();
    let mut end = [0; 10];
    file.seek(SeekFrom::Start(length.checked_sub(10).ok_or_else(short)?))?;
    file.read_exact(&mut end)?;
    let size = read_footer_length(end)? as u64;
    file.seek(SeekFrom::Start(length.checked_sub(size + 10).ok_or_else(short)?))?;
    let mut footer = vec![0; size as usize];
    file.read_exact(&mut footer)?;
    file.rewind()?;
    let footer = root_as_footer(&footer).map_err(|error| ArrowError::ParseError(error.to_string()))?;
    let mut blocks = footer.dictionaries().into_iter().flatten().chain(footer.recordBatches().into_iter().flatten());
    let ends = |block: &Block| {
        let parts = [block.offset(), i64::from(block.metaDataLength()), block.bodyLength()];
        parts.iter().try_fold(0_u64, |end, part| end.checked_add(u64::try_from(*part).ok()?))
    };
    let within = |block: &Block| ends(block).is_some_and(|end| end <= length);
    if blocks.all(within) { Ok(()) } else { Err(short()) }
}

fn short() -> ArrowError {
    ArrowError::IpcError("it is shorter than it says".to_owned())
}

/// A column as an array of one of the types that [`read`](super::read) names.
fn array(kind: &DataType, parts: &Parts<'_>) -> Result<ArrayRef, String> {
    match kind {
        DataType::Utf8 => text(parts, |part| Box::new(part.as_string::<i32>().iter())),
        DataType::LargeUtf8 => text(parts, |part| Box::new(part.as_string::<i64>().iter())),
        DataType::Utf8View => text(parts, |part| Box::new(part.as_string_view().iter())),
        DataType::Null => text(parts, |part| Box::new((0..part.len()).map(|_| None))),
        DataType::Dictionary(key, value) => dictionary(key, value, parts),
        DataType::Boolean => {
            Ok(Arc::new(parts.iter().flat_map(|part| part.as_boolean().iter()).collect::<BooleanArray>()))
        }
        DataType::Int8 => integers::<Int8Type>(parts),
        DataType::Int16 => integers::<Int16Type>(parts),
        DataType::Int32 => integers::<Int32Type>(parts),
        DataType::Int64 => integers::<Int64Type>(parts),
        DataType::UInt8 => integers::<UInt8Type>(parts),
        DataType::UInt16 => integers::<UInt16Type>(parts),
        DataType::UInt32 => integers::<UInt32Type>(parts),
        DataType::UInt64 => integers::<UInt64Type>(parts),
        DataType::Float32 => {
            let widen = |value: f32| value.to_string().parse().unwrap_or(f64::from(value));
            let values = values::<Float32Type>(parts).map(|value| value.map(widen));
            Ok(Arc::new(values.collect::<Float64Array>()))
        }
        DataType::Float64 => Ok(Arc::new(values::<Float64Type>(parts).collect::<Float64Array>())),
        DataType::Decimal128(precision, scale) => {
            let whole = |value: Option<i128>| value.map(|value| in_ones(value, *scale)).transpose();
            let values: Decimal128Array = values::<Decimal128Type>(parts).map(whole).collect::<Result<_, _>>()?;
            let precision = if *scale < 0 { DECIMAL128_MAX_PRECISION } else { *precision };
            let typed = values.with_precision_and_scale(precision, (*scale).max(0));
            Ok(Arc::new(typed.map_err(|error| error.to_string())?))
        }
        DataType::Date32 => Ok(Arc::new(values::<Date32Type>(parts).collect::<Date32Array>())),
        DataType::Date64 => Ok(days::<Date64Type>(parts, 1000)),
        DataType::Timestamp(_, Some(zone)) if !["UTC", "+00:00"].contains(&&**zone) => {
            Err(format!("moments in time zone {zone}; write dates instead"))
        }
        DataType::Timestamp(TimeUnit::Second, _) => Ok(days::<TimestampSecondType>(parts, 1)),
        DataType::Timestamp(TimeUnit::Millisecond, _) => Ok(days::<TimestampMillisecondType>(parts, 1000)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => Ok(days::<TimestampMicrosecondType>(parts, 1_000_000)),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => Ok(days::<TimestampNanosecondType>(parts, 1_000_000_000)),
        other => Err(no_place(other)),
    }
}

/// A decimal of a negative scale, which counts in tens, hundreds or more, as one that counts in ones; others as they are.
fn in_ones(value: i128, scale: i8) -> Result<i128, String> {
    let power = 10i128.checked_pow(u32::from(scale.min(0).unsigned_abs()));
    power
        .and_then(|power| value.checked_mul(power))
        .ok_or_else(|| format!("{value}e{} is too large", -i32::from(scale)))
}

fn no_place(kind: &DataType) -> String {
    format!("values of type {kind} have no place in a cube")
}

fn values<'a, T: ArrowPrimitiveType>(parts: &'a Parts<'a>) -> impl Iterator<Item = Option<T::Native>> + 'a {
    parts.iter().flat_map(|part| part.as_primitive::<T>().iter())
}

fn integers<T: ArrowPrimitiveType>(parts: &Parts<'_>) -> Result<ArrayRef, String>
where
    T::Native: TryInto<i64>,
{
    let wide = |value: T::Native| value.try_into().map_err(|_| "a number beyond 64 bits with a sign".to_owned());
    let values: Result<Int64Array, String> = values::<T>(parts).map(|value| value.map(wide).transpose()).collect();
    Ok(Arc::new(values?))
}

/// Moments, cut to the day they lie in.
fn days<T: ArrowPrimitiveType<Native = i64>>(parts: &Parts<'_>, second: i64) -> ArrayRef {
    let day = |moment: i64| moment.div_euclid(second * DAY) as i32;
    Arc::new(values::<T>(parts).map(|moment| moment.map(day)).collect::<Date32Array>())
}

fn text<'a>(
    parts: &Parts<'a>,
    texts: impl Fn(&'a ArrayRef) -> Box<dyn Iterator<Item = Option<&'a str>> + 'a>,
) -> Result<ArrayRef, String> {
    let rows = parts.iter().map(|part| part.len()).sum();
    encode(rows, parts.iter().flat_map(|part| texts(part))).ok_or_else(|| "more than 2 GiB of distinct text".to_owned())
}

fn dictionary(key: &DataType, value: &DataType, parts: &Parts<'_>) -> Result<ArrayRef, String> {
    match key {
        DataType::Int8 => keyed::<Int8Type>(value, parts),
        DataType::Int16 => keyed::<Int16Type>(value, parts),
        DataType::Int32 => keyed::<Int32Type>(value, parts),
        DataType::Int64 => keyed::<Int64Type>(value, parts),
        DataType::UInt8 => keyed::<UInt8Type>(value, parts),
        DataType::UInt16 => keyed::<UInt16Type>(value, parts),
        DataType::UInt32 => keyed::<UInt32Type>(value, parts),
        DataType::UInt64 => keyed::<UInt64Type>(value, parts),
        other => Err(no_place(other)),
    }
}

fn keyed<K: ArrowDictionaryKeyType>(value: &DataType, parts: &Parts<'_>) -> Result<ArrayRef, String> {
    let place = |part: &ArrayRef, row: usize| part.as_dictionary::<K>().key(row);
    match value {
        DataType::Utf8 => text(parts, |part| {
            let texts = part.as_dictionary::<K>().values().as_string::<i32>();
            Box::new((0..part.len()).map(move |row| place(part, row).map(|at| texts.value(at))))
        }),
        DataType::LargeUtf8 => text(parts, |part| {
            let texts = part.as_dictionary::<K>().values().as_string::<i64>();
            Box::new((0..part.len()).map(move |row| place(part, row).map(|at| texts.value(at))))
        }),
        DataType::Utf8View => text(parts, |part| {
            let texts = part.as_dictionary::<K>().values().as_string_view();
            Box::new((0..part.len()).map(move |row| place(part, row).map(|at| texts.value(at))))
        }),
        other => Err(no_place(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_of_a_negative_scale_count_in_ones() {
        assert_eq!(in_ones(5, -2), Ok(500));
        assert_eq!(in_ones(-5, 2), Ok(-5));
        assert_eq!(in_ones(i128::MAX, -1), Err(format!("{}e1 is too large", i128::MAX)));
        assert!(in_ones(1, -100).is_err());
    }
}
