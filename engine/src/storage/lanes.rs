//! Sums under way: for each group of series a lane for each period, and how many cells went into it.
//!
//! What is added is what is stored, offsets above a frame's base; the frame comes in when the lanes
//! are drained, so all that is in them must share it.

use super::chunk::Chunk;
use super::column::{Column, Differences};
use super::counter::Counter;
use super::grouping::OUTSIDE;
use super::span::{Shape, Span, Spans};
use super::tally::{Groups, Partial, Tally};
use super::values::{Frame, Packed};
use std::ops::Range;

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
    /// For each lane what differs from the offsets; empty as long as nothing does.
    differing: Vec<i64>,
    /// How much of that a lane may still take.
    differing_room: u64,
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
            sums.differing.clear();
            (sums.room, sums.differing_room) = (ROOM, ROOM);
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
        let mut going: Vec<(&mut [i64], &Packed)> = Vec::with_capacity(routes.len());
        for ((sums, route), column) in self.sums.iter_mut().zip(routes).zip(columns) {
            own += usize::from(*route == Route::Own);
            let Some(column) = column.filter(|_| *route != Route::Apart) else { continue };
            if *route == Route::Own {
                self.counters[own].add(&spans.list, |run| column.mask(runs, run));
            }
            sums.begin(column, &spans.list, width, runs.len());
            going.push((&mut sums.lanes, &column.encoded().packed));
        }
        for pair in going.chunks_mut(2) {
            pulp::Arch::new().dispatch(Adding { pair, spans: &spans.list, width });
        }
    }

    /// Takes all sums: a tally for each measure, so many groups of time for each group of series; where there are no
    /// measures, one tally of how many facts there are. None where nothing was added.
    pub fn drain(&mut self, times: usize, routes: &[Route]) -> Option<Vec<Tally>> {
        let shape = self.shape.take().filter(|_| self.filled)?;
        let (width, parts, counting) = (shape.lanes(), by_time(shape.groups()), counting(routes));
        let mut tallies = vec![Tally::empty(self.groups * times); counting.len()];
        let mut counts = vec![(false, vec![0u64; width]); self.counters.len()];
        for group in 0..self.groups {
            self.count(group, &mut counts);
            for ((place, tally), counter) in tallies.iter_mut().enumerate().zip(&counting) {
                let Some((true, counts)) = counter.map(|counter| &counts[counter]) else { continue };
                let (sums, first) = (self.sums.get(place), group * width);
                for (lanes, time) in &parts {
                    let count = counts[lanes.clone()].iter().sum();
                    if count > 0 {
                        let lanes = first + lanes.start..first + lanes.end;
                        let value = sums.map_or(0, |sums| sums.value(lanes, count));
                        tally.add(group * times + time, Partial { value, count });
                    }
                }
            }
        }
        Some(tallies)
    }

    /// Reads how many cells went into each lane of a group, and whether any did, counter by counter.
    fn count(&self, group: usize, counts: &mut [(bool, Vec<u64>)]) {
        for (counter, (any, counts)) in self.counters.iter().zip(counts) {
            *any = counter.read(group, counts);
        }
    }

    /// The same as a list: the numbers of the groups that have any cell, so many of time for each group of series, and for
    /// each measure what they come to. A group whose lanes are apart is there more than once.
    pub fn list(&mut self, series: &[u64], times: u64, routes: &[Route]) -> Option<Groups> {
        let rows = self.rows(series, times, routes)?;
        let columns = (0..rows.counting.len()).map(|place| self.column(&rows, place)).collect();
        Some(Groups { offsets: rows.numbers, columns })
    }

    /// What a measure comes to in some groups.
    fn column(&self, rows: &Rows, place: usize) -> Tally {
        let (counts, sums) = (rows.counts_of(place), self.sums.get(place));
        match (counts, sums) {
            (Some(counts), Some(sums)) if sums.are_near(rows, counts) => sums.near(rows, counts),
            _ => self.cells(rows, place).collect(),
        }
    }

    /// The groups that have any cell.
    fn rows(&mut self, series: &[u64], times: u64, routes: &[Route]) -> Option<Rows> {
        let shape = self.shape.take().filter(|_| self.filled)?;
        let (width, parts) = (shape.lanes(), by_time(shape.groups()));
        let none = vec![Vec::new(); self.counters.len()];
        let mut rows = Rows { numbers: Vec::new(), lanes: Vec::new(), counts: none, counting: counting(routes) };
        let mut counts = vec![(false, vec![0u64; width]); self.counters.len()];
        for (group, series) in series.iter().enumerate() {
            self.count(group, &mut counts);
            for (lanes, time) in &parts {
                let count =
                    |(any, counts): &(bool, Vec<u64>)| if *any { counts[lanes.clone()].iter().sum() } else { 0 };
                if counts.iter().any(|counts| count(counts) > 0) {
                    rows.numbers.push(series * times + *time as u64);
                    rows.lanes.push(group * width + lanes.start..group * width + lanes.end);
                    rows.counts.iter_mut().zip(&counts).for_each(|(all, counts)| all.push(count(counts)));
                }
            }
        }
        Some(rows)
    }

    /// What a measure comes to in each of some groups.
    fn cells<'a>(&'a self, rows: &'a Rows, place: usize) -> impl Iterator<Item = Partial> + 'a {
        let counts = rows.counts_of(place).unwrap_or_default().iter().copied().chain(std::iter::repeat(0));
        let sums = self.sums.get(place);
        counts.zip(&rows.lanes).map(move |(count, lanes)| {
            let value = sums.filter(|_| count > 0).map_or(0, |sums| sums.value(lanes.clone(), count));
            Partial { value, count }
        })
    }
}

