//! The generated star goes to a file and comes back.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use datasets::{read, star, write_csv};

#[test]
fn a_star_has_as_many_rows_as_asked_for() {
    for rows in [0, 1, 1_000, 12_345] {
        assert_eq!(star::facts(rows).num_rows(), rows);
    }
    assert_eq!(star::facts(1_000), star::facts(1_000));
}

#[test]
fn a_written_star_reads_as_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("star.csv");
    let facts = star::facts(5_000);
    write_csv(&facts, &path).unwrap();
    let back = read(&path).unwrap();
    assert_eq!((back.num_rows(), back.num_columns()), (5_000, facts.num_columns()));
    for name in ["division", "team", "project", "period"] {
        let texts = |batch: &arrow_array::RecordBatch| -> Vec<String> {
            let column = batch.column_by_name(name).unwrap().as_dictionary::<UInt32Type>();
            let names = column.values().as_string::<i32>();
            column.keys().values().iter().map(|key| names.value(*key as usize).to_owned()).collect()
        };
        assert_eq!(texts(&facts), texts(&back), "{name}");
    }
    for name in ["headcount", "revenue"] {
        let column = |batch: &arrow_array::RecordBatch| batch.column_by_name(name).unwrap().null_count();
        assert!(column(&facts) > 0);
        assert_eq!(column(&facts), column(&back), "{name}");
    }
    let cost = back.column_by_name("cost").unwrap().as_dictionary::<UInt32Type>();
    let first = cost.values().as_string::<i32>().value(0);
    assert_eq!(first.split_once('.').map(|(_, cents)| cents.len()), Some(2));
}
