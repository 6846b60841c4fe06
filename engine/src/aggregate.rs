//! One request: group leaf cells under these filters and fold them. The only door to numbers.
//!
//! What a question asks for, a spread reads or a formula needs, is a [`Request`]; nothing above
//! this module knows that facts lie in chunks.

use crate::error::{EngineError, Result};
use crate::id::{MeasureId, MemberId};
use crate::measure::Rollup;
use crate::snapshot::Snapshot;
use crate::storage::{Fold, Grouping, NO_GROUP, scan};
use crate::subcube::Subcube;
use std::sync::atomic::AtomicBool;

pub use crate::storage::Partial;

/// The most groups a request may be able to have.
const MOST_GROUPS: u64 = 1 << 50;

/// In [`Axis::Groups`]: members that belong to no group.
pub const OUTSIDE: u32 = u32::MAX;

/// What a request does with one coordinate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Axis {
    /// It neither groups nor filters.
    Free,
    /// For each member id its group, or [`OUTSIDE`]; and how many groups there are.
    Groups(Vec<u32>, u32),
}

/// A request for folded cells of one scenario.
#[derive(Debug, Clone)]
pub struct Request {
    /// The scenario.
    pub scenario: MemberId,
    /// The measures wanted.
    pub measures: Vec<MeasureId>,
    /// For each coordinate.
    pub axes: Vec<Axis>,
}

/// One group that has data: its number on each coordinate (0 where free), and for each measure
/// what its cells come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The group's number on each coordinate.
    pub groups: Vec<u32>,
    /// For each measure of the request.
    pub partials: Vec<Partial>,
}

/// Answers a request; cells come in the order of their group numbers.
///
/// Errors: more groups than can be numbered; [`EngineError::Interrupted`] where `stop` was set.
pub fn aggregate(snapshot: &Snapshot, request: &Request, stop: &AtomicBool) -> Result<Vec<Cell>> {
    let strides = strides(&request.axes)?;
    let tables = request.axes.iter().zip(&strides.steps).map(|(axis, step)| table(axis, *step)).collect();
    let grouping = Grouping { tables, groups: strides.groups };
    let measures: Vec<(MeasureId, Fold)> =
        request.measures.iter().map(|measure| (*measure, fold_of(snapshot, *measure))).collect();
    let groups =
        scan(&snapshot.partition(request.scenario), &grouping, &measures, stop).ok_or(EngineError::Interrupted)?;
    let cell = |(place, offset): (usize, &u64)| Cell {
        groups: strides.split(*offset),
        partials: groups.columns.iter().map(|column| column[place]).collect(),
    };
    Ok(groups.offsets.iter().enumerate().map(cell).collect())
}

fn fold_of(snapshot: &Snapshot, measure: MeasureId) -> Fold {
    match snapshot.schema().measure(measure).map(|measure| measure.rollup) {
        Some(Rollup::Min) => Fold::Min,
        Some(Rollup::Max) => Fold::Max,
        _ => Fold::Sum,
    }
}

struct Strides {
    steps: Vec<i64>,
    sizes: Vec<u64>,
    groups: u64,
}

impl Strides {
    fn split(&self, offset: u64) -> Vec<u32> {
        let part = |(step, size): (&i64, &u64)| (offset / *step as u64 % size) as u32;
        self.steps.iter().zip(&self.sizes).map(part).collect()
    }
}

fn strides(axes: &[Axis]) -> Result<Strides> {
    let sizes: Vec<u64> = axes
        .iter()
        .map(|axis| match axis {
            Axis::Free => 1,
            Axis::Groups(_, groups) => u64::from(*groups).max(1),
        })
        .collect();
    let mut steps = vec![1i64; axes.len()];
    let mut groups = 1u64;
    for (step, size) in steps.iter_mut().zip(&sizes).rev() {
        *step = groups as i64;
        groups = groups.checked_mul(*size).filter(|groups| *groups <= MOST_GROUPS).ok_or_else(|| {
            EngineError::refused("the question crosses too many members", "ask for fewer levels at once")
        })?;
    }
    Ok(Strides { steps, sizes, groups })
}

fn table(axis: &Axis, step: i64) -> Option<Vec<i64>> {
    match axis {
        Axis::Free => None,
        Axis::Groups(groups, _) => Some(
            groups.iter().map(|group| if *group == OUTSIDE { NO_GROUP } else { i64::from(*group) * step }).collect(),
        ),
    }
}

/// The cells of one measure in a slice, leaf by leaf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeafCells {
    /// The leaves, in key order.
    pub keys: Vec<u128>,
    /// Their values.
    pub values: Vec<i64>,
}

/// Reads the leaves of a slice that have a value.
pub fn leaves(snapshot: &Snapshot, subcube: &Subcube, measure: MeasureId, stop: &AtomicBool) -> Result<LeafCells> {
    let mut found = LeafCells::default();
    let layout = snapshot.layout();
    for chunk in snapshot.partition(subcube.scenario).chunks() {
        if stop.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(EngineError::Interrupted);
        }
        let Some(values) = chunk.values(measure.index()) else { continue };
        let tables: Vec<_> = (0..layout.width())
            .filter_map(|place| Some((chunk.codes(place)?, subcube.dimensions.get(place)?.as_ref()?)))
            .collect();
        for row in 0..chunk.rows() {
            let inside = tables
                .iter()
                .all(|(codes, leaves)| leaves.get(codes.get(row) as usize).is_some_and(|weight| !weight.is_zero()));
            if let Some(value) = values.get(row).filter(|_| inside) {
                found.keys.push(chunk.key(layout, row));
                found.values.push(value);
            }
        }
    }
    Ok(found)
}
