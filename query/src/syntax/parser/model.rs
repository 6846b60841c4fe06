//! The model: dimensions, the calendar, scenarios, measures, members.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::multi::many0;
use nom::sequence::preceded;

use super::basics::{
    PResult, Tokens, after, bracketed, hyphenated, list, name, number, path, refuse, spanned_text, symbol, text,
    unsigned, word, words,
};
use super::unavailable;
use crate::syntax::ast::{Arrangement, Literal, Name, Number, OverTime, Path, Rollup, Span, Statement};
use crate::syntax::failure::What;

/// One option of a measure.
#[derive(Clone)]
enum Trait {
    Rollup(Rollup),
    OverTime(OverTime, Name),
    Unit(String),
    Format(String),
    FavoursHigher(bool),
}

/// One part of `add member`.
enum Part {
    Under(Path),
    Weight(Number),
    With(Vec<(Name, Literal)>),
}

/// `create ...`
pub fn create(i: Tokens<'_>) -> PResult<'_, Statement> {
    after("create", alt((time_dimension, dimension, hierarchy, scenarios, measure))).parse(i)
}

/// `dimension department levels (division, department)`
fn dimension(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, name) = after("dimension", name).parse(i)?;
    let (i, (arrangement, leaves_only)) = arrangement(i, &name)?;
    Ok((i, Statement::CreateDimension { name, arrangement, leaves_only }))
}

/// `levels (kind, channel)`, `parent-child`, each perhaps with `leaves only`
pub fn arrangement<'a>(i: Tokens<'a>, name: &Name) -> PResult<'a, (Arrangement, bool)> {
    let levels = preceded(word("levels"), cut(bracketed(super::basics::name)));
    let parent_child = value(Arrangement::ParentChild, parent_child);
    let (i, arrangement) = opt(alt((levels.map(Arrangement::Levels), parent_child))).parse(i)?;
    for (word, form) in [("levels", "second levels"), ("hierarchy", "hierarchy")] {
        unavailable::suffix(i, word, form, "one arrangement for each dimension")?;
    }
    let arrangement = arrangement.unwrap_or_else(|| Arrangement::Levels(vec![name.clone()]));
    let (i, leaves_only) = opt(words("leaves", "only")).parse(i)?;
    Ok((i, (arrangement, leaves_only.is_some())))
}

/// `parent-child`, a keyword of two words and a minus; also `parent_child`.
fn parent_child(i: Tokens<'_>) -> PResult<'_, ()> {
    hyphenated("parent_child", ("parent", "child"), "parent-child")(i)
}

/// `time dimension period months 2024-01..2027-12 fiscal start 2`, `... weeks 2024-W01..2027-W52`
fn time_dimension(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = words("time", "dimension")(i)?;
    let (i, name) = cut(name).parse(i)?;
    let (i, weeks) = cut(alt((word("months").map(|_| false), word("weeks").map(|_| true)))).parse(i)?;
    let leaf = if weeks { "a week, as 2026-W01" } else { "a month, as 2026-01" };
    let leaf = |i| Tokens::labelled(i, What::Thing(leaf), super::basics::name);
    let (i, first) = cut(leaf).parse(i)?;
    let (i, ()) = cut(symbol("..")).parse(i)?;
    let (i, last) = cut(leaf).parse(i)?;
    let start = preceded(word("fiscal"), cut(after("start", unsigned)));
    let (i, fiscal_start) = opt(start).parse(i)?;
    Ok((i, Statement::CreateTime { name, weeks, first, last, fiscal_start }))
}

/// `hierarchy by_location on department levels (country, city)`
fn hierarchy(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, name) = after("hierarchy", name).parse(i)?;
    let (i, on) = cut(after("on", path)).parse(i)?;
    let (i, levels) = cut(after("levels", bracketed(super::basics::name))).parse(i)?;
    Ok((i, Statement::CreateHierarchy { name, on, levels }))
}

