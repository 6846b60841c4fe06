//! Where totals of groups are gathered: by number in a row where there are few, as they come where there are many.

use super::grouping::Grouping;
use super::tally::{Fold, Groups, Partial, Tally};
use rayon::prelude::*;

/// The most groups that have a place each.
const MOST_PLACES: u64 = 1 << 20;

/// Totals of groups.
#[derive(Debug)]
pub struct Sink {
    folds: Vec<Fold>,
    held: Held,
}

#[derive(Debug)]
enum Held {
    /// A place for each group; none as long as there is nothing.
    Dense(usize, Vec<Tally>),
    /// Groups as they came, part by part; they may come again.
    Loose(Vec<Groups>),
}

impl Sink {
    /// Whether every group has a place.
    pub fn is_dense(grouping: &Grouping) -> bool {
        grouping.series * grouping.times <= MOST_PLACES
    }

    /// An empty sink for some measures; where there are none it counts facts.
    pub fn new(grouping: &Grouping, folds: &[Fold]) -> Self {
        let folds = if folds.is_empty() { vec![Fold::Sum] } else { folds.to_vec() };
        let held = match Sink::is_dense(grouping) {
            true => Held::Dense((grouping.series * grouping.times) as usize, Vec::new()),
            false => Held::Loose(Vec::new()),
        };
        Sink { folds, held }
    }

    /// Bytes that the totals take, counting that they are there twice when they are put together.
    pub fn bytes(&self) -> usize {
        2 * match &self.held {
            Held::Dense(_, tallies) => tallies.iter().map(Tally::bytes).sum::<usize>(),
            Held::Loose(parts) => parts.iter().map(Groups::bytes).sum(),
        }
    }

    /// Adds to a group's totals, one for each measure.
    pub fn add(&mut self, group: u64, row: &[Partial]) {
        match &mut self.held {
            Held::Dense(places, tallies) => {
                made(tallies, self.folds.len(), *places);
                join(&self.folds, tallies, group as usize, row);
            }
            Held::Loose(parts) => match parts.last_mut() {
                Some(part) if part.offsets.last() == Some(&group) => {
                    join(&self.folds, &mut part.columns, part.offsets.len() - 1, row);
                }
                Some(part) => part.push(group, row),
                None => {
                    let mut part = Groups::none(self.folds.len());
                    part.push(group, row);
                    parts.push(part);
                }
            },
        }
    }

    /// Adds the totals of all groups at once.
    pub fn add_all(&mut self, more: Vec<Tally>) {
        if let Held::Dense(_, tallies) = &mut self.held {
            join_all(&self.folds, tallies, more);
        }
    }

    /// Adds the totals of some groups.
    pub fn append(&mut self, more: Groups) {
        match &mut self.held {
            Held::Loose(parts) => parts.push(more),
            Held::Dense(places, tallies) => {
                made(tallies, self.folds.len(), *places);
                tallies.iter_mut().zip(&more.columns).for_each(|(tally, column)| tally.add_at(&more.offsets, column));
            }
        }
    }

    /// The sinks of all threads together, in the order of the coordinates.
    pub fn merged(sinks: Vec<Sink>, grouping: &Grouping, measures: usize) -> Groups {
        let mut sinks = sinks.into_iter();
        let Some(mut all) = sinks.next() else { return Groups::none(measures) };
        for sink in sinks {
            match (&mut all.held, sink.held) {
                (Held::Dense(_, tallies), Held::Dense(_, more)) => join_all(&all.folds, tallies, more),
                (Held::Loose(parts), Held::Loose(more)) => parts.extend(more),
                _ => {}
            }
        }
        let mut groups = match all.held {
            Held::Dense(_, tallies) => listed(tallies),
            Held::Loose(parts) => settled(&all.folds, joined(&parts, all.folds.len())),
        };
        groups.columns.truncate(measures);
        groups.columns.resize(measures, Tally::default());
        if grouping.is_in_order() { groups } else { reordered(groups, grouping) }
    }
}

/// Makes sure that there is a tally for each measure.
fn made(tallies: &mut Vec<Tally>, measures: usize, places: usize) {
    if tallies.is_empty() {
        *tallies = vec![Tally::empty(places); measures];
    }
}

fn join(folds: &[Fold], tallies: &mut [Tally], place: usize, row: &[Partial]) {
    for ((tally, partial), fold) in tallies.iter_mut().zip(row).zip(folds) {
        if partial.count > 0 {
            tally.join(*fold, place, *partial);
        }
    }
}

fn join_all(folds: &[Fold], tallies: &mut Vec<Tally>, more: Vec<Tally>) {
    if tallies.is_empty() {
        *tallies = more;
        return;
    }
    tallies.iter_mut().zip(&more).zip(folds).for_each(|((tally, more), fold)| tally.join_all(*fold, more));
}

/// The places at which some tally has a cell.
fn with_cells(tallies: &[Tally]) -> Vec<u32> {
    let mut any = vec![false; tallies.first().map_or(0, Tally::len)];
    tallies.iter().for_each(|tally| tally.mark(&mut any));
    let mut places = Vec::with_capacity(any.iter().filter(|any| **any).count());
    places.extend((0..).zip(&any).filter(|(_, any)| **any).map(|(place, _)| place));
    places
}

/// The groups of a row of places that have any cell.
fn listed(tallies: Vec<Tally>) -> Groups {
    let there = with_cells(&tallies);
    let full = there.len() == tallies.first().map_or(0, Tally::len);
    let columns = if full { tallies } else { tallies.iter().map(|tally| tally.picked(&there)).collect() };
    Groups { offsets: there.into_iter().map(u64::from).collect(), columns }
}

/// Parts one behind the other.
fn joined(parts: &[Groups], measures: usize) -> Groups {
    let offsets: Vec<&[u64]> = parts.iter().map(|part| part.offsets.as_slice()).collect();
    let column = |place: usize| Tally::joined(parts.iter().map(|part| &part.columns[place]));
    let (offsets, columns) = rayon::join(|| offsets.concat(), || (0..measures).into_par_iter().map(column).collect());
    Groups { offsets, columns }
}

/// Groups that came in any order, some more than once.
fn settled(folds: &[Fold], listed: Groups) -> Groups {
    let Groups { offsets: groups, columns: tallies } = &listed;
    if groups.is_sorted_by(|a, b| a < b) {
        return listed;
    }
    let mut order: Vec<u32> = (0..groups.len() as u32).collect();
    order.sort_by_key(|place| groups[*place as usize]);
    let mut result = Groups::none(folds.len());
    let mut row = vec![Partial::default(); folds.len()];
    for part in order.chunk_by(|a, b| groups[*a as usize] == groups[*b as usize]) {
        row.fill(Partial::default());
        for place in part {
            for ((total, tally), fold) in row.iter_mut().zip(tallies).zip(folds) {
                *total = fold.join(*total, tally.get(*place as usize));
            }
        }
        part.first().into_iter().for_each(|place| result.push(groups[*place as usize], &row));
    }
    result
}

fn reordered(groups: Groups, grouping: &Grouping) -> Groups {
    let mut order: Vec<(u64, u32)> =
        groups.offsets.iter().enumerate().map(|(place, group)| (grouping.in_order(*group), place as u32)).collect();
    order.sort_unstable();
    let places: Vec<u32> = order.iter().map(|(_, place)| *place).collect();
    let columns = groups.columns.iter().map(|column| column.picked(&places)).collect();
    Groups { offsets: order.into_iter().map(|(group, _)| group).collect(), columns }
}
