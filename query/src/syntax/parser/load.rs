//! `load`: a file, what its columns mean, and what to do with what does not fit.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::multi::many0;
use nom::sequence::preceded;

use super::basics::{PResult, Tokens, after, bracketed, new_name, path, refuse, spanned_text, symbol, text, word};
use super::change::because;
use super::selection::where_clause;
use super::unavailable;
use crate::syntax::ast::{Condition, Load, Mapping, OnDuplicate, Path, Span};
use crate::syntax::failure::What;

/// A clause of a load.
enum Clause {
    Into(Path),
    Mapping(Vec<Mapping>),
    Creating,
    Skipping(String),
    OnDuplicate(OnDuplicate),
    Replace(Vec<Condition>),
    Because(String),
}

/// `load 'facts.csv' into plan (Dept -> department) replace where plan, 2026`
pub fn load(i: Tokens<'_>) -> PResult<'_, Load> {
    let (i, _) = word("load")(i)?;
    let (i, members_of) = cut(opt(members_of)).parse(i)?;
    let (i, (file, file_span)) = cut(spanned_text).parse(i)?;
    let (i, clauses) = many0(spanned_clause).parse(i)?;
    let mut load = Load {
        file,
        file_span,
        members_of,
        into: None,
        mapping: Vec::new(),
        creating_members: false,
        skipping_errors: None,
        on_duplicate: None,
        replace: None,
        because: None,
    };
    let mut seen: Vec<&str> = Vec::new();
    for (clause, span) in clauses {
        let name = clause.name();
        if seen.contains(&name) {
            return refuse(span, format!("{name} is given twice"), "already given before");
        }
        seen.push(name);
        clause.put(&mut load);
    }
    Ok((i, load))
}

/// `members of account from`
fn members_of(i: Tokens<'_>) -> PResult<'_, Path> {
    let (i, _) = word("members")(i)?;
    let (i, dimension) = cut(after("of", path)).parse(i)?;
    let (i, _) = cut(word("from")).parse(i)?;
    Ok((i, dimension))
}

fn spanned_clause(i: Tokens<'_>) -> PResult<'_, (Clause, Span)> {
    let (rest, clause) = alt((
        after("into", path).map(Clause::Into),
        bracketed(mapping).map(Clause::Mapping),
        preceded(word("creating"), cut(word("members"))).map(|_| Clause::Creating),
        after("skipping", rejects).map(Clause::Skipping),
        after("on", duplicates).map(Clause::OnDuplicate),
        preceded(word("replace"), opt(where_clause)).map(|conditions| Clause::Replace(conditions.unwrap_or_default())),
        because.map(Clause::Because),
    ))
    .parse(i)?;
    let span = i.span_to(&rest);
    Ok((rest, (clause, span)))
}

/// `CostCentre -> department`
fn mapping(i: Tokens<'_>) -> PResult<'_, Mapping> {
    let (rest, column) = i.labelled(What::Thing("a column's name"), new_name)?;
    if rest.is_symbol(0, "..") {
        return wide(i, &rest);
    }
    let (rest, ()) = symbol("->")(rest)?;
    let (rest, target) = path(rest)?;
    if rest.is_word(0, "as") {
        return wide(i, &rest);
    }
    Ok((rest, Mapping { column, target }))
}

/// Refuses `2024.. -> period as cost`.
fn wide<'a>(i: Tokens<'a>, rest: &Tokens<'a>) -> PResult<'a, Mapping> {
    let form = "COLUMN.. -> period as MEASURE";
    unavailable::unavailable(i, rest.at() - i.at() + 1, form, "give the file one row per period")
}

/// `errors to 'rejects.csv'`
fn rejects(i: Tokens<'_>) -> PResult<'_, String> {
    preceded(word("errors"), after("to", text)).parse(i)
}

/// `duplicate add`
fn duplicates(i: Tokens<'_>) -> PResult<'_, OnDuplicate> {
    let choice = alt((
        value(OnDuplicate::Add, word("add")),
        value(OnDuplicate::Last, word("last")),
        value(OnDuplicate::Reject, word("reject")),
    ));
    preceded(word("duplicate"), choice).parse(i)
}

impl Clause {
    /// What is named when it is given twice.
    fn name(&self) -> &'static str {
        match self {
            Clause::Into(_) => "\"into\"",
            Clause::Mapping(_) => "the mapping of columns",
            Clause::Creating => "\"creating members\"",
            Clause::Skipping(_) => "\"skipping errors\"",
            Clause::OnDuplicate(_) => "\"on duplicate\"",
            Clause::Replace(_) => "\"replace\"",
            Clause::Because(_) => "\"because\"",
        }
    }

    fn put(self, load: &mut Load) {
        match self {
            Clause::Into(scenario) => load.into = Some(scenario),
            Clause::Mapping(mapping) => load.mapping = mapping,
            Clause::Creating => load.creating_members = true,
            Clause::Skipping(file) => load.skipping_errors = Some(file),
            Clause::OnDuplicate(rule) => load.on_duplicate = Some(rule),
            Clause::Replace(conditions) => load.replace = Some(conditions),
            Clause::Because(reason) => load.because = Some(reason),
        }
    }
}
