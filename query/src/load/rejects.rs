//! The rows of a file that cannot be loaded: told in an error, or put aside in a file of their own.

use super::column::text_of;
use super::wide::Source;
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::Load;
use crate::tables::Tables;
use arrow_schema::Schema;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How many bad rows an error tells of.
const TOLD: usize = 5;

/// How many characters of a bad field an error shows.
const SHOWN: usize = 60;

/// A row that cannot be loaded, and the field that is why.
pub(super) struct BadRow {
    pub row: usize,
    pub column: usize,
    pub value: String,
    pub problem: String,
}

/// The bad rows of a file, in order.
pub(super) struct Rejects<'a> {
    pub load: &'a Load,
    pub tables: &'a dyn Tables,
    pub source: &'a Source,
    /// The columns of the rows as they are loaded.
    pub columns: &'a Schema,
    pub bad: &'a [BadRow],
}

impl Rejects<'_> {
    /// `facts.csv, line 7, column cost: "n/a" is not a number`
    fn sentence(&self, bad: &BadRow) -> String {
        let line = self
            .tables
            .line(&self.load.file, self.source.row(bad.row))
            .map_or_else(|| format!("row {}", self.source.row(bad.row) + 1), |line| format!("line {line}"));
        let column = self.source.column(self.columns, bad.row, bad.column);
        let value = shortened(&bad.value);
        format!("{}, {line}, column {column}: \"{value}\" {}", self.load.file, bad.problem)
    }

    /// Refuses the load where a row is bad.
    pub fn refuse(&self) -> Result<()> {
        let Some(first) = self.bad.first() else { return Ok(()) };
        let mut error = Error::new(ErrorKind::Refused, self.sentence(first), Some(self.load.file_span.clone()))
            .labelled(match self.bad.len() {
                1 => "one bad row; nothing was loaded".to_owned(),
                bad => format!("{bad} bad fields; nothing was loaded"),
            });
        for bad in self.bad.iter().skip(1).take(TOLD) {
            error = error.helped(self.sentence(bad));
        }
        if self.bad.iter().any(|bad| bad.problem.starts_with("is no member")) && !self.load.creating_members {
            error = error.helped("`creating members` adds members that are not there yet");
        }
        Err(error.helped("`skipping errors to 'rejects.csv'` puts bad rows aside"))
    }

    /// Writes the rows that have bad fields, as they are in the file, to another.
    pub fn write(&self, file: &str) -> Result<()> {
        let refused = |problem| Error::new(ErrorKind::Refused, problem, None);
        let mut heading: Vec<String> = self.source.names().cloned().collect();
        heading.push("problem".into());
        let problems: BTreeMap<usize, &BadRow> =
            self.bad.iter().rev().map(|bad| (self.source.row(bad.row), bad)).collect();
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut first = 0;
        if !self.bad.is_empty() {
            for part in self.tables.parts(&self.load.file).map_err(refused)? {
                let part = part.map_err(refused)?;
                for (row, bad) in problems.range(first..first + part.num_rows()) {
                    let field = |column| text_of(column, row - first).unwrap_or_default();
                    let mut fields: Vec<String> = part.columns().iter().map(field).collect();
                    fields.push(self.sentence(bad));
                    rows.push(fields);
                }
                first += part.num_rows();
            }
        }
        self.tables.write(file, &heading, &rows).map_err(refused)
    }
}

/// The start of a long field.
fn shortened(value: &str) -> Cow<'_, str> {
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", &value[..end])),
        None => Cow::Borrowed(value),
    }
}
