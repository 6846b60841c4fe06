//! The facts of a chunk with others between them: what writes come to where facts appear or disappear.

use super::bits::ones;
use super::chunk::Chunk;
use super::cut::cut;
use super::leaf_set::{Drawn, LeafSet, Stretch};
use super::runs::periods_of;
use super::write::{Write, Writes};
use crate::coordinate::KeyLayout;
use crate::id::MeasureId;
use std::ops::Range;
use std::sync::Arc;

/// Writes to the leaves of one chunk.
pub struct Part<'w> {
    /// The leaves.
    pub leaves: LeafSet,
    /// For each measure as many writes as there are leaves.
    pub columns: Vec<(MeasureId, &'w [Write])>,
}

impl<'w> Part<'w> {
    /// A range of some writes.
    pub fn of(writes: &'w Writes, rows: Range<usize>) -> Self {
        let columns = writes.columns.iter().map(|(measure, column)| (*measure, &column[rows.clone()])).collect();
        Part { leaves: writes.leaves.part(rows), columns }
    }
}

/// The chunks of the facts that a chunk has after writes; of the writes alone where there is none before.
pub fn merged(layout: &KeyLayout, chunk: Option<&Arc<Chunk>>, part: &Part) -> Vec<Arc<Chunk>> {
    let merge = Merge::of(layout, chunk, part);
    let (leaves, cells) = merge.facts();
    cut(leaves.len(), &|rows: Range<usize>| {
        Chunk::encode(layout, &leaves.part(rows.clone()), cells.iter().map(|column| &column[rows.clone()]))
    })
}

/// What is merged: facts there are, and writes, in key order both.
struct Merge<'w> {
    old: LeafSet,
    /// For each measure the cells of the facts there are.
    cells: Vec<Vec<Option<i64>>>,
    new: &'w LeafSet,
    /// For each measure what is written at the new leaves.
    writes: Vec<Option<&'w [Write]>>,
}

/// The facts after it as they are put together.
struct Facts {
    drawn: Drawn,
    cells: Vec<Vec<Option<i64>>>,
}

impl<'w> Merge<'w> {
    fn of(layout: &KeyLayout, chunk: Option<&Arc<Chunk>>, part: &'w Part) -> Self {
        let measures = part.columns.iter().map(|(measure, _)| measure.index() + 1).max().unwrap_or(0);
        let measures = measures.max(chunk.map_or(0, |chunk| chunk.shape().1));
        let mut writes = vec![None; measures];
        part.columns.iter().for_each(|(measure, column)| writes[measure.index()] = Some(*column));
        let old = chunk.map_or_else(LeafSet::default, |chunk| chunk.leaves(layout));
        let column = |measure| chunk.map_or_else(Vec::new, |chunk| chunk.cells(measure));
        Merge { old, cells: (0..measures).map(column).collect(), new: &part.leaves, writes }
    }

    /// The facts that have any cell, with their cells measure by measure.
    fn facts(&self) -> (LeafSet, Vec<Vec<Option<i64>>>) {
        let (old, new) = (self.old.runs(), self.new.runs());
        let periods = periods_of([old, new].into_iter());
        let (old_slots, new_slots) = (old.slots_in(&periods), new.slots_in(&periods));
        let most = self.old.len() + self.new.len();
        let mut facts = Facts { drawn: Drawn::default(), cells: vec![Vec::with_capacity(most); self.cells.len()] };
        let (mut old, mut new) = (self.old.stretches().peekable(), self.new.stretches().peekable());
        while let Some(series) = old.peek().into_iter().chain(new.peek()).map(|stretch| stretch.series).min() {
            let ours: Vec<Stretch> = std::iter::from_fn(|| old.next_if(|stretch| stretch.series == series)).collect();
            let theirs: Vec<Stretch> = std::iter::from_fn(|| new.next_if(|stretch| stretch.series == series)).collect();
            if theirs.is_empty() {
                ours.iter().for_each(|stretch| self.keep(&mut facts, stretch, old_slots.as_deref()));
            } else if ours.is_empty() {
                theirs.iter().for_each(|stretch| self.put(&mut facts, stretch, new_slots.as_deref()));
            } else {
                self.mix(&mut facts, series, &rows(&ours, old_slots.as_deref()), &rows(&theirs, new_slots.as_deref()));
            }
        }
        (facts.drawn.finish(periods), facts.cells)
    }

    /// Facts of a series to which nothing is written.
    fn keep(&self, facts: &mut Facts, stretch: &Stretch, slots: Option<&[u32]>) {
        facts.drawn.push_as(stretch, slots);
        facts.cells.iter_mut().zip(&self.cells).for_each(|(all, own)| all.extend(&own[stretch.rows.clone()]));
    }

    /// Writes to a series of which there are no facts.
    fn put(&self, facts: &mut Facts, stretch: &Stretch, slots: Option<&[u32]>) {
        let put = |column: &&[Write], row: usize| column[row].onto(None).is_some();
        let kept = ones(stretch.mask).zip(stretch.rows.clone());
        let kept = kept.filter(|(_, row)| self.writes.iter().flatten().any(|column| put(column, *row)));
        let mask = kept.fold(0u64, |mask, (bit, _)| mask | 1 << bit);
        facts.drawn.push_as(&Stretch { mask, ..stretch.clone() }, slots);
        for (all, own) in facts.cells.iter_mut().zip(&self.writes) {
            let kept = ones(stretch.mask).zip(stretch.rows.clone()).filter(|(bit, _)| mask >> bit & 1 == 1);
            all.extend(kept.map(|(_, row)| own.and_then(|column| column[row].onto(None))));
        }
    }

    /// Writes to a series of which there are facts: the slots and rows of both.
    fn mix(&self, facts: &mut Facts, series: u128, old: &[(u32, usize)], new: &[(u32, usize)]) {
        let (mut old, mut new) = (old.iter().peekable(), new.iter().peekable());
        while let Some(slot) = old.peek().into_iter().chain(new.peek()).map(|(slot, _)| *slot).min() {
            let ours = old.next_if(|(other, _)| *other == slot).map(|(_, row)| *row);
            let theirs = new.next_if(|(other, _)| *other == slot).map(|(_, row)| *row);
            let cell = |measure: usize| {
                let before = ours.and_then(|row| self.cells[measure][row]);
                let write = theirs.zip(self.writes[measure]).map_or(Write::Keep, |(row, column)| column[row]);
                write.onto(before)
            };
            if (0..self.cells.len()).any(|measure| cell(measure).is_some()) {
                facts.drawn.push(series, slot);
                facts.cells.iter_mut().enumerate().for_each(|(measure, all)| all.push(cell(measure)));
            }
        }
    }
}

/// The leaves of some stretches: their slots, as they are numbered elsewhere, and their rows.
fn rows(stretches: &[Stretch], slots: Option<&[u32]>) -> Vec<(u32, usize)> {
    let slot = |slot: usize| slots.map_or(slot as u32, |slots| slots[slot]);
    stretches.iter().flat_map(|stretch| stretch.slots().map(slot).zip(stretch.rows.clone())).collect()
}
