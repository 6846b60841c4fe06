//! Answers as JSON, one document on one line, for programs.
//!
//! Written piece by piece, because numbers keep the measure's full scale (`1000.00`) and keys the
//! order of the statement.

use std::io::{self, Write};

use query::answer::{Breakdown, CellChange, CellSet, ChangeReceipt, List, LoadReceipt, Rounding, Value};

use super::number::Digits;
use super::text;

/// How the records of an answer stand beside one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// All of them in one array on one line.
    Array,
    /// Each on a line of its own.
    Lines,
}

impl Records {
    fn write(self, out: &mut dyn Write, records: impl Iterator<Item = Record>) -> io::Result<()> {
        let (before, between, after) = match self {
            Records::Array => ("[", ",", "]\n"),
            Records::Lines => ("", "\n", "\n"),
        };
        out.write_all(before.as_bytes())?;
        let mut any = false;
        for record in records {
            if any {
                out.write_all(between.as_bytes())?;
            }
            out.write_all(record.finish().as_bytes())?;
            any = true;
        }
        if any || self == Records::Array { out.write_all(after.as_bytes()) } else { Ok(()) }
    }
}

/// Writes the pivot as records, one for each row and column position.
pub fn cells(out: &mut dyn Write, cells: &CellSet, records: Records) -> io::Result<()> {
    let places = (0..cells.rows.len()).flat_map(|row| (0..cells.columns.len()).map(move |column| (row, column)));
    records.write(out, places.map(|(row, column)| cell_record(cells, row, column)))
}

fn cell_record(cells: &CellSet, row: usize, column: usize) -> Record {
    let mut record = Record::default();
    let rows = cells.row_items.iter().zip(&cells.rows[row]);
    for (item, label) in rows.chain(cells.column_items.iter().zip(&cells.columns[column])) {
        record.put(item, label.plain().map_or_else(|| value(&Value::Empty), string));
    }
    for (at, measure) in cells.measures.iter().enumerate() {
        record.put(&measure.name, value(text::cell(cells, row, column, at)));
    }
    record
}

/// Writes a list as records.
pub fn list(out: &mut dyn Write, list: &List, records: Records) -> io::Result<()> {
    let record = |row: &Vec<Value>| {
        let mut record = Record::default();
        for (name, field) in list.columns.iter().zip(row) {
            record.put(name, value(field));
        }
        record
    };
    records.write(out, list.rows.iter().map(record))
}

/// Writes the receipt of a change.
pub fn change(out: &mut dyn Write, receipt: &ChangeReceipt) -> io::Result<()> {
    let mut record = Record::default();
    record.put("operation", receipt.operation.map_or("null".into(), |number| number.to_string()));
    record.put("statement", string(&receipt.statement));
    record.put("cells_touched", receipt.cells_touched.to_string());
    record.put("cells_created", receipt.cells_created.to_string());
    record.put("before", value(&receipt.before));
    record.put("after", value(&receipt.after));
    record.put("conserved", receipt.conserved.to_string());
    if receipt.operation.is_none() {
        put_preview(&mut record, receipt);
    }
    writeln!(out, "{}", record.finish())
}

/// What a preview tells beyond what a change does.
fn put_preview(record: &mut Record, receipt: &ChangeReceipt) {
    if let Some(held) = &receipt.held {
        record.put("held", value(held));
    }
    if !receipt.parts.is_empty() {
        record.put("by", breakdowns(&receipt.parts));
    }
    if let Some(placed) = &receipt.rounding {
        record.put("rounding", rounding(placed));
    }
    let largest: Vec<String> = receipt.largest.iter().map(|change| changed("cell", change)).collect();
    record.put("largest", format!("[{}]", largest.join(",")));
}

/// `{"channel":[{"member":"Events","before":500,"after":300}]}`
fn breakdowns(parts: &[Breakdown]) -> String {
    let mut record = Record::default();
    for breakdown in parts {
        let parts: Vec<String> = breakdown.parts.iter().map(|part| changed("member", part)).collect();
        record.put(&breakdown.dimension, format!("[{}]", parts.join(",")));
    }
    record.finish()
}

fn rounding(placed: &Rounding) -> String {
    let mut record = Record::default();
    record.put("leaves", placed.leaves.to_string());
    record.put("unit", value(&placed.unit));
    let first: Vec<String> = placed.first.iter().map(|cell| string(cell)).collect();
    record.put("first", format!("[{}]", first.join(",")));
    record.finish()
}

