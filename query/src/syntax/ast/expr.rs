//! Formulas and selections: a formula reads measures under selections, a selection compares with formulas.

use super::name::{Literal, Name, Number, Path, Span};
use std::cmp::Ordering;

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Arithmetic and logic between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// A comparison.
    Compare(Comparison),
    /// `and`
    And,
    /// `or`
    Or,
}

/// A function over the rows of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFunction {
    /// `rank`: the place of a row's value, the largest first.
    Rank,
    /// `running`: the sum of the values down to this row.
    Running,
}

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `1.2M`
    Number(Number),
    /// A measure, a member or an `as` name, with a selection of its own: `cost[project = all]`.
    Reference {
        /// The name.
        path: Path,
        /// The conditions in brackets; empty where there are none.
        selection: Vec<Condition>,
        /// The whole reference.
        span: Span,
    },
    /// `-x`
    Negate(Box<Expr>, Span),
    /// `not x`
    Not(Box<Expr>, Span),
    /// `left op right`
    Binary {
        /// Which.
        operator: Operator,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
        /// The whole of it.
        span: Span,
    },
    /// `if c then a else b`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// Where it holds.
        then: Box<Expr>,
        /// Where it does not.
        otherwise: Box<Expr>,
        /// The whole of it.
        span: Span,
    },
    /// `count of project`, `count of project[actual, 2025]`
    CountOf {
        /// A dimension, whose leaf members are counted, or a level.
        subject: Path,
        /// The conditions in brackets; empty where there are none.
        selection: Vec<Condition>,
        /// The whole of it.
        span: Span,
    },
    /// `median(cost over project)`: a function of the values at the members of an item.
    Over {
        /// The function's name.
        function: Name,
        /// What is read at each member.
        argument: Box<Expr>,
        /// A level, a dimension or an attribute.
        item: Path,
        /// The whole of it.
        span: Span,
    },
    /// `rank(cost) per division`, `running(cost)`
    OverRows {
        /// Which.
        function: RowFunction,
        /// Of what.
        operand: Box<Expr>,
        /// The outer row within which it starts anew.
        per: Option<Path>,
        /// The whole of it.
        span: Span,
    },
    /// `abs(x)`
    Call {
        /// The function's name.
        function: Name,
        /// Its arguments.
        arguments: Vec<Expr>,
        /// The whole of it.
        span: Span,
    },
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// `week`, `weeks`
    Week,
    /// `month`, `months`
    Month,
    /// `quarter`, `quarters`
    Quarter,
    /// `half`, `halves`
    Half,
    /// `year`, `years`
    Year,
}

/// How many units of time.
#[derive(Debug, Clone, PartialEq)]
pub enum Count {
    /// `prev year`
    One,
    /// `prev 3 months`
    Number(u64),
    /// `prev slip months`: a number that has a name.
    Named(Name),
}

/// A selection that starts from the cell it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Relative {
    /// `prev 3 months`, `next year`
    Shift {
        /// `prev` where true, `next` where false.
        back: bool,
        /// How many.
        count: Count,
        /// Of what.
        unit: TimeUnit,
    },
    /// `ytd`, `htd`, `qtd`, `mtd`: from the start of the unit to the end of the cell.
    ToDate(TimeUnit),
    /// `trailing 12 months`: so many, up to the end of the cell.
    Trailing {
        /// How many.
        count: Count,
        /// Of what.
        unit: TimeUnit,
    },
}

/// Which members below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// `children of`
    Children,
    /// `leaves of`
    Leaves,
    /// `descendants of`
    Descendants,
}

/// One condition of a selection.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `plan`, `project.Apollo`, `2026-Q1`: the member, or all members of a level.
    Named(Path),
    /// `level team`
    Level(Path),
    /// `2026-Q1..2026-Q3`
    Range(Path, Path),
    /// `children of Engineering`
    Below(Below, Path),
    /// `project in (Apollo, Hermes)`, `project not in (...)`
    In {
        /// Dimension or level.
        subject: Path,
        /// What stands in the brackets.
        items: Vec<Condition>,
        /// Whether `not` was there.
        negated: bool,
        /// The whole of it.
        span: Span,
    },
    /// `project = Apollo`, `project = all`, `project.priority >= 2`
    Compare {
        /// Dimension, level or attribute.
        subject: Path,
        /// Which comparison.
        comparison: Comparison,
        /// A name on the right: a member, or `all`.
        value: Value,
        /// The whole of it.
        span: Span,
    },
    /// `prev year`, `ytd`, `trailing 12 months`
    Relative(Relative, Span),
    /// `children of Engineering except Platform`
    Except {
        /// What is selected.
        base: Box<Condition>,
        /// What is taken out of it.
        out: Vec<Condition>,
        /// The whole of it.
        span: Span,
    },
    /// `department like 'Plat%'`, `department not like '...'`
    Like {
        /// Dimension, level or attribute.
        subject: Path,
        /// `%` stands for any text, `_` for one character.
        pattern: String,
        /// Whether `not` was there.
        negated: bool,
        /// The whole of it.
        span: Span,
    },
}

/// The right side of a comparison in a selection.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A member's name, or the word `all`.
    Path(Path),
    /// A number or a text.
    Literal(Literal),
}

impl Comparison {
    /// Whether it holds between two values in this order.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Expr {
    /// Whether a test holds for it or for a formula within it.
    pub fn any(&self, test: &dyn Fn(&Expr) -> bool) -> bool {
        let within = |parts: &[&Expr]| parts.iter().any(|part| part.any(test));
        test(self)
            || match self {
                Expr::Number(_) | Expr::Reference { .. } | Expr::CountOf { .. } => false,
                Expr::Negate(inner, _) | Expr::Not(inner, _) => inner.any(test),
                Expr::Over { argument: inner, .. } | Expr::OverRows { operand: inner, .. } => inner.any(test),
                Expr::Binary { left, right, .. } => within(&[left, right]),
                Expr::If { condition, then, otherwise, .. } => within(&[condition, then, otherwise]),
                Expr::Call { arguments, .. } => arguments.iter().any(|argument| argument.any(test)),
            }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Expr::Number(number) => number.span.clone(),
            Expr::Reference { span, .. }
            | Expr::Negate(_, span)
            | Expr::Not(_, span)
            | Expr::Binary { span, .. }
            | Expr::If { span, .. }
            | Expr::CountOf { span, .. }
            | Expr::Over { span, .. }
            | Expr::OverRows { span, .. }
            | Expr::Call { span, .. } => span.clone(),
        }
    }
}
