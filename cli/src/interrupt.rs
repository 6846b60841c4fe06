//! Ctrl-C: stops the running statement; with none running, a script ends and a prompt goes on.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::exit::Exit;

/// What Ctrl-C means at the moment; clones share it.
#[derive(Clone, Default)]
pub struct Interrupts {
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The session's flag, which a running statement looks at.
    flag: Mutex<Arc<AtomicBool>>,
    running: AtomicBool,
    seen: AtomicBool,
    at_prompt: AtomicBool,
}

impl Interrupts {
    /// Takes Ctrl-C over from the system.
    pub fn install() -> Result<Self, ctrlc::Error> {
        let interrupts = Interrupts::default();
        let state = Arc::clone(&interrupts.state);
        ctrlc::set_handler(move || state.on_signal())?;
        Ok(interrupts)
    }

    /// From now on this flag stops the running statement.
    pub fn watch(&self, flag: Arc<AtomicBool>) {
        *self.state.flag() = flag;
    }

    /// From now on there is a prompt to come back to.
    pub fn return_to_prompt(&self) {
        self.state.at_prompt.store(true, Ordering::SeqCst);
    }

    /// Does work that the flag can stop.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> T {
        self.state.running.store(true, Ordering::SeqCst);
        let result = work();
        self.state.running.store(false, Ordering::SeqCst);
        result
    }

    /// Whether Ctrl-C came since the last [`Interrupts::forget`].
    pub fn seen(&self) -> bool {
        self.state.seen.load(Ordering::SeqCst)
    }

    /// Starts afresh.
    pub fn forget(&self) {
        self.state.seen.store(false, Ordering::SeqCst);
        self.state.flag().store(false, Ordering::SeqCst);
    }
}

impl State {
    fn flag(&self) -> MutexGuard<'_, Arc<AtomicBool>> {
        self.flag.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn on_signal(&self) {
        let again = self.seen.swap(true, Ordering::SeqCst);
        self.flag().store(true, Ordering::SeqCst);
        let busy = self.running.load(Ordering::SeqCst) && !again;
        if !busy && !self.at_prompt.load(Ordering::SeqCst) {
            process::exit(Exit::Interrupted.status().into());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_sets_the_flag_of_the_session_watched() {
        let interrupts = Interrupts::default();
        let flag = Arc::new(AtomicBool::new(false));
        interrupts.watch(Arc::clone(&flag));
        interrupts.during(|| interrupts.state.on_signal());
        assert!(flag.load(Ordering::SeqCst) && interrupts.seen());
        interrupts.forget();
        assert!(!flag.load(Ordering::SeqCst) && !interrupts.seen());
    }
}
