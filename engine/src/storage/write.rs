//! What is written to cells.

use super::leaf_set::LeafSet;
use crate::coordinate::KeyLayout;
use crate::id::MeasureId;

/// What happens to one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// Nothing.
    Keep,
    /// It becomes empty.
    Clear,
    /// It gets this value.
    Put(i64),
}

impl Write {
    /// The cell after the write.
    pub(crate) fn onto(self, cell: Option<i64>) -> Option<i64> {
        match self {
            Write::Keep => cell,
            Write::Clear => None,
            Write::Put(value) => Some(value),
        }
    }
}

/// Writes to cells: leaves, and for each measure what happens at each.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    /// The leaves.
    pub leaves: LeafSet,
    /// For each measure as many writes as there are leaves.
    pub columns: Vec<(MeasureId, Vec<Write>)>,
    /// What rounding put on cells of the first of these: leaves in order, each with its units.
    pub rounding: Vec<(u128, i64)>,
}

impl Writes {
    /// Writes at sorted keys.
    pub fn at(layout: &KeyLayout, keys: &[u128], columns: Vec<(MeasureId, Vec<Write>)>) -> Self {
        Writes { leaves: LeafSet::of(layout, keys), columns, rounding: Vec::new() }
    }
}
