//! The cells of terms at every position of the axes.
//!
//! Leaves of a dimension that belong to the same elements are one *atom*; the engine is asked for
//! cells by atoms, and each cell is added to every position whose elements hold its atoms. A stock
//! is asked for by single periods too, and each position then takes its value over time from them.

use super::axis::{Item, Rule};
use super::context::Context;
use super::term::Term;
use crate::answer::{LabelKind, Value};
use crate::bind::Selection;
use crate::error::{Error, ErrorKind, Result};
use crate::formula::exact;
use engine::aggregate::{Axis, Cell, OUTSIDE, Partial, Request, aggregate};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::measure::{Measure, OverTime, Rollup};
use std::collections::{BTreeMap, HashMap};

/// In a position: the item does not matter, for the term replaces its dimension.
pub(super) const ANY: u32 = u32::MAX;

/// The element of each item.
pub(super) type Position = Vec<u32>;

/// The elements of an item that leaves belong to, each with how they count in it.
type Belonging = Vec<(u32, i8)>;

/// The values of one term.
#[derive(Debug, Default)]
pub(super) struct TermCells {
    /// Which items its positions tell apart.
    pub active: Vec<bool>,
    pub values: HashMap<Position, Value>,
}

/// What a grid is made over.
pub(super) struct Frame<'a> {
    pub context: Context<'a>,
    pub items: &'a [Item],
    pub filter: &'a Selection,
}

/// Asks for all terms, those under the same selection together.
pub(super) fn evaluate(frame: &Frame, terms: &[Term]) -> Result<Vec<TermCells>> {
    let schema = frame.context.snapshot.schema();
    let is_stock = |term: &Term| schema.measure(term.measure).is_some_and(Measure::is_stock) && schema.time().is_some();
    let mut results: Vec<Option<TermCells>> = terms.iter().map(|_| None).collect();
    for place in 0..terms.len() {
        if results[place].is_some() {
            continue;
        }
        let alike = |other: &usize| {
            terms[*other].selection == terms[place].selection && is_stock(&terms[*other]) == is_stock(&terms[place])
        };
        let group: Vec<usize> = (place..terms.len()).filter(alike).collect();
        let measures: Vec<MeasureId> = group.iter().map(|term| terms[*term].measure).collect();
        let cells = Asked::new(frame, &terms[place].selection, measures, is_stock(&terms[place]))?.cells()?;
        for (term, cells) in group.into_iter().zip(cells) {
            results[term] = Some(cells);
        }
    }
    Ok(results.into_iter().flatten().collect())
}

/// Leaves of one dimension that belong to the same elements.
struct Atom {
    /// How they count in the question's selection.
    sign: i8,
    /// For each active item of the dimension the elements they belong to.
    lists: Vec<Belonging>,
    /// The period, where periods are kept apart.
    code: MemberId,
}

/// What the engine is asked for terms under one selection.
struct Asked<'a> {
    frame: &'a Frame<'a>,
    selection: Selection,
    measures: Vec<MeasureId>,
    stock: bool,
    active: Vec<bool>,
    /// For each coordinate its atoms; none where it is free.
    atoms: Vec<Option<Vec<Atom>>>,
    axes: Vec<Axis>,
}

impl<'a> Asked<'a> {
    fn new(frame: &'a Frame<'a>, over: &Selection, measures: Vec<MeasureId>, stock: bool) -> Result<Self> {
        let schema = frame.context.snapshot.schema();
        let active = frame.items.iter().map(|item| !over.names(item.dimension)).collect();
        let selection = frame.filter.overlaid(over);
        let mut asked = Asked { frame, selection, measures, stock, active, atoms: Vec::new(), axes: Vec::new() };
        for dimension in schema.coordinates() {
            let apart = stock && Some(dimension) == schema.time();
            let (atoms, axis) = asked.atoms_of(dimension, apart);
            asked.atoms.push(atoms);
            asked.axes.push(axis);
        }
        Ok(asked)
    }

