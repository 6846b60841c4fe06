//! A planning star of any size, for benchmarks: the same rows on every call, no two of one key.

use std::ops::Range;

use arrow_array::{ArrayRef, RecordBatch};

use crate::columns::{batch, hundredths, months, text, whole};
use crate::random::Random;

/// The statements that make the dimensions and measures. The members come with the facts.
pub const MODEL: &str = "\
create time dimension period months 2024-01..2026-12;
create scenario actual, plan, forecast;
create dimension department levels (division, department, team);
create dimension project levels (portfolio, project);
create dimension channel levels (channel);
create measure headcount decimal(0) last over period unit 'heads';
create measure cost decimal(2) unit 'USD' favours lower;
create measure revenue decimal(2) unit 'USD' favours higher;
";

/// Divisions, departments of each, teams of each: 200 teams.
const DEPARTMENTS: [u32; 3] = [8, 5, 5];
/// Portfolios, and projects of each: 500 projects at least.
const PORTFOLIOS: u32 = 25;
const PROJECTS: u32 = 20;
const CHANNELS: u32 = 8;
const TEAMS: u32 = DEPARTMENTS[0] * DEPARTMENTS[1] * DEPARTMENTS[2];
/// The scenarios, and the months each has.
const SCENARIOS: [(&str, Range<u32>); 3] = [("actual", 0..24), ("plan", 0..36), ("forecast", 12..36)];
/// Facts of one team, project and channel.
const SERIES: usize = 84;
/// A prime that shares no factor with the number of combinations: steps of this length reach all of them.
const STRIDE: u64 = 1_000_003;

/// One row: its codes and its measures.
struct Row {
    team: u32,
    project: u32,
    channel: u32,
    scenario: u32,
    period: u32,
    headcount: Option<i64>,
    cost: i64,
    revenue: Option<i64>,
}

/// Exactly `rows` facts: as many teams' months in each scenario as it takes, for 200 teams and 500 projects or, where
/// that is too few, for as many projects as are needed.
///
/// Text columns `division`, `department`, `team`, `portfolio`, `project`, `channel`, `scenario` and `period`, and
/// `headcount` (`Int64`), `cost` and `revenue` (`Decimal128` of scale 2), the first and the last with gaps.
pub fn facts(rows: usize) -> RecordBatch {
    let projects = projects_for(rows);
    let rows = generate(rows, projects);
    batch(columns(&rows, projects))
}

/// How many projects it takes for `rows` facts.
fn projects_for(rows: usize) -> u32 {
    let series = rows.div_ceil(SERIES) as u32;
    series.div_ceil(TEAMS * CHANNELS).max(PORTFOLIOS * PROJECTS).next_multiple_of(PROJECTS)
}

fn generate(rows: usize, projects: u32) -> Vec<Row> {
    let mut random = Random::new(6);
    let combinations = u64::from(TEAMS * CHANNELS) * u64::from(projects);
    let mut facts = Vec::with_capacity(rows + SERIES);
    for series in 0..rows.div_ceil(SERIES) as u64 {
        let combination = (series * STRIDE % combinations) as u32;
        push_series(&mut facts, combination, &mut random);
    }
    facts.truncate(rows);
    facts
}

/// All months of one combination of team, project and channel.
fn push_series(facts: &mut Vec<Row>, combination: u32, random: &mut Random) {
    let heads = random.chance(70).then(|| random.between(1, 40) as i64);
    let sells = random.chance(60);
    let cost = random.between(10_000, 5_000_000);
    for (scenario, (_, months)) in SCENARIOS.iter().enumerate() {
        for period in months.clone() {
            let spent = cost * random.between(80, 120) / 100;
            facts.push(Row {
                team: combination % TEAMS,
                project: combination / TEAMS / CHANNELS,
                channel: combination / TEAMS % CHANNELS,
                scenario: scenario as u32,
                period,
                headcount: heads.map(|heads| heads + i64::from(period / 12)),
                cost: spent as i64,
                revenue: sells.then(|| (spent * random.between(90, 150) / 100) as i64),
            });
        }
    }
}

fn columns(rows: &[Row], projects: u32) -> Vec<(&'static str, ArrayRef)> {
    let coded = |names: &[String], code: fn(&Row) -> u32| text(names, rows.iter().map(|row| Some(code(row))));
    let [divisions, departments, teams] = DEPARTMENTS;
    vec![
        ("division", coded(&numbered("D", divisions), |row| row.team / (DEPARTMENTS[1] * DEPARTMENTS[2]))),
        ("department", coded(&numbered("DP", divisions * departments), |row| row.team / DEPARTMENTS[2])),
        ("team", coded(&numbered("T", divisions * departments * teams), |row| row.team)),
        ("portfolio", coded(&numbered("PF", projects / PROJECTS), |row| row.project / PROJECTS)),
        ("project", coded(&numbered("P", projects), |row| row.project)),
        ("channel", coded(&numbered("C", CHANNELS), |row| row.channel)),
        ("scenario", coded(&SCENARIOS.map(|(name, _)| name.to_owned()), |row| row.scenario)),
        ("period", coded(&months(2024, 36), |row| row.period)),
        ("headcount", whole(rows.iter().map(|row| row.headcount))),
        ("cost", hundredths(rows.iter().map(|row| Some(row.cost)))),
        ("revenue", hundredths(rows.iter().map(|row| row.revenue))),
    ]
}

/// `count` names of a letter and a number.
fn numbered(letter: &str, count: u32) -> Vec<String> {
    (1..=count).map(|number| format!("{letter}{number}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_rows_have_one_key() {
        for rows in [1, 84, 1_000, 300_000] {
            let facts = generate(rows, projects_for(rows));
            let key = |row: &Row| (row.team, row.project, row.channel, row.scenario, row.period);
            let keys: HashSet<_> = facts.iter().map(key).collect();
            assert_eq!(keys.len(), rows);
        }
    }

    #[test]
    fn there_are_projects_enough_for_any_size() {
        assert_eq!(projects_for(1_000_000), 500);
        let many = 200_000_000;
        assert!(u64::from(TEAMS * CHANNELS) * u64::from(projects_for(many)) * SERIES as u64 >= many as u64);
    }
}
