//! What the cells of one term come to at one position.

use crate::answer::Value;
use crate::formula::exact;
use engine::aggregate::Partial;
use engine::dimension::Dimension;
use engine::id::MemberId;
use engine::measure::{Measure, OverTime, Rollup};
use std::collections::{BTreeMap, BTreeSet};

/// A period of one reading: what keeps readings apart, and the period's coordinate.
pub(super) type Moment = (MemberId, MemberId);

/// The cells of one term at one position.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered {
    whole: Partial,
    pub periods: BTreeMap<Moment, Partial>,
    /// Members that have data, for a count.
    pub members: BTreeSet<u32>,
}

impl Gathered {
    /// Adds a cell, in its period where periods are kept apart.
    pub fn add(&mut self, moment: Option<Moment>, rollup: Rollup, partial: Partial, sign: i8) {
        let signed = matches!(rollup, Rollup::Sum | Rollup::Average);
        let sign = if signed { i128::from(sign) } else { 1 };
        let partial = Partial { value: partial.value * sign, ..partial };
        let total = match moment {
            Some(moment) => self.periods.entry(moment).or_default(),
            None => &mut self.whole,
        };
        let count = total.count + partial.count;
        *total = match (total.count, rollup) {
            (0, _) => partial,
            (_, Rollup::Min) => Partial { value: total.value.min(partial.value), count },
            (_, Rollup::Max) => Partial { value: total.value.max(partial.value), count },
            _ => Partial { value: total.value + partial.value, count },
        };
    }

    /// The value of a flow.
    pub fn flow(&self, measure: &Measure) -> Value {
        folded(measure, self.whole)
    }

    /// The sum in units; none where there are no cells.
    pub fn sum(&self) -> Option<i128> {
        (self.whole.count > 0).then_some(self.whole.value)
    }

    /// The value of a stock; `closing` says in which period its reading closes.
    pub fn stock(&self, measure: &Measure, time: &Dimension, closing: &dyn Fn(MemberId) -> Option<MemberId>) -> Value {
        let mut periods: Vec<(&Moment, &Partial)> = self.periods.iter().collect();
        periods.sort_by_key(|((_, period), _)| time.period_end(*period));
        let value =
            |found: Option<&(&Moment, &Partial)>| found.map_or(Value::Empty, |(_, partial)| folded(measure, **partial));
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

fn folded(measure: &Measure, partial: Partial) -> Value {
    match (partial.count, measure.rollup) {
        (0, _) => Value::Empty,
        (1, _) | (_, Rollup::Sum | Rollup::Min | Rollup::Max) => exact(partial.value, measure.scale),
        (_, Rollup::None) => Value::Empty,
        (count, Rollup::Average) => average(measure, partial.value, count),
    }
}

fn average(measure: &Measure, sum: i128, count: u64) -> Value {
    Value::Ratio(engine::decimal::Decimal::new(sum, measure.scale).to_f64() / count as f64)
}

fn mean(measure: &Measure, periods: Vec<Partial>) -> Value {
    let there: Vec<Partial> = periods.into_iter().filter(|partial| partial.count > 0).collect();
    match there.len() as u64 {
        0 => Value::Empty,
        count => average(measure, there.iter().map(|partial| partial.value).sum(), count),
    }
}
