//! How much memory a statement may take, and how storage is cut.

use std::fs;
use std::num::NonZeroUsize;

use engine::Tuning;

/// What a statement may take where it cannot be told how much memory there is.
const UNTOLD: usize = 4 << 30;

/// Has the process take no more memory for a statement than this, half of what the machine has where none; to be
/// called before anything is opened.
///
/// `PLANCUBE_STORAGE`, for tests, holds the rows of a chunk, the rows of a batch and the cells between checkpoints. It
/// changes no answer.
pub fn install(memory: Option<NonZeroUsize>) {
    let statement_bytes = memory.map_or_else(half_of_all, NonZeroUsize::get);
    let tuning = Tuning { statement_bytes, ..Tuning::default() };
    let text = std::env::var("PLANCUBE_STORAGE").unwrap_or_default();
    let numbers: Vec<usize> = text.split(' ').filter_map(|number| number.parse().ok()).collect();
    match numbers[..] {
        [chunk_rows, batch_rows, cells] => {
            Tuning { chunk_rows, batch_rows, checkpoint_cells: cells as u64, late_facts: 0, ..tuning }.install()
        }
        _ => tuning.install(),
    };
}

/// Half of the memory of the machine, or of what a container may take of it.
fn half_of_all() -> usize {
    let of_machine = || in_kib(&fs::read_to_string("/proc/meminfo").ok()?, "MemTotal:");
    let of_container = || fs::read_to_string("/sys/fs/cgroup/memory.max").ok()?.trim().parse().ok();
    let least: Option<usize> = [of_machine(), of_container()].into_iter().flatten().min();
    least.map_or(UNTOLD, |bytes| bytes / 2)
}

/// The bytes that a line such as `MemTotal:  16384 kB` tells of.
fn in_kib(text: &str, name: &str) -> Option<usize> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<usize>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_the_machine_is_read() {
        let text = "MemFree:  1 kB\nMemTotal:       24689764 kB\n";
        assert_eq!(in_kib(text, "MemTotal:"), Some(24_689_764 * 1024));
        assert_eq!(in_kib("MemTotal: many", "MemTotal:"), None);
        assert!(half_of_all() > 1 << 20);
    }
}
