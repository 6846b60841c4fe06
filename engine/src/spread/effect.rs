//! New values of leaves, put together into writes.

use super::apportion::Shares;
use super::leaf::{Field, Leaf};
use super::request::Rounding;
use crate::coordinate::KeyLayout;
use crate::error::{EngineError, Result};
use crate::id::MeasureId;
use crate::storage::{LeafSet, Write, Writes};
use rayon::prelude::*;

/// How many leaves that got a unit of what was left are told.
const TOLD: usize = 3;

/// The new values of some leaves, put together.
#[derive(Default)]
pub(super) struct Effect {
    /// Leaves as they are, and what is written there; a leaf at most once.
    writes: Vec<(Leaf, Write)>,
    /// The leaves that got a unit of what was left, each with what that puts on its value.
    raised: Vec<(u128, i64)>,
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

    /// Makes room for so many leaves more.
    pub fn reserve(&mut self, leaves: usize) {
        self.writes.reserve(leaves);
    }

    /// Sets leaves to shares in steps; a leaf without a value and without a share stays as it is.
    pub fn place(&mut self, field: &Field, leaves: &[Leaf], shares: Shares) -> Result<()> {
        self.raise(field, leaves, &shares, 1);
        let placed = leaves.iter().zip(shares.units).filter(|(leaf, share)| *share != 0 || leaf.value.is_some());
        placed.into_iter().try_for_each(|(leaf, share)| self.put(field, leaf, share * field.spread.step.max(1)))
    }

    /// Keeps which of some leaves got a step of what was left; `times` is -1 where shares are taken away.
    pub fn raise(&mut self, field: &Field, leaves: &[Leaf], shares: &Shares, times: i128) {
        let step = times * field.spread.step.max(1);
        let raised = shares.raised.iter().map(|(place, unit)| (&leaves[*place], unit * step));
        self.raised.extend(raised.map(|(leaf, unit)| (leaf.key, units(unit * leaf.weight.sign().unwrap_or(0)))));
    }

    /// The same where values are shared and not what they count for.
    pub fn raise_values(&mut self, leaves: &[Leaf], shares: &Shares) {
        self.raised.extend(shares.raised.iter().map(|(place, unit)| (leaves[*place].key, units(*unit))));
    }

    /// Where units of what was left went.
    pub fn rounding(&self, layout: &KeyLayout) -> Rounding {
        let first = self.raised.iter().take(TOLD);
        Rounding { leaves: self.raised.len() as u64, first: first.map(|(key, _)| layout.members(*key)).collect() }
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

    /// The leaves as they are, and what is written there.
    pub fn written(&self) -> &[(Leaf, Write)] {
        &self.writes
    }

    pub fn into_writes(mut self, layout: &KeyLayout, measure: MeasureId) -> Writes {
        let place = |(row, (leaf, _)): (usize, &(Leaf, Write))| (leaf.key, row as u32);
        let mut places: Vec<(u128, u32)> = self.writes.par_iter().enumerate().map(place).collect();
        if !places.is_sorted() {
            places.par_sort_unstable();
        }
        let (keys, column): (Vec<u128>, Vec<Write>) =
            places.par_iter().map(|(key, row)| (*key, self.writes[*row as usize].1)).unzip();
        self.raised.par_sort_unstable();
        let leaves = LeafSet::of(layout, &keys);
        Writes { leaves, columns: vec![(measure, column)], rounding: self.raised }
    }
}

/// A step beyond 64 bits is no step that a cell could take.
fn units(step: i128) -> i64 {
    i64::try_from(step).unwrap_or(0)
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
