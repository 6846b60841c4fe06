//! Chunks and deltas as Arrow IPC streams: one column for each coordinate and each measure.
//!
//! A column keeps the width it has in memory. What Arrow has no place for (the base of a frame of
//! reference, the id that all rows share) stands in the field's metadata.

use crate::change::{Delta, DeltaColumn};
use crate::error::{EngineError, Result};
use crate::id::{MeasureId, MemberId};
use crate::storage::{Bits, Chunk, Codes, Column, Frame, Masks, Packed, Runs, Values};
use arrow_array::cast::AsArray;
use arrow_array::types::{UInt8Type, UInt16Type, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, NullArray, RecordBatch, RecordBatchOptions, UInt8Array, UInt16Array, UInt32Array,
    UInt64Array,
};
use arrow_buffer::Buffer;
use arrow_ipc::reader::StreamDecoder;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, DataType, Field, Schema};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

const CODE: &str = "code";
const BASE: &str = "base";
const MOST: &str = "most";
const UNIT: &str = "unit";
const SCENARIO: &str = "scenario";
const FIRST: &str = "first";
const MASK: &str = "mask";
const PERIODS: &str = "periods";
const TOTAL: &str = "total";
const COUNT: &str = "count";
const ROUNDING: &str = "rounding";

/// A chunk as bytes: the length of a first block, that block with a row for each run, and a second with a row for each
/// slot of the measures.
pub(super) fn encode_chunk(chunk: &Chunk) -> Result<Vec<u8>> {
    let (coordinates, measures) = chunk.shape();
    let codes = (0..coordinates).map(|coordinate| chunk.codes(coordinate).map(Arc::as_ref));
    let (runs, mut by_run, mut by_slot) = (chunk.runs(), Columns::of_runs(chunk.runs(), codes), Columns::default());
    for measure in 0..measures {
        let Some(column) = chunk.column(measure) else { continue };
        if let Some(masks) = column.masks() {
            by_run.push(format!("o{measure}"), Arc::new(UInt64Array::from(masks.clone())), HashMap::new());
        }
        by_slot.values(format!("m{measure}"), &column.values());
        by_slot.note(TOTAL, column.total().0);
        by_slot.note(COUNT, column.total().1);
    }
    let first = by_run.encode(runs.len(), HashMap::from([(PERIODS.to_owned(), periods(runs))]))?;
    Ok(joined(&first, &by_slot.encode(runs.slots(), HashMap::new())?))
}

fn periods(runs: &Runs) -> String {
    runs.periods.iter().map(u32::to_string).collect::<Vec<_>>().join(" ")
}

/// Two blocks as one, with the length of the first before it.
fn joined(first: &[u8], second: &[u8]) -> Vec<u8> {
    [&(first.len() as u64).to_le_bytes(), first, second].concat()
}

/// Two blocks again. They stay where they are: the larger is most of a chunk.
fn parted(bytes: Vec<u8>) -> Result<(RecordBatch, RecordBatch)> {
    let (length, rest) = bytes.split_at_checked(8).ok_or_else(|| damaged("a block cut short"))?;
    let length = length.iter().rev().fold(0u64, |length, byte| length << 8 | u64::from(*byte));
    let length = usize::try_from(length).ok().filter(|length| *length <= rest.len());
    let length = length.ok_or_else(|| damaged("a block cut short"))?;
    let bytes = Buffer::from_vec(bytes);
    Ok((decode(bytes.slice_with_length(8, length))?, decode(bytes.slice(8 + length))?))
}

/// Runs, the codes of each coordinate, and the masks of single measures.
struct ByRun {
    runs: Runs,
    codes: Vec<Option<Codes>>,
    own: HashMap<usize, Vec<u64>>,
}

impl ByRun {
    fn read(batch: &RecordBatch) -> Result<Self> {
        let (mut codes, mut firsts, mut masks) = (Vec::new(), None, None);
        let mut own: HashMap<usize, Vec<u64>> = HashMap::new();
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            match field.name().as_str() {
                "time" => codes.push(None),
                FIRST => firsts = Some(read_codes(field, column)?),
                MASK => masks = Some(read_masks(column)?),
                name => match measure_of(name, 'o') {
                    Some(measure) => drop(own.insert(measure, read_masks(column)?)),
                    None => codes.push(Some(read_codes(field, column)?)),
                },
            }
        }
        Ok(ByRun { runs: read_runs(batch, firsts, masks)?, codes, own })
    }
}

