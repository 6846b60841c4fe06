//! A change of what is worked out: refused, with the statement that changes what it is worked out from.

use crate::answer::Value;
use crate::bind::{Names, defined_measure};
use crate::error::{Error, ErrorKind};
use crate::show::{self, Context};
use crate::syntax::ast::{Amount, Body, Change, Define, Expr, Number, Operator, Path, Show, Shown, Statement, Verb};
use engine::decimal::{Decimal, divide_rounded, power_of_ten};
use engine::measure::Measure;

/// The refusal where a change names a measure that is worked out; none where it names none such.
pub(super) fn worked_out(context: Context, names: Names, change: &Change, measure: &Path) -> Option<Error> {
    let [name] = measure.names.as_slice() else { return None };
    let define = defined_measure(names, &name.text)?;
    let message = format!("{} is worked out: it has no cells to change", name.text);
    let error =
        Error::new(ErrorKind::Refused, message, Some(measure.span())).labelled("expected a measure that is kept");
    Some(match through_numerator(context, names, change, &define) {
        Some(statement) => error
            .helped(format!("its formula: {define}"))
            .helped(format!("to bring it there by its numerator: {statement}")),
        None => error.helped(format!("change what it is made of: {define}")),
    })
}

/// The change of the numerator that brings a ratio to where it is wanted, its denominator as it is.
fn through_numerator(context: Context, names: Names, change: &Change, define: &Define) -> Option<Statement> {
    let (numerator, denominator) = ratio(define)?;
    let measure = names.schema.measure(names.measure(numerator).ok()?)?;
    let of = numerator.clone();
    let verb = match &change.verb {
        Verb::Set { to, .. } => {
            let below = value(context, change, denominator)?;
            Verb::Set { measure: of, to: product(to, &below, measure)? }
        }
        Verb::Add { amount: Amount::Absolute(more), .. } => {
            let below = value(context, change, denominator)?;
            Verb::Add { measure: of, amount: Amount::Absolute(product(more, &below, measure)?) }
        }
        Verb::Add { amount: Amount::Share(share), .. } => {
            Verb::Add { measure: of, amount: Amount::Share(share.clone()) }
        }
        _ => return None,
    };
    Some(Statement::Change(Change { verb, ..change.clone() }))
}

/// `revenue / units`: a measure that is kept over a formula.
fn ratio(define: &Define) -> Option<(&Path, &Expr)> {
    match &define.body {
        Body::Formula(Expr::Binary { operator: Operator::Divide, left, right, .. }) if !define.at_leaves => {
            match left.as_ref() {
                Expr::Reference { path, selection, .. } if selection.is_empty() => Some((path, right)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What a formula comes to where the change is.
fn value(context: Context, change: &Change, expr: &Expr) -> Option<Value> {
    let shown = Shown { expr: expr.clone(), alias: None, span: expr.span() };
    let question = Show { shown: vec![shown], conditions: change.conditions.clone(), ..Show::default() };
    show::show(context, &question).ok()?.cells.into_iter().next()
}

/// A number times a value, rounded as a measure keeps it; none where it comes to nothing.
fn product(number: &Number, value: &Value, measure: &Measure) -> Option<Number> {
    let (units, scale) = match value {
        Value::Exact { units, scale } => (units.checked_mul(number.units)?, scale + number.scale),
        Value::Ratio(ratio) => {
            let factor = Decimal::new(number.units, number.scale).to_f64();
            ((ratio * factor * power_of_ten(measure.scale) as f64).round() as i128, measure.scale)
        }
        _ => return None,
    };
    let units = match scale.checked_sub(measure.scale) {
        Some(finer) => divide_rounded(units, power_of_ten(finer))?,
        None => units.checked_mul(power_of_ten(measure.scale - scale))?,
    };
    (units != 0).then(|| Number { units, scale: measure.scale, percent: false, span: number.span.clone() })
}
