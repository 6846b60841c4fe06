//! What a change does to cells, along time as facts lie.

use super::Direction;
use crate::coordinate::KeyLayout;
use crate::id::{MeasureId, MemberId};
use crate::storage::{Chunk, Codes, Laid, LeafSet, Partition, Runs, Values, Write, Writes};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Cells of one scenario before and after, in key order. Leaves of one series that follow each other in time are a run,
/// as in a chunk: a column has a slot for each period from the first of a run to its last, and where there is no leaf
/// the slot is empty before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delta {
    /// The scenario.
    pub scenario: MemberId,
    /// How its leaves lie along time.
    pub runs: Runs,
    /// For each coordinate the member ids of the runs. None for time, of which the runs tell the periods; a record of an
    /// older version has them here, and a run for each leaf.
    pub codes: Vec<Option<Codes>>,
    /// For each measure the cells before and after; none where all are empty.
    pub columns: Vec<DeltaColumn>,
}

/// One measure of a delta, with as many cells as there are slots.
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
    /// The cell of a slot before and after.
    pub(crate) fn pair(&self, slot: usize) -> (Option<i64>, Option<i64>) {
        let cell = |values: &Option<Values>| values.as_ref().and_then(|values| values.get(slot));
        (cell(&self.before), cell(&self.after))
    }
}

/// Where in a delta a leaf is: its run, its slot among the periods, its place in the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Leaf {
    run: usize,
    slot: usize,
    at: usize,
}

/// Units at some keys as cells of all of them; both in order.
fn placed(keys: impl Iterator<Item = u128>, units: &[(u128, i64)]) -> Vec<Option<i64>> {
    let mut units = units.iter().peekable();
    let at = |key: u128| {
        while units.next_if(|(known, _)| *known < key).is_some() {}
        let mut sum = None;
        while let Some((_, more)) = units.next_if(|(known, _)| *known == key) {
            sum = Some(sum.unwrap_or(0) + more);
        }
        sum
    };
    keys.map(at).collect()
}

/// The cells of a column before a write, at each of its keys.
pub(crate) type Before = Vec<Option<i64>>;

impl Delta {
    /// What writes do that change something at each of their keys, given the cells before them, column by column.
    pub(crate) fn new(scenario: MemberId, layout: &KeyLayout, writes: &Writes, before: &[Before]) -> Self {
        let leaves = &writes.leaves;
        let (slots, places) = (leaves.runs().slots(), leaves.runs().places());
        let column = |((measure, column), before): (&(MeasureId, Vec<Write>), &Before)| {
            let after = column.iter().zip(before).map(|(write, cell)| write.onto(*cell));
            let (before, after) = rayon::join(
                || Values::placed(slots, &places, before.iter().copied()),
                || Values::placed(slots, &places, after),
            );
            DeltaColumn { measure: *measure, before, after, rounding: None }
        };
        let mut columns: Vec<DeltaColumn> = writes.columns.par_iter().zip(before).map(column).collect();
        if let Some(first) = columns.first_mut().filter(|_| !writes.rounding.is_empty()) {
            let units = placed(leaves.iter(), &writes.rounding);
            first.rounding = Values::placed(slots, &places, units.iter().copied());
        }
        Delta { scenario, runs: leaves.runs().clone(), codes: leaves.codes(layout), columns }
    }

    /// What makes the facts of some chunks where there were none.
    pub(crate) fn of_chunks(scenario: MemberId, chunks: &[Arc<Chunk>]) -> Self {
        let shape = chunks.iter().map(|chunk| chunk.shape());
        let (width, measures) =
            shape.fold((0, 0), |(width, most), (codes, columns)| (width.max(codes), most.max(columns)));
        let parts = chunks.iter().map(|chunk| {
            let codes = (0..width).map(|coordinate| chunk.codes(coordinate).map(Arc::as_ref));
            (chunk.runs(), codes.collect())
        });
        let laid = Laid::of_runs(&parts.collect::<Vec<_>>(), width);
        let places = laid.runs.places();
        let column = |measure| {
            let cells: Vec<Option<i64>> = chunks.iter().flat_map(|chunk| chunk.cells(measure)).collect();
            let after = Values::placed(laid.runs.slots(), &places, cells.iter().copied())?;
            let measure = MeasureId::from_index(measure);
            Some(DeltaColumn { measure, before: None, after: Some(after), rounding: None })
        };
        let columns = (0..measures).filter_map(column).collect();
        Delta { scenario, runs: laid.runs, codes: laid.codes, columns }
    }

