//! Where totals of groups are gathered: by number in a row where there are few, as they come where there are many.

use super::grouping::{Grouping, OUTSIDE};
use super::tally::{Fold, Groups, Partial, Tally};

/// The most groups that have a place each.
const MOST_PLACES: u64 = 1 << 19;

/// Totals of groups.
#[derive(Debug)]
pub struct Sink {
    folds: Vec<Fold>,
    times: u64,
    held: Held,
    /// Totals of one group of series by group of time.
    scratch: Vec<Partial>,
    touched: Vec<u32>,
}

#[derive(Debug)]
enum Held {
    /// For each group as many as there are measures.
    Dense(Vec<Partial>),
    /// Groups as they came, and as many totals for each; groups may come again.
    Loose(Vec<u64>, Vec<Partial>),
}

impl Sink {
    /// Whether every group has a place.
    pub fn is_dense(grouping: &Grouping) -> bool {
        grouping.series * grouping.times <= MOST_PLACES
    }

    /// An empty sink for some measures; where there are none it counts facts.
    pub fn new(grouping: &Grouping, folds: &[Fold]) -> Self {
        let folds = if folds.is_empty() { vec![Fold::Sum] } else { folds.to_vec() };
        let places = (grouping.series * grouping.times) as usize;
        let held = match Sink::is_dense(grouping) {
            true => Held::Dense(vec![Partial::default(); places * folds.len()]),
            false => Held::Loose(Vec::new(), Vec::new()),
        };
        let scratch = vec![Partial::default(); grouping.times as usize * folds.len()];
        Sink { folds, times: grouping.times, held, scratch, touched: Vec::new() }
    }

    /// Adds what `read` says of each lane of a group of series; `lanes` says which group of time each is of.
    pub fn group(&mut self, series: u64, lanes: &[u32], row: &mut [Partial], read: impl Fn(usize, &mut [Partial])) {
        let measures = self.folds.len();
        for (lane, time) in lanes.iter().enumerate().filter(|(_, time)| **time != OUTSIDE) {
            read(lane, row);
            if row.iter().all(|partial| partial.count == 0) {
                continue;
            }
            if let Held::Dense(_) = self.held {
                self.add(series * self.times + u64::from(*time), row);
                continue;
            }
            self.touched.push(*time);
            let totals = &mut self.scratch[*time as usize * measures..][..measures];
            join(&self.folds, totals, row);
        }
        self.touched.sort_unstable();
        self.touched.dedup();
        for place in 0..self.touched.len() {
            let time = self.touched[place];
            let range = time as usize * measures..(time as usize + 1) * measures;
            row.copy_from_slice(&self.scratch[range.clone()]);
            self.scratch[range].fill(Partial::default());
            self.add(series * self.times + u64::from(time), row);
        }
        self.touched.clear();
    }

    /// Adds to a group's totals, one for each measure.
    pub fn add(&mut self, group: u64, row: &[Partial]) {
        let measures = self.folds.len();
        match &mut self.held {
            Held::Dense(totals) => {
                let totals = &mut totals[group as usize * measures..][..measures];
                join(&self.folds, totals, row);
            }
            Held::Loose(groups, totals) if groups.last() == Some(&group) => {
                let start = totals.len() - measures;
                join(&self.folds, &mut totals[start..], row);
            }
            Held::Loose(groups, totals) => {
                groups.push(group);
                totals.extend_from_slice(row);
            }
        }
    }

    /// The sinks of all threads together, in the order of the coordinates.
    pub fn merged(sinks: Vec<Sink>, grouping: &Grouping, measures: usize) -> Groups {
        let mut sinks = sinks.into_iter();
        let Some(mut all) = sinks.next() else { return Groups::none(measures) };
        let folds = all.folds.clone();
        for sink in sinks {
            match (&mut all.held, sink.held) {
                (Held::Dense(totals), Held::Dense(more)) => {
                    totals.chunks_exact_mut(folds.len()).zip(more.chunks_exact(folds.len())).for_each(
                        |(totals, row)| {
                            join(&folds, totals, row);
                        },
                    );
                }
                (Held::Loose(groups, totals), Held::Loose(more_groups, more)) => {
                    groups.extend(more_groups);
                    totals.extend(more);
                }
                _ => {}
            }
        }
        let groups = match all.held {
            Held::Dense(totals) => listed(&totals, folds.len(), measures),
            Held::Loose(groups, totals) => settled(&folds, groups, totals, measures),
        };
        if grouping.is_in_order() { groups } else { reordered(groups, grouping) }
    }
}

fn join(folds: &[Fold], totals: &mut [Partial], row: &[Partial]) {
    for ((total, partial), fold) in totals.iter_mut().zip(row).zip(folds) {
        if partial.count > 0 {
            *total = fold.join(*total, *partial);
        }
    }
}

/// The groups of a row of places that have any cell.
fn listed(totals: &[Partial], width: usize, measures: usize) -> Groups {
    let mut groups = Groups::none(measures);
    for (group, row) in totals.chunks_exact(width).enumerate() {
        if row.iter().any(|partial| partial.count > 0) {
            groups.offsets.push(group as u64);
            groups.columns.iter_mut().zip(row).for_each(|(column, partial)| column.push(*partial));
        }
    }
    groups
}

/// Groups that came in any order, some more than once.
fn settled(folds: &[Fold], groups: Vec<u64>, totals: Vec<Partial>, measures: usize) -> Groups {
    let width = folds.len();
    let mut order: Vec<u32> = (0..groups.len() as u32).collect();
    if !groups.is_sorted() {
        order.sort_by_key(|place| groups[*place as usize]);
    }
    let mut result = Groups::none(measures);
    let mut row = vec![Partial::default(); width];
    let mut at = 0;
    while at < order.len() {
        let group = groups[order[at] as usize];
        row.fill(Partial::default());
        while at < order.len() && groups[order[at] as usize] == group {
            join(folds, &mut row, &totals[order[at] as usize * width..][..width]);
            at += 1;
        }
        result.offsets.push(group);
        result.columns.iter_mut().zip(&row).for_each(|(column, partial)| column.push(*partial));
    }
    result
}

fn reordered(groups: Groups, grouping: &Grouping) -> Groups {
    let mut order: Vec<(u64, usize)> =
        groups.offsets.iter().enumerate().map(|(place, group)| (grouping.in_order(*group), place)).collect();
    order.sort_unstable();
    let column = |column: &Tally| {
        let mut sorted = Tally::default();
        order.iter().for_each(|(_, place)| sorted.push(column.get(*place)));
        sorted
    };
    Groups {
        offsets: order.iter().map(|(group, _)| *group).collect(),
        columns: groups.columns.iter().map(column).collect(),
    }
}
