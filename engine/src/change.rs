//! What an operation does to a version, in a form that can be done, taken back and kept.

use crate::coordinate::KeyLayout;
use crate::id::{MeasureId, MemberId};
use crate::schema::Schema;
use crate::storage::{Chunk, Codes, Partition, Values, Write, Writes};
use rayon::prelude::*;
use std::collections::BTreeMap;
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
    /// A scenario without facts gets its first; they are those of the version after it.
    Facts {
        /// The scenario.
        scenario: MemberId,
        /// Its facts.
        facts: Partition,
    },
}

impl Change {
    /// The scenario whose cells it changes.
    pub fn scenario(&self) -> Option<MemberId> {
        match self {
            Change::Schema { .. } | Change::Branch { .. } => None,
            Change::Cells(delta) => Some(delta.scenario),
            Change::Facts { scenario, .. } => Some(*scenario),
        }
    }

    /// All cells it changes.
    pub fn delta(&self) -> Option<Arc<Delta>> {
        match self {
            Change::Facts { scenario, facts } => Some(Arc::new(Delta::of_chunks(*scenario, facts.chunks()))),
            other => other.deltas().next(),
        }
    }

    /// The cells it changes, part by part.
    pub fn deltas(&self) -> Box<dyn Iterator<Item = Arc<Delta>> + '_> {
        match self {
            Change::Schema { .. } | Change::Branch { .. } => Box::new(std::iter::empty()),
            Change::Cells(delta) => Box::new(std::iter::once(Arc::clone(delta))),
            Change::Facts { scenario, facts } => {
                let delta = |chunk| Arc::new(Delta::of_chunks(*scenario, std::slice::from_ref(chunk)));
                Box::new(facts.chunks().iter().map(delta))
            }
        }
    }
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
    /// What rounding put on cells, in units; no cell where it put nothing.
    pub rounding: Option<Values>,
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

impl CellDelta {
    /// What the change added to the cell.
    pub fn difference(&self) -> i128 {
        difference(self.before, self.after)
    }
}

/// What became of a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Changed {
    /// Its value before.
    pub before: Option<i64>,
    /// Its value after.
    pub after: Option<i64>,
    /// What rounding put on it, in units.
    pub rounding: i64,
}

/// What a cell's change adds to a sum: an empty cell adds nothing.
pub(crate) fn difference(before: Option<i64>, after: Option<i64>) -> i128 {
    i128::from(after.unwrap_or(0)) - i128::from(before.unwrap_or(0))
}

impl DeltaColumn {
    /// The cell of a row before and after.
    pub(crate) fn pair(&self, row: usize) -> (Option<i64>, Option<i64>) {
        let cell = |values: &Option<Values>| values.as_ref().and_then(|values| values.get(row));
        (cell(&self.before), cell(&self.after))
    }

    /// The rows whose cells differ, with both.
    fn differing(&self, rows: usize) -> impl Iterator<Item = (usize, Option<i64>, Option<i64>)> + '_ {
        let row = |row| (row, self.pair(row));
        (0..rows)
            .map(row)
            .filter(|(_, (before, after))| before != after)
            .map(|(row, (before, after))| (row, before, after))
    }
}

/// Units at some keys as cells of all of them; both in order.
fn placed(keys: &[u128], units: &[(u128, i64)]) -> Vec<Option<i64>> {
    let mut units = units.iter().peekable();
    let at = |key: &u128| {
        while units.next_if(|(known, _)| known < key).is_some() {}
        let mut sum = None;
        while let Some((_, more)) = units.next_if(|(known, _)| known == key) {
            sum = Some(sum.unwrap_or(0) + more);
        }
        sum
    };
    keys.iter().map(at).collect()
}

/// A measure with its cells before and after.
pub(crate) type CellColumn = (MeasureId, Vec<Option<i64>>, Vec<Option<i64>>);

impl Delta {
    /// What changes of cells come to; `rounding` is of the first column.
    pub(crate) fn new(
        scenario: MemberId,
        layout: &KeyLayout,
        keys: &[u128],
        columns: Vec<CellColumn>,
        rounding: &[(u128, i64)],
    ) -> Self {
        let codes = (0..layout.width()).into_par_iter().map(|coordinate| {
            Codes::encode(&keys.iter().map(|key| layout.unpack(*key, coordinate)).collect::<Vec<_>>())
        });
        let columns = columns.into_par_iter().map(|(measure, before, after)| {
            let (before, after) = rayon::join(|| Values::encode(&before), || Values::encode(&after));
            DeltaColumn { measure, before, after, rounding: None }
        });
        let (codes, columns) = rayon::join(|| codes.collect(), || columns.collect());
        let mut delta = Delta { scenario, rows: keys.len(), codes, columns };
        if let Some(first) = delta.columns.first_mut().filter(|_| !rounding.is_empty()) {
            first.rounding = Values::encode(&placed(keys, rounding));
        }
        delta
    }