/// A chunk from bytes.
pub(super) fn decode_chunk(bytes: Vec<u8>) -> Result<Chunk> {
    let (by_run, by_slot) = parted(bytes)?;
    let ByRun { runs, codes, mut own } = ByRun::read(&by_run)?;
    if runs.slots() != by_slot.num_rows() {
        return Err(damaged("a chunk whose columns differ in length"));
    }
    let mut columns: Vec<Option<Arc<Column>>> = Vec::new();
    for (field, column) in by_slot.schema().fields().iter().zip(by_slot.columns()) {
        let measure = measure_of(field.name(), 'm').ok_or_else(|| damaged("a chunk's column name"))?;
        columns.resize(columns.len().max(measure + 1), None);
        let total = (number(field.metadata(), TOTAL)?, number(field.metadata(), COUNT)?);
        let values = read_values(field, column)?;
        columns[measure] = Some(Arc::new(Column::new(values, own.remove(&measure), total)));
    }
    Ok(Chunk::new(runs, codes.into_iter().map(|codes| codes.map(Arc::new)).collect(), columns))
}

fn measure_of(name: &str, kind: char) -> Option<usize> {
    name.strip_prefix(kind)?.parse().ok().filter(|measure| *measure <= usize::from(u16::MAX))
}

fn read_masks(column: &ArrayRef) -> Result<Vec<u64>> {
    match column.as_primitive_opt::<UInt64Type>() {
        Some(masks) => Ok(masks.values().to_vec()),
        None => Err(damaged("masks of another type")),
    }
}

fn read_runs(batch: &RecordBatch, firsts: Option<Codes>, masks: Option<Vec<u64>>) -> Result<Runs> {
    let schema = batch.schema();
    let periods = schema.metadata().get(PERIODS).ok_or_else(|| damaged("a chunk without periods"))?;
    let periods: Option<Vec<u32>> = periods.split(' ').map(|period| period.parse().ok()).collect();
    let periods = periods.ok_or_else(|| damaged("a chunk's periods"))?;
    let firsts = firsts.ok_or_else(|| damaged("a chunk without its runs"))?;
    Runs::new(periods, firsts, masks).ok_or_else(|| damaged("runs beyond their periods"))
}

/// A delta as bytes: two blocks, as of a chunk.
pub(super) fn encode_delta(delta: &Delta) -> Result<Vec<u8>> {
    let by_run = Columns::of_runs(&delta.runs, delta.codes.iter().map(Option::as_ref));
    let slots = delta.runs.slots();
    let mut columns = Columns::default();
    for column in &delta.columns {
        let measure = column.measure.0;
        columns.cells(format!("before{measure}"), slots, column.before.as_ref());
        if let Some(rounding) = &column.rounding {
            columns.values(format!("{ROUNDING}{measure}"), rounding);
        }
        columns.cells(format!("after{measure}"), slots, column.after.as_ref());
    }
    let notes = [(SCENARIO.to_owned(), delta.scenario.0.to_string()), (PERIODS.to_owned(), periods(&delta.runs))];
    let first = by_run.encode(delta.runs.len(), HashMap::from(notes))?;
    Ok(joined(&first, &columns.encode(slots, HashMap::new())?))
}

/// A delta from bytes.
pub(super) fn decode_delta(bytes: &[u8]) -> Result<Delta> {
    let (by_run, by_slot) = parted(bytes.to_vec())?;
    let scenario = MemberId(number(by_run.schema().metadata(), SCENARIO)?);
    let ByRun { runs, codes, .. } = ByRun::read(&by_run)?;
    if runs.slots() != by_slot.num_rows() {
        return Err(damaged("a change whose columns differ in length"));
    }
    let mut delta = Delta { scenario, runs, codes, columns: Vec::new() };
    read_delta_columns(&by_slot, &mut delta, |_, _| Err(damaged("a delta's column name")))?;
    Ok(delta)
}

