//! The cells of terms at every position of the axes.
//!
//! ```text
//! reach     which coordinates of a dimension a position's elements reach, relative selections led along
//! source    the scenarios read, and what each gives to which elements
//! asked     the request for terms under one selection, and its cells added to positions
//! at_leaves formulas worked out leaf by leaf
//! gathered  what the cells of one term come to at one position
//! leaf_grid a formula read leaf by leaf
//! over      functions of values at the members of an item
//! ```

mod asked;
mod at_leaves;
mod gathered;
mod leaf_grid;
mod over;
mod reach;
mod source;

use super::axis::Item;
use super::cells::TermCells;
use super::context::Context;
use super::merged::Merged;
use super::term::{Kind, Term};
use crate::bind::Selection;
use crate::error::Result;
use asked::Asked;
use engine::measure::Measure;
use engine::schema::Schema;

pub(crate) use leaf_grid::LeafGrid;

/// What a grid is made over.
pub(super) struct Frame<'a> {
    pub context: Context<'a>,
    pub items: &'a [Item],
    pub filter: &'a Selection,
    /// Rows that are added up, where only the rows that stand for them are asked for.
    pub merged: Option<&'a Merged>,
}

/// Asks for all terms: measures under the same selection together, every other term by itself.
pub(super) fn evaluate(frame: &Frame, terms: &[Term]) -> Result<Vec<TermCells>> {
    let schema = frame.context.snapshot.schema();
    let mut results: Vec<Option<TermCells>> = terms.iter().map(|_| None).collect();
    for place in 0..terms.len() {
        if results[place].is_some() {
            continue;
        }
        if let Kind::Over(over) = &terms[place].kind {
            results[place] = Some(over::evaluate(frame, over)?);
            continue;
        }
        let group: Vec<usize> =
            (place..terms.len()).filter(|other| together(schema, &terms[place], &terms[*other])).collect();
        let asked: Vec<&Term> = group.iter().map(|term| &terms[*term]).collect();
        let cells = Asked::new(frame, &asked)?.cells()?;
        for (term, cells) in group.into_iter().zip(cells) {
            results[term] = Some(cells);
        }
    }
    Ok(results.into_iter().flatten().collect())
}

/// Whether one request answers both.
fn together(schema: &Schema, one: &Term, other: &Term) -> bool {
    match (one.measure(), other.measure()) {
        (Some(a), Some(b)) => one.selection == other.selection && is_stock(schema, a) == is_stock(schema, b),
        _ => one == other,
    }
}

fn is_stock(schema: &Schema, measure: engine::id::MeasureId) -> bool {
    schema.measure(measure).is_some_and(Measure::is_stock) && schema.time().is_some()
}
