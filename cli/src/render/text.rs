//! Values as texts, and texts made safe for one line of a terminal.

use query::answer::{CellSet, Label, LabelKind, Value};
use unicode_width::UnicodeWidthStr;

use super::number::Digits;

/// The value for people, with thousands separators; an empty text where there is none.
pub fn people(value: &Value) -> String {
    match value {
        Value::Exact { units, scale } => Digits::exact(*units, *scale).grouped(),
        Value::Ratio(ratio) => {
            Digits::ratio(*ratio).map(|digits| ratio_digits(&digits, digits_shown(*ratio))).unwrap_or_default()
        }
        other => plain(other),
    }
}

/// The value for programs: full scale, no separators; an empty text where there is none.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Exact { units, scale } => Digits::exact(*units, *scale).plain(),
        Value::Ratio(ratio) => Digits::ratio(*ratio).map_or_else(String::new, |d| d.plain()),
        Value::Text(text) => text.clone(),
        Value::Flag(flag) => flag.to_string(),
    }
}

/// Decimals that a ratio of this size is shown with at most.
fn digits_shown(ratio: f64) -> usize {
    if ratio.abs() < 100.0 { 4 } else { 2 }
}

/// Decimals that all these ratios need side by side.
pub fn shared_decimals<'a>(values: impl Iterator<Item = &'a Value>) -> usize {
    let ratios = values.filter_map(|value| match value {
        Value::Ratio(ratio) => Some((*ratio, Digits::ratio(*ratio)?)),
        _ => None,
    });
    let (mut needed, mut allowed) = (0, 4);
    for (ratio, digits) in ratios {
        needed = needed.max(digits.rounded(4).decimals());
        allowed = allowed.min(digits_shown(ratio));
    }
    needed.min(allowed)
}

/// A ratio with this many decimals, or its power of ten where nothing of it would be seen.
pub fn ratio_with(ratio: f64, decimals: usize) -> String {
    match Digits::ratio(ratio) {
        Some(digits) if digits.is_zero() => digits.rounded(decimals).grouped(),
        Some(digits) => {
            let shown = digits.rounded(decimals);
            if shown.is_zero() { format!("{ratio:.2e}") } else { shown.grouped() }
        }
        None => String::new(),
    }
}

fn ratio_digits(digits: &Digits, decimals: usize) -> String {
    let rounded = digits.clone().rounded(decimals);
    let needed = rounded.decimals();
    rounded.rounded(needed).grouped()
}

/// The label as a table shows it.
pub fn label(label: &Label) -> String {
    match label.kind {
        LabelKind::Member | LabelKind::Blank => one_line(&label.text),
        LabelKind::Total => "Total".into(),
        LabelKind::Others => "Others".into(),
    }
}

/// A text on one line, without what would steer a terminal.
pub fn one_line(text: &str) -> String {
    safe(&text.replace(['\n', '\r', '\t'], " "))
}

/// A text without what would steer a terminal, or turn the direction in which it is read.
pub fn safe(text: &str) -> String {
    let steers = |c: char| c.is_control() && c != '\n' && c != '\t';
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if steers(c) || turns(c) { '\u{fffd}' } else { c }).collect()
}

/// A statement on one line, its runs of white space as one blank.
pub fn statement(text: &str) -> String {
    one_line(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Columns of a terminal that the text takes.
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// `cost (USD)`
pub fn heading(name: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) if !unit.is_empty() => one_line(&format!("{name} ({unit})")),
        _ => one_line(name),
    }
}

/// The value at a row, a column position and a measure.
pub fn cell(cells: &CellSet, row: usize, column: usize, measure: usize) -> &Value {
    let at = (row * cells.columns.len() + column) * cells.measures.len() + measure;
    cells.cells.get(at).unwrap_or(&Value::Empty)
}

/// Whether the measure's name is part of a column's heading: it is left out where there is one
/// measure and an `across`.
pub fn names_measures(cells: &CellSet) -> bool {
    cells.measures.len() != 1 || cells.column_items.is_empty()
}

/// What stands for a letter that would be taken for markup, in HTML and in Markdown.
pub fn entity(letter: char) -> Option<&'static str> {
    match letter {
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '&' => Some("&amp;"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_show_what_is_needed() {
        assert_eq!(people(&Value::Ratio(0.5)), "0.5");
        assert_eq!(people(&Value::Ratio(1.0 / 3.0)), "0.3333");
        assert_eq!(people(&Value::Ratio(1234.5678)), "1,234.57");
        assert_eq!(ratio_with(0.00001234, 4), "1.23e-5");
        assert_eq!(ratio_with(0.0, 2), "0.00");
        let values = [Value::Ratio(0.5), Value::Empty, Value::Ratio(0.125)];
        assert_eq!(shared_decimals(values.iter()), 3);
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        assert_eq!(one_line("a\nb\x1b[1m"), "a b\u{fffd}[1m");
        assert_eq!(safe("a\n\tb\x1b[1m\u{202e}c\r"), "a\n\tb\u{fffd}[1m\u{fffd}c\u{fffd}");
    }
}
