//! A load gives the same whatever rows come at a time: same cells, same receipt, same errors.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use arrow_array::RecordBatch;
use engine::cube::Cube;
use proptest::prelude::*;
use query::answer::Answer;
use query::session::Session;
use query::tables::{Parts, Tables};
use tests::{Cells, MemoryTables, cells, run};

const HEADING: [&str; 6] = ["scenario", "division", "team", "period", "cost", "heads"];
const MODEL: &str = "create time dimension period months 2026-01..2026-06;
    create scenario plan, actual;
    create dimension department levels (division, team);
    create measure cost decimal(2);
    create measure heads decimal(0);";

/// Tables that come so many rows at a time.
struct Cut(MemoryTables, usize);

impl Tables for Cut {
    fn read(&self, path: &str) -> Result<RecordBatch, String> {
        self.0.read(path)
    }

    fn parts(&self, path: &str) -> Result<Parts, String> {
        let (whole, size) = (self.read(path)?, self.1);
        let starts = (0..whole.num_rows().max(1)).step_by(size);
        let part = move |start: usize| Ok(whole.slice(start, size.min(whole.num_rows() - start)));
        Ok(Box::new(starts.map(part)))
    }

    fn write(&self, _: &str, _: &[String], _: &[Vec<String>]) -> Result<(), String> {
        Ok(())
    }

    fn line(&self, path: &str, row: usize) -> Option<usize> {
        self.0.line(path, row)
    }
}

fn row() -> impl Strategy<Value = Vec<String>> {
    let member = |name: &'static str, most: u32| (0..most).prop_map(move |number| format!("{name}{number}"));
    let period =
        prop_oneof![20 => (1u32..=6).prop_map(|month| format!("2026-{month:02}")), 1 => Just("soon".to_owned())];
    let amount = || prop_oneof![20 => (-900i32..900).prop_map(|n| n.to_string()), 5 => Just(String::new()), 1 => Just("much".to_owned())];
    let scenario =
        prop_oneof![10 => Just("plan".to_owned()), 10 => Just("actual".to_owned()), 1 => Just("nowhere".to_owned())];
    let team = prop_oneof![6 => member("t", 4), 1 => Just(String::new())];
    (scenario, member("d", 3), team, period, amount(), amount())
        .prop_map(|(scenario, division, team, period, cost, heads)| vec![scenario, division, team, period, cost, heads])
}

/// What there is after some loads, and what each said.
fn loaded(tables: MemoryTables, size: usize, statements: &[String]) -> (Cells, Vec<Result<String, String>>) {
    let mut session = Session::new(Cube::in_memory("tester").unwrap(), Box::new(Cut(tables, size)));
    run(&mut session, MODEL).unwrap();
    let said = statements.iter().map(|statement| match session.execute(statement) {
        Ok(Answer::Load(receipt)) => Ok(format!("{receipt:?}")),
        Ok(_) => panic!("a load answers with its receipt"),
        Err(error) => Err(format!("{error:?}")),
    });
    let said = said.collect();
    (cells(&session.cube().snapshot()).unwrap(), said)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn a_load_is_the_same_whatever_rows_come_at_a_time(
        first in prop::collection::vec(row(), 0..40),
        second in prop::collection::vec(row(), 0..20),
        size in 1usize..15,
        duplicates in prop_oneof![Just(""), Just(" on duplicate last"), Just(" on duplicate reject")],
        skipping in any::<bool>(),
    ) {
        let skipping = if skipping { " skipping errors to 'rejects.csv'" } else { "" };
        let statement = |file| format!("load '{file}' creating members{duplicates}{skipping}");
        let statements = [statement("first"), statement("second")];
        let tables = MemoryTables::default().with("first", &HEADING, &first).unwrap();
        let tables = tables.with("second", &HEADING, &second).unwrap();
        let whole = loaded(tables.clone(), usize::MAX, &statements);
        prop_assert_eq!(loaded(tables, size, &statements), whole);
    }
}
