//! Chunks and deltas as Arrow IPC streams: one column for each coordinate and each measure.
//!
//! A column keeps the width it has in memory. What Arrow has no place for (the base of a frame of
//! reference, the id that all rows share) stands in the field's metadata.

use crate::change::{Delta, DeltaColumn};
use crate::error::{EngineError, Result};
use crate::id::{MeasureId, MemberId};
use crate::storage::{Bits, Chunk, Codes, Packed, Values};
use arrow_array::cast::AsArray;
use arrow_array::types::{UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, NullArray, RecordBatch, RecordBatchOptions, UInt8Array, UInt16Array, UInt32Array,
    UInt64Array,
};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use std::collections::HashMap;
use std::io::Cursor;
use std::sync::Arc;

const CODE: &str = "code";
const BASE: &str = "base";
const MOST: &str = "most";
const SCENARIO: &str = "scenario";

/// A chunk as bytes.
pub(super) fn encode_chunk(chunk: &Chunk) -> Result<Vec<u8>> {
    let (coordinates, measures) = chunk.shape();
    let mut columns = Columns::default();
    for coordinate in 0..coordinates {
        if let Some(codes) = chunk.codes(coordinate) {
            columns.codes(codes);
        }
    }
    for measure in 0..measures {
        if let Some(values) = chunk.values(measure) {
            columns.values(format!("m{measure}"), values);
        }
    }
    columns.encode(chunk.rows(), HashMap::new())
}

/// A chunk from bytes.
pub(super) fn decode_chunk(bytes: &[u8]) -> Result<Chunk> {
    let batch = decode(bytes)?;
    let mut codes = Vec::new();
    let mut values: Vec<Option<Arc<Values>>> = Vec::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        match field.name().strip_prefix('m').map(str::parse::<usize>) {
            None => codes.push(Arc::new(read_codes(field, column)?)),
            Some(Ok(measure)) if measure <= usize::from(u16::MAX) => {
                values.resize(values.len().max(measure + 1), None);
                values[measure] = Some(Arc::new(read_values(field, column)?));
            }
            Some(_) => return Err(damaged("a chunk's column name")),
        }
    }
    Ok(Chunk::new(batch.num_rows(), codes, values))
}

/// A delta as bytes.
pub(super) fn encode_delta(delta: &Delta) -> Result<Vec<u8>> {
    let mut columns = Columns::default();
    delta.codes.iter().for_each(|codes| columns.codes(codes));
    for column in &delta.columns {
        let measure = column.measure.0;
        columns.cells(format!("before{measure}"), delta.rows, column.before.as_ref());
        columns.cells(format!("after{measure}"), delta.rows, column.after.as_ref());
    }
    columns.encode(delta.rows, HashMap::from([(SCENARIO.to_owned(), delta.scenario.0.to_string())]))
}

/// A delta from bytes.
pub(super) fn decode_delta(bytes: &[u8]) -> Result<Delta> {
    let batch = decode(bytes)?;
    let scenario = number(batch.schema().metadata(), SCENARIO)?;
    let mut delta =
        Delta { scenario: MemberId(scenario), rows: batch.num_rows(), codes: Vec::new(), columns: Vec::new() };
    let mut before: HashMap<u16, Option<Values>> = HashMap::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let name = field.name();
        let measure = |text: &str| text.parse::<u16>().map_err(|_| damaged("a delta's column name"));
        if let Some(text) = name.strip_prefix("before") {
            before.insert(measure(text)?, read_cells(field, column)?);
        } else if let Some(text) = name.strip_prefix("after") {
            let measure = measure(text)?;
            delta.columns.push(DeltaColumn {
                measure: MeasureId(measure),
                before: before.remove(&measure).flatten(),
                after: read_cells(field, column)?,
            });
        } else {
            delta.codes.push(read_codes(field, column)?);
        }
    }
    Ok(delta)
}

