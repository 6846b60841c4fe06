//! `compare A to B`: what differs between two scenarios, measure by measure.

use super::model::{refuse_scenario, scenario_of};
use crate::answer::{Answer, List, Value};
use crate::bind::{Names, Selection};
use crate::error::{Error, ErrorKind, Result};
use crate::formula::{exact, subtract};
use crate::show::{self, Context};
use crate::syntax::ast::{AxisItem, Compare, Condition, Element, Expr, Name, NameKind, Path, Show, Shown};
use engine::aggregate::{LeafCells, leaves};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::measure::Measure;
use engine::memory::{Claim, bytes};
use engine::schema::Schema;

/// Bytes of a cell that differs: its place in names, its values, its row.
const DIFFERENCE_BYTES: usize = 1024;

/// One row: the measure, where, both values, the gap and its share.
struct Difference {
    measure: String,
    place: Vec<Value>,
    left: Value,
    right: Value,
    gap: Value,
    share: Value,
}

/// Lists what differs: leaf cells, or the rows of the question.
pub(super) fn compare(context: Context, compare: &Compare) -> Result<Answer> {
    let schema = context.snapshot.schema();
    let selection = Selection::bind(Names::new(schema), &compare.conditions)?;
    refuse_scenario(&selection, "a comparison is about the two scenarios it names")?;
    let (places, found) = match compare.by.as_slice() {
        [] => {
            let names = schema.coordinates().map(|id| schema.dimension(id).name.clone()).collect();
            (names, by_leaf(context, compare, &selection)?)
        }
        _ => by_rows(context, compare)?,
    };
    let notes = vec![counted(schema.measures(), &found, compare)];
    let shown = largest(found, compare.top);
    let mut columns = vec!["measure".to_owned()];
    columns.extend(places);
    columns.extend([compare.left.to_string(), compare.right.to_string(), "gap".into(), "gap %".into()]);
    Ok(Answer::List(List { columns, rows: shown.into_iter().map(Difference::row).collect(), notes }))
}

impl Difference {
    fn row(self) -> Vec<Value> {
        let mut row = vec![Value::Text(self.measure)];
        row.extend(self.place);
        row.extend([self.left, self.right, self.gap, self.share]);
        row
    }

    fn size(&self) -> f64 {
        number(&self.gap).map_or(0.0, f64::abs)
    }
}

/// The leaf cells that differ.
fn by_leaf(context: Context, compare: &Compare, selection: &Selection) -> Result<Vec<Difference>> {
    let schema = context.snapshot.schema();
    let (left, right) = (held(schema, &compare.left)?, held(schema, &compare.right)?);
    let mut found = Vec::new();
    let mut claim = Claim::new("the cells that differ");
    for (place, measure) in schema.measures().iter().enumerate() {
        let read = |scenario: MemberId| {
            let slice = selection.cells(schema, scenario);
            leaves(context.snapshot, &slice, MeasureId::from_index(place), context.stop)
        };
        let mut unequal = unequal(&read(left)?, &read(right)?);
        unequal.sort_by_key(|(key, ..)| context.snapshot.layout().listed(*key));
        claim.hold(bytes(found.len() + unequal.len(), DIFFERENCE_BYTES))?;
        found.extend(unequal.into_iter().map(|(key, left, right)| leaf(context, measure, key, left, right)));
    }
    Ok(found)
}

/// A scenario that holds facts of its own.
fn held(schema: &Schema, path: &Path) -> Result<MemberId> {
    let defined = path.names.last().and_then(|name| schema.definition(Some(DimensionId::SCENARIO), &name.text));
    scenario_of(schema, path).map_err(|error| match defined {
        Some(_) => error.helped("with `by` the rows of a definition are compared too: by division"),
        None => error,
    })
}

/// Keys at which two columns differ, with both values.
fn unequal(left: &LeafCells, right: &LeafCells) -> Vec<(u128, Option<i64>, Option<i64>)> {
    let (mut a, mut b) = (left.iter().peekable(), right.iter().peekable());
    let mut found = Vec::new();
    while let Some(key) = a.peek().into_iter().chain(b.peek()).map(|(key, _)| *key).min() {
        let one = a.next_if(|(other, _)| *other == key).map(|(_, value)| value);
        let other = b.next_if(|(other, _)| *other == key).map(|(_, value)| value);
        if one != other {
            found.push((key, one, other));
        }
    }
    found
}

