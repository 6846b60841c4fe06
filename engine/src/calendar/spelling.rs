//! How files write periods: `2026-03-31`, `Mar 2026`, `2026M03`, `Q1 2026`, `FY2026-Q1`, `2026-W05`.

use super::week::is_date;
use super::{Grain, Month};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// What a text says of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// A year, a month from 1 and a day from 1, which there is.
    Day(i32, i32, i32),
    /// A part of a year.
    Part {
        /// Its length, from half a year down.
        grain: Grain,
        /// The year.
        year: i32,
        /// Which part, from 1; a week may be one that the year does not have.
        number: i32,
        /// Whether the year is a fiscal one.
        fiscal: bool,
    },
}

/// Reads a date or a part of a year. None for anything else, a year alone among it.
pub fn read_period(text: &str) -> Option<Written> {
    let text = text.trim();
    if !text.is_ascii() {
        return None;
    }
    in_digits(text).or_else(|| in_words(text))
}

/// Reads a date or a month as a month.
pub fn read_month(text: &str) -> Option<Month> {
    match read_period(text)? {
        Written::Day(year, month, _) => Some(year * 12 + month - 1),
        Written::Part { grain: Grain::Month, year, number, .. } => Some(year * 12 + number - 1),
        Written::Part { .. } => None,
    }
}

/// `2026-03`, `2026/3`, `202603`, `2026-03-31`, `20260331`, `2026-03-31T00:00:00`
fn in_digits(text: &str) -> Option<Written> {
    let date = text.split(['T', ' ']).next()?;
    let parts: Vec<&str> = date.split(['-', '/']).collect();
    match parts.as_slice() {
        [year, month, date] => day(year, digits(month)?, date),
        [whole] if whole.len() == 8 => day(&whole[..4], digits(&whole[4..6])?, &whole[6..]),
        _ if date != text => None,
        [year, month] => part(Grain::Month, year, month, false),
        [whole] if whole.len() == 6 => part(Grain::Month, &whole[..4], &whole[4..], false),
        _ => None,
    }
}

/// `Mar 2026`, `31 March 2026`, `2026M03`, `Q1 2026`, `FY2026-Q1`, `W05/2026`
fn in_words(text: &str) -> Option<Written> {
    let lower = text.to_ascii_lowercase();
    match runs(&lower)?.as_slice() {
        ["fy", year, letter, number] | [letter, number, "fy", year] => {
            part(grain_of(letter)?, year, number, true).filter(|written| !is_shared(written))
        }
        [date, name, year] if month_named(name).is_some() => day(year, month_named(name)?, date),
        [year, letter, number] if grain_of(letter).is_some() => part(grain_of(letter)?, year, number, false),
        [letter, number, year] => part(grain_of(letter)?, year, number, false),
        [year, name] if month_named(name).is_some() => month_of(year, month_named(name)?),
        [name, year] => month_of(year, month_named(name)?),
        _ => None,
    }
}

fn is_shared(written: &Written) -> bool {
    matches!(written, Written::Part { grain, .. } if grain.is_shared())
}

/// Runs of letters and of digits; none where anything but blanks and `-/.,_` stands between them.
fn runs(text: &str) -> Option<Vec<&str>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let of: fn(&u8) -> bool = match first {
            b'0'..=b'9' => u8::is_ascii_digit,
            b'a'..=b'z' => u8::is_ascii_lowercase,
            b' ' | b'-' | b'/' | b'.' | b',' | b'_' => {
                rest = &rest[1..];
                continue;
            }
            _ => return None,
        };
        let end = rest.bytes().position(|byte| !of(&byte)).unwrap_or(rest.len());
        found.push(&rest[..end]);
        rest = &rest[end..];
    }
    Some(found)
}

fn day(year: &str, month: i32, day: &str) -> Option<Written> {
    let (year, day) = (year_of(year)?, digits(day)?);
    is_date(year, month, day).then_some(Written::Day(year, month, day))
}

fn month_of(year: &str, number: i32) -> Option<Written> {
    Some(Written::Part { grain: Grain::Month, year: year_of(year)?, number, fiscal: false })
}

fn part(grain: Grain, year: &str, number: &str, fiscal: bool) -> Option<Written> {
    let (year, number) = (year_of(year)?, digits(number)?);
    let most = if grain == Grain::Week { 53 } else { 12 / grain.months() };
    (1..=most).contains(&number).then_some(Written::Part { grain, year, number, fiscal })
}

fn year_of(text: &str) -> Option<i32> {
    text.parse().ok().filter(|_| text.len() == 4 && is_digits(text))
}

/// One or two digits.
fn digits(text: &str) -> Option<i32> {
    text.parse().ok().filter(|_| text.len() <= 2 && is_digits(text))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn grain_of(letter: &str) -> Option<Grain> {
    match letter {
        "h" => Some(Grain::Half),
        "q" => Some(Grain::Quarter),
        "m" => Some(Grain::Month),
        "w" | "week" => Some(Grain::Week),
        _ => None,
    }
}

/// The month, from 1, of an English name in small letters, `march`, or of its first letters from three on.
pub fn month_named(name: &str) -> Option<i32> {
    let place = MONTHS.iter().position(|month| name.len() >= 3 && month.starts_with(name));
    place.or_else(|| (name == "sept").then_some(8)).map(|place| place as i32 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_read_from_dates_and_names() {
        let march = 2026 * 12 + 2;
        for text in [
            "2026-03",
            "2026-03-31",
            "20260331",
            "202603",
            "2026/03/31",
            "2026/3",
            "2026-03-31T00:00:00",
            "2026-03-31 12:30",
            "Mar 2026",
            "March 2026",
            "mar-2026",
            "2026 March",
            "31 Mar 2026",
            "2026M03",
            "2026-M3",
            "M03 2026",
        ] {
            assert_eq!(read_month(text), Some(march), "{text}");
        }
        for text in [
            "2026",
            "2026-13",
            "March",
            "2026-00",
            "99-01",
            "",
            "2026-03-41",
            "2026-02-30",
            "Ma 2026",
            "Marc 26",
            "2026-03 net",
            "2026M13",
            "Q1 2026",
            "March: 2026",
            "März 2026",
            "Q5 2026",
            "H3 2026",
            "W54 2026",
        ] {
            assert_eq!(read_month(text), None, "{text}");
        }
    }

    #[test]
    fn parts_of_years_are_read() {
        let part = |grain, number, fiscal| Some(Written::Part { grain, year: 2026, number, fiscal });
        for text in ["Q1 2026", "2026Q1", "2026-q1", "Q1/2026"] {
            assert_eq!(read_period(text), part(Grain::Quarter, 1, false), "{text}");
        }
        assert_eq!(read_period("H2 2026"), part(Grain::Half, 2, false));
        for text in ["FY2026-Q1", "FY2026 Q1", "Q1 FY2026"] {
            assert_eq!(read_period(text), part(Grain::Quarter, 1, true), "{text}");
        }
        for text in ["2026-W05", "2026W05", "W5 2026", "week 5, 2026"] {
            assert_eq!(read_period(text), part(Grain::Week, 5, false), "{text}");
        }
        assert_eq!(read_period("FY2026-W05"), None);
        assert_eq!([read_period("Q5 2026"), read_period("W54 2026"), read_period("2026-W00")], [None; 3]);
    }
}
