//! One version of a cube: its model and, for each scenario, its facts. Never changed once made.

use crate::change::{CellColumn, Change, Delta, Direction};
use crate::coordinate::KeyLayout;
use crate::error::{EngineError, Result};
use crate::id::{DimensionId, MeasureId, MemberId};
use crate::rollup::Facts;
use crate::schema::Schema;
use crate::storage::{Partition, Write, Writes};
use rayon::prelude::*;
use std::sync::Arc;

/// A version of a cube. Cloning shares everything.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The number of the last operation in it; 0 for a fresh cube.
    pub sequence: u64,
    schema: Arc<Schema>,
    layout: Arc<KeyLayout>,
    facts: Vec<Arc<Facts>>,
}

impl Snapshot {
    /// A version from its parts; scenarios without a partition have no facts.
    pub(crate) fn new(sequence: u64, schema: Arc<Schema>, facts: Vec<Arc<Facts>>) -> Result<Self> {
        let layout = Arc::new(KeyLayout::new(&schema)?);
        Ok(Snapshot { sequence, schema, layout, facts })
    }

    /// A cube with nothing in it.
    pub fn empty() -> Result<Self> {
        Snapshot::new(0, Arc::new(Schema::default()), Vec::new())
    }

    /// The model.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// How keys are packed in this version.
    pub fn layout(&self) -> &Arc<KeyLayout> {
        &self.layout
    }

    /// The facts of a scenario.
    pub(crate) fn facts_at(&self, scenario: MemberId) -> Arc<Facts> {
        self.facts.get(scenario.index()).cloned().unwrap_or_default()
    }

