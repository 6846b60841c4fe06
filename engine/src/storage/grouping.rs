//! Which group a fact belongs to: numbers of groups by coordinate, put together into one.

use super::codes::{Codes, NO_GROUP};
use std::sync::Arc;

/// In a table of groups: members that belong to none.
pub const OUTSIDE: u32 = u32::MAX;

/// What a request does with one coordinate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Axis {
    /// It neither groups nor filters.
    Free,
    /// For each member id its group, or [`OUTSIDE`]; and how many groups there are.
    Groups(Arc<[u32]>, u32),
}

impl Axis {
    /// How many groups there are along it.
    pub fn size(&self) -> u64 {
        match self {
            Axis::Free => 1,
            Axis::Groups(_, groups) => u64::from(*groups).max(1),
        }
    }

    /// The group of a member, if it has one.
    pub fn group(&self, member: u32) -> Option<u32> {
        match self {
            Axis::Free => Some(0),
            Axis::Groups(groups, _) => groups.get(member as usize).copied().filter(|group| *group != OUTSIDE),
        }
    }
}

/// How facts are put into groups: time apart from the other coordinates, since it runs along the chunks.
#[derive(Debug, Clone)]
pub struct Grouping<'a> {
    axes: &'a [Axis],
    time: Option<usize>,
    /// Each coordinate but time that groups or filters: its table of steps.
    pub tables: Vec<(usize, Vec<i64>)>,
    /// How many groups the coordinates but time make.
    pub series: u64,
    /// How many groups time makes of each.
    pub times: u64,
}

impl<'a> Grouping<'a> {
    /// The groups of a request; none where they cannot be numbered.
    pub fn new(axes: &'a [Axis], time: Option<usize>, most: u64) -> Option<Self> {
        Grouping::count(axes, most)?;
        let time = time.filter(|time| *time < axes.len());
        let mut tables = Vec::new();
        let mut series = 1u64;
        for (coordinate, axis) in axes.iter().enumerate().rev() {
            if Some(coordinate) == time {
                continue;
            }
            if let Axis::Groups(groups, _) = axis {
                tables.push((coordinate, steps(groups, series as i64)));
            }
            series *= axis.size();
        }
        tables.reverse();
        let times = time.map_or(1, |time| axes[time].size());
        Some(Grouping { axes, time, tables, series, times })
    }

    /// How many groups a request can have; none where they cannot be numbered.
    pub fn count(axes: &[Axis], most: u64) -> Option<u64> {
        axes.iter().try_fold(1u64, |groups, axis| groups.checked_mul(axis.size()).filter(|groups| *groups <= most))
    }

    /// The group of a period, if it has one.
    pub fn time_group(&self, period: u32) -> Option<u32> {
        self.time.map_or(Some(0), |time| self.axes[time].group(period))
    }

    /// Whether group numbers are in the order of the coordinates as they are.
    pub fn is_in_order(&self) -> bool {
        let after = self.time.map_or(&[][..], |time| &self.axes[time + 1..]);
        self.times == 1 || after.iter().all(|axis| axis.size() == 1)
    }

    /// The number of a group in the order of the coordinates.
    pub fn in_order(&self, group: u64) -> u64 {
        let (mut rest, time) = (group / self.times, group % self.times);
        let (mut number, mut step) = (0, 1);
        for (coordinate, axis) in self.axes.iter().enumerate().rev() {
            let part = if Some(coordinate) == self.time {
                time
            } else {
                let part = rest % axis.size();
                rest /= axis.size();
                part
            };
            number += part * step;
            step *= axis.size();
        }
        number
    }

    /// The numbers of the groups of many runs, in the order of the coordinates, but for what those of which there are no
    /// ids add; negative where a run belongs to none.
    pub fn numbers(&self, codes: &[Option<Codes>], runs: usize) -> Vec<i64> {
        let mut numbers = vec![0; runs];
        for (coordinate, steps) in self.steps_in_order() {
            if let Some(Some(codes)) = codes.get(coordinate) {
                codes.add_mapped(&steps, &mut numbers);
            }
        }
        numbers
    }

    /// What each of some periods adds to the number of a group; negative where it belongs to none.
    pub fn period_numbers(&self, periods: &[u32]) -> Vec<i64> {
        match self.steps_in_order().find(|(coordinate, _)| Some(*coordinate) == self.time) {
            Some((_, steps)) => {
                let number = |period: &u32| steps.get(*period as usize).copied().unwrap_or(NO_GROUP);
                periods.iter().map(number).collect()
            }
            None => vec![0; periods.len()],
        }
    }

    /// For each coordinate that groups or filters what its members add to the number of a group.
    fn steps_in_order(&self) -> impl Iterator<Item = (usize, Vec<i64>)> + '_ {
        let step = |step: &mut i64, (coordinate, axis): (usize, &'a Axis)| {
            let own = *step;
            *step *= axis.size() as i64;
            Some((coordinate, axis, own))
        };
        self.axes.iter().enumerate().rev().scan(1, step).filter_map(|(coordinate, axis, step)| match axis {
            Axis::Groups(groups, _) => Some((coordinate, steps(groups, step))),
            Axis::Free => None,
        })
    }
}

fn steps(groups: &[u32], step: i64) -> Vec<i64> {
    groups.iter().map(|group| if *group == OUTSIDE { NO_GROUP } else { i64::from(*group) * step }).collect()
}
