//! What is in a total and in no row: facts above the level that is shown, or without the attribute.

use super::axis::Item;
use super::cells::Position;
use super::over_rows::ShownFormula;
use super::pivot::Pivot;
use crate::answer::{LabelKind, MeasureHeading, Value};
use crate::formula::Formula;
use engine::decimal::Decimal;
use engine::id::DimensionId;

/// Says of each dimension on the axes how much of its total has no place among what is shown.
pub(super) fn notes(
    pivot: &Pivot,
    shown: &[ShownFormula],
    headings: &[MeasureHeading],
    time: Option<DimensionId>,
) -> Vec<String> {
    let places = (0..pivot.items.len()).filter(|place| is_finest(&pivot.items, *place));
    places.filter_map(|place| Unplaced { pivot, place, time }.note(shown, headings)).collect()
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

/// One item, some of whose coordinates have no place in it.
struct Unplaced<'p> {
    pivot: &'p Pivot,
    place: usize,
    time: Option<DimensionId>,
}

impl Unplaced<'_> {
    fn note(&self, shown: &[ShownFormula], headings: &[MeasureHeading]) -> Option<String> {
        let item = self.pivot.items.get(self.place)?;
        let positions = positions(self.pivot, self.place, item.unplaced?);
        let amounts = shown.iter().zip(headings).flat_map(|(shown, heading)| {
            let amount = |position: &Position| self.amount(shown, heading, position);
            positions.iter().filter_map(amount).collect::<Vec<_>>()
        });
        let amounts: Vec<String> = amounts.collect();
        let one = amounts.len() == 1;
        let (has, it_is) = if one { ("has", "it is") } else { ("have", "they are") };
        let told = || format!("{} {has} no {}: {it_is} in the totals alone", amounts.join(", "), item.name);
        (!amounts.is_empty()).then(told)
    }

    /// `revenue 65,000,000 (target)`, where there is an amount of a measure. A stock that has ended before the total does is
    /// in totals of earlier periods alone: `headcount 14 (in 2026-Q1)`.
    fn amount(&self, shown: &ShownFormula, heading: &MeasureHeading, position: &Position) -> Option<String> {
        let ShownFormula::Plain(formula) = shown else { return None };
        let Some(Formula::Leaf(term)) = self.pivot.formulas.get(*formula) else { return None };
        let found = std::iter::once((position.clone(), None)).chain(self.by_period(position));
        let counts = found.filter(|(at, _)| self.pivot.early(*term, at).is_none());
        let mut amounts = counts.filter_map(|(at, period)| match self.pivot.value(*formula, &at) {
            Value::Exact { units, scale } if units != 0 => Some((Decimal::new(units, scale), period)),
            _ => None,
        });
        let (amount, period) = amounts.next()?;
        let scenario = self.pivot.items.iter().zip(position).find(|(item, _)| item.dimension == DimensionId::SCENARIO);
        let scenario = scenario.map(|(item, element)| item.elements[*element as usize].label.text.clone());
        let under: Vec<String> = scenario.into_iter().chain(period.map(|period| format!("in {period}"))).collect();
        let under = if under.is_empty() { String::new() } else { format!(" ({})", under.join(", ")) };
        Some(format!("{} {}{under}", heading.name, amount.grouped()))
    }

    /// A position in each of the periods that are shown, the last first, with their names.
    fn by_period<'s>(&'s self, position: &'s Position) -> impl Iterator<Item = (Position, Option<String>)> + 's {
        let items = self.pivot.items.iter().enumerate();
        let of_time = items.filter(|(place, item)| *place != self.place && Some(item.dimension) == self.time);
        let periods = of_time.take(1).flat_map(|(place, item)| {
            let elements =
                item.elements.iter().enumerate().rev().map(move |(number, element)| (place, number, element));
            elements.filter(|(_, _, element)| element.visible && element.label.kind != LabelKind::Total)
        });
        periods.map(|(place, number, element)| {
            let mut at = position.clone();
            at[place] = number as u32;
            (at, Some(element.label.text.clone()))
        })
    }
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
