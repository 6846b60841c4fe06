//! What is asked of a spread, and what comes of it.

use crate::decimal::Decimal;
use crate::id::{MeasureId, MemberId};
use crate::storage::Writes;
use crate::subcube::{Leaves, Subcube};
use std::collections::HashMap;

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
    /// The total of the leaves that were held or locked, where some were.
    pub held: Option<i128>,
    /// The lock that kept some leaves as they are.
    pub lock: Option<String>,
}
