//! One request: group leaf cells under these filters and fold them. The only door to numbers.
//!
//! What a question asks for, a spread reads or a formula needs, is a [`Request`]; nothing above
//! this module knows that facts lie in chunks.

use crate::error::{EngineError, Result};
use crate::id::{MeasureId, MemberId};
use crate::measure::Rollup;
use crate::snapshot::Snapshot;
use crate::storage::{Fold, Grouping, Groups, scan};
use crate::subcube::Subcube;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

pub use crate::storage::{Axis, OUTSIDE, Partial};

/// The most groups a request may be able to have.
const MOST_GROUPS: u64 = 1 << 50;

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
    let groups = groups(snapshot, request, stop)?;
    let sizes: Vec<u64> = request.axes.iter().map(Axis::size).collect();
    let cell = |(place, offset): (usize, &u64)| Cell {
        groups: split(*offset, &sizes),
        partials: groups.columns.iter().map(|column| column.get(place)).collect(),
    };
    Ok(groups.offsets.iter().enumerate().map(cell).collect())
}

/// Answers a request in columns: the numbers of the groups that have data, ascending (those of the coordinates put
/// together, the last the fastest), and what each measure comes to. Where no measure is asked for, the groups that
/// have any fact.
///
/// Errors: as [`aggregate`].
pub fn groups(snapshot: &Snapshot, request: &Request, stop: &AtomicBool) -> Result<Groups> {
    let grouping = Grouping::new(&request.axes, snapshot.layout().time(), MOST_GROUPS).ok_or_else(|| {
        EngineError::refused("the question crosses too many members", "ask for fewer levels at once")
    })?;
    let measures: Vec<(MeasureId, Fold)> =
        request.measures.iter().map(|measure| (*measure, fold_of(snapshot, *measure))).collect();
    scan(&snapshot.partition(request.scenario), &grouping, &measures, stop).ok_or(EngineError::Interrupted)
}

/// The number of each coordinate in a group's.
fn split(mut group: u64, sizes: &[u64]) -> Vec<u32> {
    let mut parts: Vec<u32> = Vec::with_capacity(sizes.len());
    for size in sizes.iter().rev() {
        parts.push((group % size) as u32);
        group /= size;
    }
    parts.reverse();
    parts
}

fn fold_of(snapshot: &Snapshot, measure: MeasureId) -> Fold {
    match snapshot.schema().measure(measure).map(|measure| measure.rollup) {
        Some(Rollup::Min) => Fold::Min,
        Some(Rollup::Max) => Fold::Max,
        _ => Fold::Sum,
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
    let layout = snapshot.layout();
    let inside = |coordinate: usize, code: u32| !subcube.weight(coordinate, code).is_zero();
    let partition = snapshot.partition(subcube.scenario);
    let parts: Vec<LeafCells> = partition
        .chunks()
        .par_iter()
        .filter(|_| !stop.load(Ordering::Relaxed))
        .map(|chunk| {
            let mut found = LeafCells::default();
            let each = |key, value| {
                found.keys.push(key);
                found.values.push(value);
            };
            chunk.cells_where(layout, measure.index(), &inside, each);
            found
        })
        .collect();
    if stop.load(Ordering::Relaxed) {
        return Err(EngineError::Interrupted);
    }
    let (keys, values): (Vec<_>, Vec<_>) = parts.into_iter().map(|part| (part.keys, part.values)).unzip();
    Ok(LeafCells { keys: keys.concat(), values: values.concat() })
}
