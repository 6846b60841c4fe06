//! A random cube: what stands in its dimensions and its facts, and the statements that build it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use query::session::Session;
use tests::{MemoryTables, run, session};

/// Dimensions of the widest cube, as columns of the facts; the first and the last are always there.
pub const DIMENSIONS: [&str; 5] = ["org", "account", "product", "channel", "period"];

/// Places in [`DIMENSIONS`].
pub const ACCOUNT: usize = 1;
pub const PERIOD: usize = 4;

/// Measures and the digits that they keep: a flow, stocks of each kind, other ways to roll up.
pub const MEASURES: [(&str, u32); 8] =
    [("flow", 2), ("lasting", 1), ("closed", 0), ("opened", 0), ("mean", 2), ("least", 0), ("most", 0), ("each", 1)];
const ROLLUPS: [&str; 8] = [
    "sum",
    "last over period",
    "closing over period",
    "first over period",
    "average over period",
    "min",
    "max",
    "average",
];

/// How many measures may also stand at a consolidation's own leaf and at quarters: the flows.
const ONLY_FLOW: usize = 1;

/// Weights are kept in these parts of one: halves, over paths of up to six members.
pub const WHOLE: i64 = 64;

/// An account: its parent, an earlier one, and its weight in halves.
pub type Account = (Option<usize>, i64);

/// A fact: a leaf's name in each dimension, whether it is of the plan, and a value for each measure.
#[derive(Debug, Clone)]
pub struct Fact {
    pub leaf: Vec<String>,
    pub plan: bool,
    pub values: Vec<Option<i64>>,
}

#[derive(Debug, Clone)]
pub struct World {
    /// Which of [`DIMENSIONS`] there are.
    pub present: [bool; 5],
    pub accounts: Vec<Account>,
    pub grades: Vec<i64>,
    pub facts: Vec<Fact>,
}

/// Places in each dimension, from which a leaf's name is made.
type Place = (usize, Option<usize>, usize, usize, usize, usize, bool);

pub fn world() -> impl Strategy<Value = World> {
    let present = (prop::bool::weighted(0.6), any::<bool>(), any::<bool>());
    let accounts = prop::collection::vec(
        (prop::option::weighted(0.7, 0usize..6), prop::sample::select(vec![2i64, 2, 2, 2, -2, -2, 0, 1])),
        1..7,
    );
    let grades = prop::collection::vec(1i64..4, 4);
    let place = (
        0usize..4,
        prop::option::weighted(0.85, 0usize..3),
        0usize..6,
        0usize..4,
        0usize..3,
        0usize..26,
        prop::bool::weighted(0.6),
    );
    let values = prop::collection::vec(prop::option::weighted(0.6, -500i64..2_000), MEASURES.len());
    let facts = prop::collection::vec((place, values), 1..50);
    (present, accounts, grades, facts).prop_map(|((account, product, channel), accounts, grades, facts)| {
        let accounts = accounts
            .iter()
            .enumerate()
            .map(|(place, (parent, weight))| (parent.map(|p| p % (place + 1)).filter(|p| *p < place), *weight))
            .collect();
        World::of([true, account, product, channel, true], accounts, grades, &facts)
    })
}

impl World {
    fn of(present: [bool; 5], accounts: Vec<Account>, grades: Vec<i64>, facts: &[(Place, Vec<Option<i64>>)]) -> Self {
        let mut world = World { present, accounts, grades, facts: Vec::new() };
        let mut known: BTreeMap<(Vec<String>, bool), Vec<Option<i64>>> = BTreeMap::new();
        for (place, values) in facts {
            let mut values = values.clone();
            let month = place.5;
            if month >= 24 {
                values.iter_mut().skip(ONLY_FLOW).for_each(|value| *value = None);
            }
            if values.iter().any(Option::is_some) {
                known.insert((world.leaf(place), place.6), values);
            }
        }
        world.facts = known.into_iter().map(|((leaf, plan), values)| Fact { leaf, plan, values }).collect();
        world
    }

