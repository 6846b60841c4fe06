//! Formulas: arithmetic over leaves that someone else knows the values of.
//!
//! A bound formula is generic over what stands at its leaves: a measure's cells in a question, a
//! member on an axis, a leaf's weight in a spread. Empties and zero division follow one rule here.

mod arithmetic;
mod bind;
mod unit;

pub(crate) use arithmetic::{add, call, exact, multiply, order, subtract};
pub(crate) use bind::{constant, known, refuse_over_rows};
pub(crate) use unit::{Unit, unit_of};

use crate::answer::Value;
use crate::syntax::ast::Operator;

/// A function of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Abs,
    Round,
    Min,
    Max,
    Coalesce,
    Sum,
    Average,
    Median,
    Count,
}

/// A bound formula over leaves of some kind.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Formula<L> {
    Constant(Value),
    Leaf(L),
    Negate(Box<Formula<L>>),
    Not(Box<Formula<L>>),
    Binary(Operator, Box<Formula<L>>, Box<Formula<L>>),
    If(Box<Formula<L>>, Box<Formula<L>>, Box<Formula<L>>),
    Call(Function, Vec<Formula<L>>),
}

impl<L> Formula<L> {
    /// Its value, given the leaves'.
    pub fn evaluate(&self, leaf: &dyn Fn(&L) -> Value) -> Value {
        match self {
            Formula::Constant(value) => value.clone(),
            Formula::Leaf(of) => leaf(of),
            Formula::Negate(inner) => arithmetic::negate(inner.evaluate(leaf)),
            Formula::Not(inner) => match arithmetic::truth(&inner.evaluate(leaf)) {
                Some(flag) => Value::Flag(!flag),
                None => Value::Empty,
            },
            Formula::Binary(operator, left, right) => {
                arithmetic::binary(*operator, left.evaluate(leaf), right.evaluate(leaf))
            }
            Formula::If(condition, then, otherwise) => match arithmetic::truth(&condition.evaluate(leaf)) {
                Some(true) => then.evaluate(leaf),
                _ => otherwise.evaluate(leaf),
            },
            Formula::Call(function, arguments) => {
                call(*function, arguments.iter().map(|argument| argument.evaluate(leaf)).collect())
            }
        }
    }

    /// The leaves, from left to right.
    pub fn leaves(&self) -> Vec<&L> {
        match self {
            Formula::Constant(_) => Vec::new(),
            Formula::Leaf(of) => vec![of],
            Formula::Negate(inner) | Formula::Not(inner) => inner.leaves(),
            Formula::Binary(_, left, right) => [left.leaves(), right.leaves()].concat(),
            Formula::If(a, b, c) => [a.leaves(), b.leaves(), c.leaves()].concat(),
            Formula::Call(_, arguments) => arguments.iter().flat_map(Formula::leaves).collect(),
        }
    }
}
