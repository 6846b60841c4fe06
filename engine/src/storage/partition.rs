//! The facts of one scenario: chunks in key order. A write makes a new partition that shares every
//! chunk it did not touch, and within a touched chunk what it did not touch of its columns.

use super::chunk::{Chunk, places};
use super::cut::cut;
use super::leaf_set::LeafSet;
use super::merge::{Part, merged};
use super::patch::{Patch, Place};
use super::tuning::Tuning;
use super::write::Writes;
use crate::coordinate::KeyLayout;
use crate::id::MeasureId;
use rayon::prelude::*;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// What writing comes to.
#[derive(Debug)]
pub struct Written {
    /// The facts after it.
    pub partition: Partition,
    /// For each column of the writes the cells before it, at each key.
    pub before: Vec<Vec<Option<i64>>>,
}

/// Chunks, and each with all differences merged.
pub type Settled = Vec<(Arc<Chunk>, Arc<Chunk>)>;

/// Keys in order, and for each measure as many cells.
pub type Keyed = (Vec<u128>, Vec<Vec<Option<i64>>>);

/// The facts of one scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Partition {
    chunks: Vec<Arc<Chunk>>,
}

impl Partition {
    /// A partition of chunks in key order.
    pub fn from_chunks(chunks: Vec<Arc<Chunk>>) -> Self {
        Partition { chunks }
    }

    /// A partition of so many facts, which `read` gives part by part in key order: their keys, and for each measure
    /// their cells, at least one for each fact.
    pub fn of(layout: &KeyLayout, facts: usize, read: &(dyn Fn(Range<usize>) -> Keyed + Sync)) -> Self {
        let chunk = |rows: Range<usize>| {
            let (keys, cells) = read(rows);
            Chunk::encode(layout, &LeafSet::of(layout, &keys), cells.iter().map(Vec::as_slice))
        };
        Partition { chunks: cut(facts, &chunk) }
    }

