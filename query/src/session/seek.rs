//! `seek`: the value of one named number for which an equation holds.
//!
//! The equation's two sides are worked out by the same question that `show` would answer, with the
//! number set to one value after another: by the secant through the last two, which finds the answer
//! of a straight line at once, and by halving an interval where the sides cross in it.

use crate::answer::{Answer, List, Value};
use crate::bind::{Names, named_number, number_names, unknown};
use crate::error::{Error, ErrorKind, Result};
use crate::formula::exact;
use crate::show::{self, Context};
use crate::syntax::ast::{Expr, Number, Seek, Show, Shown, Statement};
use engine::change::{Change, Direction};
use engine::decimal::Decimal;
use engine::schema::Definition;
use std::sync::Arc;

/// Trials at most.
const MOST_TRIALS: usize = 200;

/// Digits of a value that is tried.
const DIGITS: i32 = 15;

/// Digits of the value found that are shown.
const SHOWN: i32 = 12;

/// What is sought, and where the sides are read.
struct Sought<'a> {
    context: Context<'a>,
    seek: &'a Seek,
    left: &'a Expr,
    right: &'a Expr,
}

/// Both sides of the equation.
#[derive(Debug, Clone, Copy)]
struct Sides {
    left: f64,
    right: f64,
}

impl Sides {
    fn gap(self) -> f64 {
        self.left - self.right
    }

    fn is_met(self) -> bool {
        self.gap().abs() <= self.right.abs().max(1.0) * 1e-13
    }
}

/// Finds the value.
pub(super) fn seek(context: Context, seek: &Seek) -> Result<Answer> {
    let names = Names::new(context.snapshot.schema());
    let Some(was) = named_number(names, &seek.name.text) else {
        let known = number_names(names);
        return Err(unknown("named number", &seek.name.text, seek.name.span.clone(), &known)
            .helped(format!("`set {} = …;` names one", seek.name)));
    };
    let Expr::Binary { left, right, .. } = &seek.equation else {
        return Err(Error::new(
            ErrorKind::Refused,
            "what is sought is given by an equation",
            Some(seek.equation.span()),
        ));
    };
    let sought = Sought { context, seek, left, right };
    let value = match &seek.between {
        Some((low, high)) => sought.within(float(low), float(high))?,
        None => sought.from(float(&was))?,
    };
    let value = number(value, SHOWN);
    let sides = sought.sides(float(&value))?;
    let shown = |number: &Number| exact(number.units, number.scale);
    let row = vec![
        Value::Text(seek.name.text.clone()),
        shown(&value),
        shown(&was),
        Value::Ratio(rounded(sides.left)),
        Value::Ratio(rounded(sides.right)),
    ];
    let columns = ["number", "value", "was", "left side", "right side"].map(str::to_owned).to_vec();
    let notes = vec![format!("nothing was changed; to take it: set {} = {value}", seek.name)];
    Ok(Answer::List(List { columns, rows: vec![row], notes }))
}

