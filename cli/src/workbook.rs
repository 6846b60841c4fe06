//! Answers that are written at the end of a run, because their format is one whole.

use std::io::{self, Write};

use query::answer::Answer;

use crate::format::Format;

/// The answers so far.
#[derive(Debug, Default)]
pub struct Workbook {
    answers: Vec<Answer>,
}

impl Workbook {
    /// Adds an answer.
    ///
    /// Errors: one too many for the format.
    pub fn add(&mut self, answer: &Answer, format: Format) -> io::Result<()> {
        if !self.answers.is_empty() {
            let name = format.name();
            return Err(io::Error::other(format!(
                "a file of {name} holds one answer: export (show ...) to 'file.{name}' writes each to its own"
            )));
        }
        self.answers.push(answer.clone());
        Ok(())
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    /// Writes all answers.
    pub fn write(&self, format: Format, out: &mut dyn Write) -> io::Result<()> {
        self.answers.iter().try_for_each(|answer| format.write(out, answer))
    }
}