/// A delta as versions up to the fifth wrote it: one block, with a row for each leaf.
pub(super) fn decode_plain_delta(bytes: &[u8]) -> Result<Delta> {
    let batch = decode(Buffer::from(bytes))?;
    let scenario = MemberId(number(batch.schema().metadata(), SCENARIO)?);
    let runs = Runs::new(vec![0], Codes::Constant(0, batch.num_rows()), None);
    let runs = runs.ok_or_else(|| damaged("runs beyond their periods"))?;
    let mut delta = Delta { scenario, runs, codes: Vec::new(), columns: Vec::new() };
    let mut codes = Vec::new();
    read_delta_columns(&batch, &mut delta, |field, column| {
        codes.push(Some(read_codes(field, column)?));
        Ok(())
    })?;
    delta.codes = codes;
    Ok(delta)
}

/// Reads the cells of a delta; shows what else there is.
fn read_delta_columns(
    batch: &RecordBatch,
    delta: &mut Delta,
    mut other: impl FnMut(&Field, &ArrayRef) -> Result<()>,
) -> Result<()> {
    let mut before: HashMap<u16, Option<Values>> = HashMap::new();
    let mut rounding: HashMap<u16, Option<Values>> = HashMap::new();
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let name = field.name();
        let measure = |text: &str| text.parse::<u16>().map_err(|_| damaged("a delta's column name"));
        if let Some(text) = name.strip_prefix("before") {
            before.insert(measure(text)?, read_cells(field, column)?);
        } else if let Some(text) = name.strip_prefix(ROUNDING) {
            rounding.insert(measure(text)?, read_cells(field, column)?);
        } else if let Some(text) = name.strip_prefix("after") {
            let measure = measure(text)?;
            delta.columns.push(DeltaColumn {
                measure: MeasureId(measure),
                before: before.remove(&measure).flatten(),
                after: read_cells(field, column)?,
                rounding: rounding.remove(&measure).flatten(),
            });
        } else {
            other(field, column)?;
        }
    }
    Ok(())
}

#[derive(Default)]
struct Columns {
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
}

