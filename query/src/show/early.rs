//! Stocks that end before the others: a team that was there until September is in the year with its heads of September,
//! and in no total, which is of December.

use super::cells::Position;
use super::over_rows::ShownFormula;
use super::pivot::Pivot;
use super::row::{Row, RowKind};
use crate::answer::{LabelKind, MeasureHeading};
use crate::formula::Formula;
use engine::id::{DimensionId, MemberId};
use engine::schema::Schema;

/// What is on the screen.
pub(super) struct Screen<'a> {
    pub rows: &'a [Row],
    pub columns: &'a [Position],
    pub totals: bool,
}

/// A cell whose stock ends early: where it is, its last period, and that of the others.
struct Early {
    position: Position,
    last: MemberId,
    others: MemberId,
}

/// Says of each stock that is shown where it ends before the others.
pub(super) fn notes(
    schema: &Schema,
    pivot: &Pivot,
    shown: &[ShownFormula],
    headings: &[MeasureHeading],
    screen: &Screen,
) -> Vec<String> {
    let note = |(shown, heading): (&ShownFormula, &MeasureHeading)| {
        let ShownFormula::Plain(formula) = shown else { return None };
        let Some(Formula::Leaf(term)) = pivot.formulas.get(*formula) else { return None };
        told(schema, pivot, &heading.name, screen, &early(pivot, *term, screen))
    };
    shown.iter().zip(headings).filter_map(note).collect()
}

fn early(pivot: &Pivot, term: usize, screen: &Screen) -> Vec<Early> {
    if pivot.cells.get(term).is_none_or(|cells| cells.early.is_empty()) {
        return Vec::new();
    }
    let rows = screen.rows.iter().filter(|row| row.kind == RowKind::Plain);
    let positions = rows
        .flat_map(|row| screen.columns.iter().map(move |column| [row.position.as_slice(), column.as_slice()].concat()));
    let early = |position: Position| {
        let (last, others) = pivot.early(term, &position)?;
        Some(Early { position, last, others })
    };
    positions.filter_map(early).collect()
}

/// `headcount at Orion, Finance is that of 2026-09, its last; the others are of 2026-12, and totals leave it out`
fn told(schema: &Schema, pivot: &Pivot, measure: &str, screen: &Screen, early: &[Early]) -> Option<String> {
    let first = early.first()?;
    let time = schema.dimension(schema.time()?);
    let items = pivot.items.iter().zip(&first.position).filter(|(item, _)| item.dimension != DimensionId::SCENARIO);
    let labels = items.map(|(item, element)| &item.elements[*element as usize].label);
    let at: Vec<&str> =
        labels.filter(|label| label.kind != LabelKind::Total).map(|label| label.text.as_str()).collect();
    let totals = if screen.totals { ", and totals leave it out" } else { "" };
    let more = if early.len() > 1 { format!("; so in {} more", early.len() - 1) } else { String::new() };
    let (last, others) = (time.leaf_name(first.last), time.leaf_name(first.others));
    Some(format!(
        "{measure} at {} is that of {last}, its last; the others are of {others}{totals}{more}",
        at.join(", ")
    ))
}
