//! Everybody else: people and what they cost, in all teams but the flagship's squads and the programme desks.
//!
//! What these teams plan to hire in a year they do hire in that year, if not always in the planned month.

use super::fact::{Amounts, Fact};
use super::market::{MARKETS, NO_PROJECT, NO_REGION, engineered};
use super::organisation::{Team, teams};
use super::years::{EDITIONS, Edition};
use crate::random::Random;

/// Months between the planned and the actual first day, at most.
const DELAY: u64 = 2;

/// Some people of one team, for one project in one region.
struct Post {
    team: Team,
    project: &'static str,
    region: &'static str,
    /// People in January 2024.
    heads: i64,
    /// For each year the planned month (0 is January) in which one more joins, and the delay.
    joins: [Option<(u32, u32)>; 3],
}

/// The people and what they cost, but for the target.
pub(super) fn facts(facts: &mut Vec<Fact>) {
    let mut random = Random::new(3);
    for team in teams().filter(|team| !["Product", "Programmes"].contains(&team.department)) {
        for (project, region, heads) in seats(team, &mut random) {
            let joins = [2024, 2025, 2026].map(|year| join(team, year, &mut random));
            let post = Post { team, project, region, heads, joins };
            for edition in EDITIONS {
                year(facts, edition, &post, &mut random);
            }
        }
    }
}

/// Where the people of a team sit: project, region and how many.
fn seats(team: Team, random: &mut Random) -> Vec<(&'static str, &'static str, i64)> {
    match team.division {
        "Engineering" => {
            let every = random.between(13, 20) as usize;
            let from = random.between(0, 5) as usize;
            engineered().skip(from).step_by(every).map(|project| (project, NO_REGION, 1)).collect()
        }
        "Support" => {
            let regions = MARKETS.into_iter().filter(|_| random.chance(70));
            regions.map(|region| (NO_PROJECT, region, 1)).collect()
        }
        "Sales" => vec![(NO_PROJECT, home(team), random.between(2, 3) as i64)],
        "Operations" => vec![(NO_PROJECT, NO_REGION, random.between(2, 5) as i64)],
        _ => vec![(NO_PROJECT, NO_REGION, random.between(1, 3) as i64)],
    }
}

/// The region a sales team sells in.
fn home(team: Team) -> &'static str {
    let named = |market: &&str| team.department.strip_prefix("Sales ") == Some(*market);
    MARKETS.into_iter().find(named).unwrap_or(NO_REGION)
}

/// When one more joins in a year, if so. Engineering asks for nobody in 2026 but the 30 of the flagship.
fn join(team: Team, year: u32, random: &mut Random) -> Option<(u32, u32)> {
    let month = random.between(1, 8) as u32;
    let delay = random.between(0, DELAY) as u32;
    let joins = random.chance(12) && (team.division != "Engineering" || year < 2026);
    joins.then_some((month, delay))
}

fn year(facts: &mut Vec<Fact>, edition: Edition, post: &Post, random: &mut Random) {
    let years = (edition.first_month() / 12) as usize;
    let mut heads = post.heads + post.joins[..years].iter().flatten().count() as i64;
    let late = edition.scenario == "actual";
    let joining = post.joins[years].map(|(month, delay)| if late { month + delay } else { month });
    for month in edition.months() {
        let hires = i64::from(joining == Some(month % 12));
        heads += hires;
        let amounts = Amounts {
            headcount: Some(heads),
            hires: (hires > 0).then_some(hires),
            cost: Some(heads * rate(post.team, edition, random)),
            ..Amounts::default()
        };
        let fact = Fact::of(post.team.name, edition.scenario, month);
        facts.push(Fact { work: post.project, region: post.region, amounts, ..fact });
    }
}

/// What one of a team costs in a month, in cents: 3 % more each year, and in fact a little more or less.
fn rate(team: Team, edition: Edition, random: &mut Random) -> i64 {
    let base = match team.division {
        "Sales" => 1_020_000,
        "Marketing" => 840_000,
        "Engineering" => 1_180_000,
        "Operations" => 660_000,
        "Support" => 700_000,
        _ => 900_000,
    };
    let raised = base + base * 3 * i64::from(edition.year - 2024) / 100;
    let share = if edition.scenario == "actual" { random.between(9_700, 10_250) as i64 } else { 10_000 };
    raised * share / 10_000
}
