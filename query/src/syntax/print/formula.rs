//! Formulas, with brackets only where reading would otherwise bind another way.

use std::fmt::{Display, Formatter, Result};

use super::{list, optional};
use crate::syntax::ast::{Expr, Operator, RowFunction};
use crate::syntax::precedence::{self, ATOM, COMPARE, LOWEST, NEGATE, NOT};

impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Operator::Add => f.write_str("+"),
            Operator::Subtract => f.write_str("-"),
            Operator::Multiply => f.write_str("*"),
            Operator::Divide => f.write_str("/"),
            Operator::Compare(comparison) => comparison.fmt(f),
            Operator::And => f.write_str("and"),
            Operator::Or => f.write_str("or"),
        }
    }
}

impl Display for RowFunction {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            RowFunction::Rank => "rank",
            RowFunction::Running => "running",
        })
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Expr::Number(number) => number.fmt(f),
            Expr::Reference { path, selection, .. } if selection.is_empty() => path.fmt(f),
            Expr::Reference { path, selection, .. } => write!(f, "{path}[{}]", list(selection)),
            Expr::Negate(inner, _) => write!(f, "-{}", Bound(inner, ATOM)),
            Expr::Not(inner, _) => write!(f, "not {}", Bound(inner, NOT)),
            Expr::Binary { operator, left, right, .. } => {
                let level = precedence::of(*operator);
                let left_level = if level == COMPARE { level + 1 } else { level };
                write!(f, "{} {operator} {}", Bound(left, left_level), Bound(right, level + 1))
            }
            Expr::If { condition, then, otherwise, .. } => {
                write!(f, "if {condition} then {then} else {otherwise}")
            }
            Expr::Call { function, arguments, .. } => write!(f, "{function}({})", list(arguments)),
            Expr::OverRows { function, operand, per, .. } => {
                write!(f, "{function}({operand})")?;
                optional(f, "per", per.as_ref())
            }
            Expr::Over { function, argument, item, .. } => write!(f, "{function}({argument} over {item})"),
            Expr::CountOf { subject, selection, .. } => {
                write!(f, "count of {subject}")?;
                if selection.is_empty() { Ok(()) } else { write!(f, "[{}]", list(selection)) }
            }
        }
    }
}

/// A formula where operators bind at least so tightly.
struct Bound<'a>(&'a Expr, u8);

impl Display for Bound<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match tightness(self.0) < self.1 {
            true => write!(f, "({})", self.0),
            false => self.0.fmt(f),
        }
    }
}

/// How tightly a formula holds together.
fn tightness(expr: &Expr) -> u8 {
    match expr {
        Expr::If { .. } => LOWEST - 1,
        Expr::Binary { operator, .. } => precedence::of(*operator),
        Expr::Not(..) => NOT,
        Expr::Negate(..) => NEGATE,
        Expr::Number(_)
        | Expr::Reference { .. }
        | Expr::Call { .. }
        | Expr::Over { .. }
        | Expr::OverRows { .. }
        | Expr::CountOf { .. } => ATOM,
    }
}
