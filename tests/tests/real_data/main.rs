//! Real data: the product loads it by the scripts in `real/`, and every cell that it answers is
//! compared with the same figure worked out from the file with polars.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod finance;
mod foodmart;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Output;

use polars::prelude::{CsvReadOptions, DataFrame, ParquetReader, SerReader};
use serde_json::Value;
use tempfile::TempDir;
use tests::binary;

/// Figures in cents by the names of their coordinates.
type Figures = BTreeMap<Vec<String>, i64>;

/// A copy of some files of a data set, out of the way of what the product writes.
struct Data {
    folder: TempDir,
}

impl Data {
    /// The files, where the data set is there.
    fn copy(set: &str, files: &[&str]) -> Option<Self> {
        let source = binary::real_data(set)?;
        let folder = TempDir::new().unwrap();
        for file in files {
            fs::copy(source.join(file), folder.path().join(file)).unwrap();
        }
        Some(Data { folder })
    }

    /// Runs a script of `real/`, and perhaps one statement more.
    fn run(&self, script: &str, more: &str) -> Answers {
        let binary = binary::plancube().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("real").join(script);
        let mut command = binary::command(&binary, self.folder.path());
        command.args(["--format", "json", "-f"]).arg(script).args(["-c", more]);
        Answers::of(command.output().unwrap())
    }

    /// A Parquet file's columns, as texts, a row at a time; empty for null.
    fn parquet(&self, file: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let frame: DataFrame = ParquetReader::new(File::open(self.path(file)).unwrap()).finish().unwrap();
        let columns: Vec<_> = columns.iter().map(|column| frame.column(column).unwrap()).collect();
        let text = |column: usize, row: usize| {
            let value = columns[column].get(row).unwrap();
            if value.is_null() { String::new() } else { value.str_value().into_owned() }
        };
        (0..frame.height()).map(|row| (0..columns.len()).map(|column| text(column, row)).collect()).collect()
    }

    /// Writes a CSV file for a load.
    fn write(&self, file: &str, header: &str, rows: impl IntoIterator<Item = Vec<String>>) {
        let quoted = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let line = |row: Vec<String>| row.iter().map(quoted).collect::<Vec<_>>().join(",");
        let lines: Vec<String> = rows.into_iter().map(line).collect();
        fs::write(self.path(file), format!("{header}\n{}\n", lines.join("\n"))).unwrap();
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// A file's columns, as texts, a row at a time.
    fn rows(&self, file: &str, columns: &[&str]) -> Vec<Vec<String>> {
        let options = CsvReadOptions::default().with_has_header(true).with_infer_schema_length(Some(0));
        let reader = options.try_into_reader_with_file_path(Some(self.path(file))).unwrap();
        let frame: DataFrame = reader.finish().unwrap();
        let texts: Vec<_> = columns.iter().map(|column| frame.column(column).unwrap().str().unwrap()).collect();
        let text = |place: usize, row: usize| texts[place].get(row).unwrap_or_default().to_owned();
        (0..frame.height()).map(|row| (0..columns.len()).map(|place| text(place, row)).collect()).collect()
    }
}

/// What a run answered.
struct Answers {
    documents: Vec<Value>,
    notes: String,
}

impl Answers {
    fn of(output: Output) -> Self {
        let notes = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{notes}");
        let text = String::from_utf8(output.stdout).unwrap();
        let documents = text.lines().filter(|line| !line.is_empty());
        Answers { documents: documents.map(|line| serde_json::from_str(line).unwrap()).collect(), notes }
    }

    /// The receipt of the last load.
    fn load(&self) -> &Value {
        self.documents.iter().rfind(|document| document.get("rows").is_some()).unwrap()
    }

