//! Amounts as people say them, `8.5 million`, `500 USD`, `+5%`, `cost * 0.96`, and how they are written here.

use super::change::is_comparison;
use super::{Place, written};
use crate::syntax::keywords::{among, is_reserved};
use crate::syntax::token::{Kind, Token};
use engine::decimal::{Decimal, power_of_ten};

/// Statements in which an amount stands.
const VERBS: [&str; 8] = ["set", "add", "move", "fill", "ramp", "allocate", "seek", "define"];

/// Words for a power of ten, and the letter behind a number that means the same.
const POWERS: [(&[&str], &str); 3] = [
    (&["thousand", "thousands", "tsd"], "k"),
    (&["million", "millions", "mio", "mn", "mln"], "M"),
    (&["billion", "billions", "bn", "mrd"], "B"),
];

/// The advice for what stands around a number.
pub fn amount(place: Place<'_, '_>) -> Option<String> {
    let (first, found) = (place.tokens.first().filter(|first| among(first.text, &VERBS))?, place.found()?);
    let times = || place.next().filter(|next| next.is_symbol("*")).and_then(|_| place.tokens.get(place.at + 2));
    power(place, found)
        .or_else(|| unit(place, found))
        .or_else(|| sign(place, found))
        .or_else(|| factor(first, found, times()?))
        .or_else(|| slice(first, place))
}

/// The number before the word that was not expected.
fn number<'t>(place: Place<'t, '_>) -> Option<&'t str> {
    place.previous().filter(|previous| matches!(previous.kind, Kind::Number(_))).map(|previous| previous.text)
}

fn power(place: Place<'_, '_>, found: &Token<'_>) -> Option<String> {
    let (_, letter) = POWERS.iter().find(|(words, _)| among(found.text, words))?;
    Some(format!("a {} is written with a letter behind the number: {}{letter}", found.text, number(place)?))
}

fn unit(place: Place<'_, '_>, found: &Token<'_>) -> Option<String> {
    let is_name = found.kind == Kind::Word && !is_reserved(found.text) && !is_comparison(found);
    let sliced = !place.has_where() && place.next().is_some_and(|next| next.is_word("where"));
    let number = number(place).filter(|number| is_name && sliced && !number.ends_with('%'))?;
    Some(format!("the unit is the measure's, and is not written: {number}"))
}

fn sign(place: Place<'_, '_>, found: &Token<'_>) -> Option<String> {
    let next = place.next().filter(|next| found.is_symbol("+") && matches!(next.kind, Kind::Number(_)))?;
    Some(format!("an amount has no plus sign: {}", next.text))
}

/// `set cost to cost * 0.96`
fn factor(first: &Token<'_>, found: &Token<'_>, factor: &Token<'_>) -> Option<String> {
    let Kind::Number(times) = factor.kind else { return None };
    let hundred = Decimal::new(times.units.checked_sub(power_of_ten(times.scale))?, times.scale.max(2));
    let percent =
        Decimal::new(hundred.units.checked_mul(power_of_ten(hundred.scale - times.scale))?, hundred.scale - 2);
    let measure = found.text;
    (first.is_word("set") && found.kind == Kind::Word)
        .then(|| format!("to multiply what is there: add {percent}% to {measure} where …"))
}

/// `set cost to cost[plan] * 1.2`
fn slice(first: &Token<'_>, place: Place<'_, '_>) -> Option<String> {
    let measure = place.found().filter(|found| first.is_word("set") && found.kind == Kind::Word)?.text;
    let rest = place.tokens.get(place.at + 1..)?;
    let close = rest.iter().position(|token| token.is_symbol("]")).filter(|_| rest[0].is_symbol("["))?;
    let from = written(rest.get(1..close)?);
    let times = match rest.get(close + 1..) {
        Some([by, factor, ..]) if by.is_symbol("*") && matches!(factor.kind, Kind::Number(_)) => {
            format!(" times {}", factor.text)
        }
        _ => String::new(),
    };
    Some(format!(
        "an amount is a number; leaves are taken over from another slice with: copy {measure} from {from} to …{times}"
    ))
}
