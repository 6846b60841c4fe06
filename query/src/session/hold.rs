//! `hold`, `release` and `holds`: what no spread moves.

use super::changed::Changed;
use crate::answer::{Answer, List, Value};
use crate::bind::{Names, Selection};
use crate::error::{Error, ErrorKind, Result};
use crate::formula::exact;
use crate::show::Context;
use crate::syntax::ast::{Condition, Hold as Written, Path, Release};
use engine::aggregate;
use engine::cube::Draft;
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::schema::{Hold, Schema};
use engine::subcube::Subcube;
use engine::weight::{Weight, WeightedSum};
use std::sync::Arc;

/// What a hold covers.
struct Held {
    measure: MeasureId,
    scenario: MemberId,
    members: Vec<(DimensionId, Vec<(MemberId, Weight)>)>,
    text: String,
}

impl Held {
    /// Binds what is held; without a scenario, that of the session.
    fn bind(context: Context, measure: &Path, conditions: &[Condition], total: bool) -> Result<Self> {
        let schema = context.snapshot.schema();
        let names = Names::new(schema);
        let measure = names.measure(measure)?;
        let selection = Selection::bind(names, conditions)?;
        let scenario = selection.scenario(context.scenario, None)?;
        let named = |id: &DimensionId| selection.names(*id) || total;
        let members = schema.coordinates().filter(named).filter_map(|id| {
            let leaves = selection.leaves[id.index() - 1].as_ref()?;
            let inside = (0..leaves.len()).filter(|code| !leaves[*code].is_zero());
            Some((id, inside.map(|code| (MemberId::from_index(code), leaves[code])).collect()))
        });
        let mut text: Vec<String> = conditions.iter().map(ToString::to_string).collect();
        if selection.scenarios.is_none() {
            text.insert(0, schema.scenarios().member(scenario).name.clone());
        }
        Ok(Held { measure, scenario, members: members.collect(), text: text.join(", ") })
    }

    fn is(&self, hold: &Hold) -> bool {
        (hold.measure, hold.scenario, &hold.members) == (self.measure, self.scenario, &self.members)
    }
}

/// Drafts a hold.
pub(super) fn hold(context: Context, written: &Written, draft: &mut Draft) -> Result<Changed> {
    let schema = context.snapshot.schema();
    let held = Held::bind(context, &written.measure, &written.conditions, written.total)?;
    if let Some(known) = schema.holds.iter().find(|known| held.is(known) && known.total == written.total) {
        let message = format!("{} is held already, by hold {}", known.text, known.number);
        return Err(Error::new(ErrorKind::Refused, message, Some(written.measure.span())));
    }
    let number = schema.holds.iter().map(|hold| hold.number).max().unwrap_or(0) + 1;
    let name = schema.measure(held.measure).map_or_else(String::new, |measure| measure.name.clone());
    let scenario = schema.scenarios().member(held.scenario).name.clone();
    let what = if written.total { "the total of " } else { "" };
    let note = format!("hold {number}: {what}{name} where {} stays as it is", held.text);
    let mut after = Schema::clone(schema);
    after.holds.push(Hold {
        number,
        text: held.text,
        measure: held.measure,
        scenario: held.scenario,
        members: held.members,
        total: written.total,
        reason: written.because.clone(),
    });
    draft.schema(after)?;
    Ok(Changed { note, scenario, because: written.because.clone(), cells: 0 })
}

/// Drafts the end of holds.
pub(super) fn release(context: Context, release: &Release, draft: &mut Draft) -> Result<Changed> {
    let schema = context.snapshot.schema();
    let ends: Box<dyn Fn(&Hold) -> bool> = match release {
        Release::Number(number) => {
            let number = *number;
            Box::new(move |hold| hold.number == number)
        }
        Release::Of(measure, conditions) if conditions.is_empty() => {
            let measure = Names::new(schema).measure(measure)?;
            Box::new(move |hold| hold.measure == measure)
        }
        Release::Of(measure, conditions) => {
            let slice = Held::bind(context, measure, conditions, false)?;
            let total = Held::bind(context, measure, conditions, true)?;
            Box::new(move |hold| if hold.total { total.is(hold) } else { slice.is(hold) })
        }
    };
    let (ended, kept): (Vec<Hold>, Vec<Hold>) = schema.holds.iter().cloned().partition(|hold| ends(hold));
    if ended.is_empty() {
        return Err(no_such(schema, release));
    }
    let named: Vec<String> = ended.iter().map(Hold::to_string).collect();
    let scenario = schema.scenarios().member(ended[0].scenario).name.clone();
    let mut after = Schema::clone(schema);
    after.holds = kept;
    draft.schema(after)?;
    Ok(Changed { note: format!("released {}", named.join(", ")), scenario, ..Changed::default() })
}

fn no_such(schema: &Schema, release: &Release) -> Error {
    let (message, span) = match release {
        Release::Number(number) => (format!("there is no hold {number}"), None),
        Release::Of(measure, _) => ("nothing is held by just these words".to_owned(), Some(measure.span())),
    };
    let known: Vec<String> = schema.holds.iter().map(|hold| format!("{} ({})", hold.number, hold.text)).collect();
    let help = match known.is_empty() {
        true => "nothing is held".to_owned(),
        false => format!("held: {}", known.join(", ")),
    };
    Error::new(ErrorKind::Refused, message, span).helped(help)
}

/// The standing holds, each with what it keeps.
pub(super) fn holds(context: Context) -> Result<Answer> {
    let columns = ["hold", "measure", "where", "keeps", "cells", "total", "because"].map(str::to_owned).to_vec();
    let rows: Result<Vec<Vec<Value>>> = context.snapshot.schema().holds.iter().map(|hold| row(context, hold)).collect();
    Ok(Answer::List(List { columns, rows: rows?, notes: Vec::new() }))
}

fn row(context: Context, hold: &Hold) -> Result<Vec<Value>> {
    let schema = context.snapshot.schema();
    let measure = schema.measure(hold.measure);
    let leaves = aggregate::leaves(context.snapshot, &slice(schema, hold), hold.measure, context.stop)?;
    let sum = leaves.iter().fold(WeightedSum::default(), |sum, (key, value)| {
        sum.plus(i128::from(value), context.snapshot.weight_in(hold, key))
    });
    // The months of a stock do not add up.
    let adds_up = measure.is_some_and(|measure| !measure.is_stock()) && !leaves.is_empty();
    let total = sum.rounded().filter(|_| adds_up);
    let scale = measure.map_or(0, |measure| measure.scale);
    Ok(vec![
        exact(i128::from(hold.number), 0),
        Value::Text(measure.map_or_else(String::new, |measure| measure.name.clone())),
        Value::Text(hold.text.clone()),
        Value::Text(if hold.total { "the total" } else { "every leaf" }.to_owned()),
        exact(leaves.len() as i128, 0),
        total.map_or(Value::Empty, |units| exact(units, scale)),
        hold.reason.clone().map_or(Value::Empty, Value::Text),
    ])
}

/// What a hold covers, as a slice.
fn slice(schema: &Schema, hold: &Hold) -> Subcube {
    let mut slice = Subcube::all(schema, hold.scenario);
    for (dimension, members) in &hold.members {
        let mut weights = vec![Weight::ZERO; schema.dimension(*dimension).len()];
        for (member, weight) in members {
            if let Some(place) = weights.get_mut(member.index()) {
                *place = *weight;
            }
        }
        slice.dimensions[dimension.index() - 1] = Some(Arc::new(weights));
    }
    slice
}
