//! The weights of a spread: a formula read at the leaves, or the shares of another slice.

use super::mapping::mapping;
use crate::answer::Value;
use crate::bind::{Names, Selection};
use crate::error::{Error, ErrorKind, Result};
use crate::show::{Context, at_leaves};
use crate::syntax::ast::{Condition, Expr, Span};
use engine::aggregate;
use engine::coordinate::KeyLayout;
use engine::decimal::{Decimal, power_of_ten};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::memory::{Claim, afford, bytes};
use engine::spread::Method;
use std::collections::HashMap;

/// Bytes of a leaf's weight, read and made whole.
const WEIGHT_BYTES: usize = 192;

pub(super) struct Weigher<'a> {
    pub context: Context<'a>,
    pub names: Names<'a>,
    pub measure: MeasureId,
    pub filter: &'a Selection,
    pub scenario: MemberId,
}

impl Weigher<'_> {
    /// Weights by a formula, at every leaf of the slice where it has a value.
    pub fn by_formula(&self, expr: &Expr, span: &Span) -> Result<Method> {
        if !mentions_measure(expr) {
            return Err(Error::new(ErrorKind::Refused, "the weights name no measure", Some(span.clone()))
                .labelled("the same at every leaf")
                .helped("to spread evenly write `equally`"));
        }
        let slice = Selection { scenarios: Some(vec![self.scenario]), ..self.filter.clone() };
        let grid = at_leaves(self.context, self.names, &slice, expr)?;
        let layout = self.context.snapshot.layout();
        let mut weights: HashMap<u128, Value> = HashMap::new();
        let mut claim = Claim::new("the weights");
        for position in grid.positions()? {
            for key in self.keys(layout, &position)? {
                let codes: Vec<u32> = (0..layout.width()).map(|c| layout.unpack(key, c)).collect();
                let value = grid.value(&codes);
                if value != Value::Empty {
                    weights.insert(key, value);
                }
            }
            claim.hold(bytes(weights.len(), WEIGHT_BYTES))?;
        }
        Ok(Method::Weights(whole(weights, span)?))
    }

    /// The leaves a position stands for: where the formula does not tell members apart, all of them.
    fn keys(&self, layout: &KeyLayout, position: &[Option<u32>]) -> Result<Vec<u128>> {
        let mut keys = vec![0u128];
        for (coordinate, code) in position.iter().enumerate() {
            let id = DimensionId::from_index(coordinate + 1);
            let members = match code {
                Some(code) => vec![MemberId(*code)],
                None => {
                    let dimension = self.names.schema.dimension(id);
                    let leaves = dimension.leaves(MemberId::ROOT).into_iter();
                    leaves.filter(|member| !self.filter.weight(id, member.index()).is_zero()).collect()
                }
            };
            afford("the weights", bytes(keys.len().saturating_mul(members.len()), WEIGHT_BYTES))?;
            keys = keys.iter().flat_map(|key| members.iter().map(|m| layout.with(*key, coordinate, *m))).collect();
        }
        Ok(keys)
    }

    /// The shares of another slice, leaf by leaf.
    pub fn like(&self, conditions: &[Condition], span: &Span) -> Result<Method> {
        let other = Selection::bind(self.names, conditions)?;
        let mapping = mapping(self.names.schema, &other, self.filter)?;
        let source = self.filter.overlaid(&other);
        let scenario = source.scenario(Some(self.scenario), Some(span.clone()))?;
        let cells =
            aggregate::leaves(self.context.snapshot, &source.subcube(scenario), self.measure, self.context.stop)?;
        let layout = self.context.snapshot.layout();
        let weight = |(key, value)| Some((layout.mapped(key, &mapping)?, i128::from(value)));
        let weights = cells.iter().filter_map(weight);
        Ok(Method::Weights(weights.collect()))
    }
}

fn mentions_measure(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) => false,
        Expr::Reference { .. } | Expr::CountOf { .. } | Expr::Over { .. } => true,
        Expr::Negate(inner, _) | Expr::Not(inner, _) => mentions_measure(inner),
        Expr::OverRows { operand, .. } => mentions_measure(operand),
        Expr::Binary { left, right, .. } => mentions_measure(left) || mentions_measure(right),
        Expr::If { condition, then, otherwise, .. } => {
            [condition, then, otherwise].into_iter().any(|e| mentions_measure(e))
        }
        Expr::Call { arguments, .. } => arguments.iter().any(mentions_measure),
    }
}

/// Values of any kind as whole numbers in the same proportions. Ratios keep 50 bits.
fn whole(values: HashMap<u128, Value>, span: &Span) -> Result<HashMap<u128, i128>> {
    let no_number = || Error::new(ErrorKind::Refused, "a weight is a number", Some(span.clone()));
    let scale = values.values().map(|value| if let Value::Exact { scale, .. } = value { *scale } else { 0 }).max();
    let scale = scale.unwrap_or(0);
    if values.values().all(|value| matches!(value, Value::Exact { .. })) {
        return values
            .into_iter()
            .map(|(key, value)| match value {
                Value::Exact { units, scale: own } => {
                    units.checked_mul(power_of_ten(scale - own)).map(|units| (key, units)).ok_or_else(no_number)
                }
                _ => Err(no_number()),
            })
            .collect();
    }
    let float = |value: &Value| match value {
        Value::Exact { units, scale } => Some(Decimal::new(*units, *scale).to_f64()),
        Value::Ratio(value) => Some(*value),
        _ => None,
    };
    let most = values.values().filter_map(float).fold(0.0f64, |most, value| most.max(value.abs()));
    let factor = if most > 0.0 { 2f64.powi(50 - most.log2().ceil() as i32) } else { 1.0 };
    values
        .into_iter()
        .map(|(key, value)| float(&value).map(|v| (key, (v * factor).round() as i128)).ok_or_else(no_number))
        .collect()
}
