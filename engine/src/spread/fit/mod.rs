//! `fit`: several sets of totals met at once.
//!
//! Leaves that are in the same group of every margin move together, so that only these cells are
//! fitted: by iterative proportional fitting (Deming and Stephan 1940), then rounded so that every
//! margin is met to the unit: two margins by network flow (controlled rounding, Cox and Ernst 1982),
//! more by repairing one unit at a time along chains of cells, and where that ends in a small table
//! by an integer program, which finds whole units or shows that there are none. A cell's amount finds
//! its leaves in the proportions that are there, or by the weights of the statement.
//!
//! ```text
//! table     the cells of the margins, what is in them, what is wanted
//! flow      the largest flow through a network, and what holds it back
//! scaling   iterative proportional fitting
//! room      between which whole numbers a cell's amount may lie
//! rounding  whole units that meet every margin
//! exact     the same by an integer program, where a table is small
//! reach     why totals cannot be met
//! ```

mod exact;
mod flow;
mod reach;
mod room;
mod rounding;
mod scaling;
mod table;

use super::apportion::{Shares, shares};
use super::effect::{Effect, steps};
use super::leaf::Field;
use super::outcome::outcome;
use super::request::{Margin, Method, Outcome};
use super::total::{candidates, nothing_free, weights};
use crate::error::{EngineError, Result};
use table::{Cell, Table};

pub(super) fn compute(field: &Field, margins: &[Margin], method: &Method) -> Result<Outcome> {
    let leaves = candidates(field, method)?;
    field.refuse_parts(&leaves)?;
    if leaves.is_empty() {
        return Err(super::total::nothing_there(field, None, 1));
    }
    if leaves.iter().all(|leaf| !leaf.free) {
        return Err(nothing_free(field, &leaves));
    }
    let mut effect = Effect::default();
    for (period, leaves) in field.by_period(&leaves) {
        let table = Table::new(field, margins, &leaves, method)?;
        let fitted = fitted(field, &table).map_err(|error| within(field, period, error))?;
        for (cell, (real, units)) in table.cells.iter().zip(fitted) {
            put(field, cell, real, units, &mut effect)?;
        }
    }
    Ok(outcome(field, &leaves, effect))
}

/// What each cell comes to, in steps, before and after it is rounded.
fn fitted(field: &Field, table: &Table) -> Result<Vec<(f64, i128)>> {
    reach::check(field, table)?;
    let real = scaling::fitted(field, table)?;
    let units = rounding::rounded(field, table, &real)?;
    Ok(real.into_iter().zip(units).collect())
}

fn within(field: &Field, period: Option<crate::id::MemberId>, error: EngineError) -> EngineError {
    match error {
        EngineError::Refused { message, help } if period.is_some() => {
            EngineError::Refused { message: format!("{message}{}", field.in_period(period)), help }
        }
        other => other,
    }
}

/// Spreads a cell's amount over its leaves.
fn put(field: &Field, cell: &Cell, real: f64, units: i128, effect: &mut Effect) -> Result<()> {
    let mut shares = match units {
        0 => Shares::even(vec![0; cell.leaves.len()]),
        _ => shares(units, &cell.weights).ok_or_else(|| EngineError::Overflow(field.amount(units)))?,
    };
    shares.raised = raised(cell, real, &shares.units);
    effect.raise(field, &cell.leaves, &shares, 1);
    for ((leaf, share), weight) in cell.leaves.iter().zip(shares.units).zip(&cell.weights) {
        if *weight != 0 || leaf.value.is_some() {
            effect.put(field, leaf, share * field.spread.step.max(1))?;
        }
    }
    Ok(())
}

/// The leaves that got more than the whole steps of their part of what was fitted, with how much.
fn raised(cell: &Cell, real: f64, shares: &[i128]) -> Vec<(usize, i128)> {
    let part = |weight: i128| if cell.seed > 0 { real * (weight as f64 / cell.seed as f64) } else { 0.0 };
    let more = shares.iter().zip(&cell.weights).map(|(share, weight)| share - room::whole_below(part(*weight)));
    more.enumerate().filter(|(_, more)| *more > 0).collect()
}
