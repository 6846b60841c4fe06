//! Some 64 Ki facts as columns, never changed once made.
//!
//! Facts of one series that follow each other in time are a run: its other coordinates are kept
//! once, and its measures lie side by side, period after period. See [`Runs`].

use super::bits::ones;
use super::codes::{Codes, Rows};
use super::laid::Laid;
use super::runs::Runs;
use super::values::Values;
use super::write::Write;
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

    /// The cell at a place of the column.
    fn get(&self, runs: &Runs, Place { run, at }: Place) -> Option<i64> {
        let (run, at) = (run as usize, at as usize);
        let bit = at - runs.start(run);
        (self.mask(runs, run) >> bit & 1 == 1).then(|| self.values.frame.value(self.values.packed.get(at)))
    }

    /// The cells at some places; empty where there is no fact.
    fn gather(&self, runs: &Runs, places: &[Place], cells: &mut [Option<i64>]) {
        let frame = self.values.frame;
        match &self.masks {
            // Where all facts have a cell, a place of a fact has one.
            None => self.values.packed.gather(places.iter().map(|place| place.at), cells, |offset| frame.value(offset)),
            Some(_) => {
                let cell = |place: &Place| self.get(runs, *place);
                let found = places.iter().zip(cells).filter(|(place, _)| **place != Place::NOWHERE);
                found.for_each(|(place, into)| *into = cell(place));
            }
        }
    }

    /// The same column patched, where all cells have a value before and after and the frame holds them.
    fn patched(&self, patch: Patch) -> Option<Column> {
        let mut total = self.total.0;
        for (_, before, after) in patch.changes() {
            total += i128::from(after?) - i128::from(before?);
        }
        let changes = patch.changes().filter_map(|(at, _, after)| Some((at, after?)));
        let values = self.values.patched(changes)?;
        Some(Column { values, masks: self.masks.clone(), total: (total, self.total.1) })
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
    pub run: u32,
    /// The place in the measure columns.
    pub at: u32,
}

impl Place {
    /// That of no fact.
    pub const NOWHERE: Place = Place { run: u32::MAX, at: u32::MAX };

    fn new(run: usize, at: usize) -> Self {
        Place { run: run as u32, at: at as u32 }
    }
}

/// What is written to some facts of a chunk in one measure.
#[derive(Clone, Copy)]
pub struct Patch<'a> {
    /// Where they are; nowhere where there is none, and there nothing is put.
    pub places: &'a [Place],
    /// What is written to each.
    pub writes: &'a [Write],
    /// The cell that each had.
    pub before: &'a [Option<i64>],
}

impl<'a> Patch<'a> {
    /// The cells that become others: where they are, what was there, what comes.
    fn changes(self) -> impl Iterator<Item = (u32, Option<i64>, Option<i64>)> + Clone + 'a {
        let cells = self.places.iter().zip(self.writes).zip(self.before);
        let after =
            |((place, write), before): ((&Place, &Write), &Option<i64>)| (place.at, *before, write.onto(*before));
        cells.map(after).filter(|(_, before, after)| before != after)
    }

    /// What it does to the chunk's facts.
    pub fn extent(self) -> Extent {
        let mut extent = Extent::default();
        for (at, _, after) in self.changes() {
            extent.changes = true;
            extent.clears |= after.is_none();
            extent.adds_facts |= at == Place::NOWHERE.at;
        }
        extent
    }
}

/// What a patch does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extent {
    /// Whether any cell becomes another.
    pub changes: bool,
    /// Whether any becomes empty.
    pub clears: bool,
    /// Whether any stands where there is no fact.
    pub adds_facts: bool,
}

impl Chunk {
    /// A chunk from its parts, which must fit each other.
    pub fn new(runs: Runs, codes: Vec<Option<Arc<Codes>>>, columns: Vec<Option<Arc<Column>>>) -> Self {
        Chunk { runs: Arc::new(runs), codes, columns }
    }

