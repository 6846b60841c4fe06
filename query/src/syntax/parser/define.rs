//! Names for formulas and numbers: `define`, `set NAME = VALUE`.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::cut;
use nom::multi::many0;

use super::basics::{
    PResult, Tokens, after, name, number, path, quiet_symbol, quiet_word, refuse, symbol, text, word, words,
};
use super::formula::formula;
use crate::syntax::ast::{Body, Define, Name, Path, Span, Statement};

/// What may stand after the formula.
#[derive(Clone)]
enum Trait {
    AtLeaves,
    Unit(String),
    Format(String),
    FavoursHigher(bool),
}

/// `define margin = (revenue - cost) / revenue format '0.0%'`
pub fn define(i: Tokens<'_>) -> PResult<'_, Statement> {
    after("define", defined).map(Statement::Define).parse(i)
}

fn defined(i: Tokens<'_>) -> PResult<'_, Define> {
    let (i, name) = path(i)?;
    let (i, ()) = symbol("=")(i)?;
    let (i, body) = alt((through, formula.map(Body::Formula))).parse(i)?;
    let (i, traits) = many0(spanned_trait).parse(i)?;
    let mut define = Define { name, body, at_leaves: false, unit: None, format: None, favours_higher: None };
    for (given, span) in traits {
        if put(&mut define, given) {
            return refuse(span, "an option of the definition is given twice", "already given before");
        }
    }
    Ok((i, define))
}

/// Sets an option; whether it was there already.
fn put(define: &mut Define, given: Trait) -> bool {
    match given {
        Trait::AtLeaves => std::mem::replace(&mut define.at_leaves, true),
        Trait::Unit(text) => define.unit.replace(text).is_some(),
        Trait::Format(text) => define.format.replace(text).is_some(),
        Trait::FavoursHigher(higher) => define.favours_higher.replace(higher).is_some(),
    }
}

fn spanned_trait(i: Tokens<'_>) -> PResult<'_, (Trait, Span)> {
    let (rest, given) = alt((
        words("at", "leaves").map(|_| Trait::AtLeaves),
        after("unit", text).map(Trait::Unit),
        after("format", text).map(Trait::Format),
        super::model::favours.map(Trait::FavoursHigher),
    ))
    .parse(i)?;
    let span = i.span_to(&rest);
    Ok((rest, (given, span)))
}

/// `actual through 2026-03 then plan`, perhaps over more than one cut.
fn through(i: Tokens<'_>) -> PResult<'_, Body> {
    let (mut rest, first) = part(i)?;
    let mut parts = vec![first];
    loop {
        let (next, _) = cut(word("then")).parse(rest)?;
        match part(next) {
            Ok((next, more)) => {
                parts.push(more);
                rest = next;
            }
            Err(nom::Err::Error(_)) => {
                let (rest, then) = cut(path).parse(next)?;
                return Ok((rest, Body::Through { parts, then }));
            }
            Err(error) => return Err(error),
        }
    }
}

/// `actual through 2026-03`
fn part(i: Tokens<'_>) -> PResult<'_, (Path, Name)> {
    let (i, member) = path(i)?;
    let (i, _) = quiet_word("through")(i)?;
    let (i, last) = cut(name).parse(i)?;
    Ok((i, (member, last)))
}

/// `set slip = 3`; anything else after `set` is a change.
pub fn set_number(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = word("set")(i)?;
    let (i, name) = name(i)?;
    let (i, ()) = quiet_symbol("=")(i)?;
    let (i, value) = cut(number).parse(i)?;
    Ok((i, Statement::SetNumber { name, value }))
}
