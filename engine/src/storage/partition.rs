//! The facts of one scenario: chunks in key order. A write makes a new partition that shares every
//! chunk it did not touch, and within a touched chunk every column it did not touch.

use super::chunk::Chunk;
use super::tuning::Tuning;
use crate::coordinate::KeyLayout;
use crate::id::MeasureId;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// What happens to one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// Nothing.
    Keep,
    /// It becomes empty.
    Clear,
    /// It gets this value.
    Put(i64),
}

impl Write {
    /// The cell after the write.
    pub(crate) fn onto(self, cell: Option<i64>) -> Option<i64> {
        match self {
            Write::Keep => cell,
            Write::Clear => None,
            Write::Put(value) => Some(value),
        }
    }
}

/// Writes to cells: sorted keys without repetition, and for each measure what happens at each key.
#[derive(Debug, Clone, Default)]
pub struct Writes {
    /// The leaves.
    pub keys: Vec<u128>,
    /// For each measure as many writes as there are keys.
    pub columns: Vec<(MeasureId, Vec<Write>)>,
}

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

    /// The chunks in key order.
    pub fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// How many facts there are.
    pub fn rows(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.rows()).sum()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.bytes()).sum()
    }

    /// The cells of a measure at sorted keys.
    pub fn cells(&self, layout: &KeyLayout, keys: &[u128], measure: MeasureId) -> Vec<Option<i64>> {
        let mut found = vec![None; keys.len()];
        for (chunk, range) in self.chunks.iter().zip(self.split(layout, keys)) {
            let Some(values) = chunk.values(measure.index()) else { continue };
            let mut row = 0;
            for place in range {
                row = lower_bound(chunk, layout, keys[place], row);
                if row < chunk.rows() && chunk.key(layout, row) == keys[place] {
                    found[place] = values.get(row);
                }
            }
        }
        found
    }

    /// The same facts with as many coordinates as a schema has now; measures are shared.
    pub fn fitted(&self, width: usize, constant: &dyn Fn(usize) -> u32) -> Partition {
        Partition { chunks: self.chunks.iter().map(|chunk| Arc::new(chunk.fitted(width, constant))).collect() }
    }

    /// The partition after some writes. Facts left without any cell disappear.
    pub fn apply(&self, layout: &KeyLayout, writes: &Writes) -> Partition {
        let batch = Tuning::current().batch_rows;
        let all = writes.keys.len();
        let mut written = self.write(layout, writes, 0..all.min(batch));
        for start in (batch..all).step_by(batch) {
            written = written.write(layout, writes, start..all.min(start.saturating_add(batch)));
        }
        written
    }

    fn write(&self, layout: &KeyLayout, writes: &Writes, rows: Range<usize>) -> Partition {
        if self.chunks.is_empty() {
            return Partition { chunks: merged(layout, None, writes, rows) };
        }
        let ranges = self.split(layout, &writes.keys[rows.clone()]).into_iter();
        let ranges = ranges.map(|range| rows.start + range.start..rows.start + range.end);
        let work: Vec<(&Arc<Chunk>, Range<usize>)> = self.chunks.iter().zip(ranges).collect();
        let parts: Vec<Vec<Arc<Chunk>>> = work
            .into_par_iter()
            .map(|(chunk, range)| match range.is_empty() {
                true => vec![Arc::clone(chunk)],
                false => rewritten(layout, chunk, writes, range),
            })
            .collect();
        Partition { chunks: parts.into_iter().flatten().collect() }
    }

    /// For each chunk the range of the sorted keys that fall into it or between it and the next.
    fn split(&self, layout: &KeyLayout, keys: &[u128]) -> Vec<Range<usize>> {
        let mut ranges = Vec::with_capacity(self.chunks.len());
        let mut start = 0;
        for place in 0..self.chunks.len() {
            let end = match self.chunks.get(place + 1) {
                Some(next) => {
                    let bound = next.key(layout, 0);
                    start + keys[start..].partition_point(|key| *key < bound)
                }
                None => keys.len(),
            };
            ranges.push(start..end);
            start = end;
        }
        ranges
    }
}

/// The first row at or after `from` whose key is not below `key`.
fn lower_bound(chunk: &Chunk, layout: &KeyLayout, key: u128, from: usize) -> usize {
    let mut step = 1;
    let mut low = from;
    while low + step < chunk.rows() && chunk.key(layout, low + step) < key {
        low += step;
        step *= 2;
    }
    let mut high = (low + step + 1).min(chunk.rows());
    while low < high {
        let middle = (low + high) / 2;
        if chunk.key(layout, middle) < key { low = middle + 1 } else { high = middle }
    }
    low
}

