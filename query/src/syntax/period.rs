//! Words of the calendar, written without spaces: `2026-03`, `2026-Q1`, `FY2026-H1`.

use super::token::{Kind, Problem, continues_word};

/// The length and kind of the period a text starts with; a bare year is left to the numbers.
pub fn scan(rest: &str) -> Option<(usize, Kind)> {
    let fiscal = if rest.get(..2)?.eq_ignore_ascii_case("FY") { 2 } else { 0 };
    let year = rest.get(fiscal..fiscal + 4)?;
    if !year.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let end = fiscal + 4;
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
