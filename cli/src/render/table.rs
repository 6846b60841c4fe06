//! A pivot for people.

use std::io::{self, Write};

use query::answer::{CellSet, Label, LabelKind, MeasureHeading, Value};

use super::format::NumberFormat;
use super::grid::{Grid, Heading, Line, Side};
use super::number::Digits;
use super::screen::Screen;
use super::text;

/// Writes the pivot: its measure where the columns do not name it, headings, rows.
pub fn write(out: &mut dyn Write, cells: &CellSet, screen: Screen) -> io::Result<()> {
    if let Some(measure) = title(cells) {
        writeln!(out, "{}", text::heading(&measure.name, measure.unit.as_deref()))?;
    }
    let shown = screen.rows.map_or(cells.rows.len(), |rows| rows.min(cells.rows.len()));
    grid(cells, shown).write(out, screen)?;
    match cells.rows.len() - shown {
        0 if cells.rows.is_empty() => writeln!(out, "(no rows)"),
        0 => Ok(()),
        hidden => writeln!(out, "… {hidden} more rows; --output FILE or .format csv shows all"),
    }
}

/// The one measure of a table whose column headings leave it out.
pub fn title(cells: &CellSet) -> Option<&MeasureHeading> {
    if text::names_measures(cells) { None } else { cells.measures.first() }
}

/// The pivot's first rows as a grid.
pub fn grid(cells: &CellSet, shown: usize) -> Grid {
    let count = cells.columns.len() * cells.measures.len();
    let exact: Vec<bool> = (0..cells.measures.len()).map(|at| is_exact(cells, at)).collect();
    let style = |at: usize| ColumnStyle::of(cells, at, exact[at % exact.len()]);
    let styles: Vec<ColumnStyle> = (0..count).map(style).collect();
    Grid {
        frozen: cells.row_items.iter().map(|item| text::one_line(item)).collect(),
        headings: headings(cells),
        sides: vec![Side::Right; count],
        lines: (0..shown).map(|row| line(cells, row, &styles)).collect(),
    }
}

/// One line for each column item, then one for the measures where they are named.
fn headings(cells: &CellSet) -> Vec<Vec<Heading>> {
    let mut lines: Vec<Vec<Heading>> = (0..cells.column_items.len()).map(|level| item_headings(cells, level)).collect();
    if text::names_measures(cells) {
        lines.push(measure_headings(cells));
    }
    lines
}

/// The labels of one column item; neighbours that agree so far are one heading.
fn item_headings(cells: &CellSet, level: usize) -> Vec<Heading> {
    let measures = cells.measures.len();
    let mut headings: Vec<Heading> = Vec::new();
    for (at, labels) in cells.columns.iter().enumerate() {
        let same = at > 0 && cells.columns[at - 1].get(..=level) == labels.get(..=level);
        match headings.last_mut() {
            Some(last) if same => last.over.end += measures,
            _ => headings.push(Heading { text: label_at(labels, level), over: at * measures..(at + 1) * measures }),
        }
    }
    headings
}

fn measure_headings(cells: &CellSet) -> Vec<Heading> {
    let names = cells.measures.iter().map(|m| text::heading(&m.name, m.unit.as_deref()));
    let names: Vec<String> = names.collect();
    let count = cells.columns.len() * names.len();
    let over = |at: usize| Heading { text: names[at % names.len()].clone(), over: at..at + 1 };
    (0..count).map(over).collect()
}

/// The label's text; blank for the inner items of a total.
fn label_at(labels: &[Label], level: usize) -> String {
    let total =
        |at: usize| labels.get(at).is_some_and(|label| matches!(label.kind, LabelKind::Total | LabelKind::Others));
    let inner = level > 0 && total(level) && labels[level].kind == labels[level - 1].kind;
    if inner { String::new() } else { labels.get(level).map(text::label).unwrap_or_default() }
}

fn line(cells: &CellSet, row: usize, styles: &[ColumnStyle]) -> Line {
    let mut texts = row_labels(cells, row);
    let measures = cells.measures.len();
    for (at, style) in styles.iter().enumerate() {
        let value = text::cell(cells, row, at / measures, at % measures);
        texts.push(match value {
            Value::Ratio(_) if is_variance_share(&cells.rows[row]) => VARIANCE_SHARE.show(value),
            value => style.show(value),
        });
    }
    let total = is_grand_total(&cells.rows[row]);
    let after_rows = row > 0 && !is_grand_total(&cells.rows[row - 1]);
    let strong = cells.rows[row].iter().any(|label| label.kind == LabelKind::Total);
    Line { texts, rule_above: total && after_rows, strong }
}

fn is_grand_total(labels: &[Label]) -> bool {
    !labels.is_empty() && labels.iter().all(|label| label.kind == LabelKind::Total)
}

/// The row's labels; outer ones that the row above has too are left blank.
fn row_labels(cells: &CellSet, row: usize) -> Vec<String> {
    let labels = &cells.rows[row];
    let above = row.checked_sub(1).map(|above| &cells.rows[above]);
    let repeated = |level: usize| {
        level + 1 < labels.len() && above.is_some_and(|above| above.get(..=level) == labels.get(..=level))
    };
    let shown = |level| {
        if repeated(level) { String::new() } else { label_at(labels, level) }
    };
    (0..labels.len()).map(shown).collect()
}

/// How the shares that `a vs b` makes are shown.
const VARIANCE_SHARE: ColumnStyle = ColumnStyle { format: Some(NumberFormat::percent(1)), ratio_decimals: 1 };

/// How the numbers of one column are shown.
struct ColumnStyle {
    format: Option<NumberFormat>,
    ratio_decimals: usize,
}

impl ColumnStyle {
    fn of(cells: &CellSet, at: usize, exact: bool) -> Self {
        let (column, measure) = (at / cells.measures.len(), at % cells.measures.len());
        let own = |row: &usize| !is_variance_share(&cells.rows[*row]);
        let values = || (0..cells.rows.len()).filter(own).map(|row| text::cell(cells, row, column, measure));
        let ratios = values().all(|value| matches!(value, Value::Ratio(_) | Value::Empty));
        let format = cells.measures[measure].format.as_deref().and_then(NumberFormat::parse);
        let format = if ratios && exact {
            VARIANCE_SHARE.format.filter(|_| is_variance_share(&cells.columns[column]))
        } else {
            format
        };
        ColumnStyle { format, ratio_decimals: text::shared_decimals(values()) }
    }

    fn show(&self, value: &Value) -> String {
        match (value, self.format) {
            (Value::Exact { units, scale }, Some(format)) => format.apply(Digits::exact(*units, *scale)),
            (Value::Ratio(ratio), Some(format)) => {
                Digits::ratio(*ratio).map(|digits| format.apply(digits)).unwrap_or_default()
            }
            (Value::Ratio(ratio), None) => text::ratio_with(*ratio, self.ratio_decimals),
            (Value::Text(words), _) => text::one_line(words),
            (other, _) => text::people(other),
        }
    }
}

/// Whether the measure itself is exact, so that a column of ratios is something made of it and
/// the measure's format is not meant for it.
fn is_exact(cells: &CellSet, measure: usize) -> bool {
    let values = cells.cells.iter().skip(measure).step_by(cells.measures.len());
    values.into_iter().any(|value| matches!(value, Value::Exact { .. }))
}

/// The column or row that `a vs b` makes of shares.
fn is_variance_share(labels: &[Label]) -> bool {
    labels.iter().any(|label| label.text == "variance %")
}

#[cfg(test)]
mod tests;
