//! From the tree of a formula to a bound one.

use super::{Formula, Function};
use crate::answer::Value;
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Expr, Name, Number, RowFunction, Span};

/// Says what a name, a count or a function over members stands for: one leaf, or a formula in its place.
pub(crate) type LeafBinder<'a, L> = dyn FnMut(&Expr) -> Result<Formula<L>> + 'a;

impl<L> Formula<L> {
    /// Binds a formula; names are left to `leaf`.
    pub fn bind(expr: &Expr, leaf: &mut LeafBinder<L>) -> Result<Self> {
        Ok(match expr {
            Expr::Number(number) => Formula::Constant(constant(number)),
            Expr::Reference { .. } | Expr::CountOf { .. } | Expr::Over { .. } | Expr::OverRows { .. } => leaf(expr)?,
            Expr::Negate(inner, _) => Formula::Negate(Box::new(Formula::bind(inner, leaf)?)),
            Expr::Not(inner, _) => Formula::Not(Box::new(Formula::bind(inner, leaf)?)),
            Expr::Binary { operator, left, right, .. } => {
                Formula::Binary(*operator, Box::new(Formula::bind(left, leaf)?), Box::new(Formula::bind(right, leaf)?))
            }
            Expr::If { condition, then, otherwise, .. } => Formula::If(
                Box::new(Formula::bind(condition, leaf)?),
                Box::new(Formula::bind(then, leaf)?),
                Box::new(Formula::bind(otherwise, leaf)?),
            ),
            Expr::Call { function, arguments, span } => {
                let function = known(function, arguments.len(), span)?;
                let arguments: Result<Vec<_>> =
                    arguments.iter().map(|argument| Formula::bind(argument, leaf)).collect();
                Formula::Call(function, arguments?)
            }
        })
    }
}

/// The error for `rank` and `running` where there are no rows of an answer.
pub(crate) fn refuse_over_rows(function: RowFunction, span: &Span) -> Error {
    Error::new(ErrorKind::Refused, format!("`{function}` is over the rows of an answer"), Some(span.clone()))
        .labelled("stands among what is shown, nowhere else")
        .helped("`order by`, `top` and `having` take the value itself")
}

/// The value of a number as written.
pub(crate) fn constant(number: &Number) -> Value {
    Value::Exact { units: number.units, scale: number.scale }
}

/// The function of a name, for so many values.
pub(crate) fn known(name: &Name, arguments: usize, span: &Span) -> Result<Function> {
    let (function, least, most) = match name.text.to_lowercase().as_str() {
        "abs" => (Function::Abs, 1, 1),
        "round" => (Function::Round, 1, 2),
        "min" => (Function::Min, 1, usize::MAX),
        "max" => (Function::Max, 1, usize::MAX),
        "coalesce" => (Function::Coalesce, 1, usize::MAX),
        "sum" => (Function::Sum, 1, usize::MAX),
        "average" => (Function::Average, 1, usize::MAX),
        "median" => (Function::Median, 1, usize::MAX),
        "count" => (Function::Count, 1, usize::MAX),
        other => {
            return Err(Error::new(
                ErrorKind::Name,
                format!("there is no function \"{other}\""),
                Some(name.span.clone()),
            )
            .labelled("expected abs, round, min, max, coalesce, sum, average, median or count"));
        }
    };
    if (least..=most).contains(&arguments) {
        return Ok(function);
    }
    let expected = if least == most { format!("{least}") } else { format!("{least} to {most}") };
    Err(Error::new(
        ErrorKind::Syntax,
        format!("{} takes {expected} values, not {arguments}", name.text),
        Some(span.clone()),
    ))
}
