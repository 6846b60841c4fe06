//! What two scenarios changed since they parted: the three-way comparison of a merge, cell by cell.
//!
//! The base of a cell is its value where the two last agreed: in their common ancestor at the moment they
//! parted, or in the one that was merged into the other since. It is read from the record, from the first
//! change after that moment; facts that nobody changed are never looked at, so a merge costs what was
//! changed. A cell that one side alone changed takes that side's value; one that both changed to different
//! values is a conflict. (The merge base as in version control, taken for each cell by itself.)

mod lineage;
mod log;

pub use lineage::{Lineage, Parting, parting};

use crate::change::Change;
use crate::cube::{Cube, Draft};
use crate::error::Result;
use crate::id::{DimensionId, MeasureId, MemberId};
use crate::schema::{Merged, Moment};
use crate::snapshot::Snapshot;
use crate::storage::LeafSet;
use log::{Log, Place};
use std::collections::BTreeMap;

/// A cell as it was at the base and as it is in both scenarios.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meeting {
    /// The leaf.
    pub key: u128,
    /// The measure.
    pub measure: MeasureId,
    /// Its value where the two last agreed, in the measure's smallest unit.
    pub base: Option<i64>,
    /// Its value in the scenario that is merged.
    pub from: Option<i64>,
    /// Its value in the scenario merged into.
    pub into: Option<i64>,
}

/// What a merge would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Cells changed on the merged side alone, in leaf order.
    pub changed: Vec<Meeting>,
    /// Cells changed on both sides to different values, in leaf order.
    pub conflicts: Vec<Meeting>,
}

/// Which scenarios meet, and where.
pub struct Sides<'a> {
    /// Whose changes are looked for.
    pub from: MemberId,
    /// Where they would go.
    pub into: MemberId,
    /// Whether a leaf is looked at.
    pub inside: &'a dyn Fn(u128) -> bool,
}

/// Compares what two scenarios changed since they parted. None where they never were one.
pub fn compare(cube: &mut Cube, draft: &Draft, sides: &Sides<'_>) -> Result<Option<Comparison>> {
    let snapshot = draft.snapshot().clone();
    let Some(parting) = parting(snapshot.schema(), sides.from, sides.into) else { return Ok(None) };
    let mut from = Log::new(&snapshot, &parting.from);
    let mut into = Log::new(&snapshot, &parting.into);
    let mut visit = |moment: Moment, change: &Change, direction| {
        change.deltas().try_for_each(|delta| {
            from.add(moment, &delta, direction)?;
            into.add(moment, &delta, direction)
        })
    };
    cube.each_change(parting.at.operation, &mut visit)?;
    let mut pending = draft.changes().iter().enumerate();
    let operation = draft.moment().operation;
    pending.try_for_each(|(place, change)| {
        visit(Moment { operation, position: place + 1 }, change, crate::change::Direction::Forward)
    })?;
    Compared { snapshot: &snapshot, sides, from, into }.cells().map(Some)
}

struct Compared<'a> {
    snapshot: &'a Snapshot,
    sides: &'a Sides<'a>,
    from: Log,
    into: Log,
}

impl Compared<'_> {
    fn cells(&self) -> Result<Comparison> {
        let mut by_measure: BTreeMap<MeasureId, Vec<u128>> = BTreeMap::new();
        for place in self.from.places().filter(|place| (self.sides.inside)(place.key)) {
            by_measure.entry(place.measure).or_default().push(place.key);
        }
        let mut found = Comparison::default();
        for (measure, mut keys) in by_measure {
            keys.sort_unstable();
            let layout = self.snapshot.layout();
            let leaves = LeafSet::of(layout, &keys);
            let now = |scenario| Ok(self.snapshot.facts_at(scenario).partition()?.cells(layout, &leaves, measure));
            let (from, into): (Vec<_>, Vec<_>) = (now(self.sides.from)?, now(self.sides.into)?);
            for ((key, from), into) in keys.iter().zip(from).zip(into) {
                let base = self.base(Place { key: *key, measure }, from, into);
                let meeting = Meeting { key: *key, measure, base, from, into };
                match (from == base || from == into, into == base) {
                    (true, _) => {}
                    (false, true) => found.changed.push(meeting),
                    (false, false) => found.conflicts.push(meeting),
                }
            }
        }
        let layout = self.snapshot.layout();
        let place = |meeting: &Meeting| (layout.listed(meeting.key), meeting.measure);
        found.changed.sort_by_key(place);
        found.conflicts.sort_by_key(place);
        Ok(found)
    }

    /// The value where the two last agreed: a merge between what they were branched from counts, where it was before.
    fn base(&self, place: Place, from: Option<i64>, into: Option<i64>) -> Option<i64> {
        for merged in self.snapshot.schema().merged.iter().rev() {
            let is_between =
                |one: &Log, other: &Log| one.was(merged.from, merged.at) && other.was(merged.into, merged.at);
            let side = match (is_between(&self.from, &self.into), is_between(&self.into, &self.from)) {
                (true, _) => (&self.from, from),
                (_, true) => (&self.into, into),
                _ => continue,
            };
            if covers(self.snapshot, merged, place.key) {
                return side.0.value_at(place, merged.at, side.1);
            }
        }
        self.from.first(place)
    }
}

/// Whether a merge looked at a leaf.
fn covers(snapshot: &Snapshot, merged: &Merged, key: u128) -> bool {
    merged.members.iter().all(|(dimension, members): &(DimensionId, Vec<MemberId>)| {
        let code = dimension.index().checked_sub(1).map(|place| MemberId(snapshot.layout().unpack(key, place)));
        code.is_some_and(|code| members.binary_search(&code).is_ok())
    })
}
