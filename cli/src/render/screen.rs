//! What a table is drawn on.

/// Rows of a table that are drawn on a terminal.
const ROWS: usize = 200;

/// What a table is drawn on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Screen {
    /// Columns of a terminal; none for a file or a pipe, where nothing is split or hidden.
    pub width: Option<usize>,
    /// Rows shown at most; none for a file or a pipe.
    pub rows: Option<usize>,
    /// Whether headings and totals may be set off by style.
    pub styled: bool,
}

impl Screen {
    /// A terminal of so many columns, where they are known.
    pub fn terminal(width: Option<usize>, styled: bool) -> Self {
        Screen { width, rows: Some(ROWS), styled }
    }
}
