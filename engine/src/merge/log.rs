//! The cells that a scenario's changes touched, each with its values over time.

use super::lineage::Lineage;
use crate::change::{Delta, Direction};
use crate::error::Result;
use crate::id::{MeasureId, MemberId};
use crate::memory::{Claim, bytes};
use crate::schema::Moment;
use crate::snapshot::Snapshot;
use std::collections::HashMap;

/// Bytes of a change of a cell: its place, and a list of when it was touched.
const CHANGE_BYTES: usize = 160;

/// One cell of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub key: u128,
    pub measure: MeasureId,
}

/// For each cell that was touched when, and its value before.
pub(super) struct Log {
    snapshot: Snapshot,
    lineage: Lineage,
    defaults: Vec<u32>,
    touched: HashMap<Place, Vec<(Moment, Option<i64>)>>,
    /// How many changes of cells were taken in at most.
    changes: usize,
    claim: Claim,
}

impl Log {
    /// A log of what happens along a lineage.
    pub fn new(snapshot: &Snapshot, lineage: &Lineage) -> Self {
        let defaults = snapshot.schema().defaults();
        Log {
            snapshot: snapshot.clone(),
            lineage: lineage.clone(),
            defaults,
            touched: HashMap::new(),
            changes: 0,
            claim: Claim::new("the cells changed since the scenarios parted"),
        }
    }

    /// Whether a scenario at a moment is part of the lineage.
    pub fn was(&self, scenario: MemberId, moment: Moment) -> bool {
        self.lineage.iter().any(|stretch| stretch.scenario == scenario && stretch.holds(moment))
    }

    /// Takes a change into account, if it belongs to the lineage. Changes come in the order of time.
    ///
    /// Errors: more memory than a statement may take.
    pub fn add(&mut self, moment: Moment, delta: &Delta, direction: Direction) -> Result<()> {
        if !self.was(delta.scenario, moment) {
            return Ok(());
        }
        self.changes += delta.most_cells();
        self.claim.hold(bytes(self.changes, CHANGE_BYTES))?;
        for cell in delta.cells() {
            let place = Place { key: self.key(&cell.members), measure: cell.measure };
            let before = if direction == Direction::Forward { cell.before } else { cell.after };
            self.touched.entry(place).or_default().push((moment, before));
        }
        Ok(())
    }

    /// The key of a leaf today; in dimensions that came later, every older fact stands at the default.
    fn key(&self, members: &[MemberId]) -> u128 {
        let later = self.defaults.iter().copied().skip(members.len());
        self.snapshot.layout().pack(members.iter().map(|member| member.0).chain(later))
    }

    /// Every cell that was touched, in no order.
    pub fn places(&self) -> impl Iterator<Item = Place> + '_ {
        self.touched.keys().copied()
    }

    /// The value of a touched cell before the first change.
    pub fn first(&self, place: Place) -> Option<i64> {
        self.touched.get(&place).and_then(|changes| changes.first()).and_then(|(_, before)| *before)
    }

    /// The value at a moment, given the value now.
    pub fn value_at(&self, place: Place, moment: Moment, now: Option<i64>) -> Option<i64> {
        let changes = self.touched.get(&place).map_or(&[][..], Vec::as_slice);
        let next = changes.iter().find(|(at, _)| *at > moment);
        next.map_or(now, |(_, before)| *before)
    }
}
