//! Units of formulas: heads are not added to dollars, and dollars by heads are dollars per head.

use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Expr, Operator, RowFunction, Span};
use std::collections::BTreeMap;

/// Units with their powers; none left where they cancel out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Unit(BTreeMap<String, i32>);

impl Unit {
    /// A unit by name.
    pub fn named(name: &str) -> Self {
        Unit(BTreeMap::from([(name.to_owned(), 1)]))
    }

    fn times(&self, other: &Unit, sign: i32) -> Unit {
        let mut powers = self.0.clone();
        for (name, power) in &other.0 {
            *powers.entry(name.clone()).or_default() += sign * power;
        }
        powers.retain(|_, power| *power != 0);
        Unit(powers)
    }

    /// `USD`, `USD/heads`; none where nothing is left.
    pub fn text(&self) -> Option<String> {
        let part = |wanted: i32| {
            let powers = self.0.iter().filter(|(_, power)| **power * wanted > 0);
            let names = powers.map(|(name, power)| match power.abs() {
                1 => name.clone(),
                power => format!("{name}^{power}"),
            });
            names.collect::<Vec<_>>().join("*")
        };
        match (part(1), part(-1)) {
            (above, below) if below.is_empty() => Some(above).filter(|above| !above.is_empty()),
            (above, below) if above.is_empty() => Some(format!("1/{below}")),
            (above, below) => Some(format!("{above}/{below}")),
        }
    }
}

/// The unit of a formula, given those of its names; none where nothing is known of it, as of a plain number.
///
/// Errors: different units are added, compared or chosen from.
pub(crate) fn unit_of(expr: &Expr, leaf: &mut dyn FnMut(&Expr) -> Result<Option<Unit>>) -> Result<Option<Unit>> {
    match expr {
        Expr::Number(_) => Ok(None),
        Expr::Reference { .. } | Expr::CountOf { .. } | Expr::Over { .. } => leaf(expr),
        Expr::OverRows { function: RowFunction::Running, operand, .. } => unit_of(operand, leaf),
        Expr::OverRows { operand, .. } => unit_of(operand, leaf).map(|_| None),
        Expr::Negate(inner, _) => unit_of(inner, leaf),
        Expr::Not(inner, _) => unit_of(inner, leaf).map(|_| None),
        Expr::Binary { operator, left, right, span } => {
            let (left, right) = (unit_of(left, leaf)?, unit_of(right, leaf)?);
            binary(*operator, left, right, span)
        }
        Expr::If { condition, then, otherwise, span } => {
            unit_of(condition, leaf)?;
            same(unit_of(then, leaf)?, unit_of(otherwise, leaf)?, "chosen from", span)
        }
        Expr::Call { function, arguments, span } => {
            let units: Result<Vec<_>> = arguments.iter().map(|argument| unit_of(argument, leaf)).collect();
            call(&function.text, units?, span)
        }
    }
}

fn binary(operator: Operator, left: Option<Unit>, right: Option<Unit>, span: &Span) -> Result<Option<Unit>> {
    let product = |sign| match (&left, &right) {
        (None, None) => None,
        (Some(left), None) => Some(left.clone()),
        (left, Some(right)) => Some(left.clone().unwrap_or_default().times(right, sign)),
    };
    match operator {
        Operator::Add => same(left, right, "added", span),
        Operator::Subtract => same(left, right, "subtracted", span),
        Operator::Multiply => Ok(product(1)),
        Operator::Divide => Ok(product(-1)),
        Operator::Compare(_) => same(left, right, "compared", span).map(|_| None),
        Operator::And | Operator::Or => Ok(None),
    }
}

fn call(function: &str, units: Vec<Option<Unit>>, span: &Span) -> Result<Option<Unit>> {
    match function.to_lowercase().as_str() {
        "count" | "rank" => Ok(None),
        "round" => Ok(units.into_iter().next().flatten()),
        _ => units.into_iter().try_fold(None, |known, unit| same(known, unit, "chosen from", span)),
    }
}

fn same(left: Option<Unit>, right: Option<Unit>, done: &str, span: &Span) -> Result<Option<Unit>> {
    match (&left, &right) {
        (Some(a), Some(b)) if a != b => {
            let text = |unit: &Unit| unit.text().unwrap_or_else(|| "a ratio".to_owned());
            let message = format!("{} and {} are not {done}", text(a), text(b));
            Err(Error::new(ErrorKind::Refused, message, Some(span.clone()))
                .labelled("different units")
                .helped("dividing one by the other gives a value in both units"))
        }
        (None, _) => Ok(right),
        _ => Ok(left),
    }
}
