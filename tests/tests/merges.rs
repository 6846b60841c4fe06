//! Merges, on random cubes with branches of branches: three-way, cell by cell, against a naive model that keeps, for
//! every two scenarios, each cell's value where they last agreed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use proptest::prelude::*;
use query::session::Session;
use std::collections::{BTreeMap, BTreeSet};
use tests::{Cells, MemoryTables, cells, run, session};

const MODEL: &str = "
    create dimension org levels (division, team);
    create time dimension period months 2026-01..2026-03;
    create scenario plan, other;
    create measure cost decimal(0);
    create measure heads decimal(0) last over period;
    add member D0 to division; add member D1 to division;
    add member T0 to team under D0; add member T1 to team under D0; add member T2 to team under D1;
";

const TEAMS: usize = 3;
const MONTHS: usize = 3;
const MEASURES: [&str; 2] = ["cost", "heads"];

/// Team, month, measure.
type Cell = (usize, usize, usize);

/// The cells of a scenario that have a value.
type Values = BTreeMap<Cell, i64>;

/// A part of the cube that a merge is about.
#[derive(Debug, Clone, Copy)]
enum Part {
    All,
    Division(usize),
    Month(usize),
}

impl Part {
    fn holds(self, cell: &Cell) -> bool {
        match self {
            Part::All => true,
            Part::Division(division) => (cell.0 < 2) == (division == 0),
            Part::Month(month) => cell.1 == month,
        }
    }

