//! The arithmetic of cells: exact for `+` and `-`, floating point for ratios, and empty where the
//! language says so.

use super::Function;
use crate::answer::Value;
use crate::syntax::ast::{Comparison, Operator};
use engine::decimal::{Decimal, divide_rounded, power_of_ten};
use std::cmp::Ordering;

/// The widest scale an exact product keeps; beyond it the product is a ratio.
const WIDEST: u8 = 12;

/// An exact value.
pub(crate) fn exact(units: i128, scale: u8) -> Value {
    Value::Exact { units, scale }
}

fn ratio(value: f64) -> Value {
    if value.is_finite() { Value::Ratio(value) } else { Value::Empty }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Exact { units, scale } => Some(Decimal::new(*units, *scale).to_f64()),
        Value::Ratio(value) => Some(*value),
        Value::Empty | Value::Text(_) | Value::Flag(_) => None,
    }
}

/// Two exact values at one scale.
fn aligned(left: &Value, right: &Value) -> Option<(i128, i128, u8)> {
    match (left, right) {
        (Value::Exact { units: a, scale: s }, Value::Exact { units: b, scale: t }) => {
            let scale = (*s).max(*t);
            let a = a.checked_mul(power_of_ten(scale - s))?;
            let b = b.checked_mul(power_of_ten(scale - t))?;
            Some((a, b, scale))
        }
        _ => None,
    }
}

/// The sum; an empty operand is nothing, empty only if both are.
pub(crate) fn add(left: Value, right: Value) -> Value {
    match (&left, &right) {
        (Value::Empty, _) => right,
        (_, Value::Empty) => left,
        _ => match aligned(&left, &right).and_then(|(a, b, scale)| Some((a.checked_add(b)?, scale))) {
            Some((units, scale)) => exact(units, scale),
            None => floats(&left, &right, |a, b| a + b),
        },
    }
}

/// The difference; an empty operand is nothing, empty only if both are.
pub(crate) fn subtract(left: Value, right: Value) -> Value {
    match right {
        Value::Empty => left,
        right => add(left, negate(right)),
    }
}

pub(super) fn negate(value: Value) -> Value {
    match value {
        Value::Exact { units, scale } => exact(-units, scale),
        Value::Ratio(value) => Value::Ratio(-value),
        other => other,
    }
}

fn floats(left: &Value, right: &Value, apply: impl Fn(f64, f64) -> f64) -> Value {
    match (number(left), number(right)) {
        (Some(a), Some(b)) => ratio(apply(a, b)),
        _ => Value::Empty,
    }
}

/// The product; empty where an operand is.
pub(crate) fn multiply(left: &Value, right: &Value) -> Value {
    if let (Value::Exact { units: a, scale: s }, Value::Exact { units: b, scale: t }) = (left, right)
        && let Some(product) = a.checked_mul(*b).filter(|_| s + t <= WIDEST)
    {
        return trimmed(product, s + t, (*s).max(*t));
    }
    floats(left, right, |a, b| a * b)
}

/// Drops zeros at the end of the fraction, down to a scale.
fn trimmed(mut units: i128, mut scale: u8, least: u8) -> Value {
    while scale > least && units % 10 == 0 {
        units /= 10;
        scale -= 1;
    }
    exact(units, scale)
}

/// The truth of a value; none where it is empty.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Flag(flag) => Some(*flag),
        Value::Empty => None,
        Value::Text(text) => Some(!text.is_empty()),
        other => number(other).map(|value| value != 0.0),
    }
}

pub(super) fn binary(operator: Operator, left: Value, right: Value) -> Value {
    match operator {
        Operator::Add => add(left, right),
        Operator::Subtract => subtract(left, right),
        Operator::Multiply => multiply(&left, &right),
        Operator::Divide => match number(&right) {
            Some(divisor) if divisor != 0.0 => floats(&left, &right, |a, b| a / b),
            _ => Value::Empty,
        },
        Operator::Compare(comparison) => compare(comparison, &left, &right),
        Operator::And => match (truth(&left), truth(&right)) {
            (Some(a), Some(b)) => Value::Flag(a && b),
            (Some(false), _) | (_, Some(false)) => Value::Flag(false),
            _ => Value::Empty,
        },
        Operator::Or => match (truth(&left), truth(&right)) {
            (Some(a), Some(b)) => Value::Flag(a || b),
            (Some(true), _) | (_, Some(true)) => Value::Flag(true),
            _ => Value::Empty,
        },
    }
}

fn compare(comparison: Comparison, left: &Value, right: &Value) -> Value {
    let Some(order) = order(left, right) else {
        return Value::Empty;
    };
    Value::Flag(comparison.holds(order))
}

