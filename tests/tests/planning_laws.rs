//! The laws of holds, fits, least changes and lineage, on random cubes of two to six dimensions, ragged,
//! weighted, with stocks and own leaves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use proptest::prelude::*;
use query::answer::{Answer, ChangeReceipt, Value};
use query::session::Session;
use std::collections::BTreeMap;
use tests::{Cells, MemoryTables, cells, run, session};

/// How a cube is made: further dimensions of two members each, and facts.
#[derive(Debug, Clone)]
struct Plan {
    further: usize,
    facts: Vec<Fact>,
}

/// Place (one digit for each choice), month, cost, heads.
type Fact = ([usize; 6], usize, i64, i64);

/// The last is a consolidation: its facts stand in its own leaf.
const TEAMS: [&str; 6] = ["T0", "T1", "T2", "Lab", "Loner", "Left"];
const ACCOUNTS: [&str; 3] = ["Sales", "Services", "Returns"];

fn plan() -> impl Strategy<Value = Plan> {
    let fact = (prop::array::uniform6(0usize..60), 0usize..6, 0i64..50_000, 0i64..30);
    (0usize..4, prop::collection::vec(fact, 1..40)).prop_map(|(further, facts)| Plan { further, facts })
}

impl Plan {
    /// A cube: a ragged organisation, accounts of which one subtracts, periods, further dimensions.
    fn session(&self) -> Session {
        let mut heading = vec!["org", "account", "period", "cost", "heads"];
        let names: Vec<String> = (0..self.further).map(|d| format!("dim{d}")).collect();
        heading.splice(2..2, names.iter().map(String::as_str));
        let tables = MemoryTables::default().with("facts", &heading, &self.rows()).unwrap();
        let mut session = session(tables).unwrap();
        let mut model = String::from(
            "create dimension org parent-child; create dimension account parent-child;
             add member All to org; add member Left to org under All; add member T0 to org under Left;
             add member T1 to org under Left; add member Right to org under All; add member T2 to org under Right;
             add member Deep to org under Right; add member Lab to org under Deep; add member Loner to org under All;
             add member Net to account; add member Sales to account under Net; add member Services to account under Net;
             add member Returns to account under Net weight -1;",
        );
        for name in &names {
            model.push_str(&format!(
                "create dimension {name}; add member {name}a to {name}; add member {name}b to {name};"
            ));
        }
        model.push_str(
            "create time dimension period months 2026-01..2026-06; create scenario plan;
             create measure cost decimal(2); create measure heads decimal(0) last over period; load 'facts' into plan;",
        );
        run(&mut session, &model).unwrap();
        session
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let mut rows = BTreeMap::new();
        for (place, month, cost, heads) in &self.facts {
            let mut key = vec![TEAMS[place[0] % 6].to_owned(), ACCOUNTS[place[1] % 3].to_owned()];
            key.extend((0..self.further).map(|d| format!("dim{d}{}", if place[2 + d] % 2 == 0 { "a" } else { "b" })));
            key.push(format!("2026-{:02}", month + 1));
            rows.insert(key, [format!("{}.{:02}", cost / 100, cost % 100), heads.to_string()]);
        }
        rows.into_iter().map(|(key, values)| key.into_iter().chain(values).collect()).collect()
    }
}

fn all_cells(session: &mut Session) -> Cells {
    cells(&session.cube().snapshot()).unwrap()
}

const PLACES: [&str; 9] = ["All", "Left", "Right", "Deep", "T0", "T1", "T2", "Loner", "Lab"];

/// Whether a leaf lies below a place.
fn below(place: &str, team: &str) -> bool {
    let of: &[&str] = match place {
        "All" => return true,
        "Left" => &["T0", "T1", "Left (own)"],
        "Right" => &["T2", "Lab"],
        "Deep" => &["Lab"],
        other => return team == other,
    };
    of.contains(&team)
}

/// A statement that changes cost or heads.
#[derive(Debug, Clone)]
struct Step {
    verb: usize,
    heads: bool,
    place: usize,
    account: usize,
    amount: i64,
    method: usize,
}

fn step() -> impl Strategy<Value = Step> {
    (0usize..6, any::<bool>(), 0usize..9, 0usize..3, 0i64..40_000, 0usize..4)
        .prop_map(|(verb, heads, place, account, amount, method)| Step { verb, heads, place, account, amount, method })
}

