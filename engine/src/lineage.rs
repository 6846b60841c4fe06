//! Where numbers come from: the operations in force that made a slice what it is, and how one of them is
//! taken back from the middle.
//!
//! Every operation keeps what it changed, cell by cell; what a slice holds is the sum of these. A
//! scenario that was branched takes over what had made the one it was branched from.

use crate::change::{Change, Changed, Delta, difference};
use crate::coordinate::KeyLayout;
use crate::cube::{Cube, Draft};
use crate::error::{EngineError, Result};
use crate::id::{MeasureId, MemberId};
use crate::journal::Operation;
use crate::memory::{Claim, bytes};
use crate::schema::Schema;
use crate::storage::{Write, Writes};
use crate::subcube::Subcube;
use crate::weight::WeightedSum;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// What an operation gave to a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The operation's number; one more than the last for what is drafted.
    pub operation: u64,
    /// How many cells of the slice it changed.
    pub cells: u64,
    /// What it added to the slice, in units, each leaf as it counts there.
    pub added: WeightedSum,
    /// What it added to the measure in all, in the slice's scenario and periods.
    pub whole: i128,
    /// How much of what it added is units that were left by rounding, each leaf as it counts.
    pub rounding: WeightedSum,
}

impl Share {
    /// What two changes of one operation gave.
    fn joined(self, other: Share) -> Share {
        Share {
            operation: self.operation,
            cells: self.cells + other.cells,
            added: self.added.joined(other.added, crate::weight::Weight::ONE),
            whole: self.whole + other.whole,
            rounding: self.rounding.joined(other.rounding, crate::weight::Weight::ONE),
        }
    }
}

/// Reads the coordinates of a delta in a model that may have more dimensions than it was made in: facts
/// of then stand at the default members.
struct Coordinates {
    defaults: Vec<u32>,
}

impl Coordinates {
    fn new(schema: &Schema) -> Self {
        Coordinates { defaults: schema.defaults() }
    }

    /// Shows each cell of a measure that a delta changed: its coordinates and what became of it.
    fn visit(&self, delta: &Delta, measure: MeasureId, mut show: impl FnMut(&[u32], Changed)) {
        let mut codes = self.defaults.clone();
        delta.visit(measure, &mut codes, &mut show);
    }
}

/// The operations in force that changed a slice of a measure, in order, the drafted changes last.
pub fn shares(
    cube: &mut Cube,
    drafted: &[Change],
    slice: &Subcube,
    measure: MeasureId,
    schema: &Schema,
) -> Result<Vec<Share>> {
    let reader = Coordinates::new(schema);
    let time = schema.time().map(|time| time.index() - 1);
    let mut made: HashMap<MemberId, Vec<Share>> = HashMap::new();
    let mut take = |operation: u64, changes: &[Change]| {
        for change in changes {
            match change {
                Change::Branch { from, to } => {
                    let taken = made.get(from).cloned().unwrap_or_default();
                    made.insert(*to, taken);
                }
                Change::Cells(_) | Change::Facts { .. } => {
                    let of_part = |delta: Arc<Delta>| share(&reader, &delta, slice, measure, time, operation);
                    let share = change.deltas().map(of_part).reduce(Share::joined);
                    if let Some((scenario, share)) = change.scenario().zip(share) {
                        add(made.entry(scenario).or_default(), share);
                    }
                }
                Change::Schema { .. } => {}
            }
        }
    };
    for operation in cube.stack().done.clone() {
        take(operation, &cube.changes(operation)?);
    }
    take(cube.snapshot().sequence + 1, drafted);
    Ok(made.remove(&slice.scenario).unwrap_or_default())
}

