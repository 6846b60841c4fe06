//! Functions over the rows of an answer, worked out when the rows are known and in their order.

use super::cells::Position;
use super::row::{Row, RowKind};
use crate::answer::Value;
use crate::formula::{Formula, add, order};
use crate::syntax::ast::RowFunction;
use std::cmp::Ordering;
use std::collections::HashMap;

/// What stands at the leaves of a shown formula that looks at other rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowLeaf {
    /// The formula of this number, at the row itself.
    Value(usize),
    /// The function of this number.
    Window(usize),
}

/// A function over rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Window {
    pub function: RowFunction,
    /// The number of the formula it looks at.
    pub operand: usize,
    /// It starts anew where one of so many outer items changes.
    pub per: usize,
}

/// What is shown: a formula over measures, or one that looks at other rows too.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ShownFormula {
    /// The formula of this number.
    Plain(usize),
    OverRows(Formula<RowLeaf>),
}

impl Window {
    /// Its value at each row, given the operand's.
    pub fn values(&self, rows: &[Row], operands: Vec<Value>) -> Vec<Value> {
        match self.function {
            RowFunction::Rank => self.ranks(rows, &operands),
            RowFunction::Running => self.sums(rows, operands),
        }
    }

    /// The place of each row among those of its group, the largest first; rows that are alike share one.
    fn ranks(&self, rows: &[Row], operands: &[Value]) -> Vec<Value> {
        let ranked = |row: &Row, value: &Value| row.kind == RowKind::Plain && is_number(value);
        let mut groups: HashMap<&[u32], Vec<&Value>> = HashMap::new();
        for (row, value) in rows.iter().zip(operands).filter(|(row, value)| ranked(row, value)) {
            groups.entry(&row.position[..self.per]).or_default().push(value);
        }
        groups.values_mut().for_each(|values| values.sort_by(|a, b| compare(b, a)));
        let place = |(row, value): (&Row, &Value)| match groups.get(&row.position[..self.per]) {
            Some(values) if ranked(row, value) => {
                let larger = values.partition_point(|other| compare(other, value).is_gt());
                crate::formula::exact(larger as i128 + 1, 0)
            }
            _ => Value::Empty,
        };
        rows.iter().zip(operands).map(place).collect()
    }

    /// The sums down to each row of a group. What `top` left out goes on with its group; a total has none.
    fn sums(&self, rows: &[Row], operands: Vec<Value>) -> Vec<Value> {
        let mut sums: HashMap<Position, Value> = HashMap::new();
        let sum = |(row, value): (&Row, Value)| {
            let within = match row.kind {
                RowKind::Total => false,
                RowKind::Others { held } => self.per <= held,
                RowKind::Plain => true,
            };
            if !within {
                return Value::Empty;
            }
            let sum = sums.entry(row.position[..self.per].to_vec()).or_insert(Value::Empty);
            if is_number(&value) {
                *sum = add(std::mem::replace(sum, Value::Empty), value);
            }
            sum.clone()
        };
        rows.iter().zip(operands).map(sum).collect()
    }
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Exact { .. } | Value::Ratio(_))
}

fn compare(left: &Value, right: &Value) -> Ordering {
    order(left, right).unwrap_or(Ordering::Equal)
}