/// Patches the touched measure columns where no fact appears or disappears; else merges.
fn rewritten(layout: &KeyLayout, chunk: &Arc<Chunk>, writes: &Writes, range: Range<usize>) -> Vec<Arc<Chunk>> {
    match patched(layout, chunk, writes, range.clone()) {
        Some(chunk) => vec![Arc::new(chunk)],
        None => merged(layout, Some(chunk), writes, range),
    }
}

fn patched(layout: &KeyLayout, chunk: &Chunk, writes: &Writes, range: Range<usize>) -> Option<Chunk> {
    let mut rows = Vec::with_capacity(range.len());
    let mut row = 0;
    for place in range.clone() {
        row = lower_bound(chunk, layout, writes.keys[place], row);
        if row >= chunk.rows() || chunk.key(layout, row) != writes.keys[place] {
            return None;
        }
        rows.push(row);
    }
    let mut result = chunk.clone();
    let mut cleared = false;
    for (measure, column) in &writes.columns {
        let mut cells = chunk.cells(measure.index());
        let mut changed = false;
        for (row, write) in rows.iter().zip(&column[range.clone()]) {
            let after = write.onto(cells[*row]);
            changed |= after != cells[*row];
            cleared |= *write == Write::Clear;
            cells[*row] = after;
        }
        if changed {
            result = result.with_cells(measure.index(), &cells);
        }
    }
    let lost = cleared && rows.iter().any(|row| is_bare(&result, *row));
    (!lost).then_some(result)
}

fn is_bare(chunk: &Chunk, row: usize) -> bool {
    (0..chunk.shape().1).all(|measure| chunk.values(measure).and_then(|values| values.get(row)).is_none())
}

fn merged(layout: &KeyLayout, chunk: Option<&Arc<Chunk>>, writes: &Writes, range: Range<usize>) -> Vec<Arc<Chunk>> {
    let old_keys = chunk.map_or_else(Vec::new, |chunk| chunk.keys(layout));
    let measures = writes.columns.iter().map(|(measure, _)| measure.index() + 1).max().unwrap_or(0);
    let measures = measures.max(chunk.map_or(0, |chunk| chunk.shape().1));
    let old: Vec<Vec<Option<i64>>> = match chunk {
        Some(chunk) => (0..measures).map(|measure| chunk.cells(measure)).collect(),
        None => vec![Vec::new(); measures],
    };
    let mut column_of: Vec<Option<&[Write]>> = vec![None; measures];
    for (measure, column) in &writes.columns {
        column_of[measure.index()] = Some(&column[range.clone()]);
    }
    let new_keys = &writes.keys[range];
    let mut keys = Vec::with_capacity(old_keys.len() + new_keys.len());
    let mut cells: Vec<Vec<Option<i64>>> = vec![Vec::with_capacity(keys.capacity()); measures];
    let (mut left, mut right) = (0, 0);
    while left < old_keys.len() || right < new_keys.len() {
        let key = match (old_keys.get(left), new_keys.get(right)) {
            (Some(a), Some(b)) => *a.min(b),
            (Some(a), None) => *a,
            (None, Some(b)) => *b,
            (None, None) => break,
        };
        let from_old = old_keys.get(left) == Some(&key);
        let from_new = new_keys.get(right) == Some(&key);
        let mut any = false;
        for measure in 0..measures {
            let before = if from_old { old[measure][left] } else { None };
            let write = column_of[measure].filter(|_| from_new).map_or(Write::Keep, |column| column[right]);
            let after = write.onto(before);
            any |= after.is_some();
            cells[measure].push(after);
        }
        if any {
            keys.push(key);
        } else {
            cells.iter_mut().for_each(|column| {
                column.pop();
            });
        }
        left += usize::from(from_old);
        right += usize::from(from_new);
    }
    cut(layout, &keys, &cells)
}

