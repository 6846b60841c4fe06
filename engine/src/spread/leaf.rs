//! The leaves of a slice as a spread sees them: in leaf order, signed, free or held.

use super::request::Spread;
use crate::aggregate;
use crate::dimension::Dimension;
use crate::error::{EngineError, Result};
use crate::id::{DimensionId, MemberId};
use crate::memory::{afford, bytes};
use crate::schema::Hold;
use crate::snapshot::Snapshot;
use crate::subcube::Subcube;
use crate::weight::Weight;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of a leaf on its way from the facts to what is written.
const LEAF_BYTES: usize = 320;

/// As many leaves as one thread sorts sooner than several.
const FEW: usize = 1 << 12;

/// A leaf in the way of a spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Leaf {
    pub key: u128,
    /// How it counts in the slice.
    pub weight: Weight,
    pub value: Option<i64>,
    /// Whether it may change.
    pub free: bool,
}

impl Leaf {
    /// What it contributes to the slice's total, where it counts with 1 or -1.
    pub fn signed(&self) -> i128 {
        i128::from(self.value.unwrap_or(0)) * self.weight.sign().unwrap_or(0)
    }
}

/// A slice being spread over.
pub(super) struct Field<'a> {
    pub snapshot: &'a Snapshot,
    pub spread: &'a Spread,
    pub stop: &'a AtomicBool,
    ranks: Vec<Arc<Dimension>>,
    locked: bool,
    holds: Vec<&'a Hold>,
}

impl<'a> Field<'a> {
    pub fn new(snapshot: &'a Snapshot, spread: &'a Spread, stop: &'a AtomicBool) -> Self {
        let schema = snapshot.schema();
        let ranks = schema.coordinates().map(|id| Arc::clone(schema.dimension(id))).collect();
        let locked = schema.locks.iter().any(|lock| lock.scenario == spread.subcube.scenario);
        let holds = snapshot.holds_on(spread.subcube.scenario, spread.measure).collect();
        Field { snapshot, spread, stop, ranks, locked, holds }
    }

    /// The leaves of a slice that have a value, in leaf order.
    pub fn existing(&self, subcube: &Subcube) -> Result<Vec<Leaf>> {
        self.existing_in(subcube, subcube)
    }

    /// The leaves of some cells that have a value, in leaf order, as they count in a slice.
    pub fn existing_in(&self, cells: &Subcube, subcube: &Subcube) -> Result<Vec<Leaf>> {
        let cells = aggregate::leaves(self.snapshot, cells, self.spread.measure, self.stop)?;
        afford("the leaves of the slice", bytes(cells.len(), LEAF_BYTES))?;
        let leaf = |(key, value): (&u128, &i64)| self.leaf(subcube, *key, Some(*value));
        let leaves = cells.keys().par_iter().zip(&cells.values).map(leaf).collect();
        Ok(self.sorted(leaves))
    }

    /// All leaves of a slice, whether they have a value or not, in leaf order.
    pub fn all(&self, subcube: &Subcube) -> Result<Vec<Leaf>> {
        let sets: Vec<Vec<MemberId>> = (0..subcube.dimensions.len()).map(|c| self.members(subcube, c)).collect();
        let count = sets.iter().fold(1usize, |count, set| count.saturating_mul(set.len()));
        afford(format!("the {count} leaves of the slice"), bytes(count, LEAF_BYTES))?;
        let known: HashMap<u128, i64> =
            self.existing(subcube)?.iter().filter_map(|leaf| Some((leaf.key, leaf.value?))).collect();
        let mut keys = vec![0u128];
        for (coordinate, set) in sets.iter().enumerate() {
            self.check_stop()?;
            let layout = self.snapshot.layout();
            keys = keys
                .iter()
                .flat_map(|key| set.iter().map(move |member| layout.with(*key, coordinate, *member)))
                .collect();
        }
        let leaves = keys.par_iter().map(|key| self.leaf(subcube, *key, known.get(key).copied())).collect();
        self.check_stop()?;
        Ok(self.sorted(leaves))
    }

