//! Exit statuses.

use std::process::ExitCode;

/// How the program ends; a later one outweighs an earlier one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All went well.
    Success,
    /// A statement failed.
    Failed,
    /// Wrong usage.
    Usage,
    /// The cube file cannot be opened or is damaged.
    Unopened,
    /// Stopped by the user.
    Interrupted,
}

impl Exit {
    /// The number that the shell sees.
    pub fn status(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Unopened => 3,
            Exit::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.status())
    }
}

/// Why the program ends before its work is done, and with which status.
#[derive(Debug)]
pub struct Failure {
    /// The status.
    pub exit: Exit,
    /// What is said.
    pub error: anyhow::Error,
}

impl Failure {
    /// A failure of wrong usage.
    pub fn usage(error: anyhow::Error) -> Self {
        Failure { exit: Exit::Usage, error }
    }
}

impl From<crate::target::OpenError> for Failure {
    fn from(error: crate::target::OpenError) -> Self {
        Failure { exit: Exit::Unopened, error: error.into() }
    }
}

impl From<std::io::Error> for Failure {
    /// A closed pipe is no failure: who reads has seen enough.
    fn from(error: std::io::Error) -> Self {
        let closed = error.kind() == std::io::ErrorKind::BrokenPipe;
        let exit = if closed { Exit::Success } else { Exit::Failed };
        Failure { exit, error: anyhow::Error::new(error).context("cannot write the answer") }
    }
}