    /// How many leaves it names.
    pub fn rows(&self) -> usize {
        self.runs.facts
    }

    /// Whether a leaf's period is that of its slot, and not among the codes.
    pub(crate) fn runs_tell_periods(&self) -> bool {
        self.codes.iter().any(Option::is_none)
    }

    fn leaves(&self) -> impl Iterator<Item = Leaf> + '_ {
        self.leaves_from(0)
    }

    fn leaves_from(&self, run: usize) -> impl Iterator<Item = Leaf> + '_ {
        let of_run = |run| self.runs.facts_of(run).map(move |(slot, at)| Leaf { run, slot, at });
        (run..self.runs.len()).flat_map(of_run)
    }

    fn code(&self, coordinate: usize, leaf: Leaf) -> u32 {
        match self.codes.get(coordinate) {
            Some(Some(codes)) => codes.get(leaf.run),
            _ => self.runs.periods.get(leaf.slot).copied().unwrap_or(0),
        }
    }

    /// The leaves whose cells differ in a column, with both.
    fn differing<'a>(&'a self, column: &'a DeltaColumn) -> impl Iterator<Item = (Leaf, Option<i64>, Option<i64>)> + 'a {
        let cells = self.leaves().map(|leaf| (leaf, column.pair(leaf.at)));
        cells.filter(|(_, (before, after))| before != after).map(|(leaf, (before, after))| (leaf, before, after))
    }

    /// The key of a run, without its period where the runs tell it.
    fn series(&self, layout: &KeyLayout, run: usize) -> u128 {
        let code = |codes: &Option<Codes>| codes.as_ref().map_or(0, |codes| codes.get(run));
        layout.pack(self.codes.iter().map(code))
    }

    /// The keys of some leaves.
    fn keys(&self, layout: &KeyLayout, leaves: impl Iterator<Item = Leaf>) -> Vec<u128> {
        let times = self.runs_tell_periods();
        let mut known = None;
        let key = |leaf: Leaf| {
            let (_, series) =
                known.filter(|(run, _)| *run == leaf.run).unwrap_or_else(|| (leaf.run, self.series(layout, leaf.run)));
            known = Some((leaf.run, series));
            if times { series | u128::from(self.runs.periods.get(leaf.slot).copied().unwrap_or(0)) } else { series }
        };
        leaves.map(key).collect()
    }

    /// Its leaves with their keys.
    fn as_leaves(&self, layout: &KeyLayout) -> LeafSet {
        match self.runs_tell_periods() {
            true => {
                let series = (0..self.runs.len()).map(|run| self.series(layout, run)).collect();
                LeafSet::of_runs(self.runs.clone(), series)
            }
            false => LeafSet::of(layout, &self.keys(layout, self.leaves())),
        }
    }

    /// The facts it makes where there were none.
    pub(crate) fn facts(&self, layout: &KeyLayout) -> Partition {
        let measures = self.columns.iter().map(|column| column.measure.index() + 1).max().unwrap_or(0);
        let before: Vec<usize> = (0..self.runs.len())
            .scan(0, |facts, run| {
                let before = *facts;
                *facts += self.runs.mask(run).count_ones() as usize;
                Some(before)
            })
            .collect();
        let part = |rows: Range<usize>| {
            let run = before.partition_point(|facts| *facts <= rows.start).saturating_sub(1);
            let skipped = rows.start - before.get(run).copied().unwrap_or(0);
            let leaves = || self.leaves_from(run).skip(skipped).take(rows.len());
            let mut cells = vec![vec![None; rows.len()]; measures];
            for column in &self.columns {
                if let Some(after) = &column.after {
                    cells[column.measure.index()] = leaves().map(|leaf| after.get(leaf.at)).collect();
                }
            }
            (self.keys(layout, leaves()), cells)
        };
        Partition::of(layout, self.rows(), &part)
    }

    /// The writes that do the delta or take it back.
    pub(crate) fn writes(&self, layout: &KeyLayout, direction: Direction) -> Writes {
        let write = |column: &DeltaColumn, leaf: Leaf| match (column.pair(leaf.at), direction) {
            ((before, after), _) if before == after => Write::Keep,
            ((_, Some(target)), Direction::Forward) | ((Some(target), _), Direction::Backward) => Write::Put(target),
            _ => Write::Clear,
        };
        let writes = |column: &DeltaColumn| self.leaves().map(|leaf| write(column, leaf)).collect();
        let columns = self.columns.iter().map(|column| (column.measure, writes(column))).collect();
        Writes { leaves: self.as_leaves(layout), columns, ..Writes::default() }
    }

    /// Shows each cell of a measure whose value differs: its coordinates, in place of the first of `codes`, and what
    /// became of it.
    pub(crate) fn visit(&self, measure: MeasureId, codes: &mut [u32], show: &mut impl FnMut(&[u32], Changed)) {
        for column in self.columns.iter().filter(|column| column.measure == measure) {
            let mut current = None;
            for (leaf, before, after) in self.differing(column) {
                let same = current == Some(leaf.run);
                let known = self.codes.iter().enumerate().zip(codes.iter_mut());
                known
                    .filter(|((_, codes), _)| !same || codes.is_none())
                    .for_each(|((coordinate, _), code)| *code = self.code(coordinate, leaf));
                current = Some(leaf.run);
                let rounding = column.rounding.as_ref().and_then(|units| units.get(leaf.at)).unwrap_or(0);
                show(codes, Changed { before, after, rounding });
            }
        }
    }

    /// The cells whose value differs.
    pub fn cells(&self) -> impl Iterator<Item = CellDelta> + '_ {
        self.columns
            .iter()
            .flat_map(move |column| self.differing(column).map(move |(leaf, ..)| self.cell(column, leaf)))
    }

    /// What it added to a measure, by the members of a coordinate; all together where none is named.
    pub fn added(&self, measure: MeasureId, coordinate: Option<usize>) -> BTreeMap<Option<MemberId>, i128> {
        let mut added = BTreeMap::new();
        let coordinate = coordinate.filter(|coordinate| *coordinate < self.codes.len());
        for column in self.columns.iter().filter(|column| column.measure == measure) {
            for (leaf, before, after) in self.differing(column) {
                let member = coordinate.map(|coordinate| MemberId(self.code(coordinate, leaf)));
                *added.entry(member).or_default() += difference(before, after);
            }
        }
        added
    }

    /// The cells that changed most, in that order, as many as wanted; of equal ones the first in leaf order.
    pub fn largest(&self, most: usize) -> Vec<CellDelta> {
        let mut largest: Vec<(u128, usize, Leaf)> = Vec::with_capacity(most + 1);
        for (place, column) in self.columns.iter().enumerate() {
            for (leaf, before, after) in self.differing(column) {
                let size = difference(before, after).unsigned_abs();
                if largest.len() < most || largest.last().is_some_and(|(least, ..)| size >= *least) {
                    let goes_before = |(known, of, other): &(u128, usize, Leaf)| {
                        let listed = || self.listed(*other).cmp(self.listed(leaf));
                        size.cmp(known).then(of.cmp(&place)).then_with(listed).is_lt()
                    };
                    largest.insert(largest.partition_point(goes_before), (size, place, leaf));
                    largest.truncate(most);
                }
            }
        }
        largest.into_iter().map(|(_, column, leaf)| self.cell(&self.columns[column], leaf)).collect()
    }

    /// The members of a leaf by which it has its place in leaf order, the period last.
    fn listed(&self, leaf: Leaf) -> impl Iterator<Item = u32> + '_ {
        let members = self.codes.iter().flatten().map(move |codes| codes.get(leaf.run));
        members.chain([self.runs.periods.get(leaf.slot).copied().unwrap_or(0)])
    }

    fn cell(&self, column: &DeltaColumn, leaf: Leaf) -> CellDelta {
        let members = (0..self.codes.len()).map(|coordinate| MemberId(self.code(coordinate, leaf))).collect();
        let (before, after) = column.pair(leaf.at);
        CellDelta { members, measure: column.measure, before, after }
    }

    /// No more cells than this differ: a cell of each measure it names, at each leaf.
    pub fn most_cells(&self) -> usize {
        self.rows() * self.columns.len()
    }

    /// How many cells differ, and how many of them were empty before.
    pub fn count(&self) -> (u64, u64) {
        let mut counts = (0, 0);
        for column in &self.columns {
            if let (None, Some(after)) = (&column.before, &column.after) {
                let created = after.validity.as_ref().map_or(after.rows, |bits| bits.ones().count()) as u64;
                counts = (counts.0 + created, counts.1 + created);
                continue;
            }
            for (_, before, _) in self.differing(column) {
                counts = (counts.0 + 1, counts.1 + u64::from(before.is_none()));
            }
        }
        counts
    }
}
