//! Changes: what is done to which measure, where, and how the amount finds its leaves.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::multi::many0;
use nom::sequence::preceded;

use super::basics::{PResult, Tokens, after, number, path, refuse, text, word};
use super::formula::formula;
use super::selection::{conditions, where_clause};
use super::unavailable;
use crate::syntax::ast::{Amount, Change, Condition, Method, Number, Span, Verb};

/// `where` or one word of how.
#[derive(Clone)]
enum How {
    Where(Vec<Condition>),
    Method(Method),
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
    ))
    .parse(i)?;
    let (i, hows) = many0(spanned_how).parse(i)?;
    let mut change = Change {
        verb,
        conditions: Vec::new(),
        method: None,
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

fn amount(i: Tokens<'_>) -> PResult<'_, Amount> {
    let (i, number) = number(i)?;
    let amount = if number.percent { Amount::Share(number) } else { Amount::Absolute(number) };
    Ok((i, amount))
}

fn spanned_how(i: Tokens<'_>) -> PResult<'_, (How, Span)> {
    let (rest, how) = alt((
        where_clause.map(How::Where),
        method.map(How::Method),
        after("holding", conditions).map(How::Holding),
        after("step", number).map(How::Step),
        preceded(word("allow"), cut(word("negative"))).map(|_| How::AllowNegative),
        because.map(How::Because),
    ))
    .parse(i)?;
    let span = i.span_to(&rest);
    Ok((rest, (how, span)))
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
            How::Holding(conditions) => change.holding = conditions,
            How::Step(step) => change.step = Some(step),
            How::AllowNegative => change.allow_negative = true,
            How::Because(reason) => change.because = Some(reason),
        }
    }
}
