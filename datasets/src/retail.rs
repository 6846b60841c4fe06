//! A retail cube of any size and density, for benchmarks: deep uneven hierarchies, few facts of many possible, and
//! scenarios that cover different months. The same rows on every call, no two of one key.
//!
//! Its shape is the classic one of benchmarks of analytical servers: products in six levels, stores of retailers, channels,
//! months and scenarios; the number of channels says how many members the other dimensions have.

use std::ops::Range;

use arrow_array::{ArrayRef, RecordBatch};

use crate::columns::{batch, hundredths, months, text, whole};
use crate::random::Random;

/// The statements that make the dimensions and measures. The members come with the facts.
pub const MODEL: &str = "\
create time dimension month months 2025-01..2026-12;
create scenario actual, budget, forecast;
create dimension product levels (division, line, family, group, class, product);
create dimension customer levels (retailer, store);
create dimension channel levels (channel);
create measure units decimal(0) unit 'pieces';
create measure sales decimal(2) unit 'USD' favours higher;
create measure cost decimal(2) unit 'USD' favours lower;
create measure inventory decimal(0) last over month unit 'pieces';
";

/// Products and stores for each channel.
const PRODUCTS: u32 = 900;
const STORES: u32 = 90;
/// Stores that a retailer has.
const PER_RETAILER: u32 = 10;
/// The levels above the product from the top, and how many products a member of each has at least.
const ABOVE: [(&str, u32); 5] = [("division", 3000), ("line", 600), ("family", 120), ("group", 36), ("class", 15)];
/// The scenarios, and the months each has.
const SCENARIOS: [(&str, Range<u32>); 3] = [("actual", 0..17), ("budget", 12..24), ("forecast", 17..24)];
/// A prime that shares no factor with the number of combinations: steps of this length reach all of them.
const STRIDE: u64 = 1_000_000_007;

/// How large a cube is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Channels, 1 or more; for each there are 900 products and 90 stores.
    pub channels: u32,
    /// How many of a million combinations of product, store and channel have facts, 1,000,000 at most.
    pub density: u32,
}

impl Size {
    fn products(self) -> u32 {
        PRODUCTS * self.channels.max(1)
    }

    fn stores(self) -> u32 {
        STORES * self.channels.max(1)
    }

    /// How many members a level above the products has.
    fn members(self, level: usize) -> u32 {
        ABOVE.get(level).map_or(self.products(), |(_, least)| (self.products() / least).max(2))
    }

    /// The member of a level that a product hangs under, step by step from below.
    fn above(self, product: u32, level: usize) -> u32 {
        (level..ABOVE.len()).rev().fold(product, |member, level| {
            let place = u64::from(member) * u64::from(self.members(level)) / u64::from(self.members(level + 1));
            place as u32
        })
    }

    /// All combinations of product, store and channel.
    fn combinations(self) -> u64 {
        u64::from(self.products()) * u64::from(self.stores()) * u64::from(self.channels.max(1))
    }

    /// How many of them have facts.
    fn series(self) -> u64 {
        (u128::from(self.combinations()) * u128::from(self.density.min(1_000_000)) / 1_000_000) as u64
    }

    /// How many facts the cube has: 36 of each combination that has any.
    pub fn facts(self) -> u64 {
        self.series() * SCENARIOS.iter().map(|(_, months)| months.len() as u64).sum::<u64>()
    }
}

/// One row: its codes and its measures, money in hundredths.
struct Row {
    product: u32,
    store: u32,
    channel: u32,
    scenario: u32,
    month: u32,
    units: i64,
    sales: i64,
    cost: i64,
    inventory: Option<i64>,
}

/// The facts of a cube.
///
/// Text columns `division`, `line`, `family`, `group`, `class`, `product`, `retailer`, `store`, `channel`, `scenario` and
/// `month`, and `units`, `inventory` (`Int64`, the latter with gaps), `sales` and `cost` (`Decimal128` of scale 2).
pub fn facts(size: Size) -> RecordBatch {
    batch(columns(&generate(size), size))
}

fn generate(size: Size) -> Vec<Row> {
    let mut random = Random::new(11);
    let mut rows = Vec::with_capacity(size.facts() as usize);
    for series in 0..size.series() {
        let combination = (u128::from(series) * u128::from(STRIDE) % u128::from(size.combinations())) as u64;
        push_series(&mut rows, size, combination, &mut random);
    }
    rows
}

