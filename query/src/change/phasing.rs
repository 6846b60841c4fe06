//! Amounts over time: the values along a ramp, the shares of a phased total.

use super::bind::Binder;
use crate::bind::{Meaning, Selection};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Condition, Curve, Number, Path, Phasing, Span as Place};
use engine::aggregate;
use engine::decimal::{Decimal, divide_rounded};
use engine::dimension::Dimension;
use engine::id::{DimensionId, MemberId};
use engine::spread::{Action, Amount, Span, apportion};
use std::collections::HashMap;

/// Shares that are no whole numbers are kept in so many parts of the largest.
const PARTS: f64 = 1e12;

/// The time dimension, and the coordinates of it in the slice.
struct Periods<'a> {
    id: DimensionId,
    time: &'a Dimension,
    filter: &'a Selection,
}

impl<'a> Periods<'a> {
    fn of(binder: &'a Binder, filter: &'a Selection, what: &str) -> Result<Self> {
        let schema = binder.names.schema;
        let id = schema.time().filter(|id| filter.names(*id)).ok_or_else(|| {
            Error::new(ErrorKind::Refused, format!("{what} needs to know its periods"), None)
                .helped("name them in `where`, as 2026 or 2026-04..2027-03")
        })?;
        Ok(Periods { id, time: schema.dimension(id), filter })
    }

    fn inside(&self, member: MemberId) -> bool {
        !self.filter.weight(self.id, member.index()).is_zero()
    }

    /// The shortest periods of the slice, in order.
    fn lowest(&self) -> Vec<MemberId> {
        let leaves = self.time.leaves(MemberId::ROOT).into_iter();
        let mut found: Vec<MemberId> = leaves.filter(|member| self.inside(*member)).collect();
        found.sort_by_key(|member| self.time.period_end(*member));
        found
    }

    /// The members of a level that the slice has periods of, each with those.
    fn spans(&self, binder: &Binder, level: &Path) -> Result<Vec<Vec<MemberId>>> {
        let members = match binder.names.subject(level)? {
            Meaning::Level(id, level) if id == self.id => self.time.members_of_level(level),
            _ => {
                return Err(Error::new(ErrorKind::Name, "an amount is phased over periods", Some(level.span()))
                    .labelled(format!("expected a level of {}", self.time.name)));
            }
        };
        let below = |member: MemberId| {
            let below = self.time.below(member).into_iter().map(|(period, _)| period);
            below.filter(|period| self.inside(*period)).collect::<Vec<_>>()
        };
        let mut spans: Vec<Vec<MemberId>> = members.into_iter().map(below).filter(|span| !span.is_empty()).collect();
        spans.sort_by_key(|span| span.iter().map(|period| self.time.period_end(*period)).max());
        Ok(spans)
    }
}

