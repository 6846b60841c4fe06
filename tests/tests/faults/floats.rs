//! Floats that are no numbers, or too large for a cell, in a Parquet file: named with their row, and nothing is loaded.

use polars::prelude::{Column, DataFrame, NamedFrom, ParquetWriter, Series};
use std::fs::File;
use std::path::Path;
use tempfile::TempDir;
use tests::binary::{command, plancube};

const MODEL: &str = "create dimension team; create scenario plan; create measure cost decimal(2);";

fn written(path: &Path, costs: &[f64]) {
    let teams: Vec<String> = (0..costs.len()).map(|row| format!("t{row}")).collect();
    let columns: Vec<Column> = vec![Series::new("team".into(), teams).into(), Series::new("cost".into(), costs).into()];
    let mut frame = DataFrame::new(costs.len(), columns).unwrap();
    ParquetWriter::new(File::create(path).unwrap()).finish(&mut frame).unwrap();
}

#[test]
fn floats_that_are_no_amounts_are_named_and_nothing_is_loaded() {
    let (binary, folder) = (plancube().unwrap(), TempDir::new().unwrap());
    let run =
        |statements: &str| command(&binary, folder.path()).args(["t.plancube", "-c", statements]).output().unwrap();
    assert!(run(MODEL).status.success());
    for (cost, said) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf"), (1e300, "1000000000")]
    {
        written(&folder.path().join("facts.parquet"), &[1.5, cost, 2.5]);
        let refused = run("load 'facts.parquet' into plan creating members");
        let error = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert_eq!(refused.status.code(), Some(1), "{error}");
        assert!(error.contains("row 2") && error.contains(said) && error.len() < 400, "{said}: {error}");
        let left = run("show cost by team");
        assert!(!String::from_utf8_lossy(&left.stdout).contains("t0"), "{left:?}");
    }
    written(&folder.path().join("facts.parquet"), &[1.5, -0.0, 2.5]);
    let loaded = run("load 'facts.parquet' into plan creating members; show cost by team");
    assert_eq!(String::from_utf8_lossy(&loaded.stdout).trim(), "team,cost\nt0,1.50\nt1,0.00\nt2,2.50", "{loaded:?}");
}