/// How two values stand to each other; none where one is empty or they are of different kinds.
pub(crate) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Flag(a), Value::Flag(b)) => Some(a.cmp(b)),
        _ => match aligned(left, right) {
            Some((a, b, _)) => Some(a.cmp(&b)),
            None => number(left)?.partial_cmp(&number(right)?),
        },
    }
}

/// A function of values; empties are passed over.
pub(crate) fn call(function: Function, arguments: Vec<Value>) -> Value {
    let mut there = arguments.iter().filter(|value| **value != Value::Empty).cloned();
    match function {
        Function::Abs => match arguments.into_iter().next() {
            Some(Value::Exact { units, scale }) => exact(units.abs(), scale),
            Some(Value::Ratio(value)) => Value::Ratio(value.abs()),
            _ => Value::Empty,
        },
        Function::Round => round(&arguments),
        Function::Coalesce => there.next().unwrap_or(Value::Empty),
        Function::Count => exact(there.count() as i128, 0),
        Function::Sum => there.fold(Value::Empty, add),
        Function::Average => {
            let count = exact(there.clone().count() as i128, 0);
            binary(Operator::Divide, there.fold(Value::Empty, add), count)
        }
        Function::Median => median(there.collect()),
        Function::Min => best(there, Ordering::Less),
        Function::Max => best(there, Ordering::Greater),
    }
}

fn best(values: impl Iterator<Item = Value>, wanted: Ordering) -> Value {
    values.fold(Value::Empty, |best, value| match order(&value, &best) {
        Some(order) if order == wanted => value,
        None if best == Value::Empty => value,
        _ => best,
    })
}

/// The middle value; the mean of the two in the middle where there is an even number.
fn median(mut values: Vec<Value>) -> Value {
    values.retain(|value| number(value).is_some());
    values.sort_by(|left, right| order(left, right).unwrap_or(Ordering::Equal));
    let middle = values.len() / 2;
    match (values.len() % 2, values.get(middle)) {
        (_, None) => Value::Empty,
        (1, Some(value)) => value.clone(),
        (_, Some(upper)) => {
            let sum = add(values[middle - 1].clone(), upper.clone());
            binary(Operator::Divide, sum, exact(2, 0))
        }
    }
}

fn round(arguments: &[Value]) -> Value {
    let places = match arguments.get(1) {
        None => 0,
        Some(value) => number(value).unwrap_or(0.0).clamp(0.0, 12.0) as u8,
    };
    match arguments.first() {
        Some(Value::Exact { units, scale }) if *scale <= places => exact(*units, *scale),
        Some(Value::Exact { units, scale }) => {
            divide_rounded(*units, power_of_ten(scale - places)).map_or(Value::Empty, |units| exact(units, places))
        }
        Some(Value::Ratio(value)) => {
            let factor = power_of_ten(places) as f64;
            ratio((value * factor).round() / factor)
        }
        _ => Value::Empty,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empties_add_as_nothing_and_multiply_as_empty() {
        assert_eq!(add(Value::Empty, exact(5, 0)), exact(5, 0));
        assert_eq!(add(Value::Empty, Value::Empty), Value::Empty);
        assert_eq!(subtract(Value::Empty, exact(5, 0)), exact(-5, 0));
        assert_eq!(binary(Operator::Multiply, Value::Empty, exact(5, 0)), Value::Empty);
        assert_eq!(binary(Operator::Divide, exact(5, 0), exact(0, 0)), Value::Empty);
    }

    #[test]
    fn sums_stay_exact_over_scales() {
        assert_eq!(add(exact(1, 1), exact(25, 2)), exact(35, 2));
        assert_eq!(binary(Operator::Multiply, exact(1000, 2), exact(3, 0)), exact(3000, 2));
        assert_eq!(binary(Operator::Multiply, exact(105, 2), exact(15, 1)), exact(1575, 3));
        assert_eq!(binary(Operator::Divide, exact(10, 0), exact(4, 0)), Value::Ratio(2.5));
    }

    #[test]
    fn functions_pass_over_empties() {
        let values = vec![exact(3, 0), Value::Empty, exact(15, 1)];
        assert_eq!(call(Function::Sum, values.clone()), exact(45, 1));
        assert_eq!(call(Function::Average, values.clone()), Value::Ratio(2.25));
        assert_eq!(call(Function::Min, values.clone()), exact(15, 1));
        assert_eq!(call(Function::Count, values), exact(2, 0));
        assert_eq!(call(Function::Round, vec![exact(-25, 1)]), exact(-3, 0));
    }
}
