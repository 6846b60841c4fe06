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

    /// Adds to what a group comes to.
    pub fn add(&mut self, group: usize, part: Partial) {
        let near = i64::try_from(part.value).ok().and_then(|value| self.values[group].checked_add(value));
        let count = u32::try_from(part.count).ok().and_then(|count| self.counts[group].checked_add(count));
        match (near, count) {
            (Some(value), Some(count)) if self.wide.is_empty() => {
                self.values[group] = value;
                self.counts[group] = count;
            }
            _ => self.set(group, Fold::Sum.join(self.get(group), part)),
        }
    }

    /// Adds to what some groups come to.
    pub fn add_at(&mut self, groups: &[u64], more: &Tally) {
        for (place, group) in groups.iter().enumerate() {
            let group = *group as usize;
            let value = self.values[group].checked_add(more.values[place]);
            let count = self.counts[group].checked_add(more.counts[place]);
            match value.zip(count) {
                Some((value, count)) if self.wide.is_empty() && more.wide.is_empty() => {
                    (self.values[group], self.counts[group]) = (value, count);
                }
                _ => self.add(group, more.get(place)),
            }
        }
    }

    /// Joins to what a group comes to.
    pub fn join(&mut self, fold: Fold, group: usize, part: Partial) {
        match fold {
            Fold::Sum => self.add(group, part),
            _ => self.set(group, fold.join(self.get(group), part)),
        }
    }

    /// Joins what as many groups come to.
    pub fn join_all(&mut self, fold: Fold, other: &Tally) {
        if fold == Fold::Sum && self.wide.is_empty() && other.wide.is_empty() && self.adds_up(other) {
            self.values.iter_mut().zip(&other.values).for_each(|(value, more)| *value += more);
            self.counts.iter_mut().zip(&other.counts).for_each(|(count, more)| *count += more);
            return;
        }
        for group in (0..other.len()).filter(|group| other.get(*group).count > 0) {
            self.join(fold, group, other.get(group));
        }
    }

    /// Whether no sum and no count of both can leave its range.
    fn adds_up(&self, other: &Tally) -> bool {
        let near = |tally: &Tally| tally.values.iter().fold(0, |bits, value| bits | value.unsigned_abs()) >> 62 == 0;
        let few = |tally: &Tally| tally.counts.iter().fold(0, |bits, count| bits | count) >> 31 == 0;
        near(self) && near(other) && few(self) && few(other)
    }

    /// Groups one behind the other.
    pub fn joined<'t>(parts: impl Iterator<Item = &'t Tally> + Clone) -> Self {
        let mut joined = Tally::with_room(parts.clone().map(Tally::len).sum());
        for part in parts {
            let shift = joined.len();
            joined.values.extend_from_slice(&part.values);
            joined.counts.extend_from_slice(&part.counts);
            joined.wide.extend(part.wide.iter().map(|(group, partial)| (group + shift, *partial)));
        }
        joined
    }

    fn with_room(groups: usize) -> Self {
        Tally { values: Vec::with_capacity(groups), counts: Vec::with_capacity(groups), wide: BTreeMap::new() }
    }

    /// Groups from what they come to, which fits.
    pub fn near(values: Vec<i64>, counts: Vec<u32>) -> Self {
        Tally { values, counts, wide: BTreeMap::new() }
    }

    /// Marks the groups that have a cell.
    pub fn mark(&self, any: &mut [bool]) {
        any.iter_mut().zip(&self.counts).for_each(|(any, count)| *any |= *count > 0);
        self.wide.keys().for_each(|group| any[*group] = true);
    }

    /// Those of the groups that are listed, in that order.
    pub fn picked(&self, groups: &[u32]) -> Tally {
        if self.wide.is_empty() {
            let values = groups.iter().map(|group| self.values[*group as usize]).collect();
            let counts = groups.iter().map(|group| self.counts[*group as usize]).collect();
            return Tally { values, counts, wide: BTreeMap::new() };
        }
        let mut picked = Tally::default();
        groups.iter().for_each(|group| picked.push(self.get(*group as usize)));
        picked
    }

    /// Adds a group.
    pub fn push(&mut self, partial: Partial) {
        let near = i64::try_from(partial.value).ok().zip(u32::try_from(partial.count).ok());
        if near.is_none() {
            self.wide.insert(self.values.len(), partial);
        }
        let (value, count) = near.unwrap_or_default();
        self.values.push(value);
        self.counts.push(count);
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

impl FromIterator<Partial> for Tally {
    fn from_iter<I: IntoIterator<Item = Partial>>(partials: I) -> Self {
        let partials = partials.into_iter();
        let mut tally = Tally::with_room(partials.size_hint().0);
        partials.for_each(|partial| tally.push(partial));
        tally
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

    /// Groups from rows in any order, each group once; those without a cell are left out, where there are measures.
    pub fn of(measures: usize, mut rows: Vec<(u64, Vec<Partial>)>) -> Self {
        rows.retain(|(_, row)| row.is_empty() || row.iter().any(|partial| partial.count > 0));
        rows.sort_unstable_by_key(|(group, _)| *group);
        let mut groups = Groups::none(measures);
        rows.iter().for_each(|(group, row)| groups.push(*group, row));
        groups
    }

    /// Adds a group behind the others.
    pub fn push(&mut self, group: u64, row: &[Partial]) {
        self.offsets.push(group);
        self.columns.iter_mut().zip(row).for_each(|(column, partial)| column.push(*partial));
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.offsets.len() * 8 + self.columns.iter().map(Tally::bytes).sum::<usize>()
    }
}
