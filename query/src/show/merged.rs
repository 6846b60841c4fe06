//! Rows that are added up into one: what `top` left out.
//!
//! The one row has elements of its own, to which no leaves belong; a cell that reaches any of the
//! rows is added to it once, by the measure's own rule, counting as it counts in totals.

use super::axis::Item;
use super::cells::{ANY, Position};
use super::pivot::Pivot;
use super::rows::Left;
use crate::answer::LabelKind;
use engine::weight::Weight;
use std::collections::{HashMap, HashSet};

/// Rows that are added up, group by group.
pub(super) struct Merged {
    /// How many items are rows.
    by: usize,
    groups: Vec<Group>,
}

/// Some rows, and the one that stands for them.
struct Group {
    row: Position,
    rows: Vec<Position>,
}

/// Where cells of terms that tell some items apart are added to.
pub(super) struct Targets {
    by: usize,
    /// The total over the items that are added up, for each of the rows that are.
    totals: HashMap<Position, Position>,
    rows: HashMap<Position, Vec<Position>>,
}

impl Merged {
    /// Gives each group of what was left out a row of its own.
    pub fn new(pivot: &mut Pivot, by: usize, left: &mut [Left]) -> Self {
        let mut groups = Vec::new();
        for group in left {
            let mut row = group.held.clone();
            for item in group.held.len()..by {
                row.push(pivot.items[item].add_others());
                pivot.inside[item].push(false);
            }
            groups.push(Group { row: row.clone(), rows: group.rows.clone() });
            group.row = Some(row);
        }
        Merged { by, groups }
    }

    /// What stands for what, for terms that tell these items apart. Where they tell none of those
    /// that are added up apart, there is nothing to add.
    pub fn targets(&self, items: &[Item], active: &[bool]) -> Targets {
        let seen = |row: &[u32]| -> Position {
            row.iter().zip(active).map(|(element, active)| if *active { *element } else { ANY }).collect()
        };
        let mut targets = Targets { by: self.by, totals: HashMap::new(), rows: HashMap::new() };
        for group in &self.groups {
            let own = |item: &usize| is_others(&items[*item], group.row[*item]);
            let added: Vec<usize> = (0..self.by).filter(own).collect();
            if !added.iter().any(|item| active[*item]) {
                continue;
            }
            for row in &group.rows {
                let mut total = row.clone();
                added.iter().for_each(|item| total[*item] = items[*item].total.unwrap_or(ANY));
                targets.totals.insert(seen(row), seen(&total));
                let list = targets.rows.entry(seen(row)).or_default();
                if !list.contains(&seen(&group.row)) {
                    list.push(seen(&group.row));
                }
            }
        }
        targets
    }

    /// Whether an element stands for another: for itself, or for all that were left out.
    pub fn stands_for(&self, item: usize, shown: u32, element: u32) -> bool {
        let within = |group: &Group| group.row[item] == shown && group.rows.iter().any(|row| row[item] == element);
        shown == element || item < self.by && self.groups.iter().any(within)
    }
}

impl Targets {
    /// The positions a cell is added to, each once, given those it reaches and how it counts there.
    pub fn of(&self, reached: &[(Position, Weight)]) -> Vec<(Position, Weight)> {
        let mut seen: HashSet<Position> = HashSet::new();
        let mut found = Vec::new();
        for (position, _) in reached {
            let (row, columns) = position.split_at(self.by);
            let (Some(total), Some(targets)) = (self.totals.get(row), self.rows.get(row)) else { continue };
            let whole = [total.as_slice(), columns].concat();
            let Some((_, sign)) = reached.iter().find(|(position, _)| *position == whole) else { continue };
            for target in targets {
                let target = [target.as_slice(), columns].concat();
                if seen.insert(target.clone()) {
                    found.push((target, *sign));
                }
            }
        }
        found
    }
}

fn is_others(item: &Item, element: u32) -> bool {
    item.elements.get(element as usize).is_some_and(|element| element.label.kind == LabelKind::Others)
}
