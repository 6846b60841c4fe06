//! What an operation does to a version, in a form that can be done, taken back and kept.

mod delta;

pub(crate) use delta::{Before, Changed, difference};
pub use delta::{CellDelta, Delta, DeltaColumn};

use crate::id::MemberId;
use crate::schema::Schema;
use crate::storage::Partition;
use std::sync::Arc;

/// Whether a change is done or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Done.
    Forward,
    /// Taken back.
    Backward,
}

/// One step of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The model becomes another.
    Schema {
        /// What it was.
        before: Arc<Schema>,
        /// What it becomes.
        after: Arc<Schema>,
    },
    /// A scenario begins with all facts of another.
    Branch {
        /// The scenario that is there.
        from: MemberId,
        /// The new one, without facts until now.
        to: MemberId,
    },
    /// Cells get other values.
    Cells(Arc<Delta>),
    /// A scenario without facts gets its first; they are those of the version after it.
    Facts {
        /// The scenario.
        scenario: MemberId,
        /// Its facts.
        facts: Partition,
    },
}

impl Change {
    /// The scenario whose cells it changes.
    pub fn scenario(&self) -> Option<MemberId> {
        match self {
            Change::Schema { .. } | Change::Branch { .. } => None,
            Change::Cells(delta) => Some(delta.scenario),
            Change::Facts { scenario, .. } => Some(*scenario),
        }
    }

    /// All cells it changes.
    pub fn delta(&self) -> Option<Arc<Delta>> {
        match self {
            Change::Facts { scenario, facts } => Some(Arc::new(Delta::of_chunks(*scenario, facts.chunks()))),
            other => other.deltas().next(),
        }
    }

    /// The cells it changes, part by part.
    pub fn deltas(&self) -> Box<dyn Iterator<Item = Arc<Delta>> + '_> {
        match self {
            Change::Schema { .. } | Change::Branch { .. } => Box::new(std::iter::empty()),
            Change::Cells(delta) => Box::new(std::iter::once(Arc::clone(delta))),
            Change::Facts { scenario, facts } => {
                let delta = |chunk| Arc::new(Delta::of_chunks(*scenario, std::slice::from_ref(chunk)));
                Box::new(facts.chunks().iter().map(delta))
            }
        }
    }
}
