//! Statements that change the model: dimensions, measures, members, scenarios, locks.

use super::changed::{Changed, at};
use super::{definition, edit, level, measure, member, view};
use crate::bind::{Meaning, Names, Selection, unknown};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Arrangement, Condition, Name, Number, Path, Statement};
use engine::calendar::{Calendar, Grain, Written, read_month, read_period, week_numbered, weeks_of_year};
use engine::change::Change;
use engine::cube::Draft;
use engine::dimension::{Dimension, NewMember};
use engine::id::{DimensionId, MemberId};
use engine::schema::{Lock, Origin, Schema};
use engine::snapshot::Snapshot;
use engine::subcube::Subcube;
use engine::{Write, Writes, aggregate};
use std::sync::atomic::AtomicBool;

/// Drafts a change of the model.
pub(super) fn change(snapshot: &Snapshot, statement: &Statement, draft: &mut Draft) -> Result<Changed> {
    let schema = snapshot.schema().as_ref();
    match statement {
        Statement::CreateDimension { name, arrangement, leaves_only } => {
            refuse_facts(snapshot, name)?;
            add_dimension(snapshot, dimension(name, arrangement, *leaves_only)?, name, draft)
        }
        Statement::AddDimension { name, arrangement, leaves_only, default } => {
            let new = dimension(name, arrangement, *leaves_only)?;
            add_dimension(snapshot, edit::with_default(snapshot, new, name, default.as_ref())?, name, draft)
        }
        Statement::AddLevel { .. } => level::add(schema, statement, draft),
        Statement::CreateHierarchy { name, on, levels } => hierarchy(schema, name, on, levels, draft),
        Statement::MoveMember { .. }
        | Statement::RenameMember { .. }
        | Statement::DropMember(_)
        | Statement::OrderMembers { .. } => edit::edit(snapshot, statement, draft),
        Statement::CreateTime { name, weeks, first, last, fiscal_start } => {
            refuse_facts(snapshot, name)?;
            let calendar = calendar(*weeks, first, last, fiscal_start.as_ref())?;
            let dimension = Dimension::time(&name.text, calendar).map_err(|error| at(error, name))?;
            draft.schema(schema.with_dimension(dimension).map_err(|error| at(error, name))?)?;
            Ok(Changed::noted(format!("time dimension {} created", name.text)))
        }
        Statement::CreateScenario { names } => create_scenarios(schema, names, draft),
        Statement::CreateMeasure { .. } => measure::create(schema, statement, draft),
        Statement::Define(define) => definition::define(schema, define, draft),
        Statement::SetNumber { name, value } => definition::set_number(schema, name, value, draft),
        Statement::AddMember { .. } => member::add(snapshot, statement, draft),
        Statement::Branch { name, from, because } => branch(schema, name, from, because.as_ref(), draft),
        Statement::Drop(path) => match definition::drop_definition(schema, path, draft)? {
            Some(changed) => Ok(changed),
            None => drop_scenario(snapshot, path, draft),
        },
        Statement::SaveView { name, show } => view::save(schema, name, show, draft),
        Statement::DropView(name) => view::drop_view(schema, name, draft),
        Statement::Lock(conditions) => lock(schema, conditions, draft),
        Statement::Unlock(conditions) => unlock(schema, conditions, draft),
        other => Err(Error::new(ErrorKind::Refused, format!("`{other}` does not change the model"), None)),
    }
}

fn refuse_facts(snapshot: &Snapshot, name: &Name) -> Result<()> {
    if snapshot.facts() == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Refused,
        "the cube holds facts: a dimension cannot be created any more",
        Some(name.span.clone()),
    )
    .helped(format!("`add dimension {name} … default MEMBER` puts every fact at one member of it")))
}

fn dimension(name: &Name, arrangement: &Arrangement, leaves_only: bool) -> Result<Dimension> {
    if name.text.eq_ignore_ascii_case("scenario") {
        return Err(Error::new(ErrorKind::Refused, "every cube has a scenario dimension", Some(name.span.clone()))
            .helped("`create scenario plan;` adds a scenario"));
    }
    let mut dimension = match arrangement {
        Arrangement::ParentChild => Dimension::parent_child(&name.text),
        Arrangement::Levels(levels) if levels.is_empty() => Dimension::with_levels(&name.text, vec![name.text.clone()]),
        Arrangement::Levels(levels) => {
            let names: Vec<String> = levels.iter().map(|level| level.text.clone()).collect();
            let repeated = (1..levels.len())
                .find(|place| names[..*place].iter().any(|earlier| earlier.eq_ignore_ascii_case(&names[*place])));
            if let Some(place) = repeated {
                return Err(Error::new(
                    ErrorKind::Refused,
                    format!("the level {} is listed twice", names[place]),
                    Some(levels[place].span.clone()),
                ));
            }
            Dimension::with_levels(&name.text, names)
        }
    };
    dimension.leaves_only = leaves_only;
    Ok(dimension)
}