/// `scenario plan, forecast`
fn scenarios(i: Tokens<'_>) -> PResult<'_, Statement> {
    let names = after("scenario", list(name));
    names.map(|names| Statement::CreateScenario { names }).parse(i)
}

/// `measure headcount decimal(1) last over period unit 'heads'`
fn measure(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, name) = after("measure", name).parse(i)?;
    let (i, _) = cut(word("decimal")).parse(i)?;
    let (i, ()) = cut(symbol("(")).parse(i)?;
    let (i, decimals) = cut(unsigned).parse(i)?;
    let (i, ()) = cut(symbol(")")).parse(i)?;
    let (i, options) = many0(spanned_option).parse(i)?;
    let (mut rollup, mut over_time, mut favours_higher) = (None, None, None);
    let (mut unit, mut format) = (None, None);
    for (option, span) in options {
        let twice = match option {
            Trait::Rollup(rule) => rollup.replace(rule).is_some(),
            Trait::OverTime(rule, time) => over_time.replace((rule, time)).is_some(),
            Trait::Unit(text) => unit.replace(text).is_some(),
            Trait::Format(text) => format.replace(text).is_some(),
            Trait::FavoursHigher(higher) => favours_higher.replace(higher).is_some(),
        };
        if twice {
            return refuse(span, "an option of the measure is given twice", "already given before");
        }
    }
    let measure = Statement::CreateMeasure { name, decimals, rollup, over_time, unit, format, favours_higher };
    Ok((i, measure))
}

fn spanned_option(i: Tokens<'_>) -> PResult<'_, (Trait, Span)> {
    let (rest, option) = alt((
        over_time,
        rollup.map(Trait::Rollup),
        after("unit", text).map(Trait::Unit),
        after("format", text).map(Trait::Format),
        favours.map(Trait::FavoursHigher),
    ))
    .parse(i)?;
    let span = i.span_to(&rest);
    Ok((rest, (option, span)))
}

/// `last over period`
fn over_time(i: Tokens<'_>) -> PResult<'_, Trait> {
    let (i, rule) = alt((
        value(OverTime::Last, word("last")),
        value(OverTime::Closing, word("closing")),
        value(OverTime::First, word("first")),
        value(OverTime::Average, word("average")),
    ))
    .parse(i)?;
    after("over", name).map(|time| Trait::OverTime(rule, time)).parse(i)
}

/// `sum`, `min`, ...
fn rollup(i: Tokens<'_>) -> PResult<'_, Rollup> {
    alt((
        value(Rollup::Sum, word("sum")),
        value(Rollup::Min, word("min")),
        value(Rollup::Max, word("max")),
        value(Rollup::Average, word("average")),
        value(Rollup::None, word("none")),
    ))
    .parse(i)
}

/// `favours higher`, in either spelling.
pub fn favours(i: Tokens<'_>) -> PResult<'_, bool> {
    let spelling = if i.is_word(0, "favors") { "favors" } else { "favours" };
    let (i, _) = word(spelling)(i)?;
    cut(alt((value(true, word("higher")), value(false, word("lower"))))).parse(i)
}

/// `add member Apollo to project under Platform weight 1 with priority = 1`
pub fn add_member(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = words("add", "member")(i)?;
    let (i, name) = cut(name).parse(i)?;
    let (i, to) = cut(after("to", path)).parse(i)?;
    let (i, parts) = many0(spanned_part).parse(i)?;
    let (mut under, mut weight, mut attributes) = (None, None, None);
    for (part, span) in parts {
        let twice = match part {
            Part::Under(path) => under.replace(path).is_some(),
            Part::Weight(number) => weight.replace(number).is_some(),
            Part::With(pairs) => attributes.replace(pairs).is_some(),
        };
        if twice {
            return refuse(span, "a part of the member is given twice", "already given before");
        }
    }
    let attributes = attributes.unwrap_or_default();
    Ok((i, Statement::AddMember { name, to, under, weight, attributes }))
}

fn spanned_part(i: Tokens<'_>) -> PResult<'_, (Part, Span)> {
    let (rest, part) = alt((
        after("under", path).map(Part::Under),
        after("weight", number).map(Part::Weight),
        after("with", list(attribute)).map(Part::With),
    ))
    .parse(i)?;
    let span = i.span_to(&rest);
    Ok((rest, (part, span)))
}

/// `priority = 1`
fn attribute(i: Tokens<'_>) -> PResult<'_, (Name, Literal)> {
    let (i, attribute) = name(i)?;
    let (i, ()) = cut(symbol("=")).parse(i)?;
    let (i, value) = cut(literal).parse(i)?;
    Ok((i, (attribute, value)))
}

/// A number, a text, or a bare word for a text.
pub(super) fn literal(i: Tokens<'_>) -> PResult<'_, Literal> {
    i.labelled(What::Thing("a number, a word or a text in single quotes"), |i| {
        alt((
            number.map(Literal::Number),
            spanned_text.map(|(text, span)| Literal::Text(text, span)),
            name.map(|name| Literal::Text(name.text, name.span)),
        ))
        .parse(i)
    })
}
