//! Brings a roll-up from one version of the facts to the next, by the cells that changed between them.

use super::Asked;
use crate::change::{Delta, DeltaColumn, Direction, difference};
use crate::id::MeasureId;
use crate::storage::{Fold, Grouping, Groups, Partial, Runs, Values, ones};
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;

/// The most groups for which differences have a place each.
const MOST_PLACES: u64 = 1 << 20;

/// So many runs of a change are worth a thread.
const LEAST_SHARE: usize = 512;

/// What a change does to the cells of a group: to their sum and to how many there are.
type Difference = (i128, i64);

/// The roll-up after a change, or before it; none where the change cannot be told from the roll-up alone.
pub fn follow(
    asked: Asked,
    grouping: &Grouping,
    groups: &Groups,
    delta: &Delta,
    direction: Direction,
) -> Option<Groups> {
    if asked.measures.is_empty() {
        return delta.columns.iter().all(keeps_presence).then(|| groups.clone());
    }
    let numbers = Numbers::new(grouping, delta);
    let columns: Vec<Option<&DeltaColumn>> =
        asked.measures.iter().map(|(measure, _)| column_of(delta, *measure)).collect();
    if columns.iter().zip(asked.measures).any(|(column, (_, fold))| column.is_some() && *fold != Fold::Sum) {
        return None;
    }
    let part = |runs: Range<usize>| {
        let mut differences = Differences::new(grouping.series * grouping.times, columns.len());
        for (place, column) in columns.iter().enumerate() {
            column.iter().for_each(|column| differences.add(place, column, &numbers, runs.clone(), direction));
        }
        differences
    };
    let share = delta.runs.len().div_ceil(rayon::current_num_threads()).max(LEAST_SHARE);
    let starts: Vec<usize> = (0..delta.runs.len()).step_by(share).collect();
    let parts: Vec<Differences> =
        starts.into_par_iter().map(|start| part(start..delta.runs.len().min(start + share))).collect();
    let next = parts.into_iter().reduce(Differences::with);
    Some(next.map_or_else(|| groups.clone(), |next| next.applied(groups)))
}

fn column_of(delta: &Delta, measure: MeasureId) -> Option<&DeltaColumn> {
    delta.columns.iter().find(|column| column.measure == measure)
}

/// Whether every cell of a column that was there before is there after, and no other.
fn keeps_presence(column: &DeltaColumn) -> bool {
    match (&column.before, &column.after) {
        (Some(before), Some(after)) => {
            (0..before.rows).all(|slot| before.get(slot).is_some() == after.get(slot).is_some())
        }
        (before, after) => before.is_none() && after.is_none(),
    }
}

/// The groups of a delta's leaves.
struct Numbers<'d> {
    runs: &'d Runs,
    /// Of each run, and what each period adds; negative where there is none.
    of_run: Vec<i64>,
    of_period: Vec<i64>,
}

impl<'d> Numbers<'d> {
    fn new(grouping: &Grouping, delta: &'d Delta) -> Self {
        let of_run = grouping.numbers(&delta.codes, delta.runs.len());
        let of_period = match delta.runs_tell_periods() {
            true => grouping.period_numbers(&delta.runs.periods),
            false => vec![0; delta.runs.periods.len()],
        };
        Numbers { runs: &delta.runs, of_run, of_period }
    }

    /// Shows each cell of a column in some runs that belongs to a group and differs: the group, and the cell before and
    /// after.
    fn each(&self, column: &DeltaColumn, runs: Range<usize>, mut show: impl FnMut(u64, Option<i64>, Option<i64>)) {
        let (mut before, mut after) = ([0; 64], [0; 64]);
        for (run, number) in runs.clone().zip(&self.of_run[runs]).filter(|(_, number)| **number >= 0) {
            let (first, start, mask) = (self.runs.first(run), self.runs.start(run), self.runs.mask(run));
            let was = cells(column.before.as_ref(), start, mask, &mut before);
            let is = cells(column.after.as_ref(), start, mask, &mut after);
            for bit in ones(was | is) {
                let period = self.of_period.get(first + bit).copied().unwrap_or(-1);
                let cell = |mask: u64, cells: &[i64; 64]| (mask >> bit & 1 == 1).then(|| cells[bit]);
                let (before, after) = (cell(was, &before), cell(is, &after));
                if period >= 0 && before != after {
                    show((number + period) as u64, before, after);
                }
            }
        }
    }
}

