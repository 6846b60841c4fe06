//! The time dimension: its members made from a calendar.

use super::{Dimension, Hierarchy, Kind, MemberId, NewMember};
use crate::calendar::{Calendar, Grain, Moment, Month, Period};
use crate::error::{EngineError, Result};
use crate::weight::Weight;

/// The most months a calendar may have: two centuries.
const MAX_MONTHS: i32 = 2400;

impl Dimension {
    /// A time dimension: year > half > quarter > month, and > week where the calendar goes on to
    /// weeks; and a fiscal tree where the fiscal year does not start in January.
    pub fn time(name: &str, calendar: Calendar) -> Result<Self> {
        if calendar.last < calendar.first || calendar.last - calendar.first >= MAX_MONTHS {
            return Err(EngineError::Model(format!(
                "a calendar runs from its first to its last month, over at most {MAX_MONTHS} months"
            )));
        }
        if !(1..=12).contains(&calendar.fiscal_start) {
            return Err(EngineError::Model("a fiscal year starts in a month from 1 to 12".into()));
        }
        let levels = calendar.grains().iter().map(|grain| grain.name().to_owned()).collect();
        let mut dimension = Dimension::new(name, Kind::Time(calendar), levels);
        for leaf in calendar.leaves() {
            dimension.add_calendar_path(calendar, leaf)?;
        }
        if calendar.fiscal_start != 1 {
            dimension.add_fiscal_tree(calendar)?;
        }
        dimension.seal();
        Ok(dimension)
    }

    fn add_calendar_path(&mut self, calendar: Calendar, leaf: Period) -> Result<()> {
        let mut parent = MemberId::ROOT;
        for grain in calendar.grains() {
            let period = if *grain == leaf.grain { leaf } else { calendar.period_of(leaf.first, *grain, false) };
            parent = match self.of_period(period) {
                Some(member) => member,
                None => self
                    .add(NewMember { period: Some(period), ..NewMember::named(calendar.name(period), parent, true) })?,
            };
        }
        Ok(())
    }

    fn add_fiscal_tree(&mut self, calendar: Calendar) -> Result<()> {
        let mut levels: Vec<String> = Grain::ALL[..3].iter().map(|grain| format!("fiscal_{}", grain.name())).collect();
        levels.extend(calendar.grains()[3..].iter().map(|grain| grain.name().to_owned()));
        let mut tree = Hierarchy::new("fiscal", levels);
        tree.parents.resize(self.members.len(), None);
        tree.weights.resize(self.members.len(), Weight::ONE);
        for month in calendar.first..=calendar.last {
            let mut parent = MemberId::ROOT;
            for grain in &Grain::ALL[..3] {
                let period = calendar.period_of(month, *grain, true);
                parent = match self.of_period(period) {
                    Some(member) => member,
                    None => self.push_fiscal(&mut tree, period, calendar, parent),
                };
            }
            if let Some(month) = self.of_period(calendar.period_of(month, Grain::Month, false)) {
                tree.parents[month.index()] = Some(parent);
            }
        }
        self.share_weeks(&mut tree);
        self.hierarchies[0].parents.resize(self.members.len(), None);
        self.hierarchies[0].weights.resize(self.members.len(), Weight::ONE);
        self.hierarchies.push(tree);
        Ok(())
    }

    /// Weeks have their months in both trees.
    fn share_weeks(&self, tree: &mut Hierarchy) {
        for id in (1..self.members.len()).map(MemberId::from_index) {
            if self.member(id).period.is_some_and(|period| period.grain == Grain::Week) {
                tree.parents[id.index()] = self.hierarchies[0].parent(id);
            }
        }
    }

    fn push_fiscal(&mut self, tree: &mut Hierarchy, period: Period, calendar: Calendar, parent: MemberId) -> MemberId {
        let id = MemberId::from_index(self.members.len());
        let name = calendar.name(period);
        self.index.names.insert(&name, id.0);
        self.members.push(super::Member {
            name,
            key: None,
            declared: Some(id.0),
            attributes: Default::default(),
            period: Some(period),
        });
        tree.parents.push(Some(parent));
        tree.weights.push(Weight::ONE);
        id
    }

    /// The member of a period.
    pub fn of_period(&self, period: Period) -> Option<MemberId> {
        let Kind::Time(calendar) = self.kind else {
            return None;
        };
        self.find(&calendar.name(period)).into_iter().find(|id| self.member(*id).period == Some(period))
    }

    /// Where a coordinate of a time dimension ends: its last month or week, and coarser periods after finer ones.
    pub fn period_end(&self, coordinate: MemberId) -> (Moment, i32) {
        match (self.member(coordinate).period, self.kind) {
            (Some(period), _) => (period.end(), period.grain.months()),
            (None, Kind::Time(calendar)) => ((calendar.last, u8::MAX), i32::MAX),
            (None, _) => ((Month::MAX, u8::MAX), i32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::week_numbered;

    #[test]
    fn a_fiscal_calendar_has_two_trees_over_the_same_months() {
        let calendar = Calendar::of_months(2025 * 12 + 6, 2026 * 12 + 5, 7);
        let period = Dimension::time("period", calendar).unwrap();
        let fiscal = period.find("FY2026")[0];
        assert_eq!(period.leaves(fiscal).len(), 12);
        let quarter = period.find("fy2026-q1")[0];
        let months: Vec<_> = period.leaves(quarter).iter().map(|id| period.path(*id)).collect();
        assert_eq!(
            months,
            ["2025.2025-H2.2025-Q3.2025-07", "2025.2025-H2.2025-Q3.2025-08", "2025.2025-H2.2025-Q3.2025-09"]
        );
        let level = period.level("fiscal_quarter").unwrap();
        assert_eq!(period.members_of_level(level).len(), 4);
        assert_eq!(period.clone().restore().unwrap(), period);
    }

    #[test]
    fn a_calendar_of_weeks_has_each_in_the_month_of_its_thursday() {
        let week = |number| week_numbered(2024, number).unwrap();
        let period = Dimension::time("period", Calendar::of_weeks(week(1), week(52), 2)).unwrap();
        let names = |of: &str| {
            let leaves = period.leaves(period.find(of)[0]);
            leaves.iter().map(|id| period.member(*id).name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names("2024-02"), ["2024-W05", "2024-W06", "2024-W07", "2024-W08", "2024-W09"]);
        assert_eq!(names("FY2025-Q1").len(), 13);
        assert_eq!(names("2024").len(), 52);
        let fiscal = period.level("fiscal_quarter").unwrap();
        assert_eq!(period.members_of_level(fiscal).len(), 5);
        assert_eq!(period.clone().restore().unwrap(), period);
    }

    #[test]
    fn a_calendar_has_bounds() {
        let wrong =
            |first, last, fiscal_start| Dimension::time("t", Calendar::of_months(first, last, fiscal_start)).is_err();
        assert!(wrong(10, 9, 1));
        assert!(wrong(0, 5000, 1));
        assert!(wrong(0, 11, 13));
    }
}
