//! Numbers as they are written: `1_200`, `1.2M`, `15%`; exact, never through floating point.

use super::token::{Decimal, Kind, Problem, continues_word};

/// More decimal places than any measure has.
const MOST_PLACES: usize = 38;

/// The length and value of the number a text starts with.
pub fn scan(rest: &str) -> (usize, Kind) {
    let whole = digits(rest);
    let fraction = fraction(&rest[whole..]);
    let end = whole + fraction;
    let magnitude = magnitude(&rest[end..]);
    let percent = magnitude.is_none() && rest[end..].starts_with('%');
    let length = end + usize::from(magnitude.is_some() || percent);
    let tail = rest[length..].find(|c| !continues_word(c)).unwrap_or(rest.len() - length);
    if tail > 0 {
        return (length + tail, Kind::Bad(Problem::NumberTail));
    }
    match value(&rest[..end], magnitude.unwrap_or(0), percent) {
        Some(value) => (length, Kind::Number(value)),
        None => (length, Kind::Bad(Problem::NumberTooLong)),
    }
}

fn digits(rest: &str) -> usize {
    rest.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(rest.len())
}

/// The length of `.25`; a dot without a digit belongs to something else.
fn fraction(rest: &str) -> usize {
    match rest.strip_prefix('.') {
        Some(after) if after.starts_with(|c: char| c.is_ascii_digit()) => 1 + digits(after),
        _ => 0,
    }
}

/// The power of ten of a suffix that ends the word.
fn magnitude(rest: &str) -> Option<usize> {
    let mut characters = rest.chars();
    let power = match characters.next()?.to_ascii_lowercase() {
        'k' => 3,
        'm' => 6,
        'b' => 9,
        _ => return None,
    };
    (!characters.next().is_some_and(continues_word)).then_some(power)
}

fn value(written: &str, magnitude: usize, percent: bool) -> Option<Decimal> {
    let places = written.split_once('.').map_or(0, |(_, fraction)| fraction.bytes().filter(u8::is_ascii_digit).count());
    let mut units = 0_i128;
    for digit in written.bytes().filter(u8::is_ascii_digit) {
        units = units.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    for _ in places..magnitude {
        units = units.checked_mul(10)?;
    }
    let scale = places.saturating_sub(magnitude) + if percent { 2 } else { 0 };
    if scale > MOST_PLACES {
        return None;
    }
    Some(Decimal { units, scale: u8::try_from(scale).ok()?, percent })
}