impl Step {
    fn text(&self) -> String {
        let measure = if self.heads { "heads" } else { "cost" };
        let amount = if self.heads { (self.amount % 50).to_string() } else { format!("{}.5", self.amount / 100) };
        let slice = format!("{}, {}", PLACES[self.place], ACCOUNTS[self.account]);
        let method = ["", " equally", " by heads", " like 2026-01..2026-06"][self.method];
        match self.verb {
            0 | 1 => format!("set {measure} to {amount} where {slice}{method}"),
            2 => format!("add {amount} to {measure} where {slice}{method}"),
            3 => format!(
                "move 1 {measure} from {} to {} where {}",
                PLACES[self.place],
                PLACES[(self.place + 1) % 9],
                ACCOUNTS[self.account]
            ),
            4 => format!("clear {measure} where {slice}"),
            _ => format!("ramp cost from 0 to {amount} where {slice}, 2026-01..2026-04 equally over all"),
        }
    }
}

/// What a slice holds in all: cost of a place, sales less returns, as the cube shows it.
fn shown(session: &mut Session, question: &str) -> Option<i128> {
    match session.execute(question).unwrap() {
        Answer::Cells(cells) => match cells.cells.first() {
            Some(Value::Exact { units, .. }) => Some(*units),
            _ => None,
        },
        other => panic!("{other:?}"),
    }
}

/// A column of the last line that `trace` answers.
fn traced(session: &mut Session, statement: &str, column: &str) -> Option<i128> {
    let Answer::List(list) = session.execute(statement).unwrap() else { panic!("{statement} is no list") };
    let place = list.columns.iter().position(|known| known == column).unwrap();
    match list.rows.last()?[place] {
        Value::Exact { units, .. } => Some(units),
        _ => None,
    }
}

/// A leaf as a selection.
fn selected(leaf: &[String]) -> String {
    leaf.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}

