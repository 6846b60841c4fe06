//! Answers as CSV (RFC 4180), for programs.

use std::io::{self, Write};

use query::answer::{CellSet, Label, List};

use super::text;

/// Writes the pivot as it is laid out: row labels, then one field for each column position.
pub fn cells(out: &mut dyn Write, cells: &CellSet) -> io::Result<()> {
    let headings = cells.row_items.iter().cloned().chain(headings(cells));
    record(out, headings)?;
    for (row, labels) in cells.rows.iter().enumerate() {
        let labels = labels.iter().map(|label| label.text.clone());
        let numbers = (0..cells.columns.len()).flat_map(|column| {
            (0..cells.measures.len()).map(move |at| text::plain(text::cell(cells, row, column, at)))
        });
        record(out, labels.chain(numbers))?;
    }
    Ok(())
}

/// Writes a list.
pub fn list(out: &mut dyn Write, list: &List) -> io::Result<()> {
    record(out, list.columns.iter().cloned())?;
    for row in &list.rows {
        record(out, row.iter().map(text::plain))?;
    }
    Ok(())
}

/// One heading for each column position: its labels joined with `/`, the measure's name last.
fn headings(cells: &CellSet) -> impl Iterator<Item = String> {
    let named = text::names_measures(cells);
    cells.columns.iter().flat_map(move |labels| {
        cells.measures.iter().map(move |measure| heading(labels, named.then_some(&measure.name)))
    })
}

fn heading(labels: &[Label], measure: Option<&String>) -> String {
    let labels = labels.iter().map(|label| label.text.as_str());
    labels.chain(measure.map(String::as_str)).collect::<Vec<_>>().join("/")
}

fn record(out: &mut dyn Write, fields: impl Iterator<Item = String>) -> io::Result<()> {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(quoted(&field).as_bytes())?;
    }
    out.write_all(b"\n")
}

/// The field, in quotes where it holds a comma, a quote or the end of a line.
fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_string()
    }
}

#[cfg(test)]
mod tests {
    use query::answer::Value;

    use super::super::samples;
    use super::*;

    fn drawn(set: &CellSet) -> String {
        let mut out = Vec::new();
        cells(&mut out, set).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn one_measure_is_left_out_of_the_headings() {
        let expected = "\
division,department,2026-Q1,2026-Q2
Product,Engineering,1234.50,
Product,Design,-0.05,200.00
Product,(total),1234.45,200.00
(total),(total),1234.45,200.00
";
        assert_eq!(drawn(&samples::pivot()), expected);
    }

    #[test]
    fn several_measures_are_named_last() {
        let expected = "\
project,actual/revenue,actual/margin,plan/revenue,plan/margin
Apollo,10.00,0.1,20.00,0.3333333333333333
";
        assert_eq!(drawn(&samples::two_measures()), expected);
    }

    #[test]
    fn without_an_across_the_measure_is_the_heading() {
        let mut set = samples::pivot();
        set.column_items.clear();
        set.columns = vec![Vec::new()];
        set.cells = vec![Value::Empty; 4];
        assert!(drawn(&set).starts_with("division,department,cost\nProduct,Engineering,\n"));
    }

    #[test]
    fn fields_are_quoted_where_needed() {
        assert_eq!(quoted("New York"), "New York");
        assert_eq!(quoted("a,b"), "\"a,b\"");
        assert_eq!(quoted("say \"hi\"\n"), "\"say \"\"hi\"\"\n\"");
    }
}
