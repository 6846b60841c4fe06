//! One version of a cube: its model and, for each scenario, its facts. Never changed once made.

use crate::change::{Before, Change, Delta, Direction, difference};
use crate::coordinate::KeyLayout;
use crate::decimal::Decimal;
use crate::error::{EngineError, Result};
use crate::id::{DimensionId, MeasureId, MemberId};
use crate::memory::{Claim, bytes};
use crate::rollup::{Facts, Outline};
use crate::schema::{Hold, Schema};
use crate::storage::{Keyed, LeafSet, Partition, Settled, Write, Writes, Written};
use crate::weight::{Weight, WeightedSum};
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
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
    pub(crate) fn partitions(&self) -> impl Iterator<Item = Result<&Partition>> {
        self.facts.iter().map(|facts| facts.partition())
    }

    /// How much there is in all scenarios.
    pub fn outline(&self) -> Outline {
        self.facts.iter().fold(Outline::default(), |all, facts| all.plus(facts.outline()))
    }

    /// How much there is in each scenario, as many as have ever had facts.
    pub(crate) fn outlines(&self) -> impl Iterator<Item = Outline> {
        self.facts.iter().map(|facts| facts.outline())
    }

    /// How many facts all scenarios have.
    pub fn facts(&self) -> usize {
        self.outline().facts
    }

    /// How many facts a scenario has.
    pub fn facts_of(&self, scenario: MemberId) -> usize {
        self.facts.get(scenario.index()).map_or(0, |facts| facts.outline().facts)
    }

    /// The same version without any roll-up or way to one.
    #[cfg(test)]
    pub(crate) fn forget_rollups(&mut self) {
        let partitions: Result<Vec<Partition>> = self.partitions().map(|partition| partition.cloned()).collect();
        self.facts = partitions.unwrap().into_iter().map(|partition| Arc::new(Facts::new(partition))).collect();
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
            (Change::Facts { scenario, facts }, Direction::Forward) => {
                Ok(self.with_facts(*scenario, Arc::new(Facts::new(facts.clone()))))
            }
            (Change::Facts { scenario, .. }, Direction::Backward) => Ok(self.with_facts(*scenario, Arc::default())),
            (Change::Cells(delta), direction) => {
                let facts = self.facts_at(delta.scenario).changed(&self.layout, delta, direction)?;
                Ok(self.with_facts(delta.scenario, Arc::new(facts)))
            }
        }
    }

    /// The facts under another model: where that has a dimension more, all stand at its default member; where it sorts
    /// them otherwise, they are sorted anew.
    fn with_schema(&self, schema: &Arc<Schema>) -> Result<Snapshot> {
        let mut next = Snapshot::new(self.sequence, Arc::clone(schema), self.facts.clone())?;
        let sorts_as = next.layout.sorts_as(&self.layout);
        if schema.width() != self.schema.width() || !sorts_as {
            let defaults = schema.defaults();
            let constant = |coordinate: usize| defaults.get(coordinate).copied().unwrap_or(MemberId::ROOT.0);
            let fitted = |partition: &Partition| {
                let fitted = partition.fitted(&next.layout, &constant);
                Arc::new(Facts::new(if sorts_as { fitted } else { fitted.sorted(&next.layout) }))
            };
            next.facts = self.partitions().map(|partition| partition.map(fitted)).collect::<Result<_>>()?;
        }
        Ok(next)
    }

    /// The same version with chunks in the place of those that they say the same as; none where it has none of these.
    pub(crate) fn settled(&self, scenario: MemberId, settled: &Settled) -> Option<Snapshot> {
        let facts = self.facts_at(scenario);
        let partition = facts.partition().ok()?.replacing(settled)?;
        Some(self.with_facts(scenario, Arc::new(facts.laid_out(partition))))
    }

    fn with_facts(&self, scenario: MemberId, facts: Arc<Facts>) -> Snapshot {
        let mut next = self.clone();
        if next.facts.len() <= scenario.index() {
            next.facts.resize(scenario.index() + 1, Arc::default());
        }
        next.facts[scenario.index()] = facts;
        next
    }

    /// Writes cells: the version after it, and what it changed, which is only cells whose value differs. None where
    /// nothing does.
    ///
    /// Errors: a cell falls into a locked part, or is held; a fact would stand where its dimension takes none; more memory
    /// than a statement may take.
    pub(crate) fn write(&self, scenario: MemberId, writes: &Writes) -> Result<Option<(Arc<Delta>, Snapshot)>> {
        let _claim = Claim::of("the cells to write", bytes(writes.leaves.len(), 64 * (writes.columns.len() + 1)))?;
        let facts = self.facts_at(scenario);
        let Written { partition, before } = facts.partition()?.write(&self.layout, writes);
        let Some((writes, before)) = changing(writes, before) else { return Ok(None) };
        self.refuse_locked(scenario, &writes.leaves)?;
        for ((measure, column), before) in writes.columns.iter().zip(&before) {
            self.refuse_held(scenario, *measure, &writes.leaves, column, before)?;
        }
        let after = |row: usize| {
            writes.columns.iter().zip(&before).map(move |((_, column), before)| column[row].onto(before[row]))
        };
        let stays = |(row, _): &(usize, u128)| after(*row).any(|cell| cell.is_some());
        self.refuse_consolidations(writes.leaves.iter().enumerate().filter(stays).map(|(_, key)| key))?;
        let delta = Arc::new(Delta::new(scenario, &self.layout, &writes, &before));
        let facts = facts.followed(&self.layout, partition, &delta, Direction::Forward);
        Ok(Some((delta, self.with_facts(scenario, Arc::new(facts)))))
    }

    /// Whether a scenario has no facts yet, and nothing in it is locked or held.
    pub fn is_open(&self, scenario: MemberId) -> bool {
        self.facts_of(scenario) == 0
            && self.schema.locks.iter().all(|lock| lock.scenario != scenario)
            && self.schema.holds.iter().all(|hold| hold.scenario != scenario)
    }

    /// What gives an open scenario its first facts. They are read part by part in key order: their keys and, measure by
    /// measure, their cells; each has one. Also how many cells there are.
    ///
    /// Errors: a fact would stand where its dimension takes none.
    pub fn filled(
        &self,
        scenario: MemberId,
        facts: usize,
        read: &(dyn Fn(Range<usize>) -> Keyed + Sync),
    ) -> Result<(Change, u64)> {
        let facts = Partition::of(&self.layout, facts, read);
        self.refuse_consolidations(facts.chunks().iter().flat_map(|chunk| chunk.leaves(&self.layout).keys()))?;
        let count = facts.count();
        Ok((Change::Facts { scenario, facts }, count))
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

    /// The standing holds on a measure of a scenario, in order.
    pub fn holds_on(&self, scenario: MemberId, measure: MeasureId) -> impl Iterator<Item = &Hold> {
        self.schema.holds.iter().filter(move |hold| hold.scenario == scenario && hold.measure == measure)
    }

    /// How a leaf counts in what is held, 0 outside.
    pub fn weight_in(&self, hold: &Hold, key: u128) -> Weight {
        hold.weight(|dimension| self.layout.unpack(key, dimension.index() - 1))
    }

    /// Held leaves keep their values, held totals their sums: those of a stock in each period.
    fn refuse_held(
        &self,
        scenario: MemberId,
        measure: MeasureId,
        leaves: &LeafSet,
        column: &[Write],
        before: &[Option<i64>],
    ) -> Result<()> {
        let stock = self.schema.measure(measure).is_some_and(|measure| measure.is_stock());
        let time = self.schema.time().filter(|_| stock);
        for hold in self.holds_on(scenario, measure) {
            let mut sums: BTreeMap<u32, WeightedSum> = BTreeMap::new();
            for ((key, before), write) in leaves.iter().zip(before).zip(column) {
                let after = write.onto(*before);
                if after == *before {
                    continue;
                }
                let weight = self.weight_in(hold, key);
                if !weight.is_zero() && !hold.total {
                    return Err(held(hold, &self.measure_name(measure)));
                }
                let period = time.map_or(0, |time| self.layout.unpack(key, time.index() - 1));
                let moved = difference(*before, after);
                let sum = sums.entry(period).or_default();
                *sum = sum.plus(moved, weight);
            }
            if let Some(sum) = sums.values().find(|sum| sum.equals(WeightedSum::default()) != Some(true)) {
                return Err(self.total_moved(hold, measure, *sum));
            }
        }
        Ok(())
    }

    fn measure_name(&self, measure: MeasureId) -> String {
        self.schema.measure(measure).map_or_else(String::new, |measure| measure.name.clone())
    }

    fn total_moved(&self, hold: &Hold, measure: MeasureId, by: WeightedSum) -> EngineError {
        let scale = self.schema.measure(measure).map_or(0, |measure| measure.scale);
        let by = by.rounded().map_or_else(String::new, |by| format!(" by {}", Decimal::new(by, scale).grouped()));
        EngineError::refused(
            format!("the total of {} is held and would change{by}", hold_name(hold, &self.measure_name(measure))),
            format!("change something else by as much the other way, or let it go with `release {};`", hold.number),
        )
    }

    fn refuse_locked(&self, scenario: MemberId, leaves: &LeafSet) -> Result<()> {
        if self.schema.locks.iter().all(|lock| lock.scenario != scenario) {
            return Ok(());
        }
        match leaves.iter().find_map(|key| self.lock_on(scenario, key)) {
            Some(lock) => Err(locked(lock)),
            None => Ok(()),
        }
    }
}