/// What one delta gave.
fn share(
    reader: &Coordinates,
    delta: &Delta,
    slice: &Subcube,
    measure: MeasureId,
    time: Option<usize>,
    operation: u64,
) -> Share {
    let none = WeightedSum::default();
    let mut share = Share { operation, cells: 0, added: none, whole: 0, rounding: none };
    reader.visit(delta, measure, |codes, cell| {
        let added = difference(cell.before, cell.after);
        if time.is_none_or(|time| !slice.weight(time, codes[time]).is_zero()) {
            share.whole += added;
        }
        let weight = slice.weight_of(codes.iter().copied()).unwrap_or(crate::weight::Weight::TOO_FINE);
        if !weight.is_zero() {
            share.cells += 1;
            share.added = share.added.plus(added, weight);
            share.rounding = share.rounding.plus(i128::from(cell.rounding), weight);
        }
    });
    share
}

fn add(shares: &mut Vec<Share>, share: Share) {
    if share.cells == 0 && shares.last().is_none_or(|last| last.operation != share.operation) {
        return;
    }
    match shares.last_mut().filter(|last| last.operation == share.operation) {
        Some(last) => *last = last.joined(share),
        None => shares.push(share),
    }
}

/// The operations that changed a cell of a slice, in any scenario or in those given.
pub fn touching(
    cube: &mut Cube,
    slice: &Subcube,
    scenarios: Option<&[MemberId]>,
    schema: &Schema,
) -> Result<HashSet<u64>> {
    let reader = Coordinates::new(schema);
    let measures: Vec<MeasureId> = (0..schema.measures().len()).map(MeasureId::from_index).collect();
    let inside = |scenario: &MemberId| scenarios.is_none_or(|named| named.contains(scenario));
    let whole = slice.dimensions.iter().all(Option::is_none);
    let mut found = HashSet::new();
    let last = cube.operations().last().map_or(0, |operation| operation.sequence);
    for operation in 1..=last {
        let touches = cube.changes(operation)?.iter().any(|change| match change {
            Change::Schema { .. } => false,
            Change::Branch { to, .. } => whole && inside(to),
            Change::Cells(_) | Change::Facts { .. } => {
                change.scenario().is_some_and(|scenario| inside(&scenario))
                    && change.deltas().any(|delta| touches(&reader, &delta, slice, &measures))
            }
        });
        if touches {
            found.insert(operation);
        }
    }
    Ok(found)
}

fn touches(reader: &Coordinates, delta: &Delta, slice: &Subcube, measures: &[MeasureId]) -> bool {
    measures.iter().any(|measure| {
        let mut touched = false;
        reader.visit(delta, *measure, |codes, _| touched |= slice.contains(codes.iter().copied()));
        touched
    })
}

/// The cells of an operation: scenario, measure and key.
type Cells = HashSet<(MemberId, MeasureId, u128)>;

/// Bytes of a cell of an operation: its place, and what is written there.
const CELL_BYTES: usize = 160;

/// At most so many cells some changes changed.
fn count(changes: &[Change]) -> usize {
    changes.iter().flat_map(Change::deltas).map(|delta| delta.most_cells()).sum()
}

/// Drafts what takes one operation back: its cells as they were before it. Gives the deltas.
///
/// Errors: there is no such operation in force; it changed no cells; later operations changed some of
/// the same cells, which are named; the cells are locked or held.
pub fn revert(cube: &mut Cube, draft: &mut Draft, operation: u64) -> Result<Vec<Arc<Delta>>> {
    refuse_not_in_force(cube, operation)?;
    let schema = Arc::clone(draft.snapshot().schema());
    let reader = Coordinates::new(&schema);
    let layout = Arc::clone(draft.snapshot().layout());
    let changes = cube.changes(operation)?;
    let deltas: Vec<Arc<Delta>> = changes.iter().filter_map(Change::delta).collect();
    if deltas.is_empty() {
        return Err(EngineError::refused(
            format!("operation {operation} changed no cells"),
            "a change of the model is taken back by `undo`, or by the statement that does the opposite",
        ));
    }
    let _claim = Claim::of("the cells of the operation", bytes(count(&changes), CELL_BYTES))?;
    let mut touched = Cells::new();
    deltas.iter().for_each(|delta| keep(&reader, &layout, &schema, delta, &mut touched));
    refuse_overlaps(cube, &reader, &layout, &schema, operation, &touched)?;
    let mut done = Vec::new();
    for delta in deltas.into_iter().rev() {
        let writes = before(&reader, &layout, &schema, &delta);
        done.extend(draft.write(delta.scenario, &writes)?);
    }
    Ok(done)
}

