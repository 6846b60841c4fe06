//! Rows on their way in: held narrow, in the order of the file, until all are there; then sorted by key.
//!
//! ```text
//! block     64 Ki rows: for each dimension the numbers of what they name, for each measure their cells
//! sorted    the rows of one scenario in key order; several rows of one leaf are one fact
//! ```
//!
//! What a number stands for is known only when the last row is there, as members may be made of what all
//! rows name. How rows come in, many or few at a time, is of no matter to what comes out.

mod block;
mod order;
mod sorted;

pub use order::widest_first;
pub use sorted::{Again, Joining, Sorted};

use crate::error::{EngineError, Result};
use block::Block;
use rayon::prelude::*;

/// How many rows a block has.
const BLOCK_ROWS: usize = 1 << 16;

/// Rows of one shape.
pub struct Intake {
    blocks: Vec<Block>,
    numbers: Vec<Vec<u32>>,
    cells: Vec<Vec<Option<i64>>>,
    rows: usize,
    /// Bytes of the blocks.
    bytes: usize,
}

impl Intake {
    /// No rows yet, of so many dimensions and measures.
    pub fn new(dimensions: usize, measures: usize) -> Self {
        Intake {
            blocks: Vec::new(),
            numbers: vec![Vec::new(); dimensions],
            cells: vec![Vec::new(); measures],
            rows: 0,
            bytes: 0,
        }
    }

    /// Takes in rows: for each dimension their numbers, for each measure their cells.
    ///
    /// Errors: more than 4,294,967,295 rows.
    pub fn take(&mut self, rows: usize, numbers: &[Vec<u32>], cells: &[Vec<Option<i64>>]) -> Result<()> {
        if u32::try_from(self.rows + rows).is_err() {
            let message = format!("more than {} rows cannot be loaded at once", u32::MAX);
            return Err(EngineError::refused(message, "load the file in parts"));
        }
        let mut start = 0;
        while start < rows {
            let end = rows.min(start + BLOCK_ROWS - self.rows % BLOCK_ROWS);
            self.numbers.iter_mut().zip(numbers).for_each(|(held, new)| held.extend_from_slice(&new[start..end]));
            self.cells.iter_mut().zip(cells).for_each(|(held, new)| held.extend_from_slice(&new[start..end]));
            self.rows += end - start;
            start = end;
            if self.rows.is_multiple_of(BLOCK_ROWS) {
                self.close();
            }
        }
        Ok(())
    }

    /// Takes note that all rows are there.
    pub fn end(&mut self) {
        if !self.rows.is_multiple_of(BLOCK_ROWS) {
            self.close();
        }
        (self.numbers, self.cells) = (Vec::new(), Vec::new());
    }

    fn close(&mut self) {
        let block = Block::encode(&self.numbers, &self.cells);
        self.bytes += block.bytes();
        self.blocks.push(block);
        self.numbers.iter_mut().for_each(Vec::clear);
        self.cells.iter_mut().for_each(Vec::clear);
    }

    /// Bytes in memory, but for those of the last rows.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// What a row names in a dimension.
    pub fn number(&self, dimension: usize, row: usize) -> u32 {
        self.blocks.get(row / BLOCK_ROWS).map_or(0, |block| block.number(dimension, row % BLOCK_ROWS))
    }

    /// A row's cell in a measure.
    pub fn cell(&self, measure: usize, row: usize) -> Option<i64> {
        self.blocks.get(row / BLOCK_ROWS)?.cell(measure, row % BLOCK_ROWS)
    }

    /// The rows whose number in a dimension is one of some, in order.
    pub fn rows_of(&self, dimension: usize, is_one: &[bool]) -> Vec<usize> {
        let of_block = |(place, block): (usize, &Block)| {
            let numbers = block.numbers(dimension);
            let found = numbers.iter().enumerate().filter(|(_, number)| is_one[**number as usize]);
            found.map(|(row, _)| place * BLOCK_ROWS + row).collect::<Vec<usize>>()
        };
        self.blocks.par_iter().enumerate().map(of_block).collect::<Vec<_>>().concat()
    }
}
