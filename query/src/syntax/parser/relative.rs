//! Selections that start from the cell they are asked for: `prev year`, `ytd`, `trailing 12 months`.

use nom::Parser;
use nom::combinator::cut;

use super::basics::{PResult, Tokens, count, name, name_kind};
use crate::syntax::ast::{Condition, Count, NameKind, Relative, TimeUnit};
use crate::syntax::failure::{Failure, What};
use crate::syntax::keywords::among;
use crate::syntax::token::{Class, Kind, Token};

const UNITS: [(&str, &str, TimeUnit); 5] = [
    ("week", "weeks", TimeUnit::Week),
    ("month", "months", TimeUnit::Month),
    ("quarter", "quarters", TimeUnit::Quarter),
    ("half", "halves", TimeUnit::Half),
    ("year", "years", TimeUnit::Year),
];

const TO_DATE: [(&str, TimeUnit); 4] =
    [("ytd", TimeUnit::Year), ("htd", TimeUnit::Half), ("qtd", TimeUnit::Quarter), ("mtd", TimeUnit::Month)];

/// Any of them; words that would be names elsewhere are left alone.
pub fn relative(i: Tokens<'_>) -> PResult<'_, Condition> {
    let found = match i.peek(0) {
        Some(token) if is_any(token, &["prev", "next"]) && is_counted(i) => shift(i)?,
        Some(token) if is_any(token, &["trailing"]) && is_counted(i) => trailing(i)?,
        Some(token) => match to_date(token).filter(|_| stands_alone(i)) {
            Some(unit) => i.accept(Class::Keyword, Relative::ToDate(unit))?,
            None => return none(i),
        },
        None => return none(i),
    };
    let (rest, relative) = found;
    let span = i.span_to(&rest);
    Ok((rest, Condition::Relative(relative, span)))
}

/// `prev 3 months`
fn shift(i: Tokens<'_>) -> PResult<'_, Relative> {
    let back = i.is_word(0, "prev");
    let (rest, ()) = i.accept(Class::Keyword, ())?;
    let (rest, (count, unit)) = counted(rest)?;
    Ok((rest, Relative::Shift { back, count, unit }))
}

/// `trailing 12 months`
fn trailing(i: Tokens<'_>) -> PResult<'_, Relative> {
    let (rest, ()) = i.accept(Class::Keyword, ())?;
    if rest.peek(0).and_then(unit).is_some() {
        return cut(how_many).parse(rest);
    }
    let (rest, (count, unit)) = counted(rest)?;
    Ok((rest, Relative::Trailing { count, unit }))
}

/// `year`, `3 months`, `slip months`
fn counted(i: Tokens<'_>) -> PResult<'_, (Count, TimeUnit)> {
    if i.peek(0).and_then(unit).is_some() {
        let (rest, unit) = time_unit(i)?;
        return Ok((rest, (Count::One, unit)));
    }
    let (rest, many) = match i.peek(0).map(|token| token.kind) {
        Some(Kind::Number(_)) => {
            let (rest, number) = cut(count).parse(i)?;
            (rest, Count::Number(number))
        }
        _ => {
            let (rest, name) = cut(name).parse(i)?;
            (rest, Count::Named(name))
        }
    };
    let (rest, unit) = cut(time_unit).parse(rest)?;
    Ok((rest, (many, unit)))
}

fn time_unit(i: Tokens<'_>) -> PResult<'_, TimeUnit> {
    match i.peek(0).and_then(unit) {
        Some(unit) => i.accept(Class::Keyword, unit),
        None => i.miss(What::Thing("week, month, quarter, half or year")),
    }
}

fn unit(token: &Token<'_>) -> Option<TimeUnit> {
    let known = |(one, many, _): &&(&str, &str, TimeUnit)| is_any(token, &[one, many]);
    UNITS.iter().find(known).map(|(.., unit)| *unit)
}

fn to_date(token: &Token<'_>) -> Option<TimeUnit> {
    TO_DATE.iter().find(|(word, _)| is_any(token, &[word])).map(|(_, unit)| *unit)
}

fn is_any(token: &Token<'_>, words: &[&str]) -> bool {
    token.kind == Kind::Word && among(token.text, words)
}

/// Whether a unit follows, or a number, or a name and a unit.
fn is_counted(i: Tokens<'_>) -> bool {
    let Some(next) = i.peek(1) else { return false };
    let named =
        || matches!(name_kind(next), Some(NameKind::Bare | NameKind::Quoted)) && i.peek(2).and_then(unit).is_some();
    unit(next).is_some() || matches!(next.kind, Kind::Number(_)) || named()
}

/// Whether a word is a selection by itself, not the start of `ytd.x` or `ytd = x`.
fn stands_alone(i: Tokens<'_>) -> bool {
    i.peek(1).is_none_or(|next| match next.kind {
        Kind::Symbol(symbol) => [",", "]", ")", ";"].contains(&symbol),
        Kind::Word if among(next.text, &["like"]) => i.peek(2).is_none_or(|pattern| pattern.kind != Kind::Text),
        Kind::Word => !among(next.text, &["in", "not"]),
        _ => false,
    })
}

/// What `trailing` cannot do without.
fn how_many<T>(i: Tokens<'_>) -> PResult<'_, T> {
    i.miss(What::Thing("how many, as trailing 12 months"))
}

/// Not worth telling as expected.
fn none<T>(i: Tokens<'_>) -> PResult<'_, T> {
    i.fail(Failure::new(i.at(), What::Thing("a relative period"), true))
}