    /// The chunks in key order.
    pub fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// How many facts there are.
    pub fn rows(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.rows()).sum()
    }

    /// How many cells there are.
    pub fn count(&self) -> u64 {
        let columns =
            |chunk: &Arc<Chunk>| (0..chunk.shape().1).filter_map(|m| Some(chunk.column(m)?.total().1)).sum::<u64>();
        self.chunks.iter().map(columns).sum()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.bytes()).sum()
    }

    /// The cells of a measure at some leaves.
    pub fn cells(&self, layout: &KeyLayout, leaves: &LeafSet, measure: MeasureId) -> Vec<Option<i64>> {
        let mut found = vec![None; leaves.len()];
        let ranges = self.split(layout, leaves, 0..leaves.len());
        let parts = cut_at(&mut found, &ranges);
        let work: Vec<_> = self.chunks.iter().zip(ranges).zip(parts).collect();
        work.into_par_iter().filter(|((_, range), _)| !range.is_empty()).for_each(|((chunk, range), cells)| {
            if chunk.column(measure.index()).is_some() {
                chunk.gather(measure.index(), &places(chunk, layout, &leaves.part(range)), cells);
            }
        });
        found
    }

    /// Whether writes have left differences over columns that had better be merged.
    pub fn differs(&self) -> bool {
        self.chunks.iter().any(|chunk| chunk.differs())
    }

    /// The chunks of which this is so, with what they come to.
    pub fn settled(&self) -> Settled {
        let differing = self.chunks.iter().filter(|chunk| chunk.differs());
        differing.map(|chunk| (Arc::clone(chunk), Arc::new(chunk.settled()))).collect()
    }

    /// The same facts with chunks in the place of those that they say the same as; none where there is none of these.
    pub fn replacing(&self, settled: &Settled) -> Option<Partition> {
        let by_place: HashMap<*const Chunk, &Arc<Chunk>> =
            settled.iter().map(|(before, after)| (Arc::as_ptr(before), after)).collect();
        let after = |chunk: &Arc<Chunk>| by_place.get(&Arc::as_ptr(chunk)).map(|after| Arc::clone(after));
        self.chunks.iter().any(|chunk| after(chunk).is_some()).then(|| Partition {
            chunks: self.chunks.iter().map(|chunk| after(chunk).unwrap_or_else(|| Arc::clone(chunk))).collect(),
        })
    }

    /// The same facts with as many coordinates as a schema has now; measures are shared.
    pub fn fitted(&self, layout: &KeyLayout, constant: &dyn Fn(usize) -> u32) -> Partition {
        Partition { chunks: self.chunks.iter().map(|chunk| Arc::new(chunk.fitted(layout, constant))).collect() }
    }

    /// The same facts, which were sorted otherwise, in key order.
    pub fn sorted(&self, layout: &KeyLayout) -> Partition {
        let keys: Vec<u128> = self.chunks.iter().flat_map(|chunk| chunk.leaves(layout).keys()).collect();
        let mut order: Vec<u32> = (0..keys.len() as u32).collect();
        order.par_sort_unstable_by_key(|row| keys[*row as usize]);
        let measures = self.chunks.iter().map(|chunk| chunk.shape().1).max().unwrap_or(0);
        let column = |measure: usize| self.chunks.iter().flat_map(|chunk| chunk.cells(measure)).collect();
        let columns: Vec<Vec<Option<i64>>> = (0..measures).map(column).collect();
        let read = |facts: Range<usize>| {
            let rows = || order[facts.clone()].iter().map(|row| *row as usize);
            let cells = columns.iter().map(|column| rows().map(|row| column[row]).collect()).collect();
            (rows().map(|row| keys[row]).collect(), cells)
        };
        Partition::of(layout, keys.len(), &read)
    }

    /// Writes. Facts left without any cell disappear.
    pub fn write(&self, layout: &KeyLayout, writes: &Writes) -> Written {
        let batch = Tuning::current().batch_rows;
        let all = writes.leaves.len();
        let mut written = self.write_rows(layout, writes, 0..all.min(batch));
        for start in (batch..all).step_by(batch) {
            let next = written.partition.write_rows(layout, writes, start..all.min(start.saturating_add(batch)));
            written.partition = next.partition;
            written.before.iter_mut().zip(next.before).for_each(|(column, more)| column.extend(more));
        }
        written
    }

    fn write_rows(&self, layout: &KeyLayout, writes: &Writes, rows: Range<usize>) -> Written {
        let mut before = vec![vec![None; rows.len()]; writes.columns.len()];
        if self.chunks.is_empty() {
            return Written { partition: Partition { chunks: merged(layout, None, &Part::of(writes, rows)) }, before };
        }
        let ranges = self.split(layout, &writes.leaves, rows);
        let mut parts: Vec<Vec<&mut [Option<i64>]>> = ranges.iter().map(|_| Vec::new()).collect();
        for column in &mut before {
            parts.iter_mut().zip(cut_at(column, &ranges)).for_each(|(part, cells)| part.push(cells));
        }
        let work: Vec<_> = self.chunks.iter().zip(ranges).zip(parts).collect();
        let chunks: Vec<Vec<Arc<Chunk>>> = work
            .into_par_iter()
            .map(|((chunk, range), before)| match range.is_empty() {
                true => vec![Arc::clone(chunk)],
                false => rewritten(layout, chunk, &Part::of(writes, range), before),
            })
            .collect();
        Written { partition: Partition { chunks: chunks.concat() }, before }
    }

    /// For each chunk the range of some of the leaves that fall into it or between it and the next.
    fn split(&self, layout: &KeyLayout, leaves: &LeafSet, rows: Range<usize>) -> Vec<Range<usize>> {
        let bound = |next: &Arc<Chunk>| leaves.before(layout, next.first_key(layout)).clamp(rows.start, rows.end);
        let ends = self.chunks.iter().skip(1).map(bound);
        let mut start = rows.start;
        let range = |end: usize| {
            let range = start..end;
            start = end;
            range
        };
        ends.chain([rows.end]).map(range).collect()
    }
}

