//! New values of leaves, put together into writes.

use super::apportion::{KEPT, Raised, Shares};
use super::leaf::{Field, Leaf};
use super::request::Rounding;
use crate::coordinate::KeyLayout;
use crate::error::{EngineError, Result};
use crate::id::MeasureId;
use crate::storage::{Write, Writes};
use rayon::prelude::*;

/// The new values of some leaves, put together.
#[derive(Default)]
pub(super) struct Effect {
    /// Leaves as they are, and what is written there; a leaf at most once.
    writes: Vec<(Leaf, Write)>,
    /// How many leaves got a unit of what was left, and the keys of the first.
    raised: (u64, Vec<u128>),
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
    pub fn place(&mut self, field: &Field, leaves: &[Leaf], shares: Shares) -> Result<()> {
        self.raise(leaves, &shares.raised);
        let placed = leaves.iter().zip(shares.units).filter(|(leaf, share)| *share != 0 || leaf.value.is_some());
        placed.into_iter().try_for_each(|(leaf, share)| self.put(field, leaf, share * field.spread.step.max(1)))
    }

    /// Keeps which of some leaves got a unit of what was left.
    pub fn raise(&mut self, leaves: &[Leaf], raised: &Raised) {
        let (count, keys) = &mut self.raised;
        *count += raised.count as u64;
        let room = KEPT.saturating_sub(keys.len());
        keys.extend(raised.first.iter().take(room).map(|place| leaves[*place].key));
    }

    /// Where units of what was left went.
    pub fn rounding(&self, layout: &KeyLayout) -> Rounding {
        let (leaves, keys) = &self.raised;
        Rounding { leaves: *leaves, first: keys.iter().map(|key| layout.members(*key)).collect() }
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

    pub fn into_writes(mut self, measure: MeasureId) -> Writes {
        self.writes.par_sort_unstable_by_key(|(leaf, _)| leaf.key);
        let (keys, column) = self.writes.into_iter().map(|(leaf, write)| (leaf.key, write)).unzip();
        Writes { keys, columns: vec![(measure, column)] }
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