    /// A chunk from sorted keys and the cells of each measure.
    pub(super) fn encode<'c>(
        layout: &KeyLayout,
        keys: &[u128],
        cells: impl Iterator<Item = &'c [Option<i64>]>,
    ) -> Self {
        let laid = Laid::of(layout, keys);
        let column = |cells: &[Option<i64>]| Column::new(&laid.column(cells.iter().copied()), &laid.runs).map(Arc::new);
        let columns = cells.map(column).collect();
        let codes = laid.codes.into_iter().map(|codes| codes.map(Arc::new)).collect();
        Chunk { runs: Arc::new(laid.runs), codes, columns }
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
            facts.extend(of_run.map(|(slot, at)| (self.with_period(layout, series, slot), Place::new(run, at))));
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
        let mut cells = [0; 64];
        rows.each(|run| {
            let series = self.series(layout, run);
            let (first, start) = (self.runs.first(run), self.runs.start(run));
            let mask = column.mask(&self.runs, run);
            column.values.read(start, mask, &mut cells);
            for bit in ones(mask) {
                if let Some(stamp) = stamps[first + bit] {
                    each(series | stamp, cells[bit]);
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

    /// The cells of all facts in one measure, in key order.
    pub fn cells(&self, measure: usize) -> Vec<Option<i64>> {
        let facts =
            (0..self.runs.len()).flat_map(|run| self.runs.facts_of(run).map(move |(_, at)| Place::new(run, at)));
        facts.map(|place| self.cell(measure, place)).collect()
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
        let in_place = self.column(measure).and_then(|column| column.patched(patch));
        chunk.columns[measure] = in_place.or_else(|| self.encoded_anew(measure, patch)).map(Arc::new);
        chunk
    }

    fn encoded_anew(&self, measure: usize, patch: Patch) -> Option<Column> {
        let mut cells = vec![None; self.runs.slots()];
        for run in 0..self.runs.len() {
            self.runs.facts_of(run).for_each(|(_, at)| cells[at] = self.cell(measure, Place::new(run, at)));
        }
        patch.changes().for_each(|(at, _, after)| cells[at as usize] = after);
        Column::new(&cells, &self.runs)
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

/// Finds facts by key, in one pass over sorted keys.
pub(super) struct Finder<'a> {
    chunk: &'a Chunk,
    layout: &'a KeyLayout,
    /// The slot of each period there is.
    slots: Vec<u32>,
    /// The runs of the series looked for last.
    runs: std::ops::Range<usize>,
}

impl<'a> Finder<'a> {
    pub fn new(chunk: &'a Chunk, layout: &'a KeyLayout) -> Self {
        let periods = &chunk.runs.periods;
        let mut slots = vec![u32::MAX; periods.last().map_or(0, |last| *last as usize + 1)];
        periods.iter().enumerate().for_each(|(slot, period)| slots[*period as usize] = slot as u32);
        Finder { chunk, layout, slots, runs: 0..0 }
    }

    /// Where the facts of sorted keys are; nowhere where there is none.
    pub fn places(mut self, keys: &[u128]) -> Vec<Place> {
        let mut places = Vec::with_capacity(keys.len());
        let mut rest = keys;
        while let Some(first) = rest.first() {
            let series = self.layout.series(*first);
            let same = rest.iter().take_while(|key| self.layout.series(**key) == series).count();
            let (of_series, others) = rest.split_at(same);
            self.seek(series);
            places.extend(of_series.iter().map(|key| self.find(self.layout.period(*key)).unwrap_or(Place::NOWHERE)));
            rest = others;
        }
        places
    }

    /// Where the fact of a period is in the series looked for last.
    fn find(&self, period: u32) -> Option<Place> {
        let slot = self.slots.get(period as usize).filter(|slot| **slot != u32::MAX)?;
        let (slot, runs) = (*slot as usize, &self.chunk.runs);
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
