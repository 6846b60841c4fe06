//! Files go in, batches come out.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Float64Type, Int64Type, UInt32Type};
use arrow_array::{Array, RecordBatch};
use datasets::{ReadError, line_of_row, read};
use polars::prelude::{Column, DataFrame, DataType, NamedFrom, ParquetWriter, PlSmallStr, Series, TimeUnit};
use proptest::prelude::*;
use tempfile::TempDir;

/// A file of its own, gone with the folder.
fn file(name: &str, content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, content).unwrap();
    (folder, path)
}

fn csv(content: impl AsRef<[u8]>) -> Result<RecordBatch, ReadError> {
    let (_folder, path) = file("facts.csv", content);
    read(&path)
}

/// What a reader of the file is told, without the folder.
fn complaint(content: impl AsRef<[u8]>) -> String {
    let (folder, path) = file("facts.csv", content);
    let text = read(&path).unwrap_err().to_string();
    text.replace(&format!("{}/", folder.path().display()), "")
}

/// A text column as texts.
fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let column = batch.column_by_name(name).unwrap().as_dictionary::<UInt32Type>();
    let values = column.values().as_string::<i32>();
    let keys = column.keys().iter();
    keys.map(|key| key.map(|key| values.value(key as usize).to_owned())).collect()
}

/// All rows, empty cells as `-`.
fn rows(batch: &RecordBatch) -> Vec<String> {
    let names: Vec<_> = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
    let columns: Vec<_> = names.iter().map(|name| texts(batch, name)).collect();
    let cell = |column: &Vec<Option<String>>, row: usize| column[row].clone().unwrap_or("-".into());
    (0..batch.num_rows())
        .map(|row| columns.iter().map(|column| cell(column, row)).collect::<Vec<_>>().join("|"))
        .collect()
}

#[test]
fn every_column_of_a_csv_is_text() {
    let batch = csv("code,amount,day\n01,1.50,2026-01-31\n002,,2026-02-28\n").unwrap();
    assert_eq!(rows(&batch), ["01|1.50|2026-01-31", "002|-|2026-02-28"]);
}

#[test]
fn quotes_breaks_and_marks() {
    let batch = csv("\u{FEFF}\"a\",\"b, c\"\r\n\"x \"\"y\"\"\",\"1\r\n2\"\r\nq,\"\"\r\n").unwrap();
    assert_eq!(batch.schema().field(0).name(), "a");
    assert_eq!(batch.schema().field(1).name(), "b, c");
    assert_eq!(rows(&batch), ["x \"y\"|1\r\n2", "q|-"]);
}

#[test]
fn fields_at_the_end_of_a_line() {
    assert_eq!(rows(&csv("a,b\n1,\n2,\"\"\n,\n,x").unwrap()), ["1|-", "2|-", "-|-", "-|x"]);
    assert_eq!(rows(&csv("a,b\r\n1,\r\n2,\"z\"\r\n").unwrap()), ["1|-", "2|z"]);
    assert_eq!(rows(&csv("a,b\n1,2").unwrap()), ["1|2"]);
    assert_eq!(rows(&csv("a,b\n1,").unwrap()), ["1|-"]);
}

#[test]
fn blank_lines_are_no_rows() {
    assert_eq!(rows(&csv("\na,b\n\n1,2\n\n\n3,4\n\n").unwrap()), ["1|2", "3|4"]);
    assert_eq!(rows(&csv("a\n1\n\n\"\"\n2\n").unwrap()), ["1", "-", "2"]);
}

