//! Questions: what is shown, and the clauses after it in any order.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::multi::many0;

use super::axis::items;
use super::basics::{PResult, Tokens, after, as_name, count, list, quiet_symbol, refuse, word};
use super::formula::formula;
use super::selection::where_clause;
use super::unavailable;
use crate::syntax::ast::{AxisItem, Condition, Expr, Limit, OrderKey, Show, Shown, Span};

/// A clause of a question.
#[derive(Clone)]
enum Clause {
    By(Vec<AxisItem>),
    Across(Vec<AxisItem>),
    Where(Vec<Condition>),
    Having(Expr),
    Order(Vec<OrderKey>),
    Limit(Limit),
    With(Vec<Extra>),
}

/// What `with` adds.
#[derive(Clone, Copy, PartialEq)]
enum Extra {
    Totals,
    Empty,
}

/// `show ...`
pub fn show(i: Tokens<'_>) -> PResult<'_, Show> {
    after("show", question).parse(i)
}

fn question(i: Tokens<'_>) -> PResult<'_, Show> {
    let (i, shown) = list(shown).parse(i)?;
    let (i, clauses) = many0(spanned_clause).parse(i)?;
    let mut show = Show { shown, ..Show::default() };
    let mut seen: Vec<&str> = Vec::new();
    for (clause, span) in clauses {
        for name in names(&clause) {
            if seen.contains(&name) {
                return refuse(span, format!("\"{name}\" is given twice"), "already given before");
            }
            seen.push(name);
        }
        put(&mut show, clause);
    }
    Ok((i, show))
}

/// `revenue - cost as profit`
fn shown(i: Tokens<'_>) -> PResult<'_, Shown> {
    let (rest, expr) = formula(i)?;
    let (rest, alias) = opt(as_name).parse(rest)?;
    let span = i.span_to(&rest);
    Ok((rest, Shown { expr, alias, span }))
}

/// A clause with the span of its keyword.
fn spanned_clause(i: Tokens<'_>) -> PResult<'_, (Clause, Span)> {
    let span = i.peek(0).map_or(0..0, |token| token.span.clone());
    alt((
        after("by", items).map(Clause::By),
        after("across", items).map(Clause::Across),
        where_clause.map(Clause::Where),
        after("having", formula).map(Clause::Having),
        order.map(Clause::Order),
        limit.map(Clause::Limit),
        with.map(Clause::With),
    ))
    .map(|clause| (clause, span.clone()))
    .parse(i)
}

/// `order by gap desc, department`
fn order(i: Tokens<'_>) -> PResult<'_, Vec<OrderKey>> {
    let (i, _) = word("order")(i)?;
    cut(after("by", list(order_key))).parse(i)
}

fn order_key(i: Tokens<'_>) -> PResult<'_, OrderKey> {
    let (i, expr) = formula(i)?;
    let direction = alt((value(true, word("desc")), value(false, word("asc"))));
    let (i, descending) = opt(direction).parse(i)?;
    Ok((i, OrderKey { expr, descending: descending.unwrap_or(false) }))
}

/// `top 10 by gap`
fn limit(i: Tokens<'_>) -> PResult<'_, Limit> {
    let (i, bottom) = alt((value(false, word("top")), value(true, word("bottom")))).parse(i)?;
    let (i, count) = cut(count).parse(i)?;
    let (i, by) = opt(after("by", formula)).parse(i)?;
    let (i, ()) = unavailable::suffix(i, "per", "per", "ask once for each, with where")?;
    Ok((i, Limit { bottom, count, by }))
}

/// `with totals`, `with totals, empty`
fn with(i: Tokens<'_>) -> PResult<'_, Vec<Extra>> {
    let (i, _) = word("with")(i)?;
    let joint = alt((quiet_symbol(","), word("and").map(drop)));
    cut(nom::multi::separated_list1(joint, extra)).parse(i)
}

fn extra(i: Tokens<'_>) -> PResult<'_, Extra> {
    if i.is_word(0, "others") {
        return unavailable::unavailable(i, 1, "with others", "with totals shows the whole");
    }
    alt((value(Extra::Totals, word("totals")), value(Extra::Empty, word("empty")))).parse(i)
}

/// What a clause is called when it is given twice.
fn names(clause: &Clause) -> Vec<&'static str> {
    match clause {
        Clause::By(_) => vec!["by"],
        Clause::Across(_) => vec!["across"],
        Clause::Where(_) => vec!["where"],
        Clause::Having(_) => vec!["having"],
        Clause::Order(_) => vec!["order by"],
        Clause::Limit(_) => vec!["top"],
        Clause::With(extras) => extras.iter().map(|extra| extra.name()).collect(),
    }
}

impl Extra {
    fn name(self) -> &'static str {
        match self {
            Extra::Totals => "with totals",
            Extra::Empty => "with empty",
        }
    }
}

fn put(show: &mut Show, clause: Clause) {
    match clause {
        Clause::By(items) => show.by = items,
        Clause::Across(items) => show.across = items,
        Clause::Where(conditions) => show.conditions = conditions,
        Clause::Having(expr) => show.having = Some(expr),
        Clause::Order(keys) => show.order = keys,
        Clause::Limit(limit) => show.limit = Some(limit),
        Clause::With(extras) => {
            show.totals |= extras.contains(&Extra::Totals);
            show.empty |= extras.contains(&Extra::Empty);
        }
    }
}

/// `explain show ...`
pub fn explain(i: Tokens<'_>) -> PResult<'_, Show> {
    after("explain", show).parse(i)
}