/// All months of one combination of product, store and channel.
fn push_series(rows: &mut Vec<Row>, size: Size, combination: u64, random: &mut Random) {
    let (products, stores) = (u64::from(size.products()), u64::from(size.stores()));
    let usual = random.between(5, 400);
    let price = random.between(99, 20_000);
    let margin = random.between(10, 45);
    let keeps = random.chance(60);
    for (scenario, (_, months)) in SCENARIOS.iter().enumerate() {
        for month in months.clone() {
            let units = (usual * season(month) * random.between(70, 130) / 10_000).max(1);
            rows.push(Row {
                product: (combination % products) as u32,
                store: (combination / products % stores) as u32,
                channel: (combination / products / stores) as u32,
                scenario: scenario as u32,
                month,
                units: units as i64,
                sales: (units * price) as i64,
                cost: (units * price * (100 - margin) / 100) as i64,
                inventory: keeps.then(|| (units * random.between(50, 300) / 100) as i64),
            });
        }
    }
}

/// The share of a usual month that a month sells, in percent: most in November and December.
fn season(month: u32) -> u64 {
    match month % 12 {
        10 => 140,
        11 => 180,
        0 | 1 => 70,
        _ => 100,
    }
}

fn columns(rows: &[Row], size: Size) -> Vec<(&'static str, ArrayRef)> {
    let mut columns = Vec::new();
    for (place, (level, _)) in ABOVE.iter().enumerate() {
        columns.push((*level, coded(rows, level, size.members(place), |row| size.above(row.product, place))));
    }
    columns.extend([
        ("product", coded(rows, "product", size.products(), |row| row.product)),
        ("retailer", coded(rows, "retailer", size.stores() / PER_RETAILER, |row| row.store / PER_RETAILER)),
        ("store", coded(rows, "store", size.stores(), |row| row.store)),
        ("channel", coded(rows, "channel", size.channels.max(1), |row| row.channel)),
        ("scenario", text(&SCENARIOS.map(|(name, _)| name), rows.iter().map(|row| Some(row.scenario)))),
        ("month", text(&months(2025, 24), rows.iter().map(|row| Some(row.month)))),
        ("units", whole(rows.iter().map(|row| Some(row.units)))),
        ("sales", hundredths(rows.iter().map(|row| Some(row.sales)))),
        ("cost", hundredths(rows.iter().map(|row| Some(row.cost)))),
        ("inventory", whole(rows.iter().map(|row| row.inventory))),
    ]);
    columns
}

/// A column of members named after their level: `class 12`.
fn coded(rows: &[Row], level: &str, members: u32, code: impl Fn(&Row) -> u32) -> ArrayRef {
    let names: Vec<String> = (1..=members).map(|number| format!("{level} {number}")).collect();
    text(&names, rows.iter().map(|row| Some(code(row))))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_rows_have_one_key() {
        for size in [Size { channels: 1, density: 10_000 }, Size { channels: 3, density: 1_000 }] {
            let rows = generate(size);
            let key = |row: &Row| (row.product, row.store, row.channel, row.scenario, row.month);
            let keys: HashSet<_> = rows.iter().map(key).collect();
            assert_eq!((keys.len(), rows.len() as u64), (rows.len(), size.facts()));
        }
    }

    #[test]
    fn facts_are_as_dense_as_asked_for() {
        let size = Size { channels: 2, density: 1_000 };
        assert_eq!(size.facts(), 1800 * 180 * 2 / 1_000 * 36);
        assert_eq!(Size { channels: 1, density: 2_000_000 }.series(), 900 * 90);
    }

    #[test]
    fn every_member_has_one_parent() {
        for channels in [1, 2, 10] {
            let size = Size { channels, density: 0 };
            for level in 1..ABOVE.len() {
                let mut parents = vec![None; size.members(level) as usize];
                for product in 0..size.products() {
                    let parent = size.above(product, level - 1);
                    assert_eq!(*parents[size.above(product, level) as usize].get_or_insert(parent), parent);
                }
                assert!(parents.iter().all(Option::is_some));
            }
        }
    }
}
