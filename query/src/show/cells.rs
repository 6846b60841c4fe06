//! The values of terms by position.

use crate::answer::Value;
use engine::id::MemberId;
use engine::memory::Claim;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// In a position: the item does not matter, for the term replaces its dimension.
pub(super) const ANY: u32 = u32::MAX;

/// The element of each item.
pub(super) type Position = Vec<u32>;

/// The values of one term.
#[derive(Debug, Default)]
pub(super) struct TermCells {
    /// Which items its positions tell apart.
    pub active: Vec<bool>,
    pub values: HashMap<Position, Value>,
    /// Of a stock, the last period with data for each combination of scenario and time elements; all others are [`ANY`].
    pub closings: BTreeMap<Position, MemberId>,
    /// Of a stock that takes its last value, the positions that end before others of the same scenario and time elements:
    /// their last period, and that of the others.
    pub early: HashMap<Position, (MemberId, MemberId)>,
    /// Of a flow, the periods that have facts for each element of the scenarios, where these are compared.
    pub spans: BTreeMap<Position, BTreeSet<u32>>,
    /// On what they take, where they take much.
    pub _claim: Option<Claim>,
}

impl TermCells {
    /// A position as it is told apart here.
    pub fn place(&self, position: &[u32]) -> Position {
        position.iter().zip(&self.active).map(|(element, active)| if *active { *element } else { ANY }).collect()
    }
}
