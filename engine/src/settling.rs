//! What writes have laid over encoded columns is merged into them beside what goes on.
//!
//! A commit leaves by how much cells differ, and is done; a thread of its own then encodes anew the columns of which more
//! than a few cells differ, and what came of it takes the place of the chunks as they were once someone looks. They say
//! the same: versions that are there already keep theirs, and no reader waits for either.

use crate::id::MemberId;
use crate::snapshot::Snapshot;
use crate::storage::{Partition, Settled};
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread;
use std::time::Duration;

/// A change is often followed by a question: merging begins when that has been answered.
const PAUSE: Duration = Duration::from_millis(if cfg!(test) { 0 } else { 50 });

/// The merging under way, of which there is one at most.
#[derive(Debug, Default)]
pub(crate) struct Settling(Option<UnderWay>);

#[derive(Debug)]
struct UnderWay {
    scenario: MemberId,
    done: Receiver<Settled>,
}

impl Settling {
    /// Merges what a version has of some scenarios, unless something is under way. What does not begin for want of a thread
    /// is left to a later write.
    pub fn begin(&mut self, snapshot: &Snapshot, mut scenarios: impl Iterator<Item = MemberId>) {
        if self.0.is_some() {
            return;
        }
        let differs = |scenario: MemberId| {
            let facts = snapshot.facts_at(scenario);
            facts.partition().ok().filter(|facts| facts.differs()).map(|facts| (scenario, Partition::clone(facts)))
        };
        let Some((scenario, facts)) = scenarios.find_map(differs) else { return };
        let (send, done) = channel();
        let merge = move || {
            thread::sleep(PAUSE);
            drop(send.send(facts.settled()));
        };
        if thread::Builder::new().name("settling".to_owned()).spawn(merge).is_ok() {
            self.0 = Some(UnderWay { scenario, done });
        }
    }

    /// A version with what has been merged since in the place of what it has; none where nothing has.
    pub fn take(&mut self, snapshot: &Snapshot) -> Option<Snapshot> {
        let under_way = self.0.take()?;
        match under_way.done.try_recv() {
            Ok(settled) => snapshot.settled(under_way.scenario, &settled),
            Err(TryRecvError::Empty) => {
                self.0 = Some(under_way);
                None
            }
            Err(TryRecvError::Disconnected) => None,
        }
    }

    /// Waits until nothing is under way, and takes it.
    #[cfg(test)]
    pub fn finish(&mut self, snapshot: &Snapshot) -> Option<Snapshot> {
        let under_way = self.0.take()?;
        snapshot.settled(under_way.scenario, &under_way.done.recv().ok()?)
    }
}
