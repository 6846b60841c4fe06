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
use crate::id::MeasureId;
use crate::storage::{Axis, Fold, Grouping, Groups, Partition, scan};
use kept::Kept;
use shelf::Shelf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

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
    /// By scanning so many chunks.
    Scanned(usize),
}

/// The facts of one scenario in one version, with the roll-ups that were made of them.
#[derive(Debug, Default)]
pub struct Facts {
    partition: Partition,
    shelf: Arc<Shelf>,
}

impl Facts {
    /// Facts without a past.
    pub fn new(partition: Partition) -> Self {
        Facts { partition, shelf: Shelf::first() }
    }

    /// The facts themselves.
    pub fn partition(&self) -> &Partition {
        &self.partition
    }

    /// The facts after a change, or before it: roll-ups follow when they are asked for.
    pub fn changed(&self, layout: &KeyLayout, delta: &Arc<Delta>, direction: Direction) -> Facts {
        let partition = match (self.partition.rows(), direction) {
            (0, Direction::Forward) => Partition::of(layout, delta.rows, &|rows| delta.facts(layout, rows)),
            _ => self.partition.write(layout, &delta.writes(layout, direction)).partition,
        };
        self.followed(layout, partition, delta, direction)
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
        Facts { partition, shelf }
    }

    /// How many roll-ups this version has, and how many bytes they take.
    pub fn kept(&self) -> (usize, usize) {
        self.shelf.size()
    }

    /// Answers a request; none where it cannot be numbered, or `stop` was set meanwhile.
    pub fn answer(
        &self,
        asked: Asked,
        grouping: &Grouping,
        time: Option<usize>,
        stop: &AtomicBool,
    ) -> Option<(Arc<Groups>, Means)> {
        let worth = self.partition.rows() / 16;
        if let Some((groups, means)) = self.shelf.find(asked, worth, time) {
            return Some((groups, means));
        }
        let groups = Arc::new(scan(&self.partition, grouping, asked.measures, stop)?);
        if groups.offsets.len() <= self.partition.rows() / 4 + 1024 {
            self.shelf.keep(Kept::new(asked, Arc::clone(&groups)));
        }
        Some((groups, Means::Scanned(self.partition.chunks().len())))
    }
}
