//! What the cells of one term come to at one position.

use crate::answer::Value;
use crate::formula::exact;
use engine::aggregate::Partial;
use engine::decimal::power_of_ten;
use engine::dimension::Dimension;
use engine::id::MemberId;
use engine::measure::{Measure, OverTime, Rollup};
use engine::weight::{Weight, WeightedSum};
use std::collections::{BTreeMap, BTreeSet};

/// A period of one reading: what keeps readings apart, and the period's coordinate.
pub(super) type Moment = (MemberId, MemberId);

/// The cells of one term at one position.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered {
    whole: Folded,
    pub periods: BTreeMap<Moment, Folded>,
    /// Members that have data, for a count.
    pub members: BTreeSet<u32>,
}

/// What some cells come to: their weighted sum, or the least or greatest of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Folded {
    value: WeightedSum,
    count: u64,
}

impl Folded {
    fn add(&mut self, rollup: Rollup, partial: Partial, weight: Weight) {
        let known = self.value.rounded().filter(|_| self.count > 0).unwrap_or(partial.value);
        self.value = match rollup {
            Rollup::Min => WeightedSum::whole(known.min(partial.value)),
            Rollup::Max => WeightedSum::whole(known.max(partial.value)),
            Rollup::None => WeightedSum::whole(partial.value),
            Rollup::Sum | Rollup::Average => self.value.plus(partial.value, weight),
        };
        self.count += partial.count;
    }
}

impl Gathered {
    /// Adds a cell, in its period where periods are kept apart.
    pub fn add(&mut self, moment: Option<Moment>, rollup: Rollup, partial: Partial, weight: Weight) {
        let total = match moment {
            Some(moment) => self.periods.entry(moment).or_default(),
            None => &mut self.whole,
        };
        total.add(rollup, partial, weight);
    }

    /// Whether a sum was too fine to be kept exactly.
    pub fn is_lost(&self) -> bool {
        self.periods.values().chain([&self.whole]).any(|folded| folded.value.rounded().is_none())
    }

    /// The last period in which there are cells, where periods are kept apart.
    pub fn last_period(&self, time: &Dimension) -> Option<MemberId> {
        self.periods.keys().map(|(_, period)| *period).max_by_key(|period| time.period_end(*period))
    }

    /// The value of a flow.
    pub fn flow(&self, measure: &Measure) -> Value {
        folded(measure, self.whole)
    }

    /// The sum in units; none where there are no cells.
    pub fn sum(&self) -> Option<i128> {
        self.whole.value.rounded().filter(|_| self.whole.count > 0)
    }

    /// The value of a stock; `closing` says in which period its reading closes.
    pub fn stock(&self, measure: &Measure, time: &Dimension, closing: &dyn Fn(MemberId) -> Option<MemberId>) -> Value {
        let mut periods: Vec<(&Moment, &Folded)> = self.periods.iter().collect();
        periods.sort_by_key(|((_, period), _)| time.period_end(*period));
        let value =
            |found: Option<&(&Moment, &Folded)>| found.map_or(Value::Empty, |(_, partial)| folded(measure, **partial));
        match measure.over_time {
            OverTime::Flow => self.flow(measure),
            OverTime::First => value(periods.first()),
            OverTime::Last => value(periods.last()),
            OverTime::Average => mean(measure, periods.iter().map(|(_, partial)| **partial).collect()),
            OverTime::Closing => {
                let Some(((key, _), _)) = periods.first() else { return Value::Empty };
                let found = closing(*key).and_then(|period| self.periods.get(&(*key, period)));
                found.map_or(Value::Empty, |partial| folded(measure, *partial))
            }
        }
    }
}

fn folded(measure: &Measure, cells: Folded) -> Value {
    let rounded = || cells.value.rounded().map_or(Value::Empty, |units| exact(units, measure.scale));
    match (cells.count, measure.rollup) {
        (0, _) => Value::Empty,
        (1, _) | (_, Rollup::Sum | Rollup::Min | Rollup::Max) => rounded(),
        (_, Rollup::None) => Value::Empty,
        (count, Rollup::Average) => average(measure, cells.value, count),
    }
}

fn average(measure: &Measure, sum: WeightedSum, count: u64) -> Value {
    Value::Ratio(sum.to_f64() / power_of_ten(measure.scale) as f64 / count as f64)
}

fn mean(measure: &Measure, periods: Vec<Folded>) -> Value {
    let there: Vec<Folded> = periods.into_iter().filter(|cells| cells.count > 0).collect();
    let sum = there.iter().fold(WeightedSum::default(), |sum, cells| sum.joined(cells.value, Weight::ONE));
    match there.len() as u64 {
        0 => Value::Empty,
        count => average(measure, sum, count),
    }
}