fn leaf(context: Context, measure: &Measure, key: u128, left: Option<i64>, right: Option<i64>) -> Difference {
    let schema = context.snapshot.schema();
    let members = context.snapshot.layout().members(key);
    let names = schema.coordinates().zip(members).map(|(id, member)| schema.dimension(id).leaf_name(member));
    let value = |units: Option<i64>| units.map_or(Value::Empty, |units| exact(i128::from(units), measure.scale));
    difference(measure, names.map(Value::Text).collect(), value(left), value(right))
}

/// An empty side counts as nothing; a share of nothing is empty.
fn difference(measure: &Measure, place: Vec<Value>, left: Value, right: Value) -> Difference {
    let gap = subtract(left.clone(), right.clone());
    let share = match (number(&gap), number(&right)) {
        (Some(gap), Some(right)) if right != 0.0 => Value::Ratio(gap / right.abs()),
        _ => Value::Empty,
    };
    Difference { measure: measure.name.clone(), place, left, right, gap, share }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Exact { units, scale } => Some(*units as f64 / 10f64.powi(i32::from(*scale))),
        Value::Ratio(ratio) => Some(*ratio),
        _ => None,
    }
}

/// The rows of a question that differ, and the names of its items.
fn by_rows(context: Context, compare: &Compare) -> Result<(Vec<String>, Vec<Difference>)> {
    let mut names = Vec::new();
    let mut found = Vec::new();
    for measure in context.snapshot.schema().measures() {
        let cells = show::show(context, &question(compare, &measure.name))?;
        let width = cells.columns.len().max(1);
        for (row, values) in cells.rows.iter().zip(cells.cells.chunks(width)) {
            let [left, right] = values else { continue };
            if left != right {
                let place = row.iter().map(|label| Value::Text(label.text.clone())).collect();
                found.push(difference(measure, place, left.clone(), right.clone()));
            }
        }
        names = cells.row_items;
    }
    Ok((names, found))
}

/// `show MEASURE by … across scenario[A, B] where …`
fn question(compare: &Compare, measure: &str) -> Show {
    let span = compare.left.span();
    let path = |text: &str, kind| Path { names: vec![Name { text: text.to_owned(), kind, span: span.clone() }] };
    let expr = Expr::Reference { path: path(measure, NameKind::Quoted), selection: Vec::new(), span: span.clone() };
    let side = |path: &Path| Element::Selection { condition: Condition::Named(path.clone()), alias: None };
    let across = AxisItem {
        subject: path("scenario", NameKind::Bare),
        elements: Some(vec![side(&compare.left), side(&compare.right)]),
        alias: None,
        span: span.clone(),
    };
    Show {
        shown: vec![Shown { expr, alias: None, span }],
        by: compare.by.clone(),
        across: vec![across],
        conditions: compare.conditions.clone(),
        ..Show::default()
    }
}

/// `differ: 3 (cost 2, revenue 1)`
fn counted(measures: &[Measure], found: &[Difference], compare: &Compare) -> String {
    let count = |name: &str| found.iter().filter(|difference| difference.measure == name).count();
    let parts = measures.iter().map(|measure| (&measure.name, count(&measure.name))).filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts.map(|(name, count)| format!("{name} {count}")).collect();
    let what = if compare.by.is_empty() { "cells" } else { "rows" };
    match found.len() {
        0 => format!("{} and {} have the same values here", compare.left, compare.right),
        all => format!("{what} that differ: {all} ({})", parts.join(", ")),
    }
}

/// The largest gaps of each measure; all in their order where no number is given.
fn largest(found: Vec<Difference>, top: Option<u64>) -> Vec<Difference> {
    let Some(top) = top else { return found };
    let mut shown = Vec::new();
    let mut rest = found.into_iter().peekable();
    while let Some(first) = rest.next() {
        let mut of_one = vec![first];
        while let Some(next) = rest.next_if(|next| next.measure == of_one[0].measure) {
            of_one.push(next);
        }
        of_one.sort_by(|a, b| b.size().total_cmp(&a.size()));
        of_one.truncate(usize::try_from(top).unwrap_or(usize::MAX));
        shown.extend(of_one);
    }
    shown
}

/// Both scenarios of a comparison are told apart.
pub(super) fn refuse_same(compare: &Compare) -> Result<()> {
    match compare.left.to_string().eq_ignore_ascii_case(&compare.right.to_string()) {
        false => Ok(()),
        true => {
            let message = "a scenario does not differ from itself";
            Err(Error::new(ErrorKind::Refused, message, Some(compare.right.span())).labelled("expected another"))
        }
    }
}
