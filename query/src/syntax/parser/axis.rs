//! Items of `by` and `across`, and what stands in their brackets.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, map, opt};
use nom::sequence::delimited;

use super::basics::{PResult, Tokens, as_name, list, nested, path, quiet_word, symbol, word};
use super::formula::formula;
use super::selection::{condition, exceptions};
use crate::syntax::ast::{AxisItem, Condition, Element, Name, Path};
use crate::syntax::failure::What;

/// The items of an axis.
pub fn items(i: Tokens<'_>) -> PResult<'_, Vec<AxisItem>> {
    list(item).parse(i)
}

/// `quarter[2026-Q1..2026-Q2 as H1, 2026-Q3] as q`
fn item(i: Tokens<'_>) -> PResult<'_, AxisItem> {
    let (rest, subject) = path(i)?;
    let brackets = delimited(symbol("["), cut(list(element)), cut(symbol("]")));
    let (rest, elements) = nested(rest, |i| opt(brackets).parse(i))?;
    let (rest, elements) = match elements {
        None => opt(|rest| all_except(i, rest, &subject)).parse(rest)?,
        listed => (rest, listed),
    };
    let (rest, alias) = opt(as_name).parse(rest)?;
    let span = i.span_to(&rest);
    Ok((rest, AxisItem { subject, elements, alias, span }))
}

/// `project except Apollo` is short for `project[project except Apollo]`.
fn all_except<'a>(start: Tokens<'a>, rest: Tokens<'a>, subject: &Path) -> PResult<'a, Vec<Element>> {
    let (rest, _) = quiet_word("except")(rest)?;
    let (rest, out) = cut(exceptions).parse(rest)?;
    let base = Box::new(Condition::Named(subject.clone()));
    let condition = Condition::Except { base, out, span: start.span_to(&rest) };
    Ok((rest, vec![Element::Selection { condition, alias: None }]))
}

/// One entry in the brackets.
fn element(i: Tokens<'_>) -> PResult<'_, Element> {
    i.labelled(What::Thing("a member, a condition or a formula"), |i| alt((all, versus, selection, computed)).parse(i))
}

/// `all as total`
fn all(i: Tokens<'_>) -> PResult<'_, Element> {
    let (rest, span) = word("all")(i)?;
    let (rest, alias) = ending(rest)?;
    Ok((rest, Element::All { alias, span }))
}

/// `actual vs plan`
fn versus(i: Tokens<'_>) -> PResult<'_, Element> {
    let (i, left) = path(i)?;
    let (i, _) = word("vs")(i)?;
    map(cut(path), |right| Element::Versus(left.clone(), right)).parse(i)
}

/// `2026-Q1..2026-Q2 as H1`
fn selection(i: Tokens<'_>) -> PResult<'_, Element> {
    let (rest, condition) = condition(i)?;
    let (rest, alias) = ending(rest)?;
    Ok((rest, Element::Selection { condition, alias }))
}

/// `plan - actual as gap`
fn computed(i: Tokens<'_>) -> PResult<'_, Element> {
    let (rest, expr) = formula(i)?;
    let (rest, alias) = opt(as_name).parse(rest)?;
    Ok((rest, Element::Formula { expr, alias }))
}

/// An alias or none, and then the end of the element; anything else makes it a formula.
fn ending(i: Tokens<'_>) -> PResult<'_, Option<Name>> {
    let (rest, alias) = opt(as_name).parse(i)?;
    alt((symbol(","), symbol("]"))).parse(rest).map(|_| (rest, alias))
}
