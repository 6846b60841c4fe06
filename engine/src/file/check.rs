//! `check`: whether everything in a cube file is what was written, and adds up.

use super::connect::Access;
use super::database::Database;
use super::store::CubeFile;
use crate::aggregate::{Axis, OUTSIDE, Request, scanned};
use crate::dimension::Dimension;
use crate::error::{EngineError, Result};
use crate::id::{DimensionId, MeasureId, MemberId};
use crate::measure::Rollup;
use crate::snapshot::Snapshot;
use crate::weight::{Weight, WeightedSum};
use std::collections::HashMap;
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
        format!("{} facts in {}", snapshot.facts(), chunks(snapshot.outline().chunks)),
        format!("{totals} totals equal to their children"),
    ])
}

fn chunks(count: usize) -> String {
    if count == 1 { "1 chunk".to_owned() } else { format!("{count} chunks") }
}

/// Every operation follows from the one before, and every change is what was written.
fn check_chain(database: &Database) -> Result<usize> {
    let operations = database.verified_operations()?;
    for operation in &operations {
        database.changes(operation.sequence)?;
    }
    Ok(operations.len())
}

/// Every consolidation, in every dimension, scenario and summed measure: asked for as a whole, it
/// must be its own leaf and its weighted children.
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

/// A sum for each measure.
type Sums = Vec<WeightedSum>;

fn check_dimension(
    snapshot: &Snapshot,
    scenario: MemberId,
    dimension: DimensionId,
    measures: &[MeasureId],
) -> Result<usize> {
    let members = snapshot.schema().dimension(dimension);
    let asked = Asked { snapshot, scenario, dimension, measures };
    let own = asked.totals(&(0..members.len() as u32).collect::<Vec<_>>(), members.len())?;
    let totals = asked.totals_by_depth(members)?;
    let mut checked = 0;
    for parent in members.ordered().into_iter().chain([MemberId::ROOT]) {
        let children = members.children_in(0, parent);
        if children.is_empty() {
            continue;
        }
        let tree = &members.hierarchies()[0];
        let mut sum = own[parent.index()].clone();
        for child in children {
            add(&mut sum, &totals[child.index()], tree.weight(*child));
        }
        let same = |(sum, total): (&WeightedSum, &WeightedSum)| sum.equals(*total).unwrap_or(true);
        if !sum.iter().zip(&totals[parent.index()]).all(same) {
            return Err(EngineError::Damaged(format!("{} is not the sum of its children", members.path(parent))));
        }
        checked += measures.len();
    }
    Ok(checked)
}

fn add(sums: &mut Sums, more: &Sums, weight: Weight) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum = sum.joined(*more, weight));
}

/// The questions a check asks of one dimension of one scenario.
struct Asked<'a> {
    snapshot: &'a Snapshot,
    scenario: MemberId,
    dimension: DimensionId,
    measures: &'a [MeasureId],
}

impl Asked<'_> {
    /// The sums of groups of members.
    fn totals(&self, groups: &[u32], count: usize) -> Result<Vec<Sums>> {
        let place = self.dimension.index() - 1;
        let mut axes = vec![Axis::Free; self.snapshot.schema().width()];
        axes[place] = Axis::Groups(groups.into(), count as u32);
        let request = Request { scenario: self.scenario, measures: self.measures.to_vec(), axes };
        let mut sums = vec![vec![WeightedSum::default(); self.measures.len()]; count];
        for cell in scanned(self.snapshot, &request, &AtomicBool::new(false))? {
            let sum = &mut sums[cell.groups[place] as usize];
            sum.iter_mut().zip(&cell.partials).for_each(|(sum, partial)| *sum = WeightedSum::whole(partial.value));
        }
        Ok(sums)
    }

    /// The total of each member: one question for each depth of the tree, in which each leaf falls
    /// to its ancestor at that depth, apart by how it counts there.
    fn totals_by_depth(&self, members: &Dimension) -> Result<Vec<Sums>> {
        let tree = &members.hierarchies()[0];
        let mut totals = vec![vec![WeightedSum::default(); self.measures.len()]; members.len()];
        let depths: Vec<Option<usize>> = (0..members.len()).map(|m| tree.depth(MemberId::from_index(m))).collect();
        for depth in 0..=depths.iter().flatten().copied().max().unwrap_or(0) {
            let mut groups = vec![OUTSIDE; members.len()];
            let mut numbers: HashMap<(usize, Weight), u32> = HashMap::new();
            for (place, _) in depths.iter().enumerate().filter(|(_, at)| **at == Some(depth)) {
                for (leaf, weight) in members.below(MemberId::from_index(place)) {
                    if !weight.is_zero() {
                        let next = numbers.len() as u32;
                        groups[leaf.index()] = *numbers.entry((place, weight)).or_insert(next);
                    }
                }
            }
            let sums = self.totals(&groups, numbers.len())?;
            for ((place, weight), number) in numbers {
                add(&mut totals[place], &sums[number as usize], weight);
            }
        }
        Ok(totals)
    }
}
