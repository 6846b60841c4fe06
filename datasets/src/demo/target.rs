//! The targets for 2026. They come from the top and stand there: no team, project or region owns any of them.
//!
//! They are what the divisions plan, but for three things: revenue of 65 million, 28,000 leads, and 20 engineers for
//! the flagship.

use std::collections::BTreeMap;

use super::fact::{Amounts, Fact};
use super::market::{FLAGSHIP, NO_PORTFOLIO, PORTFOLIOS, WORLDWIDE};
use super::organisation::teams;
use super::product::ENGINEER;
use super::years::PLAN;
use crate::apportion::apportion;

/// Revenue by quarter, in hundred thousands: 65 million.
const REVENUE: [i64; 4] = [130, 156, 156, 208];
/// Cents in a hundred thousand.
const HUNDRED_THOUSAND: i64 = 10_000_000;
/// Shares of the months in a quarter.
const MONTHS_OF_QUARTER: [u64; 3] = [30, 33, 37];
/// Leads of the year.
const LEADS: i64 = 28_000;
/// Engineers of the flagship in January, and those who may join in April.
const ENGINEERS: (i64, i64) = (48, 20);

/// Division, portfolio and month since January 2024.
type Cell = (&'static str, &'static str, u32);

/// The targets, given all other facts.
pub(super) fn facts(facts: &mut Vec<Fact>) {
    let mut cells = planned(facts);
    set_revenue(&mut cells);
    set_leads(&mut cells);
    set_engineers(&mut cells);
    facts.extend(cells.into_iter().map(|((unit, work, month), amounts)| Fact {
        work,
        region: WORLDWIDE,
        amounts,
        ..Fact::of(unit, "target", month)
    }));
}

/// What the divisions plan for each portfolio.
fn planned(facts: &[Fact]) -> BTreeMap<Cell, Amounts> {
    let divisions: BTreeMap<_, _> = teams().map(|team| (team.name, team.division)).collect();
    let portfolios: BTreeMap<_, _> = PORTFOLIOS
        .iter()
        .flat_map(|portfolio| portfolio.projects.iter().map(|(project, _)| (*project, portfolio.name)))
        .collect();
    let mut cells: BTreeMap<Cell, Amounts> = BTreeMap::new();
    let plan = facts.iter().filter(|fact| fact.scenario == PLAN.scenario && PLAN.months().contains(&fact.month));
    for fact in plan {
        let amounts = Amounts { revenue: None, leads: None, ..fact.amounts };
        if let (Some(division), Some(portfolio)) = (divisions.get(fact.unit), portfolios.get(fact.work)) {
            cells.entry((division, portfolio, fact.month)).or_default().add(amounts);
        }
    }
    cells.retain(|_, amounts| amounts.cost.is_some());
    cells
}

fn set_revenue(cells: &mut BTreeMap<Cell, Amounts>) {
    for (first, total) in PLAN.months().step_by(3).zip(REVENUE) {
        let months = apportion(total * HUNDRED_THOUSAND, &MONTHS_OF_QUARTER);
        for (month, cents) in (first..).zip(months) {
            cells.entry(("Sales", NO_PORTFOLIO, month)).or_default().revenue = Some(cents);
        }
    }
}

fn set_leads(cells: &mut BTreeMap<Cell, Amounts>) {
    let months = PLAN.months();
    for (month, leads) in months.zip(apportion(LEADS, &[1; 12])) {
        cells.entry(("Marketing", NO_PORTFOLIO, month)).or_default().leads = Some(leads);
    }
}

fn set_engineers(cells: &mut BTreeMap<Cell, Amounts>) {
    let (before, joining) = ENGINEERS;
    let april = PLAN.first_month() + 3;
    for month in PLAN.months() {
        let heads = if month < april { before } else { before + joining };
        let amounts = Amounts {
            headcount: Some(heads),
            hires: (month == april).then_some(joining),
            cost: Some(heads * ENGINEER),
            ..Amounts::default()
        };
        cells.insert(("Engineering", FLAGSHIP, month), amounts);
    }
}
