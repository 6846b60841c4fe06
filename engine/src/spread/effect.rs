//! New values of leaves, put together into writes and totals.

use super::leaf::{Field, Leaf};
use super::request::Outcome;
use crate::error::{EngineError, Result};
use crate::id::MeasureId;
use crate::storage::{Write, Writes};
use crate::weight::WeightedSum;
use std::collections::HashMap;

/// The new values of some leaves, put together.
#[derive(Default)]
pub(super) struct Effect {
    pub writes: Vec<(u128, Write)>,
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
            self.writes.push((leaf.key, Write::Put(value)));
        }
        Ok(())
    }

    pub fn clear(&mut self, leaf: &Leaf) {
        if leaf.value.is_some() {
            self.writes.push((leaf.key, Write::Clear));
        }
    }

    fn into_writes(mut self, measure: MeasureId) -> Writes {
        self.writes.sort_unstable_by_key(|(key, _)| *key);
        let (keys, column) = self.writes.into_iter().unzip();
        Writes { keys, columns: vec![(measure, column)] }
    }
}

/// The total of leaves; of a stock, in the last of their periods. None where no leaf has a value.
fn total_of(field: &Field, leaves: &[Leaf]) -> Option<i128> {
    let valued: Vec<Leaf> = leaves.iter().filter(|leaf| leaf.value.is_some()).copied().collect();
    let periods = field.by_period(valued);
    let (_, last) = periods.last()?;
    if last.is_empty() {
        return None;
    }
    let sum = |sum: WeightedSum, leaf: &Leaf| sum.plus(i128::from(leaf.value.unwrap_or(0)), leaf.weight);
    last.iter().fold(WeightedSum::default(), sum).rounded()
}

/// Leaves with the values an effect gives them.
fn after(leaves: &[Leaf], effect: &Effect) -> Vec<Leaf> {
    let written: HashMap<u128, Write> = effect.writes.iter().copied().collect();
    leaves
        .iter()
        .map(|leaf| match written.get(&leaf.key) {
            Some(Write::Put(value)) => Leaf { value: Some(*value), ..*leaf },
            Some(Write::Clear) => Leaf { value: None, ..*leaf },
            _ => *leaf,
        })
        .collect()
}

/// The totals before and after, and the writes.
pub(super) fn outcome(field: &Field, leaves: &[Leaf], effect: Effect) -> Outcome {
    let held: Vec<Leaf> = leaves.iter().filter(|leaf| !leaf.free && leaf.value.is_some()).copied().collect();
    Outcome {
        before: total_of(field, leaves),
        after: total_of(field, &after(leaves, &effect)),
        held: match held.is_empty() && field.spread.held.is_empty() {
            true => None,
            false => Some(total_of(field, &held).unwrap_or(0)),
        },
        lock: held
            .iter()
            .find_map(|leaf| field.snapshot.lock_on(field.spread.subcube.scenario, leaf.key))
            .map(str::to_owned),
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