    /// The names that a fact is loaded with: of an org without teams the division. Teams of the last
    /// have no division.
    fn leaf(&self, place: &Place) -> Vec<String> {
        let (division, team, account, product, channel, month, _) = place;
        let team = team.filter(|_| *division != 2).map(|team| format!("T{division}{team}"));
        let month = match month {
            24 => "2026-Q2".to_owned(),
            25 => "2025-H1".to_owned(),
            month => format!("{}-{:02}", 2025 + month / 12, month % 12 + 1),
        };
        let names = [
            team.unwrap_or_else(|| format!("D{division}")),
            format!("A{}", account % self.accounts.len()),
            format!("P{product}"),
            format!("C{channel}"),
            month,
        ];
        names.into_iter().zip(self.present).map(|(name, present)| if present { name } else { "-".into() }).collect()
    }

    /// Each member with its parent and its weight in it, in halves, by dimension; those that facts create are there where facts are.
    pub fn members(&self, dimension: usize) -> Vec<(String, Option<String>, i64)> {
        let used: BTreeSet<&String> = self.facts.iter().map(|fact| &fact.leaf[dimension]).collect();
        let root = |name: &String| (name.clone(), None, 2);
        match dimension {
            0 => {
                let divisions: BTreeSet<String> = used.iter().filter_map(|name| division(name)).collect();
                let teams = used.iter().filter(|name| name.starts_with('T'));
                let teams = teams.map(|name| ((*name).clone(), division(name), 2));
                divisions.iter().map(root).chain(teams).collect()
            }
            1 if self.present[1] => {
                let member = |(place, (parent, weight)): (usize, &Account)| {
                    (format!("A{place}"), parent.map(|parent| format!("A{parent}")), *weight)
                };
                self.accounts.iter().enumerate().map(member).collect()
            }
            2 if self.present[2] => (0..self.grades.len()).map(|place| (format!("P{place}"), None, 2)).collect(),
            4 => calendar(),
            _ => used.into_iter().map(root).collect(),
        }
    }

    pub fn is_consolidation(&self, dimension: usize, name: &str) -> bool {
        self.members(dimension).iter().any(|(_, parent, _)| parent.as_deref() == Some(name))
    }

    /// What a question may show: whatever is rolled up by anything but addition is not weighted.
    pub fn measures(&self) -> usize {
        if self.present[1] { 5 } else { MEASURES.len() }
    }

    fn script(&self) -> String {
        let mut script = String::from("create dimension org levels (division, team);\n");
        if self.present[1] {
            script += "create dimension account parent-child;\nload members of account from 'accounts' (name -> key, parent -> parent, weight -> weight);\n";
        }
        if self.present[2] {
            script += "create dimension product;\n";
            for (place, grade) in self.grades.iter().enumerate() {
                script += &format!("add member P{place} to product with grade = {grade};\n");
            }
        }
        if self.present[3] {
            script += "create dimension channel;\n";
        }
        script += "create time dimension period months 2025-01..2026-12;\ncreate scenario plan, actual;\n";
        for ((name, digits), rollup) in MEASURES.iter().zip(ROLLUPS) {
            script += &format!("create measure {name} decimal({digits}) {rollup};\n");
        }
        script + "load 'facts' creating members;"
    }