impl Columns {
    /// A row for each run: the codes of each coordinate, none for time, and how it lies along time.
    fn of_runs<'c>(runs: &Runs, codes: impl Iterator<Item = Option<&'c Codes>>) -> Self {
        let mut columns = Columns::default();
        for (coordinate, codes) in codes.enumerate() {
            match codes {
                Some(codes) => columns.codes(format!("d{coordinate}"), codes),
                None => columns.push("time".to_owned(), Arc::new(NullArray::new(runs.len())), HashMap::new()),
            }
        }
        columns.codes(FIRST.to_owned(), &runs.firsts);
        if let Masks::Spans(masks, _) = &runs.masks {
            columns.push(MASK.to_owned(), Arc::new(UInt64Array::from(masks.clone())), HashMap::new());
        }
        columns
    }

    fn push(&mut self, name: String, array: ArrayRef, metadata: HashMap<String, String>) {
        self.fields.push(Field::new(name, array.data_type().clone(), true).with_metadata(metadata));
        self.arrays.push(array);
    }

    /// Adds to the last column's metadata.
    fn note(&mut self, key: &str, value: impl ToString) {
        if let Some(field) = self.fields.pop() {
            let mut metadata = field.metadata().clone();
            metadata.insert(key.to_owned(), value.to_string());
            self.fields.push(field.with_metadata(metadata));
        }
    }

    fn codes(&mut self, name: String, codes: &Codes) {
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
        self.push(name, array, metadata);
    }

    fn cells(&mut self, name: String, rows: usize, values: Option<&Values>) {
        match values {
            Some(values) => self.values(name, values),
            None => self.push(name, Arc::new(NullArray::new(rows)), HashMap::new()),
        }
    }

    fn values(&mut self, name: String, values: &Values) {
        let frame = [(BASE, values.frame.base.to_string()), (MOST, values.frame.most.to_string())];
        let mut metadata: HashMap<String, String> =
            frame.into_iter().map(|(key, text)| (key.to_owned(), text)).collect();
        metadata.insert(UNIT.to_owned(), values.frame.unit.to_string());
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

fn decode(mut bytes: Buffer) -> Result<RecordBatch> {
    let read = move || -> std::result::Result<Option<RecordBatch>, ArrowError> {
        // Takes no memory for what a block claims to hold, but for what is there.
        StreamDecoder::new().decode(&mut bytes)
    };
    // The reader of the format panics on offsets beyond its buffers. Nothing that it has touched outlives it.
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(Some(batch))) => Ok(batch),
        Ok(Ok(None)) => Err(damaged("an empty block of columns")),
        Ok(Err(error)) => Err(damaged(&error.to_string())),
        Err(_) => Err(damaged("a block of columns that cannot be read")),
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
    let unit = if field.metadata().contains_key(UNIT) { number(field.metadata(), UNIT)? } else { 1 };
    if unit == 0 {
        return Err(damaged("a column without a unit"));
    }
    Ok(Values { frame: Frame { base, most, unit }, rows: column.len(), packed, validity })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coordinate::KeyLayout;
    use crate::storage::{Write, Writes};

    fn layout() -> KeyLayout {
        KeyLayout::of_teams(5, "2025-01", "2026-12")
    }

    /// Cells of three series, some with holes, one set, one emptied.
    fn delta() -> Delta {
        let layout = layout();
        let leaves = [(1, 3), (1, 4), (1, 6), (2, 20), (4, 3), (4, 13)];
        let keys = leaves.map(|(team, period)| layout.pack([team, period].into_iter()));
        let writes = [Write::Put(5), Write::Put(70_000), Write::Clear, Write::Put(-9), Write::Put(0), Write::Put(1)];
        let writes = Writes::at(&layout, &keys, vec![(MeasureId(1), writes.to_vec())]);
        Delta::new(MemberId(2), &layout, &writes, &[vec![None, Some(4), Some(5), None, Some(7), Some(8)]])
    }

    /// As versions up to the fifth wrote deltas.
    fn encode_plain_delta(delta: &Delta) -> Vec<u8> {
        let cells: Vec<_> = delta.cells().collect();
        let mut columns = Columns::default();
        for coordinate in 0..delta.codes.len() {
            let codes: Vec<u32> = cells.iter().map(|cell| cell.members[coordinate].0).collect();
            columns.codes(format!("d{coordinate}"), &Codes::encode(&codes));
        }
        let before: Vec<Option<i64>> = cells.iter().map(|cell| cell.before).collect();
        let after: Vec<Option<i64>> = cells.iter().map(|cell| cell.after).collect();
        columns.cells("before1".to_owned(), cells.len(), Values::encode(&before).as_ref());
        columns.cells("after1".to_owned(), cells.len(), Values::encode(&after).as_ref());
        columns.encode(cells.len(), HashMap::from([(SCENARIO.to_owned(), "2".to_owned())])).unwrap()
    }

    #[test]
    fn a_delta_comes_back() {
        assert_eq!(decode_delta(&encode_delta(&delta()).unwrap()).unwrap(), delta());
    }

    #[test]
    fn a_delta_of_an_older_version_reads_as_it_was() {
        let (plain, delta) = (decode_plain_delta(&encode_plain_delta(&delta())).unwrap(), delta());
        assert!(plain.cells().eq(delta.cells()));
        assert_eq!((plain.rows(), plain.count()), (delta.rows(), delta.count()));
        for direction in [crate::change::Direction::Forward, crate::change::Direction::Backward] {
            let (old, new) = (plain.writes(&layout(), direction), delta.writes(&layout(), direction));
            assert_eq!((old.leaves.keys(), old.columns), (new.leaves.keys(), new.columns));
        }
        for coordinate in [None, Some(0), Some(1)] {
            assert_eq!(plain.added(MeasureId(1), coordinate), delta.added(MeasureId(1), coordinate));
        }
        assert_eq!(plain.largest(3), delta.largest(3));
    }
}