    fn clause(self) -> String {
        match self {
            Part::All => String::new(),
            Part::Division(division) => format!(" where D{division}"),
            Part::Month(month) => format!(" where 2026-{:02}", month + 1),
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    /// Scenario, cell, its new value.
    Put(usize, Cell, Option<i64>),
    Branch(usize),
    /// From, into, whose value counts, where.
    Merge(usize, usize, Option<bool>, Part),
    Undo(usize),
    Redo(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let cell = || (0..TEAMS, 0..MONTHS, 0..MEASURES.len());
    let part = prop_oneof![
        4 => Just(Part::All),
        1 => (0usize..2).prop_map(Part::Division),
        1 => (0..MONTHS).prop_map(Part::Month),
    ];
    prop_oneof![
        12 => (0usize..8, cell(), prop::option::weighted(0.8, 0i64..4)).prop_map(|(s, c, v)| Step::Put(s, c, v)),
        3 => (0usize..8).prop_map(Step::Branch),
        5 => (0usize..8, 0usize..8, prop::option::of(any::<bool>()), part).prop_map(|(f, i, t, p)| Step::Merge(f, i, t, p)),
        1 => (1usize..4).prop_map(Step::Undo),
        1 => (1usize..3).prop_map(Step::Redo),
    ]
}

/// What the cube should be.
#[derive(Debug, Clone, Default)]
struct World {
    names: Vec<String>,
    values: Vec<Values>,
    /// For two scenarios, the lower first, what the cells were where the two last agreed; none where they never did.
    agreed: BTreeMap<(usize, usize), Values>,
}

/// A cell that both sides changed: its value at the base, on the merged side, on the other.
type Conflict = (Cell, [Option<i64>; 3]);

impl World {
    fn first() -> Self {
        let names = ["plan", "other"].map(str::to_owned).to_vec();
        World { names, values: vec![Values::new(); 2], agreed: BTreeMap::new() }
    }

    fn branch(&mut self, from: usize) -> String {
        let branch = self.names.len();
        for other in 0..branch {
            let agreed = match other == from {
                true => Some(self.values[from].clone()),
                false => self.agreed.get(&pair(from, other)).cloned(),
            };
            agreed.into_iter().for_each(|agreed| drop(self.agreed.insert(pair(branch, other), agreed)));
        }
        self.names.push(format!("b{branch}"));
        self.values.push(self.values[from].clone());
        format!("branch b{branch} from {}", self.names[from])
    }

    /// The cells that one side alone changed, and those that both did.
    fn compared(&self, from: usize, into: usize, part: Part) -> Option<(Vec<Cell>, Vec<Conflict>)> {
        let agreed = self.agreed.get(&pair(from, into))?;
        let all: BTreeSet<Cell> =
            [agreed, &self.values[from], &self.values[into]].iter().flat_map(|of| of.keys().copied()).collect();
        let (mut changed, mut conflicts) = (Vec::new(), Vec::new());
        for cell in all.into_iter().filter(|cell| part.holds(cell)) {
            let at = |values: &Values| values.get(&cell).copied();
            let [base, mine, theirs] = [at(agreed), at(&self.values[from]), at(&self.values[into])];
            match (mine == base || mine == theirs, theirs == base) {
                (true, _) => {}
                (false, true) => changed.push(cell),
                (false, false) => conflicts.push((cell, [base, mine, theirs])),
            }
        }
        Some((changed, conflicts))
    }

    fn merge(&mut self, from: usize, into: usize, part: Part, taken: &[Cell]) {
        for cell in taken {
            let value = self.values[from].get(cell).copied();
            put(&mut self.values[into], *cell, value);
        }
        let mine = self.values[from].clone();
        let agreed = self.agreed.entry(pair(from, into)).or_default();
        agreed.retain(|cell, _| !part.holds(cell));
        agreed.extend(mine.into_iter().filter(|(cell, _)| part.holds(cell)));
    }

    fn cells(&self) -> Cells {
        let named = self.names.iter().zip(&self.values);
        let cell = |name: &String, cell: &Cell, value: &i64| {
            let place = vec![format!("T{}", cell.0), format!("2026-{:02}", cell.1 + 1)];
            ((name.clone(), MEASURES[cell.2].to_owned(), place), *value)
        };
        named.flat_map(|(name, values)| values.iter().map(move |(at, value)| cell(name, at, value))).collect()
    }
}

fn pair(one: usize, other: usize) -> (usize, usize) {
    (one.min(other), one.max(other))
}

fn put(values: &mut Values, cell: Cell, value: Option<i64>) {
    match value {
        Some(value) => values.insert(cell, value),
        None => values.remove(&cell),
    };
}

fn text(value: Option<i64>) -> String {
    value.map_or_else(|| "empty".to_owned(), |value| value.to_string())
}

/// A session and what it should be: one world for each operation in force, and those that were taken back.
struct Play {
    session: Session,
    worlds: Vec<World>,
    undone: Vec<World>,
}

impl Play {
    fn now(&self) -> &World {
        self.worlds.last().unwrap()
    }

    fn done(&mut self, world: World) {
        self.worlds.push(world);
        self.undone.clear();
    }

    fn step(&mut self, step: &Step) {
        let mut world = self.now().clone();
        let scenarios = world.names.len();
        match step {
            Step::Put(scenario, cell, value) => {
                let scenario = scenario % scenarios;
                if world.values[scenario].get(cell).copied() == *value {
                    return;
                }
                let place = format!("where {}, T{}, 2026-{:02}", world.names[scenario], cell.0, cell.1 + 1);
                let measure = MEASURES[cell.2];
                let statement = match value {
                    Some(value) => format!("fill {measure} with {value} {place}"),
                    None => format!("clear {measure} {place}"),
                };
                run(&mut self.session, &statement).unwrap();
                put(&mut world.values[scenario], *cell, *value);
                self.done(world);
            }
            Step::Branch(from) if scenarios < 8 => {
                let statement = world.branch(from % scenarios);
                run(&mut self.session, &statement).unwrap();
                self.done(world);
            }
            Step::Branch(_) => {}
            Step::Merge(from, into, taking, part) => self.merge(from % scenarios, into % scenarios, *taking, *part),
            Step::Undo(steps) => {
                for _ in 0..(*steps).min(self.worlds.len() - 1) {
                    run(&mut self.session, "undo").unwrap();
                    self.undone.extend(self.worlds.pop());
                }
            }
            Step::Redo(steps) => {
                for _ in 0..(*steps).min(self.undone.len()) {
                    run(&mut self.session, "redo").unwrap();
                    self.worlds.extend(self.undone.pop());
                }
            }
        }
    }

    fn merge(&mut self, from: usize, into: usize, taking: Option<bool>, part: Part) {
        let mut world = self.now().clone();
        let (mine, theirs) = (world.names[from].clone(), world.names[into].clone());
        let side = taking.map_or_else(String::new, |from| format!(" taking {}", if from { &mine } else { &theirs }));
        let answer = self.session.execute(&format!("merge {mine} into {theirs}{}{side}", part.clause()));
        if from == into {
            assert!(answer.unwrap_err().message.contains("is not merged into itself"));
            return;
        }
        let Some((changed, conflicts)) = world.compared(from, into, part) else {
            assert!(answer.unwrap_err().message.contains("have no common origin"));
            return;
        };
        if taking.is_none() && !conflicts.is_empty() {
            let error = answer.unwrap_err();
            assert_eq!(error.message, format!("cells changed in both {mine} and {theirs}: {}", conflicts.len()));
            let listed = |(cell, [base, from, into]): &Conflict| {
                let place = format!("{}, T{}, 2026-{:02}", MEASURES[cell.2], cell.0, cell.1 + 1);
                format!("{place}: was {}, {mine} {}, {theirs} {}", text(*base), text(*from), text(*into))
            };
            let expected: Vec<String> = conflicts.iter().map(listed).take(10).collect();
            assert_eq!(error.help[..expected.len()], expected);
            return;
        }
        answer.unwrap();
        if changed.is_empty() && conflicts.is_empty() {
            return;
        }
        let taken = conflicts.iter().filter(|_| taking == Some(true)).map(|(cell, _)| *cell);
        let taken: Vec<Cell> = changed.into_iter().chain(taken).collect();
        world.merge(from, into, part, &taken);
        self.done(world);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_merge_takes_what_one_side_changed_and_lists_what_both_did(steps in prop::collection::vec(step(), 1..60)) {
        let mut session = session(MemoryTables::default()).unwrap();
        run(&mut session, MODEL).unwrap();
        let mut play = Play { session, worlds: vec![World::first()], undone: Vec::new() };
        for step in &steps {
            let before = play.session.operations().len();
            play.step(step);
            let snapshot = play.session.cube().snapshot().clone();
            prop_assert_eq!(cells(&snapshot).unwrap(), play.now().cells(), "after {:?}", step);
            prop_assert!(play.session.operations().len() >= before, "history shrinks at {:?}", step);
        }
    }
}