    /// What makes the facts of some chunks where there were none.
    pub(crate) fn of_chunks(scenario: MemberId, chunks: &[Arc<Chunk>]) -> Self {
        let shape = chunks.iter().map(|chunk| chunk.shape());
        let (width, measures) =
            shape.fold((0, 0), |(width, most), (codes, columns)| (width.max(codes), most.max(columns)));
        let of = |coordinate| chunks.iter().flat_map(|chunk| chunk.members(coordinate)).collect::<Vec<u32>>();
        let column = |measure| {
            let after: Vec<Option<i64>> = chunks.iter().flat_map(|chunk| chunk.cells(measure)).collect();
            let after = Values::encode(&after)?;
            let measure = MeasureId::from_index(measure);
            Some(DeltaColumn { measure, before: None, after: Some(after), rounding: None })
        };
        Delta {
            scenario,
            rows: chunks.iter().map(|chunk| chunk.rows()).sum(),
            codes: (0..width).map(|coordinate| Codes::encode(&of(coordinate))).collect(),
            columns: (0..measures).filter_map(column).collect(),
        }
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
        let write = |column: &DeltaColumn, row| match (column.pair(row), direction) {
            ((before, after), _) if before == after => Write::Keep,
            ((_, Some(target)), Direction::Forward) | ((Some(target), _), Direction::Backward) => Write::Put(target),
            _ => Write::Clear,
        };
        let writes = |column: &DeltaColumn| (0..self.rows).map(|row| write(column, row)).collect();
        let columns = self.columns.iter().map(|column| (column.measure, writes(column))).collect();
        Writes { keys, columns, ..Writes::default() }
    }

    /// Shows each cell of a measure whose value differs: its coordinates, in place of the first of `codes`, and what
    /// became of it.
    pub(crate) fn visit(&self, measure: MeasureId, codes: &mut [u32], show: &mut impl FnMut(&[u32], Changed)) {
        for column in self.columns.iter().filter(|column| column.measure == measure) {
            for (row, before, after) in column.differing(self.rows) {
                self.codes.iter().zip(codes.iter_mut()).for_each(|(known, code)| *code = known.get(row));
                let rounding = column.rounding.as_ref().and_then(|units| units.get(row)).unwrap_or(0);
                show(codes, Changed { before, after, rounding });
            }
        }
    }

    /// The cells whose value differs.
    pub fn cells(&self) -> impl Iterator<Item = CellDelta> + '_ {
        self.columns
            .iter()
            .flat_map(move |column| column.differing(self.rows).map(move |(row, ..)| self.cell(column, row)))
    }

    /// What it added to a measure, by the members of a coordinate; all together where none is named.
    pub fn added(&self, measure: MeasureId, coordinate: Option<usize>) -> BTreeMap<Option<MemberId>, i128> {
        let mut added = BTreeMap::new();
        for column in self.columns.iter().filter(|column| column.measure == measure) {
            for (row, before, after) in column.differing(self.rows) {
                let member = coordinate.and_then(|coordinate| Some(MemberId(self.codes.get(coordinate)?.get(row))));
                *added.entry(member).or_default() += difference(before, after);
            }
        }
        added
    }

    /// The cells that changed most, in that order, as many as wanted; of equal ones the first.
    pub fn largest(&self, most: usize) -> Vec<CellDelta> {
        let mut largest: Vec<(u128, usize, usize)> = Vec::with_capacity(most + 1);
        for (place, column) in self.columns.iter().enumerate() {
            for (row, before, after) in column.differing(self.rows) {
                let size = difference(before, after).unsigned_abs();
                if largest.len() < most || largest.last().is_some_and(|(least, ..)| size > *least) {
                    let at = largest.partition_point(|(known, ..)| *known >= size);
                    largest.insert(at, (size, place, row));
                    largest.truncate(most);
                }
            }
        }
        largest.into_iter().map(|(_, column, row)| self.cell(&self.columns[column], row)).collect()
    }

    fn cell(&self, column: &DeltaColumn, row: usize) -> CellDelta {
        let members = self.codes.iter().map(|codes| MemberId(codes.get(row))).collect();
        let (before, after) = column.pair(row);
        CellDelta { members, measure: column.measure, before, after }
    }

    /// No more cells than this differ: a cell of each measure it names, at each leaf.
    pub fn most_cells(&self) -> usize {
        self.rows * self.columns.len()
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
            for (_, before, _) in column.differing(self.rows) {
                counts = (counts.0 + 1, counts.1 + u64::from(before.is_none()));
            }
        }
        counts
    }
}
