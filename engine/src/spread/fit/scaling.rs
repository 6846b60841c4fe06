//! Iterative proportional fitting: each margin in turn scales its groups to what is wanted.

use super::super::leaf::Field;
use super::table::Table;
use crate::error::{EngineError, Result};

/// Rounds of scaling at most.
const MOST_ROUNDS: usize = 5_000;

/// How near, as a share of the largest total, is near enough to be rounded.
const NEAR: f64 = 1e-13;

/// What each cell comes to, in steps, before it is rounded.
///
/// Errors: the margins pull in ways that no scaling of what is there can follow; [`EngineError::Interrupted`].
pub(super) fn fitted(field: &Field, table: &Table) -> Result<Vec<f64>> {
    let mut values = start(table);
    let largest = table.margins.iter().flatten().map(|group| group.wanted).max().unwrap_or(0);
    let near = (largest as f64 * NEAR).max(1e-9);
    for _ in 0..MOST_ROUNDS {
        field.check_stop()?;
        for margin in 0..table.margins.len() {
            scale(table, margin, &mut values);
        }
        if worst(table, &values).0 <= near {
            return Ok(values);
        }
    }
    match worst(table, &values) {
        // Slow at the edge of what can be met. Two margins are known to be reachable, and the flow that
        // rounds closes any gap; among more a gap of few units can be closed.
        (gap, ..) if table.margins.len() < 3 || gap < 2.0 => Ok(values),
        (_, margin, group) => Err(unmet(field, table, &values, margin, group)),
    }
}

/// Where fitting starts: the cells as they are, brought near the totals wanted.
fn start(table: &Table) -> Vec<f64> {
    let seeds: f64 = table.cells.iter().map(|cell| cell.seed as f64).sum();
    let most = table.margins.iter().map(|groups| groups.iter().map(|group| group.wanted).sum::<i128>()).max();
    let factor = if seeds > 0.0 { (most.unwrap_or(1).max(1)) as f64 / seeds } else { 1.0 };
    table.cells.iter().map(|cell| cell.seed as f64 * factor).collect()
}

fn sums(table: &Table, margin: usize, values: &[f64]) -> Vec<f64> {
    let mut sums = vec![0.0; table.margins[margin].len()];
    for (cell, value) in table.cells.iter().zip(values) {
        if let Some(group) = cell.groups[margin] {
            sums[group] += value;
        }
    }
    sums
}

fn scale(table: &Table, margin: usize, values: &mut [f64]) {
    let sums = sums(table, margin, values);
    for (cell, value) in table.cells.iter().zip(values.iter_mut()) {
        let Some(group) = cell.groups[margin] else { continue };
        let wanted = table.margins[margin][group].wanted as f64;
        *value = if sums[group] > 0.0 { *value * (wanted / sums[group]) } else { 0.0 };
    }
}

/// The group that is farthest from what is wanted.
fn worst(table: &Table, values: &[f64]) -> (f64, usize, usize) {
    let mut worst = (0.0, 0, 0);
    for (margin, groups) in table.margins.iter().enumerate() {
        for (place, (sum, group)) in sums(table, margin, values).into_iter().zip(groups).enumerate() {
            let gap = (sum - group.wanted as f64).abs();
            if gap > worst.0 {
                worst = (gap, margin, place);
            }
        }
    }
    worst
}

fn unmet(field: &Field, table: &Table, values: &[f64], margin: usize, group: usize) -> EngineError {
    let step = field.spread.step.max(1);
    let (wanted, sum) = (table.margins[margin][group].wanted, sums(table, margin, values)[group]);
    EngineError::refused(
        format!(
            "the totals cannot be met together: {} wants {} and comes no nearer than {}",
            table.group_name(margin, group),
            field.amount(wanted * step),
            field.amount(sum.round() as i128 * step)
        ),
        "leave out one set of totals, or fit `equally over all` so that other cells take part",
    )
}
