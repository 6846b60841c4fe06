//! How many bytes the roll-ups of a process may take; where there is no room, those go that were not used the longest.

use crate::storage::Tuning;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// What has roll-ups and can let them go.
pub trait Holder: Send + Sync {
    /// When it was last of use.
    fn used(&self) -> u64;
    /// Lets all go.
    fn clear(&self);
    /// Lets go what was not used the longest; false where there is nothing.
    fn drop_oldest(&self) -> bool;
}

static TAKEN: AtomicUsize = AtomicUsize::new(0);
static CLOCK: AtomicU64 = AtomicU64::new(0);
static HOLDERS: Mutex<Vec<Weak<dyn Holder>>> = Mutex::new(Vec::new());

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

/// Makes room, sparing one holder as long as others have something.
pub fn settle(spared: &Arc<dyn Holder>) {
    let most = Tuning::current().rollup_bytes;
    let is_over = || TAKEN.load(Ordering::Relaxed) > most;
    if !is_over() {
        return;
    }
    let mut others: Vec<Arc<dyn Holder>> = {
        let mut known = HOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|holder| holder.strong_count() > 0);
        known.iter().filter_map(Weak::upgrade).filter(|holder| !Arc::ptr_eq(holder, spared)).collect()
    };
    others.sort_by_key(|holder| holder.used());
    others.iter().take_while(|_| is_over()).for_each(|holder| holder.clear());
    while is_over() && spared.drop_oldest() {}
}

/// Has the roll-ups of a holder count among those that may have to go.
pub fn enter(holder: &Arc<dyn Holder>) {
    let mut known = HOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() > 256 {
        known.retain(|holder| holder.strong_count() > 0);
    }
    known.push(Arc::downgrade(holder));
}
