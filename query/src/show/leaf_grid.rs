//! A formula read leaf by leaf in a slice, for the weights of a spread and for what is defined at leaves.

use super::axis::Item;
use super::binder::Asked;
use super::context::Context;
use super::grid::{self, ANY, Frame};
use super::pivot::Pivot;
use super::term::{Term, Terms};
use crate::answer::Value;
use crate::bind::{Names, Selection};
use crate::error::Result;
use crate::formula::Formula;
use crate::syntax::ast::Expr;
use std::collections::HashSet;

/// The values of a formula at the leaves of a slice.
pub(crate) struct LeafGrid {
    pivot: Pivot,
}

impl LeafGrid {
    /// Reads the formula.
    pub fn read(context: Context, names: Names, slice: &Selection, expr: &Expr) -> Result<Self> {
        let mut terms = Terms::default();
        let formula = Asked::plainly(names).formula(&mut terms, expr)?;
        LeafGrid::of(context, slice, terms.all(), formula)
    }

    /// Reads a bound formula.
    pub fn of(context: Context, slice: &Selection, terms: &[Term], formula: Formula<usize>) -> Result<Self> {
        let schema = context.snapshot.schema();
        let items: Vec<Item> = schema.coordinates().map(|id| Item::of_coordinates(schema.dimension(id), id)).collect();
        let cells = grid::evaluate(&Frame { context, items: &items, filter: slice }, terms)?;
        let inside = items.iter().map(|item| item.inside(slice)).collect();
        Ok(LeafGrid { pivot: Pivot { items, inside, favours: vec![None], cells, formulas: vec![formula] } })
    }

    /// Where its terms have data: a member id for each coordinate, none where a term's own
    /// selection replaces the dimension.
    pub fn positions(&self) -> HashSet<Vec<Option<u32>>> {
        let known = |code: &u32| (*code != ANY).then_some(*code);
        let positions = self.pivot.cells.iter().flat_map(|cells| cells.values.keys());
        positions.map(|position| position.iter().map(known).collect()).collect()
    }

    /// The formula's value at a leaf.
    pub fn value(&self, codes: &[u32]) -> Value {
        self.pivot.value(0, codes)
    }
}
