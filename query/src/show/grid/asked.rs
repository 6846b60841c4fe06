//! What the engine is asked for terms under one selection, and its cells added to positions.
//!
//! A stock is asked for by single periods, and each position then takes its value over time from
//! them; a count is asked for by the members it counts.

use super::super::axis::Item;
use super::super::cells::{ANY, Position, TermCells};
use super::super::closings;
use super::super::merged::Targets;
use super::super::term::{Kind, Term};
use super::at_leaves::{self, Answered, Digits};
use super::gathered::Gathered;
use super::reach::{Along, Apart, Reach};
use super::source::{Reading, readings};
use super::{Frame, is_stock};
use crate::answer::Value;
use crate::bind::Selection;
use crate::error::{Error, ErrorKind, Result};
use crate::formula::exact;
use engine::aggregate::{Axis, Cell, OUTSIDE, Partial, Request};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::measure::{Measure, OverTime, Rollup};
use engine::memory::{Claim, bytes};
use engine::weight::Weight;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// So many cells are added between claims.
const CLAIMED_CELLS: usize = 4096;

/// Bytes that a position or a row of groups takes by itself.
const ENTRY_BYTES: usize = 96;

/// Bytes of a cell that is kept apart by its period, or by the member that it counts.
const APART_BYTES: usize = 192;

/// Terms under one selection.
pub(super) struct Asked<'a> {
    frame: &'a Frame<'a>,
    selection: Selection,
    kind: &'a Kind,
    measures: Vec<MeasureId>,
    stock: bool,
    active: Vec<bool>,
    /// For each coordinate; none where it neither groups nor filters.
    reaches: Vec<Option<Reach>>,
    readings: Vec<Reading>,
    /// Where rows are added up, what they are added to.
    targets: Option<Targets>,
}

/// The combinations of one dimension that a cell belongs to.
type Choice<'r> = (DimensionId, &'r Reach, &'r [(u32, Weight)]);

