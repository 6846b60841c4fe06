//! What is wrong with a statement, and where: a kind, a span, and what would help.
//!
//! The source text is not here; whoever holds it draws the caret.

use engine::error::EngineError;
use std::ops::Range;

/// What kind of failure, for exit statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is not a statement.
    Syntax,
    /// A name stands for nothing, or for several things.
    Name,
    /// The statement means nothing here, or may not be done.
    Refused,
    /// Another process changed the cube while the statement ran.
    Stale,
    /// The cube file is damaged or cannot be written.
    Storage,
    /// Stopped by the user.
    Interrupted,
}

/// A failed statement. Nothing was changed by it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// One sentence without a full stop: `there is no measure or member "headcont"`.
    pub message: String,
    /// Where, in bytes of the statement given; none where the whole statement is meant.
    pub span: Option<Range<usize>>,
    /// What stands under the caret: `did you mean headcount?`, `expected a number`.
    pub label: String,
    /// What to write instead, and other help, a line each.
    pub help: Vec<String>,
}

/// The result of a statement or a part of it.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of a kind at a place, with nothing more to say.
    pub fn new(kind: ErrorKind, message: impl Into<String>, span: Option<Range<usize>>) -> Self {
        Error { kind, message: message.into(), span, label: String::new(), help: Vec::new() }
    }

    /// With words under the caret.
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With a line of help.
    pub fn helped(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

impl From<EngineError> for Error {
    fn from(failure: EngineError) -> Self {
        let kind = match &failure {
            EngineError::Interrupted => ErrorKind::Interrupted,
            EngineError::Stale => ErrorKind::Stale,
            EngineError::File(_)
            | EngineError::Unwritable(_)
            | EngineError::Damaged(_)
            | EngineError::OutcomeUnknown(_) => ErrorKind::Storage,
            _ => ErrorKind::Refused,
        };
        let mut error = Error::new(kind, failure.to_string(), None);
        if let EngineError::Refused { help, .. } = failure {
            error.help = help;
        }
        error
    }
}
