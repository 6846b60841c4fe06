//! Roll-ups: answers kept beside the facts they were worked out from, and kept up with every change.
//!
//! ```text
//! kept      one roll-up; a coarser one derived from it
//! upkeep    a roll-up brought from one version of the facts to a later one by what changed
//! shelf     the roll-ups of one version, and the way back to those of the versions before
//! budget    how many bytes all of them may take
//! ```
//!
//! An answered request leaves its roll-up behind. A later one is answered by the same roll-up, or derived
//! from the smallest that covers it, or brought up from an earlier version by the changes since: cells are
//! integers, so adding a change's difference to a sum gives exactly what a new scan would. Least and
//! greatest values cannot be kept up like this and are scanned again.
//!
//! Knows nothing of requests' meaning: a roll-up is a grain (for each coordinate a table from member to
//! group) and measures.

mod budget;
mod kept;
mod shelf;
mod upkeep;

use crate::change::{Delta, Direction};
use crate::coordinate::KeyLayout;
use crate::error::Result;
use crate::id::MeasureId;
use crate::storage::{Axis, Fold, Grouping, Groups, Partition, scan};
use kept::Kept;
use shelf::Shelf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What is asked of the facts of a scenario.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The grain.
    pub axes: &'a [Axis],
    /// What is folded; where nothing is, groups that have any fact are found.
    pub measures: &'a [(MeasureId, Fold)],
}

/// How a request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// By a roll-up of just this grain.
    Kept,
    /// From a finer roll-up of so many groups.
    Derived(usize),
    /// By a roll-up brought up over so many changed leaves.
    Maintained(usize),
    /// By scanning so many chunks, whose columns read have so many bytes.
    Scanned {
        /// The chunks.
        chunks: usize,
        /// The bytes; none of a chunk whose totals were enough.
        bytes: usize,
    },
}

/// How much there is of some facts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Outline {
    /// The facts.
    pub facts: usize,
    /// The chunks they are in.
    pub chunks: usize,
    /// Bytes in memory.
    pub bytes: usize,
}

impl Outline {
    /// That of a partition.
    pub fn of(partition: &Partition) -> Self {
        Outline { facts: partition.rows(), chunks: partition.chunks().len(), bytes: partition.bytes() }
    }

    /// Both together.
    pub fn plus(self, other: Outline) -> Outline {
        Outline { facts: self.facts + other.facts, chunks: self.chunks + other.chunks, bytes: self.bytes + other.bytes }
    }
}

/// Where facts are that no one has asked for yet.
pub trait Source: std::fmt::Debug + Send + Sync {
    /// How much there is.
    fn outline(&self) -> Outline;
    /// Reads them.
    fn read(&self) -> Result<Partition>;
}

/// The facts of one scenario in one version, with the roll-ups that were made of them.
#[derive(Debug, Default)]
pub struct Facts {
    partition: OnceLock<Partition>,
    source: Option<Box<dyn Source>>,
    outline: OnceLock<Outline>,
    /// Held while the facts are read: who comes meanwhile waits, and finds them.
    reading: Mutex<()>,
    shelf: Arc<Shelf>,
}

impl Facts {
    /// Facts without a past.
    pub fn new(partition: Partition) -> Self {
        Facts { partition: OnceLock::from(partition), shelf: Shelf::first(), ..Facts::default() }
    }

    /// Facts that are read when they are first asked for.
    pub fn in_source(source: Box<dyn Source>) -> Self {
        Facts { source: Some(source), shelf: Shelf::first(), ..Facts::default() }
    }

    /// The facts themselves.
    ///
    /// Errors: they are asked for the first time and cannot be read.
    pub fn partition(&self) -> Result<&Partition> {
        if let Some(partition) = self.partition.get() {
            return Ok(partition);
        }
        let _reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(partition) = self.partition.get() {
            return Ok(partition);
        }
        let read = self.source.as_ref().map_or_else(|| Ok(Partition::default()), |source| source.read())?;
        Ok(self.partition.get_or_init(|| read))
    }

    /// How much there is.
    pub fn outline(&self) -> Outline {
        match (self.partition.get(), &self.source) {
            (Some(partition), _) => *self.outline.get_or_init(|| Outline::of(partition)),
            (None, Some(source)) => source.outline(),
            (None, None) => Outline::default(),
        }
    }

    /// The facts after a change, or before it: roll-ups follow when they are asked for.
    ///
    /// Errors: as [`Facts::partition`].
    pub fn changed(&self, layout: &KeyLayout, delta: &Arc<Delta>, direction: Direction) -> Result<Facts> {
        let before = self.partition()?;
        let partition = match (before.rows(), direction) {
            (0, Direction::Forward) => delta.facts(layout),
            _ => before.write(layout, &delta.writes(layout, direction)).partition,
        };
        Ok(self.followed(layout, partition, delta, direction))
    }

    /// The facts as they are after a change, or before it, given those.
    pub fn followed(
        &self,
        layout: &KeyLayout,
        partition: Partition,
        delta: &Arc<Delta>,
        direction: Direction,
    ) -> Facts {
        let shelf = Shelf::after(&self.shelf, delta, direction, layout.time(), partition.rows());
        Facts { partition: OnceLock::from(partition), shelf, ..Facts::default() }
    }

    /// The same facts in a partition that says the same, with the same roll-ups.
    pub fn laid_out(&self, partition: Partition) -> Facts {
        Facts { partition: OnceLock::from(partition), shelf: Arc::clone(&self.shelf), ..Facts::default() }
    }

    /// How many roll-ups this version has, and how many bytes they take.
    pub fn kept(&self) -> (usize, usize) {
        self.shelf.size()
    }

    /// Answers a request; how facts are grouped is worked out where they must be scanned.
    ///
    /// Errors: as [`Facts::partition`] and `storage::scan`, and those of the grouping.
    pub fn answer<'a>(
        &self,
        asked: Asked<'a>,
        grouping: &dyn Fn() -> Result<Grouping<'a>>,
        time: Option<usize>,
        stop: &AtomicBool,
    ) -> Result<(Arc<Groups>, Means)> {
        let facts = self.outline().facts;
        if let Some(found) = self.shelf.find(asked, facts / 16, time) {
            return Ok(found);
        }
        let partition = self.partition()?;
        let (groups, bytes) = scan(partition, &grouping()?, asked.measures, stop)?;
        let groups = Arc::new(groups);
        if groups.offsets.len() <= facts / 4 + 1024 {
            self.shelf.keep(Kept::new(asked, Arc::clone(&groups)));
        }
        Ok((groups, Means::Scanned { chunks: partition.chunks().len(), bytes }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::EngineError;
    use std::time::Duration;

    /// Can be read once, and takes its time.
    #[derive(Debug, Default)]
    struct Once(AtomicBool);

    impl Source for Once {
        fn outline(&self) -> Outline {
            Outline::default()
        }

        fn read(&self) -> Result<Partition> {
            let again = self.0.swap(true, std::sync::atomic::Ordering::SeqCst);
            std::thread::sleep(Duration::from_millis(20));
            if again { Err(EngineError::File("closed".to_owned())) } else { Ok(Partition::default()) }
        }
    }

    #[test]
    fn facts_that_several_ask_for_at_once_are_read_once() {
        let facts = Facts::in_source(Box::new(Once::default()));
        std::thread::scope(|scope| {
            let askers: Vec<_> = (0..4).map(|_| scope.spawn(|| facts.partition().is_ok())).collect();
            assert!(askers.into_iter().all(|asker| asker.join().unwrap()));
        });
    }
}
