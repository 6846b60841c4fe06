//! Periods and fiscal years: integers of our own.
//!
//! A month is counted from January of year 0. A period is a run of months with a grain; its name
//! says both: `2026`, `2026-H1`, `2026-Q1`, `2026-03`, `FY2026`, `FY2026-Q1`. A fiscal year that
//! starts in another month than January is named after the year in which it ends. A calendar may go
//! on to weeks, `2026-W05`, each in the month that has its Thursday.

mod spelling;
mod week;

pub use spelling::{Written, month_named, read_month, read_period};
pub use week::{Week, week_numbered, weeks_of_year, year_and_number};

use serde::{Deserialize, Serialize};

/// Months since January of year 0.
pub type Month = i32;

/// The length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grain {
    /// Twelve months.
    Year,
    /// Six months.
    Half,
    /// Three months.
    Quarter,
    /// One month.
    Month,
    /// One week, which lies in one month.
    Week,
}

impl Grain {
    /// From the longest to the shortest.
    pub const ALL: [Grain; 5] = [Grain::Year, Grain::Half, Grain::Quarter, Grain::Month, Grain::Week];

    /// How many months a period of this grain lies in.
    pub fn months(self) -> i32 {
        match self {
            Grain::Year => 12,
            Grain::Half => 6,
            Grain::Quarter => 3,
            Grain::Month | Grain::Week => 1,
        }
    }

    /// The level's name.
    pub fn name(self) -> &'static str {
        match self {
            Grain::Year => "year",
            Grain::Half => "half",
            Grain::Quarter => "quarter",
            Grain::Month => "month",
            Grain::Week => "week",
        }
    }

    /// A part of a year as it is written behind the year: `H1`, `Q2`, `03`, `W07`; none for a year.
    pub fn part(self, number: i32) -> Option<String> {
        match self {
            Grain::Year => None,
            Grain::Half => Some(format!("H{number}")),
            Grain::Quarter => Some(format!("Q{number}")),
            Grain::Month => Some(format!("{number:02}")),
            Grain::Week => Some(format!("W{number:02}")),
        }
    }

    /// Whether fiscal and calendar years share periods of this grain.
    pub fn is_shared(self) -> bool {
        matches!(self, Grain::Month | Grain::Week)
    }
}

/// A place in time that orders months, weeks and longer periods: a month, and a week's place in it.
pub type Moment = (Month, u8);

/// A period of a calendar or of a fiscal year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// Its length.
    pub grain: Grain,
    /// Its first month.
    pub first: Month,
    /// Whether it is named after a fiscal year.
    pub fiscal: bool,
    /// Of a week its place among those of its month, from 0; of others 0.
    #[serde(default)]
    pub week: u8,
}

impl Period {
    /// Its last month.
    pub fn last(self) -> Month {
        self.first + self.grain.months() - 1
    }

    /// Where it starts.
    pub fn start(self) -> Moment {
        (self.first, self.week)
    }

    /// Where it ends: a longer period no sooner than any week of its last month.
    pub fn end(self) -> Moment {
        (self.last(), if self.grain == Grain::Week { self.week } else { u8::MAX })
    }

    /// Whether it lies between two places in time.
    pub fn is_within(self, first: Moment, last: Moment) -> bool {
        self.start() >= first && self.end() <= last
    }
}

/// The months or weeks a cube plans for, and where its fiscal year starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The first month.
    pub first: Month,
    /// The last month.
    pub last: Month,
    /// The month (1 to 12) in which the fiscal year starts; 1 where fiscal and calendar years agree.
    pub fiscal_start: u8,
    /// The first and the last week, where it goes on to weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks: Option<(Week, Week)>,
}

impl Calendar {
    /// A calendar of months.
    pub fn of_months(first: Month, last: Month, fiscal_start: u8) -> Self {
        Calendar { first, last, fiscal_start, weeks: None }
    }

    /// A calendar of weeks.
    pub fn of_weeks(first: Week, last: Week, fiscal_start: u8) -> Self {
        let month = |week| Period::of_week(week).first;
        Calendar { first: month(first), last: month(last), fiscal_start, weeks: Some((first, last)) }
    }

