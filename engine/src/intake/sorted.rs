//! The rows of one scenario in key order.

use super::block::Block;
use super::{BLOCK_ROWS, Intake};
use crate::error::Result;
use crate::memory::{Claim, bytes};
use crate::storage::Values;
use rayon::prelude::*;
use std::collections::HashSet;
use std::ops::Range;

/// Bytes of a row that is put in order: its key with its number, and its fact once it is made.
const ROW_BYTES: usize = size_of::<(u128, u32)>() + 16;

/// What several rows of one leaf come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joining {
    /// Their sum.
    Add,
    /// The last in the file.
    Last,
}

/// A row that gives a cell again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    /// The row that gave it first.
    pub first: usize,
    /// The row.
    pub row: usize,
    /// What the rows up to this one come to; none where it does not fit in a cell.
    pub joined: Option<i64>,
}

/// Keys with the numbers of their rows, sorted by both: short keys where they fit.
enum Pairs {
    Short(Vec<(u64, u32)>),
    Long(Vec<(u128, u32)>),
}

/// The rows of a scenario by key. A fact is all rows of one key, where any of them has a cell.
pub struct Sorted<'a> {
    intake: &'a Intake,
    joining: Joining,
    pairs: Pairs,
    /// The first pair of each fact; none where every pair is one.
    starts: Option<Vec<u32>>,
    repeated: usize,
    _claim: Claim,
}

impl Intake {
    /// The rows whose number in the first dimension is one of some, sorted by key: the sum of what `keys` says of their
    /// numbers in the others. Rows of which it says nothing for one of them, and those in `except`, are left out.
    ///
    /// Errors: more memory than a statement may take.
    pub fn sorted(
        &self,
        is_one: &[bool],
        keys: &[Vec<Option<u128>>],
        except: &HashSet<usize>,
        joining: Joining,
    ) -> Result<Sorted<'_>> {
        let greatest = keys.iter().map(|part| part.iter().flatten().max().copied().unwrap_or(0)).sum::<u128>();
        let claim = Claim::of("the rows in order", bytes(self.rows(), ROW_BYTES))?;
        let pairs = match u64::try_from(greatest) {
            Ok(_) => Pairs::Short(self.pairs(is_one, keys, except, |key| key as u64)),
            Err(_) => Pairs::Long(self.pairs(is_one, keys, except, |key| key)),
        };
        let mut sorted = Sorted { intake: self, joining, pairs, starts: None, repeated: 0, _claim: claim };
        sorted.find_facts();
        Ok(sorted)
    }

    fn pairs<K: Ord + Copy + Send + Sync + std::ops::Add<Output = K> + Default>(
        &self,
        is_one: &[bool],
        keys: &[Vec<Option<u128>>],
        except: &HashSet<usize>,
        short: impl Fn(u128) -> K,
    ) -> Vec<(K, u32)> {
        let short = |part: &Vec<Option<u128>>| part.iter().map(|key| key.map(&short)).collect();
        let keys: Vec<Vec<Option<K>>> = keys.iter().map(short).collect();
        let count = |block: &Block| block.numbers(0).iter().filter(|number| is_one[**number as usize]).count();
        let counts: Vec<usize> = self.blocks.par_iter().map(count).collect();
        let mut pairs = vec![(K::default(), 0); counts.iter().sum()];
        let mut rest = pairs.as_mut_slice();
        let mut work = Vec::with_capacity(counts.len());
        for (place, (block, count)) in self.blocks.iter().zip(counts).enumerate() {
            let (part, after) = rest.split_at_mut(count);
            work.push((place * BLOCK_ROWS, block, part));
            rest = after;
        }
        let left_out = work.into_par_iter().map(|(first, block, part)| {
            let mut whole = vec![Some(K::default()); block.rows()];
            for (place, part) in keys.iter().enumerate() {
                let numbers = block.numbers(place + 1);
                whole.iter_mut().zip(numbers).for_each(|(key, number)| {
                    *key = key.zip(part[number as usize]).map(|(key, part)| key + part);
                });
            }
            let scenarios = block.numbers(0);
            let rows = (0..block.rows()).filter(|row| is_one[scenarios[*row] as usize]);
            let mut left_out = Vec::new();
            for (pair, row) in part.iter_mut().zip(rows) {
                match whole[row].filter(|_| except.is_empty() || !except.contains(&(first + row))) {
                    Some(key) => *pair = (key, (first + row) as u32),
                    None => {
                        *pair = (K::default(), (first + row) as u32);
                        left_out.push((first + row) as u32);
                    }
                }
            }
            left_out
        });
        let left_out: HashSet<u32> = left_out.flatten_iter().collect();
        if !left_out.is_empty() {
            pairs.retain(|(_, row)| !left_out.contains(row));
        }
        pairs.par_sort_unstable();
        pairs
    }
}

