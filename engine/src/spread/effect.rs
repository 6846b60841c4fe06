//! New values of leaves, put together into writes and totals.

use super::leaf::{Field, Leaf};
use super::request::Outcome;
use crate::calendar::Moment;
use crate::error::{EngineError, Result};
use crate::id::MeasureId;
use crate::storage::{Write, Writes};
use crate::weight::WeightedSum;
use std::collections::BTreeMap;

/// The new values of some leaves, put together.
#[derive(Default)]
pub(super) struct Effect {
    /// Leaves as they are, and what is written there; a leaf at most once.
    writes: Vec<(Leaf, Write)>,
}

impl Effect {
    /// Sets a leaf to a signed amount.
    pub fn put(&mut self, field: &Field, leaf: &Leaf, signed: i128) -> Result<()> {
        self.put_value(field, leaf, signed * leaf.weight.sign().unwrap_or(0))
    }

    /// Sets a leaf to a value of its own, however it counts.
    pub fn put_value(&mut self, field: &Field, leaf: &Leaf, value: i128) -> Result<()> {
        let became_negative = value < 0 && leaf.value.unwrap_or(0) >= 0;
        if became_negative && !field.spread.allow_negative {
            return Err(EngineError::refused(
                format!("{} at {} would become {}", field.measure(), field.place(leaf.key), field.amount(value)),
                "`allow negative` lets it",
            ));
        }
        let value = i64::try_from(value).map_err(|_| EngineError::Overflow(field.amount(value)))?;
        if leaf.value != Some(value) {
            self.writes.push((*leaf, Write::Put(value)));
        }
        Ok(())
    }

    /// Sets leaves to shares in steps; a leaf without a value and without a share stays as it is.
    pub fn place(&mut self, field: &Field, leaves: &[Leaf], shares: Vec<i128>) -> Result<()> {
        let placed = leaves.iter().zip(shares).filter(|(leaf, share)| *share != 0 || leaf.value.is_some());
        placed.into_iter().try_for_each(|(leaf, share)| self.put(field, leaf, share * field.spread.step.max(1)))
    }

    pub fn clear(&mut self, leaf: &Leaf) {
        if leaf.value.is_some() {
            self.writes.push((*leaf, Write::Clear));
        }
    }

    /// The leaves that are written.
    pub fn leaves(&self) -> impl Iterator<Item = &Leaf> + Clone {
        self.writes.iter().map(|(leaf, _)| leaf)
    }

    fn into_writes(mut self, measure: MeasureId) -> Writes {
        self.writes.sort_unstable_by_key(|(leaf, _)| leaf.key);
        let (keys, column) = self.writes.into_iter().map(|(leaf, write)| (leaf.key, write)).unzip();
        Writes { keys, columns: vec![(measure, column)] }
    }
}

/// The end of a period and its coordinate; the same for all where periods add up.
type Period = (Option<(Moment, i32)>, u32);

/// The totals of leaves by period; a single one where periods add up.
#[derive(Default)]
struct Totals {
    /// By the end of the period and its id: how many leaves have a value, and what they come to.
    periods: BTreeMap<Period, (i64, WeightedSum)>,
}

impl Totals {
    fn of<'l>(field: &Field, leaves: impl Iterator<Item = &'l Leaf>) -> Self {
        let mut totals = Totals::default();
        leaves.for_each(|leaf| totals.add(field, leaf, leaf.value, 1));
        totals
    }

    fn add(&mut self, field: &Field, leaf: &Leaf, value: Option<i64>, times: i64) {
        let Some(value) = value else { return };
        let (count, sum) = self.periods.entry(field.period_of(leaf.key)).or_default();
        *count += times;
        *sum = sum.plus(i128::from(value) * i128::from(times), leaf.weight);
    }

    /// The same once an effect is there.
    fn after(mut self, field: &Field, effect: &Effect) -> Self {
        for (leaf, write) in &effect.writes {
            self.add(field, leaf, leaf.value, -1);
            self.add(field, leaf, write.onto(leaf.value), 1);
        }
        self
    }

    /// The total; of a stock, that of the last period. None where no leaf has a value.
    fn last(&self) -> Option<i128> {
        let (_, sum) = self.periods.values().rev().find(|(count, _)| *count > 0)?;
        sum.rounded()
    }
}

/// The totals before and after, and the writes.
pub(super) fn outcome(field: &Field, leaves: &[Leaf], effect: Effect) -> Outcome {
    let held: Vec<&Leaf> = leaves.iter().filter(|leaf| !leaf.free && leaf.value.is_some()).collect();
    let before = Totals::of(field, leaves.iter());
    let scenario = field.spread.subcube.scenario;
    Outcome {
        before: before.last(),
        after: before.after(field, &effect).last(),
        held: match held.is_empty() && field.spread.held.is_empty() {
            true => None,
            false => Some(Totals::of(field, held.iter().copied()).last().unwrap_or(0)),
        },
        lock: held.iter().find_map(|leaf| field.snapshot.lock_on(scenario, leaf.key)).map(str::to_owned),
        holds: field.holds_met(&held, effect.leaves()),
        writes: effect.into_writes(field.spread.measure),
    }
}

/// Whole steps in an amount.
pub(super) fn steps(field: &Field, amount: i128) -> Result<i128> {
    let step = field.spread.step.max(1);
    if amount % step != 0 {
        return Err(EngineError::refused(
            format!("{} is not a multiple of the step {}", field.amount(amount), field.amount(step)),
            "name an amount in whole steps, or leave `step` out",
        ));
    }
    Ok(amount / step)
}
