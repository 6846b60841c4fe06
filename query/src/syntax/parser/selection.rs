//! Selections: conditions joined by `,` or `and`, the same wherever a part of the cube is meant.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::multi::separated_list1;

use super::basics::{
    PResult, Tokens, after, bracketed, name_kind, nested, number, path, quiet_symbol, quiet_word, refuse, spanned_text,
    symbol, text, word,
};
use super::relative::relative;
use crate::syntax::ast::{Below, Comparison, Condition, Literal, NameKind, Path, Value};
use crate::syntax::failure::{A_NAME, Failure, What};
use crate::syntax::keywords::ends_conditions;
use crate::syntax::token::{Class, Kind};

const A_CONDITION: What = What::Thing("a condition");

/// At least one condition.
pub fn conditions(i: Tokens<'_>) -> PResult<'_, Vec<Condition>> {
    let joint = alt((symbol(","), quiet_word("and").map(drop)));
    let (i, conditions) = separated_list1(joint, condition).parse(i)?;
    if let Some(or) = i.peek(0).filter(|token| token.is_word("or")) {
        return refuse(
            or.span.clone(),
            "conditions are not joined by \"or\"",
            "several members are written as: project in (Apollo, Hermes)",
        );
    }
    Ok((i, conditions))
}

/// `where CONDITIONS`
pub fn where_clause(i: Tokens<'_>) -> PResult<'_, Vec<Condition>> {
    after("where", conditions).parse(i)
}

/// One condition, perhaps with exceptions.
pub fn condition(i: Tokens<'_>) -> PResult<'_, Condition> {
    let (mut rest, mut condition) = plain(i)?;
    while let Ok((next, _)) = quiet_word("except")(rest) {
        let (next, out) = cut(exceptions).parse(next)?;
        let span = i.span_to(&next);
        condition = Condition::Except { base: condition.into(), out, span };
        rest = next;
    }
    Ok((rest, condition))
}

/// `Platform`, `(Platform, Mobile)`
pub fn exceptions(i: Tokens<'_>) -> PResult<'_, Vec<Condition>> {
    match i.is_symbol(0, "(") {
        true => nested(i, |i| bracketed(condition).parse(i)),
        false => plain.map(|one| vec![one]).parse(i),
    }
}

/// One condition without exceptions.
fn plain(i: Tokens<'_>) -> PResult<'_, Condition> {
    i.labelled(A_CONDITION, |i| alt((relative, below, level, about_path)).parse(i))
}

/// `children of Engineering`
fn below(i: Tokens<'_>) -> PResult<'_, Condition> {
    let (i, which) = alt((
        value(Below::Children, word("children")),
        value(Below::Leaves, word("leaves")),
        value(Below::Descendants, word("descendants")),
    ))
    .parse(i)?;
    let (i, _) = word("of")(i)?;
    let (i, path) = cut(path).parse(i)?;
    Ok((i, Condition::Below(which, path)))
}

/// `level team`; `level` alone is a name.
fn level(i: Tokens<'_>) -> PResult<'_, Condition> {
    let (rest, _) = word("level")(i)?;
    let named = rest.peek(0).is_some_and(|next| {
        let goes_on = next.kind == Kind::Word && ends_conditions(next.text);
        !goes_on && matches!(name_kind(next), Some(NameKind::Bare | NameKind::Quoted))
    });
    if !named {
        return rest.fail(Failure::new(rest.at(), A_NAME, true));
    }
    let (rest, path) = path(rest)?;
    Ok((rest, Condition::Level(path)))
}

/// A condition that starts with a path.
fn about_path(i: Tokens<'_>) -> PResult<'_, Condition> {
    let (rest, subject) = path(i)?;
    alt((
        |rest| range(rest, &subject),
        |rest| membership(i, rest, &subject),
        |rest| pattern(i, rest, &subject),
        |rest| comparison(i, rest, &subject),
        |rest| Ok((rest, Condition::Named(subject.clone()))),
    ))
    .parse(rest)
}

/// `2026-Q1..2026-Q3`
fn range<'a>(rest: Tokens<'a>, first: &Path) -> PResult<'a, Condition> {
    let (rest, ()) = quiet_symbol("..")(rest)?;
    let (rest, last) = cut(path).parse(rest)?;
    Ok((rest, Condition::Range(first.clone(), last)))
}

/// `project not in (Apollo, Hermes)`
fn membership<'a>(start: Tokens<'a>, rest: Tokens<'a>, subject: &Path) -> PResult<'a, Condition> {
    let (rest, not) = opt(quiet_word("not")).parse(rest)?;
    if not.is_none() && rest.is_word(1, "whole") {
        // `in whole` ends a selection.
        return rest.fail(Failure::new(rest.at(), What::Word("in"), true));
    }
    let (rest, _) = quiet_word("in")(rest)?;
    let (rest, items) = nested(rest, |i| cut(bracketed(condition)).parse(i))?;
    let (subject, negated, span) = (subject.clone(), not.is_some(), start.span_to(&rest));
    Ok((rest, Condition::In { subject, items, negated, span }))
}

/// `department not like 'Plat%'`
fn pattern<'a>(start: Tokens<'a>, rest: Tokens<'a>, subject: &Path) -> PResult<'a, Condition> {
    let (rest, not) = opt(quiet_word("not")).parse(rest)?;
    let (rest, _) = quiet_word("like")(rest)?;
    let (rest, pattern) = text(rest)?;
    let (subject, negated, span) = (subject.clone(), not.is_some(), start.span_to(&rest));
    Ok((rest, Condition::Like { subject, pattern, negated, span }))
}

/// `project.priority >= 2`
fn comparison<'a>(start: Tokens<'a>, rest: Tokens<'a>, subject: &Path) -> PResult<'a, Condition> {
    let (rest, comparison) = comparison_operator(rest)?;
    let (rest, value) = compared(rest)?;
    let (subject, span) = (subject.clone(), start.span_to(&rest));
    Ok((rest, Condition::Compare { subject, comparison, value, span }))
}

/// The right side of a comparison; four digits are a year.
fn compared(i: Tokens<'_>) -> PResult<'_, Value> {
    i.labelled(What::Thing("a name, a number or a text in single quotes"), |i| {
        alt((
            path.map(Value::Path),
            number.map(|number| Value::Literal(Literal::Number(number))),
            spanned_text.map(|(text, span)| Value::Literal(Literal::Text(text, span))),
        ))
        .parse(i)
    })
}

/// `=`, `<>`, `>=`, ...
pub fn comparison_operator(i: Tokens<'_>) -> PResult<'_, Comparison> {
    let comparison = match i.peek(0).map(|token| token.kind) {
        Some(Kind::Symbol("=")) => Comparison::Equal,
        Some(Kind::Symbol("!=" | "<>")) => Comparison::NotEqual,
        Some(Kind::Symbol("<")) => Comparison::Less,
        Some(Kind::Symbol("<=")) => Comparison::LessOrEqual,
        Some(Kind::Symbol(">")) => Comparison::Greater,
        Some(Kind::Symbol(">=")) => Comparison::GreaterOrEqual,
        _ => return i.fail(Failure::new(i.at(), What::Symbol("="), true)),
    };
    i.accept(Class::Symbol, comparison)
}
