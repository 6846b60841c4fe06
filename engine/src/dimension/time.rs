//! The time dimension: its members made from a calendar.

use super::{Dimension, Hierarchy, Kind, MemberId, NewMember};
use crate::calendar::{Calendar, Grain, Month, Period};
use crate::error::{EngineError, Result};
use crate::weight::Weight;

/// The most months a calendar may have: two centuries.
const MAX_MONTHS: i32 = 2400;

impl Dimension {
    /// A time dimension: year > half > quarter > month, and a fiscal tree where the fiscal year
    /// does not start in January.
    pub fn time(name: &str, calendar: Calendar) -> Result<Self> {
        if calendar.last < calendar.first || calendar.last - calendar.first >= MAX_MONTHS {
            return Err(EngineError::Model(format!(
                "a calendar runs from its first to its last month, over at most {MAX_MONTHS} months"
            )));
        }
        if !(1..=12).contains(&calendar.fiscal_start) {
            return Err(EngineError::Model("a fiscal year starts in a month from 1 to 12".into()));
        }
        let levels = Grain::ALL.iter().map(|grain| grain.name().to_owned()).collect();
        let mut dimension = Dimension::new(name, Kind::Time(calendar), levels);
        for month in calendar.first..=calendar.last {
            dimension.add_calendar_path(calendar, month)?;
        }
        if calendar.fiscal_start != 1 {
            dimension.add_fiscal_tree(calendar)?;
        }
        dimension.seal();
        Ok(dimension)
    }

    fn add_calendar_path(&mut self, calendar: Calendar, month: Month) -> Result<()> {
        let mut parent = MemberId::ROOT;
        for grain in Grain::ALL {
            let period = calendar.period_of(month, grain, false);
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
        levels.push(Grain::Month.name().to_owned());
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
            if let Some(leaf) = self.of_period(calendar.period_of(month, Grain::Month, false)) {
                tree.parents[leaf.index()] = Some(parent);
            }
        }
        self.hierarchies[0].parents.resize(self.members.len(), None);
        self.hierarchies[0].weights.resize(self.members.len(), Weight::ONE);
        self.hierarchies.push(tree);
        Ok(())
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

    /// Where a coordinate of a time dimension ends: its last month, and coarser periods after finer ones.
    pub fn period_end(&self, coordinate: MemberId) -> (Month, i32) {
        match (self.member(coordinate).period, self.kind) {
            (Some(period), _) => (period.last(), period.grain.months()),
            (None, Kind::Time(calendar)) => (calendar.last, i32::MAX),
            (None, _) => (Month::MAX, i32::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_calendar_has_two_trees_over_the_same_months() {
        let calendar = Calendar { first: 2025 * 12 + 6, last: 2026 * 12 + 5, fiscal_start: 7 };
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
    fn a_calendar_has_bounds() {
        let wrong = |first, last, fiscal_start| Dimension::time("t", Calendar { first, last, fiscal_start }).is_err();
        assert!(wrong(10, 9, 1));
        assert!(wrong(0, 5000, 1));
        assert!(wrong(0, 11, 13));
    }
}
