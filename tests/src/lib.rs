//! What tests share: tables made in memory, a small world of random facts, and every cell of a cube.

use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch};
use arrow_schema::ArrowError;
use engine::aggregate::leaves;
use engine::cube::Cube;
use engine::error::EngineError;
use engine::id::{MeasureId, MemberId};
use engine::snapshot::Snapshot;
use engine::subcube::Subcube;
use query::session::Session;
use query::tables::Tables;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub mod binary;

/// Tables that live in memory, by the name a statement calls them.
#[derive(Debug, Default, Clone)]
pub struct MemoryTables {
    tables: HashMap<String, RecordBatch>,
}

impl MemoryTables {
    /// Adds a table of texts; an empty text is an empty field.
    pub fn with(mut self, name: &str, heading: &[&str], rows: &[Vec<String>]) -> Result<Self, ArrowError> {
        let column = |place: usize| -> ArrayRef {
            let texts = rows.iter().map(|row| Some(row[place].as_str()).filter(|text| !text.is_empty()));
            Arc::new(texts.collect::<DictionaryArray<UInt32Type>>())
        };
        let columns = heading.iter().enumerate().map(|(place, name)| (*name, column(place)));
        self.tables.insert(name.to_owned(), RecordBatch::try_from_iter(columns)?);
        Ok(self)
    }
}

impl Tables for MemoryTables {
    fn read(&self, path: &str) -> Result<RecordBatch, String> {
        self.tables.get(path).cloned().ok_or_else(|| format!("there is no table {path}"))
    }

    fn write(&self, path: &str, _heading: &[String], _rows: &[Vec<String>]) -> Result<(), String> {
        Err(format!("{path} cannot be written: tables in memory are read only"))
    }

    fn line(&self, _path: &str, row: usize) -> Option<usize> {
        Some(row + 2)
    }
}

/// A session in memory over some tables.
pub fn session(tables: MemoryTables) -> Result<Session, EngineError> {
    Ok(Session::new(Cube::in_memory("tester")?, Box::new(tables)))
}

/// Runs statements one by one; stops at the first that fails.
pub fn run(session: &mut Session, script: &str) -> Result<(), query::error::Error> {
    for span in query::syntax::split(script) {
        session.execute(script.get(span).unwrap_or_default())?;
    }
    Ok(())
}

/// Every cell of a cube: scenario, measure and the names of its coordinates, to its units.
pub type Cells = BTreeMap<(String, String, Vec<String>), i64>;

/// Reads every cell of a version.
pub fn cells(snapshot: &Snapshot) -> Result<Cells, EngineError> {
    let schema = snapshot.schema();
    let mut found = Cells::new();
    for scenario in schema.scenarios().leaves(MemberId::ROOT) {
        for (place, measure) in schema.measures().iter().enumerate() {
            let all = Subcube::all(schema, scenario);
            let cells = leaves(snapshot, &all, MeasureId::from_index(place), &AtomicBool::new(false))?;
            for (key, value) in cells.iter() {
                let members = snapshot.layout().members(key);
                let names =
                    schema.coordinates().zip(members).map(|(id, member)| schema.dimension(id).leaf_name(member));
                let scenario = schema.scenarios().member(scenario).name.clone();
                found.insert((scenario, measure.name.clone(), names.collect()), value);
            }
        }
    }
    Ok(found)
}