#[derive(Default)]
struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    fn push(&mut self, name: String, array: ArrayRef, metadata: HashMap<String, String>) {
        self.fields.push(Field::new(name, array.data_type().clone(), true).with_metadata(metadata));
        self.arrays.push(array);
    }

    fn codes(&mut self, codes: &Codes) {
        let mut metadata = HashMap::new();
        let array: ArrayRef = match codes {
            Codes::Constant(code, rows) => {
                metadata.insert(CODE.to_owned(), code.to_string());
                Arc::new(NullArray::new(*rows))
            }
            Codes::Narrow(codes) => Arc::new(UInt8Array::from(codes.clone())),
            Codes::Medium(codes) => Arc::new(UInt16Array::from(codes.clone())),
            Codes::Wide(codes) => Arc::new(UInt32Array::from(codes.clone())),
        };
        self.push(format!("d{}", self.fields.len()), array, metadata);
    }

    fn cells(&mut self, name: String, rows: usize, values: Option<&Values>) {
        match values {
            Some(values) => self.values(name, values),
            None => self.push(name, Arc::new(NullArray::new(rows)), HashMap::new()),
        }
    }

    fn values(&mut self, name: String, values: &Values) {
        let metadata =
            HashMap::from([(BASE.to_owned(), values.base.to_string()), (MOST.to_owned(), values.most.to_string())]);
        let valid = |row: usize| values.validity.as_ref().is_none_or(|bits| bits.get(row));
        macro_rules! array {
            ($kind:ident, $packed:expr) => {
                match &values.validity {
                    None => Arc::new($kind::from($packed.clone())) as ArrayRef,
                    Some(_) => {
                        Arc::new($packed.iter().enumerate().map(|(row, v)| valid(row).then_some(*v)).collect::<$kind>())
                    }
                }
            };
        }
        let array = match &values.packed {
            Packed::Constant => {
                Arc::new((0..values.rows).map(|row| valid(row).then_some(true)).collect::<BooleanArray>()) as ArrayRef
            }
            Packed::Bytes1(packed) => array!(UInt8Array, packed),
            Packed::Bytes2(packed) => array!(UInt16Array, packed),
            Packed::Bytes4(packed) => array!(UInt32Array, packed),
            Packed::Bytes8(packed) => array!(UInt64Array, packed),
        };
        self.push(name, array, metadata);
    }

    fn encode(self, rows: usize, metadata: HashMap<String, String>) -> Result<Vec<u8>> {
        let schema = Arc::new(Schema::new_with_metadata(self.fields, metadata));
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        let write = || -> std::result::Result<Vec<u8>, ArrowError> {
            let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), self.arrays, &options)?;
            let mut writer = StreamWriter::try_new(Vec::new(), &schema)?;
            writer.write(&batch)?;
            writer.into_inner()
        };
        write().map_err(|error| EngineError::File(format!("columns cannot be encoded: {error}")))
    }
}

fn decode(bytes: &[u8]) -> Result<RecordBatch> {
    let read = || -> std::result::Result<Option<RecordBatch>, ArrowError> {
        StreamReader::try_new(Cursor::new(bytes), None)?.next().transpose()
    };
    match read() {
        Ok(Some(batch)) => Ok(batch),
        Ok(None) => Err(damaged("an empty block of columns")),
        Err(error) => Err(damaged(&error.to_string())),
    }
}

fn damaged(what: &str) -> EngineError {
    EngineError::Damaged(what.to_owned())
}

fn number<T: std::str::FromStr>(metadata: &HashMap<String, String>, key: &str) -> Result<T> {
    metadata.get(key).and_then(|text| text.parse().ok()).ok_or_else(|| damaged(&format!("a column without its {key}")))
}

fn read_codes(field: &Field, column: &ArrayRef) -> Result<Codes> {
    Ok(match field.data_type() {
        DataType::Null => Codes::Constant(number(field.metadata(), CODE)?, column.len()),
        DataType::UInt8 => Codes::Narrow(column.as_primitive::<UInt8Type>().values().to_vec()),
        DataType::UInt16 => Codes::Medium(column.as_primitive::<UInt16Type>().values().to_vec()),
        DataType::UInt32 => Codes::Wide(column.as_primitive::<UInt32Type>().values().to_vec()),
        _ => return Err(damaged("a coordinate column of another type")),
    })
}

fn read_cells(field: &Field, column: &ArrayRef) -> Result<Option<Values>> {
    if *field.data_type() == DataType::Null { Ok(None) } else { read_values(field, column).map(Some) }
}

fn read_values(field: &Field, column: &ArrayRef) -> Result<Values> {
    let packed = match field.data_type() {
        DataType::Boolean => Packed::Constant,
        DataType::UInt8 => Packed::Bytes1(column.as_primitive::<UInt8Type>().values().to_vec()),
        DataType::UInt16 => Packed::Bytes2(column.as_primitive::<UInt16Type>().values().to_vec()),
        DataType::UInt32 => Packed::Bytes4(column.as_primitive::<UInt32Type>().values().to_vec()),
        DataType::UInt64 => Packed::Bytes8(column.as_primitive::<UInt64Type>().values().to_vec()),
        _ => return Err(damaged("a measure column of another type")),
    };
    let validity = (column.null_count() > 0).then(|| Bits::from_fn(column.len(), |row| column.is_valid(row)));
    let (base, most) = (number(field.metadata(), BASE)?, number(field.metadata(), MOST)?);
    Ok(Values { base, most, rows: column.len(), packed, validity })
}
