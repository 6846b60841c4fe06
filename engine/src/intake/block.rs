//! Some rows, each column in the narrowest integers that hold it.

use crate::storage::{Codes, Values};
use rayon::prelude::*;

/// Rows that came in one after the other.
pub(super) struct Block {
    rows: usize,
    numbers: Vec<Codes>,
    cells: Vec<Option<Values>>,
}

impl Block {
    pub fn encode(numbers: &[Vec<u32>], cells: &[Vec<Option<i64>>]) -> Self {
        let rows = numbers.first().map_or(0, Vec::len);
        let encode = || cells.par_iter().map(|column| Values::encode(column)).collect();
        let (numbers, cells) = rayon::join(|| numbers.par_iter().map(|column| Codes::encode(column)).collect(), encode);
        Block { rows, numbers, cells }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let cells = self.cells.iter().flatten().map(Values::bytes).sum::<usize>();
        self.numbers.iter().map(Codes::bytes).sum::<usize>() + cells
    }

    pub fn number(&self, dimension: usize, row: usize) -> u32 {
        self.numbers.get(dimension).map_or(0, |codes| codes.get(row))
    }

    pub fn numbers(&self, dimension: usize) -> Vec<u32> {
        self.numbers.get(dimension).map_or_else(Vec::new, Codes::decode)
    }

    pub fn values(&self, measure: usize) -> Option<&Values> {
        self.cells.get(measure)?.as_ref()
    }

    pub fn cell(&self, measure: usize, row: usize) -> Option<i64> {
        self.values(measure)?.get(row)
    }

    /// For each row whether it has a cell in any measure; none where all have.
    pub fn bare(&self) -> Option<Vec<bool>> {
        if self.cells.iter().flatten().any(|values| values.validity.is_none()) {
            return None;
        }
        let bare = |row: usize| self.cells.iter().flatten().all(|values| values.get(row).is_none());
        Some((0..self.rows).map(bare).collect())
    }
}
