//! Marketing's programmes: 4.0 million over four campaigns and four channels, and the leads they bring.
//!
//! Marketing plans 25,000 leads for 2026, a quarter more than the 20,000 of 2025.

use super::fact::{Amounts, Fact};
use super::market::MARKETS;
use super::years::{EDITIONS, Edition};
use crate::apportion::apportion;
use crate::random::Random;

/// Cents in a thousand.
const THOUSAND: i64 = 100_000;

/// A campaign: its months (0 is January) and its budget for 2026 by channel, in thousands.
struct Campaign {
    name: &'static str,
    months: std::ops::Range<u32>,
    budget: [i64; 4],
}

const CAMPAIGNS: [Campaign; 4] = [
    Campaign { name: "Spring", months: 2..5, budget: [300, 200, 500, 100] },
    Campaign { name: "Summer", months: 5..8, budget: [300, 200, 300, 100] },
    Campaign { name: "Launch", months: 8..11, budget: [400, 300, 600, 100] },
    Campaign { name: "Always", months: 0..12, budget: [200, 100, 100, 200] },
];

/// A channel, the team that runs it, and its share of the leads.
const CHANNELS: [(&str, &str, u64); 4] = [
    ("Search", "Search Desk", 10),
    ("Social", "Social Desk", 5),
    ("Events", "Events Desk", 5),
    ("Partner", "Partner Desk", 5),
];

/// Shares of the regions.
const REGIONS: [u64; 4] = [40, 30, 20, 10];

/// The programmes, but for the target.
pub(super) fn facts(facts: &mut Vec<Fact>) {
    let mut random = Random::new(4);
    for edition in EDITIONS {
        let (per_mille, leads) = volume(edition);
        let leads = apportion(leads, &CHANNELS.map(|(_, _, share)| share));
        for (channel, leads) in leads.into_iter().enumerate() {
            let budgets = CAMPAIGNS.map(|campaign| campaign.budget[channel]);
            let leads = apportion(leads, &budgets.map(i64::unsigned_abs));
            for (campaign, leads) in CAMPAIGNS.iter().zip(leads) {
                let cost = campaign.budget[channel] * THOUSAND * per_mille / 1000;
                cell(facts, edition, campaign, channel, [cost, leads], &mut random);
            }
        }
    }
}

/// What is spent, in thousandths of the budget for 2026, and the leads.
fn volume(edition: Edition) -> (i64, i64) {
    match (edition.scenario, edition.year) {
        ("actual", 2024) => (760, 16_000),
        ("plan", 2024) => (750, 16_200),
        (_, 2024) => (755, 16_100),
        ("actual", 2025) => (900, 20_000),
        ("plan", 2025) => (900, 19_800),
        (_, 2025) => (895, 19_900),
        ("plan", _) => (1000, 25_000),
        _ => (1000, 22_222),
    }
}

/// The cost and the leads of one campaign in one channel, over regions and months.
fn cell(
    facts: &mut Vec<Fact>,
    edition: Edition,
    campaign: &Campaign,
    channel: usize,
    [cost, leads]: [i64; 2],
    random: &mut Random,
) {
    let places: Vec<(usize, u32)> =
        (0..MARKETS.len()).flat_map(|region| campaign.months.clone().map(move |month| (region, month))).collect();
    let weight = |random: &mut Random, region: usize| REGIONS[region] * random.between(80, 120);
    let weights: Vec<u64> = places.iter().map(|&(region, _)| weight(random, region)).collect();
    let costs = apportion(cost, &weights);
    let weights: Vec<u64> = places.iter().map(|&(region, _)| weight(random, region)).collect();
    let leads = apportion(leads, &weights);
    let (channel, team, _) = CHANNELS[channel];
    for (((region, month), cost), leads) in places.into_iter().zip(costs).zip(leads) {
        let amounts = Amounts { cost: Some(cost), leads: Some(leads), ..Amounts::default() };
        let fact = Fact::of(team, edition.scenario, edition.first_month() + month);
        facts.push(Fact { channel, campaign: campaign.name, region: MARKETS[region], amounts, ..fact });
    }
}