impl Sorted<'_> {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        match &self.pairs {
            Pairs::Short(pairs) => pairs.len(),
            Pairs::Long(pairs) => pairs.len(),
        }
    }

    /// How many rows have the key of the row before them.
    pub fn repeated(&self) -> usize {
        self.repeated
    }

    /// How many facts there are.
    pub fn facts(&self) -> usize {
        self.starts.as_ref().map_or(self.rows(), Vec::len)
    }

    /// The keys of some facts.
    pub fn keys(&self, facts: Range<usize>) -> Vec<u128> {
        facts.map(|fact| self.key(self.start(fact))).collect()
    }

    /// The cells of some facts in a measure.
    pub fn cells(&self, measure: usize, facts: Range<usize>) -> Vec<Option<i64>> {
        if self.repeated > 0 {
            return facts.map(|fact| self.joined(measure, self.start(fact))).collect();
        }
        let columns: Vec<Option<&Values>> = self.intake.blocks.iter().map(|block| block.values(measure)).collect();
        let cell = |row: usize| columns[row / BLOCK_ROWS].and_then(|values| values.get(row % BLOCK_ROWS));
        facts.map(|fact| cell(self.row(self.start(fact)))).collect()
    }

    /// The rows that give a cell of a measure again, in the order of the file.
    pub fn again(&self, measure: usize) -> Vec<Again> {
        if self.repeated == 0 {
            return Vec::new();
        }
        let facts = 0..self.facts();
        let mut again: Vec<Again> = facts.flat_map(|fact| self.giving(measure, self.start(fact)).skip(1)).collect();
        again.sort_unstable_by_key(|again| again.row);
        again
    }

    fn joined(&self, measure: usize, start: usize) -> Option<i64> {
        self.giving(measure, start).last().and_then(|last| last.joined)
    }

    /// The rows of a fact that have a cell, with what they come to up to each.
    fn giving(&self, measure: usize, start: usize) -> impl Iterator<Item = Again> + '_ {
        let key = self.key(start);
        let rows = (start..self.rows()).take_while(move |pair| self.key(*pair) == key).map(|pair| self.row(pair));
        let cells = rows.filter_map(move |row| Some((row, self.intake.cell(measure, row)?)));
        cells.scan(None, |before: &mut Option<Again>, (row, cell)| {
            let joined = match (&before, self.joining) {
                (Some(before), Joining::Add) => before.joined.and_then(|before| before.checked_add(cell)),
                _ => Some(cell),
            };
            let again = Again { first: before.map_or(row, |before| before.first), row, joined };
            *before = Some(again);
            Some(again)
        })
    }

    fn key(&self, pair: usize) -> u128 {
        match &self.pairs {
            Pairs::Short(pairs) => u128::from(pairs[pair].0),
            Pairs::Long(pairs) => pairs[pair].0,
        }
    }

    fn row(&self, pair: usize) -> usize {
        match &self.pairs {
            Pairs::Short(pairs) => pairs[pair].1 as usize,
            Pairs::Long(pairs) => pairs[pair].1 as usize,
        }
    }

    fn start(&self, fact: usize) -> usize {
        self.starts.as_ref().map_or(fact, |starts| starts[fact] as usize)
    }

    fn find_facts(&mut self) {
        let rows = self.rows();
        self.repeated = (1..rows).into_par_iter().filter(|pair| self.key(*pair) == self.key(pair - 1)).count();
        let bare: Vec<Option<Vec<bool>>> = self.intake.blocks.par_iter().map(Block::bare).collect();
        if self.repeated == 0 && bare.iter().all(Option::is_none) {
            return;
        }
        let is_bare = |row: usize| bare[row / BLOCK_ROWS].as_ref().is_some_and(|bare| bare[row % BLOCK_ROWS]);
        let mut starts: Vec<u32> = Vec::new();
        let (mut last, mut taken) = (0, false);
        for pair in 0..rows {
            if pair == 0 || self.key(pair) != self.key(last) {
                (last, taken) = (pair, false);
            }
            if !taken && !is_bare(self.row(pair)) {
                starts.push(last as u32);
                taken = true;
            }
        }
        self.starts = Some(starts);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    type Row = ([u32; 3], [Option<i64>; 2]);

    fn row() -> impl Strategy<Value = Row> {
        let cell = || prop::option::of(-300i64..300);
        ([0u32..3, 0u32..6, 0u32..6], [cell(), cell()])
    }

    fn taken(rows: &[Row], parts: &[usize]) -> Intake {
        let mut intake = Intake::new(3, 2);
        let mut rest = rows;
        for size in parts.iter().chain([&rows.len()]) {
            let (part, after) = rest.split_at((*size).min(rest.len()));
            rest = after;
            let numbers: Vec<Vec<u32>> = (0..3).map(|d| part.iter().map(|row| row.0[d]).collect()).collect();
            let cells: Vec<Vec<Option<i64>>> = (0..2).map(|m| part.iter().map(|row| row.1[m]).collect()).collect();
            intake.take(part.len(), &numbers, &cells).unwrap();
        }
        intake.end();
        intake
    }

    type Facts = BTreeMap<u128, [Option<i64>; 2]>;

    fn facts(sorted: &Sorted) -> Facts {
        let all = 0..sorted.facts();
        let (first, second) = (sorted.cells(0, all.clone()), sorted.cells(1, all.clone()));
        let found = sorted.keys(all).into_iter().zip(first.into_iter().zip(second));
        found.map(|(key, (first, second))| (key, [first, second])).collect()
    }

    fn model(rows: &[Row], keys: &[Vec<Option<u128>>], joining: Joining) -> Facts {
        let mut facts = Facts::new();
        for (numbers, cells) in rows.iter().filter(|(numbers, _)| numbers[0] == 1) {
            let Some(key) = keys[0][numbers[1] as usize].zip(keys[1][numbers[2] as usize]) else { continue };
            let fact = facts.entry(key.0 + key.1).or_default();
            for (known, cell) in fact.iter_mut().zip(cells) {
                *known = match (*known, *cell, joining) {
                    (Some(known), Some(cell), Joining::Add) => Some(known + cell),
                    (known, cell, _) => cell.or(known),
                };
            }
        }
        facts.retain(|_, cells| cells.iter().any(Option::is_some));
        facts
    }

    proptest! {
        #[test]
        fn rows_make_the_same_facts_however_many_come_at_a_time(
            rows in prop::collection::vec(row(), 0..80),
            parts in prop::collection::vec(0usize..30, 0..5),
            wide in any::<bool>(),
            last in any::<bool>(),
        ) {
            let joining = if last { Joining::Last } else { Joining::Add };
            let step = if wide { 1u128 << 90 } else { 8 };
            let high = (0..6).map(|number| Some(number * step)).collect();
            let low = (0..6).map(|number| (number != 4).then_some(5 - number)).collect();
            let keys = [high, low];
            let intake = taken(&rows, &parts);
            let sorted = intake.sorted(&[false, true, false], &keys, &HashSet::new(), joining).unwrap();
            prop_assert_eq!(facts(&sorted), model(&rows, &keys, joining));
        }
    }
}
