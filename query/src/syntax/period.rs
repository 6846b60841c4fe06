//! Words of the calendar, written without spaces: `2026-03`, `2026-Q1`, `2026-W05`, `FY2026-H1`.

use super::token::{Kind, Problem, continues_word};

/// The length and kind of the period a text starts with; a bare year is left to the numbers.
pub fn scan(rest: &str) -> Option<(usize, Kind)> {
    let fiscal = if rest.get(..2)?.eq_ignore_ascii_case("FY") { 2 } else { 0 };
    let year = rest.get(fiscal..fiscal + 4)?;
    if !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let end = fiscal + 4;
    if let Some(known) = week(&rest[end..]) {
        let kind = if known && fiscal == 0 { Kind::Period } else { Kind::Bad(Problem::NoSuchPeriod) };
        return Some((end + 4, kind));
    }
    match part(&rest[end..]) {
        Some(true) => Some((end + 3, Kind::Period)),
        Some(false) => Some((end + 3, Kind::Bad(Problem::NoSuchPeriod))),
        None if fiscal > 0 && !rest[end..].starts_with(continues_word) => Some((end, Kind::Period)),
        None => None,
    }
}

/// Whether a text starts with a part of a year, as `-Q1`, and then whether there is such a part.
fn part(rest: &str) -> Option<bool> {
    let [b'-', first, second] = *rest.as_bytes().first_chunk::<3>()? else {
        return None;
    };
    if !second.is_ascii_digit() || rest[3..].starts_with(continues_word) {
        return None;
    }
    match first.to_ascii_uppercase() {
        b'H' => Some(matches!(second, b'1' | b'2')),
        b'Q' => Some(matches!(second, b'1'..=b'4')),
        b'0' => Some(second != b'0'),
        b'1' => Some(second <= b'2'),
        b'2'..=b'9' => Some(false),
        _ => None,
    }
}

/// Whether a text starts with a week, as `-W05`, and then whether a year may have one of this number.
fn week(rest: &str) -> Option<bool> {
    let [b'-', b'W' | b'w', first, second] = *rest.as_bytes().first_chunk::<4>()? else {
        return None;
    };
    if !(first.is_ascii_digit() && second.is_ascii_digit()) || rest[4..].starts_with(continues_word) {
        return None;
    }
    Some((1..=53).contains(&((first - b'0') * 10 + second - b'0')))
}