    /// The leaf members of a slice in one dimension; a dimension without leaves has its root.
    pub fn members(&self, subcube: &Subcube, coordinate: usize) -> Vec<MemberId> {
        let dimension = &self.ranks[coordinate];
        let leaves = dimension.leaves(MemberId::ROOT);
        if leaves.is_empty() {
            return vec![MemberId::ROOT];
        }
        leaves.into_iter().filter(|member| !subcube.weight(coordinate, member.0).is_zero()).collect()
    }

    pub fn leaf(&self, subcube: &Subcube, key: u128, value: Option<i64>) -> Leaf {
        let locked = self.locked && self.snapshot.lock_on(subcube.scenario, key).is_some();
        let weight = subcube.weight_of(self.codes(key)).unwrap_or(Weight::ZERO);
        Leaf { key, weight, value, free: !self.is_held(key) && !locked }
    }

    fn codes(&self, key: u128) -> impl Iterator<Item = u32> + '_ {
        (0..self.ranks.len()).map(move |coordinate| self.snapshot.layout().unpack(key, coordinate))
    }

    /// A total can be spread over leaves that count in full or subtract, not over parts of them: no
    /// whole cell need give the part that is wanted.
    pub fn refuse_parts(&self, leaves: &[Leaf]) -> Result<()> {
        let part = leaves.iter().find(|leaf| leaf.weight.sign().is_none_or(|sign| sign == 0));
        part.map_or(Ok(()), |leaf| Err(self.part_owned(leaf.key, leaf.weight)))
    }

    fn part_owned(&self, key: u128, weight: Weight) -> EngineError {
        EngineError::refused(
            format!("{} counts with {weight} in this slice: an amount cannot be spread through it", self.place(key)),
            "name members that count in full: those below the one that counts in part, or the part by itself",
        )
    }

    /// Whether a slice has a leaf.
    pub fn contains(&self, slice: &Subcube, key: u128) -> bool {
        slice.contains(self.codes(key))
    }

    /// Whether the statement or a standing hold keeps a leaf as it is.
    pub fn is_held(&self, key: u128) -> bool {
        self.spread.held.iter().any(|held| held.contains(self.codes(key))) || self.hold_on(key).is_some()
    }

    fn hold_on(&self, key: u128) -> Option<&'a Hold> {
        let mut holds = self.holds.iter().filter(|hold| !hold.total);
        holds.find(|hold| !self.snapshot.weight_in(hold, key).is_zero()).copied()
    }

    /// What keeps a leaf as it is, in words.
    pub fn keeper(&self, key: u128) -> String {
        if let Some(hold) = self.hold_on(key) {
            return hold.to_string();
        }
        match self.snapshot.lock_on(self.spread.subcube.scenario, key) {
            Some(lock) => format!("the lock on {lock}"),
            None => "`holding`".to_owned(),
        }
    }

    /// The numbers of the standing holds that some leaves are in: those of leaves where they are held,
    /// those of totals where they are written.
    pub fn holds_met<'l>(&self, held: &[&Leaf], written: impl Iterator<Item = &'l Leaf> + Clone) -> Vec<u64> {
        let inside = |hold: &Hold, leaf: &Leaf| !self.snapshot.weight_in(hold, leaf.key).is_zero();
        let met = |hold: &&&Hold| match hold.total {
            true => written.clone().any(|leaf| inside(hold, leaf)),
            false => held.iter().any(|leaf| inside(hold, leaf)),
        };
        self.holds.iter().filter(met).map(|hold| hold.number).collect()
    }

    /// Whether any held total may speak of these leaves.
    pub fn has_held_totals(&self) -> bool {
        self.holds.iter().any(|hold| hold.total)
    }

    /// Which held totals a leaf belongs to, and how it counts there: leaves alike in this may move
    /// among one another.
    pub fn totals_on(&self, leaf: &Leaf) -> Vec<(u64, Weight)> {
        let totals = self.holds.iter().filter(|hold| hold.total);
        let weighed = totals.map(|hold| (hold.number, self.snapshot.weight_in(hold, leaf.key)));
        let turned = |(number, weight): (u64, Weight)| (number, weight.times(leaf.weight).unwrap_or(Weight::TOO_FINE));
        weighed.filter(|(_, weight)| !weight.is_zero()).map(turned).collect()
    }

    /// Stops where the user has interrupted.
    pub fn check_stop(&self) -> Result<()> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(EngineError::Interrupted),
            false => Ok(()),
        }
    }

    /// Sorts into leaf order: dimension by dimension, each in its own order.
    pub fn sorted(&self, mut leaves: Vec<Leaf>) -> Vec<Leaf> {
        let layout = self.snapshot.layout();
        let rank = |leaf: &Leaf, c: usize| self.ranks[c].rank(MemberId(layout.unpack(leaf.key, c)));
        let place = |leaf: &Leaf| layout.listed(layout.pack((0..self.ranks.len()).map(|c| rank(leaf, c))));
        if leaves.len() < FEW {
            leaves.sort_by_cached_key(place);
            return leaves;
        }
        let mut places: Vec<(u128, u32)> =
            leaves.par_iter().enumerate().map(|(row, leaf)| (place(leaf), row as u32)).collect();
        if places.is_sorted() {
            return leaves;
        }
        places.par_sort_unstable();
        places.par_iter().map(|(_, row)| leaves[*row as usize]).collect()
    }

    /// Splits leaves by period where the measure is a stock, earliest first; else all together.
    pub fn by_period<'l>(&self, leaves: &'l [Leaf]) -> Vec<(Option<MemberId>, Cow<'l, [Leaf]>)> {
        let Some((time, coordinate)) = self.stock_time() else {
            return vec![(None, Cow::Borrowed(leaves))];
        };
        let mut periods: Vec<(MemberId, Vec<Leaf>)> = Vec::new();
        let mut places: HashMap<u32, usize> = HashMap::new();
        for leaf in leaves.iter().copied() {
            let code = self.snapshot.layout().unpack(leaf.key, coordinate);
            let place = *places.entry(code).or_insert_with(|| {
                periods.push((MemberId(code), Vec::new()));
                periods.len() - 1
            });
            periods[place].1.push(leaf);
        }
        periods.sort_by_key(|(period, _)| time.period_end(*period));
        periods.into_iter().map(|(period, leaves)| (Some(period), Cow::Owned(leaves))).collect()
    }

    /// Whether a coordinate of the time dimension is one of its shortest periods.
    pub fn is_lowest(&self, period: MemberId) -> bool {
        self.snapshot.layout().time().is_some_and(|coordinate| self.ranks[coordinate].is_leaf(period))
    }

    /// The time dimension and its coordinate, where the measure is a stock.
    pub fn stock_time(&self) -> Option<(&Arc<Dimension>, usize)> {
        let schema = self.snapshot.schema();
        let stock = schema.measure(self.spread.measure)?.is_stock();
        let time = schema.time().filter(|_| stock)?;
        Some((schema.dimension(time), time.index() - 1))
    }

    /// An amount of the measure as people read it.
    pub fn amount(&self, units: i128) -> String {
        let scale = self.snapshot.schema().measure(self.spread.measure).map_or(0, |measure| measure.scale);
        crate::decimal::Decimal::new(units, scale).grouped()
    }

    /// The measure's name.
    pub fn measure(&self) -> &str {
        self.snapshot.schema().measure(self.spread.measure).map_or("", |measure| &measure.name)
    }

    /// ` in 2026-04`, where leaves are spread period by period.
    pub fn in_period(&self, period: Option<MemberId>) -> String {
        let time = self.snapshot.schema().time().unwrap_or(DimensionId::SCENARIO);
        period.map_or_else(String::new, |p| format!(" in {}", self.snapshot.schema().dimension(time).leaf_name(p)))
    }

    /// Where a leaf is, as names, without some coordinates.
    pub fn place_without(&self, key: u128, without: &[usize]) -> String {
        let members = self.snapshot.layout().members(key);
        let kept = (0..members.len()).filter(|coordinate| !without.contains(coordinate));
        kept.map(|coordinate| self.ranks[coordinate].leaf_name(members[coordinate])).collect::<Vec<_>>().join(", ")
    }

    /// Where a leaf is, as names.
    pub fn place(&self, key: u128) -> String {
        let members = self.snapshot.layout().members(key);
        let names: Vec<String> =
            members.iter().zip(&self.ranks).map(|(member, dimension)| dimension.leaf_name(*member)).collect();
        names.join(", ")
    }
}
