//! Engineering's flagship projects. The Product department asks for 30 engineers; in two years it hired 22 of the
//! 32 it had planned.

use super::fact::{Amounts, Fact};
use super::years::{EDITIONS, Edition};
use crate::random::Random;

/// A squad, which works on one project.
struct Squad {
    team: &'static str,
    project: &'static str,
    /// Engineers at the end of 2023.
    before: i64,
    /// Hired in each half-year of 2024 and 2025.
    hired: [i64; 4],
    /// Planned, and forecast, for each of these half-years.
    planned: i64,
    /// Asked for from April 2026.
    asked: i64,
}

const SQUADS: [Squad; 4] = [
    Squad { team: "Atlas Squad", project: "Atlas", before: 7, hired: [1, 2, 1, 1], planned: 2, asked: 14 },
    Squad { team: "Beacon Squad", project: "Beacon", before: 9, hired: [2, 1, 2, 2], planned: 3, asked: 8 },
    Squad { team: "Comet Squad", project: "Comet", before: 8, hired: [1, 2, 1, 2], planned: 2, asked: 5 },
    Squad { team: "Drift Squad", project: "Drift", before: 2, hired: [1, 1, 1, 1], planned: 1, asked: 3 },
];

/// What an engineer costs in a month of 2026, in cents.
pub(super) const ENGINEER: i64 = 1_500_000;

/// The months of 2026 in which engineers join: April and October.
const JOINING: [u32; 2] = [3, 9];

/// The flagship's people and what they cost, but for the target.
pub(super) fn facts(facts: &mut Vec<Fact>) {
    let mut random = Random::new(2);
    for edition in EDITIONS {
        for squad in &SQUADS {
            year(facts, edition, squad, &mut random);
        }
    }
}

fn year(facts: &mut Vec<Fact>, edition: Edition, squad: &Squad, random: &mut Random) {
    let mut heads = squad.before + squad.hired[..halves_before(edition)].iter().sum::<i64>();
    for month in edition.months() {
        let hires = hires(edition, squad, month % 12);
        heads += hires;
        let amounts = Amounts {
            headcount: Some(heads),
            hires: (hires > 0).then_some(hires),
            cost: Some(heads * rate(edition, random)),
            ..Amounts::default()
        };
        let fact = Fact::of(squad.team, edition.scenario, month);
        facts.push(Fact { work: squad.project, amounts, ..fact });
    }
}

/// Half-years of 2024 and 2025 that lie before an edition.
fn halves_before(edition: Edition) -> usize {
    edition.first_month() as usize / 6
}

/// How many join in a month (0 is January).
fn hires(edition: Edition, squad: &Squad, month: u32) -> i64 {
    let half = (month / 6) as usize;
    let (joining, hires) = match (edition.scenario, edition.year) {
        ("plan", 2026) => (JOINING[0], squad.asked),
        ("forecast", 2026) => (JOINING[half], squad.hired[2 + half]),
        ("actual", _) => (6 * half as u32 + 3, squad.hired[halves_before(edition) + half]),
        _ => (6 * half as u32, squad.planned),
    };
    if month == joining { hires } else { 0 }
}

/// What an engineer costs in a month, in cents: less in earlier years, and in fact a little more or less.
fn rate(edition: Edition, random: &mut Random) -> i64 {
    let planned = ENGINEER - i64::from(2026 - edition.year) * 50_000;
    match edition.scenario {
        "actual" => planned - 20_000 + random.between(0, 40_000) as i64,
        _ => planned,
    }
}
