//! Revenue. Sales plans 50 million for 2026; for two years it has forecast less than it then sold.
//!
//! In 2024 and 2025 every region's actual revenue is, in each quarter, exactly a tenth above the forecast. From
//! 2026 on the forecast is Finance's and adds that tenth.

use super::fact::{Amounts, Fact};
use super::market::{COMMITTED, MARKETS, PIPELINE, sold};
use super::organisation::teams;
use super::years::{EDITIONS, Edition};
use crate::apportion::apportion;
use crate::random::Random;

/// Cents in a million.
const MILLION: i64 = 100_000_000;
/// Shares of the quarters in a year.
const QUARTERS: [u64; 4] = [8, 9, 9, 14];
/// Shares of the months in a quarter.
const MONTHS_OF_QUARTER: [u64; 3] = [30, 33, 37];
/// Of a hundred thinkable combinations of team, channel and project, so many sell.
const DENSITY: u64 = 32;
/// Of a hundred months, so many pass without a sale.
const IDLE: u64 = 7;

/// One combination of team, channel and project, and how much it sells beside the others.
struct Series {
    team: &'static str,
    channel: &'static str,
    project: &'static str,
    weight: u64,
}

/// All revenue but the target.
pub(super) fn facts(facts: &mut Vec<Fact>) {
    let mut random = Random::new(1);
    for (market, region) in MARKETS.into_iter().enumerate() {
        for (committed, channels) in [(true, COMMITTED), (false, PIPELINE)] {
            let series = series(region, channels, &mut random);
            for edition in EDITIONS {
                let [all, under_contract] = revenue(edition)[market];
                let total = if committed { under_contract } else { all - under_contract };
                year(facts, region, edition, total, &series, &mut random);
            }
        }
    }
}

/// Revenue in ten thousands for each region: all of it, and what is under contract before the year begins.
fn revenue(edition: Edition) -> [[i64; 2]; 4] {
    match (edition.scenario, edition.year) {
        ("actual", 2024) => [[1694, 484], [990, 275], [550, 110], [286, 0]],
        (_, 2024) => [[1540, 440], [900, 250], [500, 100], [260, 0]],
        ("actual", 2025) => [[2090, 605], [1210, 352], [715, 143], [385, 0]],
        (_, 2025) => [[1900, 550], [1100, 320], [650, 130], [350, 0]],
        ("forecast", _) => [[2640, 770], [1540, 440], [880, 176], [440, 0]],
        _ => [[2400, 700], [1400, 400], [800, 160], [400, 0]],
    }
}

/// What the teams of a region sell through some channels.
fn series(region: &str, channels: &'static [&'static str], random: &mut Random) -> Vec<Series> {
    let department = format!("Sales {region}");
    let mut series = Vec::new();
    for team in teams().filter(|team| team.department == department) {
        for &channel in channels {
            for project in sold() {
                let weight = random.between(1, 40) * random.between(1, 40);
                if random.chance(DENSITY) {
                    series.push(Series { team: team.name, channel, project, weight });
                }
            }
        }
    }
    series
}

/// One scenario's year in one region: `total` ten thousands over the quarters, and in each over series and months.
fn year(
    facts: &mut Vec<Fact>,
    region: &'static str,
    edition: Edition,
    total: i64,
    series: &[Series],
    random: &mut Random,
) {
    let quarters = apportion(total * MILLION / 100, &QUARTERS);
    for (first, total) in edition.months().step_by(3).zip(quarters) {
        let weights: Vec<u64> = series
            .iter()
            .flat_map(|series| MONTHS_OF_QUARTER.map(|month| series.weight * month))
            .map(|weight| if random.chance(IDLE) { 0 } else { weight * random.between(80, 120) })
            .collect();
        for (at, cents) in apportion(total, &weights).into_iter().enumerate() {
            if cents != 0 {
                let Series { team, channel, project, .. } = series[at / 3];
                let month = first + (at % 3) as u32;
                let amounts = Amounts { revenue: Some(cents), ..Amounts::default() };
                let fact = Fact::of(team, edition.scenario, month);
                facts.push(Fact { work: project, channel, region, amounts, ..fact });
            }
        }
    }
}
