//! The receipt of a change, for people.

use std::io::{self, Write};

use query::answer::{Breakdown, CellChange, ChangeReceipt, Rounding, Value};

use super::grid::{Grid, Heading, Line, Side};
use super::number::Digits;
use super::screen::Screen;
use super::text;

/// How many parts of a dimension are listed.
const PARTS: usize = 8;

/// Writes what the statement did, or would do.
pub fn write(out: &mut dyn Write, receipt: &ChangeReceipt) -> io::Result<()> {
    let statement = text::statement(&receipt.statement);
    match receipt.operation {
        Some(number) => writeln!(out, "operation {number}: {statement}")?,
        None if receipt.cells_touched == 0 => writeln!(out, "nothing to change: {statement}")?,
        None => writeln!(out, "nothing changed yet: {statement}")?,
    }
    for (name, value) in facts(receipt) {
        writeln!(out, "  {name:<15}{value}")?;
    }
    receipt.parts.iter().try_for_each(|breakdown| parts(out, breakdown))?;
    if let Some(placed) = &receipt.rounding {
        writeln!(out, "  {:<15}{}", "rounding", rounding(placed))?;
    }
    if receipt.largest.is_empty() { Ok(()) } else { largest(out, &receipt.largest) }
}

fn facts(receipt: &ChangeReceipt) -> Vec<(&'static str, String)> {
    let unit = receipt.unit.as_deref();
    if (&receipt.before, &receipt.after) == (&Value::Empty, &Value::Empty) {
        return vec![("cells touched", touched(receipt))];
    }
    let mut facts = vec![
        ("cells touched", touched(receipt)),
        ("total before", amount(&receipt.before, unit)),
        ("total after", amount(&receipt.after, unit)),
    ];
    if let Some(difference) = difference(&receipt.before, &receipt.after) {
        facts.push(("difference", with_unit(difference, unit)));
    }
    if let Some(held) = &receipt.held {
        facts.push(("held", amount(held, unit)));
    }
    let conserved = if receipt.conserved { "yes, the total of everything is the same" } else { "no" };
    facts.push(("conserved", conserved.into()));
    facts
}

fn touched(receipt: &ChangeReceipt) -> String {
    let count = |count: u64| Digits::exact(i128::from(count), 0).grouped();
    match receipt.cells_created {
        0 => count(receipt.cells_touched),
        created => format!("{} ({} of them new)", count(receipt.cells_touched), count(created)),
    }
}

fn amount(value: &Value, unit: Option<&str>) -> String {
    match value {
        Value::Empty => "empty".into(),
        value => with_unit(text::people(value), unit),
    }
}

fn with_unit(number: String, unit: Option<&str>) -> String {
    match unit {
        Some(unit) if !unit.is_empty() => format!("{number} {}", text::one_line(unit)),
        _ => number,
    }
}

/// `+500.00`, where both are exact.
fn difference(before: &Value, after: &Value) -> Option<String> {
    let (Value::Exact { units: old, scale }, Value::Exact { units: new, scale: other }) = (before, after) else {
        return None;
    };
    if scale != other || old == new {
        return None;
    }
    let difference = new.checked_sub(*old)?;
    let sign = if difference > 0 { "+" } else { "" };
    Some(format!("{sign}{}", Digits::exact(difference, *scale).grouped()))
}

/// `by department  Sales  200.00 → 240.00`, a line for each part.
fn parts(out: &mut dyn Write, breakdown: &Breakdown) -> io::Result<()> {
    let listed = most_changed(&breakdown.parts);
    let texts: Vec<[String; 3]> = listed.iter().map(|part| texts(part)).collect();
    let wide = |column: usize| texts.iter().map(|texts| text::width(&texts[column])).max().unwrap_or(0);
    let (names, befores, afters) = (wide(0), wide(1), wide(2));
    let mut heading = format!("by {}", text::one_line(&breakdown.dimension));
    for [name, before, after] in &texts {
        let arrow = if after == before { ' ' } else { '→' };
        let after = if after == before { "" } else { after };
        let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(text::width(text)));
        let line = format!(
            "  {heading:<14} {name}{}  {}{before} {arrow} {}{after}",
            pad(name, names),
            pad(before, befores),
            pad(after, afters)
        );
        writeln!(out, "{}", line.trim_end())?;
        heading.clear();
    }
    match breakdown.parts.len() - listed.len() {
        0 => Ok(()),
        more => writeln!(out, "  {:<14} and {more} more", ""),
    }
}

