//! `export`: an answer or facts to a file.

use super::Session;
use crate::answer::Answer;
use crate::error::{Error, ErrorKind, Result};
use crate::export;
use crate::syntax::ast::{Export, Exported};

impl Session {
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
