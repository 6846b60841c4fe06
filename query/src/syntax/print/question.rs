//! Questions: what is shown, the axes, the clauses.

use std::fmt::{Display, Formatter, Result};

use super::{clause, list, optional};
use crate::syntax::ast::{AxisItem, Element, Expr, Limit, Operator, OrderKey, Show, Shown, Take};

impl Display for Element {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let alias = match self {
            Element::All { alias, .. } => {
                f.write_str("all")?;
                alias
            }
            Element::Versus(left, right) => return write!(f, "{left} vs {right}"),
            Element::Selection { condition, alias } => {
                condition.fmt(f)?;
                alias
            }
            Element::Formula { expr, alias } if is_plainly_formula(expr) => {
                expr.fmt(f)?;
                alias
            }
            Element::Formula { expr, alias } => {
                write!(f, "({expr})")?;
                alias
            }
        };
        optional(f, "as", alias.as_ref())
    }
}

/// Whether a formula cannot be taken for a selection.
fn is_plainly_formula(expr: &Expr) -> bool {
    match expr {
        Expr::Binary { operator, .. } => {
            matches!(operator, Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide)
        }
        Expr::Number(_) | Expr::Reference { .. } | Expr::CountOf { .. } => false,
        Expr::Negate(..)
        | Expr::Not(..)
        | Expr::If { .. }
        | Expr::Call { .. }
        | Expr::Over { .. }
        | Expr::OverRows { .. } => true,
    }
}

impl Display for AxisItem {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.subject.fmt(f)?;
        if let Some(elements) = &self.elements {
            write!(f, "[{}]", list(elements))?;
        }
        optional(f, "as", self.alias.as_ref())
    }
}

impl Display for Shown {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.expr.fmt(f)?;
        optional(f, "as", self.alias.as_ref())
    }
}

impl Display for OrderKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{}{}", self.expr, if self.descending { " desc" } else { "" })
    }
}

impl Display for Limit {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let word = if self.bottom { "bottom" } else { "top" };
        match &self.take {
            Take::Rows(count) => write!(f, "{word} {count}")?,
            Take::Share(share) => write!(f, "{word} {share}")?,
        }
        match (&self.by, &self.per) {
            // The `per` of a formula over rows would be taken for this one.
            (Some(by), Some(_)) if !matches!(by, Expr::Reference { .. }) => write!(f, " by ({by})")?,
            (by, _) => optional(f, "by", by.as_ref())?,
        }
        optional(f, "per", self.per.as_ref())
    }
}

impl Display for Show {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.view {
            Some(view) => write!(f, "show view {}", view.name)?,
            None => write!(f, "show {}", list(&self.shown))?,
        }
        clause(f, "by", &self.by)?;
        clause(f, "across", &self.across)?;
        clause(f, "where", &self.conditions)?;
        optional(f, "having", self.having.as_ref())?;
        clause(f, "order by", &self.order)?;
        if let Some(limit) = &self.limit {
            write!(f, " {limit}")?;
        }
        if self.totals {
            f.write_str(" with totals")?;
        }
        if self.others {
            f.write_str(" with others")?;
        }
        if self.empty {
            f.write_str(" with empty")?;
        }
        Ok(())
    }
}
