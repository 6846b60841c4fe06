//! Some 64 Ki facts as columns, never changed once made.
//!
//! Facts of one series that follow each other in time are a run: its other coordinates are kept
//! once, and its measures lie side by side, period after period. See [`Runs`].

use super::bits::{Bits, ones};
use super::codes::{Codes, Rows};
use super::column::Column;
use super::leaf_set::{Drawn, LeafSet, Stretch};
use super::patch::{Patch, Place};
use super::runs::Runs;
use super::search::gallop;
use crate::coordinate::KeyLayout;
use crate::id::MemberId;
use std::ops::Range;
use std::sync::Arc;

/// Facts sorted by key: runs, a column of members for each coordinate but time, a column of cells for each measure
/// that has data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    runs: Arc<Runs>,
    /// For each coordinate as many members as there are runs; none for time.
    codes: Vec<Option<Arc<Codes>>>,
    columns: Vec<Option<Arc<Column>>>,
}

impl Chunk {
    /// A chunk from its parts, which must fit each other.
    pub fn new(runs: Runs, codes: Vec<Option<Arc<Codes>>>, columns: Vec<Option<Arc<Column>>>) -> Self {
        Chunk { runs: Arc::new(runs), codes, columns }
    }

    /// A chunk of facts from their leaves and the cells of each measure.
    pub(super) fn encode<'c>(
        layout: &KeyLayout,
        leaves: &LeafSet,
        cells: impl Iterator<Item = &'c [Option<i64>]>,
    ) -> Self {
        let column = |cells: &[Option<i64>]| Column::of(&leaves.runs().column(cells), leaves.runs());
        let columns = cells.map(|cells| column(cells).map(Arc::new)).collect();
        let codes = leaves.codes(layout).into_iter().map(|codes| codes.map(Arc::new)).collect();
        Chunk { runs: Arc::new(leaves.runs().clone()), codes, columns }
    }

    /// How many facts there are.
    pub fn rows(&self) -> usize {
        self.runs.facts
    }

    /// How the facts lie along time.
    pub fn runs(&self) -> &Runs {
        &self.runs
    }

    /// The member ids of the runs in one coordinate; none for time.
    pub fn codes(&self, coordinate: usize) -> Option<&Arc<Codes>> {
        self.codes.get(coordinate).and_then(Option::as_ref)
    }

    /// The cells of one measure; none where no fact of the chunk has one.
    pub fn column(&self, measure: usize) -> Option<&Arc<Column>> {
        self.columns.get(measure).and_then(Option::as_ref)
    }

    /// How many coordinate and measure columns there are.
    pub fn shape(&self) -> (usize, usize) {
        (self.codes.len(), self.columns.len())
    }

    /// The key of a run, without its period.
    pub fn series(&self, layout: &KeyLayout, run: usize) -> u128 {
        layout.pack(self.codes.iter().map(|codes| codes.as_ref().map_or(0, |codes| codes.get(run))))
    }

    /// The first key.
    pub fn first_key(&self, layout: &KeyLayout) -> u128 {
        self.with_period(layout, self.series(layout, 0), self.runs.first(0))
    }

    /// The key of a series in the period of a slot.
    pub fn with_period(&self, layout: &KeyLayout, series: u128, slot: usize) -> u128 {
        match (layout.time(), self.runs.periods.get(slot)) {
            (Some(time), Some(period)) => layout.with(series, time, MemberId(*period)),
            _ => series,
        }
    }

    /// The leaves of all facts.
    pub fn leaves(&self, layout: &KeyLayout) -> LeafSet {
        let series = (0..self.runs.len()).map(|run| self.series(layout, run)).collect();
        LeafSet::of_runs(Runs::clone(&self.runs), series)
    }

    /// The leaves whose cells in a measure are not empty and whose coordinates are all inside (for each coordinate which
    /// members are, all of them where none), with their values.
    pub fn leaves_where(
        &self,
        layout: &KeyLayout,
        measure: usize,
        inside: &[Option<Vec<bool>>],
    ) -> (LeafSet, Vec<i64>) {
        let (mut drawn, mut values) = (Drawn::default(), Vec::new());
        let Some(column) = self.column(measure).filter(|_| self.may_have(layout, inside)) else {
            return Default::default();
        };
        let mut rows = Rows::All(self.runs.len());
        for (codes, inside) in self.codes.iter().zip(inside) {
            if let (Some(codes), Some(inside)) = (codes, inside) {
                rows = codes.keep(inside, rows);
            }
        }
        let slots = self.slots_inside(layout, inside);
        let mut cells = [0; 64];
        rows.each(|run| {
            let first = self.runs.first(run);
            let mask = column.mask(&self.runs, run) & slots.window(first);
            if mask != 0 {
                drawn.push_run(self.series(layout, run), first, mask);
                column.read(self.runs.start(run), mask, &mut cells);
                values.extend_from_slice(squeezed(mask, &mut cells));
            }
        });
        (drawn.finish(self.runs.periods.clone()), values)
    }

    /// Whether any run may lie inside, as the coordinate says that keys are sorted by first.
    fn may_have(&self, layout: &KeyLayout, inside: &[Option<Vec<bool>>]) -> bool {
        let leading = layout.leading();
        let (Some(codes), Some(Some(inside))) = (self.codes(leading), inside.get(leading)) else { return true };
        let (least, most) = (codes.get(0) as usize, codes.get(self.runs.len().saturating_sub(1)) as usize);
        inside.get(least..inside.len().min(most + 1)).is_some_and(|members| members.contains(&true))
    }

    /// The slots whose periods are inside.
    fn slots_inside(&self, layout: &KeyLayout, inside: &[Option<Vec<bool>>]) -> Bits {
        let is_inside = |period: u32| match layout.time().and_then(|time| inside.get(time)) {
            Some(Some(inside)) => inside.get(period as usize).copied().unwrap_or(false),
            _ => true,
        };
        Bits::from_fn(self.runs.periods.len(), |slot| is_inside(self.runs.periods[slot]))
    }

    /// The cells of all facts in one measure, in key order.
    pub fn cells(&self, measure: usize) -> Vec<Option<i64>> {
        let Some(column) = self.column(measure) else { return vec![None; self.rows()] };
        let mut cells = Vec::with_capacity(self.rows());
        let mut values = [0; 64];
        for run in 0..self.runs.len() {
            let mask = column.mask(&self.runs, run);
            column.read(self.runs.start(run), mask, &mut values);
            cells.extend(ones(self.runs.mask(run)).map(|bit| (mask >> bit & 1 == 1).then(|| values[bit])));
        }
        cells
    }

    /// The cell of a fact.
    pub fn cell(&self, measure: usize, place: Place) -> Option<i64> {
        self.column(measure)?.get(&self.runs, place)
    }

    /// The cells of some facts in one measure, put into `cells`, which are empty; they stay so where there is no fact.
    pub(super) fn gather(&self, measure: usize, places: &[Place], cells: &mut [Option<i64>]) {
        if let Some(column) = self.column(measure) {
            column.gather(&self.runs, places, cells);
        }
    }

    /// The same facts with some cells of one measure replaced; they may become empty or have been empty.
    pub(super) fn with_cells(&self, measure: usize, patch: Patch) -> Self {
        let mut chunk = self.clone();
        if chunk.columns.len() <= measure {
            chunk.columns.resize(measure + 1, None);
        }
        let in_place = self.column(measure).and_then(|column| column.patched(patch, &self.runs));
        chunk.columns[measure] = in_place.or_else(|| self.encoded_anew(measure, patch)).map(Arc::new);
        chunk
    }

    /// Whether a column has differences that had better be merged.
    pub(super) fn differs(&self) -> bool {
        self.columns.iter().flatten().any(|column| column.differs())
    }

    /// The same chunk with these merged.
    pub(super) fn settled(&self) -> Self {
        let settled =
            |column: &Arc<Column>| if column.differs() { Arc::new(column.settled()) } else { Arc::clone(column) };
        let columns = self.columns.iter().map(|column| column.as_ref().map(settled)).collect();
        Chunk { columns, ..self.clone() }
    }

    fn encoded_anew(&self, measure: usize, patch: Patch) -> Option<Column> {
        let mut cells = self.runs.column(&self.cells(measure));
        patch.changes().for_each(|(at, _, after)| cells[at as usize] = after);
        Column::of(&cells, &self.runs)
    }

    /// The same facts with as many coordinates as a schema has now: new ones are the same everywhere.
    pub(super) fn fitted(&self, layout: &KeyLayout, constant: &dyn Fn(usize) -> u32) -> Self {
        let mut chunk = self.clone();
        chunk.codes.truncate(layout.width());
        for coordinate in chunk.codes.len()..layout.width() {
            if layout.time() == Some(coordinate) {
                chunk.codes.push(None);
                chunk.runs = Arc::new(Runs { periods: vec![constant(coordinate)], ..Runs::clone(&self.runs) });
            } else {
                chunk.codes.push(Some(Arc::new(Codes::Constant(constant(coordinate), self.runs.len()))));
            }
        }
        chunk
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let codes: usize = self.codes.iter().flatten().map(|codes| codes.bytes()).sum();
        let columns: usize = self.columns.iter().flatten().map(|column| column.bytes()).sum();
        self.runs.bytes() + codes + columns
    }
}

