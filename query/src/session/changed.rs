//! What a change of the model says of itself, and where its errors point.

use crate::error::Error;
use crate::syntax::ast::Name;
use engine::error::EngineError;

/// What a change of the model says of itself.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub note: String,
    pub scenario: String,
    pub because: Option<String>,
    pub cells: u64,
}

impl Changed {
    /// A change with nothing but a note.
    pub fn noted(note: String) -> Self {
        Changed { note, ..Changed::default() }
    }
}

/// An engine's refusal of a name.
pub(super) fn at(error: EngineError, name: &Name) -> Error {
    Error { span: Some(name.span.clone()), ..error.into() }
}
