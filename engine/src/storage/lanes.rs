//! Sums under way: for each group of series a lane for each period, and how many cells went into it.
//!
//! What is added is what is stored, offsets above a frame's base; the frame comes in when the lanes
//! are drained, so all that is in them must share it.

use super::chunk::{Chunk, Column};
use super::counter::Counter;
use super::grouping::OUTSIDE;
use super::span::{Shape, Span, Spans};
use super::tally::{Partial, Tally};
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

    /// Takes all sums: a tally for each measure, so many groups of time for each group of series; where there are no
    /// measures, one tally of how many facts there are. None where nothing was added.
    pub fn drain(&mut self, times: usize, routes: &[Route]) -> Option<Vec<Tally>> {
        let shape = self.shape.take().filter(|_| self.filled)?;
        let width = shape.lanes();
        let mut tallies = vec![Tally::empty(self.groups * times); routes.len().max(1)];
        let mut counts = vec![vec![0u64; width]; self.counters.len()];
        for group in 0..self.groups {
            let mut own = 0;
            let shared = self.counters[0].read(group, &mut counts[0]);
            if routes.is_empty() && shared {
                fold(&mut tallies[0], group * times, shape.groups(), &counts[0], |_, _| 0);
            }
            for (place, route) in routes.iter().enumerate() {
                let counter = match route {
                    Route::Apart => continue,
                    Route::Shared if !shared => continue,
                    Route::Shared => 0,
                    Route::Own => {
                        own += 1;
                        if !self.counters[own].read(group, &mut counts[own]) {
                            continue;
                        }
                        own
                    }
                };
                let sums = &self.sums[place];
                let lanes = &sums.lanes[group * width..(group + 1) * width];
                let value = |lane: usize, count: u64| sums.value(lanes[lane], count);
                fold(&mut tallies[place], group * times, shape.groups(), &counts[counter], value);
            }
        }
        Some(tallies)
    }
}

/// Adds the lanes of a group to its groups of time; lanes of one that follow each other are put together first.
fn fold(tally: &mut Tally, start: usize, times: &[u32], counts: &[u64], value: impl Fn(usize, u64) -> i128) {
    let (mut time, mut sum) = (OUTSIDE, Partial::default());
    let mut pour = |time: u32, sum: Partial| {
        if sum.count > 0 && time != OUTSIDE {
            tally.add(start + time as usize, sum);
        }
    };
    for (lane, (next, count)) in times.iter().zip(counts).enumerate() {
        if *next != time {
            pour(time, std::mem::take(&mut sum));
            time = *next;
        }
        if *count > 0 {
            sum = Partial { value: sum.value + value(lane, *count), count: sum.count + count };
        }
    }
    pour(time, sum);
}

impl Sums {
    /// What so many cells come to whose offsets add up to `sum`.
    fn value(&self, sum: i64, count: u64) -> i128 {
        match self.frame {
            Some((0, 1)) | None => i128::from(sum),
            Some((base, unit)) => i128::from(base) * i128::from(count) + i128::from(unit) * i128::from(sum),
        }
    }

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
        pulp::Arch::new().dispatch(Adding { lanes: &mut self.lanes, column, spans, width });
    }
}

/// The offsets of a column on their way into lanes. What is called from here must be inlined, or it is compiled for the
/// plainest of processors.
struct Adding<'a> {
    lanes: &'a mut [i64],
    column: &'a Column,
    spans: &'a [Span],
    width: usize,
}

impl pulp::NullaryFnOnce for Adding<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Adding { lanes, column, spans, width } = self;
        match (&column.values.packed, width) {
            (Packed::Constant, _) => {}
            (Packed::Bytes1(packed), 1) => add_flat(lanes, packed, spans),
            (Packed::Bytes2(packed), 1) => add_flat(lanes, packed, spans),
            (Packed::Bytes4(packed), 1) => add_flat(lanes, packed, spans),
            (Packed::Bytes8(packed), 1) => add_flat(lanes, packed, spans),
            (Packed::Bytes1(packed), _) => add_lanes(lanes, packed, spans, width),
            (Packed::Bytes2(packed), _) => add_lanes(lanes, packed, spans, width),
            (Packed::Bytes4(packed), _) => add_lanes(lanes, packed, spans, width),
            (Packed::Bytes8(packed), _) => add_lanes(lanes, packed, spans, width),
        }
    }
}

/// How much one lane can grow by so many offsets.
fn grown(frame: Frame, offsets: usize) -> Option<u64> {
    frame.span().checked_mul(offsets as u64)
}

#[inline(always)]
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
#[inline(always)]
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
