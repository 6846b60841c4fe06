//! The scan: rows to groups by small lookup tables, added into dense or hashed totals.
//!
//! Chunks are scanned in parallel, each thread into totals of its own; these are merged in the
//! order of the chunks. Sums are integers, so the result is the same for any number of threads.

use super::chunk::Chunk;
use super::partition::Partition;
use super::values::Values;
use crate::id::MeasureId;
use rayon::prelude::*;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// In a grouping table: the rows of this member are left out. Sums of several stay negative.
pub const NO_GROUP: i64 = i64::MIN / 64;

/// The most groups that are kept in a dense array.
const DENSE_GROUPS: u64 = 1 << 21;

/// Rows looked at together, so that the work stays in the nearest cache.
const BLOCK: usize = 2048;

/// How rows are put into groups.
#[derive(Debug, Clone, Default)]
pub struct Grouping {
    /// For each coordinate a table from member id to its part of the group number, or [`NO_GROUP`];
    /// coordinates that neither group nor filter have none.
    pub tables: Vec<Option<Vec<i64>>>,
    /// How many groups there can be.
    pub groups: u64,
}

/// How the cells of a group are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Added.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// What the cells of a group come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Partial {
    /// The sum, the least or the greatest; meaningless where `count` is 0.
    pub value: i128,
    /// How many cells there were.
    pub count: u64,
}

/// The groups that have data, in order, and for each measure what they come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// Group numbers, ascending.
    pub offsets: Vec<u64>,
    /// For each measure asked for, as many as there are offsets.
    pub columns: Vec<Vec<Partial>>,
}

impl Fold {
    fn join(self, left: Partial, right: Partial) -> Partial {
        if left.count == 0 {
            return right;
        }
        if right.count == 0 {
            return left;
        }
        let value = match self {
            Fold::Sum => left.value + right.value,
            Fold::Min => left.value.min(right.value),
            Fold::Max => left.value.max(right.value),
        };
        Partial { value, count: left.count + right.count }
    }
}

/// Groups the facts of a partition and folds the cells of some measures.
///
/// None where `stop` was set meanwhile.
pub fn scan(
    partition: &Partition,
    grouping: &Grouping,
    measures: &[(MeasureId, Fold)],
    stop: &AtomicBool,
) -> Option<Groups> {
    let chunks = partition.chunks();
    let threads = rayon::current_num_threads().max(1);
    let share = chunks.len().div_ceil(threads).max(1);
    let parts: Vec<Totals> = chunks
        .par_chunks(share)
        .map(|chunks| {
            let mut totals = Totals::new(grouping.groups, measures);
            for chunk in chunks.iter().take_while(|_| !stop.load(Ordering::Relaxed)) {
                add_chunk(chunk, grouping, measures, &mut totals);
            }
            totals
        })
        .collect();
    if stop.load(Ordering::Relaxed) {
        return None;
    }
    Some(merge(parts, grouping.groups, measures))
}

fn add_chunk(chunk: &Arc<Chunk>, grouping: &Grouping, measures: &[(MeasureId, Fold)], totals: &mut Totals) {
    let columns: Vec<Option<&Arc<Values>>> =
        measures.iter().map(|(measure, _)| chunk.values(measure.index())).collect();
    if columns.iter().all(Option::is_none) {
        return;
    }
    let mut offsets = [0i64; BLOCK];
    for start in (0..chunk.rows()).step_by(BLOCK) {
        let rows = BLOCK.min(chunk.rows() - start);
        let offsets = &mut offsets[..rows];
        offsets.fill(0);
        for (coordinate, table) in grouping.tables.iter().enumerate() {
            if let (Some(table), Some(codes)) = (table, chunk.codes(coordinate)) {
                codes.add_mapped(start, table, offsets);
            }
        }
        if offsets.iter().all(|offset| *offset < 0) {
            continue;
        }
        for (place, values) in columns.iter().enumerate() {
            if let Some(values) = values {
                totals.add(place, values, start, offsets);
            }
        }
    }
}

/// One thread's totals.
enum Totals {
    Dense(Vec<Dense>),
    Hashed { slots: HashMap<u64, usize>, offsets: Vec<u64>, columns: Vec<(Fold, Vec<Partial>)> },
}

struct Dense {
    fold: Fold,
    values: Vec<i64>,
    counts: Vec<u32>,
    /// Sums that left the range of an `i64`, and counts that left that of a `u32`, carried here.
    carried: HashMap<usize, Partial>,
    headroom: i64,
}

impl Totals {
    fn new(groups: u64, measures: &[(MeasureId, Fold)]) -> Self {
        if groups <= DENSE_GROUPS {
            return Totals::Dense(measures.iter().map(|(_, fold)| Dense::new(*fold, groups as usize)).collect());
        }
        let columns = measures.iter().map(|(_, fold)| (*fold, Vec::new())).collect();
        Totals::Hashed { slots: HashMap::new(), offsets: Vec::new(), columns }
    }

