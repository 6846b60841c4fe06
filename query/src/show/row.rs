//! One row of an answer.

use super::cells::Position;

/// One row of an answer: an element for each row item.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub position: Position,
    pub kind: RowKind,
}

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RowKind {
    /// One combination of elements.
    Plain,
    /// What `top` left out, within so many outer items.
    Others { held: usize },
    /// A total over some items.
    Total,
}
