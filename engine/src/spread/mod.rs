//! From an amount to its leaves: methods, holds, rounding. Pure: reads a version, writes nothing.
//!
//! The laws: a spread lands on its total to the last unit; held leaves stay; outside the slice
//! nothing changes; a stock is spread in each period by itself; what cannot be done is refused with
//! what to write instead. Ties go to the first leaf in leaf order, which is the order of the
//! dimensions and, in each, of its members; it depends on no load order.

mod apportion;
mod copy;
mod effect;
mod fit;
mod leaf;
mod outcome;
mod phased;
mod request;
mod solve;
mod total;
mod transfer;

pub use apportion::{Proportion, apportion};
pub use request::{
    Action, Amount, Breakdown, Demand, Group, Margin, Method, Outcome, Part, Rounding, Sense, Span, Spread,
};

use crate::error::Result;
use crate::snapshot::{Snapshot, locked};
use leaf::Field;
use std::sync::atomic::AtomicBool;

/// Works out a change.
///
/// Errors: every wish that cannot be met as stated, with what to write instead; nothing is changed.
pub fn compute(snapshot: &Snapshot, spread: &Spread, stop: &AtomicBool) -> Result<Outcome> {
    refuse_locked_scenario(snapshot, spread)?;
    let field = Field::new(snapshot, spread, stop);
    match &spread.action {
        Action::Total(amount, method) => total::compute(&field, *amount, method),
        Action::Phased { spans, method, clearing } => phased::compute(&field, spans, method, *clearing),
        Action::Allocate { from, across, method } => transfer::allocate(&field, from, across, method),
        Action::Fit { margins, method } => fit::compute(&field, margins, method),
        Action::Solve { demands, method } => solve::compute(&field, demands, method),
        Action::Move { amount, from, to, equally } => transfer::compute(&field, *amount, from, to, *equally),
        Action::Copy { from, mapping, times } => copy::copy(&field, from, mapping, *times),
        Action::Fill(value) => copy::fill(&field, *value),
        Action::Clear(cells) => copy::clear(&field, cells),
    }
}

fn refuse_locked_scenario(snapshot: &Snapshot, spread: &Spread) -> Result<()> {
    let whole = |lock: &&crate::schema::Lock| lock.scenario == spread.subcube.scenario && lock.members.is_empty();
    match snapshot.schema().locks.iter().find(whole) {
        Some(lock) => Err(locked(&lock.text)),
        None => Ok(()),
    }
}
