//! The value of any position: formulas over measures first, then formulas over members.

use super::axis::{Item, Rule};
use super::cells::{Position, TermCells};
use crate::answer::Value;
use crate::error::Result;
use crate::formula::{Formula, order, subtract};
use engine::id::MemberId;
use engine::memory::{afford, bytes};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Bytes of a combination on its way to a row.
const POSITION_BYTES: usize = 192;

/// Everything a position's value is worked out from.
pub(super) struct Pivot {
    pub items: Vec<Item>,
    /// For each item which of its elements have leaves in the question's selection.
    pub inside: Vec<Vec<bool>>,
    /// For each formula whether more is better; none where nothing was said.
    pub favours: Vec<Option<bool>>,
    pub cells: Vec<TermCells>,
    /// Formulas over measures: the shown ones first, then those only ordered or filtered by.
    pub formulas: Vec<Formula<usize>>,
}

impl Pivot {
    /// The value of a formula at a position.
    pub fn value(&self, formula: usize, position: &[u32]) -> Value {
        for (item, element) in position.iter().enumerate() {
            let Some(element) = self.items[item].elements.get(*element as usize) else { continue };
            let at = |element: u32| {
                let mut position = position.to_vec();
                position[item] = element;
                self.value(formula, &position)
            };
            match &element.rule {
                Rule::Leaves => {}
                Rule::Formula(over) => return over.evaluate(&|element| at(*element)),
                Rule::Favour(left, right) => return self.favour(formula, position, at(*left), at(*right)),
            }
        }
        let leaf = |term: &usize| self.term(*term, position);
        self.formulas.get(formula).map_or(Value::Empty, |formula| formula.evaluate(&leaf))
    }

    fn term(&self, term: usize, position: &[u32]) -> Value {
        let Some(cells) = self.cells.get(term) else { return Value::Empty };
        cells.values.get(&cells.place(position)).cloned().unwrap_or(Value::Empty)
    }

    /// Where a stock ends before the others: its last period, and that of the others.
    pub fn early(&self, term: usize, position: &[u32]) -> Option<(MemberId, MemberId)> {
        let cells = self.cells.get(term)?;
        cells.early.get(&cells.place(position)).copied()
    }

    /// What an account favours goes before what the measure does. `F` where the first side is better than the second, `U` where it is worse.
    fn favour(&self, formula: usize, position: &[u32], left: Value, right: Value) -> Value {
        let element = |(item, element): (&Item, &u32)| item.elements.get(*element as usize)?.favours;
        let account = self.items.iter().zip(position).filter_map(element).next_back();
        let Some(higher) = account.or(self.favours.get(formula).copied().flatten()) else {
            return Value::Empty;
        };
        let zero = crate::formula::exact(0, 0);
        match order(&subtract(left.clone(), right.clone()), &zero) {
            _ if left == Value::Empty || right == Value::Empty => Value::Empty,
            Some(Ordering::Greater) => Value::Text(if higher { "F" } else { "U" }.into()),
            Some(Ordering::Less) => Value::Text(if higher { "U" } else { "F" }.into()),
            _ => Value::Empty,
        }
    }

    /// The combinations of elements of some items that have data, made of leaves alone.
    pub fn combinations(&self, items: std::ops::Range<usize>) -> Result<BTreeSet<Position>> {
        let full = |cells: &&TermCells| cells.active[items.clone()].iter().all(|active| *active);
        let defining: Vec<&TermCells> = self.cells.iter().filter(full).collect();
        if !defining.is_empty() {
            let keys = defining.iter().flat_map(|cells| cells.values.keys());
            return Ok(keys.map(|key| key[items.clone()].to_vec()).collect());
        }
        let seen = |item: usize| -> BTreeSet<u32> {
            let active = self.cells.iter().filter(|cells| cells.active[item]);
            let found: BTreeSet<u32> = active.flat_map(|cells| cells.values.keys()).map(|key| key[item]).collect();
            if found.is_empty() { self.leaves_inside(item).collect() } else { found }
        };
        crossed(&items.map(seen).collect::<Vec<_>>())
    }

    /// All combinations whose leaves meet, whether they have data or not.
    pub fn every_combination(&self, items: std::ops::Range<usize>) -> Result<BTreeSet<Position>> {
        let inside = |item: usize| self.leaf_elements(item).filter(move |e| self.inside[item][*e as usize]).collect();
        let all: Vec<BTreeSet<u32>> = items.clone().map(inside).collect();
        let mut combinations = crossed(&all)?;
        combinations.retain(|position| self.meets(items.start, position));
        Ok(combinations)
    }

    /// The elements made of leaves that the question selects.
    fn leaves_inside(&self, item: usize) -> impl Iterator<Item = u32> + '_ {
        let inside = self.inside.get(item);
        self.leaf_elements(item).filter(move |element| inside.is_none_or(|inside| inside[*element as usize]))
    }

    fn leaf_elements(&self, item: usize) -> impl Iterator<Item = u32> + '_ {
        let item = &self.items[item];
        (0..item.elements.len() as u32).filter(|element| is_leaves(item, *element))
    }

    fn meets(&self, start: usize, position: &[u32]) -> bool {
        let holds = |item: &Item, code: usize, element: u32| item.map[code].iter().any(|(known, _)| *known == element);
        (0..position.len()).all(|left| {
            (left + 1..position.len()).all(|right| {
                let (a, b) = (&self.items[start + left], &self.items[start + right]);
                a.dimension != b.dimension
                    || (0..a.map.len()).any(|code| holds(a, code, position[left]) && holds(b, code, position[right]))
            })
        })
    }
}

/// Every choice of one element from each set.
///
/// Errors: more memory than a statement may take.
pub(super) fn crossed(sets: &[BTreeSet<u32>]) -> Result<BTreeSet<Position>> {
    let count = sets.iter().fold(1usize, |count, set| count.saturating_mul(set.len()));
    afford(format!("crossing {count} combinations"), bytes(count, POSITION_BYTES))?;
    Ok(sets.iter().fold(BTreeSet::from([Vec::new()]), |positions, set| {
        positions
            .iter()
            .flat_map(|position| set.iter().map(|element| [position.as_slice(), &[*element]].concat()))
            .collect()
    }))
}

/// Whether an element is made of leaves.
fn is_leaves(item: &Item, element: u32) -> bool {
    item.elements.get(element as usize).is_some_and(|element| matches!(element.rule, Rule::Leaves))
}
