//! What `solve` has to meet.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt};
use nom::multi::separated_list1;
use nom::sequence::preceded;

use super::basics::{PResult, Tokens, after, list, number, path, symbol, word, words};
use super::selection::comparison_operator;
use crate::syntax::ast::{Comparison, Condition, Demand, Demanded, Number};
use crate::syntax::failure::{Failure, What};

/// `so that total where Engineering <= 20, each project >= 2`
pub fn so_that(i: Tokens<'_>) -> PResult<'_, Vec<Demand>> {
    preceded(words("so", "that"), cut(list(demand))).parse(i)
}

/// `in whole`: the step is 1.
pub fn in_whole(i: Tokens<'_>) -> PResult<'_, Number> {
    let (rest, span) = words("in", "whole")(i)?;
    Ok((rest, Number { units: 1, scale: 0, percent: false, span }))
}

fn demand(i: Tokens<'_>) -> PResult<'_, Demand> {
    let (rest, of) = alt((total, each, part.map(Demanded::Part))).parse(i)?;
    let (rest, comparison) = compared(rest)?;
    let (rest, value) = number(rest)?;
    Ok((rest, Demand { of, comparison, value, span: i.span_to(&rest) }))
}

/// `<=`, `>=` or `=`
fn compared(i: Tokens<'_>) -> PResult<'_, Comparison> {
    match comparison_operator(i) {
        Ok((rest, comparison @ (Comparison::Equal | Comparison::LessOrEqual | Comparison::GreaterOrEqual))) => {
            Ok((rest, comparison))
        }
        _ => i.fail(Failure::new(i.at(), What::Thing("<=, >= or ="), false)),
    }
}

/// `total`, `total where Engineering`; a member called total needs quotes here.
fn total(i: Tokens<'_>) -> PResult<'_, Demanded> {
    let (i, _) = word("total")(i)?;
    opt(after("where", part)).map(|conditions| Demanded::Part(conditions.unwrap_or_default())).parse(i)
}

/// `each project where Engineering`, `each project in 2026-Q2`
fn each(i: Tokens<'_>) -> PResult<'_, Demanded> {
    let (i, _) = word("each")(i)?;
    let (i, item) = cut(path).parse(i)?;
    let (i, conditions) = opt(alt((after("where", part), after("in", part)))).parse(i)?;
    Ok((i, Demanded::Each(item, conditions.unwrap_or_default())))
}

/// `Atlas in 2026-Q2..2026-Q3`: conditions without comparisons, since one ends the demand.
fn part(i: Tokens<'_>) -> PResult<'_, Vec<Condition>> {
    let joint = alt((word("in").map(drop), word("and").map(drop)));
    separated_list1(joint, named).parse(i)
}

fn named(i: Tokens<'_>) -> PResult<'_, Condition> {
    let (i, first) = path(i)?;
    let (i, last) = opt(preceded(symbol(".."), cut(path))).parse(i)?;
    Ok((i, last.map_or(Condition::Named(first.clone()), |last| Condition::Range(first, last))))
}
