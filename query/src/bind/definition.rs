//! Definitions: names that stand for formulas and numbers, read back from their statements.

use super::name::{Meaning, Names};
use super::number::statement;
use super::relative::{Distance, Lead, Shift, has_weeks};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Body, Comparison, Condition, Define, Expr, Name, Operator, Path, Span, Statement, Value};
use engine::calendar::Moment;
use engine::id::{DimensionId, MemberId};

/// What one scenario gives to a composed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub scenario: MemberId,
    /// Its facts count so much later than they stand.
    pub later: Distance,
    /// Only periods that end after this.
    pub after: Option<Moment>,
    /// Only periods that end by this.
    pub through: Option<Moment>,
}

impl Source {
    /// All of a scenario, where it stands.
    pub fn plain(scenario: MemberId) -> Self {
        Source { scenario, later: Distance::default(), after: None, through: None }
    }
}

/// A scenario that is laid together from others, leaf by leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Composite {
    pub name: String,
    pub sources: Vec<Source>,
}

/// What a defined member of a dimension is.
#[derive(Debug, Clone)]
pub(crate) enum DefinedMember {
    /// Laid together from scenarios.
    Composite(Composite),
    /// Arithmetic over members, done last.
    Formula(String, Expr),
}

/// The defined measure of a name.
pub(crate) fn defined_measure(names: Names, name: &str) -> Option<Define> {
    match statement(names, None, name)? {
        Statement::Define(define) => Some(define),
        _ => None,
    }
}