/// Groups that have a cell, as lanes hold them.
struct Rows {
    numbers: Vec<u64>,
    lanes: Vec<Range<usize>>,
    /// For each counter how many cells each has.
    counts: Vec<Vec<u64>>,
    /// The counter of each measure; none where it goes cell by cell.
    counting: Vec<Option<usize>>,
}

impl Rows {
    /// How many cells of a measure each group has; none where it goes cell by cell.
    fn counts_of(&self, place: usize) -> Option<&[u64]> {
        self.counting[place].map(|counter| self.counts[counter].as_slice())
    }
}

/// The counter of each measure; where there are no measures, that of the facts.
fn counting(routes: &[Route]) -> Vec<Option<usize>> {
    let mut own = 0;
    let counter = |route: &Route| match route {
        Route::Apart => None,
        Route::Shared => Some(0),
        Route::Own => {
            own += 1;
            Some(own)
        }
    };
    if routes.is_empty() { vec![Some(0)] } else { routes.iter().map(counter).collect() }
}

/// Lanes that follow each other and are of one group of time.
type OfTime = (Range<usize>, usize);

fn by_time(times: &[u32]) -> Vec<OfTime> {
    let mut next = 0;
    let lanes = times.chunk_by(|left, right| left == right).map(|part| {
        let lanes = next..next + part.len();
        next = lanes.end;
        (lanes, part[0])
    });
    lanes.filter(|(_, time)| *time != OUTSIDE).map(|(lanes, time)| (lanes, time as usize)).collect()
}

impl Sums {
    /// What the cells of some lanes come to, given how many there are. Lanes without cells are zero.
    fn value(&self, lanes: Range<usize>, count: u64) -> i128 {
        let sum = |lanes: &[i64]| lanes.iter().map(|lane| i128::from(*lane)).sum::<i128>();
        let offsets = sum(&self.lanes[lanes.clone()]);
        let encoded = match self.frame {
            Some((0, 1)) | None => offsets,
            Some((base, unit)) => i128::from(base) * i128::from(count) + i128::from(unit) * offsets,
        };
        encoded + self.differing.get(lanes).map_or(0, sum)
    }

    /// Whether what groups come to fits in 64 bits, and the number of their cells in 32.
    fn are_near(&self, rows: &Rows, counts: &[u64]) -> bool {
        let (base, unit) = self.frame.unwrap_or((0, 1));
        let cells = counts.iter().max().copied().unwrap_or(0);
        let lanes = rows.lanes.iter().map(|lanes| lanes.len() as u64).max().unwrap_or(0);
        let most = |room: u64| (ROOM - room).checked_mul(lanes);
        let offsets = most(self.room).and_then(|most| most.checked_mul(unit));
        let bases = base.unsigned_abs().checked_mul(cells);
        let all =
            [offsets, bases, most(self.differing_room)].into_iter().try_fold(0u64, |sum, most| sum.checked_add(most?));
        cells <= u64::from(u32::MAX) && all.is_some_and(|all| all <= i64::MAX as u64)
    }

