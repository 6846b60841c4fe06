//! The stories of the demo come out to the cent, straight from the batch.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use arrow_array::cast::AsArray;
use arrow_array::types::{Decimal128Type, Int64Type, UInt32Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use datasets::demo;

/// A million in cents.
const M: i64 = 100_000_000;
const LEVELS: [&str; 12] = [
    "division",
    "department",
    "team",
    "portfolio",
    "project",
    "kind",
    "channel",
    "campaign",
    "company",
    "region",
    "scenario",
    "period",
];

const REGIONS: [&str; 4] = ["NA", "EMEA", "APAC", "LATAM"];

/// The facts, made once.
static FACTS: LazyLock<RecordBatch> = LazyLock::new(demo::facts);

fn text<'a>(batch: &'a RecordBatch, column: &str, row: usize) -> Option<&'a str> {
    let column = batch.column_by_name(column).unwrap().as_dictionary::<UInt32Type>();
    let key = column.is_valid(row).then(|| column.keys().value(row) as usize)?;
    Some(column.values().as_string::<i32>().value(key))
}

fn amount(batch: &RecordBatch, measure: &str, row: usize) -> i64 {
    let column = batch.column_by_name(measure).unwrap();
    match column.data_type() {
        _ if column.is_null(row) => 0,
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row),
        _ => column.as_primitive::<Decimal128Type>().value(row) as i64,
    }
}

/// Whether each row stands at a member that begins so.
fn rows_at(level: &str, member: &str) -> Vec<bool> {
    let column = FACTS.column_by_name(level).unwrap().as_dictionary::<UInt32Type>();
    let names = column.values().as_string::<i32>();
    let whole = level != "period";
    let fits = |name: &str| {
        if whole { name == member } else { name.starts_with(member) }
    };
    let fits: Vec<bool> = names.iter().flatten().map(fits).collect();
    column.keys().iter().map(|key| key.is_some_and(|key| fits[key as usize])).collect()
}

/// Sums of a measure by a level, in a slice (`scenario period`) and where the other conditions hold.
fn by(measure: &str, level: &str, slice: &str, conditions: &[(&str, &str)]) -> BTreeMap<String, i64> {
    let (scenario, period) = slice.split_once(' ').unwrap();
    let slice = [("scenario", scenario), ("period", period)];
    let conditions: Vec<_> = slice.iter().chain(conditions).map(|(level, member)| rows_at(level, member)).collect();
    let mut sums = BTreeMap::new();
    for row in 0..FACTS.num_rows() {
        if conditions.iter().all(|fits| fits[row]) {
            let name = text(&FACTS, level, row).unwrap_or("-").to_owned();
            *sums.entry(name).or_default() += amount(&FACTS, measure, row);
        }
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

fn total(measure: &str, slice: &str, conditions: &[(&str, &str)]) -> i64 {
    by(measure, "scenario", slice, conditions).into_values().sum()
}

fn table<const N: usize>(rows: [(&str, i64); N]) -> BTreeMap<String, i64> {
    rows.map(|(name, amount)| (name.to_owned(), amount)).into()
}

/// Amounts of the four regions in ten thousands.
fn regions(amounts: [i64; 4]) -> BTreeMap<String, i64> {
    let [na, emea, apac, latam] = amounts.map(|amount| amount * M / 100);
    let mut table = table([("NA", na), ("EMEA", emea), ("APAC", apac), ("LATAM", latam)]);
    table.retain(|_, amount| *amount != 0);
    table
}

/// Amounts of the quarters of a slice.
fn quarters(measure: &str, scenario: &str, year: u32, conditions: &[(&str, &str)]) -> [i64; 4] {
    let month = |month: usize| total(measure, &format!("{scenario} {year}-{month:02}"), conditions);
    [1, 4, 7, 10].map(|first| (first..first + 3).map(month).sum())
}

#[test]
fn the_whole_plan_costs_more_than_it_brings() {
    let cost = table([
        ("Administration", 331_038_000),
        ("Engineering", 2_019_480_000),
        ("Marketing", 559_381_600),
        ("Operations", 858_894_800),
        ("Sales", 877_934_400),
        ("Support", 384_356_000),
    ]);
    assert_eq!(by("cost", "division", "plan 2026", &[]), cost);
    assert_eq!(total("revenue", "plan 2026", &[]) - cost.values().sum::<i64>(), -31_084_800);
}

#[test]
fn every_key_is_there_once() {
    let batch = &*FACTS;
    assert!((140_000..160_000).contains(&batch.num_rows()), "{}", batch.num_rows());
    let key = |row| LEVELS.map(|level| text(batch, level, row));
    let keys: HashSet<_> = (0..batch.num_rows()).map(key).collect();
    assert_eq!(keys.len(), batch.num_rows());
}

#[test]
fn every_fact_has_its_place() {
    let batch = &*FACTS;
    let target = |row| text(batch, "scenario", row) == Some("target");
    for level in LEVELS {
        let free = ["department", "team", "project", "region"].contains(&level);
        for row in 0..batch.num_rows() {
            let empty = text(batch, level, row).is_none();
            assert_eq!(empty, free && target(row), "{level} {row}");
        }
    }
}

#[test]
fn the_same_facts_on_every_machine() {
    let batch = &*FACTS;
    let mut sum = Checksum(0xCBF2_9CE4_8422_2325);
    for row in 0..batch.num_rows() {
        LEVELS.iter().for_each(|level| sum.add(text(batch, level, row).unwrap_or("-").as_bytes()));
        for measure in ["headcount", "hires", "cost", "revenue", "leads"] {
            sum.add(&amount(batch, measure, row).to_le_bytes());
        }
    }
    assert_eq!(sum.0, 11_947_204_134_230_138_838);
}

/// FNV-1a.
struct Checksum(u64);

impl Checksum {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
        }
    }
}