impl Binder<'_> {
    /// From one value in the first period of the slice to another in the last.
    pub(super) fn ramp(&self, from: &Number, to: &Number) -> Result<Action> {
        let periods = Periods::of(self, self.filter, "a ramp")?.lowest();
        let (first, last) = (self.units(from)?, self.units(to)?);
        let (curve, span) = match &self.change.curve {
            Some((curve, span)) => (*curve, span.clone()),
            None => (Curve::Linear, from.span.clone()),
        };
        if curve == Curve::Growth && (first == 0 || last == 0 || (first < 0) != (last < 0)) {
            return Err(Error::new(
                ErrorKind::Refused,
                "growth by a factor neither starts at 0 nor changes sign",
                Some(span),
            )
            .labelled("leave this out, or start above 0"));
        }
        let values = along(curve, first, last, periods.len(), self.step()?)
            .ok_or_else(|| Error::new(ErrorKind::Refused, "the ramp does not fit in a cell", Some(to.span.clone())))?;
        let span = |(period, value): (MemberId, i128)| Span { periods: vec![period], amount: Amount::To(value) };
        let spans = periods.into_iter().zip(values).map(span).collect();
        Ok(Action::Phased { spans, method: self.method()?, clearing: false })
    }

    /// A total, or so much more, laid over time.
    pub(super) fn phased(&self, amount: Amount, phasing: &Phasing, place: &Place) -> Result<Action> {
        let refused = |message: &str| Err(Error::new(ErrorKind::Refused, message, Some(place.clone())));
        if self.measure()?.is_stock() {
            return refused("a stock is the same amount in each period: it is not laid over time");
        }
        let (total, more) = match amount {
            Amount::To(total) => (total, false),
            Amount::By(total) => (total, true),
            Amount::ByShare(_) => return refused("an amount is phased, not a share of what is there"),
        };
        let periods = Periods::of(self, self.filter, "a phased amount")?;
        let (spans, weights) = self.shares(&periods, phasing, place)?;
        if weights.iter().any(|weight| *weight < 0) {
            return refused("a share of an amount is zero or more");
        }
        let step = self.step()?;
        if total % step != 0 {
            return refused("the amount is no multiple of the step");
        }
        let Some(amounts) = apportion(total / step, &weights) else { return refused("the shares add up to zero") };
        let amount = |units: i128| if more { Amount::By(units * step) } else { Amount::To(units * step) };
        let spans = spans.into_iter().zip(amounts).map(|(periods, units)| Span { periods, amount: amount(units) });
        Ok(Action::Phased { spans: spans.collect(), method: self.method()?, clearing: !more })
    }

    /// The spans of a phasing, and their weights.
    fn shares(&self, periods: &Periods, phasing: &Phasing, place: &Place) -> Result<(Vec<Vec<MemberId>>, Vec<i128>)> {
        let lowest = periods.lowest();
        let count = lowest.len() as i128;
        let weights = match phasing {
            Phasing::Weights(level, weights) => {
                let spans = periods.spans(self, level)?;
                let weights = same_scale(weights);
                if spans.len() != weights.len() {
                    let message =
                        format!("{} shares are given for {} of the slice's periods", weights.len(), spans.len());
                    return Err(Error::new(ErrorKind::Refused, message, Some(place.clone()))
                        .labelled(format!("expected {} shares", spans.len())));
                }
                return Ok((spans, weights));
            }
            Phasing::Equally => vec![1; lowest.len()],
            Phasing::Front => (1..=count).rev().collect(),
            Phasing::Back => (1..=count).collect(),
            Phasing::SCurve => (0..count).map(|i| smooth(i + 1, count) - smooth(i, count)).collect(),
            Phasing::Growth(rate) => compound(rate, lowest.len()),
            Phasing::Like(conditions) => self.profile(conditions, lowest.len(), place)?,
        };
        Ok((lowest.into_iter().map(|period| vec![period]).collect(), weights))
    }

    /// What another slice has in each of its periods.
    fn profile(&self, conditions: &[Condition], count: usize, place: &Place) -> Result<Vec<i128>> {
        let other = Selection::bind(self.names, conditions)?;
        let source = self.filter.overlaid(&other);
        let scenario = source.scenario(Some(self.scenario), Some(place.clone()))?;
        let periods = Periods::of(self, &source, "a profile")?;
        let lowest = periods.lowest();
        if lowest.len() != count {
            let message = format!("the profile has {} periods, and the slice {count}", lowest.len());
            return Err(Error::new(ErrorKind::Refused, message, Some(place.clone()))
                .labelled("expected as many periods as the slice has"));
        }
        let slice = source.subcube(scenario);
        let cells = aggregate::leaves(self.context.snapshot, &slice, self.measure, self.context.stop)?;
        let layout = self.context.snapshot.layout();
        let mut sums: HashMap<u32, i128> = HashMap::new();
        for (key, value) in cells.iter() {
            let codes = (0..layout.width()).map(|coordinate| layout.unpack(key, coordinate));
            let sign = slice.weight_of(codes).and_then(|weight| weight.sign()).unwrap_or(0);
            *sums.entry(layout.unpack(key, periods.id.index() - 1)).or_default() += i128::from(value) * sign;
        }
        Ok(lowest.iter().map(|period| sums.get(&period.0).copied().unwrap_or(0)).collect())
    }

    /// Units of the measure in a step.
    pub(super) fn step(&self) -> Result<i128> {
        match &self.change.step {
            None => Ok(1),
            Some(step) => match self.units(step)? {
                units if units > 0 => Ok(units),
                _ => Err(Error::new(ErrorKind::Refused, "a step is greater than zero", Some(step.span.clone()))),
            },
        }
    }
}

