//! Sums under way: for each group of series a lane for each period, and how many cells went into it.
//!
//! What is added is what is stored, offsets above a frame's base; the frame comes in when the lanes
//! are drained, so all that is in them must share it.

use super::chunk::{Chunk, Column};
use super::sink::Sink;
use super::span::{Shape, Span, Spans};
use super::tally::Partial;
use super::values::{Frame, Packed};

/// Lanes of a thread.
#[derive(Debug, Default)]
pub struct Lanes {
    shape: Option<Shape>,
    groups: usize,
    sums: Vec<Sums>,
    /// First the one of all facts, then those of measures of their own.
    counters: Vec<Counter>,
    filled: bool,
}

/// How a measure goes through the lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// Its cells are where the facts are.
    Shared,
    /// It has cells of its own.
    Own,
    /// Not at all: cell by cell.
    Apart,
}

#[derive(Debug, Default)]
struct Sums {
    lanes: Vec<i64>,
    frame: Option<(i64, u64)>,
    /// How much a lane may still grow.
    room: u64,
}

/// The most that lanes hold.
const ROOM: u64 = i64::MAX as u64;

/// The greatest offset that goes into lanes: any chunk of such leaves room for others.
pub const MOST_OFFSET: u64 = 1 << 44;

impl Lanes {
    /// Whether a chunk may be added to what is there.
    pub fn accept(&self, shape: &Shape, groups: usize, columns: &[Option<&Column>], routes: &[Route]) -> bool {
        let apart = |place: &usize| routes[*place] == Route::Apart;
        let fits = |place: usize| columns[place].is_none_or(|column| self.sums[place].accepts(column));
        self.shape.as_ref() == Some(shape)
            && self.groups == groups
            && (0..columns.len()).filter(|place| !apart(place)).all(fits)
    }

    /// Empty lanes for a shape.
    pub fn reset(&mut self, shape: &Shape, groups: usize, routes: &[Route]) {
        let lanes = groups * shape.lanes();
        self.sums.resize_with(routes.len(), Sums::default);
        for (sums, route) in self.sums.iter_mut().zip(routes) {
            sums.lanes.clear();
            sums.lanes.resize(if *route == Route::Apart { 0 } else { lanes }, 0);
            sums.frame = None;
            sums.room = ROOM;
        }
        let any = routes.is_empty();
        let own = routes.iter().filter(|route| **route == Route::Own).count();
        self.counters.resize_with(own + 1, Counter::default);
        self.counters.iter_mut().for_each(|counter| counter.reset(shape.lanes(), groups, any));
        (self.shape, self.groups, self.filled) = (Some(shape.clone()), groups, false);
    }

    /// Adds the spans of a chunk.
    pub fn add(&mut self, chunk: &Chunk, spans: &Spans, columns: &[Option<&Column>], routes: &[Route]) {
        let width = self.shape.as_ref().map_or(1, Shape::lanes);
        self.filled = true;
        let runs = chunk.runs();
        if routes.is_empty() || routes.contains(&Route::Shared) {
            self.counters[0].add(&spans.list, |run| runs.mask(run));
        }
        let mut own = 0;
        for (place, route) in routes.iter().enumerate() {
            own += usize::from(*route == Route::Own);
            let Some(column) = columns[place].filter(|_| *route != Route::Apart) else { continue };
            if *route == Route::Own {
                self.counters[own].add(&spans.list, |run| column.mask(runs, run));
            }
            self.sums[place].add(column, &spans.list, width, runs.len());
        }
    }

    /// Moves all sums to a sink, group by group; `series` says which groups of series these are.
    pub fn drain(&mut self, series: impl Fn(usize) -> u64, routes: &[Route], sink: &mut Sink) {
        let Some(shape) = self.shape.take().filter(|_| self.filled) else { return };
        let width = shape.lanes();
        let mut counts = vec![vec![0u64; width]; self.counters.len()];
        let mut row = vec![Partial::default(); routes.len().max(1)];
        for group in 0..self.groups {
            let mut any = false;
            for (counter, counts) in self.counters.iter().zip(&mut counts) {
                any |= counter.read(group, counts);
            }
            if any {
                sink.group(series(group), shape.groups(), &mut row, |lane, row| {
                    self.read(group * width + lane, lane, &counts, routes, row)
                });
            }
        }
    }

    /// What one lane comes to, measure by measure.
    fn read(&self, at: usize, lane: usize, counts: &[Vec<u64>], routes: &[Route], row: &mut [Partial]) {
        if routes.is_empty() {
            row[0] = Partial { value: 0, count: counts[0][lane] };
        }
        let mut own = 0;
        for (place, route) in routes.iter().enumerate() {
            own += usize::from(*route == Route::Own);
            let count = match route {
                Route::Apart => 0,
                Route::Own => counts[own][lane],
                Route::Shared => counts[0][lane],
            };
            let (base, unit) = self.sums[place].frame.unwrap_or((0, 1));
            let sum = self.sums[place].lanes.get(at).copied().unwrap_or(0);
            let value = i128::from(base) * i128::from(count) + i128::from(unit) * i128::from(sum);
            row[place] = Partial { value: if count == 0 { 0 } else { value }, count };
        }
    }
}

impl Sums {
    fn accepts(&self, column: &Column) -> bool {
        let frame = column.values.frame;
        let same = self.frame.is_none_or(|known| known == (frame.base, frame.unit));
        same && grown(frame, column.values.rows).is_some_and(|most| most <= self.room)
    }