#[test]
fn sales_plans_50_million_where_the_target_is_65() {
    assert_eq!(by("revenue", "region", "plan 2026", &[]), regions([2400, 1400, 800, 400]));
    assert_eq!(by("revenue", "region", "plan 2026", &[("kind", "Committed")]), regions([700, 400, 160, 0]));
    assert_eq!(by("revenue", "region", "plan 2026", &[("kind", "Pipeline")]), regions([1700, 1000, 640, 400]));
    assert_eq!(by("revenue", "region", "target 2026", &[]), table([("-", 65 * M)]));
    assert_eq!(by("revenue", "company", "target 2026", &[]), table([("Worldwide", 65 * M)]));
    assert_eq!(by("revenue", "division", "target 2026", &[]), table([("Sales", 65 * M)]));
    assert_eq!(quarters("revenue", "plan", 2026, &[]), [1000, 1125, 1125, 1750].map(|part| part * M / 100));
    assert_eq!(quarters("revenue", "target", 2026, &[]), [1300, 1560, 1560, 2080].map(|part| part * M / 100));
}

#[test]
fn sales_forecasts_a_tenth_less_than_it_sells() {
    assert_eq!(by("revenue", "region", "forecast 2024", &[]), regions([1540, 900, 500, 260]));
    assert_eq!(by("revenue", "region", "actual 2024", &[]), regions([1694, 990, 550, 286]));
    assert_eq!(by("revenue", "region", "forecast 2025", &[]), regions([1900, 1100, 650, 350]));
    assert_eq!(by("revenue", "region", "actual 2025", &[]), regions([2090, 1210, 715, 385]));
    assert_eq!(by("revenue", "region", "forecast 2026", &[]), regions([2640, 1540, 880, 440]));
    let cells = [2024, 2025].into_iter().flat_map(|year| REGIONS.map(|region| (year, region)));
    for (year, region) in cells {
        let actual = quarters("revenue", "actual", year, &[("region", region)]);
        let forecast = quarters("revenue", "forecast", year, &[("region", region)]);
        let (actual, forecast) = (actual.map(|cents| cents * 10), forecast.map(|cents| cents * 11));
        assert_eq!(actual, forecast, "{year} {region}");
    }
    assert_eq!(quarters("revenue", "actual", 2025, &[]), [880, 990, 990, 1540].map(|part| part * M / 100));
}

#[test]
fn engineering_asks_for_30_where_the_target_has_20() {
    let engineering = [("division", "Engineering")];
    let ask = table([("Atlas", 14), ("Beacon", 8), ("Comet", 5), ("Drift", 3)]);
    assert_eq!(by("hires", "project", "plan 2026", &engineering), ask);
    assert_eq!(by("hires", "project", "plan 2026-04", &engineering), ask);
    assert_eq!(by("hires", "project", "target 2026", &engineering), table([("-", 20)]));
    assert_eq!(by("hires", "portfolio", "target 2026", &engineering), table([("Flagship", 20)]));
    let flagship = [("portfolio", "Flagship")];
    let before = table([("Atlas", 12), ("Beacon", 16), ("Comet", 14), ("Drift", 6)]);
    assert_eq!(by("headcount", "project", "actual 2025-12", &flagship), before);
    assert_eq!(by("headcount", "project", "plan 2026-03", &flagship), before);
    assert_eq!(total("headcount", "plan 2026-12", &flagship), 78);
    assert_eq!(total("headcount", "target 2026-03", &flagship), 48);
    assert_eq!(total("headcount", "target 2026-12", &flagship), 68);
    let cost = [("division", "Engineering"), ("portfolio", "Flagship")];
    assert_eq!(total("cost", "plan 2026", &cost), 1_269 * M / 100);
    assert_eq!(total("cost", "target 2026", &cost), 1_134 * M / 100);
}