    fn heading(&self) -> Vec<&'static str> {
        let mut heading = vec!["division", "team"];
        heading.extend(DIMENSIONS.iter().zip(self.present).skip(1).filter(|(_, there)| *there).map(|(name, _)| *name));
        heading.push("scenario");
        heading.extend(MEASURES.iter().map(|(name, _)| *name));
        heading
    }

    fn row(&self, fact: &Fact) -> Vec<String> {
        let org = &fact.leaf[0];
        let team = if org.starts_with('T') { org.clone() } else { String::new() };
        let mut row = vec![division(org).unwrap_or_default(), team];
        row.extend(
            fact.leaf.iter().zip(self.present).skip(1).filter(|(_, there)| *there).map(|(name, _)| name.clone()),
        );
        row.push(if fact.plan { "plan".into() } else { "actual".into() });
        row.extend(
            fact.values
                .iter()
                .zip(MEASURES)
                .map(|(value, (_, digits))| value.map_or_else(String::new, |value| decimal(value, digits))),
        );
        row
    }

    pub fn session(&self) -> Session {
        let rows: Vec<Vec<String>> = self.facts.iter().map(|fact| self.row(fact)).collect();
        let accounts: Vec<Vec<String>> = self
            .members(1)
            .into_iter()
            .map(|(name, parent, weight)| vec![name, parent.unwrap_or_default(), decimal(weight * 5, 1)])
            .collect();
        let tables = MemoryTables::default().with("facts", &self.heading(), &rows).unwrap();
        let tables = tables.with("accounts", &["name", "parent", "weight"], &accounts).unwrap();
        let mut session = session(tables).unwrap();
        run(&mut session, &self.script()).unwrap();
        session
    }

    /// The world as a script and tables, to try by hand.
    pub fn told(&self) -> String {
        let rows: Vec<String> = self.facts.iter().map(|fact| self.row(fact).join(",")).collect();
        let accounts: Vec<String> = self
            .members(1)
            .into_iter()
            .map(|(name, parent, weight)| format!("{name},{},{}", parent.unwrap_or_default(), decimal(weight * 5, 1)))
            .collect();
        format!(
            "{}\nname,parent,weight\n{}\n\n{}\n{}",
            self.script(),
            accounts.join("\n"),
            self.heading().join(","),
            rows.join("\n")
        )
    }
}

/// The division of an org; none where its teams skip that level.
fn division(org: &str) -> Option<String> {
    let skips = org.starts_with("T3");
    (!skips).then(|| format!("D{}", &org[1..2]))
}

fn decimal(units: i64, digits: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let one = 10u64.pow(digits);
    let (whole, part) = (units.unsigned_abs() / one, units.unsigned_abs() % one);
    match digits {
        0 => format!("{sign}{whole}"),
        digits => format!("{sign}{whole}.{part:0width$}", width = digits as usize),
    }
}

/// The months of two years with their quarters, halves and years.
fn calendar() -> Vec<(String, Option<String>, i64)> {
    let mut members = Vec::new();
    for year in [2025, 2026] {
        members.push((year.to_string(), None, 2));
        members.extend((1..=2).map(|half| (format!("{year}-H{half}"), Some(year.to_string()), 2)));
        let half = |quarter: usize| format!("{year}-H{}", quarter.div_ceil(2));
        members.extend((1..=4).map(|quarter| (format!("{year}-Q{quarter}"), Some(half(quarter)), 2)));
        let quarter = |month: usize| format!("{year}-Q{}", month.div_ceil(3));
        members.extend((1..=12).map(|month| (format!("{year}-{month:02}"), Some(quarter(month)), 2)));
    }
    members
}

/// The first and the last month of a period, counted from January of the first year.
pub fn span(name: &str) -> (i64, i64) {
    let number = |text: &str| text.parse::<i64>().unwrap_or_default();
    let (year, part) = name.split_once('-').unwrap_or((name, ""));
    let first = (number(year) - 2025) * 12;
    match (part.get(..1), part.get(1..)) {
        (Some("H"), Some(half)) => (first + number(half) * 6 - 6, first + number(half) * 6 - 1),
        (Some("Q"), Some(quarter)) => (first + number(quarter) * 3 - 3, first + number(quarter) * 3 - 1),
        (Some(_), _) => (first + number(part) - 1, first + number(part) - 1),
        _ => (first, first + 11),
    }
}
