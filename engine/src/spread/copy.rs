//! `copy`, `fill` and `clear`: leaves get values that need no total.

use super::apportion::{Shares, shares};
use super::effect::Effect;
use super::leaf::{Field, Leaf};
use super::outcome::outcome;
use super::request::Outcome;
use crate::aggregate;
use crate::decimal::{Decimal, divide_rounded, power_of_ten};
use crate::error::{EngineError, Result};
use crate::subcube::Subcube;
use std::collections::{HashMap, HashSet};

/// Each leaf becomes the source leaf that maps to it, times a factor; leaves without one become
/// empty. The copied total is rounded once and the leaves add up to it.
pub(super) fn copy(
    field: &Field,
    from: &Subcube,
    mapping: &[Option<HashMap<u32, u32>>],
    times: Decimal,
) -> Result<Outcome> {
    let sources = mapped(field, from, mapping)?;
    if sources.is_empty() {
        return Err(EngineError::refused(
            format!("there is no {} to copy", field.measure()),
            "`show` the source to see what is there",
        ));
    }
    let subcube = &field.spread.subcube;
    let mut leaves = field.existing(subcube)?;
    let known: HashSet<u128> = leaves.iter().map(|leaf| leaf.key).collect();
    leaves.extend(sources.keys().filter(|key| !known.contains(key)).map(|key| field.leaf(subcube, *key, None)));
    leaves.retain(|leaf| !leaf.weight.is_zero());
    let leaves = field.sorted(leaves);
    let mut effect = Effect::default();
    for (_, leaves) in field.by_period(&leaves) {
        let (copied, cleared): (Vec<Leaf>, Vec<Leaf>) = leaves
            .iter()
            .copied()
            .filter(|leaf| !field.is_held(leaf.key))
            .partition(|leaf| sources.contains_key(&leaf.key));
        let values: Vec<i128> = copied.iter().map(|leaf| i128::from(sources[&leaf.key])).collect();
        let shares = multiplied(field, &values, times)?;
        effect.raise_values(&copied, &shares);
        for (leaf, value) in copied.iter().zip(shares.units) {
            effect.put_value(field, leaf, value)?;
        }
        cleared.iter().for_each(|leaf| effect.clear(leaf));
    }
    refuse_locked(field, &effect)?;
    Ok(outcome(field, &leaves, effect))
}

/// The cells of another slice at the leaves they map to.
pub(super) fn mapped(
    field: &Field,
    from: &Subcube,
    mapping: &[Option<HashMap<u32, u32>>],
) -> Result<HashMap<u128, i64>> {
    let layout = field.snapshot.layout();
    let cells = aggregate::leaves(field.snapshot, from, field.spread.measure, field.stop)?;
    let mut found: HashMap<u128, i64> = HashMap::with_capacity(cells.len());
    for (key, value) in cells.iter() {
        let Some(key) = layout.mapped(key, mapping) else { continue };
        let cell = found.entry(key).or_insert(0);
        *cell = cell.checked_add(value).ok_or_else(|| EngineError::Overflow(field.amount(i128::from(value))))?;
    }
    Ok(found)
}

fn multiplied(field: &Field, values: &[i128], times: Decimal) -> Result<Shares> {
    let one = power_of_ten(times.scale);
    if times.units == one {
        return Ok(Shares::even(values.to_vec()));
    }
    let overflow = || EngineError::Overflow(format!("{} times {times}", field.measure()));
    let rounded =
        |value: i128| value.checked_mul(times.units).and_then(|v| divide_rounded(v, one)).ok_or_else(overflow);
    let total = rounded(values.iter().sum())?;
    match shares(total, values) {
        Some(shares) => Ok(shares),
        None => values.iter().map(|value| rounded(*value)).collect::<Result<_>>().map(Shares::even),
    }
}

/// Every leaf of the slice, whether it has a value or not, gets the same value.
pub(super) fn fill(field: &Field, value: i64) -> Result<Outcome> {
    let leaves = field.all(&field.spread.subcube)?;
    let mut effect = Effect::default();
    for leaf in leaves.iter().filter(|leaf| leaf.free) {
        effect.put_value(field, leaf, i128::from(value))?;
    }
    refuse_untouched(field, &leaves)?;
    Ok(outcome(field, &leaves, effect))
}

/// Every leaf of some cells becomes empty, those that count for nothing in the slice's total included.
pub(super) fn clear(field: &Field, cells: &Subcube) -> Result<Outcome> {
    let leaves = field.existing_in(cells, &field.spread.subcube)?;
    refuse_untouched(field, &leaves)?;
    let mut effect = Effect::default();
    leaves.iter().filter(|leaf| leaf.free).for_each(|leaf| effect.clear(leaf));
    Ok(outcome(field, &leaves, effect))
}

/// A copy that would change a locked leaf is refused rather than cut short.
fn refuse_locked(field: &Field, effect: &Effect) -> Result<()> {
    let scenario = field.spread.subcube.scenario;
    match effect.leaves().find_map(|leaf| field.snapshot.lock_on(scenario, leaf.key)) {
        Some(lock) => Err(crate::snapshot::locked(lock)),
        None => Ok(()),
    }
}

/// A closed period in the slice is refused rather than passed over.
fn refuse_untouched(field: &Field, leaves: &[Leaf]) -> Result<()> {
    let scenario = field.spread.subcube.scenario;
    match leaves.iter().find_map(|leaf| field.snapshot.lock_on(scenario, leaf.key)) {
        Some(lock) => Err(crate::snapshot::locked(lock)),
        None => Ok(()),
    }
}