#[test]
fn the_target_is_the_plan_but_for_three_things() {
    for division in ["Sales", "Marketing", "Operations", "Support", "Administration"] {
        let of = [("division", division)];
        for (measure, period) in [("cost", "2026"), ("hires", "2026"), ("headcount", "2026-12")] {
            let plan = total(measure, &format!("plan {period}"), &of);
            assert_eq!(total(measure, &format!("target {period}"), &of), plan, "{division} {measure}");
        }
    }
    let engineering = [("division", "Engineering")];
    let gap = |measure, period: &str| {
        total(measure, &format!("plan {period}"), &engineering)
            - total(measure, &format!("target {period}"), &engineering)
    };
    assert_eq!(gap("headcount", "2026-12"), 10);
    assert_eq!(gap("hires", "2026"), 10);
    assert_eq!(gap("cost", "2026"), 135 * M / 100);
}

#[test]
fn the_product_department_hires_less_than_it_plans() {
    let product = [("department", "Product")];
    for year in [2024, 2025] {
        let [q1, q2, q3, q4] = quarters("hires", "plan", year, &product);
        assert_eq!([q1 + q2, q3 + q4], [8, 8]);
        let [q1, q2, q3, q4] = quarters("hires", "actual", year, &product);
        assert_eq!([q1 + q2, q3 + q4], [5, 6]);
        assert_eq!(total("hires", &format!("forecast {year}"), &product), 16);
    }
    assert_eq!(total("headcount", "plan 2024-12", &product), 42);
    assert_eq!(total("headcount", "actual 2024-12", &product), 37);
    assert_eq!(total("headcount", "plan 2025-12", &product), 53);
    assert_eq!(total("headcount", "actual 2025-12", &product), 48);
    assert_eq!(total("hires", "forecast 2026", &product), 11);
}

#[test]
fn all_other_departments_hire_what_they_plan() {
    for year in [2024, 2025] {
        let mut plan = by("hires", "department", &format!("plan {year}"), &[]);
        let mut actual = by("hires", "department", &format!("actual {year}"), &[]);
        assert_eq!((plan.remove("Product"), actual.remove("Product")), (Some(16), Some(11)));
        assert_eq!(plan, actual);
    }
}

#[test]
fn marketing_spends_4_million_by_campaign_and_channel() {
    let programmes = [("department", "Programmes")];
    let k = |thousands: i64| thousands * 100_000;
    let by_campaign = table([("Spring", k(1100)), ("Summer", k(900)), ("Launch", k(1400)), ("Always", k(600))]);
    let by_channel = table([("Search", k(1200)), ("Social", k(800)), ("Events", k(1500)), ("Partner", k(500))]);
    assert_eq!(by("cost", "campaign", "plan 2026", &programmes), by_campaign);
    assert_eq!(by("cost", "channel", "plan 2026", &programmes), by_channel);
    for (campaign, [search, social, events, partner]) in [
        ("Spring", [300, 200, 500, 100]),
        ("Summer", [300, 200, 300, 100]),
        ("Launch", [400, 300, 600, 100]),
        ("Always", [200, 100, 100, 200]),
    ] {
        let cells =
            table([("Search", k(search)), ("Social", k(social)), ("Events", k(events)), ("Partner", k(partner))]);
        assert_eq!(by("cost", "channel", "plan 2026", &[("campaign", campaign)]), cells);
    }
}

#[test]
fn marketing_plans_25_000_leads_where_sales_needs_28_000() {
    let leads = table([("Search", 10_000), ("Social", 5_000), ("Events", 5_000), ("Partner", 5_000)]);
    assert_eq!(by("leads", "channel", "plan 2026", &[]), leads);
    let leads = table([("Search", 8_000), ("Social", 4_000), ("Events", 4_000), ("Partner", 4_000)]);
    assert_eq!(by("leads", "channel", "actual 2025", &[]), leads);
    assert_eq!(by("leads", "division", "target 2026", &[]), table([("Marketing", 28_000)]));
    assert_eq!(total("cost", "actual 2025", &[("department", "Programmes")]), 360 * M / 100);
    let years =
        ["actual 2024", "forecast 2024", "actual 2025", "forecast 2025"].map(|slice| total("leads", slice, &[]));
    assert_eq!(years, [16_000, 16_100, 20_000, 19_900]);
}

#[test]
#[ignore = "prints the company's totals"]
fn overview() {
    println!("{} rows", FACTS.num_rows());
    for slice in ["actual 2024", "actual 2025", "plan 2026", "forecast 2026", "target 2026"] {
        println!("{slice} cost {:?}", by("cost", "division", slice, &[]));
        println!("{slice} revenue {}", total("revenue", slice, &[]));
        let december = format!("{slice}-12");
        println!("{slice} headcount {:?}", by("headcount", "division", &december, &[]));
        println!("{slice} hires {:?}", by("hires", "division", slice, &[]));
    }
    for slice in ["actual 2025", "plan 2026"] {
        println!("{slice} revenue {:?}", by("revenue", "portfolio", slice, &[]));
        println!("{slice} revenue {:?}", by("revenue", "team", slice, &[]));
    }
}
