//! A formula read leaf by leaf in a slice.

use super::super::axis::Item;
use super::super::cells::ANY;
use super::super::context::Context;
use super::super::pivot::Pivot;
use super::super::term::Term;
use super::{Frame, evaluate};
use crate::answer::Value;
use crate::bind::Selection;
use crate::error::Result;
use crate::formula::Formula;
use engine::memory::{afford, bytes};
use std::collections::HashSet;

/// Bytes of a leaf that a formula is read at, and of what is made of it.
const POSITION_BYTES: usize = 384;

/// The values of a formula at the leaves of a slice.
pub(crate) struct LeafGrid {
    pivot: Pivot,
}

impl LeafGrid {
    /// Reads a bound formula.
    pub fn of(context: Context, slice: &Selection, terms: &[Term], formula: Formula<usize>) -> Result<Self> {
        let schema = context.snapshot.schema();
        let items: Vec<Item> = schema.coordinates().map(|id| Item::of_coordinates(schema.dimension(id), id)).collect();
        let cells = evaluate(&Frame { context, items: &items, filter: slice, merged: None }, terms)?;
        let inside = items.iter().map(|item| item.inside(slice)).collect();
        Ok(LeafGrid { pivot: Pivot { items, inside, favours: vec![None], cells, formulas: vec![formula] } })
    }

    /// Where its terms have data: a member id for each coordinate, none where a term's own
    /// selection replaces the dimension.
    ///
    /// Errors: more memory than a statement may take.
    pub fn positions(&self) -> Result<HashSet<Vec<Option<u32>>>> {
        let known = |code: &u32| (*code != ANY).then_some(*code);
        let count = self.pivot.cells.iter().map(|cells| cells.values.len()).sum();
        afford("the leaves of a formula", bytes(count, POSITION_BYTES))?;
        let positions = self.pivot.cells.iter().flat_map(|cells| cells.values.keys());
        Ok(positions.map(|position| position.iter().map(known).collect()).collect())
    }

    /// The formula's value at a leaf.
    pub fn value(&self, codes: &[u32]) -> Value {
        self.pivot.value(0, codes)
    }
}
