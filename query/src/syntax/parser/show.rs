//! Questions: what is shown, and the clauses after it in any order.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::multi::many0;

use super::axis::items;
use super::basics::{
    PResult, Tokens, after, as_name, count, list, name, path, quiet_symbol, quiet_word, refuse, unsigned, word,
};
use super::formula::formula;
use super::selection::where_clause;
use crate::syntax::ast::{
    AxisItem, Condition, Expr, Limit, Name, OrderKey, Show, Shown, Span, Statement, Take, ViewName,
};
use crate::syntax::failure::A_VIEW;
use crate::syntax::token::Kind;

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
    Others,
    Empty,
}

/// `show ...`
pub fn show(i: Tokens<'_>) -> PResult<'_, Show> {
    after("show", alt((view, question))).parse(i)
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

/// `view margins where Sales`
fn view(i: Tokens<'_>) -> PResult<'_, Show> {
    let (rest, _) = quiet_word("view")(i)?;
    let (rest, name) = known_view(rest)?;
    let (rest, conditions) = opt(where_clause).parse(rest)?;
    // Counted from `show`, so that nothing of the statement lies behind it.
    let span = 0..i.span_to(&rest).end;
    let view = Some(ViewName { name, span });
    Ok((rest, Show { view, conditions: conditions.unwrap_or_default(), ..Show::default() }))
}

/// `save view margins as show ...`
pub fn save_view(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = word("save")(i)?;
    let (i, _) = cut(word("view")).parse(i)?;
    let (i, name) = cut(name).parse(i)?;
    let (i, show) = cut(after("as", show)).parse(i)?;
    Ok((i, Statement::SaveView { name, show }))
}

/// `drop view margins`
pub fn drop_view(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = word("drop")(i)?;
    let (i, _) = quiet_word("view")(i)?;
    let (i, name) = known_view(i)?;
    Ok((i, Statement::DropView(name)))
}

fn known_view(i: Tokens<'_>) -> PResult<'_, Name> {
    i.labelled(A_VIEW, name)
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

/// `top 10 by gap per division`
fn limit(i: Tokens<'_>) -> PResult<'_, Limit> {
    let (i, bottom) = alt((value(false, word("top")), value(true, word("bottom")))).parse(i)?;
    let (i, take) = cut(take).parse(i)?;
    let (i, by) = opt(after("by", formula)).parse(i)?;
    let (i, per) = opt(after("per", path)).parse(i)?;
    Ok((i, Limit { bottom, take, by, per }))
}

/// `10`, `80%`
fn take(i: Tokens<'_>) -> PResult<'_, Take> {
    match i.peek(0).map(|token| token.kind) {
        Some(Kind::Number(value)) if value.percent => {
            let (rest, share) = unsigned(i)?;
            if share.units > 10i128.checked_pow(u32::from(share.scale)).unwrap_or(i128::MAX) {
                return refuse(share.span, "there is no more than all rows", "expected a share up to 100%");
            }
            Ok((rest, Take::Share(share)))
        }
        _ => count.map(Take::Rows).parse(i),
    }
}

/// `with totals`, `with totals, empty`
fn with(i: Tokens<'_>) -> PResult<'_, Vec<Extra>> {
    let (i, _) = word("with")(i)?;
    let joint = alt((quiet_symbol(","), word("and").map(drop)));
    cut(nom::multi::separated_list1(joint, extra)).parse(i)
}

fn extra(i: Tokens<'_>) -> PResult<'_, Extra> {
    alt((
        value(Extra::Totals, word("totals")),
        value(Extra::Others, word("others")),
        value(Extra::Empty, word("empty")),
    ))
    .parse(i)
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
            Extra::Others => "with others",
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
            show.others |= extras.contains(&Extra::Others);
            show.empty |= extras.contains(&Extra::Empty);
        }
    }
}

/// `explain show ...`
pub fn explain(i: Tokens<'_>) -> PResult<'_, Show> {
    after("explain", show).parse(i)
}
