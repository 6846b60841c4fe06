//! `load`: a file, what its columns mean, and what to do with what does not fit.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::multi::{many0, separated_list1};
use nom::sequence::preceded;

use super::basics::{PResult, Tokens, after, bracketed, file_name, new_name, path, refuse, symbol, text, word};
use super::change::because;
use super::model::literal;
use super::selection::where_clause;
use crate::syntax::ast::{Condition, Literal, Load, Mapping, OnDuplicate, Path, Span, Until, Wide};
use crate::syntax::failure::What;

/// A clause of a load.
enum Clause {
    Into(Path),
    Mapping(Vec<Entry>),
    Creating,
    Skipping(String),
    OnDuplicate(OnDuplicate),
    Replace(Vec<Condition>),
    Because(String),
}

/// One entry of the brackets.
enum Entry {
    Column(Mapping),
    Wide(Wide),
}

/// `load 'facts.csv' into plan (Dept -> department) replace where plan, 2026`
pub fn load(i: Tokens<'_>) -> PResult<'_, Load> {
    let (i, _) = word("load")(i)?;
    let (i, members_of) = cut(opt(members_of)).parse(i)?;
    let (i, (file, file_span)) = cut(file_name).parse(i)?;
    let (i, clauses) = many0(spanned_clause).parse(i)?;
    let mut load = Load {
        file,
        file_span,
        members_of,
        into: None,
        mapping: Vec::new(),
        wide: Vec::new(),
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
        bracketed(entry).map(Clause::Mapping),
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

/// `CostCentre -> department`, `2024..2026 -> period as cost`, `boss -> parent unless 0`
fn entry(i: Tokens<'_>) -> PResult<'_, Entry> {
    let (i, column) = i.labelled(What::Thing("a column's name"), new_name)?;
    let (i, until) = until(i)?;
    let (i, ()) = symbol("->")(i)?;
    let (i, target) = path(i)?;
    match until {
        Until::Itself if !i.is_word(0, "as") => {
            let (i, unless) = unless(i)?;
            Ok((i, Entry::Column(Mapping { column, target, unless })))
        }
        until => {
            let (i, measure) = cut(after("as", path)).parse(i)?;
            let (i, unless) = unless(i)?;
            Ok((i, Entry::Wide(Wide { first: column, until, target, measure, unless })))
        }
    }
}

/// `unless 0 or '-'`
fn unless(i: Tokens<'_>) -> PResult<'_, Vec<Literal>> {
    let several = separated_list1(word("or"), cut(literal));
    let (i, found) = opt(preceded(word("unless"), cut(several))).parse(i)?;
    Ok((i, found.unwrap_or_default()))
}

/// `..2026`, `..`, or nothing.
fn until(i: Tokens<'_>) -> PResult<'_, Until> {
    if !i.is_symbol(0, "..") {
        return Ok((i, Until::Itself));
    }
    let (i, ()) = symbol("..")(i)?;
    let (i, last) = opt(new_name).parse(i)?;
    Ok((i, last.map_or(Until::End, Until::Column)))
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
            Clause::Mapping(entries) => entries.into_iter().for_each(|entry| match entry {
                Entry::Column(mapping) => load.mapping.push(mapping),
                Entry::Wide(wide) => load.wide.push(wide),
            }),
            Clause::Creating => load.creating_members = true,
            Clause::Skipping(file) => load.skipping_errors = Some(file),
            Clause::OnDuplicate(rule) => load.on_duplicate = Some(rule),
            Clause::Replace(conditions) => load.replace = Some(conditions),
            Clause::Because(reason) => load.because = Some(reason),
        }
    }
}
