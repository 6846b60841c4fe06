//! The laws of changes, on random cubes: exact, held, per period, outside untouched, reversible,
//! the same in any order. Each step is checked against a naive model: a map from leaves to numbers.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use engine::cube::Draft;
use engine::journal::Record;
use engine::spread::apportion;
use proptest::prelude::*;
use query::answer::{Answer, Value};
use query::session::Session;
use std::collections::BTreeMap;
use tests::{Cells, MemoryTables, cells, run, session};

const MODEL: &str = "
    create dimension org levels (division, team);
    create dimension product;
    create time dimension period months 2026-01..2026-06;
    create scenario plan, actual;
    create measure cost decimal(2) unit 'USD';
    create measure heads decimal(0) last over period unit 'heads';
";
const HEADING: [&str; 7] = ["division", "team", "product", "scenario", "period", "cost", "heads"];
const TEAMS: usize = 3;

/// One fact: division, team (none for the division's own leaf), product, month, scenario, cost, heads.
type Fact = (usize, Option<usize>, usize, usize, bool, i64, i64);

fn fact() -> impl Strategy<Value = Fact> {
    let team = prop_oneof![9 => (0..TEAMS).prop_map(Some), 1 => Just(None)];
    (0usize..3, team, 0usize..3, 0usize..6, prop::bool::weighted(0.7), 0i64..100_000, 0i64..40)
}

fn rows(facts: &[Fact]) -> Vec<Vec<String>> {
    let unique: BTreeMap<_, _> = facts.iter().map(|f| ((f.0, f.1, f.2, f.3, f.4), (f.5, f.6))).collect();
    unique
        .iter()
        .map(|((division, team, product, month, plan), (cost, heads))| {
            vec![
                format!("D{division}"),
                team.map_or_else(String::new, |team| format!("T{division}{team}")),
                format!("P{product}"),
                if *plan { "plan".into() } else { "actual".into() },
                format!("2026-{:02}", month + 1),
                format!("{}.{:02}", cost / 100, cost % 100),
                heads.to_string(),
            ]
        })
        .collect()
}

fn world(rows: &[Vec<String>]) -> Session {
    let tables = MemoryTables::default().with("facts", &HEADING, rows).unwrap();
    let mut session = session(tables).unwrap();
    run(&mut session, MODEL).unwrap();
    session
}

/// A cube whose members are all there, whether they have facts or not.
fn full_world(rows: &[Vec<String>]) -> Session {
    let mut session = world(rows);
    run(&mut session, "begin").unwrap();
    for division in 0..3 {
        run(&mut session, &format!("add member D{division} to division; add member P{division} to product;")).unwrap();
        for team in 0..TEAMS {
            run(&mut session, &format!("add member T{division}{team} to team under D{division}")).unwrap();
        }
    }
    run(&mut session, "commit; load 'facts';").unwrap();
    session
}

/// A cube whose members are those of the facts, as the load finds them.
fn loaded_world(rows: &[Vec<String>]) -> Session {
    let mut session = world(rows);
    run(&mut session, "load 'facts' creating members").unwrap();
    session
}

/// Sorts the facts by some dimensions before the others.
fn sort_by(session: &mut Session, order: &[&str]) {
    let snapshot = session.cube().snapshot();
    let mut draft = Draft::on(&snapshot);
    let order = order.iter().map(|name| snapshot.schema().find_dimension(name).unwrap()).collect();
    draft.schema(snapshot.schema().sorted_by(order)).unwrap();
    session.cube().commit(draft, Record::default()).unwrap();
}

/// A part of the plan: division or team, product, months.
#[derive(Debug, Clone)]
struct Part {
    org: Option<String>,
    product: Option<usize>,
    months: Option<(usize, usize)>,
}

impl Part {
    fn conditions(&self) -> String {
        let mut text = vec!["plan".to_owned()];
        text.extend(self.org.clone());
        text.extend(self.product.map(|product| format!("P{product}")));
        text.extend(self.months.map(|(first, last)| format!("2026-{:02}..2026-{:02}", first + 1, last + 1)));
        text.join(", ")
    }

    fn holds(&self, leaf: &[String]) -> bool {
        let org = self.org.as_ref().is_none_or(|org| {
            leaf[0] == *org || org.starts_with('D') && leaf[0].trim_start_matches(['D', 'T']).starts_with(&org[1..])
        });
        let product = self.product.is_none_or(|product| leaf[1] == format!("P{product}"));
        org && product && self.months.is_none_or(|(first, last)| (first..=last).contains(&month(leaf)))
    }
}

