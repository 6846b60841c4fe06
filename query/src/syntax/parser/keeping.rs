//! What is held, and what was done: holds, history, lineage, and the value of an input.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::multi::many0;
use nom::sequence::preceded;

use super::basics::{PResult, Tokens, after, count, name, name_kind, number, path, refuse, text, word, words};
use super::change::because;
use super::formula::formula;
use super::selection::where_clause;
use crate::syntax::ast::{
    Comparison, Condition, Expr, History, Hold, Number, Operator, Release, Seek, Span, Statement,
};

/// Any of them.
pub fn keeping(i: Tokens<'_>) -> PResult<'_, Statement> {
    alt((
        after("hold", hold).map(Statement::Hold),
        after("release", release).map(Statement::Release),
        value(Statement::Holds, word("holds")),
        after("trace", trace),
        after("revert", revert),
        preceded(word("history"), history).map(Statement::History),
        after("seek", seek).map(Statement::Seek),
    ))
    .parse(i)
}

/// `cost where Sales, EMEA`, `total cost where Sales`
fn hold(i: Tokens<'_>) -> PResult<'_, Hold> {
    let named = i.peek(1).is_some_and(|next| name_kind(next).is_some());
    let (i, total) = if i.is_word(0, "total") && named { opt(word("total")).parse(i)? } else { (i, None) };
    let (i, measure) = path(i)?;
    let (i, conditions) = opt(where_clause).parse(i)?;
    let (i, because) = opt(because).parse(i)?;
    Ok((i, Hold { total: total.is_some(), measure, conditions: conditions.unwrap_or_default(), because }))
}

/// `2`, `cost where Sales, EMEA`
fn release(i: Tokens<'_>) -> PResult<'_, Release> {
    let of = (path, opt(where_clause)).map(|(path, conditions)| Release::Of(path, conditions.unwrap_or_default()));
    alt((count.map(Release::Number), of)).parse(i)
}

/// `headcount where plan, Apollo, 2026-02`
fn trace(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, measure) = path(i)?;
    let (i, conditions) = opt(where_clause).parse(i)?;
    Ok((i, Statement::Trace { measure, conditions: conditions.unwrap_or_default() }))
}

/// `17 because 'text'`
fn revert(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, operation) = count(i)?;
    let (i, because) = opt(because).parse(i)?;
    Ok((i, Statement::Revert { operation, because }))
}

/// One filter of the history.
#[derive(Clone)]
enum Filter {
    Where(Vec<Condition>),
    By(String),
    Like(String),
}

/// `where plan, Apollo by 'ada' like '%budget%'`
fn history(i: Tokens<'_>) -> PResult<'_, History> {
    let (rest, filters) = many0(filter).parse(i)?;
    let mut history = History::default();
    for (filter, span) in filters {
        let twice = match filter {
            Filter::Where(conditions) => {
                let twice = !history.conditions.is_empty();
                history.conditions = conditions;
                twice
            }
            Filter::By(author) => history.author.replace(author).is_some(),
            Filter::Like(pattern) => history.like.replace(pattern).is_some(),
        };
        if twice {
            return refuse(span, "a filter of the history is given twice", "already given before");
        }
    }
    Ok((rest, history))
}

fn filter(i: Tokens<'_>) -> PResult<'_, (Filter, Span)> {
    let (rest, filter) = alt((
        where_clause.map(Filter::Where),
        after("by", text).map(Filter::By),
        after("like", text).map(Filter::Like),
    ))
    .parse(i)?;
    let span = i.span_to(&rest);
    Ok((rest, (filter, span)))
}

/// `shift so that leads = 28_000 where plan, 2026 between 0 and 1M`
fn seek(i: Tokens<'_>) -> PResult<'_, Seek> {
    let (i, name) = name(i)?;
    let (i, _) = words("so", "that")(i)?;
    let (i, equation) = cut(formula).parse(i)?;
    if !matches!(equation, Expr::Binary { operator: Operator::Compare(Comparison::Equal), .. }) {
        return refuse(
            equation.span(),
            "what is sought is given by an equation",
            "expected, for example, leads = 28_000",
        );
    }
    let (i, conditions) = opt(where_clause).parse(i)?;
    let (i, between) = opt(after("between", limits)).parse(i)?;
    Ok((i, Seek { name, equation, conditions: conditions.unwrap_or_default(), between }))
}

/// `0 and 1M`
fn limits(i: Tokens<'_>) -> PResult<'_, (Number, Number)> {
    let (i, low) = number(i)?;
    let (i, high) = after("and", number).parse(i)?;
    Ok((i, (low, high)))
}
