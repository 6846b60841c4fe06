//! Answers as fields with a separator between them (RFC 4180), for programs.

use std::io::{self, Write};

use datasets::guarded;
use query::answer::Value;

use super::sheet::Sheet;
use super::text;

/// Writes the sheet, its fields parted by `separator`.
pub fn write(out: &mut dyn Write, sheet: &Sheet, separator: char) -> io::Result<()> {
    record(out, sheet.columns.iter().map(|column| guarded(&column.name).into_owned()), separator)?;
    for row in &sheet.rows {
        record(out, row.iter().map(field), separator)?;
    }
    Ok(())
}

/// The value; a text that a spreadsheet would work out has an apostrophe before it.
fn field(value: &Value) -> String {
    match value {
        Value::Text(text) => guarded(text).into_owned(),
        other => text::plain(other),
    }
}

fn record(out: &mut dyn Write, fields: impl Iterator<Item = String>, separator: char) -> io::Result<()> {
    for (at, field) in fields.enumerate() {
        if at > 0 {
            write!(out, "{separator}")?;
        }
        out.write_all(quoted(&field, separator).as_bytes())?;
    }
    out.write_all(b"\n")
}

/// The field, in quotes where it holds the separator, a quote or the end of a line.
fn quoted(field: &str, separator: char) -> String {
    if field.contains([separator, '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_string()
    }
}

#[cfg(test)]
mod tests {
    use query::answer::CellSet;

    use super::super::samples;
    use super::*;

    fn drawn(set: &CellSet) -> String {
        let mut out = Vec::new();
        write(&mut out, &Sheet::of_cells(set), ',').unwrap();
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
        assert_eq!(quoted("New York", ','), "New York");
        assert_eq!(quoted("a,b", ','), "\"a,b\"");
        assert_eq!(quoted("a,b", '\t'), "a,b");
        assert_eq!(quoted("a\tb", '\t'), "\"a\tb\"");
        assert_eq!(quoted("say \"hi\"\n", ','), "\"say \"\"hi\"\"\n\"");
    }

    #[test]
    fn a_text_is_never_a_formula_and_a_number_stays_one() {
        assert_eq!(field(&Value::Text("=SUM(A1)".into())), "'=SUM(A1)");
        assert_eq!(field(&Value::Text("@here".into())), "'@here");
        assert_eq!(field(&Value::Exact { units: -5, scale: 0 }), "-5");
    }
}
