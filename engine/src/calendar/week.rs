//! ISO 8601 weeks: seven days from Monday, in the year and the month that have their Thursday.
//!
//! A week is counted from that of 1970-01-01, a Thursday, so that the Thursday of week `n` is day
//! `7 n` after it. Days and dates are converted as Howard Hinnant's "chrono-Compatible Low-Level Date
//! Algorithms" do.

use super::{Grain, Month, Period};

/// Weeks since that of 1970-01-01.
pub type Week = i32;

/// The week of a day that there is: a year, a month from 1 and a day from 1.
pub fn week_of_date(year: i32, month: i32, day: i32) -> Week {
    (day_number(year, month, day) + 3).div_euclid(7)
}

/// Whether there is a day of this date.
pub fn is_date(year: i32, month: i32, day: i32) -> bool {
    (1..=12).contains(&month) && date_of(day_number(year, month, day)) == (year, month, day)
}

/// The week of a number in a year; none where the year has no week of that number.
pub fn week_numbered(year: i32, number: i32) -> Option<Week> {
    let week = first_of_month(year * 12) + number - 1;
    (number > 0 && year_of(week) == year).then_some(week)
}

/// How many weeks a year has: 52 or 53.
pub fn weeks_of_year(year: i32) -> i32 {
    first_of_month((year + 1) * 12) - first_of_month(year * 12)
}

/// The first week whose Thursday lies in a month or after it.
pub fn first_of_month(month: Month) -> Week {
    (day_number(month.div_euclid(12), month.rem_euclid(12) + 1, 1) + 6).div_euclid(7)
}

/// The year and the number of a week: 2024 and 5 for `2024-W05`.
pub fn year_and_number(week: Week) -> (i32, i32) {
    let year = year_of(week);
    (year, week - first_of_month(year * 12) + 1)
}

impl Period {
    /// A week as a period: its month, and its place among the weeks of that month.
    pub fn of_week(week: Week) -> Self {
        let (year, month, day) = date_of(7 * week);
        Period { grain: Grain::Week, first: year * 12 + month - 1, fiscal: false, week: ((day - 1) / 7) as u8 }
    }

    /// The first of the weeks of a period, whether a calendar has it or not; of a week the week itself.
    pub fn first_week(self) -> Week {
        first_of_month(self.first) + i32::from(self.week)
    }

    /// The last of the weeks of a period; of a week the week itself.
    pub fn last_week(self) -> Week {
        match self.grain {
            Grain::Week => self.first_week(),
            _ => first_of_month(self.last() + 1) - 1,
        }
    }
}

fn year_of(week: Week) -> i32 {
    date_of(7 * week).0
}

/// Days since 1970-01-01.
fn day_number(year: i32, month: i32, day: i32) -> i32 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The year, month and day so many days after 1970-01-01.
fn date_of(day: i32) -> (i32, i32, i32) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = (from_march + 2) % 12 + 1;
    (era * 400 + year + i32::from(month <= 2), month, of_year - (153 * from_march + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_converted_both_ways() {
        for (date, day) in [((1970, 1, 1), 0), ((2024, 2, 29), 19_782), ((1969, 12, 31), -1), ((2000, 3, 1), 11_017)] {
            assert_eq!((day_number(date.0, date.1, date.2), date_of(day)), (day, date));
        }
        assert!(is_date(2024, 2, 29) && !is_date(2023, 2, 29) && !is_date(2024, 13, 1) && !is_date(2024, 4, 31));
    }

    #[test]
    fn a_week_is_in_the_year_of_its_thursday() {
        let number = |year, month, day| year_and_number(week_of_date(year, month, day));
        assert_eq!(number(2024, 1, 1), (2024, 1));
        assert_eq!(number(2024, 12, 30), (2025, 1));
        assert_eq!(number(2027, 1, 3), (2026, 53));
        assert_eq!(number(2023, 1, 1), (2022, 52));
        assert_eq!([2020, 2024, 2026, 2027].map(weeks_of_year), [53, 52, 53, 52]);
        assert_eq!((week_numbered(2024, 53), week_numbered(2024, 0)), (None, None));
        assert_eq!(week_numbered(2026, 53).map(year_and_number), Some((2026, 53)));
    }

    #[test]
    fn a_week_is_in_the_month_of_its_thursday() {
        let place = |number| week_numbered(2024, number).map(Period::of_week).unwrap();
        // 2024-02-01 is a Thursday.
        assert_eq!((place(4).first, place(4).week), (2024 * 12, 3));
        assert_eq!((place(5).first, place(5).week), (2024 * 12 + 1, 0));
        for number in 1..=52 {
            assert_eq!(Some(place(number).first_week()), week_numbered(2024, number));
        }
        let february = Period { grain: Grain::Month, first: 2024 * 12 + 1, fiscal: false, week: 0 };
        assert_eq!(february.last_week() - february.first_week() + 1, 5);
    }
}