/// The defined member that a path names, in one dimension or in any; members that are there go first.
pub(crate) fn defined_member(
    names: Names,
    path: &Path,
    within: Option<DimensionId>,
) -> Result<Option<(DimensionId, DefinedMember)>> {
    let (of, name) = match path.names.as_slice() {
        [name] => (None, name),
        [dimension, name] => match names.schema.find_dimension(&dimension.text) {
            Some(id) => (Some(id), name),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    let known = names.schema.definitions().iter().find_map(|known| {
        let id = known.member_of?;
        let fits = within.is_none_or(|within| within == id) && of.is_none_or(|of| of == id);
        (fits && known.name.to_lowercase() == name.text.to_lowercase()).then_some(id)
    });
    let Some(id) = known.filter(|_| names.member(path, within).is_err()) else { return Ok(None) };
    let Some(Statement::Define(define)) = statement(names, Some(id), &name.text) else { return Ok(None) };
    let member = member(names, id, define).map_err(|error| inside(error, &name.text, path.span()))?;
    Ok(Some((id, member)))
}

/// The defined member that a condition names: `gap`, `scenario = gap`.
pub(crate) fn defined_by(names: Names, condition: &Condition) -> Result<Option<(DimensionId, DefinedMember)>> {
    match condition {
        Condition::Named(path) => defined_member(names, path, None),
        Condition::Compare { subject, comparison: Comparison::Equal, value: Value::Path(path), .. } => {
            match names.dimension_of(subject) {
                Ok(id) => defined_member(names, path, Some(id)),
                Err(_) => Ok(None),
            }
        }
        _ => Ok(None),
    }
}

/// An error within a definition points at the name that led to it.
pub(crate) fn inside(error: Error, name: &str, span: Span) -> Error {
    let help = format!("this is in the definition of {name}");
    let known = error.help.contains(&help);
    let error = Error { span: Some(span), ..error };
    if known { error } else { error.helped(help) }
}

/// What a definition makes of a member.
pub(crate) fn member(names: Names, id: DimensionId, define: Define) -> Result<DefinedMember> {
    let name = define.name.names.last().map_or(String::new(), |name| name.text.clone());
    match define.body {
        Body::Through { parts, then } => {
            let sources = through(names, id, &parts, &then)?;
            Ok(DefinedMember::Composite(Composite { name, sources }))
        }
        Body::Formula(expr) => match laid_over(names, id, &expr)? {
            Some(sources) => Ok(DefinedMember::Composite(Composite { name, sources })),
            None => Ok(DefinedMember::Formula(name, expr)),
        },
    }
}

fn scenario(names: Names, id: DimensionId, path: &Path) -> Result<Vec<Source>> {
    if let Some((_, DefinedMember::Composite(composite))) = defined_member(names, path, Some(id))? {
        return Ok(composite.sources);
    }
    match names.member(path, Some(id))? {
        Meaning::Member { member, .. } => Ok(vec![Source::plain(member)]),
        _ => Err(Error::new(ErrorKind::Name, "expected a scenario", Some(path.span()))),
    }
}

/// `actual through 2026-03 then plan`
fn through(names: Names, id: DimensionId, parts: &[(Path, Name)], then: &Path) -> Result<Vec<Source>> {
    if id != DimensionId::SCENARIO {
        return Err(Error::new(ErrorKind::Refused, "only scenarios follow one another", Some(then.span())));
    }
    let mut sources = Vec::new();
    let mut after = None;
    for (path, cut) in parts {
        let last = end_of(names, cut)?;
        if after.is_some_and(|after| after >= last) {
            return Err(Error::new(ErrorKind::Refused, "the cuts are not in order", Some(cut.span.clone()))
                .labelled("expected a later period"));
        }
        sources.extend(scenario(names, id, path)?.into_iter().map(|source| cut_to(source, after, Some(last))));
        after = Some(last);
    }
    sources.extend(scenario(names, id, then)?.into_iter().map(|source| cut_to(source, after, None)));
    Ok(sources)
}

fn cut_to(source: Source, after: Option<Moment>, through: Option<Moment>) -> Source {
    let through = match (source.through, through) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    };
    Source { after: source.after.max(after), through, ..source }
}

/// Where the period of a cut ends.
fn end_of(names: Names, cut: &Name) -> Result<Moment> {
    let time = names.schema.time();
    let path = Path { names: vec![cut.clone()] };
    let period = time.and_then(|time| match names.member(&path, Some(time)) {
        Ok(Meaning::Member { member, .. }) => names.schema.dimension(time).member(member).period,
        _ => None,
    });
    period.map(|period| period.end()).ok_or_else(|| {
        Error::new(ErrorKind::Name, format!("\"{}\" is no period of the calendar", cut.text), Some(cut.span.clone()))
            .labelled("expected a period such as 2026-03")
    })
}

/// A sum of scenarios, each perhaps later or earlier: `plan + ProductX[prev 3 months]`. None for any other formula.
fn laid_over(names: Names, id: DimensionId, expr: &Expr) -> Result<Option<Vec<Source>>> {
    if id != DimensionId::SCENARIO {
        return Ok(None);
    }
    match expr {
        Expr::Binary { operator: Operator::Add, left, right, .. } => {
            let (left, right) = (laid_over(names, id, left)?, laid_over(names, id, right)?);
            Ok(left.zip(right).map(|(left, right)| [left, right].concat()))
        }
        Expr::Reference { path, selection, .. } => {
            let later = later(names, selection)?;
            if let Some((_, DefinedMember::Formula(..))) = defined_member(names, path, Some(id))? {
                return Ok(None);
            }
            let sources = scenario(names, id, path)?;
            Ok(Some(sources.into_iter().map(|source| Source { later: source.later.plus(later), ..source }).collect()))
        }
        _ => Ok(None),
    }
}

/// How much later a scenario's facts count: `prev 3 months` reads three months back.
fn later(names: Names, selection: &[Condition]) -> Result<Distance> {
    selection.iter().try_fold(Distance::default(), |later, condition| match condition {
        Condition::Relative(relative, span) => match Shift::bind(names, relative, span)? {
            Shift { lead: Lead::Later(distance), along } => {
                if distance.months != 0 && has_weeks(names.schema.dimension(along)) {
                    return Err(uneven(span.clone()));
                }
                Ok(later.minus(distance))
            }
            _ => Err(only_shifts(span.clone())),
        },
        other => Err(only_shifts(condition_span(other))),
    })
}

/// Months have unequal numbers of weeks: what stands in the fifth would be lost on the way.
fn uneven(span: Span) -> Error {
    Error::new(
        ErrorKind::Refused,
        "in a calendar of weeks a scenario is laid over so many weeks earlier or later",
        Some(span),
    )
    .labelled("expected weeks, such as prev 13 weeks")
}

fn only_shifts(span: Span) -> Error {
    Error::new(ErrorKind::Refused, "a scenario is laid over another earlier or later, no other way", Some(span))
        .labelled("expected prev or next, such as prev 3 months")
}

fn condition_span(condition: &Condition) -> Span {
    match condition {
        Condition::Named(path) | Condition::Level(path) | Condition::Below(_, path) => path.span(),
        Condition::Range(first, last) => first.span().start..last.span().end,
        Condition::In { span, .. }
        | Condition::Compare { span, .. }
        | Condition::Except { span, .. }
        | Condition::Relative(_, span)
        | Condition::Like { span, .. } => span.clone(),
    }
}