/// What a preview and the change itself must tell alike.
fn told(outcome: Result<Answer, query::error::Error>) -> Result<ChangeReceipt, String> {
    match outcome {
        Ok(Answer::Change(receipt)) => Ok(ChangeReceipt { operation: None, largest: Vec::new(), ..receipt }),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.message),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn what_is_held_never_moves(plan in plan(), steps in prop::collection::vec(step(), 1..8), place in 0usize..9, account in 0usize..3) {
        let mut session = plan.session();
        session.execute(&format!("hold cost where {}", PLACES[place])).unwrap();
        session.execute(&format!("hold total cost where {}", ACCOUNTS[account])).unwrap();
        session.execute(&format!("hold total heads where {}", PLACES[place])).unwrap();
        let start = all_cells(&mut session);
        let sums = |cells: &Cells| -> (i64, BTreeMap<String, i64>) {
            let mut heads: BTreeMap<String, i64> = BTreeMap::new();
            let mut cost = 0;
            for ((_, measure, leaf), value) in cells {
                if measure == "cost" && leaf[1] == ACCOUNTS[account] { cost += value; }
                if measure == "heads" && below(PLACES[place], &leaf[0]) {
                    let sign = if leaf[1] == "Returns" { -1 } else { 1 };
                    *heads.entry(leaf.last().unwrap().clone()).or_default() += sign * value;
                }
            }
            heads.retain(|_, sum| *sum != 0);
            (cost, heads)
        };
        for step in &steps {
            _ = session.execute(&step.text());
            let now = all_cells(&mut session);
            for (key, value) in start.iter().filter(|(key, _)| key.1 == "cost" && below(PLACES[place], &key.2[0])) {
                prop_assert_eq!(now.get(key), Some(value), "{} moved {:?}", step.text(), key);
            }
            prop_assert_eq!(sums(&now), sums(&start), "{} moved a held total", step.text());
        }
    }

    #[test]
    fn a_fit_meets_all_margins_and_nothing_else_changes(plan in plan(), factors in prop::collection::vec(0i64..7, 40), account in 0usize..3) {
        let mut session = plan.session();
        let before = all_cells(&mut session);
        let account = ACCOUNTS[account];
        let inside = |key: &(String, String, Vec<String>)| key.1 == "cost" && key.2[1] == account;
        // Totals that some cells can meet: those of the leaves times some factors.
        let (mut teams, mut quarters): (BTreeMap<&str, i64>, BTreeMap<&str, i64>) = (BTreeMap::new(), BTreeMap::new());
        for ((key, value), factor) in before.iter().filter(|(key, value)| inside(key) && **value > 0).zip(factors.iter().cycle()) {
            let quarter = if key.2.last().unwrap().as_str() < "2026-04" { "2026-Q1" } else { "2026-Q2" };
            *teams.entry(key.2[0].as_str()).or_default() += value * factor;
            *quarters.entry(quarter).or_default() += value * factor;
        }
        if teams.is_empty() { return Ok(()); }
        let list = |totals: &BTreeMap<&str, i64>| {
            totals.iter().map(|(name, units)| format!("\"{name}\" = {}.{:02}", units / 100, units % 100)).collect::<Vec<_>>().join(", ")
        };
        let statement = format!("fit cost to by org ({}) and by quarter ({}) where {account}", list(&teams), list(&quarters));
        let outcome = session.execute(&statement);
        prop_assert!(outcome.is_ok(), "{statement}: {outcome:?}");
        let after = all_cells(&mut session);
        for (name, units) in &teams {
            let sum: i64 = after.iter().filter(|(key, _)| inside(key) && key.2[0] == *name).map(|(_, value)| value).sum();
            prop_assert_eq!(sum, *units, "{} of {}", name, statement);
        }
        for (name, units) in &quarters {
            let of = |leaf: &Vec<String>| (leaf.last().unwrap().as_str() < "2026-04") == (*name == "2026-Q1");
            let sum: i64 = after.iter().filter(|(key, _)| inside(key) && of(&key.2)).map(|(_, value)| value).sum();
            prop_assert_eq!(sum, *units, "{} of {}", name, statement);
        }
        for key in before.keys().chain(after.keys()).filter(|key| !inside(key)) {
            prop_assert_eq!(before.get(key), after.get(key), "{:?} moved", key);
        }
    }

    #[test]
    fn a_trace_rebuilds_every_number(plan in plan(), steps in prop::collection::vec(step(), 1..8), turns in 0usize..3) {
        let mut session = plan.session();
        for step in &steps {
            _ = session.execute(&step.text());
        }
        for turn in ["undo", "redo", "undo"].iter().take(turns) {
            _ = session.execute(turn);
        }
        for measure in ["cost", "heads"] {
            for slice in ["All", "Right", "Net", "Net, Left", "2026-02", "T0, Returns, 2026-03"] {
                let value = shown(&mut session, &format!("show {measure} where {slice}"));
                let rebuilt = traced(&mut session, &format!("trace {measure} where {slice}"), "value");
                prop_assert_eq!(rebuilt.unwrap_or(0), value.unwrap_or(0), "{} where {}", measure, slice);
            }
        }
        for ((_, measure, leaf), value) in all_cells(&mut session).iter().take(20) {
            let rebuilt = traced(&mut session, &format!("trace {measure} where {}", selected(leaf)), "value");
            prop_assert_eq!(rebuilt, Some(i128::from(*value)), "{:?}", leaf);
        }
    }

    #[test]
    fn a_preview_tells_what_the_change_does_and_changes_nothing(plan in plan(), steps in prop::collection::vec(step(), 1..8), place in 0usize..9) {
        let mut session = plan.session();
        session.execute(&format!("hold cost where {}, Services", PLACES[place])).unwrap();
        for step in &steps {
            let statement = step.text();
            let before = all_cells(&mut session);
            let preview = told(session.execute(&format!("preview {statement}")));
            prop_assert_eq!(&before, &all_cells(&mut session));
            let preview = preview.map(|receipt| ChangeReceipt { statement: statement.clone(), ..receipt });
            prop_assert_eq!(preview, told(session.execute(&statement)), "{}", statement);
        }
    }

    #[test]
    fn a_trace_tells_which_units_rounding_placed(plan in plan(), wanted in 1i128..9_000_000, account in 0usize..3) {
        let mut session = plan.session();
        let account = ACCOUNTS[account];
        let inside = |key: &(String, String, Vec<String>)| key.1 == "cost" && key.2[1] == account;
        let before: Cells = all_cells(&mut session).into_iter().filter(|(key, _)| inside(key)).collect();
        let sum: i128 = before.values().map(|value| i128::from(*value)).sum();
        let statement = format!("set cost to {}.{:02} where {account}", wanted / 100, wanted % 100);
        prop_assume!(sum > 0 && sum != wanted);
        session.execute(&statement).unwrap();
        let after = all_cells(&mut session);
        for (key, value) in &before {
            let whole = wanted * i128::from(*value) / sum;
            let rounding = match after[key] == *value {
                true => continue,
                false => traced(&mut session, &format!("trace cost where {}", selected(&key.2)), "rounding"),
            };
            prop_assert_eq!(whole + rounding.unwrap_or(0), i128::from(after[key]), "{:?} by {}", key, statement);
        }
    }

    #[test]
    fn a_revert_is_a_replay_without_it(plan in plan(), amounts in prop::collection::vec(1i64..9_000, 5), out in 0usize..5, method in 0usize..3) {
        let statement = |team: usize| {
            let method = ["", " equally", " equally over all"][method];
            format!("add {} to cost where {}, Sales{method}", amounts[team], TEAMS[team])
        };
        let (mut all, mut without) = (plan.session(), plan.session());
        let mut number = None;
        for team in 0..5 {
            let done = all.execute(&statement(team));
            if team == out {
                number = match &done { Ok(Answer::Change(receipt)) => receipt.operation, _ => None };
            } else {
                prop_assert_eq!(done.is_ok(), without.execute(&statement(team)).is_ok());
            }
        }
        if let Some(number) = number {
            all.execute(&format!("revert {number}")).unwrap();
            prop_assert_eq!(all_cells(&mut all), all_cells(&mut without));
            all.execute("undo").unwrap();
            without.execute(&statement(out)).unwrap();
            prop_assert_eq!(all_cells(&mut all), all_cells(&mut without));
        }
    }

    #[test]
    fn a_later_change_of_the_same_cells_stops_a_revert(plan in plan(), place in 0usize..9) {
        let mut session = plan.session();
        let first = session.execute(&format!("add 5 to cost where {}, Sales equally over all", PLACES[place])).unwrap();
        let Answer::Change(receipt) = first else { panic!() };
        session.execute("add 10_000 to cost where All, Sales equally over all").unwrap();
        let before = all_cells(&mut session);
        let refused = session.execute(&format!("revert {}", receipt.operation.unwrap())).unwrap_err();
        prop_assert!(refused.message.ends_with(&(receipt.operation.unwrap() + 1).to_string()), "{}", refused.message);
        prop_assert_eq!(before, all_cells(&mut session));
    }
}

