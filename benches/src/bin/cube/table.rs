//! A result in columns.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
use arrow_ipc::writer::FileWriter;
use benches::Result;

/// A column of codes, some of them missing, or of numbers.
pub enum Column {
    Codes(Vec<i64>),
    Sparse(Vec<Option<i64>>),
    Numbers(Vec<f64>),
    /// Numbers that may be missing: a ratio of nothing.
    Ratios(Vec<Option<f64>>),
}

/// Columns with their names.
#[derive(Default)]
pub struct Table {
    columns: Vec<(&'static str, Column)>,
}

impl Table {
    /// A table of some columns.
    pub fn of(columns: impl Iterator<Item = (&'static str, Column)>) -> Self {
        Table { columns: columns.collect() }
    }

    /// Adds a column.
    pub fn with(mut self, name: &'static str, column: Column) -> Self {
        self.columns.push((name, column));
        self
    }

    pub fn codes(self, name: &'static str, codes: Vec<i64>) -> Self {
        self.with(name, Column::Codes(codes))
    }

    pub fn numbers(self, name: &'static str, numbers: Vec<f64>) -> Self {
        self.with(name, Column::Numbers(numbers))
    }

    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| match column {
            Column::Codes(codes) => codes.len(),
            Column::Sparse(codes) => codes.len(),
            Column::Numbers(numbers) => numbers.len(),
            Column::Ratios(numbers) => numbers.len(),
        })
    }

    /// Writes the columns as an Arrow file.
    pub fn save(&self, path: &Path) -> Result<()> {
        let array = |column: &Column| -> ArrayRef {
            match column {
                Column::Codes(codes) => Arc::new(Int64Array::from(codes.clone())),
                Column::Sparse(codes) => Arc::new(Int64Array::from(codes.clone())),
                Column::Numbers(numbers) => Arc::new(Float64Array::from(numbers.clone())),
                Column::Ratios(numbers) => Arc::new(Float64Array::from(numbers.clone())),
            }
        };
        let batch = RecordBatch::try_from_iter_with_nullable(
            self.columns.iter().map(|(name, column)| (*name, array(column), true)),
        )?;
        let mut writer = FileWriter::try_new(File::create(path)?, &batch.schema())?;
        writer.write(&batch)?;
        Ok(writer.finish()?)
    }
}
