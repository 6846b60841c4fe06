//! Some 64 Ki facts as columns, never changed once made.
//!
//! Facts of one series that follow each other in time are a run: its other coordinates are kept
//! once, and its measures lie side by side, period after period. See [`Runs`].

use super::bits::{Bits, ones};
use super::codes::{Codes, Rows};
use super::runs::{Builder, Runs};
use super::values::Values;
use crate::coordinate::KeyLayout;
use crate::id::MemberId;
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

/// The cells of a chunk in one measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As many as the chunk has slots; its own validity is of no meaning.
    pub values: Values,
    /// For each run which slots have a cell; all that have a fact where none.
    pub masks: Option<Vec<u64>>,
    /// What the cells come to, and how many there are.
    pub total: (i128, u64),
}

impl Column {
    fn new(cells: &[Option<i64>], runs: &Runs) -> Option<Self> {
        let mut values = Values::encode(cells)?;
        values.validity = None;
        let masks: Vec<u64> = (0..runs.len()).map(|run| mask_of(cells, runs, run)).collect();
        let full = masks.iter().enumerate().all(|(run, mask)| *mask == runs.mask(run));
        let total = cells.iter().flatten().fold((0, 0), |(sum, count), cell| (sum + i128::from(*cell), count + 1));
        Some(Column { values, masks: (!full).then_some(masks), total })
    }

    /// Which slots of a run have a cell.
    pub fn mask(&self, runs: &Runs, run: usize) -> u64 {
        match &self.masks {
            None => runs.mask(run),
            Some(masks) => masks.get(run).copied().unwrap_or(0),
        }
    }

    /// The cell at a place of the column, given its run.
    fn get(&self, runs: &Runs, run: usize, place: usize) -> Option<i64> {
        let bit = place - runs.start(run);
        (self.mask(runs, run) >> bit & 1 == 1).then(|| self.values.frame.value(self.values.packed.get(place)))
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.values.packed.bytes() + self.masks.as_ref().map_or(0, |masks| masks.len() * 8)
    }
}

fn mask_of(cells: &[Option<i64>], runs: &Runs, run: usize) -> u64 {
    let slots = &cells[runs.start(run)..runs.start(run + 1)];
    slots.iter().enumerate().fold(0, |mask, (bit, cell)| mask | u64::from(cell.is_some()) << bit)
}

/// A fact's place in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The run.
    pub run: usize,
    /// The place in the measure columns.
    pub at: usize,
}

impl Chunk {
    /// A chunk from its parts, which must fit each other.
    pub fn new(runs: Runs, codes: Vec<Option<Arc<Codes>>>, columns: Vec<Option<Arc<Column>>>) -> Self {
        Chunk { runs: Arc::new(runs), codes, columns }
    }

