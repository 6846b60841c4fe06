//! The scenarios that are read, and what each gives to which elements.

use super::reach::Reach;
use crate::bind::{Composite, Distance, Selection, Source, later};
use engine::aggregate::{Axis, OUTSIDE};
use engine::dimension::Dimension;
use engine::id::{DimensionId, MemberId};

use super::super::axis::Item;
use super::Frame;
use crate::error::{Error, ErrorKind, Result};

/// One scenario to be read.
pub(super) struct Reading {
    /// What keeps its periods apart from those of others: the scenario, or a number of its own for one laid together.
    pub key: MemberId,
    pub source: Source,
    /// For each combination of elements of the scenario items that it gives to: an element for each item.
    pub combinations: Vec<Vec<u32>>,
}

impl Reading {
    fn plain(scenario: MemberId, combinations: Vec<Vec<u32>>) -> Self {
        Reading { key: scenario, source: Source::plain(scenario), combinations }
    }

    fn composed(composite: &Composite, number: u32, combinations: &[Vec<u32>]) -> Vec<Self> {
        let reading = |source: &Source| Reading {
            key: MemberId(u32::MAX - number),
            source: source.clone(),
            combinations: combinations.to_vec(),
        };
        composite.sources.iter().map(reading).collect()
    }

    /// Whether every fact of the scenario counts, in its own period.
    pub fn is_whole(&self) -> bool {
        self.source.later == Distance::default() && self.source.after.is_none() && self.source.through.is_none()
    }

    /// The coordinate of the time dimension where a fact counts; none where it does not.
    pub fn counts_at(&self, time: &Dimension, code: u32) -> Option<u32> {
        let at = if self.source.later == Distance::default() { code } else { later(time, code, self.source.later)? };
        let end = time.period_end(MemberId(at)).0;
        let inside = self.source.after.is_none_or(|after| end > after)
            && self.source.through.is_none_or(|through| end <= through);
        inside.then_some(at)
    }

    /// The time axis of its request.
    pub fn axis(&self, time: &Dimension, reach: &Reach) -> Axis {
        let atom = |code: u32| {
            let at = self.counts_at(time, code)?;
            reach.atom_of.get(at as usize).copied()
        };
        let groups = (0..time.len() as u32).map(|code| atom(code).unwrap_or(OUTSIDE)).collect();
        Axis::Groups(groups, reach.atoms.len() as u32)
    }
}

/// The scenarios asked for under a selection, with the elements of the active scenario items.
pub(super) fn readings(frame: &Frame, selection: &Selection, items: &[&Item]) -> Result<Vec<Reading>> {
    if items.is_empty() {
        return alone(frame, selection);
    }
    let mut found = Vec::new();
    for scenario in frame.context.snapshot.schema().scenarios().ordered() {
        let named = selection.scenarios.as_ref().is_none_or(|named| named.contains(&scenario));
        let combinations = crossed(items, scenario);
        if named && !combinations.is_empty() {
            found.push(Reading::plain(scenario, combinations));
        }
    }
    if let [item] = items {
        for (number, (element, composite)) in item.composites.iter().enumerate() {
            found.extend(Reading::composed(composite, number as u32, &[vec![*element]]));
        }
    }
    Ok(found)
}

fn alone(frame: &Frame, selection: &Selection) -> Result<Vec<Reading>> {
    let none = || vec![Vec::new()];
    if let Some(composite) = &selection.composite {
        return Ok(Reading::composed(composite, 0, &none()));
    }
    match (selection.scenarios.as_deref(), frame.context.scenario) {
        (Some([one]), _) => Ok(vec![Reading::plain(*one, none())]),
        (Some([]), _) => Ok(Vec::new()),
        (Some(several), _) => Err(across_scenarios(frame, selection, several)),
        (None, Some(scenario)) => Ok(vec![Reading::plain(scenario, none())]),
        (None, None) => Err(crate::bind::no_scenario(None)),
    }
}

fn crossed(items: &[&Item], scenario: MemberId) -> Vec<Vec<u32>> {
    items.iter().fold(vec![Vec::new()], |found, item| {
        let list = item.map.get(scenario.index()).map_or(&[][..], Vec::as_slice);
        let longer = |start: &Vec<u32>| {
            list.iter().map(|(element, _)| [start.as_slice(), &[*element]].concat()).collect::<Vec<_>>()
        };
        found.iter().flat_map(longer).collect()
    })
}

fn across_scenarios(frame: &Frame, selection: &Selection, several: &[MemberId]) -> Error {
    let scenarios = frame.context.snapshot.schema().scenarios();
    let names: Vec<&str> = several.iter().map(|id| scenarios.member(*id).name.as_str()).collect();
    let span = selection.picks.iter().find(|pick| pick.dimension == DimensionId::SCENARIO);
    Error::new(ErrorKind::Refused, "nothing is added up across scenarios", span.map(|pick| pick.span.clone()))
        .labelled("several scenarios")
        .helped(format!("set them side by side: across scenario[{}]", names.join(", ")))
}
