//! What an operation does to a version, in a form that can be done, taken back and kept.

use crate::coordinate::KeyLayout;
use crate::id::{MeasureId, MemberId};
use crate::schema::Schema;
use crate::storage::{Codes, Values, Write, Writes};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Whether a change is done or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Done.
    Forward,
    /// Taken back.
    Backward,
}

/// One step of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The model becomes another.
    Schema {
        /// What it was.
        before: Arc<Schema>,
        /// What it becomes.
        after: Arc<Schema>,
    },
    /// A scenario begins with all facts of another.
    Branch {
        /// The scenario that is there.
        from: MemberId,
        /// The new one, without facts until now.
        to: MemberId,
    },
    /// Cells get other values.
    Cells(Arc<Delta>),
}

/// Cells of one scenario before and after, column by column, in key order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The scenario.
    pub scenario: MemberId,
    /// How many leaves it names.
    pub rows: usize,
    /// For each coordinate the member ids.
    pub codes: Vec<Codes>,
    /// For each measure the cells before and after; none where all are empty.
    pub columns: Vec<DeltaColumn>,
}

/// One measure of a delta.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeltaColumn {
    /// The measure.
    pub measure: MeasureId,
    /// The cells before.
    pub before: Option<Values>,
    /// The cells after.
    pub after: Option<Values>,
}

/// A cell's coordinates and its value before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellDelta {
    /// The leaf.
    pub members: Vec<MemberId>,
    /// The measure.
    pub measure: MeasureId,
    /// Its value before.
    pub before: Option<i64>,
    /// Its value after.
    pub after: Option<i64>,
}

/// A measure with its cells before, none where it has none at all, and after.
pub(crate) type CellColumn = (MeasureId, Option<Vec<Option<i64>>>, Vec<Option<i64>>);

impl Delta {
    pub(crate) fn new(scenario: MemberId, layout: &KeyLayout, keys: &[u128], columns: Vec<CellColumn>) -> Self {
        let codes = (0..layout.width()).into_par_iter().map(|coordinate| {
            Codes::encode(&keys.iter().map(|key| layout.unpack(*key, coordinate)).collect::<Vec<_>>())
        });
        let codes = codes.collect();
        let columns = columns.into_par_iter().map(|(measure, before, after)| DeltaColumn {
            measure,
            before: before.and_then(|before| Values::encode(&before)),
            after: Values::encode(&after),
        });
        Delta { scenario, rows: keys.len(), codes, columns: columns.collect() }
    }

    /// The keys of some of its leaves.
    fn keys(&self, layout: &KeyLayout, rows: Range<usize>) -> Vec<u128> {
        rows.map(|row| layout.pack(self.codes.iter().map(|codes| codes.get(row)))).collect()
    }

    /// The facts it makes where there were none: keys and, measure by measure, cells of some of its leaves.
    pub(crate) fn facts(&self, layout: &KeyLayout, rows: Range<usize>) -> (Vec<u128>, Vec<Vec<Option<i64>>>) {
        let measures = self.columns.iter().map(|column| column.measure.index() + 1).max().unwrap_or(0);
        let mut cells = vec![vec![None; rows.len()]; measures];
        for column in &self.columns {
            if let Some(after) = &column.after {
                cells[column.measure.index()] = rows.clone().map(|row| after.get(row)).collect();
            }
        }
        (self.keys(layout, rows), cells)
    }

    /// The writes that do the delta or take it back.
    pub(crate) fn writes(&self, layout: &KeyLayout, direction: Direction) -> Writes {
        let keys = self.keys(layout, 0..self.rows);
        let columns = self
            .columns
            .iter()
            .map(|column| {
                let cell = |values: &Option<Values>, row| values.as_ref().and_then(|values| values.get(row));
                let writes = (0..self.rows).map(|row| {
                    let (before, after) = (cell(&column.before, row), cell(&column.after, row));
                    let target = if direction == Direction::Forward { after } else { before };
                    match target {
                        _ if before == after => Write::Keep,
                        None => Write::Clear,
                        Some(value) => Write::Put(value),
                    }
                });
                (column.measure, writes.collect())
            })
            .collect();
        Writes { keys, columns }
    }

    /// Shows each cell of a measure whose value differs: its coordinates, in place of the first of
    /// `codes`, its value before and after.
    pub(crate) fn visit(
        &self,
        measure: MeasureId,
        codes: &mut [u32],
        show: &mut impl FnMut(&[u32], Option<i64>, Option<i64>),
    ) {
        for column in self.columns.iter().filter(|column| column.measure == measure) {
            let cell = |values: &Option<Values>, row| values.as_ref().and_then(|values| values.get(row));
            for row in 0..self.rows {
                let (before, after) = (cell(&column.before, row), cell(&column.after, row));
                if before != after {
                    self.codes.iter().zip(codes.iter_mut()).for_each(|(known, code)| *code = known.get(row));
                    show(codes, before, after);
                }
            }
        }
    }

    /// The cells whose value differs.
    pub fn cells(&self) -> impl Iterator<Item = CellDelta> + '_ {
        self.columns.iter().flat_map(move |column| {
            (0..self.rows).filter_map(move |row| {
                let before = column.before.as_ref().and_then(|values| values.get(row));
                let after = column.after.as_ref().and_then(|values| values.get(row));
                let members = || self.codes.iter().map(|codes| MemberId(codes.get(row))).collect();
                (before != after).then(|| CellDelta { members: members(), measure: column.measure, before, after })
            })
        })
    }

    /// How many cells differ, and how many of them were empty before.
    pub fn count(&self) -> (u64, u64) {
        let mut counts = (0, 0);
        for column in &self.columns {
            if let (None, Some(after)) = (&column.before, &column.after) {
                let created = after.validity.as_ref().map_or(self.rows, |bits| bits.ones().count()) as u64;
                counts = (counts.0 + created, counts.1 + created);
                continue;
            }
            for row in 0..self.rows {
                let before = column.before.as_ref().and_then(|values| values.get(row));
                let after = column.after.as_ref().and_then(|values| values.get(row));
                if before != after {
                    counts.0 += 1;
                    counts.1 += u64::from(before.is_none());
                }
            }
        }
        counts
    }
}