/// Cuts rows into chunks of equal size, no more than needed.
fn cut(layout: &KeyLayout, keys: &[u128], cells: &[Vec<Option<i64>>]) -> Vec<Arc<Chunk>> {
    if keys.is_empty() {
        return Vec::new();
    }
    let most = Tuning::current().chunk_rows;
    let pieces = if keys.len() < most.saturating_mul(2) { 1 } else { keys.len().div_ceil(most) };
    let size = keys.len().div_ceil(pieces);
    (0..pieces)
        .into_par_iter()
        .map(|piece| {
            let rows = piece * size..((piece + 1) * size).min(keys.len());
            let part: Vec<_> = cells.iter().map(|column| column[rows.clone()].to_vec()).collect();
            Arc::new(Chunk::encode(layout, &keys[rows], &part))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dimension::{Dimension, NewMember};
    use crate::id::MemberId;
    use crate::schema::Schema;
    use crate::storage::{Fold, Grouping, NO_GROUP, scan};
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::sync::atomic::AtomicBool;

    const MEMBERS: u32 = 12;
    const MEASURES: usize = 2;

    fn layout() -> KeyLayout {
        let mut schema = Schema::default();
        for name in ["a", "b"] {
            let mut dimension = Dimension::with_levels(name, vec![name.to_owned()]);
            for member in 1..MEMBERS {
                dimension.add(NewMember::named(format!("{name}{member}"), MemberId::ROOT, true)).unwrap();
            }
            dimension.seal();
            schema = schema.with_dimension(dimension).unwrap();
        }
        KeyLayout::new(&schema).unwrap()
    }

    type Batch = BTreeMap<(u32, u32), [Write; MEASURES]>;
    type Model = BTreeMap<(u32, u32), [Option<i64>; MEASURES]>;

    fn write() -> impl Strategy<Value = Write> {
        prop_oneof![
            1 => Just(Write::Keep),
            2 => Just(Write::Clear),
            5 => prop_oneof![-200i64..200, Just(i64::MAX), Just(i64::MIN), any::<i64>()].prop_map(Write::Put),
        ]
    }

    fn batch() -> impl Strategy<Value = Batch> {
        prop::collection::btree_map((0..MEMBERS, 0..MEMBERS), [write(), write()], 0..80)
    }

    fn writes(layout: &KeyLayout, batch: &Batch) -> Writes {
        let keys = batch.keys().map(|(a, b)| layout.pack([*a, *b].into_iter())).collect();
        let column = |measure: usize| batch.values().map(|writes| writes[measure]).collect();
        Writes { keys, columns: (0..MEASURES).map(|m| (MeasureId::from_index(m), column(m))).collect() }
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
            for row in 0..chunk.rows() {
                let code = |place| chunk.codes(place).unwrap().get(row);
                let cell = |measure| chunk.values(measure).and_then(|values| values.get(row));
                found.insert((code(0), code(1)), [cell(0), cell(1)]);
            }
        }
        assert_eq!(found.len(), partition.rows(), "a key stands twice");
        let keys: Vec<u128> = partition.chunks().iter().flat_map(|chunk| chunk.keys(layout)).collect();
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
                partition = partition.apply(&layout, &writes);
                prop_assert_eq!(content(&layout, &before), unchanged, "the version before has changed");
                play(&mut model, batch);
                prop_assert_eq!(&content(&layout, &partition), &model);
                for measure in 0..MEASURES {
                    let cells = partition.cells(&layout, &writes.keys, MeasureId::from_index(measure));
                    let expected: Vec<Option<i64>> = batch.keys().map(|key| model.get(key).and_then(|c| c[measure])).collect();
                    prop_assert_eq!(cells, expected);
                }
            }
        }

        #[test]
        fn a_scan_sums_what_a_map_holds(batch in batch(), outside in prop::collection::vec(any::<bool>(), MEMBERS as usize)) {
            let layout = layout();
            let partition = Partition::default().apply(&layout, &writes(&layout, &batch));
            let mut model = Model::new();
            play(&mut model, &batch);
            let table = (0..MEMBERS as usize).map(|code| if outside[code] { NO_GROUP } else { code as i64 % 3 }).collect();
            let grouping = Grouping { tables: vec![Some(table), None], groups: 3 };
            for fold in [Fold::Sum, Fold::Min, Fold::Max] {
                let groups = scan(&partition, &grouping, &[(MeasureId(0), fold)], &AtomicBool::new(false)).unwrap();
                for group in 0..3u32 {
                    let cells = model.iter().filter(|((a, _), _)| a % 3 == group && !outside[*a as usize]);
                    let values: Vec<i128> = cells.filter_map(|(_, cells)| cells[0]).map(i128::from).collect();
                    let expected = match fold {
                        Fold::Sum => Some(values.iter().sum()).filter(|_| !values.is_empty()),
                        Fold::Min => values.iter().copied().min(),
                        Fold::Max => values.iter().copied().max(),
                    };
                    let place = groups.offsets.iter().position(|offset| *offset == u64::from(group));
                    let found = place.map(|place| groups.columns[0][place]);
                    prop_assert_eq!(found.map(|partial| partial.value), expected);
                    prop_assert_eq!(found.map_or(0, |partial| partial.count), values.len() as u64);
                }
            }
        }
    }
}
