//! The scan: facts to groups by small lookup tables, added into lanes.
//!
//! ```text
//! a chunk -> spans   the runs that belong to some group, cut to the periods that do
//!         -> lanes   for each group of series and each period the sum of what is stored
//!         -> sink    for each group its total, when the lanes are full or the chunks done
//! ```
//!
//! Where all periods count alike, a span is added up as it lies; where a whole chunk is one group, its
//! kept total is taken (small materialized aggregates: Moerkotte, VLDB 1998). Chunks are scanned in
//! parallel, each thread into lanes of its own; sums are integers, so the result is the same for any
//! number of threads.

use super::bits::ones;
use super::chunk::Chunk;
use super::column::Column;
use super::grouping::{Grouping, OUTSIDE};
use super::lanes::{Lanes, MOST_OFFSET, Route};
use super::partition::Partition;
use super::presence::Presence;
use super::sink::Sink;
use super::span::{Shape, Spans};
use super::tally::{Fold, Groups, Partial};
use crate::error::{EngineError, Result};
use crate::id::MeasureId;
use crate::memory::Claim;
use rayon::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The most lanes that are kept for all groups at once.
const MOST_LANES: u64 = 1 << 21;

/// Spans of no more groups are sorted by them.
const MOST_SORTED: u64 = 1 << 16;

/// Bytes of a lane, and of the tally it is drained into.
const LANE_BYTES: usize = 20;

/// Groups the facts of a partition and folds the cells of some measures; where there are none, the
/// groups that have any fact are found.
///
/// Says, too, how many bytes the columns have that were read.
///
/// Errors: interrupted, as `stop` was set meanwhile; more memory than a statement may take.
pub fn scan(
    partition: &Partition,
    grouping: &Grouping,
    measures: &[(MeasureId, Fold)],
    stop: &AtomicBool,
) -> Result<(Groups, usize)> {
    if measures.is_empty()
        && let Some(bytes) = Presence::bytes(grouping)
    {
        return presence(partition, grouping, bytes, stop);
    }
    let asked = Asked::new(partition, grouping, measures);
    let work = |chunks: &Vec<&Arc<Chunk>>| {
        let mut worker = Worker::new(&asked);
        let mut going = chunks.iter().take_while(|_| !stop.load(Ordering::Relaxed));
        going.try_for_each(|chunk| worker.chunk(chunk))?;
        worker.finish()
    };
    let worked: Vec<Worked> = match shares(partition.chunks(), grouping).as_slice() {
        [one] => vec![work(one)?],
        many => many.par_iter().map(work).collect::<Result<_>>()?,
    };
    if stop.load(Ordering::Relaxed) {
        return Err(EngineError::Interrupted);
    }
    let read = worked.iter().map(|worked| worked.read).sum();
    let (sinks, _claims): (Vec<Sink>, Vec<Claim>) =
        worked.into_iter().map(|worked| (worked.sink, worked.claim)).unzip();
    Ok((Sink::merged(sinks, grouping, measures.len()), read))
}

/// The groups that have any fact, given the bytes that a thread needs for them.
fn presence(partition: &Partition, grouping: &Grouping, bytes: usize, stop: &AtomicBool) -> Result<(Groups, usize)> {
    let threads = rayon::current_num_threads().clamp(1, partition.chunks().len().max(1));
    let _claim = Claim::of("the groups of a question", bytes.saturating_mul(threads + 1))?;
    let part = |thread: usize| {
        let (mut met, mut read) = (Presence::new(grouping), 0);
        let chunks = partition.chunks().iter().skip(thread).step_by(threads);
        for chunk in chunks.take_while(|_| !stop.load(Ordering::Relaxed)) {
            read += bytes_read(chunk, grouping, &[]);
            met.chunk(chunk, grouping);
        }
        (met, read)
    };
    let (met, read): (Vec<Presence>, Vec<usize>) = (0..threads).into_par_iter().map(part).unzip();
    match stop.load(Ordering::Relaxed) {
        true => Err(EngineError::Interrupted),
        false => Ok((Presence::merged(met, grouping), read.iter().sum())),
    }
}

/// The chunks for each thread. Where every group has a place they are taken in turn, so that any part of the cube is
/// everyone's work; else what lies together is, so that groups stay in order.
fn shares<'a>(chunks: &'a [Arc<Chunk>], grouping: &Grouping) -> Vec<Vec<&'a Arc<Chunk>>> {
    let threads = rayon::current_num_threads().clamp(1, chunks.len().max(1));
    if Sink::is_dense(grouping) {
        return (0..threads).map(|part| chunks.iter().skip(part).step_by(threads).collect()).collect();
    }
    let share = chunks.len().div_ceil(threads * 4).max(1);
    chunks.chunks(share).map(|chunks| chunks.iter().collect()).collect()
}

/// What is asked, and how each measure is gathered.
struct Asked<'a> {
    grouping: &'a Grouping<'a>,
    measures: &'a [(MeasureId, Fold)],
    folds: Vec<Fold>,
    routes: Vec<Route>,
}

impl<'a> Asked<'a> {
    fn new(partition: &Partition, grouping: &'a Grouping<'a>, measures: &'a [(MeasureId, Fold)]) -> Self {
        let route = |(measure, fold): &(MeasureId, Fold)| {
            let columns = || partition.chunks().iter().map(|chunk| chunk.column(measure.index()));
            let large = |column: Option<&Arc<Column>>| column.is_some_and(|c| c.encoded().frame.span() > MOST_OFFSET);
            match fold {
                Fold::Sum if columns().any(large) => Route::Apart,
                Fold::Sum if columns().all(|column| column.is_some_and(|c| c.masks().is_none())) => Route::Shared,
                Fold::Sum => Route::Own,
                Fold::Min | Fold::Max => Route::Apart,
            }
        };
        let folds = measures.iter().map(|(_, fold)| *fold).collect();
        Asked { grouping, measures, folds, routes: measures.iter().map(route).collect() }
    }
}

