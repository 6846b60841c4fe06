//! `export`: an answer or facts to a file.

use super::{Session, hash, script};
use crate::answer::Answer;
use crate::error::{Error, ErrorKind, Result};
use crate::export;
use crate::syntax::ast::{Export, Exported, Span};
use engine::journal::Kind;
use std::path::Path;

/// What is said of a file that is not what was loaded.
fn other_content(name: &str, operation: u64, differs: &str) -> String {
    format!("warning: {name} has changed since operation {operation} loaded it: it has {differs}")
}

impl Session {
    /// Copies the cube, as it was last committed, to a new file. Others go on reading and writing meanwhile.
    pub(super) fn backup(&mut self, file: &str, span: Span) -> Result<Answer> {
        engine::file::save(&mut self.cube, Path::new(file)).map_err(|error| {
            let refused = Error::from(error);
            Error { kind: ErrorKind::Refused, span: Some(span), ..refused }
        })?;
        let operations = self.cube.operations().len();
        Ok(Answer::Nothing { note: format!("{operations} operations and all facts copied to {file}") })
    }

    /// The record as a script, with what it needs in its first lines.
    fn journal_script(&self) -> Result<String> {
        let snapshot = self.cube.snapshot();
        let content = hash::hashed(&snapshot, &[], &self.interrupt)?;
        let operations = self.cube.operations();
        let mut head = format!(
            "-- The record of a cube, {} operations: run on a fresh cube, it makes the same one.\n-- Then `hash;` gives {:032x}.\n",
            operations.len(),
            content.hash
        );
        for file in script::files(operations) {
            head.push_str(&format!("-- It reads {}.\n", script::on_one_line(&file)));
        }
        Ok(script::script(operations, &head))
    }

    /// The loads whose files are not what they were, a sentence each: the script would not make the same cube of them.
    fn changed_files(&self) -> Vec<String> {
        let loads = self.cube.operations().iter().filter(|operation| operation.kind == Kind::Do);
        let files = loads.flat_map(|load| load.record.files.iter().map(move |file| (load.sequence, file)));
        let changed = files.filter_map(|(operation, file)| {
            let name = script::on_one_line(&file.name);
            match self.tables.stamp(&file.name) {
                Some(now) if now == *file => None,
                Some(now) if now.bytes == file.bytes => Some(other_content(&name, operation, "other bytes")),
                Some(now) => {
                    let sizes = format!("{} bytes where it had {}", now.bytes, file.bytes);
                    Some(other_content(&name, operation, &sizes))
                }
                None => Some(format!("warning: {name}, which operation {operation} loaded, cannot be read now")),
            }
        });
        changed.collect()
    }

    /// Writes the file, and says how many rows it has.
    pub(super) fn export(&self, export: &Export) -> Result<Answer> {
        let snapshot = self.snapshot();
        let unwritten = |problem| Error::new(ErrorKind::Refused, problem, Some(export.file_span.clone()));
        let rows = match &export.what {
            Exported::Answer(show) => {
                let answer = self.show(show)?;
                self.tables.write_answer(&export.file, &answer).map_err(unwritten)?;
                if let Answer::Cells(cells) = &answer { cells.rows.len() } else { 0 }
            }
            Exported::Journal => {
                let script = self.journal_script()?;
                self.tables.write_text(&export.file, &script).map_err(unwritten)?;
                let written = format!("{} operations written to {}", self.cube.operations().len(), export.file);
                let changed = self.changed_files();
                return Ok(match changed.is_empty() {
                    true => Answer::Nothing { note: written },
                    false => Answer::Warned { notes: [vec![written], changed].concat() },
                });
            }
            Exported::Facts(conditions) => {
                let facts = export::facts(self.context(&snapshot), conditions)?;
                self.tables.write_columns(&export.file, &facts).map_err(unwritten)?;
                facts.num_rows()
            }
        };
        let rows = if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") };
        Ok(Answer::Nothing { note: format!("{rows} written to {}", export.file) })
    }
}