    fn items_of(&self, dimension: DimensionId) -> impl Iterator<Item = usize> + '_ {
        let items = self.frame.items;
        (0..items.len()).filter(move |place| self.active[*place] && items[*place].dimension == dimension)
    }

    fn atoms_of(&self, dimension: DimensionId, apart: bool) -> (Option<Vec<Atom>>, Axis) {
        let items: Vec<&Item> = self.items_of(dimension).map(|place| &self.frame.items[place]).collect();
        let filtered = self.selection.leaves[dimension.index() - 1].is_some();
        if items.is_empty() && !filtered && !apart {
            return (None, Axis::Free);
        }
        let size = self.frame.context.snapshot.schema().dimension(dimension).len();
        // What counts with 0 in the whole is no part of it, but has values of its own where it is listed.
        let apart_from_whole = !items.is_empty() && !self.selection.names(dimension);
        let mut known: HashMap<(i8, Vec<&Belonging>, u32), u32> = HashMap::new();
        let mut atoms = Vec::new();
        let groups = (0..size)
            .map(|code| {
                let sign = self.selection.sign(dimension, code);
                let lists: Vec<&Belonging> = items.iter().map(|item| &item.map[code]).collect();
                if sign == 0 && !apart_from_whole || lists.iter().any(|list| list.is_empty()) {
                    return OUTSIDE;
                }
                let key = if apart { code as u32 } else { 0 };
                *known.entry((sign, lists.clone(), key)).or_insert_with(|| {
                    let lists = lists.into_iter().cloned().collect();
                    atoms.push(Atom { sign, lists, code: MemberId::from_index(code) });
                    atoms.len() as u32 - 1
                })
            })
            .collect();
        let count = atoms.len() as u32;
        (Some(atoms), Axis::Groups(groups, count))
    }

    /// The scenarios asked for, each with the elements it belongs to.
    fn scenarios(&self) -> Result<Vec<(MemberId, Vec<Belonging>)>> {
        let items: Vec<usize> = self.items_of(DimensionId::SCENARIO).collect();
        if items.is_empty() {
            return match (self.selection.scenarios.as_deref(), self.frame.context.scenario) {
                (Some([one]), _) => Ok(vec![(*one, Vec::new())]),
                (Some([]), _) => Ok(Vec::new()),
                (Some(several), _) => Err(self.across_scenarios(several)),
                (None, Some(scenario)) => Ok(vec![(scenario, Vec::new())]),
                (None, None) => Err(crate::bind::no_scenario(None)),
            };
        }
        let wanted = |scenario: &MemberId| {
            let named = self.selection.scenarios.as_ref().is_none_or(|named| named.contains(scenario));
            named && items.iter().all(|item| !self.frame.items[*item].map[scenario.index()].is_empty())
        };
        let all = self.frame.context.snapshot.schema().scenarios().ordered();
        let lists = |scenario: MemberId| -> Vec<Belonging> {
            items.iter().map(|item| self.frame.items[*item].map[scenario.index()].clone()).collect()
        };
        Ok(all.into_iter().filter(wanted).map(|scenario| (scenario, lists(scenario))).collect())
    }

    fn across_scenarios(&self, several: &[MemberId]) -> Error {
        let scenarios = self.frame.context.snapshot.schema().scenarios();
        let names: Vec<&str> = several.iter().map(|id| scenarios.member(*id).name.as_str()).collect();
        let span = self.selection.picks.iter().find(|pick| pick.dimension == DimensionId::SCENARIO);
        Error::new(ErrorKind::Refused, "nothing is added up across scenarios", span.map(|pick| pick.span.clone()))
            .labelled("several scenarios")
            .helped(format!("set them side by side: across scenario[{}]", names.join(", ")))
    }

    fn cells(&self) -> Result<Vec<TermCells>> {
        let mut totals: HashMap<Position, Vec<Cells>> = HashMap::new();
        let mut closings: Vec<Option<Vec<(MemberId, u32)>>> = vec![None; self.measures.len()];
        for (scenario, lists) in self.scenarios()? {
            let request = Request { scenario, measures: self.measures.clone(), axes: self.axes.clone() };
            let answered = aggregate(self.frame.context.snapshot, &request, self.frame.context.stop)?;
            for cell in &answered {
                self.add(cell, scenario, &lists, &mut totals);
            }
            for (place, measure) in self.measures.iter().enumerate() {
                if self.measure(*measure).is_some_and(|m| m.over_time == OverTime::Closing) {
                    let present = self.present(scenario, *measure)?;
                    closings[place].get_or_insert_default().extend(present.into_iter().map(|code| (scenario, code)));
                }
            }
        }
        let mut results: Vec<TermCells> = Vec::new();
        for (place, measure) in self.measures.iter().enumerate() {
            let mut values = HashMap::with_capacity(totals.len());
            for (position, cells) in &totals {
                let value = self.value(*measure, position, &cells[place], closings[place].as_deref());
                if value != Value::Empty {
                    values.insert(position.clone(), value);
                }
            }
            results.push(TermCells { active: self.active.clone(), values });
        }
        Ok(results)
    }

    fn measure(&self, id: MeasureId) -> Option<&'a Measure> {
        self.frame.context.snapshot.schema().measure(id)
    }

    /// Adds a cell to every position that holds its atoms.
    fn add(&self, cell: &Cell, scenario: MemberId, lists: &[Belonging], totals: &mut HashMap<Position, Vec<Cells>>) {
        let mut choices: Vec<(usize, &[(u32, i8)])> = Vec::new();
        choices.extend(self.items_of(DimensionId::SCENARIO).zip(lists.iter().map(Vec::as_slice)));
        let mut signs: Vec<(DimensionId, i8)> = Vec::new();
        let mut period = None;
        for (coordinate, atoms) in self.atoms.iter().enumerate() {
            let Some(atom) = atoms.as_ref().and_then(|atoms| atoms.get(cell.groups[coordinate] as usize)) else {
                continue;
            };
            let dimension = DimensionId::from_index(coordinate + 1);
            choices.extend(self.items_of(dimension).zip(atom.lists.iter().map(Vec::as_slice)));
            signs.push((dimension, atom.sign));
            if self.stock && Some(dimension) == self.frame.context.snapshot.schema().time() {
                period = Some(atom.code);
            }
        }
        let mut position = vec![ANY; self.frame.items.len()];
        self.choose(&choices, &mut position, &mut signs, &mut |position, sign| {
            if sign == 0 {
                return;
            }
            let totals = totals.entry(position.clone()).or_insert_with(|| vec![Cells::default(); self.measures.len()]);
            for (place, partial) in cell.partials.iter().enumerate().filter(|(_, partial)| partial.count > 0) {
                let rollup = self.measure(self.measures[place]).map_or(Rollup::Sum, |measure| measure.rollup);
                totals[place].add(period.map(|period| (scenario, period)), rollup, *partial, sign);
            }
        });
    }

    /// Calls back with each choice of one element per item. In each dimension the sign of the
    /// innermost item that is no total counts, or else that of the question's selection.
    fn choose(
        &self,
        choices: &[(usize, &[(u32, i8)])],
        position: &mut Position,
        signs: &mut Vec<(DimensionId, i8)>,
        each: &mut impl FnMut(&Position, i8),
    ) {
        let Some(((item, list), rest)) = choices.split_first() else {
            each(position, signs.iter().map(|(_, sign)| *sign).product());
            return;
        };
        let written = &self.frame.items[*item];
        for (element, sign) in *list {
            position[*item] = *element;
            let total = written.elements[*element as usize].label.kind == LabelKind::Total;
            let place = signs.iter().position(|(dimension, _)| *dimension == written.dimension);
            match place.filter(|_| !total) {
                Some(place) => {
                    let before = std::mem::replace(&mut signs[place].1, *sign);
                    self.choose(rest, position, signs, each);
                    signs[place].1 = before;
                }
                None => self.choose(rest, position, signs, each),
            }
        }
    }

    /// The periods in which a scenario has any data for a measure.
    fn present(&self, scenario: MemberId, measure: MeasureId) -> Result<Vec<u32>> {
        let schema = self.frame.context.snapshot.schema();
        let Some(time) = schema.time() else { return Ok(Vec::new()) };
        let size = schema.dimension(time).len() as u32;
        let mut axes = vec![Axis::Free; schema.width()];
        axes[time.index() - 1] = Axis::Groups((0..size).collect(), size);
        let request = Request { scenario, measures: vec![measure], axes };
        let cells = aggregate(self.frame.context.snapshot, &request, self.frame.context.stop)?;
        Ok(cells.iter().map(|cell| cell.groups[time.index() - 1]).collect())
    }

    fn value(
        &self,
        measure: MeasureId,
        position: &Position,
        cells: &Cells,
        closings: Option<&[(MemberId, u32)]>,
    ) -> Value {
        let Some(measure) = self.measure(measure) else { return Value::Empty };
        let in_order = || {
            let schema = self.frame.context.snapshot.schema();
            let time = schema.dimension(schema.time().unwrap_or(DimensionId::SCENARIO));
            let mut periods: Vec<_> = cells.periods.iter().map(|(key, partial)| (*key, *partial)).collect();
            periods.sort_by_key(|((_, period), _)| time.period_end(*period));
            periods
        };
        if !self.stock {
            return folded(measure, cells.whole);
        }
        match measure.over_time {
            OverTime::Flow => folded(measure, cells.whole),
            OverTime::First => in_order().first().map_or(Value::Empty, |(_, partial)| folded(measure, *partial)),
            OverTime::Last => in_order().last().map_or(Value::Empty, |(_, partial)| folded(measure, *partial)),
            OverTime::Average => mean(measure, in_order().into_iter().map(|(_, partial)| partial).collect()),
            OverTime::Closing => {
                let Some(((scenario, _), _)) = in_order().first().copied() else { return Value::Empty };
                let closing = self.closing(scenario, position, closings.unwrap_or_default());
                let found = closing.and_then(|period| cells.periods.get(&(scenario, period)));
                found.map_or(Value::Empty, |partial| folded(measure, *partial))
            }
        }
    }

    /// The last period of a position's span in which its scenario has data.
    fn closing(&self, scenario: MemberId, position: &Position, present: &[(MemberId, u32)]) -> Option<MemberId> {
        let schema = self.frame.context.snapshot.schema();
        let time = schema.time()?;
        let atoms = self.atoms.get(time.index() - 1)?.as_ref()?;
        let items: Vec<usize> = self.items_of(time).collect();
        let within = |atom: &&Atom| {
            let inside = |(item, list): (&usize, &Belonging)| list.iter().any(|(e, _)| *e == position[*item]);
            items.iter().zip(&atom.lists).all(inside) && present.contains(&(scenario, atom.code.0))
        };
        atoms.iter().filter(within).map(|atom| atom.code).max_by_key(|code| schema.dimension(time).period_end(*code))
    }
}

