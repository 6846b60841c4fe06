//! Random cubes and random questions, answered by the product and by SQL over flattened tables in
//! SQLite. Every cell must be the same: exactly where it is exact, to the last digits where it is a
//! ratio; and no cell that SQL finds may be missing.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod oracle;
mod question;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use proptest::prelude::*;
use query::answer::{Answer, CellSet, Label, Value};

use oracle::{Exact, Oracle, Row};
use question::{Question, question};
use world::{World, world};

/// The labels of a position, rows first.
fn labels(row: &[Label], column: &[Label]) -> Vec<String> {
    row.iter().chain(column).map(|label| label.text.clone()).collect()
}

fn is_same(value: &Value, expected: Option<Exact>) -> bool {
    match (value, expected) {
        (Value::Empty, None) => true,
        (Value::Exact { units, scale }, Some(exact)) => units * exact.den == exact.num * 10i128.pow(u32::from(*scale)),
        (Value::Ratio(ratio), Some(exact)) => {
            let wanted = exact.num as f64 / exact.den as f64;
            (ratio - wanted).abs() <= 1e-9 * wanted.abs().max(1.0)
        }
        _ => false,
    }
}

/// Every cell of the answer is what SQL finds.
fn cells_agree(answer: &CellSet, question: &Question, oracle: &Oracle) -> Result<(), String> {
    let mut cells = answer.cells.iter();
    for row in &answer.rows {
        for column in &answer.columns {
            for shown in &question.shown {
                let value = cells.next().ok_or("too few cells")?;
                let labels = labels(row, column);
                let expected = oracle.value(question, shown, &labels)?;
                if !is_same(value, expected) {
                    return Err(format!("{labels:?} {}: {value:?} instead of {expected:?}", shown.text()));
                }
            }
        }
    }
    Ok(())
}

/// Every row that SQL finds a value in is there, but for those that a condition or a limit leaves out.
fn rows_agree(answer: &CellSet, question: &Question, oracle: &Oracle) -> Result<(), String> {
    if question.by.is_empty() || question.making().is_empty() || question.reads_across() {
        return Ok(());
    }
    let found: BTreeSet<Vec<String>> = answer.rows.iter().map(|row| labels(row, &[])).collect();
    if found.len() != answer.rows.len() {
        return Err("a row stands twice".into());
    }
    let mut wanted = oracle.rows(question)?;
    let total = vec!["(total)".to_owned(); question.by.len()];
    if question.totals && !wanted.is_empty() && oracle.stands(question, &total)? && !found.contains(&total) {
        return Err("there is no total".into());
    }
    if let Some(least) = question.having {
        wanted.retain(|(_, value)| value.is_some_and(|value| value.is_above(least)));
    }
    let is_total = |row: &&Vec<String>| row.iter().any(|label| label == "(total)");
    let plain: BTreeSet<Vec<String>> = found.iter().filter(|row| !is_total(row)).cloned().collect();
    match question.limit {
        None => {
            let wanted: BTreeSet<Vec<String>> = wanted.into_iter().map(|(row, _)| row).collect();
            if plain != wanted {
                return Err(format!("rows {plain:?} instead of {wanted:?}"));
            }
        }
        Some((bottom, count)) => best_rows(answer, wanted, bottom, count)?,
    }
    Ok(())
}

/// The rows kept are those of the largest (or smallest) values, whichever of equal ones.
fn best_rows(answer: &CellSet, mut wanted: Vec<Row>, bottom: bool, count: usize) -> Result<(), String> {
    wanted.retain(|(_, value)| value.is_some());
    let value_of: BTreeMap<Vec<String>, Option<Exact>> = wanted.iter().cloned().collect();
    let mut values: Vec<Exact> = wanted.iter().filter_map(|(_, value)| *value).collect();
    values.sort_by(|a, b| if bottom { a.order(b) } else { b.order(a) });
    values.truncate(count);
    let is_total = |row: &&Vec<Label>| row.iter().any(|label| label.text == "(total)");
    let rows: Vec<Vec<String>> = answer.rows.iter().filter(|row| !is_total(row)).map(|row| labels(row, &[])).collect();
    let mut kept: Vec<Exact> = rows.iter().filter_map(|row| value_of.get(row).copied().flatten()).collect();
    kept.sort_by(|a, b| if bottom { a.order(b) } else { b.order(a) });
    let same = kept.len() == values.len() && kept.iter().zip(&values).all(|(a, b)| a.order(b).is_eq());
    if same { Ok(()) } else { Err(format!("kept {rows:?}, of {values:?}")) }
}

fn agree(world: &World, questions: &[Question]) -> Result<(), String> {
    let mut session = world.session();
    let oracle = Oracle::new(world).map_err(|error| error.to_string())?;
    for question in questions {
        let text = question.text();
        let told = |problem: String| format!("{text}\n{problem}");
        let answer = session.execute(&text).map_err(|error| told(error.message.clone()))?;
        let Answer::Cells(answer) = answer else { return Err(told("no cells".into())) };
        cells_agree(&answer, question, &oracle).map_err(told)?;
        rows_agree(&answer, question, &oracle).map_err(told)?;
    }
    Ok(())
}

/// A world and what is asked of it; a failure shows it as statements.
#[derive(Clone)]
struct Case {
    world: World,
    questions: Vec<Question>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let questions: Vec<String> = self.questions.iter().map(Question::text).collect();
        write!(f, "{}\n{}", self.world.told(), questions.join(";\n"))
    }
}

fn case() -> impl Strategy<Value = Case> {
    world().prop_flat_map(|world| {
        let questions = prop::collection::vec(question(&world), 4);
        (Just(world), questions).prop_map(|(world, questions)| Case { world, questions })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn questions_agree_with_sql(case in case()) {
        if let Err(problem) = agree(&case.world, &case.questions) {
            return Err(TestCaseError::fail(problem));
        }
    }
}
