//! What can go wrong in the engine, in names of the model, never in positions of a text.

use thiserror::Error;

/// An engine failure. Whatever was asked for was not done, and nothing changed.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The model cannot be built like this.
    #[error("{0}")]
    Model(String),
    /// The change cannot be done like this; `help` says what to write instead.
    #[error("{message}")]
    Refused {
        /// What stands in the way.
        message: String,
        /// What to write instead.
        help: Vec<String>,
    },
    /// A value does not fit a cell.
    #[error("{0} does not fit in a cell")]
    Overflow(String),
    /// Another process changed the cube since this change was computed.
    #[error("another process changed the cube while this statement ran; run it again")]
    Stale,
    /// The cube was opened for reading only.
    #[error("the cube is open for reading only")]
    ReadOnly,
    /// The file may be read, but not written.
    #[error("{0} may not be written")]
    Unwritable(String),
    /// The file is not a cube, is too new, or cannot be opened.
    #[error("{0}")]
    File(String),
    /// The file holds something that cannot be what was written.
    #[error("the cube file is damaged: {0}")]
    Damaged(String),
    /// The change may or may not be on disk.
    #[error("outcome unknown: {0}; reopen the cube to see whether the change is there")]
    OutcomeUnknown(String),
    /// Stopped by the user.
    #[error("interrupted; nothing was changed")]
    Interrupted,
}

impl EngineError {
    /// A refusal with a line of help.
    pub fn refused(message: impl Into<String>, help: impl Into<String>) -> Self {
        EngineError::Refused { message: message.into(), help: vec![help.into()] }
    }
}

/// The result of an engine call.
pub type Result<T> = std::result::Result<T, EngineError>;