    fn add(&mut self, column: &Column, spans: &[Span], width: usize, runs: usize) {
        let frame = column.values.frame;
        self.frame = Some((frame.base, frame.unit));
        let rows = if width == 1 { column.values.rows } else { runs };
        self.room = self.room.saturating_sub(grown(frame, rows).unwrap_or(self.room));
        match (&column.values.packed, width) {
            (Packed::Constant, _) => {}
            (Packed::Bytes1(packed), 1) => add_flat(&mut self.lanes, packed, spans),
            (Packed::Bytes2(packed), 1) => add_flat(&mut self.lanes, packed, spans),
            (Packed::Bytes4(packed), 1) => add_flat(&mut self.lanes, packed, spans),
            (Packed::Bytes8(packed), 1) => add_flat(&mut self.lanes, packed, spans),
            (Packed::Bytes1(packed), _) => add_lanes(&mut self.lanes, packed, spans, width),
            (Packed::Bytes2(packed), _) => add_lanes(&mut self.lanes, packed, spans, width),
            (Packed::Bytes4(packed), _) => add_lanes(&mut self.lanes, packed, spans, width),
            (Packed::Bytes8(packed), _) => add_lanes(&mut self.lanes, packed, spans, width),
        }
    }
}

/// How much one lane can grow by so many offsets.
fn grown(frame: Frame, offsets: usize) -> Option<u64> {
    frame.span().checked_mul(offsets as u64)
}

fn add_lanes<T: Copy + Into<u64>>(sums: &mut [i64], packed: &[T], spans: &[Span], width: usize) {
    for span in spans {
        let (lane, at, len) = (span.group as usize * width + span.lane as usize, span.at as usize, span.len as usize);
        let (Some(lanes), Some(offsets)) = (sums.get_mut(lane..lane + len), packed.get(at..at + len)) else { continue };
        for (sum, offset) in lanes.iter_mut().zip(offsets) {
            let offset: u64 = (*offset).into();
            *sum += offset as i64;
        }
    }
}

/// Spans of one group that lie beside each other are added up together.
fn add_flat<T: Copy + Into<u64>>(sums: &mut [i64], packed: &[T], spans: &[Span]) {
    let mut rest = spans.iter().peekable();
    while let Some(span) = rest.next() {
        let (start, mut end) = (span.at, span.at + span.len);
        while let Some(next) = rest.next_if(|next| next.group == span.group && next.at == end) {
            end += next.len;
        }
        let offsets = packed.get(start as usize..end as usize).unwrap_or_default();
        let sum: u64 = offsets.iter().map(|offset| (*offset).into()).sum();
        if let Some(lane) = sums.get_mut(span.group as usize) {
            *lane += sum as i64;
        }
    }
}

/// How many cells went into each lane.
///
/// Lanes are counted many at a time: a mask is added to numbers whose bits lie in planes, a bit of every
/// number in one word (positional population count: Klarqvist, Muła, Lemire 2021).
#[derive(Debug, Default)]
struct Counter {
    lanes: usize,
    words: usize,
    /// Where there is but one lane.
    flat: Vec<u64>,
    planes: Vec<Vec<u64>>,
    groups: usize,
    /// Only whether there is any.
    any: bool,
}

impl Counter {
    fn reset(&mut self, lanes: usize, groups: usize, any: bool) {
        *self = Counter { lanes, words: lanes.div_ceil(64), flat: Vec::new(), planes: Vec::new(), groups, any };
        match lanes {
            1 => self.flat.resize(groups, 0),
            _ => self.planes.push(vec![0; groups * self.words]),
        }
    }

    fn add(&mut self, spans: &[Span], mask: impl Fn(usize) -> u64) {
        for span in spans {
            let bits = span.bits(mask(span.run as usize));
            if self.lanes == 1 {
                self.flat[span.group as usize] += u64::from(bits.count_ones());
                continue;
            }
            let (word, shift) = (span.lane as usize / 64, span.lane % 64);
            let at = span.group as usize * self.words + word;
            self.add_word(at, bits << shift);
            if shift > 0 && word + 1 < self.words {
                self.add_word(at + 1, bits >> (64 - shift));
            }
        }
    }

    fn add_word(&mut self, at: usize, bits: u64) {
        if self.any {
            self.planes[0][at] |= bits;
            return;
        }
        let (mut carry, mut plane) = (bits, 0);
        while carry != 0 {
            if plane == self.planes.len() {
                self.planes.push(vec![0; self.groups * self.words]);
            }
            let word = &mut self.planes[plane][at];
            (*word, carry) = (*word ^ carry, *word & carry);
            plane += 1;
        }
    }

    /// Reads the counts of a group; false where all are zero.
    fn read(&self, group: usize, counts: &mut [u64]) -> bool {
        counts.fill(0);
        if self.lanes == 1 {
            counts[0] = self.flat[group];
            return counts[0] > 0;
        }
        let mut any = false;
        for (power, plane) in self.planes.iter().enumerate() {
            for word in 0..self.words {
                let mut bits = plane[group * self.words + word];
                any |= bits != 0;
                while bits != 0 {
                    counts[word * 64 + bits.trailing_zeros() as usize] += 1 << power;
                    bits &= bits - 1;
                }
            }
        }
        any
    }
}
