//! The cells of a chunk in one measure: a column as it was encoded, and over it what writes have changed since.
//!
//! A write to few cells leaves the encoded column as it is, shared with the version before, and notes by how much the
//! cells differ, place by place (positional deltas: Héman et al., SIGMOD 2010). A sum is that of the column and that of
//! the differences. Where more than a few cells differ, they are merged into a column encoded anew: in the background of
//! commits, and with the write that makes them an eighth of all.

use super::bits::ones;
use super::patch::{Patch, Place};
use super::runs::Runs;
use super::values::Values;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Of so many cells one may differ from what is encoded; a write that would have more differ merges them itself.
const ONE_OF: usize = 8;

/// Where more than one of so many differs, merging is worth its while: a scan that adds differences takes longer.
const FEW_OF: usize = 64;

/// So few differences are never worth it.
const FEW: usize = if cfg!(test) { 1 } else { 1 << 8 };

/// The greatest difference of a cell from what is encoded: sums of a chunk's differences leave room for others.
const MOST_DIFFERENCE: u64 = 1 << 44;

/// The cells of a chunk in one measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As many as the chunk has slots; its own validity is of no meaning.
    values: Arc<Values>,
    /// By how much cells differ from these.
    differences: Option<Differences>,
    /// For each run which slots have a cell; all that have a fact where none.
    masks: Option<Vec<u64>>,
    /// What the cells come to, and how many there are.
    total: (i128, u64),
}

/// By how much the cells at some places differ from what is encoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// The places, ascending.
    places: Vec<u32>,
    /// The difference at each.
    added: Vec<i64>,
    /// The sum of their magnitudes.
    magnitude: u64,
}

impl Differences {
    /// Those whose places lie in a range.
    pub fn within(&self, places: Range<u32>) -> impl Iterator<Item = (u32, i64)> + '_ {
        let start = self.places.partition_point(|place| *place < places.start);
        let all = self.places[start..].iter().copied().zip(self.added[start..].iter().copied());
        all.take_while(move |(place, _)| *place < places.end)
    }

    /// All of them, in the order of their places.
    pub fn iter(&self) -> impl Iterator<Item = (u32, i64)> + Clone + '_ {
        self.places.iter().copied().zip(self.added.iter().copied())
    }

    fn at(&self, place: u32) -> i64 {
        self.within(place..place + 1).next().map_or(0, |(_, added)| added)
    }

    /// No sum of any of them is greater.
    pub fn magnitude(&self) -> u64 {
        self.magnitude
    }

    fn with_room(places: usize) -> Self {
        Differences { places: Vec::with_capacity(places), added: Vec::with_capacity(places), magnitude: 0 }
    }

    /// Adds one behind the others.
    fn push(&mut self, place: u32, added: i64) -> Option<()> {
        if added != 0 {
            self.magnitude += Some(added.unsigned_abs()).filter(|added| *added <= MOST_DIFFERENCE)?;
            self.places.push(place);
            self.added.push(added);
        }
        Some(())
    }

    fn bytes(&self) -> usize {
        self.places.len() * (size_of::<u32>() + size_of::<i64>())
    }
}

impl Column {
    /// A column of the cells in all slots of some runs; none where all are empty.
    pub fn of(cells: &[Option<i64>], runs: &Runs) -> Option<Self> {
        let values = Values::of(cells)?;
        let masks: Vec<u64> = (0..runs.len()).map(|run| mask_of(cells, runs, run)).collect();
        let full = masks.iter().enumerate().all(|(run, mask)| *mask == runs.mask(run));
        let total = cells.iter().flatten().fold((0, 0), |(sum, count), cell| (sum + i128::from(*cell), count + 1));
        Some(Column::new(values, (!full).then_some(masks), total))
    }

    /// A column from its parts, which must fit each other: the value in each slot, for each run which slots have a cell
    /// (all that have a fact where none), what the cells come to and how many there are.
    pub fn new(values: Values, masks: Option<Vec<u64>>, total: (i128, u64)) -> Self {
        Column { values: Arc::new(values), differences: None, masks, total }
    }

    /// What is encoded.
    pub fn encoded(&self) -> &Values {
        &self.values
    }

    /// By how much cells differ from it.
    pub fn differences(&self) -> Option<&Differences> {
        self.differences.as_ref()
    }