fn month(leaf: &[String]) -> usize {
    leaf[2][5..7].parse::<usize>().unwrap() - 1
}

fn part() -> impl Strategy<Value = Part> {
    let org = prop_oneof![
        Just(None),
        (0..3).prop_map(|d| Some(format!("D{d}"))),
        (0..3, 0..TEAMS).prop_map(|(d, t)| Some(format!("T{d}{t}"))),
    ];
    let months = prop_oneof![Just(None), (0usize..6, 0usize..6).prop_map(|(a, b)| Some((a.min(b), a.max(b))))];
    (org, prop::option::of(0usize..3), months).prop_map(|(org, product, months)| Part { org, product, months })
}

#[derive(Debug, Clone)]
struct Step {
    verb: usize,
    heads: bool,
    amount: i64,
    part: Part,
    method: usize,
    held: Option<Part>,
    to: usize,
}

fn step() -> impl Strategy<Value = Step> {
    (0usize..6, any::<bool>(), 0i64..500_000, part(), 0usize..5, prop::option::weighted(0.3, part()), 0usize..3)
        .prop_map(|(verb, heads, amount, part, method, held, to)| Step { verb, heads, amount, part, method, held, to })
}

impl Step {
    fn measure(&self) -> &'static str {
        if self.heads { "heads" } else { "cost" }
    }

    /// The amount in units of the measure, and as text.
    fn amount(&self) -> (i128, String) {
        match self.heads {
            true => (i128::from(self.amount % 60) / self.share(), (self.amount % 60 / self.share() as i64).to_string()),
            false => {
                let units = self.amount / self.share() as i64;
                (i128::from(units), format!("{}.{:02}", units / 100, units % 100))
            }
        }
    }

    /// Moves are kept small, for more than is there is refused.
    fn share(&self) -> i128 {
        if self.verb == 3 { 20 } else { 1 }
    }

    fn text(&self) -> String {
        let (measure, (_, amount), conditions) = (self.measure(), self.amount(), self.part.conditions());
        let held = self.held.as_ref().map_or_else(String::new, |held| format!(" holding {}", held.conditions()));
        let method = ["", " equally", " equally over all", " by heads", " like actual"][self.method];
        match self.verb {
            0 | 1 => format!("set {measure} to {amount} where {conditions}{method}{held}"),
            2 => format!("add {amount} to {measure} where {conditions}{method}{held}"),
            3 => {
                let equally = if self.method == 1 { " equally" } else { "" };
                format!(
                    "move {amount} {measure} from P{} to P{} where {conditions}{equally}{held}",
                    self.to,
                    (self.to + 1) % 3
                )
            }
            4 => format!("clear {measure} where {conditions}{held}"),
            _ => {
                let rest = conditions.trim_start_matches("plan").trim_start_matches(", ");
                let rest = if rest.is_empty() { String::new() } else { format!(" where {rest}") };
                format!("copy {measure} from actual to plan times 1.5{rest}{held}")
            }
        }
    }
}

fn of<'a>(cells: &'a Cells, measure: &'a str) -> impl Iterator<Item = (&'a Vec<String>, i64)> {
    cells.iter().filter(move |((s, m, _), _)| s == "plan" && m == measure).map(|((_, _, leaf), value)| (leaf, *value))
}

/// The total of a part of the plan, in one month or in all.
fn total(cells: &Cells, measure: &str, part: &Part, month_only: Option<usize>) -> i128 {
    of(cells, measure)
        .filter(|(leaf, _)| part.holds(leaf) && month_only.is_none_or(|only| month(leaf) == only))
        .map(|(_, value)| i128::from(value))
        .sum()
}

fn all_cells(session: &mut Session) -> Cells {
    cells(&session.cube().snapshot()).unwrap()
}

