//! Brings a roll-up from one version of the facts to the next, by the cells that changed between them.

use super::Asked;
use crate::change::{Delta, DeltaColumn, Direction};
use crate::id::MeasureId;
use crate::storage::{Fold, Grouping, Groups, Partial, Tally};
use std::collections::HashMap;

/// The most groups for which differences have a place each.
const MOST_PLACES: u64 = 1 << 20;

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
    let numbers = grouping.numbers(&delta.codes);
    let mut next = Differences::new(grouping.series * grouping.times, asked.measures.len());
    if asked.measures.is_empty() {
        return if delta.columns.iter().all(|column| keeps_presence(column, delta.rows)) {
            Some(groups.clone())
        } else {
            None
        };
    }
    for (place, (measure, fold)) in asked.measures.iter().enumerate() {
        let Some(column) = column_of(delta, *measure) else { continue };
        if *fold != Fold::Sum {
            return None;
        }
        next.add(place, column, &numbers, direction);
    }
    Some(next.applied(groups))
}

fn column_of(delta: &Delta, measure: MeasureId) -> Option<&DeltaColumn> {
    delta.columns.iter().find(|column| column.measure == measure)
}

/// Whether every cell of a delta was there before and is there after.
fn keeps_presence(column: &DeltaColumn, rows: usize) -> bool {
    let all = |values: &Option<crate::storage::Values>| {
        values.as_ref().is_some_and(|values| values.validity.is_none() && values.rows == rows)
    };
    all(&column.before) == all(&column.after) && (all(&column.before) || same_presence(column, rows))
}

fn same_presence(column: &DeltaColumn, rows: usize) -> bool {
    let (before, after) = (column.before.as_ref(), column.after.as_ref());
    (0..rows).all(|row| {
        before.and_then(|values| values.get(row)).is_some() == after.and_then(|values| values.get(row)).is_some()
    })
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

    fn add(&mut self, place: usize, column: &DeltaColumn, numbers: &[i64], direction: Direction) {
        let (before, after) = match direction {
            Direction::Forward => (&column.before, &column.after),
            Direction::Backward => (&column.after, &column.before),
        };
        for (row, number) in numbers.iter().enumerate().filter(|(_, number)| **number >= 0) {
            let cell = |values: &Option<crate::storage::Values>| values.as_ref().and_then(|values| values.get(row));
            let (before, after) = (cell(before), cell(after));
            if before == after {
                continue;
            }
            let difference = self.place(*number as u64, place);
            difference.0 += i128::from(after.unwrap_or(0)) - i128::from(before.unwrap_or(0));
            difference.1 += i64::from(after.is_some()) - i64::from(before.is_some());
        }
    }

    fn place(&mut self, group: u64, place: usize) -> &mut Difference {
        let measures = self.measures;
        match &mut self.held {
            Held::Dense(differences) => &mut differences[group as usize * measures + place],
            Held::Sparse(differences) => &mut differences.entry(group).or_insert_with(|| vec![(0, 0); measures])[place],
        }
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
    let mut rows: Vec<(u64, Vec<Partial>)> = old.chain(new).collect();
    rows.retain(|(_, row)| row.iter().any(|partial| partial.count > 0));
    rows.sort_unstable_by_key(|(group, _)| *group);
    let mut columns = vec![Tally::default(); groups.columns.len()];
    rows.iter().for_each(|(_, row)| columns.iter_mut().zip(row).for_each(|(column, partial)| column.push(*partial)));
    Groups { offsets: rows.into_iter().map(|(group, _)| group).collect(), columns }
}
