//! One roll-up, and what can be derived from it.

use super::Asked;
use super::budget;
use crate::id::MeasureId;
use crate::storage::{Axis, Fold, Groups, OUTSIDE, Partial};
use std::collections::HashMap;
use std::sync::Arc;

/// A roll-up. Its bytes count until it is dropped.
#[derive(Debug)]
pub struct Kept {
    pub axes: Vec<Axis>,
    pub measures: Vec<(MeasureId, Fold)>,
    pub groups: Arc<Groups>,
    bytes: usize,
}

impl Kept {
    /// A roll-up of an answer.
    pub fn new(asked: Asked, groups: Arc<Groups>) -> Self {
        let tables: usize = asked.axes.iter().map(table_bytes).sum();
        let bytes = groups.bytes() + tables;
        budget::take(bytes);
        Kept { axes: asked.axes.to_vec(), measures: asked.measures.to_vec(), groups, bytes }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether it is the very answer.
    pub fn is(&self, asked: Asked) -> bool {
        self.measures == asked.measures && self.axes == asked.axes
    }

    /// For each measure asked for its place in the roll-up; none where one is missing.
    pub fn places(&self, measures: &[(MeasureId, Fold)]) -> Option<Vec<usize>> {
        if measures.is_empty() != self.measures.is_empty() {
            return None;
        }
        measures.iter().map(|measure| self.measures.iter().position(|known| known == measure)).collect()
    }

    /// For each coordinate the asked group of each group there is here; none where this roll-up does not cover the request.
    pub fn covers(&self, axes: &[Axis]) -> Option<Vec<Vec<u32>>> {
        if self.axes.len() != axes.len() {
            return None;
        }
        self.axes.iter().zip(axes).map(|(fine, coarse)| coarsening(fine, coarse)).collect()
    }

    /// The answer to a request that the roll-up covers.
    pub fn derive(&self, asked: Asked, maps: &[Vec<u32>]) -> Option<Groups> {
        let places = self.places(asked.measures)?;
        let sizes: Vec<u64> = self.axes.iter().map(Axis::size).collect();
        let steps = steps(asked.axes);
        let mut slots: HashMap<u64, usize> = HashMap::new();
        let mut totals: Vec<(u64, Vec<Partial>)> = Vec::new();
        for (row, group) in self.groups.offsets.iter().enumerate() {
            let Some(coarse) = coarse_group(*group, &sizes, maps, &steps) else { continue };
            let slot = *slots.entry(coarse).or_insert_with(|| {
                totals.push((coarse, vec![Partial::default(); places.len()]));
                totals.len() - 1
            });
            for ((total, place), (_, fold)) in totals[slot].1.iter_mut().zip(&places).zip(asked.measures) {
                *total = fold.join(*total, self.groups.columns[*place].get(row));
            }
        }
        Some(Groups::of(places.len(), totals))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        budget::give_back(self.bytes);
    }
}

fn table_bytes(axis: &Axis) -> usize {
    match axis {
        Axis::Free => 0,
        Axis::Groups(table, _) => table.len() * 4,
    }
}

/// How much a group of each coordinate adds to a group's number.
fn steps(axes: &[Axis]) -> Vec<u64> {
    let mut steps = vec![1; axes.len()];
    let mut step = 1;
    for (place, axis) in axes.iter().enumerate().rev() {
        steps[place] = step;
        step *= axis.size();
    }
    steps
}

fn coarse_group(mut group: u64, sizes: &[u64], maps: &[Vec<u32>], steps: &[u64]) -> Option<u64> {
    let mut coarse = 0;
    for ((size, map), step) in sizes.iter().zip(maps).zip(steps).rev() {
        let part = map[(group % size) as usize];
        group /= size;
        if part == OUTSIDE {
            return None;
        }
        coarse += u64::from(part) * step;
    }
    Some(coarse)
}

/// The coarse group of each fine one, if there is just one for each.
fn coarsening(fine: &Axis, coarse: &Axis) -> Option<Vec<u32>> {
    let Axis::Groups(fine, groups) = fine else {
        return (*coarse == Axis::Free).then(|| vec![0]);
    };
    let mut map = vec![None; (*groups as usize).max(1)];
    let members = match coarse {
        Axis::Free => fine.len(),
        Axis::Groups(coarse, _) => fine.len().max(coarse.len()),
    };
    for member in 0..members {
        let to = coarse.group(member as u32);
        match fine.get(member).copied().filter(|group| *group != OUTSIDE) {
            None if to.is_some() => return None,
            None => {}
            Some(from) => match &mut map[from as usize] {
                known @ None => *known = Some(to),
                Some(known) if *known == to => {}
                Some(_) => return None,
            },
        }
    }
    Some(map.into_iter().map(|to| to.flatten().unwrap_or(OUTSIDE)).collect())
}
