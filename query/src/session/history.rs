//! What was done: the list of operations, and the receipt of taking one back.

use crate::answer::{ChangeReceipt, List, Value};
use crate::formula::exact;
use engine::decimal::Decimal;
use engine::journal::{Kind, Operation, Stack};
use engine::snapshot::Snapshot;

/// Operations, the newest last.
pub(super) fn history<'o>(operations: impl Iterator<Item = &'o Operation>, stack: &Stack, all: &[Operation]) -> List {
    // What fits on a narrow screen comes first.
    let columns =
        ["operation", "state", "cells", "before", "after", "statement", "because", "scenario", "author", "time"];
    let text = |text: &str| if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) };
    let row = |operation: &Operation| {
        let record = &operation.record;
        vec![
            exact(i128::from(operation.sequence), 0),
            Value::Text(state(operation, stack, all)),
            exact(i128::from(record.cells), 0),
            number(record.before.as_deref()),
            number(record.after.as_deref()),
            text(&record.statement),
            text(record.reason.as_deref().unwrap_or_default()),
            text(&record.scenario),
            text(&operation.author),
            Value::Text(moment(operation.time)),
        ]
    };
    List { columns: columns.map(str::to_owned).to_vec(), rows: operations.map(row).collect(), notes: Vec::new() }
}

fn state(operation: &Operation, stack: &Stack, all: &[Operation]) -> String {
    let reverted =
        || all.iter().find(|other| is_done(other, stack) && other.record.reverts == Some(operation.sequence));
    match operation.kind {
        Kind::Do if is_done(operation, stack) => match (operation.record.reverts, reverted()) {
            (_, Some(other)) => format!("reverted by {}", other.sequence),
            (Some(target), None) => format!("revert of {target}"),
            (None, None) => "done".into(),
        },
        Kind::Do => "undone".into(),
        Kind::Undo(target) => format!("undo of {target}"),
        Kind::Redo(target) => format!("redo of {target}"),
    }
}

fn is_done(operation: &Operation, stack: &Stack) -> bool {
    stack.done.binary_search(&operation.sequence).is_ok()
}

fn number(text: Option<&str>) -> Value {
    text.and_then(|text| Decimal::parse(text).ok()).map_or(Value::Empty, |d| exact(d.units, d.scale))
}

/// The receipt of an undo or redo: it stands for all operations turned.
pub(super) fn turned(
    before: &Snapshot,
    operations: &[Operation],
    turned: &[Operation],
    statement: &str,
    back: bool,
) -> ChangeReceipt {
    let what: Vec<String> =
        turned.iter().map(|operation| format!("{}: {}", operation.sequence, operation.record.statement)).collect();
    let cells: u64 = turned.iter().map(|operation| operation.record.cells).sum();
    let last = operations.last().map(|operation| &operation.record);
    let single = turned.len() == 1;
    let value = |text: Option<&String>| number(text.filter(|_| single).map(String::as_str));
    let verb = if back { "taken back" } else { "done again" };
    let notes = what.iter().map(|what| format!("{verb} {what}")).collect();
    ChangeReceipt {
        operation: operations.last().map(|operation| operation.sequence).filter(|sequence| *sequence > before.sequence),
        statement: statement.to_owned(),
        cells_touched: cells,
        cells_created: 0,
        before: value(last.and_then(|record| record.before.as_ref())),
        after: value(last.and_then(|record| record.after.as_ref())),
        conserved: cells == 0
            || single && last.is_some_and(|record| record.before.is_some() && record.before == record.after),
        notes,
        ..ChangeReceipt::default()
    }
}

/// `2026-11-22 18:30:05` in UTC, by the civil-from-days method of Howard Hinnant.
pub(super) fn moment(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_of_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_of_march + 2) / 5 + 1;
    let month = if month_of_march < 10 { month_of_march + 3 } else { month_of_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn moments_are_civil() {
        assert_eq!(moment(0), "1970-01-01 00:00:00");
        assert_eq!(moment(951_782_400_000), "2000-02-29 00:00:00");
        assert_eq!(moment(1_795_372_205_123), "2026-11-22 18:30:05");
    }
}
