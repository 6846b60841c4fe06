//! What a statement sees of the session.

use engine::id::MemberId;
use engine::snapshot::Snapshot;
use std::sync::atomic::AtomicBool;

/// What a statement sees of the session.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    /// The one version it reads.
    pub snapshot: &'a Snapshot,
    /// The scenario that is meant where none is named.
    pub scenario: Option<MemberId>,
    /// Set when the user interrupts.
    pub stop: &'a AtomicBool,
}
