//! Answers as typed columns, for files that have them.

use std::collections::HashSet;
use std::sync::Arc;

use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, Decimal128Array, DictionaryArray, Float64Array, Int64Array, RecordBatch};
use query::answer::Value;

use super::sheet::{Column, Sheet};
use super::text;

/// Digits that a decimal column has room for.
const DIGITS: u8 = 38;

/// What a column of values is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Whole,
    Decimal(u8),
    Float,
    Text,
}

/// The sheet as a batch: whole numbers, decimals, floating point where there are ratios, text else.
///
/// Errors: a sentence, where there are more digits or more text than a column can hold.
pub fn batch(sheet: &Sheet) -> Result<RecordBatch, String> {
    let names = unique(sheet.columns.iter().map(|column| column.name.as_str()));
    let columns = names.into_iter().zip(&sheet.columns).enumerate();
    let columns: Result<Vec<(String, ArrayRef)>, String> =
        columns.map(|(place, (name, column))| Ok((name, array(sheet, column, place)?))).collect();
    RecordBatch::try_from_iter_with_nullable(columns?.into_iter().map(|(name, array)| (name, array, true)))
        .map_err(|error| error.to_string())
}

fn array(sheet: &Sheet, column: &Column, place: usize) -> Result<ArrayRef, String> {
    let values = || sheet.rows.iter().map(move |row| row.get(place).unwrap_or(&Value::Empty));
    Ok(match kind(column, values()) {
        Kind::Whole => Arc::new(values().map(whole).collect::<Int64Array>()),
        Kind::Float => Arc::new(values().map(float).collect::<Float64Array>()),
        Kind::Decimal(scale) => {
            let units: Decimal128Array = values().map(|value| units_at(value, scale)).collect();
            let typed = units.with_precision_and_scale(DIGITS, scale.min(DIGITS) as i8);
            Arc::new(typed.map_err(|error| error.to_string())?)
        }
        Kind::Text => {
            let texts: Vec<Option<String>> =
                values().map(|value| (*value != Value::Empty).then(|| text::plain(value))).collect();
            Arc::new(texts.iter().map(Option::as_deref).collect::<DictionaryArray<UInt32Type>>())
        }
    })
}

fn kind<'a>(column: &Column, values: impl Iterator<Item = &'a Value>) -> Kind {
    let mut kind = None;
    for value in values {
        let own = match value {
            Value::Empty => continue,
            Value::Exact { scale: 0, units } if i64::try_from(*units).is_ok() => Kind::Whole,
            Value::Exact { scale, .. } => Kind::Decimal(*scale),
            Value::Ratio(_) => Kind::Float,
            Value::Text(_) | Value::Flag(_) => Kind::Text,
        };
        kind = Some(kind.map_or(own, |kind| joined(kind, own)));
    }
    kind.unwrap_or(if column.texts { Kind::Text } else { Kind::Float })
}

/// What holds the values of both.
fn joined(one: Kind, other: Kind) -> Kind {
    match (one, other) {
        (Kind::Text, _) | (_, Kind::Text) => Kind::Text,
        (Kind::Float, _) | (_, Kind::Float) => Kind::Float,
        (Kind::Decimal(scale), Kind::Decimal(other)) => Kind::Decimal(scale.max(other)),
        (Kind::Decimal(scale), Kind::Whole) | (Kind::Whole, Kind::Decimal(scale)) => Kind::Decimal(scale),
        (Kind::Whole, Kind::Whole) => Kind::Whole,
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Exact { units, .. } => i64::try_from(*units).ok(),
        _ => None,
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Ratio(ratio) => Some(*ratio).filter(|ratio| ratio.is_finite()),
        Value::Exact { .. } => text::plain(value).parse().ok(),
        _ => None,
    }
}

fn units_at(value: &Value, scale: u8) -> Option<i128> {
    match value {
        Value::Exact { units, scale: own } => {
            units.checked_mul(10i128.checked_pow(u32::from(scale.saturating_sub(*own)))?)
        }
        _ => None,
    }
}

/// The names, a number after those that another column has already.
fn unique<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut used = HashSet::new();
    let mut unique = Vec::new();
    for name in names {
        let numbered = (2..).map(|number| format!("{name} ({number})"));
        let mut free = std::iter::once(name.to_owned()).chain(numbered).filter(|name| !used.contains(name));
        let own = free.next().unwrap_or_default();
        used.insert(own.clone());
        unique.push(own);
    }
    unique
}

#[cfg(test)]
mod tests {
    use arrow_schema::DataType;

    use super::super::samples;
    use super::*;

    fn kinds(sheet: &Sheet) -> Vec<DataType> {
        batch(sheet).unwrap().schema().fields().iter().map(|field| field.data_type().clone()).collect()
    }

    #[test]
    fn columns_have_the_types_of_their_values() {
        let text = DataType::Dictionary(Box::new(DataType::UInt32), Box::new(DataType::Utf8));
        let decimal = DataType::Decimal128(38, 2);
        let kinds_of_pivot = kinds(&Sheet::of_cells(&samples::pivot()));
        assert_eq!(kinds_of_pivot, [text.clone(), text.clone(), decimal.clone(), decimal.clone()]);
        let kinds_of_two = kinds(&Sheet::of_cells(&samples::two_measures()));
        assert_eq!(kinds_of_two, [text, decimal.clone(), DataType::Float64, decimal, DataType::Float64]);
    }

    #[test]
    fn kinds_are_joined() {
        assert_eq!(joined(Kind::Whole, Kind::Decimal(2)), Kind::Decimal(2));
        assert_eq!(joined(Kind::Decimal(2), Kind::Float), Kind::Float);
        assert_eq!(joined(Kind::Float, Kind::Text), Kind::Text);
        assert_eq!(units_at(&Value::Exact { units: 5, scale: 0 }, 2), Some(500));
    }

    #[test]
    fn names_are_made_unique() {
        assert_eq!(unique(["a", "b", "a", "a (2)"].into_iter()), ["a", "b", "a (2)", "a (2) (2)"]);
    }
}
