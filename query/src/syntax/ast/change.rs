//! What changes cells, what is held, and what is sought or taken back.

use super::expr::{Comparison, Condition, Expr};
use super::name::{Name, Number, Path, Span};

/// An amount, absolute or a share.
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    /// `12`
    Absolute(Number),
    /// `20%`
    Share(Number),
}

/// What a change does.
#[derive(Debug, Clone, PartialEq)]
pub enum Verb {
    /// `set cost to 1.2M`
    Set {
        /// Of which measure.
        measure: Path,
        /// The new total.
        to: Number,
    },
    /// `add 5% to cost`
    Add {
        /// How much.
        amount: Amount,
        /// Of which measure.
        measure: Path,
    },
    /// `move 12 headcount from Legacy to Apollo`
    Move {
        /// How much.
        amount: Amount,
        /// Of which measure.
        measure: Path,
        /// From where.
        from: Vec<Condition>,
        /// To where.
        to: Vec<Condition>,
    },
    /// `copy revenue from actual, 2025 to plan, 2026 times 1.08`
    Copy {
        /// Of which measure.
        measure: Path,
        /// From where.
        from: Vec<Condition>,
        /// To where.
        to: Vec<Condition>,
        /// The factor.
        times: Option<Number>,
    },
    /// `clear cost`
    Clear {
        /// Of which measure.
        measure: Path,
    },
    /// `fill headcount with 1`
    Fill {
        /// Of which measure.
        measure: Path,
        /// The value of every leaf.
        with: Number,
    },
    /// `allocate cost from project.Shared across project`
    Allocate {
        /// Of which measure.
        measure: Path,
        /// What is emptied.
        from: Vec<Condition>,
        /// The dimensions over whose other members it goes.
        across: Vec<Path>,
    },
    /// `ramp revenue from 0 to 4M`
    Ramp {
        /// Of which measure.
        measure: Path,
        /// The total of the first period.
        from: Number,
        /// The total of the last period.
        to: Number,
    },
    /// `fit cost to by department (Engineering = 30M) and by quarter (2026-Q1 = 9M)`
    Fit {
        /// Of which measure.
        measure: Path,
        /// Sets of totals.
        margins: Vec<Margin>,
    },
    /// `solve headcount`, with what it has to meet in the change's demands.
    Solve {
        /// Of which measure.
        measure: Path,
    },
}

impl Verb {
    /// Of which measure.
    pub fn measure(&self) -> &Path {
        match self {
            Verb::Set { measure, .. }
            | Verb::Add { measure, .. }
            | Verb::Move { measure, .. }
            | Verb::Copy { measure, .. }
            | Verb::Clear { measure }
            | Verb::Fill { measure, .. }
            | Verb::Allocate { measure, .. }
            | Verb::Ramp { measure, .. }
            | Verb::Fit { measure, .. }
            | Verb::Solve { measure } => measure,
        }
    }
}

/// `by department (Engineering = 30M, Sales = 12M)`
#[derive(Debug, Clone, PartialEq)]
pub struct Margin {
    /// Level or dimension.
    pub by: Path,
    /// Members and the totals they get.
    pub targets: Vec<(Path, Number)>,
}

/// What a demand of `solve` is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Demanded {
    /// `total where Engineering`: the slice, or a part of it.
    Part(Vec<Condition>),
    /// `each project where Engineering`: every member by itself.
    Each(Path, Vec<Condition>),
}

/// `Atlas in 2026-Q2..2026-Q3 >= 31`
#[derive(Debug, Clone)]
pub struct Demand {
    /// Of what.
    pub of: Demanded,
    /// How.
    pub comparison: Comparison,
    /// By which amount.
    pub value: Number,
    /// The whole of it.
    pub span: Span,
}

/// How a ramp gets from its first value to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// `linear`: the same step each period.
    Linear,
    /// `s-curve`: slowly at both ends.
    SCurve,
    /// `growth`: the same factor each period.
    Growth,
}

/// How an amount is laid over time before it finds its leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Phasing {
    /// `phased equally`
    Equally,
    /// `phased front`: falling evenly.
    Front,
    /// `phased back`: rising evenly.
    Back,
    /// `phased s-curve`
    SCurve,
    /// `phased growth 2%`: each period so much more than the one before.
    Growth(Number),
    /// `phased like actual, 2025`
    Like(Vec<Condition>),
    /// `phased by quarter (20, 24, 24, 32)`
    Weights(Path, Vec<Number>),
}

/// How an amount finds its leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Method {
    /// `proportionally`
    Proportionally,
    /// `equally`, `equally over existing` (false) or `equally over all` (true).
    Equally {
        /// Over the whole cross product.
        over_all: bool,
    },
    /// `by FORMULA`
    By(Expr),
    /// `like SELECTION`
    Like(Vec<Condition>),
    /// `unspread`: in the own leaf of the level named.
    Unspread,
}

/// A statement that changes numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What is done.
    pub verb: Verb,
    /// `where`
    pub conditions: Vec<Condition>,
    /// The method, where one is written, and where it is written.
    pub method: Option<(Method, Span)>,
    /// How a ramp rises, and where that is written.
    pub curve: Option<(Curve, Span)>,
    /// `phased ...`, and where it is written.
    pub phased: Option<(Phasing, Span)>,
    /// `so that ...`
    pub demands: Vec<Demand>,
    /// `holding`
    pub holding: Vec<Condition>,
    /// `step 1`
    pub step: Option<Number>,
    /// `allow negative`
    pub allow_negative: bool,
    /// `because 'text'`
    pub because: Option<String>,
}

/// `hold cost where Sales, EMEA because '...'`
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// Whether only the total is held: `hold total cost`.
    pub total: bool,
    /// Of which measure.
    pub measure: Path,
    /// Where.
    pub conditions: Vec<Condition>,
    /// The reason.
    pub because: Option<String>,
}

/// Which holds end.
#[derive(Debug, Clone, PartialEq)]
pub enum Release {
    /// `release 2`
    Number(u64),
    /// `release cost where Sales, EMEA`; all holds of the measure without `where`.
    Of(Path, Vec<Condition>),
}

/// `history where plan, Apollo by 'ada' like '%budget%'`
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Operations that changed a cell of this.
    pub conditions: Vec<Condition>,
    /// Of this author.
    pub author: Option<String>,
    /// Whose statement or reason is like this.
    pub like: Option<String>,
}

/// `seek shift so that leads = 28_000 where plan, 2026`
#[derive(Debug, Clone, PartialEq)]
pub struct Seek {
    /// The named number whose value is sought.
    pub name: Name,
    /// What must hold: an equation.
    pub equation: Expr,
    /// Where the formulas are read.
    pub conditions: Vec<Condition>,
    /// Within which values it is sought.
    pub between: Option<(Number, Number)>,
}

impl PartialEq for Demand {
    fn eq(&self, other: &Self) -> bool {
        (&self.of, self.comparison, &self.value) == (&other.of, other.comparison, &other.value)
    }
}