/// The values at the bits that are set, moved together.
fn squeezed(mask: u64, values: &mut [i64; 64]) -> &[i64] {
    let mut there = 0;
    for bit in 0..(u64::BITS - mask.leading_zeros()) as usize {
        values[there] = values[bit];
        there += (mask >> bit & 1) as usize;
    }
    &values[..there]
}

/// Where the facts of some leaves are in a chunk; nowhere where there is none.
pub(super) fn places(chunk: &Chunk, layout: &KeyLayout, leaves: &LeafSet) -> Vec<Place> {
    let mut places = Vec::with_capacity(leaves.len());
    let mut finder = Finder { chunk, layout, runs: 0..0 };
    let slot_of = |period: &u32| chunk.runs.periods.binary_search(period).ok();
    let slots: Vec<Option<usize>> = leaves.runs().periods.iter().map(slot_of).collect();
    let alike = leaves.runs().periods == chunk.runs.periods;
    for stretch in leaves.stretches() {
        finder.seek(stretch.series);
        match finder.whole(&stretch).filter(|_| alike) {
            Some(run) => {
                let (start, first) = (chunk.runs.start(run), chunk.runs.first(run));
                places.extend(stretch.slots().map(|slot| Place::new(run, start + slot - first)));
            }
            None => {
                let place = |slot: usize| finder.find(slots[slot]?);
                places.extend(stretch.slots().map(|slot| place(slot).unwrap_or(Place::NOWHERE)));
            }
        }
    }
    places
}

