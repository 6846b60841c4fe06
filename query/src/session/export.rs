//! `export`: an answer or facts to a file.

use super::{Session, hash, script};
use crate::answer::Answer;
use crate::error::{Error, ErrorKind, Result};
use crate::export;
use crate::syntax::ast::{Export, Exported, Span};
use std::path::Path;

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
            head.push_str(&format!("-- It reads {}.\n", file.replace('\n', " ")));
        }
        Ok(script::script(operations, &head))
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
                let note = format!("{} operations written to {}", self.cube.operations().len(), export.file);
                return Ok(Answer::Nothing { note });
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
