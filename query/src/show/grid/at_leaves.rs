//! Formulas that are worked out leaf by leaf and then added up, in the same groups as the engine would give.

use super::super::context::Context;
use super::super::term::AtLeaves;
use super::leaf_grid::LeafGrid;
use crate::answer::Value;
use crate::bind::Selection;
use crate::error::Result;
use crate::formula::exact;
use engine::aggregate::{Axis, Cell, OUTSIDE, Partial};
use engine::decimal::{Decimal, divide_rounded, power_of_ten};
use engine::error::EngineError;
use engine::id::MemberId;

/// Digits kept of what is no exact number.
const LEAF_SCALE: u8 = 9;

/// No leaf's value reaches so far, in units: a sum of a billion of them still fits.
const MOST: f64 = 1e29;

/// The cells of one scenario.
pub(super) struct Answered {
    pub cells: Vec<Cell>,
    /// For what is worked out at leaves.
    pub digits: Digits,
}

/// The digits after the point of what was worked out at leaves.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Digits {
    most: u8,
    /// Whether a leaf's value was rounded.
    rounded: bool,
}

impl Digits {
    /// The digits of two sets of leaves.
    pub fn both(self, other: Digits) -> Digits {
        Digits { most: self.most.max(other.most), rounded: self.rounded || other.rounded }
    }

    fn of(values: &[(Vec<u32>, Value)]) -> Digits {
        let exact = |value: &Value| if let Value::Exact { scale, .. } = value { *scale } else { u8::MAX };
        let most = values.iter().map(|(_, value)| exact(value)).max().unwrap_or(0);
        Digits { most: most.min(LEAF_SCALE), rounded: most > LEAF_SCALE }
    }
}

/// The cells of a formula in one scenario.
pub(super) fn cells(context: Context, formula: &AtLeaves, scenario: MemberId, axes: &[Axis]) -> Result<Answered> {
    let slice = Selection { scenarios: Some(vec![scenario]), ..Selection::all(context.snapshot.schema()) };
    let grid = LeafGrid::of(context, &slice, &formula.terms, formula.formula.clone())?;
    let mut positions: Vec<Vec<u32>> = grid.positions()?.into_iter().filter_map(|p| p.into_iter().collect()).collect();
    positions.sort_unstable();
    let valued: Vec<(Vec<u32>, Value)> = positions
        .into_iter()
        .filter_map(|codes| Some((groups(axes, &codes)?, grid.value(&codes))))
        .filter(|(_, value)| matches!(value, Value::Exact { .. } | Value::Ratio(_)))
        .collect();
    let digits = Digits::of(&valued);
    let cell = |(groups, value): (Vec<u32>, Value)| {
        let value = units(&value).ok_or_else(|| EngineError::Overflow(formula.name.clone()))?;
        Ok(Cell { groups, partials: vec![Partial { value, count: 1 }] })
    };
    let cells: Result<Vec<Cell>> = valued.into_iter().map(cell).collect();
    Ok(Answered { cells: cells?, digits })
}

/// A sum of such cells: exact where every leaf was.
pub(super) fn total(sum: i128, digits: Digits) -> Value {
    match digits.rounded {
        true => Value::Ratio(Decimal::new(sum, LEAF_SCALE).to_f64()),
        false => {
            let units = divide_rounded(sum, power_of_ten(LEAF_SCALE - digits.most)).unwrap_or(sum);
            exact(units, digits.most)
        }
    }
}

/// The group of a leaf on each axis; none where it is outside.
fn groups(axes: &[Axis], codes: &[u32]) -> Option<Vec<u32>> {
    let group = |(axis, code): (&Axis, &u32)| match axis {
        Axis::Free => Some(0),
        Axis::Groups(groups, _) => groups.get(*code as usize).copied().filter(|group| *group != OUTSIDE),
    };
    axes.iter().zip(codes).map(group).collect()
}

/// A value in units of the digits kept, rounded half away from zero.
fn units(value: &Value) -> Option<i128> {
    match value {
        Value::Exact { units, scale } if *scale <= LEAF_SCALE => units.checked_mul(power_of_ten(LEAF_SCALE - scale)),
        Value::Exact { units, scale } => divide_rounded(*units, power_of_ten(scale - LEAF_SCALE)),
        Value::Ratio(value) => {
            let scaled = (value * power_of_ten(LEAF_SCALE) as f64).round();
            (scaled.abs() < MOST).then_some(scaled as i128)
        }
        _ => None,
    }
}