    /// Scenario by scenario, as many as have ever had facts.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = &Partition> {
        self.facts.iter().map(|facts| facts.partition())
    }

    /// How many facts all scenarios have.
    pub fn facts(&self) -> usize {
        self.partitions().map(Partition::rows).sum()
    }

    /// How many facts a scenario has.
    pub fn facts_of(&self, scenario: MemberId) -> usize {
        self.facts.get(scenario.index()).map_or(0, |facts| facts.partition().rows())
    }

    /// Bytes that the facts take in memory, and how many chunks they are in.
    pub fn size(&self) -> (usize, usize) {
        let bytes = self.partitions().map(Partition::bytes).sum();
        (bytes, self.partitions().map(|partition| partition.chunks().len()).sum())
    }

    /// The same version without any roll-up or way to one.
    #[cfg(test)]
    pub(crate) fn forget_rollups(&mut self) {
        self.facts = self.partitions().map(|partition| Arc::new(Facts::new(partition.clone()))).collect();
    }

    /// Bytes that the roll-ups of this version take, and how many there are.
    pub fn rollups(&self) -> (usize, usize) {
        let sizes = self.facts.iter().map(|facts| facts.kept());
        sizes.fold((0, 0), |(all, kept), (count, bytes)| (all + bytes, kept + count))
    }

    /// The same version under another number.
    pub fn numbered(&self, sequence: u64) -> Snapshot {
        Snapshot { sequence, ..self.clone() }
    }

    /// The version after a change, or before it.
    pub fn apply(&self, change: &Change, direction: Direction) -> Result<Snapshot> {
        match (change, direction) {
            (Change::Schema { after: schema, .. }, Direction::Forward)
            | (Change::Schema { before: schema, .. }, Direction::Backward) => self.with_schema(schema),
            (Change::Branch { from, to }, Direction::Forward) => Ok(self.with_facts(*to, self.facts_at(*from))),
            (Change::Branch { to, .. }, Direction::Backward) => Ok(self.with_facts(*to, Arc::default())),
            (Change::Cells(delta), direction) => {
                let facts = self.facts_at(delta.scenario).changed(&self.layout, delta, direction);
                Ok(self.with_facts(delta.scenario, Arc::new(facts)))
            }
        }
    }

    /// The facts under another model: where that has a dimension more, all stand at its default member.
    fn with_schema(&self, schema: &Arc<Schema>) -> Result<Snapshot> {
        let mut next = Snapshot::new(self.sequence, Arc::clone(schema), self.facts.clone())?;
        if schema.width() != self.schema.width() {
            let constant = |coordinate: usize| {
                let dimension = schema.dimension(DimensionId::from_index(coordinate + 1));
                dimension.default.unwrap_or(MemberId::ROOT).0
            };
            let fitted = |partition: &Partition| Arc::new(Facts::new(partition.fitted(&next.layout, &constant)));
            next.facts = self.partitions().map(fitted).collect();
        }
        Ok(next)
    }

    fn with_facts(&self, scenario: MemberId, facts: Arc<Facts>) -> Snapshot {
        let mut next = self.clone();
        if next.facts.len() <= scenario.index() {
            next.facts.resize(scenario.index() + 1, Arc::default());
        }
        next.facts[scenario.index()] = facts;
        next
    }

    /// What writing these cells would change: only cells whose value differs.
    ///
    /// Errors: a cell falls into a locked part.
    pub fn delta(&self, scenario: MemberId, writes: &Writes) -> Result<Option<Arc<Delta>>> {
        let cells = self.changes(scenario, writes);
        let fate = |row: usize| {
            cells.iter().fold((false, false), |(changes, stays), (_, before, after)| {
                let was = before.as_ref().and_then(|before| before[row]);
                (changes || was != after[row], stays || after[row].is_some())
            })
        };
        let fates: Vec<(bool, bool)> = (0..writes.keys.len()).into_par_iter().map(fate).collect();
        let changed: Vec<usize> = (0..fates.len()).filter(|row| fates[*row].0).collect();
        if changed.is_empty() {
            return Ok(None);
        }
        let all = changed.len() == writes.keys.len();
        let keys: Vec<u128> = if all { writes.keys.clone() } else { picked(&writes.keys, &changed) };
        self.refuse_locked(scenario, &keys)?;
        self.refuse_consolidations(changed.iter().filter(|row| fates[**row].1).map(|row| writes.keys[*row]))?;
        let columns = cells.into_par_iter().map(|(measure, before, after)| match all {
            true => (measure, before, after),
            false => (measure, before.map(|before| picked(&before, &changed)), picked(&after, &changed)),
        });
        Ok(Some(Arc::new(Delta::new(scenario, &self.layout, &keys, columns.collect()))))
    }

    /// For each measure written its cells before, none where it has none at all, and after.
    fn changes(&self, scenario: MemberId, writes: &Writes) -> Vec<CellColumn> {
        let facts = self.facts_at(scenario);
        let column = |(measure, column): &(MeasureId, Vec<Write>)| {
            let before = (facts.partition().has(*measure))
                .then(|| facts.partition().cells(&self.layout, &writes.keys, *measure));
            let after = match &before {
                Some(before) => column.iter().zip(before).map(|(write, cell)| write.onto(*cell)).collect(),
                None => column.iter().map(|write| write.onto(None)).collect(),
            };
            (*measure, before, after)
        };
        writes.columns.par_iter().map(column).collect()
    }

    /// Whether a leaf of a scenario is locked, and by which lock.
    pub fn lock_on(&self, scenario: MemberId, key: u128) -> Option<&str> {
        let covers = |members: &[(DimensionId, Vec<MemberId>)]| {
            members.iter().all(|(dimension, set)| {
                let code = MemberId(self.layout.unpack(key, dimension.index() - 1));
                set.binary_search(&code).is_ok()
            })
        };
        let locks = self.schema.locks.iter().filter(|lock| lock.scenario == scenario);
        locks.filter(|lock| covers(&lock.members)).map(|lock| lock.text.as_str()).next()
    }

    /// Facts stand at leaves alone where a dimension says so.
    fn refuse_consolidations(&self, keys: impl Iterator<Item = u128>) -> Result<()> {
        let strict: Vec<DimensionId> =
            self.schema.coordinates().filter(|id| self.schema.dimension(*id).leaves_only).collect();
        if strict.is_empty() {
            return Ok(());
        }
        for key in keys {
            for id in &strict {
                let (dimension, member) =
                    (self.schema.dimension(*id), MemberId(self.layout.unpack(key, id.index() - 1)));
                if !dimension.is_leaf(member) {
                    let own = dimension.leaf_name(member);
                    let message = format!(
                        "a fact would stand at \"{own}\", and {} takes facts at its leaves only",
                        dimension.name
                    );
                    return Err(EngineError::refused(message, "name a leaf, or spread the amount over leaves"));
                }
            }
        }
        Ok(())
    }

    fn refuse_locked(&self, scenario: MemberId, keys: &[u128]) -> Result<()> {
        if self.schema.locks.iter().all(|lock| lock.scenario != scenario) {
            return Ok(());
        }
        match keys.iter().find_map(|key| self.lock_on(scenario, *key)) {
            Some(lock) => Err(locked(lock)),
            None => Ok(()),
        }
    }
}

fn picked<T: Copy>(column: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| column[*row]).collect()
}

/// The refusal of a change to a locked part.
pub(crate) fn locked(lock: &str) -> EngineError {
    EngineError::refused(format!("{lock} is locked and refuses every change"), format!("open it with `unlock {lock};`"))
}
