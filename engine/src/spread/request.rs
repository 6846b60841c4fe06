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

/// A span of time and what the slice comes to in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The coordinates of the time dimension in it.
    pub periods: Vec<MemberId>,
    /// What it comes to, or so much more.
    pub amount: Amount,
}

/// A set of totals: parts of one dimension, each with what it comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Margin {
    /// What the parts are members of, for what is said.
    pub name: String,
    /// The coordinate.
    pub coordinate: usize,
    /// The parts; none overlaps another.
    pub groups: Vec<Group>,
}

/// A part of a dimension and its total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// For each member id whether it is in the part.
    pub leaves: Vec<bool>,
    /// What it comes to, in units.
    pub total: i128,
}

/// On which side of an amount a sum must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// `<=`
    AtMost,
    /// `>=`
    AtLeast,
    /// `=`
    Just,
}

impl Sense {
    /// Whether a sum is on that side.
    pub fn holds(self, sum: i128, amount: i128) -> bool {
        match self {
            Sense::AtMost => sum <= amount,
            Sense::AtLeast => sum >= amount,
            Sense::Just => sum == amount,
        }
    }
}

/// What a part of the slice has to come to; of a stock, in each of its periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    /// The part.
    pub part: Subcube,
    /// For a stock the periods it speaks of; all of the slice where none.
    pub periods: Option<Vec<MemberId>>,
    /// Whether it speaks of leaves that are there, and of nothing where there are none.
    pub optional: bool,
    /// On which side.
    pub sense: Sense,
    /// Of what, in units.
    pub amount: i128,
    /// As people read it.
    pub text: String,
}

impl Demand {
    /// Whether it speaks of a period.
    pub fn is_about(&self, period: Option<MemberId>) -> bool {
        period.is_none_or(|period| self.periods.as_ref().is_none_or(|periods| periods.contains(&period)))
    }

    /// Whether a sum meets it.
    pub fn is_met(&self, sum: i128) -> bool {
        self.sense.holds(sum, self.amount)
    }
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// The slice gets a new total.
    Total(Amount, Method),
    /// The slice gets a total in each of several spans of time.
    Phased {
        /// The spans.
        spans: Vec<Span>,
        /// How each total finds its leaves.
        method: Method,
        /// Whether facts of the slice that stand in no span, as at a year itself, are cleared.
        clearing: bool,
    },
    /// The slice meets several sets of totals at once.
    Fit {
        /// The sets.
        margins: Vec<Margin>,
        /// From which shape; in proportion to what is there by default.
        method: Method,
    },
    /// The least change that meets demands.
    Solve {
        /// The demands.
        demands: Vec<Demand>,
        /// Which leaves take part, and how amounts are shared among those that are alike.
        method: Method,
    },
    /// A part of the slice is emptied over the others, coordinate by coordinate.
    Allocate {
        /// What is emptied.
        from: Subcube,
        /// The coordinates over whose members it goes.
        across: Vec<usize>,
        /// How.
        method: Method,
    },
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
    /// Every leaf of these becomes empty; the slice says how they count.
    Clear(Subcube),
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
    /// What the outcome tells apart.
    pub told: Vec<Breakdown>,
}

/// A dimension in parts, each of which the outcome tells before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakdown {
    /// The coordinate.
    pub coordinate: usize,
    /// For each member id its part; none outside of all.
    pub part_of: Vec<Option<u16>>,
    /// How many parts there are.
    pub parts: usize,
}

/// A part before and after; of a stock, in the period told. None where it is empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// The total before.
    pub before: Option<i128>,
    /// The total after.
    pub after: Option<i128>,
}

/// The units that were left after shares were cut to whole units, one each to the largest remainders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rounding {
    /// How many leaves got a unit.
    pub leaves: u64,
    /// The first of them.
    pub first: Vec<Vec<MemberId>>,
}

/// What a change comes to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// What is to be written.
    pub writes: Writes,
    /// The slice's total before; of a stock, in the period told. None where it is empty.
    pub before: Option<i128>,
    /// The same after.
    pub after: Option<i128>,
    /// The total of the leaves that were held or locked, where some were.
    pub held: Option<i128>,
    /// Of a stock, the period whose totals are told: the last in which something changed.
    pub period: Option<MemberId>,
    /// For each breakdown asked for, its parts.
    pub parts: Vec<Vec<Part>>,
    /// Where units of rounding went.
    pub rounding: Rounding,
    /// The lock that kept some leaves as they are.
    pub lock: Option<String>,
    /// The numbers of the standing holds that kept some leaves, or a total, as they are.
    pub holds: Vec<u64>,
}