    /// The figures of a `show`, counted from the first.
    fn figures(&self, show: usize, keys: &[&str], measure: &str) -> Figures {
        let shows: Vec<&Value> = self.documents.iter().filter(|document| document.is_array()).collect();
        let records = shows[show].as_array().unwrap();
        let figure = |record: &Value| {
            let value = record[measure].as_f64()?;
            let names = keys.iter().map(|key| record[key].as_str().unwrap().to_owned());
            Some((names.collect(), (value * 100.0).round() as i64))
        };
        records.iter().filter_map(figure).collect()
    }
}

/// A text such as `-12.5` in cents.
fn cents(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert!(part.len() <= 2, "{text} has more than two digits after the point");
    format!("{whole}{part:0<2}").parse().unwrap()
}

/// Asserts that two sets of figures are the same, naming the first that are not.
fn same(actual: &Figures, expected: &Figures) {
    let names: BTreeSet<&Vec<String>> = actual.keys().chain(expected.keys()).collect();
    let different = names.into_iter().filter(|name| actual.get(*name) != expected.get(*name));
    let said: Vec<String> =
        different.map(|name| format!("{name:?}: {:?} instead of {:?}", actual.get(name), expected.get(name))).collect();
    assert!(said.is_empty(), "{} of {} differ:\n{}", said.len(), expected.len(), said[..said.len().min(10)].join("\n"));
    assert!(!expected.is_empty());
}

#[test]
fn obligations_of_philadelphia() {
    let Some(data) = Data::copy("phl_qcmr", &["fact_obligations.csv"]) else { return };
    let answers = data.run("phl_obligations.pcq", "");
    let columns = ["dept_code", "fiscal_year", "scenario", "basis", "amount"];
    let mut expected = Figures::new();
    let rows = data.rows("fact_obligations.csv", &columns);
    let wanted = |row: &&Vec<String>| row[3] == "FY" && ["Adopted Budget", "Actual"].contains(&row[2].as_str());
    for row in rows.iter().filter(wanted) {
        let name = vec![row[0].clone(), format!("FY{}", row[1]), row[2].clone()];
        *expected.entry(name).or_default() += cents(&row[4]);
    }
    same(&answers.figures(0, &["department", "fiscal_year", "scenario"], "amount"), &expected);
    assert_eq!(answers.load()["rows"], rows.len());
    assert!(answers.notes.contains("department \"35-EB\" looks like a subtotal"), "{}", answers.notes);
}

#[test]
fn positions_of_philadelphia() {
    let Some(data) = Data::copy("phl_qcmr", &["fact_positions.csv"]) else { return };
    let answers = data.run("phl_positions.pcq", "");
    let columns = ["dept_code", "fiscal_year", "period", "type", "scenario", "positions"];
    let rows = data.rows("fact_positions.csv", &columns);
    let mut by_quarter: BTreeMap<(String, String), Figures> = BTreeMap::new();
    let mut by_type = Figures::new();
    for row in rows.iter().filter(|row| row[2] != "FY") {
        assert_eq!(row[4], "Actual");
        let posts = cents(&row[5]);
        let year = format!("FY{}", row[1]);
        let typed = vec![row[0].clone(), format!("{year}-{}", row[2]), row[3].clone()];
        *by_type.entry(typed).or_default() += posts;
        let quarters = by_quarter.entry((row[0].clone(), year)).or_default();
        *quarters.entry(vec![row[2].clone()]).or_default() += posts;
    }
    let at_the_end = |((department, year), quarters): ((String, String), Figures)| {
        (vec![department, year], *quarters.last_key_value().unwrap().1)
    };
    let expected: Figures = by_quarter.into_iter().map(at_the_end).collect();
    same(&answers.figures(0, &["department", "fiscal_year"], "positions"), &expected);
    same(&answers.figures(1, &["department", "fiscal_quarter", "type"], "positions"), &by_type);
    let put_aside = rows.iter().filter(|row| row[2] == "FY").count();
    assert_eq!(answers.load()["rejected"], put_aside);
    assert_eq!(data.rows("rejects.csv", &["problem"]).len(), put_aside);
}

/// `20110331` as `2011-03`.
fn month(date: &str) -> String {
    format!("{}-{}", &date[..4], &date[4..6])
}

#[test]
fn finance_of_adventureworks() {
    let Some(data) = Data::copy("adventureworks_finance", &["fact_finance.csv"]) else { return };
    let answers = data.run("adventureworks_finance.pcq", "");
    let columns = ["org_key", "account_key", "date_key", "scenario_key", "amount"];
    let rows = data.rows("fact_finance.csv", &columns);
    let mut expected = Figures::new();
    for row in &rows {
        let name = vec![row[0].clone(), row[1].clone(), month(&row[2]), row[3].clone()];
        *expected.entry(name).or_default() += cents(&row[4]);
    }
    same(&answers.figures(0, &["organization", "account", "month", "scenario"], "amount"), &expected);
    assert_eq!(answers.load()["rows"], rows.len());
}

/// Members with their parents and signs: the figure of each is its own and those below it.
fn rolled_up(members: &[Vec<String>], own: &BTreeMap<String, i64>) -> BTreeMap<String, Option<i64>> {
    fn of(member: &str, members: &[Vec<String>], own: &BTreeMap<String, i64>) -> Option<i64> {
        let mut figure = own.get(member).copied();
        for child in members.iter().filter(|row| row[1] == member) {
            let sign = match child[2].as_str() {
                "-" => -1,
                "~" => 0,
                _ => 1,
            };
            if let Some(below) = of(&child[0], members, own).filter(|_| sign != 0) {
                figure = Some(figure.unwrap_or(0) + sign * below);
            }
        }
        figure
    }
    members.iter().map(|row| (row[0].clone(), of(&row[0], members, own))).collect()
}

#[test]
fn consolidation_of_adventureworks() {
    let files = ["fact_finance.csv", "dim_account.csv", "dim_organization.csv"];
    let Some(data) = Data::copy("adventureworks_finance", &files) else { return };
    let accounts = data.rows("dim_account.csv", &["account_key", "parent_key", "operator"]);
    let names: Vec<String> = accounts.iter().map(|row| format!("\"{}\"", row[0])).collect();
    let question =
        format!("show amount by year, account[{}] where scenario = \"1\", organization = \"2\"", names.join(", "));
    let answers = data.run("adventureworks_tree.pcq", &question);

    let mut organizations = BTreeSet::from(["2".to_owned()]);
    let parents = data.rows("dim_organization.csv", &["org_key", "parent_key"]);
    for _ in &parents {
        let below = parents.iter().filter(|row| organizations.contains(&row[1])).map(|row| row[0].clone());
        organizations = organizations.union(&below.collect()).cloned().collect();
    }
    let mut own: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    let columns = ["org_key", "account_key", "date_key", "scenario_key", "amount"];
    for row in data.rows("fact_finance.csv", &columns) {
        if row[3] == "1" && organizations.contains(&row[0]) {
            let year = own.entry(row[2][..4].to_owned()).or_default();
            *year.entry(row[1].clone()).or_default() += cents(&row[4]);
        }
    }
    let mut expected = Figures::new();
    for (year, own) in &own {
        let all = rolled_up(&accounts, own).into_iter();
        expected.extend(all.filter_map(|(account, figure)| Some((vec![year.clone(), account], figure?))));
    }
    same(&answers.figures(0, &["year", "account"], "amount"), &expected);
}