fn check(
    step: &Step,
    before: &Cells,
    after: &Cells,
    receipt: &query::answer::ChangeReceipt,
) -> Result<(), TestCaseError> {
    let measure = step.measure();
    let held = |leaf: &[String]| step.held.as_ref().is_some_and(|held| held.holds(leaf));
    // Law 5 and law 2: outside, other measures and other scenarios, and held leaves stay.
    for key in before.keys().chain(after.keys()) {
        let inside = key.0 == "plan" && key.1 == measure && step.part.holds(&key.2);
        if !inside || held(&key.2) {
            prop_assert_eq!(before.get(key), after.get(key), "{:?} moved by {}", key, step.text());
        }
    }
    let changed = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    let changed = changed.filter(|key| before.get(*key) != after.get(*key)).count() as u64;
    prop_assert_eq!(receipt.cells_touched, changed);
    let (units, _) = step.amount();
    let months: Vec<Option<usize>> = match step.heads {
        true => (0..6).map(Some).collect(),
        false => vec![None],
    };
    for only in months {
        let named = step.part.months.is_none_or(|(first, last)| only.is_none_or(|m| (first..=last).contains(&m)));
        let there = of(after, measure).any(|(leaf, _)| step.part.holds(leaf) && only.is_none_or(|m| month(leaf) == m));
        let (was, is) = (total(before, measure, &step.part, only), total(after, measure, &step.part, only));
        match step.verb {
            // Law 1 and law 3: the total is the one named, in each period of a stock.
            0 | 1 if named && there => prop_assert_eq!(is, units, "{}", step.text()),
            2 if named && there => prop_assert_eq!(is, was + units, "{}", step.text()),
            3 => {
                prop_assert_eq!(is, was, "{}", step.text());
                conserved_outside(step, before, after)?;
                prop_assert!(receipt.conserved);
            }
            4 => prop_assert_eq!(is, before_held(before, step, only), "{}", step.text()),
            5 if step.held.is_none() => {
                let source: i128 = source(before, step)
                    .filter(|(leaf, _)| only.is_none_or(|m| month(leaf) == m))
                    .map(|(_, v)| v)
                    .sum();
                prop_assert_eq!(is, (source * 3 + 1).div_euclid(2), "{}", step.text());
            }
            _ => {}
        }
    }
    if step.verb <= 1 && step.method == 0 && step.held.is_none() && !step.heads {
        proportional(step, before, after)?;
    }
    Ok(())
}

fn before_held(before: &Cells, step: &Step, only: Option<usize>) -> i128 {
    let held = |leaf: &[String]| step.held.as_ref().is_some_and(|held| held.holds(leaf));
    of(before, step.measure())
        .filter(|(leaf, _)| step.part.holds(leaf) && held(leaf) && only.is_none_or(|m| month(leaf) == m))
        .map(|(_, value)| i128::from(value))
        .sum()
}

/// The cells that a copy copies.
fn source<'a>(cells: &'a Cells, step: &'a Step) -> impl Iterator<Item = (&'a Vec<String>, i128)> {
    cells
        .iter()
        .filter(|((scenario, measure, leaf), _)| {
            scenario == "actual" && measure == step.measure() && step.part.holds(leaf)
        })
        .map(|((_, _, leaf), value)| (leaf, i128::from(*value)))
}

/// What leaves at a coordinate outside the moved dimension arrives at the same one.
fn conserved_outside(step: &Step, before: &Cells, after: &Cells) -> Result<(), TestCaseError> {
    let mut sums: BTreeMap<(String, String), i128> = BTreeMap::new();
    for (sign, cells) in [(-1, before), (1, after)] {
        for (leaf, value) in of(cells, step.measure()) {
            *sums.entry((leaf[0].clone(), leaf[2].clone())).or_default() += sign * i128::from(value);
        }
    }
    prop_assert!(sums.values().all(|sum| *sum == 0), "{}", step.text());
    Ok(())
}