impl<'a> Asked<'a> {
    /// Terms that are alike in their selection: measures, or one other term.
    pub fn new(frame: &'a Frame<'a>, terms: &[&'a Term]) -> Result<Self> {
        let schema = frame.context.snapshot.schema();
        let over = &terms[0].selection;
        let active: Vec<bool> = frame.items.iter().map(|item| !over.names(item.dimension)).collect();
        let selection = frame.filter.overlaid(over);
        let measures: Vec<MeasureId> = terms.iter().filter_map(|term| term.measure()).collect();
        let stock = measures.first().is_some_and(|measure| is_stock(schema, *measure));
        let scenarios: Vec<&Item> = items_of(frame, &active, DimensionId::SCENARIO).collect();
        let readings = readings(frame, &selection, &scenarios)?;
        let kind = &terms[0].kind;
        let targets = frame.merged.map(|merged| merged.targets(frame.items, &active));
        let reaches = Vec::new();
        let mut asked = Asked { frame, selection, kind, measures, stock, active, reaches, readings, targets };
        asked.reaches = schema.coordinates().map(|id| asked.reach(id)).collect();
        Ok(asked)
    }

    fn reach(&self, id: DimensionId) -> Option<Reach> {
        let schema = self.frame.context.snapshot.schema();
        let is_time = Some(id) == schema.time();
        let apart = match self.kind {
            Kind::Count(of, counted) if *of == id => Apart::Members(counted),
            _ if self.stock && is_time => Apart::Coordinates,
            _ => Apart::Nothing,
        };
        let along = Along {
            id,
            dimension: schema.dimension(id),
            items: items_of(self.frame, &self.active, id).collect(),
            selection: &self.selection,
            shifts: self.selection.shifts.iter().copied().filter(|shift| shift.along == id).collect(),
        };
        let filtered = self.selection.leaves[id.index() - 1].is_some();
        let composed = is_time && !self.readings.iter().all(Reading::is_whole);
        let free = along.items.is_empty() && along.shifts.is_empty() && !filtered && !composed;
        (!free || !matches!(apart, Apart::Nothing)).then(|| along.reach(&apart))
    }

    /// The cells of every term asked for.
    pub fn cells(&self) -> Result<Vec<TermCells>> {
        let places = self.measures.len().max(1);
        let mut totals: HashMap<Position, Vec<Gathered>> = HashMap::new();
        let mut present: Vec<BTreeSet<(MemberId, u32)>> = vec![BTreeSet::new(); places];
        let mut digits = Digits::default();
        let mut claim = Claim::new("the cells of the answer");
        for reading in &self.readings {
            let answered = self.answered(reading)?;
            digits = digits.both(answered.digits);
            for (part, cells) in answered.cells.chunks(CLAIMED_CELLS).enumerate() {
                cells.iter().for_each(|cell| self.add(cell, reading, &mut totals));
                let done = part * CLAIMED_CELLS + cells.len();
                claim.hold(self.bytes(answered.cells.len(), done, totals.len()))?;
            }
            for (place, measure) in self.measures.iter().enumerate() {
                if self.measure(*measure).is_some_and(|m| m.over_time == OverTime::Closing) {
                    present[place].extend(self.present(reading, vec![*measure])?);
                }
            }
        }
        for (place, measure) in self.measures.iter().enumerate() {
            if totals.values().any(|gathered| gathered[place].is_lost()) {
                return Err(too_fine(self.measure(*measure).map_or("", |measure| &measure.name)));
            }
        }
        let mut claim = Some(claim);
        let spans = self.spans()?;
        let column = |place: usize| {
            let valued = totals.iter().map(|(position, gathered)| {
                (position.clone(), self.value(place, position, &gathered[place], &present[place], digits))
            });
            let values = valued.filter(|(_, value)| *value != Value::Empty).collect();
            let compared = closings::are_asked(self.frame.items);
            let apart = !self.are_single_periods();
            let latest = if compared || apart { self.latest(place, &totals) } else { BTreeMap::new() };
            let early = if apart { self.early(place, &totals, &latest) } else { HashMap::new() };
            let closings = if compared { latest } else { BTreeMap::new() };
            TermCells {
                active: self.active.clone(),
                values,
                closings,
                early,
                spans: spans.clone(),
                _claim: claim.take(),
            }
        };
        Ok((0..places).map(column).collect())
    }

    /// Where a stock closes, for each combination of scenario and time elements.
    fn latest(&self, place: usize, totals: &HashMap<Position, Vec<Gathered>>) -> BTreeMap<Position, MemberId> {
        let mut latest = BTreeMap::new();
        let schema = self.frame.context.snapshot.schema();
        let Some(time) = schema.time().filter(|_| self.stock).map(|time| schema.dimension(time)) else { return latest };
        for (position, gathered) in totals {
            let Some(last) = gathered[place].last_period(time) else { continue };
            let known = latest.entry(self.among(position)).or_insert(last);
            if time.period_end(last) > time.period_end(*known) {
                *known = last;
            }
        }
        latest
    }

    /// A position without what is neither scenario nor time.
    fn among(&self, position: &Position) -> Position {
        let time = self.frame.context.snapshot.schema().time();
        let kept = |item: &Item| Some(item.dimension) == time || item.dimension == DimensionId::SCENARIO;
        let elements = self.frame.items.iter().zip(position);
        elements.map(|(item, element)| if kept(item) { *element } else { ANY }).collect()
    }

    /// Where a stock that takes its last value ends before the others.
    fn early(
        &self,
        place: usize,
        totals: &HashMap<Position, Vec<Gathered>>,
        latest: &BTreeMap<Position, MemberId>,
    ) -> HashMap<Position, (MemberId, MemberId)> {
        let schema = self.frame.context.snapshot.schema();
        let takes_last = |id: &MeasureId| self.measure(*id).is_some_and(|known| known.over_time == OverTime::Last);
        let time = schema.time().filter(|_| self.stock && self.measures.get(place).is_some_and(takes_last));
        let Some(time) = time.map(|time| schema.dimension(time)) else { return HashMap::new() };
        let early = |(position, gathered): (&Position, &Vec<Gathered>)| {
            let (last, others) = (gathered[place].last_period(time)?, *latest.get(&self.among(position))?);
            (time.period_end(last) < time.period_end(others)).then(|| (position.clone(), (last, others)))
        };
        totals.iter().filter_map(early).collect()
    }

    /// The periods in which each scenario has any fact, where sums over periods are compared across scenarios.
    fn spans(&self) -> Result<BTreeMap<Position, BTreeSet<u32>>> {
        let mut spans = BTreeMap::new();
        let are_sums = matches!(self.kind, Kind::Measure(_)) && !self.stock && !self.are_single_periods();
        if !are_sums || !self.selection.shifts.is_empty() || !closings::are_asked(self.frame.items) {
            return Ok(spans);
        }
        for reading in &self.readings {
            let present = self.present(reading, Vec::new())?.into_iter().map(|(_, period)| period);
            let inside: BTreeSet<u32> = present.filter(|period| self.reaches_period(*period)).collect();
            for combination in &reading.combinations {
                let mut position = vec![ANY; self.frame.items.len()];
                self.put(DimensionId::SCENARIO, combination, &mut position);
                let of_scenario: &mut BTreeSet<u32> = spans.entry(position).or_default();
                of_scenario.extend(&inside);
            }
        }
        Ok(spans)
    }

    fn time_reach(&self) -> Option<&Reach> {
        self.reaches.get(self.frame.context.snapshot.schema().time()?.index() - 1)?.as_ref()
    }

    fn reaches_period(&self, period: u32) -> bool {
        self.time_reach().is_none_or(|reach| reach.atom_of.get(period as usize).is_some_and(|atom| *atom != OUTSIDE))
    }

    /// Whether each row or column is one period, so that an empty one is seen.
    fn are_single_periods(&self) -> bool {
        self.time_reach().is_some_and(|reach| {
            let mut periods = vec![0; reach.combinations.len()];
            let atoms = reach.atom_of.iter().filter_map(|atom| reach.atoms.get(*atom as usize));
            let belonging = atoms.flat_map(|atom| &atom.belongs);
            belonging.for_each(|(combination, _)| periods[*combination as usize] += 1);
            periods.iter().all(|periods| *periods <= 1)
        })
    }

    /// Bytes of some cells, those of them that are done with added to so many positions.
    fn bytes(&self, cells: usize, done: usize, positions: usize) -> usize {
        let places = self.measures.len().max(1);
        let cell = size_of::<Cell>() + places * size_of::<Partial>() + ENTRY_BYTES;
        let apart = if self.stock || matches!(self.kind, Kind::Count(..)) { APART_BYTES } else { 0 };
        let position = places * (size_of::<Gathered>() + size_of::<Value>() + ENTRY_BYTES) + ENTRY_BYTES;
        bytes(cells, cell).saturating_add(bytes(done, apart)).saturating_add(bytes(positions, position))
    }

    /// What a reading's scenario answers.
    fn answered(&self, reading: &Reading) -> Result<Answered> {
        let schema = self.frame.context.snapshot.schema();
        let time = schema.time();
        let axes: Vec<Axis> = schema
            .coordinates()
            .zip(&self.reaches)
            .map(|(id, reach)| match reach {
                None => Axis::Free,
                Some(reach) if Some(id) == time && !reading.is_whole() => reading.axis(schema.dimension(id), reach),
                Some(reach) => reach.axis(),
            })
            .collect();
        if let Kind::AtLeaves(formula) = self.kind {
            return at_leaves::cells(self.frame.context, formula, reading.source.scenario, &axes);
        }
        let measures = match self.kind {
            Kind::Count(..) => (0..schema.measures().len()).map(MeasureId::from_index).collect(),
            _ => self.measures.clone(),
        };
        let request = Request { scenario: reading.source.scenario, measures, axes };
        let cells = self.frame.context.ask(&request)?;
        Ok(Answered { cells, digits: Digits::default() })
    }

    fn measure(&self, id: MeasureId) -> Option<&'a Measure> {
        self.frame.context.snapshot.schema().measure(id)
    }