/// A field as it is written: in quotes where it must be, or where it is wanted.
fn written(field: &str, quoted: bool) -> String {
    if quoted || field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// Rows of three fields of awkward characters, each with whether it is quoted.
fn awkward_rows() -> impl Strategy<Value = Vec<[(String, bool); 3]>> {
    let field = ("[ab0 ,;\"\n\r\t#é]{0,4}", any::<bool>());
    prop::collection::vec([field; 3], 0..30)
}

proptest! {
    #[test]
    fn whatever_is_written_is_read(
        rows in awkward_rows(),
        crlf in any::<bool>(),
        ended in any::<bool>(),
        mark in any::<bool>(),
        blanks in any::<bool>(),
    ) {
        let feed = if crlf { "\r\n" } else { "\n" };
        let mut lines = vec!["x,y,z".to_owned()];
        lines.extend(rows.iter().map(|row| {
            row.each_ref().map(|(field, quoted)| written(field, *quoted)).join(",")
        }));
        let between = if blanks { feed.repeat(2) } else { feed.to_owned() };
        let start = if mark { "\u{FEFF}" } else { "" };
        let end = if ended { feed } else { "" };
        let batch = csv(format!("{start}{}{end}", lines.join(&between))).unwrap();
        for (column, name) in ["x", "y", "z"].into_iter().enumerate() {
            let fields = rows.iter().map(|row| Some(row[column].0.clone()).filter(|text| !text.is_empty()));
            prop_assert_eq!(texts(&batch, name), fields.collect::<Vec<_>>());
        }
    }

    #[test]
    fn no_text_ends_the_program(text in "[ab,\"\n\r\u{FEFF}é]{0,40}") {
        let _ = csv(text);
    }
}

#[test]
fn a_header_alone_is_a_table_without_rows() {
    for content in ["a,b\n", "a,b", "a,b\r\n\r\n"] {
        let batch = csv(content).unwrap();
        assert_eq!((batch.num_columns(), batch.num_rows()), (2, 0));
    }
}

#[test]
fn tabs_and_blanks() {
    let (_folder, path) = file("facts.TSV", "a\tb\n 1 \tx,y\n");
    assert_eq!(rows(&read(&path).unwrap()), [" 1 |x,y"]);
}

#[test]
fn bad_lines_are_named() {
    for (content, expected) in [
        ("", "facts.csv, line 1: no header: the file is empty"),
        ("a,a\n", "facts.csv, line 1: two columns are named a"),
        ("a,\n", "facts.csv, line 1: a column has no name"),
        ("a,b\n1,2\n3\n", "facts.csv, line 3: too few fields: 1, where the header has 2"),
        ("a,b\n\"1\n2\",2\n3,4,5\n", "facts.csv, line 4: too many fields: 3, where the header has 2"),
        ("a\n\"x\n", "facts.csv, line 2: a quote opens here and is never closed"),
    ] {
        assert_eq!(complaint(content), expected);
    }
    assert!(complaint(b"a\nb\n\xFF\n").starts_with("facts.csv, line 3: not UTF-8"));
}

#[test]
fn other_files_are_refused() {
    let missing = read(Path::new("/nowhere/facts.csv")).unwrap_err();
    assert_eq!(missing.to_string(), "there is no file /nowhere/facts.csv: there is no folder /nowhere");
    let (_folder, path) = file("facts.csv", "a\n1\n");
    let near = read(&path.with_file_name("fact.csv")).unwrap_err().to_string();
    assert!(near.ends_with("fact.csv: did you mean facts.csv?"), "{near}");
    assert!(matches!(read(Path::new("facts.doc")), Err(ReadError::Extension { .. })));
    let (_folder, path) = file("facts.parquet", "no parquet");
    assert!(matches!(read(&path), Err(ReadError::Damaged { .. })));
    assert!(matches!(read(path.parent().unwrap()), Err(ReadError::Extension { .. })));
}

#[test]
fn rows_are_found_again() {
    let (_folder, path) = file("facts.csv", "a,b\n1,2\n\n\"x\ny\",3\n4,5\n");
    let lines: Vec<_> = (0..=4).map(|row| line_of_row(&path, row)).collect();
    assert_eq!(lines, [None, Some(2), Some(4), Some(6), None]);
}

#[test]
fn many_rows_keep_their_order() {
    let content: String = (0..200_000).map(|row| format!("{},m{}\n", row, row % 7)).collect();
    let batch = csv(format!("row,member\n{content}")).unwrap();
    let numbers = texts(&batch, "row");
    assert!(numbers.iter().enumerate().all(|(at, text)| text.as_deref() == Some(&at.to_string())));
    let members = batch.column_by_name("member").unwrap().as_dictionary::<UInt32Type>();
    assert_eq!(members.values().len(), 7);
}

#[test]
fn many_rows_of_several_lines_keep_their_order() {
    let row = |row: usize| format!("\"{row}\n\"\"x\"\",{row}\n\",{row}\n");
    let content: String = (0..200_000).map(row).collect();
    let batch = csv(format!("text,row\n{content}")).unwrap();
    for (at, (text, row)) in texts(&batch, "text").into_iter().zip(texts(&batch, "row")).enumerate() {
        assert_eq!(row, Some(at.to_string()));
        assert_eq!(text, Some(format!("{at}\n\"x\",{at}\n")));
    }
}

fn parquet(columns: Vec<Column>) -> (TempDir, PathBuf) {
    let (folder, path) = file("facts.parquet", "");
    let mut frame = DataFrame::new_infer_height(columns).unwrap();
    ParquetWriter::new(fs::File::create(&path).unwrap()).finish(&mut frame).unwrap();
    (folder, path)
}

/// A column of one type, made from values of another.
fn typed(name: &str, values: &[Option<&str>], steps: &[DataType]) -> Column {
    let texts = Series::new(PlSmallStr::from(name), values);
    let typed = steps.iter().fold(texts, |series, to| series.strict_cast(to).unwrap());
    Column::from(typed)
}

#[test]
fn a_parquet_file_keeps_its_types() {
    let day = Some("20000");
    let columns = vec![
        typed("text", &[Some("01"), None], &[]),
        typed("kind", &[Some("x"), Some("x")], &[DataType::from_categories(polars::prelude::Categories::global())]),
        typed("small", &[Some("-3"), None], &[DataType::Int16]),
        typed("wide", &[Some("7"), None], &[DataType::UInt64]),
        typed("short", &[Some("0.1"), None], &[DataType::Float32]),
        typed("float", &[Some("0.5"), None], &[DataType::Float64]),
        typed("money", &[Some("12.34"), None], &[DataType::Decimal(10, 2)]),
        typed("day", &[day, None], &[DataType::Int32, DataType::Date]),
        typed("moment", &[Some("-1"), None], &[DataType::Int64, DataType::Datetime(TimeUnit::Microseconds, None)]),
    ];
    let (_folder, path) = parquet(columns);
    let batch = read(&path).unwrap();
    let column = |name: &str| batch.column_by_name(name).unwrap();
    assert_eq!(texts(&batch, "text"), [Some("01".to_owned()), None]);
    assert_eq!(texts(&batch, "kind"), [Some("x".to_owned()), Some("x".to_owned())]);
    assert_eq!(column("small").as_primitive::<Int64Type>().value(0), -3);
    assert_eq!(column("wide").as_primitive::<Int64Type>().value(0), 7);
    assert_eq!(column("short").as_primitive::<Float64Type>().value(0), 0.1);
    assert_eq!(column("float").as_primitive::<Float64Type>().value(0), 0.5);
    let money = column("money").as_primitive::<Decimal128Type>();
    assert_eq!((money.value(0), money.scale()), (1234, 2));
    assert_eq!(column("day").as_primitive::<Date32Type>().value(0), 20000);
    assert_eq!(column("moment").as_primitive::<Date32Type>().value(0), -1);
    for name in ["text", "small", "wide", "short", "float", "money", "day", "moment"] {
        assert!(column(name).is_null(1), "{name}");
    }
    assert_eq!(line_of_row(&path, 1), None);
}

#[test]
fn what_has_no_place_is_refused_by_column() {
    let big = typed("big", &[Some("18446744073709551615")], &[DataType::UInt64]);
    let (_folder, path) = parquet(vec![big]);
    assert!(matches!(read(&path), Err(ReadError::BadColumn { column, .. }) if column == "big"));
}

#[test]
fn a_damaged_parquet_file_never_ends_the_program() {
    let values: Vec<_> = (0..500).map(|value| value.to_string()).collect();
    let values: Vec<_> = values.iter().map(|text| Some(text.as_str())).collect();
    let (_folder, path) = parquet(vec![typed("text", &values, &[]), typed("n", &values, &[DataType::Int64])]);
    let bytes = fs::read(&path).unwrap();
    for at in (0..bytes.len()).step_by(bytes.len() / 200 + 1) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        fs::write(&path, &damaged).unwrap();
        let _ = read(&path);
        fs::write(&path, &bytes[..at]).unwrap();
        assert!(read(&path).is_err());
    }
}

#[test]
fn an_arrow_stream_that_claims_more_than_the_file_has_takes_no_memory() {
    for content in ["dezp/", "a", "abcdefghijkl"] {
        let (_folder, path) = file("facts.arrow", content);
        let problem = read(&path).unwrap_err().to_string();
        assert!(problem.ends_with("it is shorter than it says"), "{problem}");
    }
}

#[test]
fn an_arrow_file_whose_end_names_blocks_beyond_it_takes_no_memory() {
    let seed = include_bytes!("../../fuzz/seeds/load/arrow_beyond");
    let (_folder, path) = file("facts.arrow", &seed[1..]);
    let problem = read(&path).unwrap_err().to_string();
    assert!(problem.ends_with("it is shorter than it says"), "{problem}");
}