    /// The values with all differences in them.
    pub fn values(&self) -> Cow<'_, Values> {
        let Some(differences) = &self.differences else { return Cow::Borrowed(&self.values) };
        let changes = differences.iter().map(|(place, added)| (place, self.stored(place).wrapping_add(added)));
        Cow::Owned(self.values.patched(changes.clone()).unwrap_or_else(|| {
            let mut cells = self.values.decode();
            changes.for_each(|(place, value)| cells[place as usize] = Some(value));
            Values::encode(&cells).unwrap_or_else(|| Values::clone(&self.values))
        }))
    }

    /// Which slots of the runs have a cell, where not all that have a fact do.
    pub fn masks(&self) -> Option<&Vec<u64>> {
        self.masks.as_ref()
    }

    /// What the cells come to, and how many there are.
    pub fn total(&self) -> (i128, u64) {
        self.total
    }

    /// Which slots of a run have a cell.
    pub fn mask(&self, runs: &Runs, run: usize) -> u64 {
        match &self.masks {
            None => runs.mask(run),
            Some(masks) => masks.get(run).copied().unwrap_or(0),
        }
    }

    /// The cell at a place of the column.
    pub fn get(&self, runs: &Runs, place: Place) -> Option<i64> {
        let bit = place.at as usize - runs.start(place.run as usize);
        (self.mask(runs, place.run as usize) >> bit & 1 == 1).then(|| self.value(place.at))
    }

    /// What stands in a slot that has a cell.
    pub fn value(&self, at: u32) -> i64 {
        let added = self.differences.as_ref().map_or(0, |differences| differences.at(at));
        self.stored(at).wrapping_add(added)
    }

    /// What is encoded in a slot.
    fn stored(&self, at: u32) -> i64 {
        self.values.frame.value(self.values.packed.get(at as usize))
    }

    /// Puts the values of the slots from `start` on whose bits are set into the places of these bits.
    pub fn read(&self, start: usize, mask: u64, into: &mut [i64; 64]) {
        self.values.read(start, mask, into);
        if let Some(differences) = &self.differences {
            let end = start as u32 + (u64::BITS - mask.leading_zeros());
            for (place, added) in differences.within(start as u32..end) {
                let value = &mut into[place as usize - start];
                *value = value.wrapping_add(added);
            }
        }
    }

    /// The cells, one by one.
    pub fn cells<'a>(&'a self, runs: &'a Runs) -> impl Iterator<Item = i64> + 'a {
        let places = move |run: usize| ones(self.mask(runs, run)).map(move |bit| runs.start(run) + bit);
        (0..runs.len()).flat_map(places).map(|place| self.value(place as u32))
    }

    /// The cells at some places, which ascend; empty where there is no fact.
    pub fn gather(&self, runs: &Runs, places: &[Place], cells: &mut [Option<i64>]) {
        let frame = self.values.frame;
        if self.masks.is_some() {
            let found = places.iter().zip(cells).filter(|(place, _)| **place != Place::NOWHERE);
            found.for_each(|(place, into)| *into = self.get(runs, *place));
            return;
        }
        // Where every fact has a cell, there is one at each place.
        self.values.packed.gather(places.iter().map(|place| place.at), cells, |offset| frame.value(offset));
        if let Some(differences) = &self.differences {
            let mut next = 0;
            for (place, cell) in places.iter().zip(cells).filter(|(place, _)| **place != Place::NOWHERE) {
                while differences.places.get(next).is_some_and(|known| *known < place.at) {
                    next += 1;
                }
                if differences.places.get(next) == Some(&place.at) {
                    *cell = cell.map(|value| value.wrapping_add(differences.added[next]));
                }
            }
        }
    }

    /// The same column patched, where all cells have a value before and after.
    pub fn patched(&self, patch: Patch, runs: &Runs) -> Option<Column> {
        let mut total = self.total.0;
        for (_, before, after) in patch.changes() {
            total += i128::from(after?) - i128::from(before?);
        }
        let total = (total, self.total.1);
        if let Some(differences) = self.differing(patch, runs.slots() / ONE_OF) {
            let differences = Some(differences).filter(|differences| !differences.places.is_empty());
            return Some(Column { values: Arc::clone(&self.values), differences, masks: self.masks.clone(), total });
        }
        let values = self.values();
        let changes = patch.changes().filter_map(|(at, _, after)| Some((at, after?)));
        Some(Column::new(values.patched(changes)?, self.masks.clone(), total))
    }

    /// The differences after a patch; none where they are too many or too great.
    fn differing(&self, patch: Patch, most: usize) -> Option<Differences> {
        if patch.places.len() > most {
            return None;
        }
        let mut differing = Differences::with_room(patch.places.len());
        let none = Differences::default();
        let known = self.differences.as_ref().unwrap_or(&none);
        let mut next = 0;
        for (at, before, after) in patch.changes() {
            while known.places.get(next).is_some_and(|place| *place < at) {
                differing.push(known.places[next], known.added[next])?;
                next += 1;
            }
            let mut added = after?.checked_sub(before?)?;
            if known.places.get(next) == Some(&at) {
                added = added.checked_add(known.added[next])?;
                next += 1;
            }
            differing.push(at, added)?;
        }
        for (place, added) in known.places[next..].iter().zip(&known.added[next..]) {
            differing.push(*place, *added)?;
        }
        (differing.places.len() <= most).then_some(differing)
    }

    /// Whether so many cells differ from what is encoded that they had better be merged.
    pub fn differs(&self) -> bool {
        let few = FEW.max(self.values.rows / FEW_OF);
        self.differences.as_ref().is_some_and(|differences| differences.places.len() > few)
    }

    /// The same column with all differences in what is encoded.
    pub fn settled(&self) -> Column {
        Column::new(self.values().into_owned(), self.masks.clone(), self.total)
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let differences = self.differences.as_ref().map_or(0, Differences::bytes);
        self.values.packed.bytes() + differences + self.masks.as_ref().map_or(0, |masks| masks.len() * 8)
    }
}