    /// What groups come to, given that it fits.
    fn near(&self, rows: &Rows, counts: &[u64]) -> Tally {
        let (base, unit) = self.frame.map_or((0, 1), |(base, unit)| (base, unit as i64));
        let sum = |all: &[i64], lanes: &Range<usize>| all[lanes.clone()].iter().sum::<i64>();
        let value = |(count, lanes): (&u64, &Range<usize>)| base * *count as i64 + unit * sum(&self.lanes, lanes);
        let mut values: Vec<i64> = counts.iter().zip(&rows.lanes).map(value).collect();
        if !self.differing.is_empty() {
            values.iter_mut().zip(&rows.lanes).for_each(|(value, lanes)| *value += sum(&self.differing, lanes));
        }
        Tally::near(values, counts.iter().map(|count| *count as u32).collect())
    }

    fn accepts(&self, column: &Column) -> bool {
        let (frame, rows) = (column.encoded().frame, column.encoded().rows);
        let same = self.frame.is_none_or(|known| known == (frame.base, frame.unit));
        let differing = column.differences().map_or(0, Differences::magnitude);
        same && grown(frame, rows).is_some_and(|most| most <= self.room) && differing <= self.differing_room
    }

    /// Takes in what a column has beside its offsets, and the room that these take.
    fn begin(&mut self, column: &Column, spans: &[Span], width: usize, runs: usize) {
        let (frame, rows) = (column.encoded().frame, column.encoded().rows);
        self.frame = Some((frame.base, frame.unit));
        let rows = if width == 1 { rows } else { runs };
        self.room = self.room.saturating_sub(grown(frame, rows).unwrap_or(self.room));
        if let Some(differences) = column.differences() {
            self.add_differences(differences, spans, width);
        }
    }

    fn add_differences(&mut self, differences: &Differences, spans: &[Span], width: usize) {
        self.differing.resize(self.lanes.len(), 0);
        self.differing_room = self.differing_room.saturating_sub(differences.magnitude());
        for span in spans {
            for (place, added) in differences.within(span.at..span.at + span.len) {
                let lane = if width == 1 { 0 } else { span.lane + place - span.at };
                self.differing[span.group as usize * width + lane as usize] += added;
            }
        }
    }
}

/// The offsets of one column or two on their way into lanes. What is called from here must be inlined, or it is compiled
/// for the plainest of processors.
struct Adding<'a, 'l> {
    pair: &'a mut [(&'l mut [i64], &'l Packed)],
    spans: &'a [Span],
    width: usize,
}

impl pulp::NullaryFnOnce for Adding<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Adding { pair, spans, width } = self;
        match pair {
            [(one, Packed::Bytes4(p)), (other, Packed::Bytes4(q))] if width > 1 => {
                add_pair(one, p, other, q, spans, width);
            }
            [(one, Packed::Bytes4(p)), (other, Packed::Bytes2(q))] if width > 1 => {
                add_pair(one, p, other, q, spans, width);
            }
            [(one, Packed::Bytes2(p)), (other, Packed::Bytes4(q))] if width > 1 => {
                add_pair(one, p, other, q, spans, width);
            }
            [(one, Packed::Bytes2(p)), (other, Packed::Bytes2(q))] if width > 1 => {
                add_pair(one, p, other, q, spans, width);
            }
            _ => pair.iter_mut().for_each(|(lanes, packed)| add_one(lanes, packed, spans, width)),
        }
    }
}

#[inline(always)]
fn add_one(lanes: &mut [i64], packed: &Packed, spans: &[Span], width: usize) {
    match (packed, width) {
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

/// Two columns at once: what a span is, and where it ends, is found out once for both.
#[inline(always)]
fn add_pair<T: Copy + Into<u64>, U: Copy + Into<u64>>(
    one: &mut [i64],
    p: &[T],
    other: &mut [i64],
    q: &[U],
    spans: &[Span],
    width: usize,
) {
    for span in spans {
        let (lane, at, len) = (span.group as usize * width + span.lane as usize, span.at as usize, span.len as usize);
        let (Some(one), Some(p)) = (one.get_mut(lane..lane + len), p.get(at..at + len)) else { continue };
        let (Some(other), Some(q)) = (other.get_mut(lane..lane + len), q.get(at..at + len)) else { continue };
        for (((one, p), other), q) in one.iter_mut().zip(p).zip(other.iter_mut()).zip(q) {
            let (p, q): (u64, u64) = ((*p).into(), (*q).into());
            *one += p as i64;
            *other += q as i64;
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