/// The cells of a run, and which there are.
fn cells(values: Option<&Values>, start: usize, mask: u64, into: &mut [i64; 64]) -> u64 {
    let Some(values) = values else { return 0 };
    values.read(start, mask, into);
    values.valid(start, mask)
}

enum Held {
    Dense(Vec<Difference>),
    Sparse(HashMap<u64, Vec<Difference>>),
}

struct Differences {
    measures: usize,
    held: Held,
}

impl Differences {
    fn new(groups: u64, measures: usize) -> Self {
        let held = match groups * measures as u64 <= MOST_PLACES {
            true => Held::Dense(vec![(0, 0); groups as usize * measures]),
            false => Held::Sparse(HashMap::new()),
        };
        Differences { measures, held }
    }

    fn add(&mut self, place: usize, column: &DeltaColumn, numbers: &Numbers, runs: Range<usize>, direction: Direction) {
        numbers.each(column, runs, |group, before, after| {
            let (before, after) = match direction {
                Direction::Forward => (before, after),
                Direction::Backward => (after, before),
            };
            let place = self.place(group, place);
            place.0 += difference(before, after);
            place.1 += i64::from(after.is_some()) - i64::from(before.is_some());
        });
    }

    fn place(&mut self, group: u64, place: usize) -> &mut Difference {
        let measures = self.measures;
        match &mut self.held {
            Held::Dense(differences) => &mut differences[group as usize * measures + place],
            Held::Sparse(differences) => &mut differences.entry(group).or_insert_with(|| vec![(0, 0); measures])[place],
        }
    }

    /// Those of two parts of a delta together.
    fn with(mut self, other: Differences) -> Differences {
        let add = |total: &mut Difference, part: &Difference| *total = (total.0 + part.0, total.1 + part.1);
        match (&mut self.held, other.held) {
            (Held::Dense(all), Held::Dense(more)) => all.iter_mut().zip(&more).for_each(|(all, more)| add(all, more)),
            (Held::Sparse(all), Held::Sparse(more)) => {
                for (group, row) in more {
                    let all = all.entry(group).or_insert_with(|| vec![(0, 0); row.len()]);
                    all.iter_mut().zip(&row).for_each(|(all, more)| add(all, more));
                }
            }
            // How they are held depends on how many groups there can be, which is the same for both.
            _ => {}
        }
        self
    }

    /// The groups that change, ascending, with the difference of each measure.
    fn listed(self) -> Vec<(u64, Vec<Difference>)> {
        let changes = |row: &[Difference]| row.iter().any(|difference| *difference != (0, 0));
        match self.held {
            Held::Dense(differences) => {
                let rows = differences.chunks_exact(self.measures).enumerate();
                rows.filter(|(_, row)| changes(row)).map(|(group, row)| (group as u64, row.to_vec())).collect()
            }
            Held::Sparse(differences) => {
                let mut rows: Vec<_> = differences.into_iter().filter(|(_, row)| changes(row)).collect();
                rows.sort_unstable_by_key(|(group, _)| *group);
                rows
            }
        }
    }

    fn applied(self, groups: &Groups) -> Groups {
        let changes = self.listed();
        let mut next = groups.clone();
        let mut fresh = Vec::new();
        let mut emptied = false;
        let mut at = 0;
        for (group, row) in &changes {
            at += next.offsets[at..].partition_point(|known| known < group);
            if next.offsets.get(at) != Some(group) {
                fresh.push((*group, row));
                continue;
            }
            for (column, (sum, count)) in next.columns.iter_mut().zip(row) {
                let old = column.get(at);
                column.set(at, changed(old, *sum, *count));
            }
            emptied |= next.columns.iter().all(|column| column.get(at).count == 0);
        }
        match fresh.is_empty() && !emptied {
            true => next,
            false => rebuilt(&next, &fresh),
        }
    }
}

fn changed(old: Partial, sum: i128, count: i64) -> Partial {
    let count = old.count.saturating_add_signed(count);
    Partial { value: if count == 0 { 0 } else { old.value + sum }, count }
}

/// Groups with some more put in their places, and without those that have no cell left.
fn rebuilt(groups: &Groups, fresh: &[(u64, &Vec<Difference>)]) -> Groups {
    let old =
        groups.offsets.iter().enumerate().map(|(row, group)| {
            (*group, groups.columns.iter().map(|column| column.get(row)).collect::<Vec<Partial>>())
        });
    let new = fresh.iter().map(|(group, row)| {
        (*group, row.iter().map(|(sum, count)| changed(Partial::default(), *sum, *count)).collect::<Vec<Partial>>())
    });
    Groups::of(groups.columns.len(), old.chain(new).collect())
}
