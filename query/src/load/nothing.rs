//! Texts of a file that stand for nothing: `supervisor_id -> parent unless 0`.

use super::column::text_of;
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Literal, Load};
use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch};
use engine::decimal::Decimal;
use std::sync::Arc;

/// A file with the fields blank that its mapping says stand for nothing. A column that is not there is
/// left for others to refuse.
pub(super) fn without_nothings(load: &Load, file: &RecordBatch) -> Result<RecordBatch> {
    if load.mapping.iter().all(|mapping| mapping.unless.is_empty()) {
        return Ok(file.clone());
    }
    let schema = file.schema();
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for (place, field) in schema.fields().iter().enumerate() {
        let mut of = load.mapping.iter().filter(|mapping| mapping.column.text.eq_ignore_ascii_case(field.name()));
        let nothing: Vec<&Literal> = of.next().map_or_else(Vec::new, |mapping| mapping.unless.iter().collect());
        let column = file.column(place);
        let column = if nothing.is_empty() { Arc::clone(column) } else { blanked(column, &nothing) };
        columns.push((field.name().clone(), column));
    }
    let named = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(named)
        .map_err(|error| Error::new(ErrorKind::Refused, format!("the file cannot be read: {error}"), None))
}

fn blanked(column: &ArrayRef, nothing: &[&Literal]) -> ArrayRef {
    let texts: Vec<Option<String>> =
        (0..column.len()).map(|row| text_of(column, row).filter(|text| !stands_for_nothing(nothing, text))).collect();
    Arc::new(texts.iter().map(Option::as_deref).collect::<DictionaryArray<UInt32Type>>())
}

/// Whether a field is one of some texts, in any case, or one of some numbers, however it is written.
pub(super) fn stands_for_nothing(nothing: &[&Literal], field: &str) -> bool {
    nothing.iter().any(|literal| match literal {
        Literal::Text(text, _) => text.trim().eq_ignore_ascii_case(field),
        Literal::Number(number) => {
            let written = Decimal::new(number.units, number.scale);
            Decimal::parse(field).is_ok_and(|decimal| is_same(decimal, written))
        }
    })
}

fn is_same(one: Decimal, other: Decimal) -> bool {
    let scale = one.scale.max(other.scale);
    one.units_at(scale).is_ok_and(|units| other.units_at(scale).is_ok_and(|other| units == other))
}
