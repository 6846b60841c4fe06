//! By what a recorded statement shared its amount, in words.

use crate::syntax::ast::{Change, Statement, Verb};
use crate::syntax::{parse, split};
use engine::journal::Record;

/// By what an operation gave leaves of a measure their values: `proportionally`, `by headcount`, `loaded`; of several
/// statements run as one, those of each. None where it does not say.
pub(super) fn basis(record: &Record, measure: &str) -> Option<String> {
    if record.reverts.is_some() {
        return Some("taken back".to_owned());
    }
    let statements: Vec<&str> = match record.script.as_slice() {
        [] => split(&record.statement).into_iter().filter_map(|span| record.statement.get(span)).collect(),
        script => script.iter().map(String::as_str).collect(),
    };
    let is_one = statements.len() == 1;
    let is_one_cell = is_one && record.cells == 1;
    let measure = Some(measure).filter(|_| !is_one);
    let mut all: Vec<String> = Vec::new();
    for basis in statements.iter().filter_map(|text| of_statement(&parse(text).ok()?, measure, is_one_cell)) {
        if !all.contains(&basis) {
            all.push(basis);
        }
    }
    (!all.is_empty()).then(|| all.join("; "))
}

fn of_statement(statement: &Statement, measure: Option<&str>, is_one_cell: bool) -> Option<String> {
    match statement {
        Statement::Change(change) => of_change(change, measure, is_one_cell),
        Statement::Load(_) => Some("loaded".to_owned()),
        Statement::Merge(_) => Some("merged".to_owned()),
        _ => None,
    }
}

fn of_change(change: &Change, measure: Option<&str>, is_one_cell: bool) -> Option<String> {
    let is_named =
        |name: &str| change.verb.measure().names.last().is_some_and(|last| last.text.eq_ignore_ascii_case(name));
    if !measure.is_none_or(is_named) {
        return None;
    }
    Some(match &change.verb {
        Verb::Copy { times: None, .. } => "copied".to_owned(),
        Verb::Copy { times: Some(times), .. } => format!("copied times {times}"),
        Verb::Clear { .. } => "cleared".to_owned(),
        Verb::Fill { .. } => "entered".to_owned(),
        Verb::Set { .. } if is_one_cell => "entered".to_owned(),
        _ => shared_by(change),
    })
}

fn shared_by(change: &Change) -> String {
    let method = change.method.as_ref().map_or_else(|| "proportionally".to_owned(), |(method, _)| method.to_string());
    let phased = change.phased.as_ref().map(|(phasing, _)| format!(", phased {phasing}"));
    let curve = change.curve.as_ref().map(|(curve, _)| format!(", {curve}"));
    [Some(method), phased, curve].into_iter().flatten().collect()
}
