//! Changes: what is done to which measure, where, and how the amount finds its leaves.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::multi::{many0, separated_list1};
use nom::sequence::preceded;

use super::basics::{PResult, Tokens, after, bracketed, list, number, path, refuse, symbol, text, word, words};
use super::demand::{in_whole, so_that};
use super::formula::formula;
use super::phasing::{curve, phased};
use super::selection::{conditions, where_clause};
use super::unavailable;
use crate::syntax::ast::{Amount, Change, Condition, Curve, Demand, Margin, Method, Number, Path, Phasing, Span, Verb};
use crate::syntax::failure::Failure;

/// `where` or one word of how.
#[derive(Clone)]
enum How {
    Where(Vec<Condition>),
    Method(Method),
    Curve(Curve),
    Phased(Phasing),
    SoThat(Vec<Demand>),
    ChangingLeast,
    Holding(Vec<Condition>),
    Step(Number),
    AllowNegative,
    Because(String),
}

/// `set cost to 1.2M where plan, 2026 equally`
pub fn change(i: Tokens<'_>) -> PResult<'_, Change> {
    let (i, ()) = unavailable::statement(i)?;
    let (i, verb) = alt((
        after("set", set),
        preceded(word("add"), add),
        after("move", move_),
        after("copy", copy),
        after("clear", path.map(|measure| Verb::Clear { measure })),
        after("fill", fill),
        after("allocate", allocate),
        after("ramp", ramp),
        after("fit", fit),
        after("solve", path.map(|measure| Verb::Solve { measure })),
    ))
    .parse(i)?;
    let (i, hows) = many0(|i| spanned_how(i, &verb)).parse(i)?;
    let mut change = Change {
        verb,
        conditions: Vec::new(),
        method: None,
        curve: None,
        phased: None,
        demands: Vec::new(),
        holding: Vec::new(),
        step: None,
        allow_negative: false,
        because: None,
    };
    let mut seen: Vec<&str> = Vec::new();
    for (how, span) in hows {
        if seen.contains(&how.name()) {
            let message = format!("{} is given twice", how.name());
            return refuse(span, message, "already given before");
        }
        seen.push(how.name());
        how.put(&mut change, span);
    }
    Ok((i, change))
}

/// `preview CHANGE`
pub fn preview(i: Tokens<'_>) -> PResult<'_, Change> {
    after("preview", change).parse(i)
}

/// `cost to 1.2M`
fn set(i: Tokens<'_>) -> PResult<'_, Verb> {
    let (i, measure) = path(i)?;
    let (i, to) = after("to", number).parse(i)?;
    Ok((i, Verb::Set { measure, to }))
}

/// `5% to cost`; `add` may also start `add member`.
fn add(i: Tokens<'_>) -> PResult<'_, Verb> {
    let (i, amount) = amount(i)?;
    let (i, measure) = cut(after("to", path)).parse(i)?;
    Ok((i, Verb::Add { amount, measure }))
}

/// `12 headcount from Legacy to Apollo`
fn move_(i: Tokens<'_>) -> PResult<'_, Verb> {
    let (i, amount) = amount(i)?;
    let (i, measure) = path(i)?;
    let (i, from) = after("from", conditions).parse(i)?;
    let (i, to) = after("to", conditions).parse(i)?;
    Ok((i, Verb::Move { amount, measure, from, to }))
}

/// `revenue from actual, 2025 to plan, 2026 times 1.08`
fn copy(i: Tokens<'_>) -> PResult<'_, Verb> {
    let (i, measure) = path(i)?;
    let (i, from) = after("from", conditions).parse(i)?;
    let (i, to) = after("to", conditions).parse(i)?;
    let (i, times) = opt(after("times", number)).parse(i)?;
    Ok((i, Verb::Copy { measure, from, to, times }))
}

/// `headcount with 1`
fn fill(i: Tokens<'_>) -> PResult<'_, Verb> {
    let (i, measure) = path(i)?;
    let (i, with) = after("with", number).parse(i)?;
    Ok((i, Verb::Fill { measure, with }))
}

/// `cost from project.Shared across project`
fn allocate(i: Tokens<'_>) -> PResult<'_, Verb> {
    let (i, measure) = path(i)?;
    let (i, from) = after("from", conditions).parse(i)?;
    let (i, across) = after("across", list(path)).parse(i)?;
    Ok((i, Verb::Allocate { measure, from, across }))
}

/// `revenue from 0 to 4M`
fn ramp(i: Tokens<'_>) -> PResult<'_, Verb> {
    let (i, measure) = path(i)?;
    let (i, from) = after("from", number).parse(i)?;
    let (i, to) = after("to", number).parse(i)?;
    Ok((i, Verb::Ramp { measure, from, to }))
}

/// `cost to by department (Engineering = 30M, Sales = 12M) and by quarter (2026-Q1 = 9M)`
fn fit(i: Tokens<'_>) -> PResult<'_, Verb> {
    let (i, measure) = path(i)?;
    let (i, margins) = after("to", separated_list1(word("and"), after("by", margin))).parse(i)?;
    Ok((i, Verb::Fit { measure, margins }))
}

fn margin(i: Tokens<'_>) -> PResult<'_, Margin> {
    let (i, by) = path(i)?;
    let (i, targets) = bracketed(target).parse(i)?;
    Ok((i, Margin { by, targets }))
}

/// `Engineering = 30M`
fn target(i: Tokens<'_>) -> PResult<'_, (Path, Number)> {
    let (i, member) = path(i)?;
    let (i, ()) = symbol("=")(i)?;
    let (i, total) = number(i)?;
    Ok((i, (member, total)))
}

fn amount(i: Tokens<'_>) -> PResult<'_, Amount> {
    let (i, number) = number(i)?;
    let amount = if number.percent { Amount::Share(number) } else { Amount::Absolute(number) };
    Ok((i, amount))
}

fn spanned_how<'a>(i: Tokens<'a>, verb: &Verb) -> PResult<'a, (How, Span)> {
    let (rest, how) = alt((
        where_clause.map(How::Where),
        method.map(How::Method),
        |i| of_verb(i, verb),
        after("holding", conditions).map(How::Holding),
        after("step", number).map(How::Step),
        preceded(word("allow"), cut(word("negative"))).map(|_| How::AllowNegative),
        because.map(How::Because),
    ))
    .parse(i)?;
    let span = i.span_to(&rest);
    Ok((rest, (how, span)))
}

/// What only some verbs take.
fn of_verb<'a>(i: Tokens<'a>, verb: &Verb) -> PResult<'a, How> {
    match verb {
        Verb::Set { .. } | Verb::Add { .. } => phased.map(How::Phased).parse(i),
        Verb::Ramp { .. } => curve.map(How::Curve).parse(i),
        Verb::Solve { .. } => alt((
            so_that.map(How::SoThat),
            words("changing", "least").map(|_| How::ChangingLeast),
            in_whole.map(How::Step),
        ))
        .parse(i),
        _ => i.fail(Failure { at: i.at(), ..Failure::default() }),
    }
}

/// `equally over all`, `by headcount`, ...
fn method(i: Tokens<'_>) -> PResult<'_, Method> {
    let breadth = alt((value(false, word("existing")), value(true, word("all"))));
    let over = preceded(word("over"), cut(breadth));
    let equally = preceded(word("equally"), opt(over));
    alt((
        value(Method::Proportionally, word("proportionally")),
        equally.map(|over_all| Method::Equally { over_all: over_all.unwrap_or(false) }),
        after("by", formula).map(Method::By),
        after("like", conditions).map(Method::Like),
        value(Method::Unspread, word("unspread")),
    ))
    .parse(i)
}

/// `because 'text'`
pub fn because(i: Tokens<'_>) -> PResult<'_, String> {
    after("because", text).parse(i)
}

impl How {
    /// What is named when it is given twice.
    fn name(&self) -> &'static str {
        match self {
            How::Where(_) => "\"where\"",
            How::Method(_) => "the way to spread",
            How::Curve(_) => "the way to rise",
            How::Phased(_) => "\"phased\"",
            How::SoThat(_) => "\"so that\"",
            How::ChangingLeast => "\"changing least\"",
            How::Holding(_) => "\"holding\"",
            How::Step(_) => "\"step\"",
            How::AllowNegative => "\"allow negative\"",
            How::Because(_) => "\"because\"",
        }
    }

    fn put(self, change: &mut Change, span: Span) {
        match self {
            How::Where(conditions) => change.conditions = conditions,
            How::Method(method) => change.method = Some((method, span)),
            How::Curve(curve) => change.curve = Some((curve, span)),
            How::Phased(phasing) => change.phased = Some((phasing, span)),
            How::SoThat(demands) => change.demands = demands,
            How::ChangingLeast => {}
            How::Holding(conditions) => change.holding = conditions,
            How::Step(step) => change.step = Some(step),
            How::AllowNegative => change.allow_negative = true,
            How::Because(reason) => change.because = Some(reason),
        }
    }
}
