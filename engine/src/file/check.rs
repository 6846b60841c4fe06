//! `check`: whether everything in a cube file is what was written, and adds up.

use super::chain::{START, link};
use super::database::{Access, Database};
use super::store::CubeFile;
use crate::aggregate::{Axis, Cell, Request, aggregate};
use crate::dimension::Dimension;
use crate::error::{EngineError, Result};
use crate::id::{DimensionId, MeasureId, MemberId};
use crate::journal::Operation;
use crate::measure::Rollup;
use crate::snapshot::Snapshot;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Verifies a cube file; gives a line for each thing that was found in order.
///
/// Errors: the first thing that is not.
pub fn check(path: &Path) -> Result<Vec<String>> {
    let database = Database::open(path, Access::Read)?;
    if let Some(problem) = database.integrity()?.into_iter().next() {
        return Err(EngineError::Damaged(problem));
    }
    let operations = check_chain(&database)?;
    let mut file = CubeFile::new(database, Access::Read);
    let (snapshot, _) = file.restore()?;
    let totals = check_totals(&snapshot)?;
    Ok(vec![
        format!("{operations} operations, each linked to the one before, every checksum right"),
        format!("{} facts in {} chunks", snapshot.facts(), snapshot.size().1),
        format!("{totals} totals equal to their children"),
    ])
}

fn check_chain(database: &Database) -> Result<usize> {
    let mut hash = START;
    let rows = database.journal(0)?;
    for (place, (text, stored)) in rows.iter().enumerate() {
        let operation: Operation = serde_json::from_str(text)
            .map_err(|error| EngineError::Damaged(format!("operation {} cannot be read: {error}", place + 1)))?;
        if operation.sequence != place as u64 + 1 {
            return Err(EngineError::Damaged(format!("operation {} is missing from the record", place + 1)));
        }
        database.changes(operation.sequence)?;
        hash = link(hash, text, &database.change_checksums(operation.sequence)?);
        if hash != *stored {
            return Err(EngineError::Damaged(format!("operation {} is not what was recorded", operation.sequence)));
        }
    }
    if database.head()? != (rows.len() as u64, hash) {
        return Err(EngineError::Damaged("the last operations are missing from the record".into()));
    }
    Ok(rows.len())
}

/// Every consolidation, in every dimension, scenario and summed measure: asked for as a whole, it
/// must be its own leaf and its signed children.
fn check_totals(snapshot: &Snapshot) -> Result<usize> {
    let schema = snapshot.schema();
    let summed = |measure: &MeasureId| schema.measure(*measure).is_some_and(|m| m.rollup == Rollup::Sum);
    let measures: Vec<MeasureId> = (0..schema.measures().len()).map(MeasureId::from_index).filter(summed).collect();
    let mut checked = 0;
    for scenario in schema.scenarios().leaves(MemberId::ROOT) {
        for dimension in schema.coordinates() {
            checked += check_dimension(snapshot, scenario, dimension, &measures)?;
        }
    }
    Ok(checked)
}

fn check_dimension(
    snapshot: &Snapshot,
    scenario: MemberId,
    dimension: DimensionId,
    measures: &[MeasureId],
) -> Result<usize> {
    let members = Dimension::clone(snapshot.schema().dimension(dimension));
    let ask = |groups: Vec<u32>, count: u32| -> Result<Vec<Cell>> {
        let mut axes = vec![Axis::Free; snapshot.schema().width()];
        axes[dimension.index() - 1] = Axis::Groups(groups, count);
        let request = Request { scenario, measures: measures.to_vec(), axes };
        aggregate(snapshot, &request, &AtomicBool::new(false))
    };
    let size = members.len() as u32;
    let mut sums = vec![vec![0i128; measures.len()]; members.len()];
    for cell in ask((0..size).collect(), size)? {
        let at = cell.groups[dimension.index() - 1] as usize;
        sums[at].iter_mut().zip(&cell.partials).for_each(|(sum, partial)| *sum = partial.value);
    }
    let own = sums.clone();
    let mut bottom_up: Vec<MemberId> = members.ordered();
    bottom_up.sort_by_key(|member| std::cmp::Reverse(members.hierarchies()[0].depth(*member)));
    for member in bottom_up {
        let tree = &members.hierarchies()[0];
        if let Some(parent) = tree.parent(member) {
            for measure in 0..measures.len() {
                sums[parent.index()][measure] += sums[member.index()][measure] * i128::from(tree.sign(member));
            }
        }
    }
    let mut checked = 0;
    for parent in members.ordered().into_iter().chain([MemberId::ROOT]) {
        if members.home(parent) != 0 || members.children(parent).is_empty() {
            continue;
        }
        let mut whole = vec![0i128; measures.len()];
        for (leaf, sign) in members.below(parent) {
            whole.iter_mut().zip(&own[leaf.index()]).for_each(|(sum, cell)| *sum += cell * i128::from(sign));
        }
        if whole != sums[parent.index()] {
            return Err(EngineError::Damaged(format!("{} is not the sum of its children", members.path(parent))));
        }
        checked += measures.len();
    }
    Ok(checked)
}
