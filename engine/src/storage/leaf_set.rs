//! Sorted leaves along time: a series once, with the periods in which it has a leaf, as facts lie in chunks.

use super::bits::{low, ones};
use super::codes::Codes;
use super::runs::{Builder, Runs, periods_of};
use super::search::partition_point;
use crate::coordinate::KeyLayout;
use std::ops::Range;

/// Leaves in key order without repetition; those of a series that are near each other in time are a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeafSet {
    runs: Runs,
    /// The key of each run without its period.
    series: Vec<u128>,
    /// How many leaves there are before each run, and how many in all.
    before: Vec<u32>,
}

/// A run of leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The key of its series without a period.
    pub series: u128,
    /// Its first slot: its place among the periods.
    pub first: usize,
    /// Which slots from the first on have a leaf, the first in the lowest bit.
    pub mask: u64,
    /// Which of all leaves they are.
    pub rows: Range<usize>,
}

impl Stretch {
    /// The slots of its leaves.
    pub fn slots(&self) -> impl Iterator<Item = usize> + use<> {
        let first = self.first;
        ones(self.mask).map(move |bit| first + bit)
    }
}

impl Default for LeafSet {
    fn default() -> Self {
        Drawn::default().finish(vec![0])
    }
}

impl LeafSet {
    /// Sorted keys as leaves.
    pub fn of(layout: &KeyLayout, keys: &[u128]) -> Self {
        let (periods, slots) = periods(layout, keys);
        let mut drawn = Drawn::default();
        for key in keys {
            drawn.push(layout.series(*key), slots[layout.period(*key) as usize]);
        }
        drawn.finish(periods)
    }

    /// Runs with the key of each without its period.
    pub(crate) fn of_runs(runs: Runs, series: Vec<u128>) -> Self {
        let mut before = Vec::with_capacity(series.len() + 1);
        before.push(0);
        before.extend((0..series.len()).scan(0, |leaves, run| {
            *leaves += runs.mask(run).count_ones();
            Some(*leaves)
        }));
        LeafSet { runs, series, before }
    }

    /// Those of several parts, which follow each other.
    pub fn joined(parts: &[LeafSet]) -> Self {
        let periods = periods_of(parts.iter().filter(|part| !part.is_empty()).map(LeafSet::runs));
        let mut drawn = Drawn::default();
        for part in parts {
            let slots = part.runs.slots_in(&periods);
            part.stretches().for_each(|stretch| drawn.push_as(&stretch, slots.as_deref()));
        }
        drawn.finish(if periods.is_empty() { vec![0] } else { periods })
    }

    /// How many leaves there are.
    pub fn len(&self) -> usize {
        self.runs.facts
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How they lie along time.
    pub(crate) fn runs(&self) -> &Runs {
        &self.runs
    }

    /// The period of each slot, ascending: the lowest part of a key. One that stands for nothing without time.
    pub fn periods(&self) -> &[u32] {
        &self.runs.periods
    }

    fn period(&self, slot: usize) -> u32 {
        self.runs.periods.get(slot).copied().unwrap_or(0)
    }

    /// The runs, one after the other.
    pub fn stretches(&self) -> impl Iterator<Item = Stretch> + '_ {
        (0..self.series.len()).map(|run| self.stretch(run))
    }

    fn stretch(&self, run: usize) -> Stretch {
        Stretch {
            series: self.series[run],
            first: self.runs.first(run),
            mask: self.runs.mask(run),
            rows: self.before[run] as usize..self.before[run + 1] as usize,
        }
    }

    /// The keys of all leaves.
    pub fn iter(&self) -> impl Iterator<Item = u128> + '_ {
        let key = |series: u128, slot: usize| series | u128::from(self.period(slot));
        self.stretches().flat_map(move |stretch| stretch.slots().map(move |slot| key(stretch.series, slot)))
    }

    /// The keys of all leaves, in order.
    pub fn keys(&self) -> Vec<u128> {
        let mut keys = Vec::with_capacity(self.len());
        keys.extend(self.iter());
        keys
    }

    /// For each coordinate the member ids of the runs; none for time.
    pub fn codes(&self, layout: &KeyLayout) -> Vec<Option<Codes>> {
        let of = |coordinate| {
            let codes: Vec<u32> = self.series.iter().map(|series| layout.unpack(*series, coordinate)).collect();
            Codes::encode(&codes)
        };
        (0..layout.width()).map(|coordinate| (layout.time() != Some(coordinate)).then(|| of(coordinate))).collect()
    }

    /// How many leaves come before a key.
    pub fn before(&self, layout: &KeyLayout, key: u128) -> usize {
        let (series, period) = (layout.series(key), layout.period(key));
        let slot = self.runs.periods.partition_point(|known| *known < period);
        let starts_before = |run: usize| (self.series[run], self.runs.first(run)) < (series, slot);
        let run = partition_point(0..self.series.len(), starts_before);
        let Some(last) = run.checked_sub(1).map(|run| self.stretch(run)) else { return 0 };
        match last.series == series {
            true => last.rows.start + (last.mask & low(slot - last.first)).count_ones() as usize,
            false => last.rows.end,
        }
    }

    /// A range of the leaves.
    pub fn part(&self, rows: Range<usize>) -> LeafSet {
        if rows == (0..self.len()) {
            return self.clone();
        }
        let from = partition_point(0..self.series.len(), |run| self.before[run + 1] as usize <= rows.start);
        let mut drawn = Drawn::default();
        for stretch in (from..self.series.len()).map(|run| self.stretch(run)) {
            if stretch.rows.start >= rows.end {
                break;
            }
            let mut mask = stretch.mask;
            (stretch.rows.start..rows.start).for_each(|_| mask &= mask - 1);
            let too_many = stretch.rows.end.saturating_sub(rows.end);
            (0..too_many).for_each(|_| mask ^= 1 << (u64::BITS - 1 - mask.leading_zeros()));
            drawn.push_run(stretch.series, stretch.first, mask);
        }
        drawn.finish(self.runs.periods.clone())
    }

    /// Those leaves of which a predicate holds, given the place of each.
    pub fn those(&self, keep: impl Fn(usize) -> bool) -> LeafSet {
        let mut drawn = Drawn::default();
        for stretch in self.stretches() {
            let kept = ones(stretch.mask).zip(stretch.rows.clone()).filter(|(_, row)| keep(*row));
            let mask = kept.fold(0, |mask, (bit, _)| mask | 1 << bit);
            drawn.push_run(stretch.series, stretch.first, mask);
        }
        drawn.finish(self.runs.periods.clone())
    }
}