    fn add(&mut self, place: usize, values: &Values, start: usize, block: &[i64]) {
        match self {
            Totals::Dense(columns) => {
                if let Some(dense) = columns.get_mut(place) {
                    dense.add(values, start, block);
                }
            }
            Totals::Hashed { slots, offsets, columns } => values.for_each(start, block, |offset, value| {
                let slot = *slots.entry(offset as u64).or_insert_with(|| {
                    offsets.push(offset as u64);
                    columns.iter_mut().for_each(|(_, column)| column.push(Partial::default()));
                    offsets.len() - 1
                });
                let (fold, column) = &mut columns[place];
                column[slot] = fold.join(column[slot], Partial { value: i128::from(value), count: 1 });
            }),
        }
    }
}

impl Dense {
    fn new(fold: Fold, groups: usize) -> Self {
        Dense { fold, values: vec![0; groups], counts: vec![0; groups], carried: HashMap::new(), headroom: i64::MAX }
    }

    /// Adds a block. `headroom` bounds how much any total may still grow before it could overflow;
    /// when a block might use it up, the totals are carried over to wide ones first.
    fn add(&mut self, values: &Values, start: usize, block: &[i64]) {
        let most = i64::try_from(values.magnitude()).ok().and_then(|most| most.checked_mul(block.len() as i64));
        match most {
            Some(most) if most <= self.headroom => self.headroom -= most,
            _ => {
                self.carry();
                match most {
                    Some(most) => self.headroom -= most,
                    None => return self.add_wide(values, start, block),
                }
            }
        }
        let (sums, counts) = (&mut self.values, &mut self.counts);
        match self.fold {
            Fold::Sum => values.for_each(start, block, |group, value| {
                sums[group] += value;
                counts[group] += 1;
            }),
            Fold::Min | Fold::Max => {
                let keep_new = |new: i64, old: i64| if self.fold == Fold::Min { new < old } else { new > old };
                values.for_each(start, block, |group, value| {
                    if counts[group] == 0 || keep_new(value, sums[group]) {
                        sums[group] = value;
                    }
                    counts[group] += 1;
                });
            }
        }
    }

    fn add_wide(&mut self, values: &Values, start: usize, block: &[i64]) {
        let (fold, carried) = (self.fold, &mut self.carried);
        values.for_each(start, block, |group, value| {
            let total = carried.entry(group).or_default();
            *total = fold.join(*total, Partial { value: i128::from(value), count: 1 });
        });
    }

    fn carry(&mut self) {
        for group in 0..self.values.len() {
            if self.counts[group] > 0 {
                let part = Partial { value: i128::from(self.values[group]), count: u64::from(self.counts[group]) };
                let total = self.carried.entry(group).or_default();
                *total = self.fold.join(*total, part);
                self.values[group] = 0;
                self.counts[group] = 0;
            }
        }
        self.headroom = i64::MAX;
    }

    fn get(&self, group: usize) -> Partial {
        let near = Partial { value: i128::from(self.values[group]), count: u64::from(self.counts[group]) };
        match self.carried.get(&group) {
            Some(carried) => self.fold.join(*carried, near),
            None => near,
        }
    }
}

fn merge(parts: Vec<Totals>, groups: u64, measures: &[(MeasureId, Fold)]) -> Groups {
    let mut hashed: HashMap<u64, Vec<Partial>> = HashMap::new();
    let mut dense: Vec<Vec<Dense>> = Vec::new();
    for part in parts {
        match part {
            Totals::Dense(columns) => dense.push(columns),
            Totals::Hashed { offsets, columns, .. } => {
                for (slot, offset) in offsets.iter().enumerate() {
                    let totals = hashed.entry(*offset).or_insert_with(|| vec![Partial::default(); measures.len()]);
                    for (total, (fold, column)) in totals.iter_mut().zip(&columns) {
                        *total = fold.join(*total, column[slot]);
                    }
                }
            }
        }
    }
    let mut result = Groups { offsets: Vec::new(), columns: vec![Vec::new(); measures.len()] };
    if groups <= DENSE_GROUPS {
        for group in 0..groups as usize {
            let totals: Vec<Partial> = (0..measures.len())
                .map(|place| {
                    dense
                        .iter()
                        .fold(Partial::default(), |total, part| measures[place].1.join(total, part[place].get(group)))
                })
                .collect();
            push(&mut result, group as u64, &totals);
        }
    } else {
        let mut entries: Vec<_> = hashed.into_iter().collect();
        entries.sort_unstable_by_key(|(offset, _)| *offset);
        entries.iter().for_each(|(offset, totals)| push(&mut result, *offset, totals));
    }
    result
}

fn push(groups: &mut Groups, offset: u64, totals: &[Partial]) {
    if totals.iter().any(|total| total.count > 0) {
        groups.offsets.push(offset);
        groups.columns.iter_mut().zip(totals).for_each(|(column, total)| column.push(*total));
    }
}
