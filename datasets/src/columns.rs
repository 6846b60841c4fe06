//! Arrow columns and batches, built from what the generators hold.

use std::sync::Arc;

use arrow_array::types::{Int64Type, UInt32Type};
use arrow_array::{
    ArrayRef, Decimal128Array, DictionaryArray, PrimitiveArray, RecordBatch, StringArray, StructArray, UInt32Array,
};
use arrow_schema::{DataType, Field, Fields};

/// Digits a decimal column has room for: those of an `i64`.
const DIGITS: u8 = 18;

/// A text column: `names` once, and for each row the place of its name among them, or none.
pub(crate) fn text<N: AsRef<str>>(names: &[N], codes: impl Iterator<Item = Option<u32>>) -> ArrayRef {
    let names = StringArray::from_iter_values(names);
    let codes: UInt32Array = codes.collect();
    Arc::new(DictionaryArray::<UInt32Type>::new(codes, Arc::new(names)))
}

/// The names of so many months from the first of a year: `2025-01` and so on.
pub(crate) fn months(first_year: u32, count: u32) -> Vec<String> {
    (0..count).map(|month| format!("{}-{:02}", first_year + month / 12, month % 12 + 1)).collect()
}

/// A column of whole numbers.
pub(crate) fn whole(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    Arc::new(values.collect::<PrimitiveArray<Int64Type>>())
}

/// A column of amounts in hundredths, as a decimal with two digits after the point.
pub(crate) fn hundredths(values: impl Iterator<Item = Option<i64>>) -> ArrayRef {
    let values: Decimal128Array = values.map(|value| value.map(i128::from)).collect();
    Arc::new(values.with_data_type(DataType::Decimal128(DIGITS, 2)))
}

/// A batch of named columns of one length.
pub(crate) fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Fields =
        columns.iter().map(|(name, column)| Field::new(*name, column.data_type().clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::from(StructArray::new(fields, columns, None))
}
