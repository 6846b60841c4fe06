//! What a statement sees of the session.

use crate::error::Result;
use engine::aggregate::{Cell, Means, Request, aggregate};
use engine::id::MemberId;
use engine::snapshot::Snapshot;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

/// What a statement sees of the session.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The one version it reads.
    pub snapshot: &'a Snapshot,
    /// The scenario that is meant where none is named.
    pub scenario: Option<MemberId>,
    /// Whether the user has said so, with `use`.
    pub in_use: bool,
    /// Set when the user interrupts.
    pub stop: &'a AtomicBool,
    /// Where it is told how each request was answered, if anyone wants to know.
    pub means: Option<&'a Mutex<Vec<Means>>>,
}

impl Context<'_> {
    /// Asks the engine.
    pub fn ask(&self, request: &Request) -> Result<Vec<Cell>> {
        let (cells, means) = aggregate(self.snapshot, request, self.stop)?;
        if let Some(heard) = self.means {
            heard.lock().unwrap_or_else(PoisonError::into_inner).push(means);
        }
        Ok(cells)
    }
}
