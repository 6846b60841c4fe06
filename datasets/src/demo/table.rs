//! The batch that the facts become.

use arrow_array::RecordBatch;

use super::dimension::{Place, dimensions};
use super::fact::{FIRST_YEAR, Fact, MONTHS, SCENARIOS};
use crate::columns::{batch, hundredths, months, text, whole};

/// The facts as one batch.
pub(super) fn batch_of(facts: &[Fact]) -> RecordBatch {
    let mut columns = Vec::new();
    for dimension in dimensions() {
        let places = dimension.places();
        let rows: Vec<Option<&Place>> = facts.iter().map(|fact| places.get((dimension.of)(fact))).collect();
        for (level, name) in dimension.levels.iter().enumerate() {
            let codes = rows.iter().map(|place| place.and_then(|place| place[level]));
            columns.push((*name, text(&dimension.names(level), codes)));
        }
    }
    columns.push(("scenario", text(&SCENARIOS, facts.iter().map(|fact| scenario_code(fact.scenario)))));
    columns.push(("period", text(&months(FIRST_YEAR, MONTHS), facts.iter().map(|fact| Some(fact.month)))));
    columns.push(("headcount", whole(facts.iter().map(|fact| fact.amounts.headcount))));
    columns.push(("hires", whole(facts.iter().map(|fact| fact.amounts.hires))));
    columns.push(("cost", hundredths(facts.iter().map(|fact| fact.amounts.cost))));
    columns.push(("revenue", hundredths(facts.iter().map(|fact| fact.amounts.revenue))));
    columns.push(("leads", whole(facts.iter().map(|fact| fact.amounts.leads))));
    batch(columns)
}

fn scenario_code(name: &str) -> Option<u32> {
    SCENARIOS.iter().position(|scenario| *scenario == name).map(|at| at as u32)
}