/// What the cells of one measure at one position come to.
#[derive(Debug, Clone, Default)]
struct Cells {
    whole: Partial,
    periods: BTreeMap<(MemberId, MemberId), Partial>,
}

impl Cells {
    fn add(&mut self, period: Option<(MemberId, MemberId)>, rollup: Rollup, partial: Partial, sign: i8) {
        let signed = matches!(rollup, Rollup::Sum | Rollup::Average);
        let sign = if signed { i128::from(sign) } else { 1 };
        let partial = Partial { value: partial.value * sign, ..partial };
        let total = match period {
            Some(period) => self.periods.entry(period).or_default(),
            None => &mut self.whole,
        };
        *total = match (total.count, rollup) {
            (0, _) => partial,
            (_, Rollup::Min) => Partial { value: total.value.min(partial.value), count: total.count + partial.count },
            (_, Rollup::Max) => Partial { value: total.value.max(partial.value), count: total.count + partial.count },
            _ => Partial { value: total.value + partial.value, count: total.count + partial.count },
        };
    }
}

fn folded(measure: &Measure, partial: Partial) -> Value {
    match (partial.count, measure.rollup) {
        (0, _) => Value::Empty,
        (1, _) | (_, Rollup::Sum | Rollup::Min | Rollup::Max) => exact(partial.value, measure.scale),
        (_, Rollup::None) => Value::Empty,
        (count, Rollup::Average) => average(measure, partial.value, count),
    }
}

fn average(measure: &Measure, sum: i128, count: u64) -> Value {
    Value::Ratio(engine::decimal::Decimal::new(sum, measure.scale).to_f64() / count as f64)
}

fn mean(measure: &Measure, periods: Vec<Partial>) -> Value {
    let there: Vec<Partial> = periods.into_iter().filter(|partial| partial.count > 0).collect();
    match there.len() as u64 {
        0 => Value::Empty,
        count => average(measure, there.iter().map(|partial| partial.value).sum(), count),
    }
}

/// Whether an element is made of leaves.
pub(super) fn is_leaves(item: &Item, element: u32) -> bool {
    item.elements.get(element as usize).is_some_and(|element| matches!(element.rule, Rule::Leaves))
}
