//! What a change says of itself: the receipt for the user, the record for the journal.

use super::bind::Bound;
use crate::answer::{CellChange, ChangeReceipt, Rounding, Value};
use crate::formula::exact;
use crate::show::scenario_note;
use engine::change::{CellDelta, Delta};
use engine::decimal::Decimal;
use engine::id::MemberId;
use engine::journal::Record;
use engine::measure::Measure;
use engine::schema::{Hold, Schema};
use engine::spread::{Action, Method, Outcome};

/// How many of the largest changes a preview lists.
const LARGEST: usize = 10;

/// The receipt of a change; `operation` is none for a preview.
pub(crate) fn receipt(
    schema: &Schema,
    bound: &Bound,
    outcome: &Outcome,
    delta: Option<&Delta>,
    statement: &str,
    operation: Option<u64>,
    preview: bool,
) -> ChangeReceipt {
    let measure = schema.measure(bound.spread.measure);
    let scale = measure.map_or(0, |measure| measure.scale);
    let amount = |units: Option<i128>| units.map_or(Value::Empty, |units| exact(units, scale));
    let (cells_touched, cells_created) = delta.map_or((0, 0), Delta::count);
    ChangeReceipt {
        operation,
        statement: statement.to_owned(),
        cells_touched,
        cells_created,
        before: amount(outcome.before),
        after: amount(outcome.after),
        conserved: delta.is_none_or(|delta| is_conserved(schema, delta)),
        unit: measure.and_then(|measure| measure.unit.clone()),
        held: outcome.held.map(|units| exact(units, scale)),
        parts: bound.told.iter().zip(&outcome.parts).filter_map(|(told, parts)| told.breakdown(parts, scale)).collect(),
        rounding: rounding(schema, bound, outcome, scale),
        largest: delta.filter(|_| preview).map_or_else(Vec::new, |delta| largest(schema, delta)),
        notes: notes(schema, bound, measure, outcome, (cells_touched, cells_created)),
    }
}

/// What the journal keeps of a change.
pub(crate) fn record(
    schema: &Schema,
    bound: &Bound,
    outcome: &Outcome,
    delta: &Delta,
    statement: &str,
    because: Option<&String>,
) -> Record {
    let scale = schema.measure(bound.spread.measure).map_or(0, |measure| measure.scale);
    let (cells, created) = delta.count();
    let text = |units: Option<i128>| units.map(|units| Decimal::new(units, scale).to_string());
    Record {
        statement: statement.to_owned(),
        reason: because.cloned(),
        scenario: schema.scenarios().member(bound.scenario).name.clone(),
        cells,
        created,
        before: text(outcome.before),
        after: text(outcome.after),
        ..Record::default()
    }
}

fn notes(
    schema: &Schema,
    bound: &Bound,
    measure: Option<&Measure>,
    outcome: &Outcome,
    (touched, created): (u64, u64),
) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(standing(schema, &outcome.holds));
    notes.extend(outcome.lock.iter().map(|lock| format!("{lock} is locked: its cells were held")));
    if bound.everywhere {
        let scenario = &schema.scenarios().member(bound.scenario).name;
        notes.push(format!("no `where`: this is about all of {scenario}"));
    }
    if bound.assumed {
        notes.push(scenario_note(schema.scenarios(), bound.scenario));
    }
    if touched == 0 {
        notes.push("nothing changed: the cells have these values already; no operation was recorded".into());
    }
    if let Some(measure) = measure.filter(|measure| measure.is_stock()) {
        notes.push(format!(
            "{} is a stock: changed in each period; before and after are those of {}",
            measure.name,
            told_period(schema, outcome)
        ));
    }
    let creates = matches!(
        bound.spread.action,
        Action::Total(_, Method::EquallyOverAll) | Action::Fill(_) | Action::Phased { .. } | Action::Allocate { .. }
    );
    if created > 0 && creates {
        notes.push(format!("cells that were empty before: {created}"));
    }
    notes
}

/// The period of a stock that before and after are of.
fn told_period(schema: &Schema, outcome: &Outcome) -> String {
    let told = schema.time().zip(outcome.period);
    told.map_or("the last one".into(), |(time, period)| schema.dimension(time).leaf_name(period))
}

/// Where units that were left after shares were cut to whole units went.
fn rounding(schema: &Schema, bound: &Bound, outcome: &Outcome, scale: u8) -> Option<Rounding> {
    let placed = &outcome.rounding;
    (placed.leaves > 0).then(|| Rounding {
        rule: match bound.spread.action {
            Action::Fit { .. } => "controlled rounding",
            _ => "largest remainder",
        },
        leaves: placed.leaves,
        unit: exact(bound.spread.step.max(1), scale),
        first: placed.first.iter().map(|members| place(schema, members)).collect(),
    })
}

/// `held by hold 1 (plan, Sales)`
fn standing(schema: &Schema, numbers: &[u64]) -> Option<String> {
    let holds = schema.holds.iter().filter(|hold| numbers.contains(&hold.number));
    let named: Vec<String> = holds.map(Hold::to_string).collect();
    (!named.is_empty()).then(|| format!("kept by {}", named.join(", ")))
}

/// Whether the cells add up to what they were; of a stock, in every period.
pub(crate) fn is_conserved(schema: &Schema, delta: &Delta) -> bool {
    delta.columns.iter().map(|column| column.measure).all(|measure| {
        let stock = schema.measure(measure).is_some_and(Measure::is_stock);
        let time = schema.time().filter(|_| stock).map(|time| time.index() - 1);
        delta.added(measure, time).values().all(|added| *added == 0)
    })
}

/// The largest changes of a delta; of several measures, each is named.
pub(crate) fn largest(schema: &Schema, delta: &Delta) -> Vec<CellChange> {
    delta.largest(LARGEST).iter().map(|cell| changed(schema, cell, delta.columns.len() > 1)).collect()
}

fn changed(schema: &Schema, cell: &CellDelta, named: bool) -> CellChange {
    let (name, scale) = schema.measure(cell.measure).map_or(("", 0), |measure| (&measure.name, measure.scale));
    let value = |cell: Option<i64>| cell.map_or(Value::Empty, |units| exact(i128::from(units), scale));
    let place = place(schema, &cell.members);
    let place = if named { format!("{name}: {place}") } else { place };
    CellChange { cell: place, before: value(cell.before), after: value(cell.after) }
}

/// A leaf, as the names of its members.
pub(crate) fn place(schema: &Schema, members: &[MemberId]) -> String {
    let names: Vec<String> =
        schema.coordinates().zip(members).map(|(id, member)| schema.dimension(id).leaf_name(*member)).collect();
    names.join(", ")
}