fn changed(what: &str, change: &CellChange) -> String {
    let mut record = Record::default();
    record.put(what, string(&change.cell));
    record.put("before", value(&change.before));
    record.put("after", value(&change.after));
    record.finish()
}

/// Writes the receipt of a load.
pub fn load(out: &mut dyn Write, receipt: &LoadReceipt) -> io::Result<()> {
    let mut record = Record::default();
    let counts = [
        ("operation", receipt.operation),
        ("rows", receipt.rows),
        ("cells", receipt.cells),
        ("members_created", receipt.members_created),
        ("duplicates", receipt.duplicates),
        ("rejected", receipt.rejected),
    ];
    for (name, count) in counts {
        record.put(name, count.to_string());
    }
    writeln!(out, "{}", record.finish())
}

/// An object being written, its keys in the order they come.
#[derive(Default)]
struct Record {
    fields: Vec<String>,
}

impl Record {
    fn put(&mut self, key: &str, value: String) {
        self.fields.push(format!("{}:{value}", string(key)));
    }

    fn finish(self) -> String {
        format!("{{{}}}", self.fields.join(","))
    }
}

fn value(value: &Value) -> String {
    match value {
        Value::Empty => "null".into(),
        Value::Exact { units, scale } => Digits::exact(*units, *scale).plain(),
        Value::Ratio(ratio) => serde_json::Value::from(*ratio).to_string(),
        Value::Text(text) => string(text),
        Value::Flag(flag) => flag.to_string(),
    }
}

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn drawn(write: impl Fn(&mut dyn Write) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_show_is_one_record_for_each_row_and_column() {
        let mut set = samples::pivot();
        set.rows.truncate(1);
        let expected = concat!(
            r#"[{"division":"Product","department":"Engineering","quarter":"2026-Q1","cost":1234.50},"#,
            r#"{"division":"Product","department":"Engineering","quarter":"2026-Q2","cost":null}]"#,
            "\n"
        );
        assert_eq!(drawn(|out| cells(out, &set, Records::Array)), expected);
    }

    #[test]
    fn records_can_have_a_line_each() {
        let mut set = samples::two_measures();
        let expected = concat!(
            r#"{"project":"Apollo","scenario":"actual","revenue":10.00,"margin":0.1}"#,
            "\n",
            r#"{"project":"Apollo","scenario":"plan","revenue":20.00,"margin":0.3333333333333333}"#,
            "\n"
        );
        assert_eq!(drawn(|out| cells(out, &set, Records::Lines)), expected);
        set.rows.clear();
        assert_eq!(drawn(|out| cells(out, &set, Records::Lines)), "");
        assert_eq!(drawn(|out| cells(out, &set, Records::Array)), "[]\n");
    }

    #[test]
    fn ratios_are_shortest_and_never_infinite() {
        assert_eq!(value(&Value::Ratio(0.1)), "0.1");
        assert_eq!(value(&Value::Ratio(1.0 / 3.0)), "0.3333333333333333");
        assert_eq!(value(&Value::Ratio(f64::NAN)), "null");
        assert_eq!(value(&Value::Ratio(f64::INFINITY)), "null");
    }

    #[test]
    fn receipts_keep_their_order() {
        let receipt = ChangeReceipt {
            operation: Some(17),
            statement: "set cost to 1 because 'a \"b\"'".into(),
            cells_touched: 4,
            cells_created: 0,
            before: Value::Exact { units: 100_000, scale: 2 },
            after: Value::Exact { units: 33_334, scale: 2 },
            conserved: true,
            ..ChangeReceipt::default()
        };
        let expected = concat!(
            r#"{"operation":17,"statement":"set cost to 1 because 'a \"b\"'","cells_touched":4,"#,
            r#""cells_created":0,"before":1000.00,"after":333.34,"conserved":true}"#,
            "\n"
        );
        assert_eq!(drawn(|out| change(out, &receipt)), expected);
        let preview = ChangeReceipt { operation: None, ..receipt };
        assert!(drawn(|out| change(out, &preview)).contains(r#""operation":null"#));
        assert!(drawn(|out| change(out, &preview)).ends_with(",\"largest\":[]}\n"));
    }

    #[test]
    fn lists_are_records() {
        let list_of = List {
            columns: vec!["operation".into(), "undone".into()],
            rows: vec![vec![Value::Exact { units: 1, scale: 0 }, Value::Flag(true)]],
            notes: Vec::new(),
        };
        assert_eq!(drawn(|out| list(out, &list_of, Records::Array)), "[{\"operation\":1,\"undone\":true}]\n");
    }
}
