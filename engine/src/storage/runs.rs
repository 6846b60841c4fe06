//! How the facts of a chunk lie along time: in runs of one series, period after period.
//!
//! A run has a slot for each period from its first fact to its last. A slot without a fact (a hole)
//! takes room in the measure columns; where holes follow each other a new run begins instead, so
//! that facts without neighbours in time are runs of one.

use super::bits::ones;
use super::codes::Codes;

/// Holes that follow each other in a run at most: a new run costs about as much as four of them.
const MOST_HOLES: u32 = 4;

/// Slots of a run at most: as many as a mask has bits.
pub const MOST_SLOTS: u32 = 64;

/// The runs of a chunk, in key order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Runs {
    /// The period of each slot number, ascending; one that stands for nothing where the cube has no time.
    pub periods: Vec<u32>,
    /// For each run its first slot number.
    pub firsts: Codes,
    /// For each run which slots from the first on have a fact, the first in the lowest bit.
    pub masks: Masks,
    /// How many facts there are.
    pub facts: usize,
}

/// Which slots of each run have a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Masks {
    /// Every run is a single fact.
    Points,
    /// The bits of each run, and where in the measure columns its first slot is; ends with the length of the columns.
    Spans(Vec<u64>, Vec<u32>),
}

impl Runs {
    /// Runs from their parts; none where they do not fit each other. Single facts where there are no masks.
    pub fn new(periods: Vec<u32>, firsts: Codes, masks: Option<Vec<u64>>) -> Option<Self> {
        let Some(masks) = masks else {
            let facts = firsts.len();
            let fits = (0..facts).all(|run| (firsts.get(run) as usize) < periods.len());
            return fits.then_some(Runs { periods, firsts, masks: Masks::Points, facts });
        };
        let length = |mask: &u64| MOST_SLOTS - mask.leading_zeros();
        let fits =
            |(run, mask): (usize, &u64)| mask & 1 == 1 && (firsts.get(run) + length(mask)) as usize <= periods.len();
        if masks.len() != firsts.len() || !masks.iter().enumerate().all(fits) {
            return None;
        }
        let mut starts = vec![0];
        starts.extend(masks.iter().scan(0u32, |start, mask| {
            *start = start.checked_add(length(mask))?;
            Some(*start)
        }));
        let facts = masks.iter().map(|mask| mask.count_ones() as usize).sum();
        (starts.len() == masks.len() + 1).then_some(Runs { periods, firsts, masks: Masks::Spans(masks, starts), facts })
    }

    /// How many runs there are.
    pub fn len(&self) -> usize {
        self.firsts.len()
    }

    /// How long the measure columns are.
    pub fn slots(&self) -> usize {
        self.start(self.len())
    }

    /// Where a run's first slot is in the measure columns.
    pub fn start(&self, run: usize) -> usize {
        match &self.masks {
            Masks::Points => run,
            Masks::Spans(_, starts) => starts.get(run).map_or(0, |start| *start as usize),
        }
    }

    /// Which slots of a run have a fact.
    pub fn mask(&self, run: usize) -> u64 {
        match &self.masks {
            Masks::Points => 1,
            Masks::Spans(masks, _) => masks.get(run).copied().unwrap_or(0),
        }
    }

    /// The first slot number of a run.
    pub fn first(&self, run: usize) -> usize {
        self.firsts.get(run) as usize
    }

    /// The facts of a run: slot number and place in the measure columns.
    pub fn facts_of(&self, run: usize) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (first, start) = (self.first(run), self.start(run));
        ones(self.mask(run)).map(move |bit| (first + bit, start + bit))
    }

    /// Where in the measure columns each fact is.
    pub fn places(&self) -> Vec<u32> {
        let mut places = Vec::with_capacity(self.facts);
        for run in 0..self.len() {
            let start = self.start(run) as u32;
            places.extend(ones(self.mask(run)).map(|bit| start + bit as u32));
        }
        places
    }

    /// A column of slots, given what stands at each fact; empty where none is.
    pub fn column(&self, cells: &[Option<i64>]) -> Vec<Option<i64>> {
        let mut slots = vec![None; self.slots()];
        self.places().iter().zip(cells).for_each(|(place, cell)| slots[*place as usize] = *cell);
        slots
    }

    /// The slot among some periods, which have all of these, for each slot here; none where they are the same.
    pub fn slots_in(&self, periods: &[u32]) -> Option<Vec<u32>> {
        let slot = |period: &u32| periods.partition_point(|known| known < period) as u32;
        (self.periods != periods).then(|| self.periods.iter().map(slot).collect())
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let masks = match &self.masks {
            Masks::Points => 0,
            Masks::Spans(masks, starts) => masks.len() * 8 + starts.len() * 4,
        };
        self.periods.len() * 4 + self.firsts.bytes() + masks
    }
}

/// The periods of several runs together, ascending.
pub fn periods_of<'r>(all: impl Iterator<Item = &'r Runs>) -> Vec<u32> {
    let mut periods: Vec<u32> = Vec::new();
    for runs in all {
        if runs.periods != periods {
            periods.extend(&runs.periods);
            periods.sort_unstable();
            periods.dedup();
        }
    }
    periods
}

/// Puts facts into runs, one after the other in key order.
#[derive(Debug, Default)]
pub struct Builder {
    firsts: Vec<u32>,
    masks: Vec<u64>,
    starts: Vec<u32>,
    series: Option<u128>,
    /// The slot number after the last fact.
    next: u32,
    length: u32,
    facts: usize,
}

impl Builder {
    /// Adds a fact; says whether a run begins with it.
    pub fn push(&mut self, series: u128, slot: u32) -> bool {
        let begins = self.series != Some(series) || slot < self.next || !self.reaches(slot);
        if begins {
            self.starts.push(self.length);
            self.firsts.push(slot);
            self.masks.push(0);
            self.series = Some(series);
            self.next = slot;
        }
        let first = self.firsts.last().copied().unwrap_or(0);
        if let Some(mask) = self.masks.last_mut() {
            *mask |= 1 << (slot - first);
        }
        self.length += slot + 1 - self.next;
        self.next = slot + 1;
        self.facts += 1;
        begins
    }

    /// Adds a run from a slot on, whose first bit is set.
    pub fn push_run(&mut self, first: u32, mask: u64) {
        self.starts.push(self.length);
        self.firsts.push(first);
        self.masks.push(mask);
        self.series = None;
        self.length += u64::BITS - mask.leading_zeros();
        self.facts += mask.count_ones() as usize;
    }

    fn reaches(&self, slot: u32) -> bool {
        let first = self.firsts.last().copied().unwrap_or(0);
        slot - self.next <= MOST_HOLES && slot - first < MOST_SLOTS
    }

    /// The runs.
    pub fn finish(mut self, periods: Vec<u32>) -> Runs {
        self.starts.push(self.length);
        let points = self.facts == self.firsts.len();
        let masks = if points { Masks::Points } else { Masks::Spans(self.masks, self.starts) };
        Runs { periods, firsts: Codes::encode(&self.firsts), masks, facts: self.facts }
    }
}
