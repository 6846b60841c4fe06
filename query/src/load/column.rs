//! A column of a file, whatever its type: as a dictionary of texts, or as cells of a measure.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, UInt32Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use engine::decimal::{Decimal, DecimalProblem};
use rayon::prelude::*;
use std::collections::HashMap;

/// The code of an empty field.
pub(super) const BLANK: u32 = u32::MAX;

/// A column as codes into a list of distinct texts.
#[derive(Default)]
pub(super) struct Texts {
    pub codes: Vec<u32>,
    pub distinct: Vec<String>,
}

/// One field of a measure's column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Blank,
    Cell(i64),
    Bad(DecimalProblem),
}

impl Field {
    /// The cell, where there is one.
    pub fn cell(self) -> Option<i64> {
        if let Field::Cell(value) = self { Some(value) } else { None }
    }
}

/// Reads a column as texts; numbers and dates as people write them.
pub(super) fn texts(column: &ArrayRef) -> Texts {
    if let Some(dictionary) = column.as_dictionary_opt::<UInt32Type>()
        && let Some(values) = dictionary.values().as_string_opt::<i32>()
    {
        let distinct: Vec<String> = values.iter().map(|text| text.unwrap_or_default().trim().to_owned()).collect();
        let keys = dictionary.keys();
        let blank = |row: usize, key: u32| keys.is_null(row) || distinct[key as usize].is_empty();
        let codes = keys.values().iter().enumerate().map(|(row, key)| if blank(row, *key) { BLANK } else { *key });
        return Texts { codes: codes.collect(), distinct };
    }
    let mut distinct = Vec::new();
    let mut known: HashMap<String, u32> = HashMap::new();
    let codes = (0..column.len())
        .map(|row| match text_of(column, row) {
            None => BLANK,
            Some(text) => *known.entry(text).or_insert_with_key(|text| {
                distinct.push(text.clone());
                distinct.len() as u32 - 1
            }),
        })
        .collect();
    Texts { codes, distinct }
}

/// One field as text; none where it is empty.
pub(super) fn text_of(column: &ArrayRef, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    let text = match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Float64 => column.as_primitive::<Float64Type>().value(row).to_string(),
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        DataType::Date32 => column.as_primitive::<Date32Type>().value_as_date(row)?.format("%Y-%m-%d").to_string(),
        DataType::Decimal128(_, scale) => {
            Decimal::new(column.as_primitive::<Decimal128Type>().value(row), (*scale).max(0) as u8).to_string()
        }
        DataType::Dictionary(..) => {
            let dictionary = column.as_dictionary_opt::<UInt32Type>()?;
            let key = dictionary.keys().value(row) as usize;
            dictionary.values().as_string_opt::<i32>()?.value(key).trim().to_owned()
        }
        _ => column.as_string_opt::<i32>()?.value(row).trim().to_owned(),
    };
    (!text.is_empty()).then_some(text)
}

/// A float as people write it: the shortest decimal that reads as the same.
///
/// Up to 15 digits that decimal is the only one of so few digits, so whatever whole number of units reads as the float
/// is it.
fn decimal_of(value: f64, scale: u8) -> Result<Decimal, DecimalProblem> {
    let power = 10f64.powi(i32::from(scale));
    let units = (value * power).round();
    if scale <= 15 && units.abs() < 1e15 && units / power == value {
        return Ok(Decimal::new(units as i128, scale));
    }
    Decimal::parse(&value.to_string())
}

/// Reads a column as cells of a measure of some scale.
pub(super) fn fields(column: &ArrayRef, scale: u8) -> Vec<Field> {
    let of = |decimal: Result<Decimal, DecimalProblem>| match decimal.and_then(|decimal| decimal.cell(scale)) {
        Ok(cell) => Field::Cell(cell),
        Err(problem) => Field::Bad(problem),
    };
    let per_row = |read: &(dyn Fn(usize) -> Result<Decimal, DecimalProblem> + Sync)| -> Vec<Field> {
        let field = |row| if column.is_null(row) { Field::Blank } else { of(read(row)) };
        (0..column.len()).into_par_iter().map(field).collect()
    };
    match column.data_type() {
        DataType::Int64 => {
            let values = column.as_primitive::<Int64Type>();
            per_row(&|row| Ok(Decimal::new(i128::from(values.value(row)), 0)))
        }
        DataType::Decimal128(_, own) => {
            let values = column.as_primitive::<Decimal128Type>();
            let own = (*own).max(0) as u8;
            per_row(&|row| Ok(Decimal::new(values.value(row), own)))
        }
        DataType::Float64 => {
            let values = column.as_primitive::<Float64Type>();
            per_row(&|row| decimal_of(values.value(row), scale))
        }
        DataType::Utf8 => {
            let values = column.as_string::<i32>();
            let field = |row| match values.value(row).trim() {
                "" => Field::Blank,
                text if !values.is_null(row) => of(Decimal::parse(text)),
                _ => Field::Blank,
            };
            (0..column.len()).into_par_iter().map(field).collect()
        }
        _ => {
            let texts = texts(column);
            let distinct: Vec<Field> = texts.distinct.iter().map(|text| of(Decimal::parse(text))).collect();
            let field = |code: &u32| distinct.get(*code as usize).copied().unwrap_or(Field::Blank);
            texts.codes.par_iter().map(field).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Float64Array;
    use std::sync::Arc;

    #[test]
    fn what_is_no_number_of_a_float_is_no_cell() {
        let values = [
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e300,
            1e-300,
            -0.0,
            0.1 + 0.2,
            92_233_720_368_547_758.0,
            9e16,
        ];
        let column: ArrayRef = Arc::new(Float64Array::from(values.to_vec()));
        let found: Vec<Result<i64, DecimalProblem>> = fields(&column, 2)
            .into_iter()
            .map(|field| match field {
                Field::Cell(cell) => Ok(cell),
                Field::Bad(problem) => Err(problem),
                Field::Blank => panic!("a number is blank"),
            })
            .collect();
        let unreadable = || Err(DecimalProblem::Unreadable);
        assert_eq!(found[..3], [unreadable(), unreadable(), unreadable()]);
        assert!(found[3..5].iter().all(Result::is_err));
        assert_eq!(found[5], Ok(0));
        assert_eq!(found[6], Err(DecimalProblem::TooManyDigits));
        assert_eq!(found[7], Err(DecimalProblem::TooLarge));
        assert_eq!(found[8], Ok(9_000_000_000_000_000_000));
    }
}
