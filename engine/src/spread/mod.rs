//! From an amount to its leaves: methods, holds, rounding. Pure: reads a version, writes nothing.
//!
//! The laws: a spread lands on its total to the last unit; held leaves stay; outside the slice
//! nothing changes; a stock is spread in each period by itself; what cannot be done is refused with
//! what to write instead. Ties go to the first leaf in leaf order, which is the order of the
//! dimensions and, in each, of its members; it depends on no load order.

mod apportion;
mod copy;
mod leaf;
mod total;
mod transfer;

pub use apportion::apportion;

use crate::decimal::Decimal;
use crate::error::{EngineError, Result};
use crate::id::{MeasureId, MemberId};
use crate::snapshot::{Snapshot, locked};
use crate::storage::{Write, Writes};
use crate::subcube::{Leaves, Subcube};
use leaf::{Field, Leaf};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

/// How much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A new total, in units of the measure's scale.
    To(i128),
    /// So much more.
    By(i128),
    /// More by a share of what is there, rounded to a unit, halves away from zero.
    ByShare(Decimal),
}

/// How an amount finds its leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// In proportion to what is there.
    Proportionally,
    /// The same on every leaf that has a value.
    EquallyOverExisting,
    /// The same on every leaf of the slice.
    EquallyOverAll,
    /// By weights given leaf by leaf; leaves without one get nothing.
    Weights(HashMap<u128, i128>),
    /// At one leaf, which may be a consolidation's own.
    Unspread(Vec<MemberId>),
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The slice gets a new total.
    Total(Amount, Method),
    /// An amount leaves one part of the slice and arrives in another.
    Move {
        /// How much; `To` is not meant here.
        amount: Amount,
        /// The part it leaves: leaves of some coordinates.
        from: Vec<(usize, Leaves)>,
        /// The part it arrives in; these coordinates are the moved ones.
        to: Vec<(usize, Leaves)>,
        /// Whether it is taken equally rather than in proportion.
        equally: bool,
    },
    /// The slice becomes a multiple of another.
    Copy {
        /// The other slice.
        from: Subcube,
        /// For each coordinate where each source member goes; itself where none.
        mapping: Vec<Option<HashMap<u32, u32>>>,
        /// The factor.
        times: Decimal,
    },
    /// Every leaf of the slice gets this value.
    Fill(i64),
    /// Every leaf of the slice becomes empty.
    Clear,
}

/// A change asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    /// Of which measure.
    pub measure: MeasureId,
    /// Where.
    pub subcube: Subcube,
    /// Whether the statement itself names the periods.
    pub names_periods: bool,
    /// What stays as it is.
    pub held: Vec<Subcube>,
    /// New values are multiples of this many units.
    pub step: i128,
    /// Whether leaves may become negative.
    pub allow_negative: bool,
    /// What is done.
    pub action: Action,
}

/// What a change comes to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What is to be written.
    pub writes: Writes,
    /// The slice's total before; of a stock, in its last period. None where it is empty.
    pub before: Option<i128>,
    /// The same after.
    pub after: Option<i128>,
    /// The total of the leaves that were held, where some were.
    pub held: Option<i128>,
}

/// Works out a change.
///
/// Errors: every wish that cannot be met as stated, with what to write instead; nothing is changed.
pub fn compute(snapshot: &Snapshot, spread: &Spread, stop: &AtomicBool) -> Result<Outcome> {
    refuse_locked_scenario(snapshot, spread)?;
    let field = Field::new(snapshot, spread, stop);
    match &spread.action {
        Action::Total(amount, method) => total::compute(&field, *amount, method),
        Action::Move { amount, from, to, equally } => transfer::compute(&field, *amount, from, to, *equally),
        Action::Copy { from, mapping, times } => copy::copy(&field, from, mapping, *times),
        Action::Fill(value) => copy::fill(&field, *value),
        Action::Clear => copy::clear(&field),
    }
}

fn refuse_locked_scenario(snapshot: &Snapshot, spread: &Spread) -> Result<()> {
    let whole = |lock: &&crate::schema::Lock| lock.scenario == spread.subcube.scenario && lock.members.is_empty();
    match snapshot.schema().locks.iter().find(whole) {
        Some(lock) => Err(locked(&lock.text)),
        None => Ok(()),
    }
}

/// The new values of some leaves, put together.
#[derive(Default)]
struct Effect {
    writes: Vec<(u128, Write)>,
}

impl Effect {
    /// Sets a leaf to a signed amount.
    fn put(&mut self, field: &Field, leaf: &Leaf, signed: i128) -> Result<()> {
        let value = signed * i128::from(leaf.sign);
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

    fn clear(&mut self, leaf: &Leaf) {
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
    (!last.is_empty()).then(|| last.iter().map(Leaf::signed).sum())
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
fn outcome(field: &Field, leaves: &[Leaf], effect: Effect) -> Outcome {
    let held: Vec<Leaf> = leaves.iter().filter(|leaf| !leaf.free && leaf.value.is_some()).copied().collect();
    Outcome {
        before: total_of(field, leaves),
        after: total_of(field, &after(leaves, &effect)),
        held: if field.spread.held.is_empty() { None } else { Some(total_of(field, &held).unwrap_or(0)) },
        writes: effect.into_writes(field.spread.measure),
    }
}

/// Whole steps in an amount.
fn steps(field: &Field, amount: i128) -> Result<i128> {
    let step = field.spread.step.max(1);
    if amount % step != 0 {
        return Err(EngineError::refused(
            format!("{} is not a multiple of the step {}", field.amount(amount), field.amount(step)),
            "name an amount in whole steps, or leave `step` out",
        ));
    }
    Ok(amount / step)
}
