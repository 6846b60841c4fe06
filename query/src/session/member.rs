//! `add member`.

use super::changed::{Changed, at};
use crate::bind::{Meaning, Names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Literal, Name, Number, Path, Span, Statement};
use engine::cube::Draft;
use engine::decimal::Decimal;
use engine::dimension::{Attribute, Dimension, Kind, LevelId, NewMember};
use engine::id::{DimensionId, MemberId};
use engine::snapshot::Snapshot;
use engine::weight::Weight;
use std::collections::BTreeMap;

/// The attribute that is no attribute: how a member counts in its parent.
const WEIGHT: &str = "weight";

/// Drafts a new member.
pub(super) fn add(snapshot: &Snapshot, statement: &Statement, draft: &mut Draft) -> Result<Changed> {
    let schema = snapshot.schema().as_ref();
    let Statement::AddMember { name, to, under, weight, attributes } = statement else {
        return Ok(Changed::default());
    };
    let names = Names::new(schema);
    let (id, level) = place(names, to, under.is_some())?;
    let mut dimension = Dimension::clone(schema.dimension(id));
    if matches!(dimension.kind, Kind::Time(_)) {
        return Err(Error::new(ErrorKind::Refused, "the calendar makes its own members", Some(to.span())));
    }
    let parent = parent(names, id, under.as_ref())?;
    if let Some(level) = level {
        let blamed = under.as_ref().map_or(to.span(), Path::span);
        check_level(&dimension, level, parent).map_err(|message| {
            Error::new(ErrorKind::Refused, message, Some(blamed))
                .helped(format!("write `add member {name} to {to} under …` with such a parent"))
        })?;
    }
    super::edit::refuse_own_facts(snapshot, &dimension, id, parent)?;
    let new = NewMember {
        weight: weight_of(weight.as_ref(), attributes)?,
        attributes: attributes_of(attributes),
        ..NewMember::named(&name.text, parent, true)
    };
    dimension.add(new).map_err(|error| at(error, name))?;
    dimension.seal();
    let note = format!("{} added to {}", name.text, dimension.name);
    draft.schema(schema.replacing(id, dimension))?;
    Ok(Changed::noted(note))
}

/// The dimension, and the level where one is named. Where a level is named like its
/// dimension, the parent decides.
fn place(names: Names, to: &Path, under: bool) -> Result<(DimensionId, Option<LevelId>)> {
    let subject = names.subject(to).map_err(|error| match names.member(to, None) {
        Ok(Meaning::Member { dimension, .. }) => {
            let dimension = &names.schema.dimension(dimension).name;
            Error { help: vec![format!("below it: add member NAME to {dimension} under {to}")], ..error }
        }
        _ => error,
    });
    match subject? {
        Meaning::Dimension(id) => Ok((id, None)),
        Meaning::Level(id, level) => {
            let own =
                to.names.last().is_some_and(|name| name.text.eq_ignore_ascii_case(&names.schema.dimension(id).name));
            Ok((id, Some(level).filter(|_| !(own && under))))
        }
        _ => Err(Error::new(ErrorKind::Name, "expected a dimension or a level", Some(to.span()))),
    }
}

fn parent(names: Names, id: DimensionId, under: Option<&Path>) -> Result<MemberId> {
    let Some(under) = under else { return Ok(MemberId::ROOT) };
    match names.member(under, Some(id))? {
        Meaning::Member { member, own: false, .. } => Ok(member),
        _ => Err(Error::new(ErrorKind::Name, "expected a member", Some(under.span()))),
    }
}

/// A member of a level has a parent one level up.
fn check_level(dimension: &Dimension, level: LevelId, parent: MemberId) -> std::result::Result<(), String> {
    let tree = &dimension.hierarchies()[0];
    if tree.rung(parent) == Some(level.depth) {
        return Ok(());
    }
    let own = &tree.levels[level.depth];
    Err(match level.depth.checked_sub(1) {
        Some(above) => format!("a {own} has a {} as its parent", tree.levels[above]),
        None => format!("a {own} has no parent"),
    })
}

/// The weight given by itself, or among the attributes.
fn weight_of(weight: Option<&Number>, attributes: &[(Name, Literal)]) -> Result<Weight> {
    if let Some(number) = weight {
        return number_weight(number);
    }
    let given = attributes.iter().find(|(name, _)| name.text.eq_ignore_ascii_case(WEIGHT));
    match given.map(|(_, value)| value) {
        None => Ok(Weight::ONE),
        Some(Literal::Number(number)) => number_weight(number),
        Some(Literal::Text(text, span)) => Weight::parse(text).ok_or_else(|| no_weight(text, span)),
    }
}

fn number_weight(number: &Number) -> Result<Weight> {
    let decimal = Decimal::new(number.units, number.scale);
    Weight::of(decimal).ok_or_else(|| no_weight(&decimal.to_string(), &number.span))
}

fn no_weight(text: &str, span: &Span) -> Error {
    Error::new(ErrorKind::Refused, format!("{text} is no weight"), Some(span.clone()))
        .labelled("expected a number such as 1, -1, 0 or 0.6")
        .helped("or as text '+', '-', '~' or a fraction: weight = '1/3'")
}

fn attributes_of(attributes: &[(Name, Literal)]) -> BTreeMap<String, Attribute> {
    let kept = attributes.iter().filter(|(name, _)| !name.text.eq_ignore_ascii_case(WEIGHT));
    kept.map(|(name, value)| {
        let value = match value {
            Literal::Number(number) => Attribute::Number(number.units, number.scale),
            Literal::Text(text, _) => Attribute::Text(text.clone()),
        };
        (name.text.clone(), value)
    })
    .collect()
}