fn refuse_not_in_force(cube: &Cube, operation: u64) -> Result<()> {
    if cube.stack().done.contains(&operation) {
        return Ok(());
    }
    let known = cube.operations().iter().any(|known| known.sequence == operation);
    let message = match known {
        true if cube.stack().undone.contains(&operation) => format!("operation {operation} is taken back already"),
        true => format!("operation {operation} is itself an undo or redo, or was taken back for good"),
        false => format!("there is no operation {operation}"),
    };
    Err(EngineError::refused(message, "`history;` lists the operations"))
}

fn keep(reader: &Coordinates, layout: &KeyLayout, schema: &Schema, delta: &Delta, cells: &mut Cells) {
    for measure in (0..schema.measures().len()).map(MeasureId::from_index) {
        reader.visit(delta, measure, |codes, _| {
            cells.insert((delta.scenario, measure, layout.pack(codes.iter().copied())));
        });
    }
}

/// Later operations in force, but for those that another has taken back, and that one.
fn later(cube: &Cube, operation: u64) -> Vec<u64> {
    let in_force = |known: &&Operation| cube.stack().done.binary_search(&known.sequence).is_ok();
    let later: Vec<&Operation> =
        cube.operations().iter().filter(|known| known.sequence > operation).filter(in_force).collect();
    let pairs =
        later.iter().filter_map(|known| Some((known.sequence, known.record.reverts.filter(|t| *t > operation)?)));
    let cancelled: HashSet<u64> = pairs.flat_map(|(revert, target)| [revert, target]).collect();
    later.iter().map(|known| known.sequence).filter(|sequence| !cancelled.contains(sequence)).collect()
}

fn refuse_overlaps(
    cube: &mut Cube,
    reader: &Coordinates,
    layout: &KeyLayout,
    schema: &Schema,
    operation: u64,
    cells: &Cells,
) -> Result<()> {
    let later = later(cube, operation);
    let mut overlapping = Vec::new();
    for later in later {
        let mut theirs = Cells::new();
        let changes = cube.changes(later)?;
        let _claim = Claim::of("the cells of a later operation", bytes(count(&changes), CELL_BYTES))?;
        changes.iter().flat_map(Change::deltas).for_each(|delta| keep(reader, layout, schema, &delta, &mut theirs));
        if theirs.iter().any(|cell| cells.contains(cell)) {
            overlapping.push(later);
        }
    }
    if overlapping.is_empty() {
        return Ok(());
    }
    let named = overlapping.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    let statements = cube.operations().iter().filter(|known| overlapping.contains(&known.sequence));
    Err(EngineError::Refused {
        message: format!("later operations changed some of the same cells: {named}"),
        help: std::iter::once("revert these first, the newest first".to_owned())
            .chain(statements.map(|known| format!("{}: {}", known.sequence, known.record.statement)))
            .collect(),
    })
}

/// Writes that bring back what was before a delta.
fn before(reader: &Coordinates, layout: &KeyLayout, schema: &Schema, delta: &Delta) -> Writes {
    let mut rows: BTreeMap<u128, Vec<(MeasureId, Write)>> = BTreeMap::new();
    let measures: Vec<MeasureId> = (0..schema.measures().len()).map(MeasureId::from_index).collect();
    for measure in &measures {
        reader.visit(delta, *measure, |codes, cell| {
            let write = cell.before.map_or(Write::Clear, Write::Put);
            rows.entry(layout.pack(codes.iter().copied())).or_default().push((*measure, write));
        });
    }
    let column = |measure: &MeasureId| {
        let of = |writes: &Vec<(MeasureId, Write)>| {
            writes.iter().find(|(known, _)| known == measure).map_or(Write::Keep, |(_, write)| *write)
        };
        (*measure, rows.values().map(of).collect())
    };
    let columns = measures.iter().map(column).collect();
    Writes::at(layout, &rows.keys().copied().collect::<Vec<u128>>(), columns)
}
