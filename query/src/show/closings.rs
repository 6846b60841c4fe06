//! Scenarios set against each other that are not of the same periods: actual to June beside a plan to December. Their
//! stocks close apart, and their sums are of different months.

use super::axis::{Item, Rule};
use super::cells::{ANY, Position, TermCells};
use super::over_rows::ShownFormula;
use super::pivot::Pivot;
use crate::answer::MeasureHeading;
use engine::calendar::Moment;
use engine::dimension::Dimension;
use engine::id::{DimensionId, MemberId};
use engine::schema::Schema;
use std::collections::BTreeSet;

/// Two scenarios whose stocks close in different periods.
struct Apart {
    /// Where, the scenario aside.
    at: Position,
    closings: [(u32, MemberId); 2],
}

/// Says of each measure that is compared across scenarios where the sides are of different periods.
pub(super) fn notes(
    schema: &Schema,
    pivot: &Pivot,
    shown: &[ShownFormula],
    headings: &[MeasureHeading],
) -> Vec<String> {
    let scenarios = (0..pivot.items.len()).filter(|place| pivot.items[*place].dimension == DimensionId::SCENARIO);
    let mut notes = Vec::new();
    for place in scenarios {
        let compared = compared(&pivot.items[place]);
        for (shown, heading) in shown.iter().zip(headings) {
            let apart = stocks(pivot, shown).flat_map(|cells| apart(cells, place, &compared)).collect::<Vec<_>>();
            notes.extend(note(schema, pivot, place, &heading.name, &apart));
        }
        let flow = shown.iter().flat_map(|shown| terms(pivot, shown)).find(|cells| !cells.spans.is_empty());
        notes.extend(flow.and_then(|flow| apart_in_time(schema, pivot, place, &compared, flow)));
    }
    notes
}

/// Whether scenarios are set against each other at all.
pub(super) fn are_asked(items: &[Item]) -> bool {
    items.iter().any(|item| item.dimension == DimensionId::SCENARIO && !compared(item).is_empty())
}

/// The elements that are set against each other.
fn compared(item: &Item) -> BTreeSet<(u32, u32)> {
    let pair = |rule: &Rule| match rule {
        Rule::Formula(formula) => match formula.leaves().as_slice() {
            [left, .., right] if left != right => Some((**left, **right)),
            _ => None,
        },
        _ => None,
    };
    item.elements.iter().filter_map(|element| pair(&element.rule)).collect()
}

/// The cells of the stocks in a shown formula.
fn stocks<'p>(pivot: &'p Pivot, shown: &ShownFormula) -> impl Iterator<Item = &'p TermCells> {
    terms(pivot, shown).filter(|cells| !cells.closings.is_empty())
}

/// The cells of the terms in a shown formula.
fn terms<'p>(pivot: &'p Pivot, shown: &ShownFormula) -> impl Iterator<Item = &'p TermCells> {
    let formula = match shown {
        ShownFormula::Plain(formula) => pivot.formulas.get(*formula),
        ShownFormula::OverRows(_) => None,
    };
    let terms = formula.map_or_else(Vec::new, |formula| formula.leaves());
    terms.into_iter().filter_map(|term| pivot.cells.get(*term))
}

/// Where the two sides close apart, in the order of the axes.
fn apart(cells: &TermCells, place: usize, compared: &BTreeSet<(u32, u32)>) -> Vec<Apart> {
    let mut found = Vec::new();
    for (at, left) in &cells.closings {
        for (_, other) in compared.iter().filter(|(one, _)| at[place] == *one) {
            let mut beside = at.clone();
            beside[place] = *other;
            let right = cells.closings.get(&beside).filter(|right| *right != left);
            found.extend(right.map(|right| Apart { at: at.clone(), closings: [(at[place], *left), (*other, *right)] }));
        }
    }
    found
}

/// `headcount closes apart: actual in 2026-06, plan in 2026-12`
fn note(schema: &Schema, pivot: &Pivot, place: usize, measure: &str, apart: &[Apart]) -> Option<String> {
    let first = apart.first()?;
    let time = schema.dimension(schema.time()?);
    let label = |item: usize, element: u32| &pivot.items[item].elements[element as usize].label.text;
    let sides = first.closings.map(|(side, period)| format!("{} in {}", label(place, side), time.leaf_name(period)));
    let others = first.at.iter().enumerate().filter(|(item, element)| *item != place && **element != ANY);
    let at: Vec<&str> = others.map(|(item, element)| label(item, *element).as_str()).collect();
    let at = if at.is_empty() { String::new() } else { format!(" at {}", at.join(", ")) };
    let more = if apart.len() > 1 { format!("; so in {} more", apart.len() - 1) } else { String::new() };
    Some(format!("{measure} closes in different periods{at}: {}{more}", sides.join(", ")))
}

/// The first and the last period in which a scenario has facts.
type Span = [MemberId; 2];

/// `actual is of 2026-01..2026-06, plan of 2026-01..2026-12`: the first two sides that begin or end apart.
fn apart_in_time(
    schema: &Schema,
    pivot: &Pivot,
    place: usize,
    compared: &BTreeSet<(u32, u32)>,
    flow: &TermCells,
) -> Option<String> {
    let time = schema.dimension(schema.time()?);
    let of = |element: u32| flow.spans.iter().find(|(at, _)| at[place] == element).and_then(|(_, set)| span(time, set));
    let bounds = |[first, last]: Span| (start(time, first), time.period_end(last).0);
    let sides = compared.iter().filter_map(|(left, right)| Some([(*left, of(*left)?), (*right, of(*right)?)]));
    let [left, right] = sides.into_iter().find(|[left, right]| bounds(left.1) != bounds(right.1))?;
    let side = |(element, span): (u32, Span)| {
        let label = &pivot.items[place].elements[element as usize].label.text;
        format!("{label} is of {}", written(time, span))
    };
    let both = shared(time, left.1, right.1);
    let both = both.map_or_else(String::new, |both| format!("; both have {}", written(time, both)));
    Some(format!("compared over different periods: {}, {}{both}", side(left), side(right)))
}

/// The periods that both spans have, where they meet.
fn shared(time: &Dimension, left: Span, right: Span) -> Option<Span> {
    let from = [left[0], right[0]].into_iter().max_by_key(|period| start(time, *period))?;
    let to = [left[1], right[1]].into_iter().min_by_key(|period| time.period_end(*period))?;
    let meet = start(time, from)? <= time.period_end(to).0;
    meet.then_some([from, to])
}

/// `2026-01..2026-06`, or the one period that it is.
fn written(time: &Dimension, span: Span) -> String {
    let [first, last] = span.map(|period| &time.member(period).name);
    if first == last { first.clone() } else { format!("{first}..{last}") }
}

fn span(time: &Dimension, periods: &BTreeSet<u32>) -> Option<Span> {
    let periods = || periods.iter().map(|period| MemberId(*period));
    Some([
        periods().min_by_key(|period| start(time, *period))?,
        periods().max_by_key(|period| time.period_end(*period))?,
    ])
}

/// Where a period begins; what is of no period, before all.
fn start(time: &Dimension, period: MemberId) -> Option<Moment> {
    time.member(period).period.map(|period| period.start())
}
