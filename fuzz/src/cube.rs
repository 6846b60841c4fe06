//! The cube that sessions and files start from: that of the golden scripts.

use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch};
use engine::content::content;
use engine::cube::Cube;
use engine::error::EngineError;
use engine::subcube::Subcube;
use query::answer::Answer;
use query::session::Session;
use query::tables::Tables;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use tempfile::TempDir;

/// A model, and its facts in the comments before it.
const COMPANY: &str = include_str!("../../tests/golden/company.model");

/// A session on a fresh cube in memory.
pub fn company() -> Session {
    company_on(Cube::in_memory("fuzz").expect("a cube in memory"), Box::new(Company))
}

/// A session on an empty cube, which it fills. The tables must have those of [`Company`].
pub fn company_on(cube: Cube, tables: Box<dyn Tables>) -> Session {
    let mut session = Session::new(cube, tables);
    for span in query::syntax::split(COMPANY) {
        session.execute(&COMPANY[span]).expect("the company's own statements");
    }
    session
}

/// The hash of everything a session's cube holds.
pub fn hash(session: &mut Session) -> u128 {
    hash_of(session.cube())
}

/// The hash of everything a cube holds.
pub fn hash_of(cube: &Cube) -> u128 {
    try_hash(cube).expect("cells that can be read")
}

/// The same, where the cube may be one that cannot be read.
pub fn try_hash(cube: &Cube) -> Result<u128, EngineError> {
    let snapshot = cube.snapshot();
    let schema = snapshot.schema();
    let slices: Vec<Subcube> =
        schema.scenarios().ordered().into_iter().map(|scenario| Subcube::all(schema, scenario)).collect();
    content(&snapshot, &slices, &AtomicBool::new(false)).map(|content| content.hash)
}

/// A folder in memory where there is one.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    made.expect("a folder for a file")
}

/// The one file of the company; whatever is written is dropped.
pub struct Company;

impl Tables for Company {
    fn read(&self, path: &str) -> Result<RecordBatch, String> {
        if path != "facts.csv" {
            return Err(format!("there is no file {path}"));
        }
        let comments = COMPANY.lines().skip_while(|line| !line.starts_with("-- file:")).skip(1);
        let lines: Vec<&str> = comments.map_while(|line| line.strip_prefix("-- ")).collect();
        let rows: Vec<Vec<&str>> = lines.iter().map(|line| line.split(',').collect()).collect();
        let column = |place: usize| -> ArrayRef {
            let texts = rows[1..].iter().map(|row| Some(row[place]).filter(|text| !text.is_empty()));
            Arc::new(texts.collect::<DictionaryArray<UInt32Type>>())
        };
        let columns = rows[0].iter().enumerate().map(|(place, name)| (*name, column(place)));
        RecordBatch::try_from_iter(columns).map_err(|error| error.to_string())
    }

    fn write(&self, _: &str, _: &[String], _: &[Vec<String>]) -> Result<(), String> {
        Ok(())
    }

    fn write_answer(&self, _: &str, _: &Answer) -> Result<(), String> {
        Ok(())
    }

    fn write_columns(&self, _: &str, _: &RecordBatch) -> Result<(), String> {
        Ok(())
    }

    fn write_text(&self, _: &str, _: &str) -> Result<(), String> {
        Ok(())
    }

    fn line(&self, _: &str, row: usize) -> Option<usize> {
        Some(row + 2)
    }
}
