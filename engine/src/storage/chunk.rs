//! Some 64 Ki facts as columns, never changed once made.

use super::codes::Codes;
use super::values::Values;
use crate::coordinate::KeyLayout;
use std::sync::Arc;

/// Facts sorted by key: a column for each coordinate, a column for each measure that has data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    rows: usize,
    codes: Vec<Arc<Codes>>,
    values: Vec<Option<Arc<Values>>>,
}

impl Chunk {
    /// A chunk from its columns, each with as many rows.
    pub fn new(rows: usize, codes: Vec<Arc<Codes>>, values: Vec<Option<Arc<Values>>>) -> Self {
        Chunk { rows, codes, values }
    }

    /// A chunk from sorted keys and the cells of each measure.
    pub(super) fn encode(layout: &KeyLayout, keys: &[u128], cells: &[Vec<Option<i64>>]) -> Self {
        let codes = (0..layout.width())
            .map(|coordinate| {
                let column: Vec<u32> = keys.iter().map(|key| layout.unpack(*key, coordinate)).collect();
                Arc::new(Codes::encode(&column))
            })
            .collect();
        let values = cells.iter().map(|column| Values::encode(column).map(Arc::new)).collect();
        Chunk { rows: keys.len(), codes, values }
    }

    /// How many facts there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The member ids of one coordinate.
    pub fn codes(&self, coordinate: usize) -> Option<&Arc<Codes>> {
        self.codes.get(coordinate)
    }

    /// The cells of one measure; none where no fact of the chunk has one.
    pub fn values(&self, measure: usize) -> Option<&Arc<Values>> {
        self.values.get(measure).and_then(Option::as_ref)
    }

    /// How many coordinate and measure columns there are.
    pub fn shape(&self) -> (usize, usize) {
        (self.codes.len(), self.values.len())
    }

    /// The key of a row.
    pub fn key(&self, layout: &KeyLayout, row: usize) -> u128 {
        layout.pack(self.codes.iter().map(|codes| codes.get(row)))
    }

    /// The keys of all rows, in order.
    pub fn keys(&self, layout: &KeyLayout) -> Vec<u128> {
        (0..self.rows).map(|row| self.key(layout, row)).collect()
    }

    /// The cells of one measure, unpacked.
    pub fn cells(&self, measure: usize) -> Vec<Option<i64>> {
        self.values(measure).map_or_else(|| vec![None; self.rows], |values| values.decode())
    }

    /// The same rows with one measure's cells replaced.
    pub(super) fn with_cells(&self, measure: usize, cells: &[Option<i64>]) -> Self {
        let mut chunk = self.clone();
        if chunk.values.len() <= measure {
            chunk.values.resize(measure + 1, None);
        }
        chunk.values[measure] = Values::encode(cells).map(Arc::new);
        chunk
    }

    /// The same rows with as many coordinates as a schema has now: new ones are the same everywhere.
    pub(super) fn fitted(&self, width: usize, constant: &dyn Fn(usize) -> u32) -> Self {
        let mut chunk = self.clone();
        chunk.codes.truncate(width);
        for coordinate in chunk.codes.len()..width {
            chunk.codes.push(Arc::new(Codes::encode(&vec![constant(coordinate); self.rows])));
        }
        chunk
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let codes: usize = self.codes.iter().map(|codes| codes.bytes()).sum();
        let values: usize = self.values.iter().flatten().map(|values| values.bytes()).sum();
        codes + values
    }
}