    /// A chunk from sorted keys and the cells of each measure.
    pub(super) fn encode(layout: &KeyLayout, keys: &[u128], cells: &[Vec<Option<i64>>]) -> Self {
        let periods = periods(layout, keys);
        let mut builder = Builder::default();
        let mut heads = Vec::new();
        let mut places = Vec::with_capacity(keys.len());
        for key in keys {
            let (place, begins) = builder.push(layout.series(*key), slot(layout, &periods, *key));
            places.push(place);
            if begins {
                heads.push(*key);
            }
        }
        let runs = builder.finish(periods);
        let codes = (0..layout.width()).map(|coordinate| {
            let column = || heads.iter().map(|key| layout.unpack(*key, coordinate)).collect::<Vec<u32>>();
            (layout.time() != Some(coordinate)).then(|| Arc::new(Codes::encode(&column())))
        });
        let codes = codes.collect();
        let mut slots = vec![None; runs.slots()];
        let columns = cells.iter().map(|column| {
            slots.fill(None);
            places.iter().zip(column).for_each(|(place, cell)| slots[*place] = *cell);
            Column::new(&slots, &runs).map(Arc::new)
        });
        let columns = columns.collect();
        Chunk { runs: Arc::new(runs), codes, columns }
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

    /// The keys of all facts, in order, with their places.
    pub fn facts(&self, layout: &KeyLayout) -> Vec<(u128, Place)> {
        let mut facts = Vec::with_capacity(self.rows());
        for run in 0..self.runs.len() {
            let series = self.series(layout, run);
            let of_run = self.runs.facts_of(run);
            facts.extend(of_run.map(|(slot, at)| (self.with_period(layout, series, slot), Place { run, at })));
        }
        facts
    }

    /// Calls back with the key and the value of each cell of a measure, in key order, whose coordinates are all inside:
    /// for each coordinate which members are, all of them where none.
    pub fn cells_where(
        &self,
        layout: &KeyLayout,
        measure: usize,
        inside: &[Option<Vec<bool>>],
        mut each: impl FnMut(u128, i64),
    ) {
        let Some(column) = self.column(measure) else { return };
        if !self.may_have(layout, inside) {
            return;
        }
        let mut rows = Rows::All(self.runs.len());
        for (codes, inside) in self.codes.iter().zip(inside) {
            if let (Some(codes), Some(inside)) = (codes, inside) {
                rows = codes.keep(inside, rows);
            }
        }
        let stamps = self.stamps(layout, inside);
        rows.each(|run| {
            let series = self.series(layout, run);
            let (first, start) = (self.runs.first(run), self.runs.start(run));
            for bit in ones(column.mask(&self.runs, run)) {
                if let Some(stamp) = stamps[first + bit] {
                    each(series | stamp, column.values.frame.value(column.values.packed.get(start + bit)));
                }
            }
        });
    }

    /// Whether any run may lie inside, as the coordinate says that keys are sorted by first.
    fn may_have(&self, layout: &KeyLayout, inside: &[Option<Vec<bool>>]) -> bool {
        let first = usize::from(layout.time() == Some(0));
        let (Some(codes), Some(Some(inside))) = (self.codes(first), inside.get(first)) else { return true };
        let (least, most) = (codes.get(0) as usize, codes.get(self.runs.len().saturating_sub(1)) as usize);
        inside.get(least..inside.len().min(most + 1)).is_some_and(|members| members.contains(&true))
    }

    /// For each slot what its period adds to a series' key; none outside.
    fn stamps(&self, layout: &KeyLayout, inside: &[Option<Vec<bool>>]) -> Vec<Option<u128>> {
        let Some(time) = layout.time() else { return vec![Some(0)] };
        let is_inside = |period: u32| match inside.get(time) {
            Some(Some(inside)) => inside.get(period as usize).copied().unwrap_or(false),
            _ => true,
        };
        let stamp = |period: &u32| is_inside(*period).then(|| layout.with(0, time, MemberId(*period)));
        self.runs.periods.iter().map(stamp).collect()
    }

    /// The member ids of all facts in one coordinate, in key order.
    pub fn members(&self, coordinate: usize) -> Vec<u32> {
        let runs = 0..self.runs.len();
        match self.codes(coordinate) {
            Some(codes) => {
                let of_run = |run| std::iter::repeat_n(codes.get(run), self.runs.mask(run).count_ones() as usize);
                runs.flat_map(of_run).collect()
            }
            None => runs.flat_map(|run| self.runs.facts_of(run)).map(|(slot, _)| self.runs.periods[slot]).collect(),
        }
    }

    /// The cells of all facts in one measure, in key order.
    pub fn cells(&self, measure: usize) -> Vec<Option<i64>> {
        let facts = (0..self.runs.len()).flat_map(|run| self.runs.facts_of(run).map(move |(_, at)| Place { run, at }));
        facts.map(|place| self.cell(measure, place)).collect()
    }

    /// The cell of a fact.
    pub fn cell(&self, measure: usize, place: Place) -> Option<i64> {
        self.column(measure)?.get(&self.runs, place.run, place.at)
    }

    /// The cells of some facts in one measure; empty where there is no fact.
    pub(super) fn cells_at(&self, measure: usize, places: &[Option<Place>]) -> Vec<Option<i64>> {
        let Some(column) = self.column(measure) else { return vec![None; places.len()] };
        let cell = |place: &Option<Place>| place.and_then(|place| column.get(&self.runs, place.run, place.at));
        places.iter().map(cell).collect()
    }

    /// The same facts with some cells of one measure replaced; they may become empty or have been empty.
    pub(super) fn with_cells(&self, measure: usize, patches: &[(Place, Option<i64>)]) -> Self {
        let mut chunk = self.clone();
        if chunk.columns.len() <= measure {
            chunk.columns.resize(measure + 1, None);
        }
        chunk.columns[measure] = self.patched(measure, patches).map(Arc::new);
        chunk
    }

    fn patched(&self, measure: usize, patches: &[(Place, Option<i64>)]) -> Option<Column> {
        if let Some(column) = self.column(measure).and_then(|column| self.patched_in_place(column, patches)) {
            return Some(column);
        }
        let mut cells = vec![None; self.runs.slots()];
        for run in 0..self.runs.len() {
            self.runs.facts_of(run).for_each(|(_, at)| cells[at] = self.cell(measure, Place { run, at }));
        }
        patches.iter().for_each(|(place, cell)| cells[place.at] = *cell);
        Column::new(&cells, &self.runs)
    }

    /// Where every patched cell has a value before and after, and the column's frame holds it.
    fn patched_in_place(&self, column: &Column, patches: &[(Place, Option<i64>)]) -> Option<Column> {
        let mut total = column.total.0;
        let mut values = Vec::with_capacity(patches.len());
        for (place, cell) in patches {
            let (before, after) = (column.get(&self.runs, place.run, place.at)?, (*cell)?);
            total += i128::from(after) - i128::from(before);
            values.push((place.at as u32, after));
        }
        let values = column.values.patched(&values)?;
        Some(Column { values, masks: column.masks.clone(), total: (total, column.total.1) })
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

/// The periods of some keys, ascending; one that stands for nothing where the cube has no time.
fn periods(layout: &KeyLayout, keys: &[u128]) -> Vec<u32> {
    let Some(time) = layout.time() else { return vec![0] };
    let mut seen = Bits::default();
    keys.iter().for_each(|key| seen.set(layout.unpack(*key, time) as usize));
    seen.ones().map(|period| period as u32).collect()
}

fn slot(layout: &KeyLayout, periods: &[u32], key: u128) -> u32 {
    let Some(time) = layout.time() else { return 0 };
    periods.partition_point(|period| *period < layout.unpack(key, time)) as u32
}

/// Finds facts by key, in one pass over sorted keys.
pub(super) struct Finder<'a> {
    chunk: &'a Chunk,
    layout: &'a KeyLayout,
    /// The slot of each period there is.
    slots: Vec<u32>,
    /// The series looked for last, and the runs it has.
    series: Option<u128>,
    runs: std::ops::Range<usize>,
}

impl<'a> Finder<'a> {
    pub fn new(chunk: &'a Chunk, layout: &'a KeyLayout) -> Self {
        let periods = &chunk.runs.periods;
        let mut slots = vec![u32::MAX; periods.last().map_or(0, |last| *last as usize + 1)];
        periods.iter().enumerate().for_each(|(slot, period)| slots[*period as usize] = slot as u32);
        Finder { chunk, layout, slots, series: None, runs: 0..0 }
    }

    /// Where the facts of sorted keys are.
    pub fn places(mut self, keys: &[u128]) -> Vec<Option<Place>> {
        keys.iter().map(|key| self.find(*key)).collect()
    }

    /// Where the fact of a key is; keys must come in order.
    fn find(&mut self, key: u128) -> Option<Place> {
        let series = self.layout.series(key);
        if self.series != Some(series) {
            self.seek(series);
        }
        let period = self.layout.time().map_or(0, |time| self.layout.unpack(key, time));
        let slot = self.slots.get(period as usize).filter(|slot| **slot != u32::MAX)?;
        let (slot, runs) = (*slot as usize, &self.chunk.runs);
        let run = self.runs.clone().rev().find(|run| runs.first(*run) <= slot)?;
        let bit = slot - runs.first(run);
        let within = bit < runs.start(run + 1) - runs.start(run);
        (within && runs.mask(run) >> bit & 1 == 1).then(|| Place { run, at: runs.start(run) + bit })
    }

    fn seek(&mut self, series: u128) {
        let (from, all) = (self.runs.start, self.chunk.runs.len());
        let of = |run: usize| self.chunk.series(self.layout, run);
        let start = from + gallop(all - from, |run| of(from + run) < series);
        let same = (start..all).take_while(|run| of(*run) == series).count();
        (self.series, self.runs) = (Some(series), start..start + same);
    }
}

/// How many of some items from the first satisfy a condition that holds for a first part of them: looked for near the
/// first.
fn gallop(items: usize, before: impl Fn(usize) -> bool) -> usize {
    let mut bound = 1;
    while bound <= items && before(bound - 1) {
        bound *= 2;
    }
    let (mut low, mut high) = (bound / 2, (bound - 1).min(items));
    while low < high {
        let middle = (low + high) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}