fn add_dimension(snapshot: &Snapshot, dimension: Dimension, name: &Name, draft: &mut Draft) -> Result<Changed> {
    let schema = snapshot.schema().with_dimension(dimension).map_err(|error| at(error, name))?;
    draft.schema(schema)?;
    Ok(Changed::noted(format!("dimension {} created", name.text)))
}

/// A further tree over the leaves of a dimension, made from their attributes.
fn hierarchy(schema: &Schema, name: &Name, on: &Path, levels: &[Name], draft: &mut Draft) -> Result<Changed> {
    let id = Names::new(schema).dimension(on)?;
    let known: Vec<String> = schema.dimension(id).attributes().into_iter().map(str::to_owned).collect();
    let attribute = |level: &Name| {
        let found = known.iter().find(|known| known.eq_ignore_ascii_case(&level.text)).cloned();
        let what = format!("attribute of {}", schema.dimension(id).name);
        found.ok_or_else(|| unknown(&what, &level.text, level.span.clone(), &known))
    };
    let attributes: Result<Vec<String>> = levels.iter().map(attribute).collect();
    draft.schema(schema.with_hierarchy(id, &name.text, attributes?).map_err(|error| at(error, name))?)?;
    Ok(Changed::noted(format!("hierarchy {} created on {}", name.text, schema.dimension(id).name)))
}

fn calendar(weeks: bool, first: &Name, last: &Name, fiscal_start: Option<&Number>) -> Result<Calendar> {
    let start = match fiscal_start {
        None => 1,
        Some(number) if number.scale == 0 && (1..=12).contains(&number.units) => number.units as u8,
        Some(number) => {
            return Err(Error::new(
                ErrorKind::Refused,
                "a fiscal year starts in a month from 1 to 12",
                Some(number.span.clone()),
            ));
        }
    };
    let read = if weeks { week } else { month };
    let (from, to) = (read(first)?, read(last)?);
    if to < from {
        return Err(Error::new(ErrorKind::Refused, "the calendar ends before it begins", Some(last.span.clone())));
    }
    Ok(if weeks { Calendar::of_weeks(from, to, start) } else { Calendar::of_months(from, to, start) })
}

fn month(name: &Name) -> Result<i32> {
    read_month(&name.text).ok_or_else(|| {
        let error = Error::new(ErrorKind::Syntax, format!("\"{}\" is not a month", name.text), Some(name.span.clone()))
            .labelled("expected a month such as 2026-01");
        match read_period(&name.text) {
            Some(Written::Part { grain: Grain::Week, .. }) => {
                error.helped("a calendar of weeks: create time dimension … weeks")
            }
            _ => error,
        }
    })
}

fn week(name: &Name) -> Result<i32> {
    let error = |message: String| Error::new(ErrorKind::Syntax, message, Some(name.span.clone()));
    match read_period(&name.text) {
        Some(Written::Part { grain: Grain::Week, year, number, .. }) => {
            let none = || error(format!("there is no week {}", name.text));
            week_numbered(year, number)
                .ok_or_else(|| none().labelled(format!("{year} has {} weeks", weeks_of_year(year))))
        }
        _ => Err(error(format!("\"{}\" is not a week", name.text)).labelled("expected a week such as 2026-W01")),
    }
}

fn create_scenarios(schema: &Schema, names: &[Name], draft: &mut Draft) -> Result<Changed> {
    let mut scenarios = Dimension::clone(schema.scenarios());
    for name in names {
        scenarios.add(NewMember::named(&name.text, MemberId::ROOT, true)).map_err(|error| {
            let there = scenarios.child(MemberId::ROOT, &name.text).is_some();
            match there {
                true => Error::new(
                    ErrorKind::Refused,
                    format!("there is a scenario \"{}\" already", name.text),
                    Some(name.span.clone()),
                ),
                false => at(error, name),
            }
        })?;
        scenarios.seal();
    }
    draft.schema(schema.replacing(DimensionId::SCENARIO, scenarios))?;
    let listed: Vec<&str> = names.iter().map(|name| name.text.as_str()).collect();
    Ok(Changed::noted(format!("scenario {} created", listed.join(", "))))
}

/// The scenario of a name.
pub(super) fn scenario_of(schema: &Schema, path: &Path) -> Result<MemberId> {
    match Names::new(schema).member(path, Some(DimensionId::SCENARIO))? {
        Meaning::Member { member, .. } => Ok(member),
        _ => Err(Error::new(ErrorKind::Name, "expected a scenario", Some(path.span()))),
    }
}

fn branch(schema: &Schema, name: &Name, from: &Path, because: Option<&String>, draft: &mut Draft) -> Result<Changed> {
    let source = scenario_of(schema, from)?;
    create_scenarios(schema, std::slice::from_ref(name), draft)?;
    let created = draft.snapshot().schema().scenarios().child(MemberId::ROOT, &name.text);
    if let Some(to) = created {
        draft.push(Change::Branch { from: source, to })?;
        let mut after = Schema::clone(draft.snapshot().schema());
        after.origins.push(Origin { branch: to, from: source, at: draft.moment() });
        draft.schema(after)?;
    }
    let source = &schema.scenarios().member(source).name;
    Ok(Changed {
        note: format!("{} branched from {source}", name.text),
        scenario: name.text.clone(),
        because: because.cloned(),
        cells: 0,
    })
}

