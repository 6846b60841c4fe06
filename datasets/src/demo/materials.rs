//! What Operations buys for the things that are sold: a tenth of revenue, by project and region.

use super::fact::{Amounts, Fact};
use super::market::{MARKETS, sold};
use super::organisation::teams;
use super::years::{EDITIONS, Edition};
use crate::apportion::apportion;
use crate::random::Random;

/// Cents in a hundred thousand.
const HUNDRED_THOUSAND: i64 = 10_000_000;
/// Of a hundred thinkable combinations of team, project and region, so many buy.
const DENSITY: u64 = 28;

/// The materials, but for the target.
pub(super) fn facts(facts: &mut Vec<Fact>) {
    let mut random = Random::new(5);
    let series = series(&mut random);
    for edition in EDITIONS {
        let weights: Vec<u64> = series
            .iter()
            .flat_map(|&(_, weight)| (10..22).map(move |month| weight * month))
            .map(|weight| if random.chance(10) { 0 } else { weight * random.between(80, 120) })
            .collect();
        let costs = apportion(cost(edition) * HUNDRED_THOUSAND, &weights);
        for (at, cost) in costs.into_iter().enumerate().filter(|(_, cost)| *cost != 0) {
            let month = edition.first_month() + (at % 12) as u32;
            let amounts = Amounts { cost: Some(cost), ..Amounts::default() };
            let (fact, _) = series[at / 12];
            facts.push(Fact { scenario: edition.scenario, month, amounts, ..fact });
        }
    }
}

/// What is bought in a year, in hundred thousands.
fn cost(edition: Edition) -> i64 {
    match (edition.scenario, edition.year) {
        ("actual", 2024) => 36,
        (_, 2024) => 32,
        ("actual", 2025) => 45,
        (_, 2025) => 40,
        ("forecast", _) => 55,
        _ => 50,
    }
}

/// Who buys for which project in which region, and how much beside the others.
fn series(random: &mut Random) -> Vec<(Fact, u64)> {
    let mut series = Vec::new();
    for team in teams().filter(|team| ["Manufacturing", "Supply"].contains(&team.department)) {
        for work in sold() {
            for region in MARKETS {
                let weight = random.between(1, 30) * random.between(1, 30);
                if random.chance(DENSITY) {
                    series.push((Fact { work, region, ..Fact::of(team.name, "", 0) }, weight));
                }
            }
        }
    }
    series
}