    /// Adds a cell to every position that its atoms belong to.
    fn add(&self, cell: &Cell, reading: &Reading, totals: &mut HashMap<Position, Vec<Gathered>>) {
        let schema = self.frame.context.snapshot.schema();
        let mut position = vec![ANY; self.frame.items.len()];
        let mut apart = None;
        let mut choices = Vec::new();
        for (coordinate, reach) in self.reaches.iter().enumerate() {
            let Some((reach, atom)) =
                reach.as_ref().and_then(|reach| Some((reach, reach.atoms.get(cell.groups[coordinate] as usize)?)))
            else {
                continue;
            };
            let id = DimensionId::from_index(coordinate + 1);
            let kept = match self.kind {
                Kind::Count(of, _) => *of == id,
                _ => self.stock && Some(id) == schema.time(),
            };
            if kept {
                apart = Some(atom.code);
            }
            choices.push((id, reach, atom.belongs.as_slice()));
        }
        let mut reached = Vec::new();
        for combination in &reading.combinations {
            self.put(DimensionId::SCENARIO, combination, &mut position);
            self.choose(&choices, &mut position, Weight::ONE, &mut |position, weight| match self.targets {
                None => self.gather(cell, reading.key, apart, position, weight, totals),
                Some(_) => reached.push((position.clone(), weight)),
            });
        }
        for (position, weight) in self.targets.iter().flat_map(|targets| targets.of(&reached)) {
            self.gather(cell, reading.key, apart, &position, weight, totals);
        }
    }

    /// Puts the elements of one dimension's items into a position.
    fn put(&self, id: DimensionId, combination: &[u32], position: &mut Position) {
        let places = (0..self.active.len()).filter(|place| self.active[*place]);
        let items = places.filter(|place| self.frame.items[*place].dimension == id);
        items.zip(combination).for_each(|(place, element)| position[place] = *element);
    }

    /// Calls back with each choice of one combination per dimension, and how the cell counts there.
    fn choose(
        &self,
        choices: &[Choice],
        position: &mut Position,
        weight: Weight,
        each: &mut impl FnMut(&Position, Weight),
    ) {
        let Some(((id, reach, list), rest)) = choices.split_first() else {
            if !weight.is_zero() {
                each(position, weight);
            }
            return;
        };
        for (combination, own) in *list {
            self.put(*id, &reach.combinations[*combination as usize], position);
            self.choose(rest, position, weight.times(*own).unwrap_or(Weight::TOO_FINE), each);
        }
    }