/// Empties a scenario and takes its name away. Its number stays taken, so that what was recorded of it stays true.
fn drop_scenario(snapshot: &Snapshot, path: &Path, draft: &mut Draft) -> Result<Changed> {
    let schema = snapshot.schema();
    let scenario = match scenario_of(schema, path) {
        Ok(scenario) => scenario,
        Err(error) if Names::new(schema).measure(path).is_ok() => {
            return Err(Error { help: vec!["scenarios and definitions can be dropped".into()], ..error });
        }
        Err(error) => return Err(error),
    };
    let name = schema.scenarios().member(scenario).name.clone();
    let mut cells = 0;
    for measure in (0..schema.measures().len()).map(engine::id::MeasureId::from_index) {
        let all = Subcube::all(schema, scenario);
        let found = aggregate::leaves(draft.snapshot(), &all, measure, &AtomicBool::new(false))?;
        let column = vec![Write::Clear; found.len()];
        let writes = Writes { leaves: found.leaves, columns: vec![(measure, column)], ..Writes::default() };
        cells += draft.write(scenario, &writes)?.map_or(0, |delta| delta.count().0);
    }
    let mut scenarios = Dimension::clone(schema.scenarios());
    scenarios.retire(scenario);
    let mut after = schema.replacing(DimensionId::SCENARIO, scenarios);
    after.locks.retain(|lock| lock.scenario != scenario);
    after.holds.retain(|hold| hold.scenario != scenario);
    draft.schema(after)?;
    Ok(Changed { note: format!("scenario {name} dropped"), scenario: name, because: None, cells })
}

fn lock_of(schema: &Schema, conditions: &[Condition]) -> Result<Lock> {
    let names = Names::new(schema);
    let selection = Selection::bind(names, conditions)?;
    let scenario = match selection.scenarios.as_deref() {
        Some([scenario]) => *scenario,
        _ => {
            return Err(Error::new(ErrorKind::Refused, "a lock is about one scenario", None)
                .helped("name it first: lock plan, 2026-Q1"));
        }
    };
    let members = restricted(schema, &selection);
    let text: Vec<String> = conditions.iter().map(ToString::to_string).collect();
    Ok(Lock { text: text.join(", "), scenario, members })
}

/// For each dimension that a selection restricts the coordinates inside, sorted.
pub(super) fn restricted(schema: &Schema, selection: &Selection) -> Vec<(DimensionId, Vec<MemberId>)> {
    let inside = |id: DimensionId| {
        let leaves = selection.leaves[id.index() - 1].as_ref().filter(|_| selection.names(id))?;
        let inside = (0..leaves.len()).filter(|code| !leaves[*code].is_zero()).map(MemberId::from_index);
        Some((id, inside.collect()))
    };
    schema.coordinates().filter_map(inside).collect()
}

/// Refuses a selection that names a scenario, where the statement names those it is about.
pub(super) fn refuse_scenario(selection: &Selection, message: &str) -> Result<()> {
    match selection.picks.iter().find(|pick| pick.dimension == DimensionId::SCENARIO) {
        None => Ok(()),
        Some(pick) => Err(Error::new(ErrorKind::Refused, message, Some(pick.span.clone())).labelled("leave this out")),
    }
}

fn lock(schema: &Schema, conditions: &[Condition], draft: &mut Draft) -> Result<Changed> {
    let lock = lock_of(schema, conditions)?;
    let mut after = schema.clone();
    let changed = Changed {
        note: format!("{} locked: it refuses every change", lock.text),
        scenario: schema.scenarios().member(lock.scenario).name.clone(),
        ..Changed::default()
    };
    if !after.locks.iter().any(|known| known.scenario == lock.scenario && known.members == lock.members) {
        after.locks.push(lock);
    }
    draft.schema(after)?;
    Ok(changed)
}

fn unlock(schema: &Schema, conditions: &[Condition], draft: &mut Draft) -> Result<Changed> {
    let lock = lock_of(schema, conditions)?;
    let mut after = schema.clone();
    let whole = lock.members.is_empty();
    after.locks.retain(|known| known.scenario != lock.scenario || (!whole && known.members != lock.members));
    if after.locks.len() == schema.locks.len() {
        let locks: Vec<&str> = schema.locks.iter().map(|lock| lock.text.as_str()).collect();
        let help =
            if locks.is_empty() { "nothing is locked".to_owned() } else { format!("locked: {}", locks.join("; ")) };
        return Err(Error::new(ErrorKind::Refused, format!("{} is not locked by itself", lock.text), None).helped(help));
    }
    let note = format!("{} unlocked", lock.text);
    let scenario = schema.scenarios().member(lock.scenario).name.clone();
    draft.schema(after)?;
    Ok(Changed { note, scenario, ..Changed::default() })
}