/// Numbers as whole ones in the same proportions.
fn same_scale(numbers: &[Number]) -> Vec<i128> {
    let scale = numbers.iter().map(|number| number.scale).max().unwrap_or(0);
    let whole = |number: &Number| Decimal::new(number.units, number.scale).units_at(scale).unwrap_or(-1);
    numbers.iter().map(whole).collect()
}

/// `3 i² n - 2 i³`: the smooth step from 0 to n³ (Hermite's cubic), slow at both ends.
fn smooth(i: i128, n: i128) -> i128 {
    i * i * (3 * n - 2 * i)
}

/// `(1 + rate)^i`
fn compound(rate: &Number, count: usize) -> Vec<i128> {
    let factor = 1.0 + Decimal::new(rate.units, rate.scale).to_f64();
    let powers: Vec<f64> = (0..count).map(|i| factor.powi(i as i32)).collect();
    let most = powers.iter().fold(1.0f64, |most, power| most.max(power.abs()));
    powers.into_iter().map(|power| (power / most * PARTS).round() as i128).collect()
}

/// The values of a ramp, each a multiple of the step; none where one does not fit.
fn along(curve: Curve, first: i128, last: i128, count: usize, step: i128) -> Option<Vec<i128>> {
    let steps = count.saturating_sub(1) as i128;
    let value = |i: i128| match curve {
        _ if i == steps => Some(last),
        Curve::Linear => part(first, last, i, steps, step),
        Curve::SCurve => part(first, last, smooth(i, steps), steps.pow(3), step),
        Curve::Growth => {
            let ratio = (last as f64 / first as f64).powf(i as f64 / steps as f64);
            Some((first as f64 * ratio / step as f64).round() as i128 * step)
        }
    };
    (0..count as i128).map(value).collect()
}

/// `first + (last - first) * of / whole`, to the nearest step.
fn part(first: i128, last: i128, of: i128, whole: i128, step: i128) -> Option<i128> {
    let rise = (last - first).checked_mul(of)?;
    let sum = first.checked_mul(whole)?.checked_add(rise)?;
    divide_rounded(sum, whole.checked_mul(step)?)?.checked_mul(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramps_start_and_end_where_they_are_told_to() {
        assert_eq!(along(Curve::Linear, 0, 100, 5, 1).unwrap(), [0, 25, 50, 75, 100]);
        assert_eq!(along(Curve::Linear, 0, 100, 4, 10).unwrap(), [0, 30, 70, 100]);
        assert_eq!(along(Curve::SCurve, 0, 1000, 5, 1).unwrap(), [0, 156, 500, 844, 1000]);
        assert_eq!(along(Curve::Growth, 100, 800, 4, 1).unwrap(), [100, 200, 400, 800]);
        assert_eq!(along(Curve::Linear, 5, 9, 1, 1).unwrap(), [9]);
        assert_eq!(along(Curve::Linear, 5, 9, 0, 1).unwrap(), []);
    }

    #[test]
    fn shares_keep_their_proportions() {
        let rate = Number { units: 10, scale: 2, percent: true, span: 0..0 };
        let powers = compound(&rate, 3);
        assert_eq!(apportion(331, &powers).unwrap(), [100, 110, 121]);
    }
}
