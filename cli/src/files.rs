//! Files that statements name: read and written through `datasets`, answers through the formats here.

use std::io::Write;
use std::path::Path;

use arrow_array::RecordBatch;
use datasets::{FileFormat, demo};
use engine::journal::LoadedFile;
use query::answer::Answer;
use query::tables::{Parts, Tables};

use crate::format::Format;
use crate::loading::Loading;
use crate::render::{self, Sheet};

/// What the demo's facts are called where a file would be named.
pub const DEMO_FACTS: &str = "the demo company";

/// Files of facts, through the readers of `datasets`; loads show how far they are.
#[derive(Default)]
pub struct Files {
    loading: Loading,
}

impl Tables for Files {
    fn read(&self, path: &str) -> Result<RecordBatch, String> {
        match path {
            DEMO_FACTS => Ok(demo::facts()),
            path => datasets::read(Path::new(path)).map_err(|error| error.to_string()),
        }
    }

    fn parts(&self, path: &str) -> Result<Parts, String> {
        match path {
            DEMO_FACTS => Ok(Box::new(std::iter::once(Ok(demo::facts())))),
            path => {
                let parts = datasets::parts(Path::new(path)).map_err(|error| error.to_string())?;
                Ok(Box::new(parts.map(|part| part.map_err(|error| error.to_string()))))
            }
        }
    }

    fn stamp(&self, path: &str) -> Option<LoadedFile> {
        let (bytes, xxh3) = datasets::stamp(Path::new(path)).ok().flatten()?;
        Some(LoadedFile { name: path.to_owned(), bytes, xxh3: format!("{xxh3:032x}") })
    }

    fn is_same(&self, one: &str, other: &str) -> bool {
        match (Path::new(one).canonicalize(), Path::new(other).canonicalize()) {
            (Ok(one), Ok(other)) => one == other,
            _ => one == other,
        }
    }

    fn progress(&self, path: &str, rows: Option<u64>) {
        match rows {
            Some(rows) => self.loading.reached(path, rows),
            None => self.loading.done(),
        }
    }

    fn write(&self, path: &str, heading: &[String], rows: &[Vec<String>]) -> Result<(), String> {
        let sheet = Sheet::of_texts(heading, rows);
        datasets::replace(Path::new(path), |out| render::csv::write(out, &sheet, ','))
            .map_err(|error| format!("cannot write {path}: {error}"))
    }

    fn write_answer(&self, path: &str, answer: &Answer) -> Result<(), String> {
        let Some(format) = Format::of_file(Path::new(path)) else {
            return Err(unknown_ending(path, &Format::names()));
        };
        let content = |out: &mut dyn Write| format.start(out).and_then(|()| format.write(out, answer));
        datasets::replace(Path::new(path), content).map_err(|error| format!("cannot write {path}: {error}"))
    }

    fn write_text(&self, path: &str, text: &str) -> Result<(), String> {
        datasets::replace(Path::new(path), |out| out.write_all(text.as_bytes()))
            .map_err(|error| format!("cannot write {path}: {error}"))
    }

    fn write_columns(&self, path: &str, columns: &RecordBatch) -> Result<(), String> {
        let Some(format) = FileFormat::of(Path::new(path)) else {
            return Err(unknown_ending(path, FileFormat::ENDINGS));
        };
        datasets::replace(Path::new(path), |out| datasets::write(columns, format, out))
            .map_err(|error| format!("cannot write {path}: {error}"))
    }

    fn line(&self, path: &str, row: usize) -> Option<usize> {
        datasets::line_of_row(Path::new(path), row + 1)
    }
}

fn unknown_ending(path: &str, known: &str) -> String {
    format!("cannot tell the format of {path} by its ending; formats: {known}")
}