fn texts(part: &CellChange) -> [String; 3] {
    [text::one_line(&part.cell), amount(&part.before, None), amount(&part.after, None)]
}

/// The parts to list, in their order: all where they are few, else those that changed most.
fn most_changed(parts: &[CellChange]) -> Vec<&CellChange> {
    let units = |value: &Value| if let Value::Exact { units, .. } = value { *units } else { 0 };
    let moved = |part: &CellChange| (units(&part.after) - units(&part.before)).abs();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse(moved(&parts[*place])));
    order.truncate(PARTS);
    order.sort_unstable();
    order.into_iter().map(|place| &parts[place]).collect()
}

/// `a unit of 0.01 by largest remainder on 2 leaves: Sales, 2026-01; Sales, 2026-02`
fn rounding(placed: &Rounding) -> String {
    let unit = text::people(&placed.unit);
    let count = Digits::exact(i128::from(placed.leaves), 0).grouped();
    let leaves = if placed.leaves == 1 { "leaf" } else { "leaves" };
    let named: Vec<String> = placed.first.iter().map(|cell| text::one_line(cell)).collect();
    let more = placed.leaves.saturating_sub(named.len() as u64);
    let rest = if more > 0 { "; …" } else { "" };
    let rule = placed.rule;
    format!("a unit of {unit} by {rule} on {count} {leaves}: {}{rest}", named.join("; "))
}

fn largest(out: &mut dyn Write, changes: &[CellChange]) -> io::Result<()> {
    let names = ["largest changes", "before", "after"];
    let headings = names.iter().enumerate();
    let headings = headings.map(|(at, name)| Heading { text: (*name).into(), over: at..at + 1 });
    let line = |change: &CellChange| Line {
        texts: vec![text::one_line(&change.cell), text::people(&change.before), text::people(&change.after)],
        ..Line::default()
    };
    let grid = Grid {
        frozen: Vec::new(),
        headings: vec![headings.collect()],
        sides: vec![Side::Left, Side::Right, Side::Right],
        lines: changes.iter().map(line).collect(),
    };
    writeln!(out)?;
    grid.write(out, Screen::default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receipt() -> ChangeReceipt {
        ChangeReceipt {
            operation: Some(17),
            statement: "set cost to 1.2M\n  where plan".into(),
            cells_touched: 1200,
            cells_created: 3,
            before: Value::Exact { units: 110_000_000, scale: 2 },
            after: Value::Exact { units: 120_000_000, scale: 2 },
            conserved: false,
            unit: Some("USD".into()),
            ..ChangeReceipt::default()
        }
    }

    fn drawn(receipt: &ChangeReceipt) -> String {
        let mut out = Vec::new();
        write(&mut out, receipt).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_change_says_what_it_did() {
        let expected = "\
operation 17: set cost to 1.2M where plan
  cells touched  1,200 (3 of them new)
  total before   1,100,000.00 USD
  total after    1,200,000.00 USD
  difference     +100,000.00 USD
  conserved      no
";
        assert_eq!(drawn(&receipt()), expected);
    }

    #[test]
    fn a_preview_shows_the_largest_changes() {
        let change = CellChange {
            cell: "plan, Apollo, 2026-01".into(),
            before: Value::Empty,
            after: Value::Exact { units: 123_450, scale: 2 },
        };
        let preview = ChangeReceipt {
            operation: None,
            before: Value::Empty,
            conserved: true,
            largest: vec![change],
            ..receipt()
        };
        let expected = "\
nothing changed yet: set cost to 1.2M where plan
  cells touched  1,200 (3 of them new)
  total before   empty
  total after    1,200,000.00 USD
  conserved      yes, the total of everything is the same

largest changes        before     after
───────────────────────────────────────
plan, Apollo, 2026-01          1,234.50
";
        assert_eq!(drawn(&preview), expected);
    }
}
