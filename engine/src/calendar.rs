//! Periods and fiscal years: integers of our own, no dates.
//!
//! A month is counted from January of year 0. A period is a run of months with a grain; its name
//! says both: `2026`, `2026-H1`, `2026-Q1`, `2026-03`, `FY2026`, `FY2026-Q1`. A fiscal year that
//! starts in another month than January is named after the year in which it ends.

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
}

impl Grain {
    /// From the longest to the shortest.
    pub const ALL: [Grain; 4] = [Grain::Year, Grain::Half, Grain::Quarter, Grain::Month];

    /// How many months a period of this grain has.
    pub fn months(self) -> i32 {
        match self {
            Grain::Year => 12,
            Grain::Half => 6,
            Grain::Quarter => 3,
            Grain::Month => 1,
        }
    }

    /// The level's name.
    pub fn name(self) -> &'static str {
        match self {
            Grain::Year => "year",
            Grain::Half => "half",
            Grain::Quarter => "quarter",
            Grain::Month => "month",
        }
    }
}

/// A period of a calendar or of a fiscal year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Period {
    /// Its length.
    pub grain: Grain,
    /// Its first month.
    pub first: Month,
    /// Whether it is named after a fiscal year.
    pub fiscal: bool,
}

impl Period {
    /// Its last month.
    pub fn last(self) -> Month {
        self.first + self.grain.months() - 1
    }
}

/// The months a cube plans for, and where its fiscal year starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The first month.
    pub first: Month,
    /// The last month.
    pub last: Month,
    /// The month (1 to 12) in which the fiscal year starts; 1 where fiscal and calendar years agree.
    pub fiscal_start: u8,
}

impl Calendar {
    /// The period of a grain that holds a month.
    pub fn period_of(&self, month: Month, grain: Grain, fiscal: bool) -> Period {
        let offset = if fiscal { i32::from(self.fiscal_start) - 1 } else { 0 };
        let first = (month - offset).div_euclid(grain.months()) * grain.months() + offset;
        Period { grain, first, fiscal: fiscal && grain != Grain::Month }
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
        }
    }
}

/// Reads `2026-03` or a date in it (`2026-03-31`, `20260331`, `2026-03-31T00:00:00`, `202603`) as its month.
pub fn parse_month(text: &str) -> Option<Month> {
    let text = text.trim();
    let date = text.split(['T', ' ']).next()?;
    if !date.is_ascii() {
        return None;
    }
    let parts: Vec<&str> = date.split(['-', '/']).collect();
    let (year, month, day) = match parts.as_slice() {
        [year, month] => (*year, *month, "1"),
        [year, month, day] => (*year, *month, *day),
        [digits] if digits.len() == 8 => (&digits[..4], &digits[4..6], &digits[6..]),
        [digits] if digits.len() == 6 => (&digits[..4], &digits[4..], "1"),
        _ => return None,
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || month.len() > 2 || day.len() > 2 || !(digits(year) && digits(month) && digits(day)) {
        return None;
    }
    let (year, month, day) = (year.parse::<i32>().ok()?, month.parse::<i32>().ok()?, day.parse::<i32>().ok()?);
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(year * 12 + month - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calendar(fiscal_start: u8) -> Calendar {
        Calendar { first: 2024 * 12, last: 2026 * 12 + 11, fiscal_start }
    }

    #[test]
    fn periods_are_named_as_people_name_them() {
        let march = 2026 * 12 + 2;
        let names = |start, fiscal| {
            Grain::ALL.map(|grain| calendar(start).name(calendar(start).period_of(march, grain, fiscal)))
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
    fn months_are_read_from_dates() {
        for text in ["2026-03", "2026-03-31", "20260331", "202603", "2026/03/31", "2026-03-31T00:00:00"] {
            assert_eq!(parse_month(text), Some(2026 * 12 + 2), "{text}");
        }
        for text in ["2026", "2026-13", "March", "2026-00", "99-01", "", "2026-03-41"] {
            assert_eq!(parse_month(text), None, "{text}");
        }
    }
}
