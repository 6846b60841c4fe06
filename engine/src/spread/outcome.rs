//! What a change comes to: the totals before and after, by part, and what was kept.

use super::effect::Effect;
use super::leaf::{Field, Leaf};
use super::request::{Breakdown, Outcome, Part};
use crate::id::MemberId;
use crate::weight::{Weight, WeightedSum};
use rayon::prelude::*;

/// As many leaves as are worth a task of their own.
const PIECE: usize = 1 << 14;

/// How many leaves have a value, and what they come to.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    leaves: i64,
    sum: WeightedSum,
}

impl Total {
    fn add(&mut self, leaf: &Leaf, value: i64, times: i64) {
        self.leaves += times;
        self.sum = self.sum.plus(i128::from(value) * i128::from(times), leaf.weight);
    }

    fn joined(self, other: Total) -> Total {
        Total { leaves: self.leaves + other.leaves, sum: self.sum.joined(other.sum, Weight::ONE) }
    }

    /// None where no leaf has a value.
    fn units(&self) -> Option<i128> {
        (self.leaves > 0).then(|| self.sum.rounded())?
    }
}

/// Which leaves a tally takes, and by what it tells them apart.
#[derive(Clone, Copy)]
struct Counting<'a> {
    field: &'a Field<'a>,
    /// The coordinate of time and the period told, where the measure is a stock.
    period: Option<(usize, MemberId)>,
    told: &'a [Breakdown],
}

impl Counting<'_> {
    /// The totals of leaves as they are.
    fn before<'l>(&self, leaves: impl IndexedParallelIterator<Item = &'l Leaf>) -> Tally {
        self.sum(leaves, |tally, leaf| tally.add(self, leaf, leaf.value, 1))
    }

    /// What an effect adds to totals.
    fn moved(&self, effect: &Effect) -> Tally {
        self.sum(effect.written().par_iter(), |tally, (leaf, write)| {
            tally.add(self, leaf, leaf.value, -1);
            tally.add(self, leaf, write.onto(leaf.value), 1);
        })
    }

    fn sum<T: Send>(
        &self,
        items: impl IndexedParallelIterator<Item = T>,
        add: impl Fn(&mut Tally, T) + Sync + Send,
    ) -> Tally {
        let none = || Tally {
            total: Total::default(),
            parts: self.told.iter().map(|breakdown| vec![Total::default(); breakdown.parts]).collect(),
        };
        let added = |mut tally: Tally, item: T| {
            add(&mut tally, item);
            tally
        };
        items.with_min_len(PIECE).fold(none, added).reduce(none, Tally::joined)
    }
}

/// The totals of leaves, in all and part by part; of a stock, in one period.
#[derive(Clone)]
struct Tally {
    total: Total,
    parts: Vec<Vec<Total>>,
}

impl Tally {
    fn add(&mut self, counting: &Counting, leaf: &Leaf, value: Option<i64>, times: i64) {
        let Some(value) = value.filter(|_| !leaf.weight.is_zero()) else { return };
        let layout = counting.field.snapshot.layout();
        if counting.period.is_some_and(|(coordinate, period)| layout.unpack(leaf.key, coordinate) != period.0) {
            return;
        }
        self.total.add(leaf, value, times);
        for (breakdown, parts) in counting.told.iter().zip(&mut self.parts) {
            let member = layout.unpack(leaf.key, breakdown.coordinate) as usize;
            if let Some(Some(part)) = breakdown.part_of.get(member) {
                parts[usize::from(*part)].add(leaf, value, times);
            }
        }
    }

    fn joined(mut self, other: Tally) -> Tally {
        self.total = self.total.joined(other.total);
        for (mine, theirs) in self.parts.iter_mut().flatten().zip(other.parts.into_iter().flatten()) {
            *mine = mine.joined(theirs);
        }
        self
    }

    /// The parts before and after.
    fn parts(&self, after: &Tally) -> Vec<Vec<Part>> {
        let part = |(before, after): (&Total, &Total)| Part { before: before.units(), after: after.units() };
        self.parts
            .iter()
            .zip(&after.parts)
            .map(|(before, after)| before.iter().zip(after).map(part).collect())
            .collect()
    }
}

/// The period of a stock whose totals are told: the last in which a leaf is written, else the last in
/// which one has a value.
fn told_period(field: &Field, leaves: &[Leaf], effect: &Effect) -> Option<(usize, MemberId)> {
    let (time, coordinate) = field.stock_time()?;
    let period = |leaf: &Leaf| MemberId(field.snapshot.layout().unpack(leaf.key, coordinate));
    let last = |leaves: &mut dyn Iterator<Item = &Leaf>| {
        leaves.map(period).max_by_key(|period| (time.period_end(*period), period.0))
    };
    let written = last(&mut effect.leaves());
    Some((coordinate, written.or_else(|| last(&mut leaves.iter().filter(|leaf| leaf.value.is_some())))?))
}

/// The totals before and after, what was kept, and the writes.
pub(super) fn outcome(field: &Field, leaves: &[Leaf], effect: Effect) -> Outcome {
    let held: Vec<&Leaf> = leaves.par_iter().filter(|leaf| !leaf.free && leaf.value.is_some()).collect();
    let period = told_period(field, leaves, &effect);
    let counting = Counting { field, period, told: &field.spread.told };
    let before = counting.before(leaves.par_iter());
    let after = before.clone().joined(counting.moved(&effect));
    let kept = Counting { told: &[], ..counting }.before(held.par_iter().copied());
    let scenario = field.spread.subcube.scenario;
    Outcome {
        before: before.total.units(),
        after: after.total.units(),
        held: match held.is_empty() && field.spread.held.is_empty() {
            true => None,
            false => Some(kept.total.units().unwrap_or(0)),
        },
        period: period.map(|(_, period)| period),
        parts: before.parts(&after),
        rounding: effect.rounding(field.snapshot.layout()),
        lock: held.iter().find_map(|leaf| field.snapshot.lock_on(scenario, leaf.key)).map(str::to_owned),
        holds: field.holds_met(&held, effect.leaves()),
        writes: effect.into_writes(field.snapshot.layout(), field.spread.measure),
    }
}