/// Of writes and the cells before them what changes something; none where nothing does.
fn changing(writes: &Writes, before: Vec<Before>) -> Option<(Cow<'_, Writes>, Vec<Before>)> {
    let mut differ = vec![false; writes.leaves.len()];
    for ((_, column), before) in writes.columns.iter().zip(&before) {
        let cells = differ.par_iter_mut().zip(column).zip(before).with_min_len(1 << 12);
        cells.for_each(|((differs, write), before)| *differs |= write.onto(*before) != *before);
    }
    if !differ.contains(&true) {
        return None;
    }
    if !differ.contains(&false) {
        return Some((Cow::Borrowed(writes), before));
    }
    let column = |(measure, column): &(MeasureId, Vec<Write>)| (*measure, picked(column, &differ));
    let changing = Writes {
        leaves: writes.leaves.those(|row| differ[row]),
        columns: writes.columns.iter().map(column).collect(),
        rounding: writes.rounding.clone(),
    };
    Some((Cow::Owned(changing), before.iter().map(|before| picked(before, &differ)).collect()))
}

fn picked<T: Copy>(column: &[T], those: &[bool]) -> Vec<T> {
    column.iter().zip(those).filter(|(_, picked)| **picked).map(|(value, _)| *value).collect()
}

/// `cost where plan, Sales (hold 1)`
fn hold_name(hold: &Hold, measure: &str) -> String {
    format!("{measure} where {} (hold {})", hold.text, hold.number)
}

/// The refusal of a change to a held leaf.
pub(crate) fn held(hold: &Hold, measure: &str) -> EngineError {
    EngineError::refused(
        format!("{} is held and does not change", hold_name(hold, measure)),
        format!("`release {};` lets it change", hold.number),
    )
}

/// The refusal of a change to a locked part.
pub(crate) fn locked(lock: &str) -> EngineError {
    EngineError::refused(format!("{lock} is locked and refuses every change"), format!("open it with `unlock {lock};`"))
}