/// What a demand is about, with the leaves it counts.
const SUMS: [(&str, &[usize]); 5] =
    [("T0", &[0]), ("T1", &[1]), ("T2", &[2]), ("Pair", &[0, 1]), ("total", &[0, 1, 2])];

/// Place in the sums, comparison, amount.
type Demand = (usize, usize, i64);

fn holds(demand: &Demand, amounts: &[i64]) -> bool {
    let sum: i64 = SUMS[demand.0].1.iter().map(|leaf| amounts[*leaf]).sum();
    [sum <= demand.2, sum >= demand.2, sum == demand.2][demand.1]
}

fn moved(from: &[i64], to: &[i64]) -> i64 {
    from.iter().zip(to).map(|(from, to)| (from - to).abs()).sum()
}

/// The least change that meets demands, by trying all amounts up to 14.
fn tried(start: &[i64], demands: &[Demand]) -> Option<i64> {
    let amounts = |code: i64| [code % 15, code / 15 % 15, code / 225];
    let meeting = (0..15i64.pow(3)).map(amounts).filter(|amounts| demands.iter().all(|demand| holds(demand, amounts)));
    meeting.map(|amounts| moved(start, &amounts)).min()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn solving_agrees_with_trying_everything(
        start in prop::array::uniform3(0i64..7),
        demands in prop::collection::vec((0usize..5, 0usize..3, 0i64..14), 1..5),
    ) {
        let heading = ["pair", "team", "heads"];
        let row = |leaf: usize| vec![["Pair", "Pair", "Other"][leaf].to_owned(), format!("T{leaf}"), start[leaf].to_string()];
        let rows: Vec<Vec<String>> = (0..3).map(row).collect();
        let mut session = session(MemoryTables::default().with("facts", &heading, &rows).unwrap()).unwrap();
        run(&mut session, "create dimension org levels (pair, team); create scenario plan; create measure heads decimal(0);
            load 'facts' into plan creating members").unwrap();
        let text = |demand: &Demand| format!("{} {} {}", SUMS[demand.0].0, ["<=", ">=", "="][demand.1], demand.2);
        let demanded = demands.iter().map(text).collect::<Vec<_>>().join(", ");
        let statement = format!("solve heads so that {demanded} changing least in whole");
        let before = all_cells(&mut session);
        match (session.execute(&statement), tried(&start, &demands)) {
            (Ok(_), Some(best)) => {
                let amounts: Vec<i64> = all_cells(&mut session).values().copied().collect();
                prop_assert!(demands.iter().all(|demand| holds(demand, &amounts)), "{}: {:?}", statement, amounts);
                prop_assert_eq!(moved(&start, &amounts), best, "{} from {:?} to {:?}", statement, start, amounts);
            }
            (Err(_), None) => prop_assert_eq!(before, all_cells(&mut session)),
            (outcome, best) => prop_assert!(false, "{}: {:?}, and trying everything gives {:?}", statement, outcome, best),
        }
    }
}

/// The two groups of each of three sets of totals that a cell of eight is in, as places among six.
fn groups_of(cell: usize) -> [usize; 3] {
    [cell / 4, 2 + cell / 2 % 2, 4 + cell % 2]
}

/// Whether whole amounts in some cells come to six totals, by trying everything.
fn can_be_whole(cells: &[usize], wanted: [i64; 6]) -> bool {
    let Some((cell, rest)) = cells.split_first() else { return wanted == [0; 6] };
    let most = groups_of(*cell).iter().map(|group| wanted[*group]).min().unwrap();
    (0..=most).any(|amount| {
        let mut left = wanted;
        groups_of(*cell).iter().for_each(|group| left[*group] -= amount);
        can_be_whole(rest, left)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn a_fit_of_three_sets_of_totals_agrees_with_trying_everything(
        seeds in prop::array::uniform8(0i64..4), total in 1i64..7, shares in prop::array::uniform3(0i64..7),
    ) {
        let cells: Vec<usize> = (0..8).filter(|cell| seeds[*cell] > 0).collect();
        prop_assume!(!cells.is_empty());
        let firsts = shares.map(|share| share.min(total));
        let wanted = [firsts[0], total - firsts[0], firsts[1], total - firsts[1], firsts[2], total - firsts[2]];
        let names = ["A", "B", "C", "D", "E", "F"];
        let heading = ["first", "second", "third", "heads"];
        let row = |cell: &usize| groups_of(*cell).map(|group| names[group].to_owned()).into_iter().chain([seeds[*cell].to_string()]).collect();
        let rows: Vec<Vec<String>> = cells.iter().map(row).collect();
        let mut session = session(MemoryTables::default().with("facts", &heading, &rows).unwrap()).unwrap();
        run(&mut session, "create dimension first; create dimension second; create dimension third; create scenario plan;
            create measure heads decimal(0); add member A to first; add member B to first; add member C to second;
            add member D to second; add member E to third; add member F to third; load 'facts' into plan").unwrap();
        let set = |at: usize| format!("{} = {}, {} = {}", names[at], wanted[at], names[at + 1], wanted[at + 1]);
        let statement = format!("fit heads to by first ({}) and by second ({}) and by third ({})", set(0), set(2), set(4));
        let before = all_cells(&mut session);
        let outcome = session.execute(&statement);
        let after = all_cells(&mut session);
        prop_assert_eq!(outcome.is_ok(), can_be_whole(&cells, wanted), "{} of {:?}: {:?}", statement, seeds, outcome);
        if outcome.is_err() {
            prop_assert_eq!(before, after);
            return Ok(());
        }
        for (name, wanted) in names.iter().zip(wanted) {
            let inside = after.iter().filter(|((_, _, leaf), _)| leaf.iter().any(|member| member == name));
            prop_assert_eq!(inside.map(|(_, value)| value).sum::<i64>(), wanted, "{} of {}", name, statement);
        }
    }
}