    fn gather(
        &self,
        cell: &Cell,
        key: MemberId,
        apart: Option<MemberId>,
        position: &Position,
        weight: Weight,
        totals: &mut HashMap<Position, Vec<Gathered>>,
    ) {
        let places = self.measures.len().max(1);
        let totals = totals.entry(position.clone()).or_insert_with(|| vec![Gathered::default(); places]);
        if let Kind::Count(..) = self.kind {
            if cell.partials.iter().any(|partial| partial.count > 0) {
                totals[0].members.extend(apart.map(|member| member.0));
            }
            return;
        }
        for (place, partial) in cell.partials.iter().enumerate().filter(|(_, partial)| partial.count > 0) {
            let measure = self.measures.get(place).and_then(|measure| self.measure(*measure));
            let rollup = measure.map_or(Rollup::Sum, |measure| measure.rollup);
            totals[place].add(apart.map(|period| (key, period)), rollup, *partial, weight);
        }
    }

    /// The periods in which a reading has any data for some measures, or any fact where none is named.
    fn present(&self, reading: &Reading, measures: Vec<MeasureId>) -> Result<Vec<(MemberId, u32)>> {
        let schema = self.frame.context.snapshot.schema();
        let Some(time) = schema.time() else { return Ok(Vec::new()) };
        let dimension = schema.dimension(time);
        let size = dimension.len() as u32;
        let mut axes = vec![Axis::Free; schema.width()];
        axes[time.index() - 1] = Axis::Groups((0..size).collect(), size);
        let request = Request { scenario: reading.source.scenario, measures, axes };
        let cells = self.frame.context.ask(&request)?;
        let at = |cell: &Cell| reading.counts_at(dimension, cell.groups[time.index() - 1]);
        Ok(cells.iter().filter_map(at).map(|code| (reading.key, code)).collect())
    }

    fn value(
        &self,
        place: usize,
        position: &Position,
        gathered: &Gathered,
        present: &BTreeSet<(MemberId, u32)>,
        digits: Digits,
    ) -> Value {
        let schema = self.frame.context.snapshot.schema();
        let measure = self.measures.get(place).and_then(|measure| self.measure(*measure));
        match (self.kind, measure, schema.time()) {
            (Kind::Count(..), ..) => match gathered.members.len() {
                0 => Value::Empty,
                count => exact(count as i128, 0),
            },
            (Kind::AtLeaves(_), ..) => gathered.sum().map_or(Value::Empty, |sum| at_leaves::total(sum, digits)),
            (_, Some(measure), Some(time)) if self.stock => {
                let closing = |key: MemberId| self.closing(time, key, position, present);
                gathered.stock(measure, schema.dimension(time), &closing)
            }
            (_, Some(measure), _) => gathered.flow(measure),
            _ => Value::Empty,
        }
    }

    /// The last period of a position's span in which its reading has data.
    fn closing(
        &self,
        time: DimensionId,
        key: MemberId,
        position: &Position,
        present: &BTreeSet<(MemberId, u32)>,
    ) -> Option<MemberId> {
        let reach = self.reaches.get(time.index() - 1)?.as_ref()?;
        let items: Vec<usize> = (0..self.active.len())
            .filter(|place| self.active[*place] && self.frame.items[*place].dimension == time)
            .collect();
        let stands_for = |(place, element): (&usize, &u32)| match self.frame.merged {
            None => position[*place] == *element,
            Some(merged) => merged.stands_for(*place, position[*place], *element),
        };
        let wanted: Vec<bool> =
            reach.combinations.iter().map(|combination| items.iter().zip(combination).all(stands_for)).collect();
        let belongs = |belongs: &[(u32, Weight)]| belongs.iter().any(|(combination, _)| wanted[*combination as usize]);
        let inside = reach.atoms.iter().filter(|atom| belongs(&atom.belongs) && present.contains(&(key, atom.code.0)));
        let dimension = self.frame.context.snapshot.schema().dimension(time);
        inside.map(|atom| atom.code).max_by_key(|code| dimension.period_end(*code))
    }
}

fn items_of<'f>(frame: &'f Frame, active: &'f [bool], id: DimensionId) -> impl Iterator<Item = &'f Item> + 'f {
    let items = frame.items.iter().zip(active);
    items.filter(move |(item, active)| **active && item.dimension == id).map(|(item, _)| item)
}

/// A sum whose weights have more digits together than can be kept exactly.
fn too_fine(measure: &str) -> Error {
    let message = format!("the weights that {measure} is added up with are too fine to add up exactly");
    Error::new(ErrorKind::Refused, message, None).helped("round the weights of the members, or ask for fewer at once")
}
