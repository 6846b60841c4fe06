//! The cells of the margins: leaves that belong to the same groups.

use super::super::leaf::{Field, Leaf};
use super::super::request::{Margin, Method};
use super::{steps, weights};
use crate::error::{EngineError, Result};
use std::collections::BTreeMap;

/// Leaves in the same group of every margin.
pub(super) struct Cell {
    /// For each margin the group; none where the margin says nothing of these leaves.
    pub groups: Vec<Option<usize>>,
    pub leaves: Vec<Leaf>,
    /// How the cell's amount is shared.
    pub weights: Vec<i128>,
    /// The sum of the weights: what the cell is fitted from.
    pub seed: i128,
}

/// A group of a margin.
pub(super) struct Group {
    pub name: String,
    /// What its free leaves come to, in steps.
    pub wanted: i128,
}

/// What is fitted: cells that may change, and what each group of them comes to.
pub(super) struct Table {
    pub cells: Vec<Cell>,
    /// For each margin its groups.
    pub margins: Vec<Vec<Group>>,
    pub names: Vec<String>,
}

impl Table {
    pub fn new(field: &Field, margins: &[Margin], leaves: &[Leaf], method: &Method) -> Result<Self> {
        let layout = field.snapshot.layout();
        let group_of = |leaf: &Leaf, margin: &Margin| {
            let code = layout.unpack(leaf.key, margin.coordinate) as usize;
            margin.groups.iter().position(|group| group.leaves.get(code).is_some_and(|inside| *inside))
        };
        let mut cells: BTreeMap<Vec<Option<usize>>, Vec<Leaf>> = BTreeMap::new();
        let mut held: BTreeMap<(usize, usize), i128> = BTreeMap::new();
        for leaf in leaves {
            let groups: Vec<Option<usize>> = margins.iter().map(|margin| group_of(leaf, margin)).collect();
            if leaf.free {
                cells.entry(groups).or_default().push(*leaf);
                continue;
            }
            for (margin, group) in groups.iter().enumerate().filter_map(|(m, group)| Some((m, (*group)?))) {
                *held.entry((margin, group)).or_default() += leaf.signed();
            }
        }
        // What no margin speaks of stays as it is.
        cells.retain(|groups, _| groups.iter().any(Option::is_some));
        let cells = cells.into_iter().map(|(groups, leaves)| Cell::new(field, groups, leaves, method));
        let table = Table {
            cells: cells.collect::<Result<Vec<_>>>()?,
            margins: groups(field, margins, &held)?,
            names: margins.iter().map(|margin| margin.name.clone()).collect(),
        };
        Ok(table)
    }

    /// Whether every cell belongs to a group of a margin: then the margin says what all comes to.
    pub fn covers(&self, margin: usize) -> bool {
        self.cells.iter().all(|cell| cell.groups[margin].is_some())
    }

    /// The cells of a group that can be anything but empty.
    pub fn cells_of(&self, margin: usize, group: usize) -> impl Iterator<Item = usize> + '_ {
        (0..self.cells.len())
            .filter(move |cell| self.cells[*cell].groups[margin] == Some(group) && self.cells[*cell].seed > 0)
    }

    /// What is wanted of each group less what is there.
    pub fn gaps(&self, units: &[i128]) -> Vec<Vec<i128>> {
        let wanted = |groups: &Vec<Group>| groups.iter().map(|group| group.wanted).collect();
        let mut gaps: Vec<Vec<i128>> = self.margins.iter().map(wanted).collect();
        (0..units.len()).for_each(|cell| self.shift(&mut gaps, cell, units[cell]));
        gaps
    }

    /// Brings gaps to where they are with so many units more in a cell.
    pub fn shift(&self, gaps: &mut [Vec<i128>], cell: usize, by: i128) {
        for (margin, group) in self.cells[cell].groups.iter().enumerate() {
            if let Some(group) = group {
                gaps[margin][*group] -= by;
            }
        }
    }

    /// `Engineering (by department)`
    pub fn group_name(&self, margin: usize, group: usize) -> String {
        format!("{} (by {})", self.margins[margin][group].name, self.names[margin])
    }
}

impl Cell {
    fn new(field: &Field, groups: Vec<Option<usize>>, leaves: Vec<Leaf>, method: &Method) -> Result<Self> {
        let weights = weights(field, &leaves, method)?;
        if let Some(place) = weights.iter().position(|weight| *weight < 0) {
            return Err(EngineError::refused(
                format!(
                    "{} at {} is negative: a fit scales what is there",
                    field.measure(),
                    field.place(leaves[place].key)
                ),
                "hold it, or fit by weights: `by abs(…)`, `equally`",
            ));
        }
        let seed = weights.iter().sum();
        Ok(Cell { groups, leaves, weights, seed })
    }
}

fn groups(field: &Field, margins: &[Margin], held: &BTreeMap<(usize, usize), i128>) -> Result<Vec<Vec<Group>>> {
    let of = |(margin, written): (usize, &Margin)| {
        let group = |(place, group): (usize, &super::super::request::Group)| {
            let held = held.get(&(margin, place)).copied().unwrap_or(0);
            if group.total < held && held > 0 && !field.spread.allow_negative {
                return Err(EngineError::refused(
                    format!(
                        "{} of {} in {} is held or locked, {} more than {}",
                        field.amount(held),
                        field.measure(),
                        group.name,
                        field.amount(held - group.total),
                        field.amount(group.total)
                    ),
                    "name a total that is not below what is held, or hold less",
                ));
            }
            Ok(Group { name: group.name.clone(), wanted: steps(field, group.total - held)? })
        };
        written.groups.iter().enumerate().map(group).collect::<Result<Vec<_>>>()
    };
    margins.iter().enumerate().map(of).collect()
}
