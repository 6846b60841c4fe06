//! `describe` and `members of`: the model as lists.

use crate::answer::{Answer, List, Value};
use crate::bind::{Meaning, Names};
use crate::count::counted;
use crate::error::Result;
use crate::formula::exact;
use crate::syntax::ast::{Described, Path};
use engine::dimension::{Dimension, Kind};
use engine::id::MemberId;
use engine::measure::{Measure, OverTime, Rollup};
use engine::rollup::Outline;
use engine::schema::{Definition, Schema};
use engine::snapshot::Snapshot;
use engine::weight::Weight;

/// Describes the cube, a dimension or a measure.
pub(super) fn describe(snapshot: &Snapshot, described: &Described) -> Result<Answer> {
    let schema = snapshot.schema();
    let rows = match described {
        Described::Cube => cube(snapshot),
        Described::Named(path) => named(schema, path)?,
    };
    let columns = ["what", "name", "details"].map(str::to_owned).to_vec();
    Ok(Answer::List(List {
        columns,
        rows: rows.into_iter().map(|row| row.map(Value::Text).to_vec()).collect(),
        notes: Vec::new(),
    }))
}

/// The rows of a measure, a definition or a dimension.
fn named(schema: &Schema, path: &Path) -> Result<Vec<[String; 3]>> {
    let names = Names::new(schema);
    if let Ok(measure) = names.measure(path) {
        return Ok(schema.measure(measure).map(|measure| measure_rows(schema, measure)).unwrap_or_default());
    }
    if let Some(rows) = definition_rows(schema, path) {
        return Ok(rows);
    }
    Ok(match names.subject(path)? {
        Meaning::Dimension(id) | Meaning::Level(id, _) | Meaning::Attribute(id, _) => {
            dimension_rows(schema.dimension(id))
        }
        _ => Vec::new(),
    })
}

fn row(what: &str, name: &str, details: String) -> [String; 3] {
    [what.to_owned(), name.to_owned(), details]
}

fn cube(snapshot: &Snapshot) -> Vec<[String; 3]> {
    let schema = snapshot.schema();
    let mut rows: Vec<[String; 3]> = Vec::new();
    for dimension in &schema.dimensions()[1..] {
        rows.push(row("dimension", &dimension.name, summary(dimension)));
    }
    rows.extend(schema.scenarios().ordered().into_iter().map(|id| scenario(snapshot, schema, id)));
    rows.extend(schema.measures().iter().map(|measure| row("measure", &measure.name, measure_text(schema, measure))));
    rows.extend(schema.definitions().iter().map(|definition| defined(schema, definition)));
    rows.extend(schema.views().iter().map(|view| row("view", &view.name, view.question.clone())));
    let Outline { facts, chunks, bytes } = snapshot.outline();
    rows.push(row(
        "storage",
        "facts",
        format!("{} in {}, {bytes} bytes", counted(facts, "fact", "facts"), counted(chunks, "chunk", "chunks")),
    ));
    if facts > 0 {
        let order = snapshot.layout().sort_order().map(|id| schema.dimension(id).name.as_str());
        rows.push(row("storage", "sort order", order.collect::<Vec<_>>().join(", ")));
    }
    let (bytes, rollups) = snapshot.rollups();
    if rollups > 0 {
        rows.push(row(
            "storage",
            "roll-ups",
            format!("{}, {bytes} bytes", counted(rollups, "kept answer", "kept answers")),
        ));
    }
    rows
}

fn scenario(snapshot: &Snapshot, schema: &Schema, id: MemberId) -> [String; 3] {
    let locks: Vec<&str> =
        schema.locks.iter().filter(|lock| lock.scenario == id).map(|lock| lock.text.as_str()).collect();
    let locks = if locks.is_empty() { String::new() } else { format!("; locked: {}", locks.join("; ")) };
    row(
        "scenario",
        &schema.scenarios().member(id).name,
        format!("{}{locks}", counted(snapshot.facts_of(id), "fact", "facts")),
    )
}

fn summary(dimension: &Dimension) -> String {
    let leaves = dimension.leaves(MemberId::ROOT).len();
    let trees: Vec<String> = dimension
        .hierarchies()
        .iter()
        .map(|tree| if tree.levels.is_empty() { "parent-child".to_owned() } else { tree.levels.join(" > ") })
        .collect();
    let (members, leaves) = (counted(dimension.len() - 1, "member", "members"), counted(leaves, "leaf", "leaves"));
    let mut text = format!("{}; {members}, {leaves}", trees.join("; "));
    if let Kind::Time(calendar) = dimension.kind {
        let leaves = calendar.leaf_grain().name();
        text = format!("{text}; {leaves}s {}", calendar.bounds().join(".."));
    }
    if let Some(default) = dimension.default {
        text = format!("{text}; default {}", dimension.path(default));
    }
    if dimension.leaves_only {
        text.push_str("; facts at leaves only");
    }
    let attributes: Vec<&str> = dimension.attributes().into_iter().collect();
    if attributes.is_empty() { text } else { format!("{text}; attributes {}", attributes.join(", ")) }
}

fn dimension_rows(dimension: &Dimension) -> Vec<[String; 3]> {
    let mut rows = vec![row("dimension", &dimension.name, summary(dimension))];
    for (place, tree) in dimension.hierarchies().iter().enumerate() {
        for (depth, level) in tree.levels.iter().enumerate() {
            let members = dimension.members_of_level(engine::dimension::LevelId { hierarchy: place, depth });
            rows.push(row("level", level, counted(members.len(), "member", "members")));
        }
    }
    for attribute in dimension.attributes() {
        let has = |id: &MemberId| dimension.member(*id).attributes.contains_key(attribute);
        let count = dimension.ordered().iter().filter(|id| has(id)).count();
        rows.push(row("attribute", attribute, format!("of {count} members")));
    }
    rows
}