impl Sought<'_> {
    /// Both sides with the number at a value.
    fn sides(&self, value: f64) -> Result<Sides> {
        let schema = self.context.snapshot.schema();
        let statement = Statement::SetNumber { name: self.seek.name.clone(), value: number(value, DIGITS) }.to_string();
        let definition = Definition { name: self.seek.name.text.clone(), member_of: None, statement };
        let after = Arc::new(schema.with_definition(definition)?);
        let change = Change::Schema { before: Arc::clone(schema), after };
        let snapshot = self.context.snapshot.apply(&change, Direction::Forward)?;
        let context = Context { snapshot: &snapshot, ..self.context };
        let shown = |expr: &Expr| Shown { expr: expr.clone(), alias: None, span: expr.span() };
        let read =
            |expr: &Expr| -> Result<f64> {
                let question =
                    Show { shown: vec![shown(expr)], conditions: self.seek.conditions.clone(), ..Show::default() };
                let cells = show::show(context, &question)?.cells;
                match cells.first() {
                    Some(Value::Exact { units, scale }) => Ok(Decimal::new(*units, *scale).to_f64()),
                    Some(Value::Ratio(value)) => Ok(*value),
                    _ => Err(Error::new(ErrorKind::Refused, "this has no value there", Some(expr.span()))
                        .helped(format!("{} is tried at {}", self.seek.name, number(value, SHOWN)))),
                }
            };
        Ok(Sides { left: read(self.left)?, right: read(self.right)? })
    }

    /// From the value the number has: along the secant, and where that leads nowhere, outwards until the
    /// sides cross.
    fn from(&self, start: f64) -> Result<f64> {
        let mut last = (start, self.sides(start)?);
        if last.1.is_met() {
            return Ok(start);
        }
        let mut at = start + (start.abs() * 0.01).max(0.01);
        for _ in 0..MOST_TRIALS / 4 {
            let sides = match self.sides(at) {
                Ok(sides) => sides,
                Err(_) => break,
            };
            if sides.is_met() || at == last.0 {
                return Ok(at);
            }
            let slope = (sides.gap() - last.1.gap()) / (at - last.0);
            last = (at, sides);
            at -= sides.gap() / slope;
            if !at.is_finite() {
                break;
            }
        }
        self.outwards(start)
    }

    fn outwards(&self, start: f64) -> Result<f64> {
        let gap = self.sides(start)?.gap();
        let mut reach = start.abs().max(1.0);
        for _ in 0..60 {
            for at in [start - reach, start + reach] {
                if self.sides(at).is_ok_and(|sides| sides.gap() * gap <= 0.0) {
                    return self.within(start.min(at), start.max(at));
                }
            }
            reach *= 2.0;
        }
        Err(self.not_found("no value of it was found for which the two sides are equal"))
    }

    /// By halving: the sides must cross.
    fn within(&self, low: f64, high: f64) -> Result<f64> {
        let (mut low, mut high) = (low.min(high), low.max(high));
        let (first, last) = (self.sides(low)?, self.sides(high)?);
        if first.is_met() {
            return Ok(low);
        }
        if last.is_met() {
            return Ok(high);
        }
        if first.gap() * last.gap() > 0.0 {
            let (low, high) = (number(low, SHOWN), number(high, SHOWN));
            return Err(self.not_found(&format!(
                "between {low} and {high} the left side goes from {} to {} and does not meet the right side",
                rounded(first.left),
                rounded(last.left)
            )));
        }
        for _ in 0..MOST_TRIALS {
            let middle = low + (high - low) / 2.0;
            if middle <= low || middle >= high {
                break;
            }
            let sides = self.sides(middle)?;
            if sides.is_met() {
                return Ok(middle);
            }
            if sides.gap() * first.gap() > 0.0 { low = middle } else { high = middle }
        }
        Ok(low + (high - low) / 2.0)
    }

    fn not_found(&self, message: &str) -> Error {
        Error::new(ErrorKind::Refused, message.to_owned(), Some(self.seek.equation.span()))
            .labelled(format!("does this depend on {}?", self.seek.name))
            .helped("`between LOW and HIGH` says where to look")
    }
}

fn float(number: &Number) -> f64 {
    Decimal::new(number.units, number.scale).to_f64()
}

/// A value to some digits.
fn number(value: f64, digits: i32) -> Number {
    let magnitude = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 + 1 };
    let mut scale = (digits - magnitude).clamp(0, 18) as u8;
    let mut units = (value * 10f64.powi(i32::from(scale))).round() as i128;
    while scale > 0 && units % 10 == 0 {
        units /= 10;
        scale -= 1;
    }
    Number { units, scale, percent: false, span: 0..0 }
}

/// A float to the digits that are shown.
fn rounded(value: f64) -> f64 {
    float(&number(value, SHOWN))
}
