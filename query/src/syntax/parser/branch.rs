//! Branches: begun, compared and merged.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt};
use nom::multi::many0;
use nom::sequence::preceded;

use super::axis::items;
use super::basics::{PResult, Tokens, after, count, name, path, refuse, word};
use super::change::because;
use super::selection::{conditions, where_clause};
use crate::syntax::ast::{AxisItem, Compare, Condition, Merge, Path, Span, Statement};

/// Any of them.
pub fn branches(i: Tokens<'_>) -> PResult<'_, Statement> {
    alt((
        after("branch", branch),
        after("compare", compare).map(Statement::Compare),
        after("merge", merge).map(Statement::Merge),
        preceded(word("hash"), opt(conditions)).map(|conditions| Statement::Hash(conditions.unwrap_or_default())),
    ))
    .parse(i)
}

/// `preview merge upside into plan`
pub fn preview_merge(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = word("preview")(i)?;
    after("merge", merge).map(Statement::PreviewMerge).parse(i)
}

/// `upside from plan because 'text'`
fn branch(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, name) = name(i)?;
    let (i, from) = after("from", path).parse(i)?;
    let (i, because) = opt(because).parse(i)?;
    Ok((i, Statement::Branch { name, from, because }))
}

/// A clause of a comparison or a merge.
#[derive(Clone)]
enum Clause {
    By(Vec<AxisItem>),
    Where(Vec<Condition>),
    Top(u64),
    Taking(Path),
    Because(String),
}

impl Clause {
    fn name(&self) -> &'static str {
        match self {
            Clause::By(_) => "by",
            Clause::Where(_) => "where",
            Clause::Top(_) => "top",
            Clause::Taking(_) => "taking",
            Clause::Because(_) => "because",
        }
    }
}

/// `upside to plan by division where 2026 top 10`
fn compare(i: Tokens<'_>) -> PResult<'_, Compare> {
    let (i, left) = path(i)?;
    let (i, right) = after("to", path).parse(i)?;
    let clause = |i| {
        alt((after("by", items).map(Clause::By), where_clause.map(Clause::Where), after("top", count).map(Clause::Top)))
            .parse(i)
    };
    let (i, clauses) = once_each(i, clause)?;
    let mut compare = Compare { left, right, by: Vec::new(), conditions: Vec::new(), top: None };
    for clause in clauses {
        match clause {
            Clause::By(items) => compare.by = items,
            Clause::Where(conditions) => compare.conditions = conditions,
            Clause::Top(count) => compare.top = Some(count),
            Clause::Taking(_) | Clause::Because(_) => {}
        }
    }
    Ok((i, compare))
}

/// `upside into plan where Sales taking upside`
fn merge(i: Tokens<'_>) -> PResult<'_, Merge> {
    let (i, from) = path(i)?;
    let (i, into) = cut(after("into", path)).parse(i)?;
    let clause = |i| {
        alt((where_clause.map(Clause::Where), after("taking", path).map(Clause::Taking), because.map(Clause::Because)))
            .parse(i)
    };
    let (i, clauses) = once_each(i, clause)?;
    let mut merge = Merge { from, into, conditions: Vec::new(), taking: None, because: None };
    for clause in clauses {
        match clause {
            Clause::Where(conditions) => merge.conditions = conditions,
            Clause::Taking(path) => merge.taking = Some(path),
            Clause::Because(reason) => merge.because = Some(reason),
            Clause::By(_) | Clause::Top(_) => {}
        }
    }
    Ok((i, merge))
}

/// Clauses in any order, each at most once.
fn once_each<'a>(i: Tokens<'a>, clause: impl Fn(Tokens<'a>) -> PResult<'a, Clause>) -> PResult<'a, Vec<Clause>> {
    let spanned = |i: Tokens<'a>| -> PResult<'a, (Clause, Span)> {
        let (rest, found) = clause(i)?;
        Ok((rest, (found, i.span_to(&rest))))
    };
    let (i, found) = many0(spanned).parse(i)?;
    let mut clauses: Vec<Clause> = Vec::new();
    for (clause, span) in found {
        if clauses.iter().any(|other| other.name() == clause.name()) {
            return refuse(span, format!("\"{}\" is given twice", clause.name()), "already given before");
        }
        clauses.push(clause);
    }
    Ok((i, clauses))
}
