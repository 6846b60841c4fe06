//! Changes of a model that is there: a dimension more, members moved, renamed, dropped, put in order.

use super::changed::{Changed, at};
use crate::bind::{Meaning, Names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{MemberOrder, Name, Path, Statement};
use engine::aggregate;
use engine::cube::Draft;
use engine::dimension::{Dimension, Kind, NewMember, Order};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::snapshot::Snapshot;
use engine::subcube::Subcube;
use engine::weight::Weight;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Drafts a change of members.
pub(super) fn edit(snapshot: &Snapshot, statement: &Statement, draft: &mut Draft) -> Result<Changed> {
    match statement {
        Statement::MoveMember { member, to, under } => {
            move_member(snapshot, member, to.as_ref(), under.as_ref(), draft)
        }
        Statement::RenameMember { member, name } => rename(snapshot, member, name, draft),
        Statement::DropMember(member) => drop_member(snapshot, member, draft),
        Statement::OrderMembers { of, by } => order(snapshot, of, *by, draft),
        _ => Ok(Changed::default()),
    }
}

/// A new dimension with the member at which all facts that are there stand.
///
/// Errors: there are facts, and no member is named.
pub(super) fn with_default(
    snapshot: &Snapshot,
    mut dimension: Dimension,
    name: &Name,
    default: Option<&Name>,
) -> Result<Dimension> {
    let Some(default) = default else {
        if snapshot.facts() == 0 {
            return Ok(dimension);
        }
        let message = format!("the cube holds facts: which member of {} do they stand at?", dimension.name);
        return Err(Error::new(ErrorKind::Refused, message, Some(name.span.clone()))
            .labelled("needs a default")
            .helped(format!("add dimension {name} … default Direct")));
    };
    let skips = dimension.hierarchies()[0].levels.len().saturating_sub(1);
    let new = NewMember { skips, ..NewMember::named(&default.text, MemberId::ROOT, true) };
    let member = dimension.add(new).map_err(|error| at(error, default))?;
    dimension.default = Some(member);
    dimension.seal();
    Ok(dimension)
}

/// A member of an ordinary dimension.
fn member_of(names: Names, path: &Path, within: Option<DimensionId>) -> Result<(DimensionId, MemberId)> {
    let Meaning::Member { dimension: id, member, own: false } = names.member(path, within)? else {
        return Err(Error::new(ErrorKind::Name, "expected a member, not its own leaf", Some(path.span())));
    };
    let refused = |message: &str| Err(Error::new(ErrorKind::Refused, message, Some(path.span())));
    let dimension = names.schema.dimension(id);
    match dimension.kind {
        Kind::Time(_) => refused("the calendar makes its own members"),
        Kind::Scenario => refused("a scenario is no member of a tree"),
        Kind::Standard if !dimension.hierarchies()[0].contains(member) => {
            refused("this member is made from attributes: change them instead")
        }
        Kind::Standard => Ok((id, member)),
    }
}

fn blamed(error: engine::error::EngineError, path: &Path) -> Error {
    Error { span: Some(path.span()), ..error.into() }
}

fn move_member(
    snapshot: &Snapshot,
    path: &Path,
    to: Option<&Path>,
    under: Option<&Path>,
    draft: &mut Draft,
) -> Result<Changed> {
    let names = Names::new(snapshot.schema());
    let within = to.map(|to| names.dimension(to)).transpose()?;
    let (id, member) = member_of(names, path, within)?;
    let parent = match under {
        Some(under) => member_of(names, under, Some(id))?.1,
        None => MemberId::ROOT,
    };
    let mut dimension = Dimension::clone(names.schema.dimension(id));
    let above = under.map_or_else(|| dimension.name.clone(), ToString::to_string);
    refuse_own_facts(snapshot, &dimension, id, parent)
        .map_err(|error| Error { span: under.map(Path::span), ..error })?;
    let blame = under.unwrap_or(path);
    let level = dimension.level_name(member).map(str::to_owned);
    dimension.move_to(member, parent).and_then(|()| dimension.check()).map_err(|error| blamed(error, blame))?;
    if dimension.level_name(member) != level.as_deref() {
        let message = format!("{path} is a {}: it cannot stand under {above}", level.unwrap_or_default());
        return Err(
            Error::new(ErrorKind::Refused, message, Some(blame.span())).labelled("a parent stands at a level above")
        );
    }
    dimension.seal();
    draft.schema(names.schema.replacing(id, dimension))?;
    Ok(Changed::noted(format!("{path} moved under {above}")))
}

/// Where facts stand at leaves only, a leaf that holds some gets no members below it.
pub(super) fn refuse_own_facts(
    snapshot: &Snapshot,
    dimension: &Dimension,
    id: DimensionId,
    parent: MemberId,
) -> Result<()> {
    if !dimension.leaves_only || !dimension.is_leaf(parent) || facts_at(snapshot, id, dimension, &[parent])? == 0 {
        return Ok(());
    }
    let name = &dimension.member(parent).name;
    let message = format!("{name} holds facts, and {} takes facts at its leaves only", dimension.name);
    Err(Error::new(ErrorKind::Refused, message, None).helped(format!("move the facts of {name} elsewhere first")))
}

fn rename(snapshot: &Snapshot, path: &Path, name: &Name, draft: &mut Draft) -> Result<Changed> {
    let names = Names::new(snapshot.schema());
    let (id, member) = member_of(names, path, None)?;
    let mut dimension = Dimension::clone(names.schema.dimension(id));
    dimension.rename(member, &name.text).map_err(|error| at(error, name))?;
    dimension.seal();
    draft.schema(names.schema.replacing(id, dimension))?;
    Ok(Changed::noted(format!("{path} is shown as {}; it is found by both names", name.text)))
}

fn drop_member(snapshot: &Snapshot, path: &Path, draft: &mut Draft) -> Result<Changed> {
    let names = Names::new(snapshot.schema());
    let (id, member) = member_of(names, path, None)?;
    let mut dimension = Dimension::clone(names.schema.dimension(id));
    let below: Vec<MemberId> = dimension.below(member).into_iter().map(|(member, _)| member).collect();
    let facts = facts_at(snapshot, id, &dimension, &below)?;
    if facts > 0 {
        return Err(Error::new(ErrorKind::Refused, format!("{path} holds cells: {facts}"), Some(path.span()))
            .helped(format!("clear or move them in every scenario first: clear MEASURE where {path}")));
    }
    if dimension.default.is_some_and(|default| below.contains(&default)) {
        return Err(Error::new(
            ErrorKind::Refused,
            format!("{path} is where facts stand that name no {}", dimension.name),
            Some(path.span()),
        ));
    }
    below.iter().for_each(|member| dimension.retire(*member));
    draft.schema(names.schema.replacing(id, dimension))?;
    Ok(Changed::noted(format!("{path} dropped, members: {}", below.len())))
}

/// How many cells of all scenarios stand at some members.
fn facts_at(snapshot: &Snapshot, id: DimensionId, dimension: &Dimension, members: &[MemberId]) -> Result<usize> {
    let mut inside = vec![Weight::ZERO; dimension.len()];
    members.iter().for_each(|member| inside[member.index()] = Weight::ONE);
    let inside = Arc::new(inside);
    let schema = snapshot.schema();
    let mut found = 0;
    for scenario in schema.scenarios().ordered() {
        let mut subcube = Subcube::all(schema, scenario);
        subcube.dimensions[id.index() - 1] = Some(Arc::clone(&inside));
        for measure in (0..schema.measures().len()).map(MeasureId::from_index) {
            found += aggregate::leaves(snapshot, &subcube, measure, &AtomicBool::new(false))?.len();
        }
    }
    Ok(found)
}

fn order(snapshot: &Snapshot, of: &Path, by: MemberOrder, draft: &mut Draft) -> Result<Changed> {
    let names = Names::new(snapshot.schema());
    let id = names.dimension(of)?;
    let mut dimension = Dimension::clone(names.schema.dimension(id));
    if matches!(dimension.kind, Kind::Time(_)) {
        return Err(Error::new(ErrorKind::Refused, "periods come in the order of the calendar", Some(of.span())));
    }
    dimension.order = match by {
        MemberOrder::Loaded => Order::Loaded,
        MemberOrder::Name => Order::Name,
        MemberOrder::Key => Order::Key,
    };
    dimension.seal();
    let note = format!("members of {} come {}", dimension.name, by_text(by));
    draft.schema(names.schema.replacing(id, dimension))?;
    Ok(Changed::noted(note))
}

fn by_text(by: MemberOrder) -> &'static str {
    match by {
        MemberOrder::Loaded => "as they were named, then by name",
        MemberOrder::Name => "by name",
        MemberOrder::Key => "by key",
    }
}
