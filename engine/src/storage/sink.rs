//! Where totals of groups are gathered: by number in a row where there are few, as they come where there are many.

use super::grouping::Grouping;
use super::tally::{Fold, Groups, Partial, Tally};

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
    /// Groups as they came; they may come again.
    Loose(Vec<u64>, Vec<Tally>),
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
            false => Held::Loose(Vec::new(), vec![Tally::default(); folds.len()]),
        };
        Sink { folds, held }
    }

    /// Bytes that the totals take, counting that they are there twice when they are put together.
    pub fn bytes(&self) -> usize {
        let (numbers, tallies) = match &self.held {
            Held::Dense(_, tallies) => (0, tallies),
            Held::Loose(groups, tallies) => (groups.len(), tallies),
        };
        2 * (numbers * size_of::<u64>() + tallies.iter().map(Tally::bytes).sum::<usize>())
    }

    /// Adds to a group's totals, one for each measure.
    pub fn add(&mut self, group: u64, row: &[Partial]) {
        match &mut self.held {
            Held::Dense(places, tallies) => {
                made(tallies, self.folds.len(), *places);
                join(&self.folds, tallies, group as usize, row);
            }
            Held::Loose(groups, tallies) if groups.last() == Some(&group) => {
                join(&self.folds, tallies, groups.len() - 1, row);
            }
            Held::Loose(groups, tallies) => {
                groups.push(group);
                tallies.iter_mut().zip(row).for_each(|(tally, partial)| tally.push(*partial));
            }
        }
    }

    /// Adds the totals of all groups at once.
    pub fn add_all(&mut self, more: Vec<Tally>) {
        if let Held::Dense(_, tallies) = &mut self.held {
            join_all(&self.folds, tallies, more);
        }
    }

    /// Adds totals of some groups of series, so many of time for each.
    pub fn append(&mut self, series: &[u64], times: usize, more: &[Tally]) {
        let there: Vec<u32> = with_cells(more);
        match &mut self.held {
            Held::Loose(groups, tallies) => {
                groups.extend(numbers(&there, series, times));
                tallies.iter_mut().zip(more).for_each(|(tally, more)| tally.extend(more.picked(&there)));
            }
            Held::Dense(places, tallies) => {
                made(tallies, self.folds.len(), *places);
                for (tally, more) in tallies.iter_mut().zip(more) {
                    let cells = there.iter().zip(numbers(&there, series, times));
                    let cells = cells.filter(|(place, _)| more.has(**place as usize));
                    cells.for_each(|(place, number)| tally.add(number as usize, more.get(*place as usize)));
                }
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
                (Held::Loose(groups, tallies), Held::Loose(more_groups, more)) => {
                    groups.extend(more_groups);
                    tallies.iter_mut().zip(more).for_each(|(tally, more)| tally.extend(more));
                }
                _ => {}
            }
        }
        let mut groups = match all.held {
            Held::Dense(_, tallies) => listed(tallies),
            Held::Loose(groups, tallies) if groups.is_sorted_by(|a, b| a < b) => {
                Groups { offsets: groups, columns: tallies }
            }
            Held::Loose(groups, tallies) => settled(&all.folds, &groups, &tallies),
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

/// The numbers of some places, ascending, given the group of series of each, with so many of time.
fn numbers<'a>(places: &'a [u32], series: &'a [u64], times: usize) -> impl Iterator<Item = u64> + 'a {
    let (mut at, mut first) = (0, 0);
    places.iter().map(move |place| {
        let place = *place as usize;
        while place >= first + times {
            (at, first) = (at + 1, first + times);
        }
        series[at] * times as u64 + (place - first) as u64
    })
}

/// The groups of a row of places that have any cell.
fn listed(tallies: Vec<Tally>) -> Groups {
    let there = with_cells(&tallies);
    let full = there.len() == tallies.first().map_or(0, Tally::len);
    let columns = if full { tallies } else { tallies.iter().map(|tally| tally.picked(&there)).collect() };
    Groups { offsets: there.into_iter().map(u64::from).collect(), columns }
}

/// Groups that came in any order, some more than once.
fn settled(folds: &[Fold], groups: &[u64], tallies: &[Tally]) -> Groups {
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