/// Leaves as they are put together, in key order.
#[derive(Debug, Default)]
pub struct Drawn {
    builder: Builder,
    series: Vec<u128>,
}

impl Drawn {
    /// Adds a leaf.
    pub fn push(&mut self, series: u128, slot: u32) {
        if self.builder.push(series, slot) {
            self.series.push(series);
        }
    }

    /// Adds a run of leaves from a slot on; none where no bit is set.
    pub fn push_run(&mut self, series: u128, first: usize, mask: u64) {
        if mask != 0 {
            let skipped = mask.trailing_zeros();
            self.builder.push_run(first as u32 + skipped, mask >> skipped);
            self.series.push(series);
        }
    }

    /// Adds a run whose slots have other numbers here.
    pub fn push_as(&mut self, stretch: &Stretch, slots: Option<&[u32]>) {
        match slots {
            None => self.push_run(stretch.series, stretch.first, stretch.mask),
            Some(slots) => stretch.slots().for_each(|slot| self.push(stretch.series, slots[slot])),
        }
    }

    /// The leaves, given the period of each slot.
    pub fn finish(self, periods: Vec<u32>) -> LeafSet {
        LeafSet::of_runs(self.builder.finish(periods), self.series)
    }
}

/// The periods of some keys, ascending, and the slot number of each; one that stands for nothing where the cube has no
/// time.
fn periods(layout: &KeyLayout, keys: &[u128]) -> (Vec<u32>, Vec<u32>) {
    let mut seen = vec![false; layout.most_periods()];
    keys.iter().for_each(|key| seen[layout.period(*key) as usize] = true);
    let periods: Vec<u32> = (0..).zip(&seen).filter(|(_, seen)| **seen).map(|(period, _)| period).collect();
    let mut slots = vec![0; seen.len()];
    periods.iter().zip(0..).for_each(|(period, slot)| slots[*period as usize] = slot);
    (if periods.is_empty() { vec![0] } else { periods }, slots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn layout() -> KeyLayout {
        KeyLayout::of_teams(6, "2020-01", "2026-12")
    }

    /// Keys of few series, along more periods than a run has slots.
    fn keys() -> impl Strategy<Value = BTreeSet<u128>> {
        let layout = layout();
        let stretch = (0u32..6, 1u32..100, 1u32..20).prop_map(move |(team, first, length)| {
            (first..first + length).map(|period| layout.pack([team, period].into_iter())).collect::<Vec<u128>>()
        });
        prop::collection::vec(stretch, 0..6).prop_map(|stretches| stretches.concat().into_iter().collect())
    }

    proptest! {
        #[test]
        fn a_set_of_leaves_is_a_sorted_list_of_keys(
            all in keys(),
            more in keys(),
            bounds in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
            modulus in 1usize..5,
        ) {
            let layout = layout();
            let sorted: Vec<u128> = all.iter().copied().collect();
            let leaves = LeafSet::of(&layout, &sorted);
            prop_assert_eq!(leaves.keys(), sorted.clone());
            let (from, to) = (bounds.0.index(sorted.len() + 1), bounds.1.index(sorted.len() + 1));
            let range = from.min(to)..from.max(to);
            prop_assert_eq!(leaves.part(range.clone()).keys(), sorted[range.clone()].to_vec());
            let halves = [leaves.part(0..range.start), leaves.part(range.clone()), leaves.part(range.end..sorted.len())];
            prop_assert_eq!(LeafSet::joined(&halves).keys(), sorted.clone());
            let those = leaves.those(|row| row % modulus == 0);
            prop_assert_eq!(those.keys(), sorted.iter().copied().step_by(modulus).collect::<Vec<u128>>());
            for key in more.iter().chain(&all) {
                prop_assert_eq!(leaves.before(&layout, *key), sorted.partition_point(|known| known < key));
            }
            let after: Vec<u128> = more.iter().copied().filter(|key| sorted.last().is_none_or(|last| key > last)).collect();
            let joined = LeafSet::joined(&[leaves, LeafSet::of(&layout, &after)]);
            prop_assert_eq!(joined.keys(), [sorted, after].concat());
        }
    }
}