/// A column in parts, which follow each other.
fn cut_at<'c, T>(mut column: &'c mut [T], ranges: &[Range<usize>]) -> Vec<&'c mut [T]> {
    let mut parts = Vec::with_capacity(ranges.len());
    for range in ranges {
        let (part, rest) = column.split_at_mut(range.len());
        parts.push(part);
        column = rest;
    }
    parts
}

/// The chunks in place of one: patches the touched measure columns where no fact appears or disappears; else merges.
/// Puts the cells that it had, measure by measure, into `before`, which is empty.
fn rewritten(layout: &KeyLayout, chunk: &Arc<Chunk>, part: &Part, before: Vec<&mut [Option<i64>]>) -> Vec<Arc<Chunk>> {
    let places = places(chunk, layout, &part.leaves);
    let mut result = Some(Chunk::clone(chunk));
    let mut clears = false;
    for ((measure, writes), before) in part.columns.iter().zip(before) {
        chunk.gather(measure.index(), &places, before);
        let patch = Patch { places: &places, writes, before };
        let extent = patch.extent();
        clears |= extent.clears;
        result = match result {
            Some(chunk) if !extent.adds_facts && extent.changes => Some(chunk.with_cells(measure.index(), patch)),
            other => other.filter(|_| !extent.adds_facts),
        };
    }
    let lost = |chunk: &Chunk| places.iter().any(|place| *place != Place::NOWHERE && is_bare(chunk, *place));
    match result.filter(|chunk| !clears || !lost(chunk)) {
        Some(chunk) => vec![Arc::new(chunk)],
        None => merged(layout, Some(chunk), part),
    }
}