fn mask_of(cells: &[Option<i64>], runs: &Runs, run: usize) -> u64 {
    let slots = &cells[runs.start(run)..runs.start(run + 1)];
    slots.iter().enumerate().fold(0, |mask, (bit, cell)| mask | u64::from(cell.is_some()) << bit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Write;
    use crate::storage::runs::Builder;
    use proptest::prelude::*;

    /// Runs of four slots each, the third of which has no fact.
    fn runs(count: usize) -> Runs {
        let mut builder = Builder::default();
        (0..count).for_each(|_| builder.push_run(0, 0b1011));
        builder.finish(vec![3, 4, 5, 6])
    }

    fn value() -> impl Strategy<Value = i64> {
        prop_oneof![6 => -500i64..500, 2 => (0i64..9).prop_map(|value| value * 250), 1 => any::<i64>()]
    }

    proptest! {
        #[test]
        fn a_column_that_is_patched_again_and_again_has_what_was_written(
            first in prop::collection::vec(-50i64..50, 60),
            patches in prop::collection::vec((prop::collection::btree_map(0usize..60, value(), 1..12), any::<bool>()), 1..8),
        ) {
            let runs = runs(20);
            let places: Vec<Place> =
                runs.places().iter().map(|at| Place { run: *at / 4, at: *at }).collect();
            let mut expected: Vec<i64> = first;
            let mut slots = vec![None; runs.slots()];
            places.iter().zip(&expected).for_each(|(place, value)| slots[place.at as usize] = Some(*value));
            let mut column = Column::of(&slots, &runs).unwrap();
            for (patch, merges) in patches {
                let at: Vec<Place> = patch.keys().map(|row| places[*row]).collect();
                let before: Vec<Option<i64>> = patch.keys().map(|row| Some(expected[*row])).collect();
                let writes: Vec<Write> = patch.values().map(|value| Write::Put(*value)).collect();
                let patched = column.patched(Patch { places: &at, writes: &writes, before: &before }, &runs);
                patch.iter().for_each(|(row, value)| expected[*row] = *value);
                column = patched.unwrap_or_else(|| {
                    places.iter().zip(&expected).for_each(|(place, value)| slots[place.at as usize] = Some(*value));
                    Column::of(&slots, &runs).unwrap()
                });
                prop_assert!(column.cells(&runs).eq(expected.iter().copied()));
                let mut gathered = vec![None; places.len()];
                column.gather(&runs, &places, &mut gathered);
                prop_assert!(gathered.iter().copied().eq(expected.iter().copied().map(Some)));
                if merges {
                    column = column.settled();
                    prop_assert!(column.differences().is_none() && column.cells(&runs).eq(expected.iter().copied()));
                }
                let merged = column.values();
                let mut read = [0; 64];
                for (run, expected) in expected.chunks(3).enumerate() {
                    column.read(runs.start(run), runs.mask(run), &mut read);
                    let at = runs.start(run);
                    for (bit, value) in [0, 1, 3].into_iter().zip(expected) {
                        prop_assert_eq!((read[bit], merged.get(at + bit)), (*value, Some(*value)));
                    }
                }
                let sum = expected.iter().map(|value| i128::from(*value)).sum::<i128>();
                prop_assert_eq!(column.total(), (sum, 60));
            }
        }
    }
}
