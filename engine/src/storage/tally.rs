//! What the cells of groups come to: the answer of a scan.

use std::collections::BTreeMap;

/// How the cells of a group are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Added.
    Sum,
    /// The least.
    Min,
    /// The greatest.
    Max,
}

/// What the cells of a group come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Partial {
    /// The sum, the least or the greatest; meaningless where `count` is 0.
    pub value: i128,
    /// How many cells there were.
    pub count: u64,
}

impl Fold {
    /// Two parts of the same cells together.
    pub fn join(self, left: Partial, right: Partial) -> Partial {
        if left.count == 0 {
            return right;
        }
        if right.count == 0 {
            return left;
        }
        let value = match self {
            Fold::Sum => left.value + right.value,
            Fold::Min => left.value.min(right.value),
            Fold::Max => left.value.max(right.value),
        };
        Partial { value, count: left.count + right.count }
    }
}

/// What the cells of one measure come to, group by group. Values that need more than 64 bits lie apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    values: Vec<i64>,
    counts: Vec<u32>,
    wide: BTreeMap<usize, Partial>,
}

impl Tally {
    /// So many groups without a cell.
    pub fn empty(groups: usize) -> Self {
        Tally { values: vec![0; groups], counts: vec![0; groups], wide: BTreeMap::new() }
    }

    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// What a group comes to.
    pub fn get(&self, group: usize) -> Partial {
        if let Some(wide) = self.wide.get(&group) {
            return *wide;
        }
        let near = self.values.get(group).zip(self.counts.get(group));
        near.map_or_else(Partial::default, |(value, count)| Partial {
            value: i128::from(*value),
            count: u64::from(*count),
        })
    }

    /// Sets what a group comes to.
    pub fn set(&mut self, group: usize, partial: Partial) {
        match (i64::try_from(partial.value), u32::try_from(partial.count)) {
            (Ok(value), Ok(count)) => {
                self.values[group] = value;
                self.counts[group] = count;
                if !self.wide.is_empty() {
                    self.wide.remove(&group);
                }
            }
            _ => {
                self.wide.insert(group, partial);
            }
        }
    }

    /// Adds a group.
    pub fn push(&mut self, partial: Partial) {
        self.values.push(0);
        self.counts.push(0);
        self.set(self.values.len() - 1, partial);
    }

    /// The values in a row of their own, where all fit; a group without cells has a zero.
    pub fn narrow(&self) -> Option<&[i64]> {
        self.wide.is_empty().then_some(self.values.as_slice())
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.values.len() * 12 + self.wide.len() * 64
    }
}

/// The groups that have data, in order, and for each measure what they come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// Group numbers, ascending.
    pub offsets: Vec<u64>,
    /// For each measure asked for, as many as there are offsets.
    pub columns: Vec<Tally>,
}

impl Groups {
    /// No groups, and so many measures.
    pub fn none(measures: usize) -> Self {
        Groups { offsets: Vec::new(), columns: vec![Tally::default(); measures] }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.offsets.len() * 8 + self.columns.iter().map(Tally::bytes).sum::<usize>()
    }
}
