//! How facts are cut into chunks, how often a file is checkpointed and how much memory is taken: the same for every
//! cube of a process, and no matter to any answer. Tests set it, so that a few rows show what millions do.

use crate::memory;
use std::sync::OnceLock;

/// How storage is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// How many rows a new chunk has at most. A chunk that grows to twice this is split.
    pub chunk_rows: usize,
    /// How many leaves are written into a partition at a time.
    pub batch_rows: usize,
    /// A file takes a checkpoint when so many cells have changed since the last one; 0 is after every operation.
    pub checkpoint_cells: u64,
    /// A file of so many facts is opened without reading them.
    pub late_facts: usize,
    /// How many bytes the roll-ups of all cubes may take; 0 keeps none.
    pub rollup_bytes: usize,
    /// How many bytes a statement may take beside the facts and the roll-ups.
    pub statement_bytes: usize,
}

static INSTALLED: OnceLock<Tuning> = OnceLock::new();

impl Tuning {
    /// What this process cuts by. Tests of this crate use small chunks.
    pub fn current() -> Tuning {
        *INSTALLED.get_or_init(Tuning::default)
    }

    /// Has the process cut so. What was cut before stays as it is; false where it is too late.
    pub fn install(self) -> bool {
        let least_one = Tuning { chunk_rows: self.chunk_rows.max(1), batch_rows: self.batch_rows.max(1), ..self };
        let installed = INSTALLED.set(least_one).is_ok();
        if installed {
            memory::allow(self.statement_bytes);
        }
        installed
    }
}

impl Default for Tuning {
    fn default() -> Self {
        let chunk_rows = if cfg!(test) { 8 } else { 1 << 16 };
        Tuning {
            chunk_rows,
            batch_rows: usize::MAX,
            checkpoint_cells: 100_000,
            late_facts: 1 << 20,
            rollup_bytes: 512 << 20,
            statement_bytes: usize::MAX,
        }
    }
}