/// Finds facts, series after series in key order.
struct Finder<'a> {
    chunk: &'a Chunk,
    layout: &'a KeyLayout,
    /// The runs of the series looked for last.
    runs: Range<usize>,
}

impl Finder<'_> {
    /// The run that has all facts of a stretch, whose slots must be numbered as the chunk's.
    fn whole(&self, stretch: &Stretch) -> Option<usize> {
        let runs = &self.chunk.runs;
        let run = self.runs.clone().rev().find(|run| runs.first(*run) <= stretch.first)?;
        let skipped = (stretch.first - runs.first(run)) as u32;
        let facts = runs.mask(run).checked_shr(skipped)?;
        (stretch.mask & !facts == 0).then_some(run)
    }

    /// Where the fact of a slot is in the series looked for last.
    fn find(&self, slot: usize) -> Option<Place> {
        let runs = &self.chunk.runs;
        let run = self.runs.clone().rev().find(|run| runs.first(*run) <= slot)?;
        let bit = slot - runs.first(run);
        let has = bit < u64::BITS as usize && runs.mask(run) >> bit & 1 == 1;
        has.then(|| Place::new(run, runs.start(run) + bit))
    }

    fn seek(&mut self, series: u128) {
        let (from, all) = (self.runs.start, self.chunk.runs.len());
        let of = |run: usize| self.chunk.series(self.layout, run);
        let start = from + gallop(all - from, |run| of(from + run) < series);
        let same = (start..all).take_while(|run| of(*run) == series).count();
        self.runs = start..start + same;
    }
}