/// Proportional: the leaves are the largest remainder's shares of the new total, in leaf order.
fn proportional(step: &Step, before: &Cells, after: &Cells) -> Result<(), TestCaseError> {
    let old: Vec<(&Vec<String>, i64)> = of(before, step.measure()).filter(|(leaf, _)| step.part.holds(leaf)).collect();
    let weights: Vec<i128> = old.iter().map(|(_, value)| i128::from(*value)).collect();
    if let Some(shares) = apportion(step.amount().0, &weights) {
        for ((leaf, _), share) in old.iter().zip(shares) {
            let key = ("plan".to_owned(), step.measure().to_owned(), (*leaf).clone());
            prop_assert!((i128::from(after[&key]) - share).abs() <= 1);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn changes_keep_the_laws(facts in prop::collection::vec(fact(), 1..150), steps in prop::collection::vec(step(), 1..8)) {
        let mut session = full_world(&rows(&facts));
        let start = session.cube().stack().done.len() as u64;
        for step in &steps {
            let before = all_cells(&mut session);
            let previewed = session.execute(&format!("preview {}", step.text()));
            prop_assert_eq!(&before, &all_cells(&mut session), "a preview changed something");
            match session.execute(&step.text()) {
                Err(_) => {
                    prop_assert!(previewed.is_err(), "the preview of {} went well", step.text());
                    prop_assert_eq!(&before, &all_cells(&mut session), "a failed statement changed something");
                }
                Ok(Answer::Change(receipt)) => {
                    let after = all_cells(&mut session);
                    check(step, &before, &after, &receipt)?;
                    if let Ok(Answer::Change(preview)) = previewed {
                        prop_assert_eq!((preview.before, preview.after, preview.cells_touched), (receipt.before.clone(), receipt.after.clone(), receipt.cells_touched));
                    }
                    if receipt.operation.is_some() {
                        // Law 6: undo restores, redo does it again.
                        session.execute("undo").unwrap();
                        prop_assert_eq!(&before, &all_cells(&mut session), "undo of {}", step.text());
                        session.execute("redo").unwrap();
                        prop_assert_eq!(&after, &all_cells(&mut session), "redo of {}", step.text());
                    }
                }
                Ok(other) => prop_assert!(false, "{:?}", other),
            }
        }
        let count = session.cube().stack().done.len() as u64 - start;
        if count > 0 {
            session.execute(&format!("undo {count}")).unwrap();
            let mut fresh = full_world(&rows(&facts));
            prop_assert_eq!(all_cells(&mut session), all_cells(&mut fresh));
        }
    }

    #[test]
    fn the_order_of_rows_and_the_threads_change_nothing(
        facts in prop::collection::vec(fact(), 1..80),
        steps in prop::collection::vec(step(), 1..6),
        seed in any::<u64>(),
    ) {
        let ordered = rows(&facts);
        let mut shuffled = ordered.clone();
        let mut state = seed | 1;
        for place in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(place, (state >> 33) as usize % (place + 1));
        }
        let play = |rows: &[Vec<String>], threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut session = loaded_world(rows);
                let answers: Vec<String> = steps.iter().map(|step| format!("{:?}", session.execute(&step.text()))).collect();
                let shown = format!("{:?}", session.execute("show cost, heads by division, team, product across quarter where plan with totals"));
                (all_cells(&mut session), answers, shown)
            })
        };
        prop_assert_eq!(play(&ordered, 1), play(&shuffled, 3));
    }

    #[test]
    fn what_facts_are_sorted_by_changes_nothing(facts in prop::collection::vec(fact(), 1..80), steps in prop::collection::vec(step(), 1..6)) {
        let play = |order: &[&str]| {
            let mut session = loaded_world(&rows(&facts));
            sort_by(&mut session, order);
            let mut told = |text: &str| format!("{text}: {:?}", session.execute(text));
            let mut answers: Vec<String> = Vec::new();
            for step in steps.iter().map(Step::text) {
                answers.extend([told(&format!("preview {step}")), told(&step), told("compare plan to actual")]);
            }
            answers.extend([told("export plan to 'out'"), told("branch plan as other"), told("add 1.23 to cost where plan equally")]);
            answers.extend([told("add 3.21 to cost where other equally"), told("preview merge other into plan"), told("hash")]);
            (answers, all_cells(&mut session))
        };
        let orders = [["org", "product"], ["product", "org"]];
        prop_assert_eq!(play(&orders[0]), play(&orders[1]));
    }

    #[test]
    fn questions_agree_with_a_plain_sum(facts in prop::collection::vec(fact(), 1..120), part in part()) {
        let mut session = full_world(&rows(&facts));
        let cells = all_cells(&mut session);
        let question = format!("show cost by division across quarter where {} with totals", part.conditions());
        let Answer::Cells(answer) = session.execute(&question).unwrap() else { panic!("no cells") };
        let columns = answer.columns.len();
        for (r, row) in answer.rows.iter().enumerate() {
            for (c, column) in answer.columns.iter().enumerate() {
                let inside = |leaf: &[String]| {
                    let division = leaf[0].trim_start_matches(['D', 'T'])[..1].to_owned();
                    let quarter = format!("2026-Q{}", month(leaf) / 3 + 1);
                    part.holds(leaf)
                        && (row[0].text == "(total)" || row[0].text == format!("D{division}"))
                        && (column[0].text == "(total)" || column[0].text == quarter)
                };
                let there: Vec<i64> = of(&cells, "cost").filter(|(leaf, _)| inside(leaf)).map(|(_, value)| value).collect();
                let expected = match there.is_empty() {
                    true => Value::Empty,
                    false => Value::Exact { units: there.iter().map(|value| i128::from(*value)).sum(), scale: 2 },
                };
                prop_assert_eq!(&answer.cells[r * columns + c], &expected, "{} at {:?} {:?}", question, row, column);
            }
        }
    }
}
