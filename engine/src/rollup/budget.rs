//! How many bytes the roll-ups of a process may take; where there is no room, those go that were not used the longest.

use super::shelf::Shelf;
use crate::storage::Tuning;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static CLOCK: AtomicU64 = AtomicU64::new(0);
static SHELVES: Mutex<Vec<Weak<Shelf>>> = Mutex::new(Vec::new());

/// Counts the bytes of a roll-up.
pub fn take(bytes: usize) {
    TAKEN.fetch_add(bytes, Ordering::Relaxed);
}

/// Counts them off.
pub fn give_back(bytes: usize) {
    TAKEN.fetch_sub(bytes, Ordering::Relaxed);
}

/// A moment later than any before.
pub fn now() -> u64 {
    CLOCK.fetch_add(1, Ordering::Relaxed)
}

/// Whether one roll-up may take so much.
pub fn allows(bytes: usize) -> bool {
    bytes <= Tuning::current().rollup_bytes / 4
}

/// Makes room, sparing one shelf as long as others have something.
pub fn settle(spared: &Arc<Shelf>) {
    let most = Tuning::current().rollup_bytes;
    if TAKEN.load(Ordering::Relaxed) <= most {
        return;
    }
    let mut shelves: Vec<Arc<Shelf>> = {
        let mut known = SHELVES.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|shelf| shelf.strong_count() > 0);
        known.iter().filter_map(Weak::upgrade).filter(|shelf| !Arc::ptr_eq(shelf, spared)).collect()
    };
    shelves.sort_by_key(|shelf| shelf.used());
    for shelf in shelves {
        if TAKEN.load(Ordering::Relaxed) <= most {
            return;
        }
        shelf.clear();
    }
    while TAKEN.load(Ordering::Relaxed) > most && spared.drop_oldest() {}
}

/// Has a shelf's roll-ups count among those that may have to go.
pub fn enter(shelf: &Arc<Shelf>) {
    let mut known = SHELVES.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() > 256 {
        known.retain(|shelf| shelf.strong_count() > 0);
    }
    known.push(Arc::downgrade(shelf));
}