/// One thread's work.
struct Worker<'a> {
    asked: &'a Asked<'a>,
    lanes: Lanes,
    spans: Spans,
    sink: Sink,
    row: Vec<Partial>,
    claim: Claim,
    read: usize,
}

/// What came of a thread's work: its groups, the claim on what they take, the bytes of the columns it read.
struct Worked {
    sink: Sink,
    claim: Claim,
    read: usize,
}

impl<'a> Worker<'a> {
    fn new(asked: &'a Asked<'a>) -> Self {
        let row = vec![Partial::default(); asked.folds.len().max(1)];
        let sink = Sink::new(asked.grouping, &asked.folds);
        let claim = Claim::new("the groups of a question");
        Worker { asked, lanes: Lanes::default(), spans: Spans::default(), sink, row, claim, read: 0 }
    }

    fn chunk(&mut self, chunk: &Chunk) -> Result<()> {
        let columns: Vec<Option<&Column>> =
            self.asked.measures.iter().map(|(measure, _)| chunk.column(measure.index()).map(|c| &**c)).collect();
        if !columns.is_empty() && columns.iter().all(Option::is_none) {
            return Ok(());
        }
        let Some(shape) = self.spans.select(chunk, self.asked.grouping) else { return Ok(()) };
        match (&shape, self.spans.whole()) {
            (Shape::Flat(time), Some(series)) => {
                self.whole(chunk, &columns, series, *time);
                Ok(())
            }
            _ => {
                self.read += bytes_read(chunk, self.asked.grouping, &columns);
                self.parts(chunk, &columns, &shape)
            }
        }
    }

    /// A chunk that is all one group: what is known of it is taken.
    fn whole(&mut self, chunk: &Chunk, columns: &[Option<&Column>], series: u64, time: u32) {
        let group = series * self.asked.grouping.times + u64::from(time);
        self.row.fill(Partial::default());
        if columns.is_empty() {
            self.row[0].count = chunk.rows() as u64;
        }
        for (place, column) in columns.iter().enumerate() {
            let Some(column) = column else { continue };
            self.row[place] = match self.asked.folds[place] {
                Fold::Sum => Partial { value: column.total().0, count: column.total().1 },
                fold => {
                    let cells = column.cells(chunk.runs()).map(one);
                    cells.fold(Partial::default(), |total, cell| fold.join(total, cell))
                }
            };
        }
        self.sink.add(group, &self.row);
    }

    fn parts(&mut self, chunk: &Chunk, columns: &[Option<&Column>], shape: &Shape) -> Result<()> {
        let grouping = self.asked.grouping;
        let routes = &self.asked.routes;
        self.apart(chunk, shape);
        let kept = Sink::is_dense(grouping) && grouping.series * shape.lanes() as u64 <= MOST_LANES;
        let groups = if kept { grouping.series as usize } else { self.spans.number() };
        if !self.lanes.accept(shape, groups, columns, routes) || !kept {
            self.drain(true);
            let lanes = groups * shape.lanes() * routes.len().max(1);
            self.claim.hold(self.sink.bytes() + lanes * LANE_BYTES)?;
            self.lanes.reset(shape, groups, routes);
        }
        if kept && shape.lanes() > 1 && grouping.series <= MOST_SORTED {
            self.spans.sort(grouping.series);
        }
        self.lanes.add(chunk, &self.spans, columns, routes);
        if !kept {
            self.drain(kept);
        }
        Ok(())
    }

    fn drain(&mut self, kept: bool) {
        let (times, routes) = (self.asked.grouping.times, &self.asked.routes);
        if kept {
            if let Some(tallies) = self.lanes.drain(times as usize, routes) {
                self.sink.add_all(tallies);
            }
            return;
        }
        if let Some(groups) = self.lanes.list(&self.spans.series, times, routes) {
            self.sink.append(groups);
        }
    }

    /// Measures that do not go through lanes, cell by cell.
    fn apart(&mut self, chunk: &Chunk, shape: &Shape) {
        for (place, (measure, _)) in self.asked.measures.iter().enumerate() {
            let apart = self.asked.routes[place] == Route::Apart;
            let Some(column) = chunk.column(measure.index()).filter(|_| apart) else { continue };
            self.row.fill(Partial::default());
            for span in &self.spans.list {
                for bit in ones(span.bits(column.mask(chunk.runs(), span.run as usize))) {
                    let lane = if shape.lanes() == 1 { 0 } else { span.lane as usize + bit };
                    let time = shape.groups()[lane];
                    if time == OUTSIDE {
                        continue;
                    }
                    self.row[place] = one(column.value(span.at + bit as u32));
                    self.sink.add(span.group * self.asked.grouping.times + u64::from(time), &self.row);
                }
            }
        }
    }

    fn finish(mut self) -> Result<Worked> {
        self.drain(true);
        self.claim.hold(self.sink.bytes())?;
        Ok(Worked { sink: self.sink, claim: self.claim, read: self.read })
    }
}

/// The bytes of the columns that a chunk is read by.
fn bytes_read(chunk: &Chunk, grouping: &Grouping, columns: &[Option<&Column>]) -> usize {
    let codes = grouping.tables.iter().filter_map(|(coordinate, _)| Some(chunk.codes(*coordinate)?.bytes()));
    let cells = columns.iter().flatten().map(|column| column.bytes());
    chunk.runs().bytes() + codes.sum::<usize>() + cells.sum::<usize>()
}

fn one(value: i64) -> Partial {
    Partial { value: i128::from(value), count: 1 }
}