fn is_bare(chunk: &Chunk, place: Place) -> bool {
    (0..chunk.shape().1).all(|measure| chunk.cell(measure, place).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Calendar, read_month};
    use crate::dimension::{Dimension, NewMember};
    use crate::id::{DimensionId, MemberId};
    use crate::schema::Schema;
    use crate::storage::{Axis, Fold, Grouping, OUTSIDE, Partial, Write, scan};
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::sync::atomic::AtomicBool;

    /// Members of the coordinates: two plain ones with time, of more periods than a mask has bits, between them.
    const MEMBERS: [u32; 3] = [6, 110, 4];
    const MEASURES: usize = 2;

    fn plain(name: &str, members: u32) -> Dimension {
        let mut dimension = Dimension::with_levels(name, vec![name.to_owned()]);
        for member in 1..members {
            dimension.add(NewMember::named(format!("{name}{member}"), MemberId::ROOT, true)).unwrap();
        }
        dimension.seal();
        dimension
    }

    fn layout() -> KeyLayout {
        KeyLayout::new(&schema()).unwrap()
    }

    fn schema() -> Schema {
        let month = |text| read_month(text).unwrap();
        let calendar = Calendar::of_months(month("2020-01"), month("2026-12"), 1);
        let time = Dimension::time("period", calendar).unwrap();
        assert!(time.len() >= MEMBERS[1] as usize);
        [plain("a", MEMBERS[0]), time, plain("b", MEMBERS[2])]
            .into_iter()
            .fold(Schema::default(), |schema, dimension| schema.with_dimension(dimension).unwrap())
    }

    type Coordinates = [u32; 3];
    type Batch = BTreeMap<Coordinates, [Write; MEASURES]>;
    type Model = BTreeMap<Coordinates, [Option<i64>; MEASURES]>;

    fn write() -> impl Strategy<Value = Write> {
        let small = || (-200i64..200).prop_map(Write::Put);
        prop_oneof![
            1 => Just(Write::Keep),
            2 => Just(Write::Clear),
            3 => small(),
            3 => (0i64..200).prop_map(|value| Write::Put(value * 250)),
            1 => prop_oneof![Just(i64::MAX), Just(i64::MIN), any::<i64>()].prop_map(Write::Put),
        ]
    }

    /// Writes at single places and along time.
    fn batch() -> impl Strategy<Value = Batch> {
        let run = (0..MEMBERS[0], 0..MEMBERS[1], 0..MEMBERS[2], 1u32..30, [write(), write()]);
        prop::collection::vec(run, 0..30).prop_map(|runs| {
            let cells = runs.into_iter().flat_map(|(a, start, b, length, writes)| {
                (start..MEMBERS[1].min(start + length)).map(move |period| ([a, period, b], writes))
            });
            cells.collect()
        })
    }

    fn writes(layout: &KeyLayout, batch: &Batch) -> Writes {
        let mut rows: Vec<(u128, &[Write; MEASURES])> =
            batch.iter().map(|(place, writes)| (layout.pack(place.iter().copied()), writes)).collect();
        rows.sort_by_key(|(key, _)| *key);
        let column = |measure: usize| rows.iter().map(|(_, writes)| writes[measure]).collect();
        let columns = (0..MEASURES).map(|m| (MeasureId::from_index(m), column(m))).collect();
        Writes::at(layout, &rows.iter().map(|(key, _)| *key).collect::<Vec<u128>>(), columns)
    }

    fn play(model: &mut Model, batch: &Batch) {
        for (key, writes) in batch {
            let cells = model.entry(*key).or_default();
            cells.iter_mut().zip(writes).for_each(|(cell, write)| *cell = write.onto(*cell));
        }
        model.retain(|_, cells| cells.iter().any(Option::is_some));
    }

    fn content(layout: &KeyLayout, partition: &Partition) -> Model {
        let mut found = Model::new();
        for chunk in partition.chunks() {
            let most = 2 * Tuning::current().chunk_rows;
            assert!(chunk.rows() > 0 && chunk.rows() < most, "a chunk of {} rows", chunk.rows());
            for ((key, one), other) in chunk.leaves(layout).iter().zip(chunk.cells(0)).zip(chunk.cells(1)) {
                let code = |coordinate| layout.unpack(key, coordinate);
                found.insert([code(0), code(1), code(2)], [one, other]);
            }
        }
        assert_eq!(found.len(), partition.rows(), "a key stands twice");
        let keys: Vec<u128> = partition.chunks().iter().flat_map(|chunk| chunk.leaves(layout).keys()).collect();
        assert!(keys.is_sorted(), "keys are out of order");
        found
    }

    proptest! {
        #[test]
        fn writes_do_what_a_map_does(batches in prop::collection::vec(batch(), 1..6)) {
            let layout = layout();
            let mut partition = Partition::default();
            let mut model = Model::new();
            for batch in &batches {
                let before = partition.clone();
                let unchanged = content(&layout, &before);
                let writes = writes(&layout, batch);
                let written = partition.write(&layout, &writes);
                for (measure, cells) in written.before.iter().enumerate() {
                    prop_assert_eq!(cells, &before.cells(&layout, &writes.leaves, MeasureId::from_index(measure)));
                }
                partition = written.partition;
                prop_assert_eq!(content(&layout, &before), unchanged, "the version before has changed");
                play(&mut model, batch);
                prop_assert_eq!(&content(&layout, &partition), &model);
                for measure in 0..MEASURES {
                    let cells = partition.cells(&layout, &writes.leaves, MeasureId::from_index(measure));
                    let place = |key: u128| [0, 1, 2].map(|coordinate| layout.unpack(key, coordinate));
                    let expected: Vec<Option<i64>> =
                        writes.leaves.iter().map(|key| model.get(&place(key)).and_then(|c| c[measure])).collect();
                    prop_assert_eq!(cells, expected);
                }
            }
        }

        #[test]
        fn facts_sorted_otherwise_are_the_same_facts(batches in prop::collection::vec(batch(), 1..4)) {
            let (layout, other) = (layout(), schema().sorted_by(vec![DimensionId(3)]));
            let other = KeyLayout::new(&other).unwrap();
            prop_assert!(!other.sorts_as(&layout));
            let write = |partition: Partition, batch| partition.write(&layout, &writes(&layout, batch)).partition;
            let partition = batches.iter().fold(Partition::default(), write);
            let sorted = partition.sorted(&other);
            let facts = content(&layout, &partition);
            prop_assert_eq!(&content(&other, &sorted), &facts);
            prop_assert_eq!(&content(&layout, &sorted.sorted(&layout)), &facts);
            let keys: Vec<u128> = partition.chunks().iter().flat_map(|chunk| chunk.leaves(&layout).keys()).collect();
            let mut listed: Vec<u128> = sorted.chunks().iter().flat_map(|chunk| chunk.leaves(&other).keys()).collect();
            listed.sort_by_key(|key| other.listed(*key));
            prop_assert_eq!(listed.iter().map(|key| other.members(*key)).collect::<Vec<_>>(),
                keys.iter().map(|key| layout.members(*key)).collect::<Vec<_>>());
        }

        #[test]
        fn a_scan_sums_what_a_map_holds(
            batches in prop::collection::vec(batch(), 1..3),
            axes in (axis(MEMBERS[0]), axis(MEMBERS[1]), axis(MEMBERS[2])),
            folds in prop::collection::vec(prop::sample::select(vec![Fold::Sum, Fold::Sum, Fold::Min, Fold::Max]), 0..=MEASURES),
        ) {
            let layout = layout();
            let (mut partition, mut model) = (Partition::default(), Model::new());
            for batch in &batches {
                partition = partition.write(&layout, &writes(&layout, batch)).partition;
                play(&mut model, batch);
            }
            let axes = [axes.0, axes.1, axes.2];
            let grouping = Grouping::new(&axes, layout.time(), 1 << 50).unwrap();
            let measures: Vec<(MeasureId, Fold)> =
                folds.iter().enumerate().map(|(measure, fold)| (MeasureId::from_index(measure), *fold)).collect();
            let (groups, _) = scan(&partition, &grouping, &measures, &AtomicBool::new(false)).unwrap();
            let found: BTreeMap<u64, Vec<Partial>> = (0..groups.offsets.len())
                .map(|place| (groups.offsets[place], groups.columns.iter().map(|column| column.get(place)).collect()))
                .collect();
            prop_assert_eq!(found.len(), groups.offsets.len(), "a group stands twice");
            prop_assert!(groups.offsets.is_sorted());
            prop_assert_eq!(found, folded(&model, &axes, &folds));
        }
    }

    /// What a coordinate may be grouped by: few groups, or so many that there is no place for each.
    fn axis(members: u32) -> impl Strategy<Value = Axis> {
        let some = move |groups: u32| {
            let group = prop_oneof![1 => Just(OUTSIDE), 3 => 0..groups];
            prop::collection::vec(group, members as usize).prop_map(move |table| Axis::Groups(table.into(), groups))
        };
        let by_member = (0..members).collect::<Arc<[u32]>>();
        prop_oneof![Just(Axis::Free), some(1), some(3), some(4000), Just(Axis::Groups(by_member, members))]
    }

    fn folded(model: &Model, axes: &[Axis; 3], folds: &[Fold]) -> BTreeMap<u64, Vec<Partial>> {
        let mut groups: BTreeMap<u64, Vec<Partial>> = BTreeMap::new();
        for (place, cells) in model {
            let number = axes
                .iter()
                .zip(place)
                .try_fold(0u64, |number, (axis, code)| Some(number * axis.size() + u64::from(axis.group(*code)?)));
            let Some(number) = number.filter(|_| folds.is_empty() || cells[..folds.len()].iter().any(Option::is_some))
            else {
                continue;
            };
            let totals = groups.entry(number).or_insert_with(|| vec![Partial::default(); folds.len()]);
            for (place, fold) in folds.iter().enumerate() {
                let cell = cells[place].map(|cell| Partial { value: i128::from(cell), count: 1 });
                totals[place] = cell.map_or(totals[place], |cell| fold.join(totals[place], cell));
            }
        }
        groups
    }
}