    /// Its grains, from the longest to that of its leaves.
    pub fn grains(&self) -> &'static [Grain] {
        if self.weeks.is_some() { &Grain::ALL } else { &Grain::ALL[..4] }
    }

    /// The grain of its leaves.
    pub fn leaf_grain(&self) -> Grain {
        if self.weeks.is_some() { Grain::Week } else { Grain::Month }
    }

    /// Its leaves, in order.
    pub fn leaves(&self) -> Vec<Period> {
        match self.weeks {
            Some((first, last)) => (first..=last).map(Period::of_week).collect(),
            None => (self.first..=self.last).map(|month| self.period_of(month, Grain::Month, false)).collect(),
        }
    }

    /// The names of its first and its last leaf.
    pub fn bounds(&self) -> [String; 2] {
        match self.weeks {
            Some((first, last)) => [first, last].map(|week| self.name(Period::of_week(week))),
            None => [self.first, self.last].map(|month| self.name(self.period_of(month, Grain::Month, false))),
        }
    }

    /// The period that a text of a file means, whether the calendar reaches it or not: of a date the
    /// leaf that holds it.
    pub fn read(&self, text: &str) -> Option<Period> {
        match read_period(text)? {
            Written::Day(year, month, day) if self.weeks.is_some() => {
                Some(Period::of_week(week::week_of_date(year, month, day)))
            }
            Written::Day(year, month, _) => Some(self.period_of(year * 12 + month - 1, Grain::Month, false)),
            Written::Part { grain: Grain::Week, year, number, .. } => week_numbered(year, number).map(Period::of_week),
            Written::Part { grain, year, number, fiscal } => {
                let fiscal = fiscal && self.fiscal_start > 1;
                let start = if fiscal { (year - 1) * 12 + i32::from(self.fiscal_start) - 1 } else { year * 12 };
                Some(self.period_of(start + (number - 1) * grain.months(), grain, fiscal))
            }
        }
    }

    /// The period of a grain of a month or more that holds a month.
    pub fn period_of(&self, month: Month, grain: Grain, fiscal: bool) -> Period {
        let offset = if fiscal { i32::from(self.fiscal_start) - 1 } else { 0 };
        let first = (month - offset).div_euclid(grain.months()) * grain.months() + offset;
        Period { grain, first, fiscal: fiscal && !grain.is_shared(), week: 0 }
    }

    /// A period's name.
    pub fn name(&self, period: Period) -> String {
        let offset = if period.fiscal { i32::from(self.fiscal_start) - 1 } else { 0 };
        let shifted = period.first - offset;
        let named_year = shifted.div_euclid(12) + i32::from(period.fiscal && self.fiscal_start > 1);
        let part = shifted.rem_euclid(12) / period.grain.months() + 1;
        let prefix = if period.fiscal { "FY" } else { "" };
        match period.grain {
            Grain::Year => format!("{prefix}{named_year:04}"),
            Grain::Half => format!("{prefix}{named_year:04}-H{part}"),
            Grain::Quarter => format!("{prefix}{named_year:04}-Q{part}"),
            Grain::Month => format!("{named_year:04}-{part:02}"),
            Grain::Week => {
                let (year, number) = year_and_number(period.first_week());
                format!("{year:04}-W{number:02}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(fiscal_start: u8) -> Calendar {
        Calendar::of_months(2024 * 12, 2026 * 12 + 11, fiscal_start)
    }

    #[test]
    fn periods_are_named_as_people_name_them() {
        let march = 2026 * 12 + 2;
        let names = |start, fiscal| {
            [Grain::Year, Grain::Half, Grain::Quarter, Grain::Month]
                .map(|grain| calendar(start).name(calendar(start).period_of(march, grain, fiscal)))
        };
        assert_eq!(names(1, false), ["2026", "2026-H1", "2026-Q1", "2026-03"]);
        assert_eq!(names(7, true), ["FY2026", "FY2026-H2", "FY2026-Q3", "2026-03"]);
        assert_eq!(names(4, true), ["FY2026", "FY2026-H2", "FY2026-Q4", "2026-03"]);
    }

    #[test]
    fn a_fiscal_year_from_july_has_its_first_quarter_in_the_year_before() {
        let calendar = calendar(7);
        let quarter = calendar.period_of(2025 * 12 + 6, Grain::Quarter, true);
        assert_eq!(calendar.name(quarter), "FY2026-Q1");
        assert_eq!((quarter.first, quarter.last()), (2025 * 12 + 6, 2025 * 12 + 8));
    }

    #[test]
    fn a_text_means_a_period() {
        let weekly = Calendar::of_weeks(week_numbered(2026, 1).unwrap(), week_numbered(2026, 53).unwrap(), 4);
        let read = |calendar: Calendar, text| calendar.read(text).map(|period| calendar.name(period));
        let found = |text| (read(calendar(4), text), read(weekly, text));
        let both = |name: &str| (Some(name.to_owned()), Some(name.to_owned()));
        assert_eq!(found("2026-03-31"), (Some("2026-03".into()), Some("2026-W14".into())));
        assert_eq!(found("March 2026"), both("2026-03"));
        assert_eq!(found("Q1 2026"), both("2026-Q1"));
        assert_eq!(found("Q1 FY2026"), both("FY2026-Q1"));
        assert_eq!(found("W53 2026"), both("2026-W53"));
        assert_eq!(found("W53 2024"), (None, None));
    }
}
