//! Functions of a formula's values at the members of an item: `median(cost over project)`.

use super::super::cells::{ANY, Position, TermCells};
use super::super::pivot::{Pivot, crossed};
use super::super::term::Over;
use super::Frame;
use crate::answer::Value;
use crate::error::Result;
use crate::formula::{Function, call};
use std::collections::{BTreeMap, BTreeSet};

/// Works the formula out at every member, and puts the function of these values at each position.
pub(super) fn evaluate(frame: &Frame, over: &Over) -> Result<TermCells> {
    let mut items = frame.items.to_vec();
    items.push(over.item.clone());
    let inner = Frame { context: frame.context, items: &items, filter: frame.filter, merged: frame.merged };
    let cells = super::evaluate(&inner, &over.terms)?;
    let active: Vec<bool> = (0..items.len()).map(|item| cells.iter().any(|cells| cells.active[item])).collect();
    let positions = positions(&cells, &active)?;
    let pivot = Pivot { inside: Vec::new(), items, favours: vec![None], cells, formulas: vec![over.formula.clone()] };
    let mut values: BTreeMap<Position, Vec<Value>> = BTreeMap::new();
    for position in positions {
        let outer = position[..frame.items.len()].to_vec();
        values.entry(outer).or_default().push(pivot.value(0, &position));
    }
    let folded = values.into_iter().map(|(position, values)| (position, folded(over.function, values)));
    let values = folded.filter(|(_, value)| *value != Value::Empty).collect();
    Ok(TermCells { active: active[..frame.items.len()].to_vec(), values, ..TermCells::default() })
}

/// Conditions count where they hold.
fn folded(function: Function, mut values: Vec<Value>) -> Value {
    values.retain(|value| *value != Value::Flag(false) && *value != Value::Empty);
    call(function, values)
}

/// Where any term has data, told apart by all items that some term tells apart.
fn positions(cells: &[TermCells], active: &[bool]) -> Result<BTreeSet<Position>> {
    let full: Vec<&TermCells> = cells.iter().filter(|cells| cells.active == active).collect();
    if !full.is_empty() {
        return Ok(full.iter().flat_map(|cells| cells.values.keys().cloned()).collect());
    }
    let seen = |item: usize| -> BTreeSet<u32> {
        let some = cells.iter().flat_map(|cells| cells.values.keys()).map(|key| key[item]);
        let seen: BTreeSet<u32> = some.filter(|element| *element != ANY).collect();
        if active[item] { seen } else { BTreeSet::from([ANY]) }
    };
    crossed(&(0..active.len()).map(seen).collect::<Vec<_>>())
}