fn measure_text(schema: &Schema, measure: &Measure) -> String {
    let time = schema.time().map_or("period", |time| schema.dimension(time).name.as_str());
    let mut parts = vec![format!("decimal({})", measure.scale)];
    parts.push(match measure.rollup {
        Rollup::Sum => "sum".into(),
        Rollup::Min => "min".into(),
        Rollup::Max => "max".into(),
        Rollup::Average => "average".into(),
        Rollup::None => "none".into(),
    });
    match measure.over_time {
        OverTime::Flow => {}
        OverTime::Last => parts.push(format!("last over {time}")),
        OverTime::Closing => parts.push(format!("closing over {time}")),
        OverTime::First => parts.push(format!("first over {time}")),
        OverTime::Average => parts.push(format!("average over {time}")),
    }
    parts.extend(measure.unit.iter().map(|unit| format!("unit '{unit}'")));
    parts.extend(measure.format.iter().map(|format| format!("format '{format}'")));
    parts.extend(measure.favours_higher.map(|higher| format!("favours {}", if higher { "higher" } else { "lower" })));
    parts.join(", ")
}

/// A definition: what it stands for, as it was written.
fn defined(schema: &Schema, definition: &Definition) -> [String; 3] {
    let text = definition.statement.split_once(" = ").map_or("", |(_, text)| text).to_owned();
    match definition.member_of {
        Some(id) => row("member", &format!("{}.{}", schema.dimension(id).name, definition.name), text),
        None if definition.statement.starts_with("set ") => row("number", &definition.name, text),
        None => row("formula", &definition.name, text),
    }
}

/// The rows of what a path names, where it names a definition.
fn definition_rows(schema: &Schema, path: &Path) -> Option<Vec<[String; 3]>> {
    let name = path.names.last()?.text.to_lowercase();
    let of = |definition: &&Definition| {
        let dimension = definition.member_of.map(|id| schema.dimension(id).name.to_lowercase());
        let qualified = path.names.len() == 1 || dimension.is_some_and(|d| path.names[0].text.to_lowercase() == d);
        definition.name.to_lowercase() == name && qualified
    };
    let rows: Vec<_> = schema.definitions().iter().filter(of).map(|known| defined(schema, known)).collect();
    Some(rows).filter(|rows| !rows.is_empty())
}

fn measure_rows(schema: &Schema, measure: &Measure) -> Vec<[String; 3]> {
    vec![row("measure", &measure.name, measure_text(schema, measure))]
}

/// The members of a dimension or of one level, in order.
pub(super) fn members(snapshot: &Snapshot, path: &Path) -> Result<Answer> {
    let schema = snapshot.schema();
    let (id, ids) = match Names::new(schema).subject(path)? {
        Meaning::Level(id, level) if !is_whole(schema.dimension(id), path) => {
            (id, schema.dimension(id).members_of_level(level))
        }
        Meaning::Level(id, _) | Meaning::Dimension(id) | Meaning::Attribute(id, _) => {
            (id, schema.dimension(id).ordered())
        }
        _ => return Ok(Answer::Nothing { note: String::new() }),
    };
    let dimension = schema.dimension(id);
    let attributes: Vec<&str> = dimension.attributes().into_iter().collect();
    let keyed = ids.iter().any(|member| dimension.member(*member).key.is_some());
    let mut columns: Vec<String> = ["member", "parent", "level", "weight", "leaves"].map(str::to_owned).to_vec();
    columns.extend(keyed.then(|| "key".to_owned()));
    columns.extend(attributes.iter().map(|attribute| (*attribute).to_owned()));
    let rows = ids.into_iter().map(|member| member_row(dimension, member, keyed, &attributes)).collect();
    Ok(Answer::List(List { columns, rows, notes: Vec::new() }))
}

/// `members of department` is the whole dimension, also where a level is named like it.
fn is_whole(dimension: &Dimension, path: &Path) -> bool {
    matches!(path.names.as_slice(), [name] if name.text.eq_ignore_ascii_case(&dimension.name))
}

/// A weight as a number, or as a fraction where no decimal is exactly it.
fn weight_value(weight: Weight) -> Value {
    weight.decimal().map_or_else(|| Value::Text(weight.to_string()), |decimal| exact(decimal.units, decimal.scale))
}

fn member_row(dimension: &Dimension, member: MemberId, keyed: bool, attributes: &[&str]) -> Vec<Value> {
    let tree = dimension.hierarchies().iter().find(|tree| tree.contains(member));
    let parent = tree.and_then(|tree| tree.parent(member)).filter(|parent| *parent != MemberId::ROOT);
    let text = |text: Option<&str>| text.map_or(Value::Empty, |text| Value::Text(text.to_owned()));
    let known = dimension.member(member);
    let mut row = vec![
        text(Some(&known.name)),
        text(parent.map(|parent| dimension.member(parent).name.as_str())),
        text(dimension.level_name(member)),
        weight_value(tree.map_or(Weight::ONE, |tree| tree.weight(member))),
        exact(dimension.leaves(member).len() as i128, 0),
    ];
    row.extend(keyed.then(|| Value::Text(known.key().to_owned())));
    row.extend(attributes.iter().map(|attribute| match known.attributes.get(*attribute) {
        None => Value::Empty,
        Some(engine::dimension::Attribute::Number(units, scale)) => exact(*units, *scale),
        Some(engine::dimension::Attribute::Text(value)) => Value::Text(value.clone()),
    }));
    row
}
