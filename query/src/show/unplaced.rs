//! What is in a total and in no row: facts above the level that is shown, or without the attribute.

use super::axis::Item;
use super::cells::Position;
use super::over_rows::ShownFormula;
use super::pivot::Pivot;
use crate::answer::{MeasureHeading, Value};
use crate::formula::Formula;
use engine::decimal::Decimal;
use engine::id::DimensionId;

/// Says of each dimension on the axes how much of its total has no place among what is shown.
pub(super) fn notes(pivot: &Pivot, shown: &[ShownFormula], headings: &[MeasureHeading]) -> Vec<String> {
    let places = (0..pivot.items.len()).filter(|place| is_finest(&pivot.items, *place));
    places.filter_map(|place| note(pivot, place, shown, headings)).collect()
}

/// Whether an item leaves more of its dimension out than the others, or was listed first of those that leave as much.
fn is_finest(items: &[Item], place: usize) -> bool {
    let (before, after) = (&items[..place], &items[place + 1..]);
    let own = left_out(&items[place]);
    let beside = |item: &&Item| item.dimension == items[place].dimension;
    !before.iter().filter(beside).any(|item| left_out(item) >= own)
        && !after.iter().filter(beside).any(|item| left_out(item) > own)
}

/// How many coordinates have no place in an item.
fn left_out(item: &Item) -> usize {
    let belongs = |element: u32| item.map.iter().filter(|list| list.iter().any(|(of, _)| *of == element)).count();
    item.unplaced.map_or(0, belongs)
}

fn note(pivot: &Pivot, place: usize, shown: &[ShownFormula], headings: &[MeasureHeading]) -> Option<String> {
    let unplaced = pivot.items.get(place)?.unplaced?;
    let positions = positions(pivot, place, unplaced);
    let amounts = shown.iter().zip(headings).flat_map(|(shown, heading)| {
        let amount = |position: &Position| amount(pivot, shown, heading, position);
        positions.iter().filter_map(amount).collect::<Vec<_>>()
    });
    let amounts: Vec<String> = amounts.collect();
    let one = amounts.len() == 1;
    let (has, it_is) = if one { ("has", "it is") } else { ("have", "they are") };
    let told = || format!("{} {has} no {}: {it_is} in the totals alone", amounts.join(", "), pivot.items[place].name);
    (!amounts.is_empty()).then(told)
}

/// The totals over all other items, in each scenario that is shown.
fn positions(pivot: &Pivot, place: usize, unplaced: u32) -> Vec<Position> {
    pivot.items.iter().enumerate().fold(vec![Vec::new()], |found, (at, item)| {
        let elements: Vec<u32> = match item.dimension {
            _ if at == place => vec![unplaced],
            DimensionId::SCENARIO => {
                (0..item.elements.len() as u32).filter(|element| is_scenario(item, *element)).collect()
            }
            _ => vec![item.whole()],
        };
        let longer = |position: &Position| {
            elements.iter().map(|element| [position.as_slice(), &[*element]].concat()).collect::<Vec<_>>()
        };
        found.iter().flat_map(longer).collect()
    })
}

fn is_scenario(item: &Item, element: u32) -> bool {
    item.elements.get(element as usize).is_some_and(|element| element.visible && element.member.is_some())
}

/// `revenue 65,000,000 (target)`, where there is an amount of a measure.
fn amount(pivot: &Pivot, shown: &ShownFormula, heading: &MeasureHeading, position: &[u32]) -> Option<String> {
    let ShownFormula::Plain(formula) = shown else { return None };
    let Some(Formula::Leaf(_)) = pivot.formulas.get(*formula) else { return None };
    let Value::Exact { units, scale } = pivot.value(*formula, position) else { return None };
    let scenario = pivot.items.iter().zip(position).find(|(item, _)| item.dimension == DimensionId::SCENARIO);
    let under = scenario.map(|(item, element)| format!(" ({})", item.elements[*element as usize].label.text));
    (units != 0)
        .then(|| format!("{} {}{}", heading.name, Decimal::new(units, scale).grouped(), under.unwrap_or_default()))
}
