//! `merge A into B`: what a branch changed is taken over, cell by cell.

use super::model::{refuse_scenario, restricted, scenario_of};
use crate::answer::ChangeReceipt;
use crate::bind::{Names, Selection};
use crate::change::{is_conserved, largest, place};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Merge, Path};
use engine::change::Delta;
use engine::coordinate::KeyLayout;
use engine::cube::{Cube, Draft};
use engine::decimal::Decimal;
use engine::id::{MeasureId, MemberId};
use engine::journal::Record;
use engine::measure::Measure;
use engine::merge::{Comparison, Meeting, Sides, compare};
use engine::schema::{Merged, Schema};
use engine::snapshot::Snapshot;
use engine::{Write, Writes};
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many conflicts an error lists.
const LISTED: usize = 10;

/// A bound merge.
pub(super) struct Bound {
    from: MemberId,
    into: MemberId,
    /// Whose value counts where both have changed a cell; none where that is refused.
    taking: Option<MemberId>,
    selection: Selection,
}

/// What a merge did to a draft.
pub(super) struct Outcome {
    pub draft: Draft,
    pub delta: Option<Arc<Delta>>,
    pub notes: Vec<String>,
}

impl Bound {
    pub fn bind(snapshot: &Snapshot, merge: &Merge) -> Result<Self> {
        let schema = snapshot.schema();
        let (from, into) = (scenario_of(schema, &merge.from)?, scenario_of(schema, &merge.into)?);
        if from == into {
            let message = "a scenario is not merged into itself";
            return Err(Error::new(ErrorKind::Refused, message, Some(merge.into.span())).labelled("expected another"));
        }
        let selection = Selection::bind(Names::new(schema), &merge.conditions)?;
        refuse_scenario(&selection, "a merge is about the two scenarios it names")?;
        let taking = merge.taking.as_ref().map(|path| side(schema, path, from, into)).transpose()?;
        Ok(Bound { from, into, taking, selection })
    }

    /// Merges into a draft.
    ///
    /// Errors: the two have no common origin; both changed a cell, and nothing says whose value counts.
    pub fn merge(&self, cube: &mut Cube, mut draft: Draft, merge: &Merge) -> Result<Outcome> {
        let snapshot = draft.snapshot().clone();
        let (schema, layout) = (snapshot.schema(), snapshot.layout());
        let slice = self.selection.cells(schema, self.into);
        let inside = |key: u128| slice.contains((0..layout.width()).map(|place| layout.unpack(key, place)));
        let sides = Sides { from: self.from, into: self.into, inside: &inside };
        let found = compare(cube, &draft, &sides)?.ok_or_else(|| strangers(merge))?;
        if self.taking.is_none() && !found.conflicts.is_empty() {
            return Err(conflict(&snapshot, &found.conflicts, merge));
        }
        let delta = draft.write(self.into, &self.writes(draft.snapshot().layout(), &found))?;
        if !(found.changed.is_empty() && found.conflicts.is_empty()) {
            draft.schema(self.recorded(schema, &draft))?;
        }
        let notes = self.notes(schema, &found, delta.as_deref());
        Ok(Outcome { draft, delta, notes })
    }

    /// The cells that are taken over.
    fn writes(&self, layout: &KeyLayout, found: &Comparison) -> Writes {
        let taken = (self.taking == Some(self.from)).then_some(&found.conflicts).into_iter().flatten();
        let mut cells: BTreeMap<u128, Vec<&Meeting>> = BTreeMap::new();
        for meeting in found.changed.iter().chain(taken) {
            cells.entry(meeting.key).or_default().push(meeting);
        }
        let mut columns: BTreeMap<MeasureId, Vec<Write>> = BTreeMap::new();
        for (row, meeting) in cells.values().enumerate().flat_map(|(row, of)| of.iter().map(move |one| (row, *one))) {
            let column = columns.entry(meeting.measure).or_insert_with(|| vec![Write::Keep; cells.len()]);
            column[row] = meeting.from.map_or(Write::Clear, Write::Put);
        }
        let columns = columns.into_iter().collect();
        Writes::at(layout, &cells.keys().copied().collect::<Vec<u128>>(), columns)
    }

    /// The model with the merge on record. One of everything makes those before between the two needless, but for
    /// branches that were made of either since.
    fn recorded(&self, schema: &Schema, draft: &Draft) -> Schema {
        let mut after = schema.clone();
        let members = restricted(schema, &self.selection);
        let pair = [self.from, self.into];
        if members.is_empty() {
            let is_needed = |merged: &Merged| {
                schema.origins.iter().any(|origin| pair.contains(&origin.from) && origin.at > merged.at)
            };
            let is_between = |merged: &Merged| pair.contains(&merged.from) && pair.contains(&merged.into);
            after.merged.retain(|merged| !is_between(merged) || is_needed(merged));
        }
        after.merged.push(Merged { from: self.from, into: self.into, at: draft.moment(), members });
        after
    }

    fn notes(&self, schema: &Schema, found: &Comparison, delta: Option<&Delta>) -> Vec<String> {
        let name = |scenario: MemberId| schema.scenarios().member(scenario).name.as_str();
        let mut notes = Vec::new();
        for (measure, cells, net) in by_measure(delta) {
            if let Some(measure) = schema.measure(measure) {
                notes.push(format!("{}: cells taken over {cells}{}", measure.name, net_text(measure, net)));
            }
        }
        if let Some(taking) = self.taking.filter(|_| !found.conflicts.is_empty()) {
            notes.push(format!("cells changed on both sides: {}, taking {}", found.conflicts.len(), name(taking)));
        }
        if found.changed.is_empty() && found.conflicts.is_empty() {
            let whole = self.selection.leaves.iter().all(Option::is_none);
            let part = if whole { "" } else { " in this part" };
            notes.push(format!("{} has no changes{part} since the two last agreed", name(self.from)));
        }
        notes
    }

    /// What the journal keeps of it.
    pub fn record(&self, schema: &Schema, delta: Option<&Delta>, merge: &Merge, text: &str) -> Record {
        let (cells, created) = delta.map_or((0, 0), Delta::count);
        Record {
            statement: text.to_owned(),
            reason: merge.because.clone(),
            scenario: schema.scenarios().member(self.into).name.clone(),
            cells,
            created,
            ..Record::default()
        }
    }
}

/// The receipt of a merge; `operation` is none where nothing was done.
pub(super) fn receipt(
    schema: &Schema,
    outcome: &Outcome,
    text: &str,
    operation: Option<u64>,
    preview: bool,
) -> ChangeReceipt {
    let delta = outcome.delta.as_deref();
    let (cells_touched, cells_created) = delta.map_or((0, 0), Delta::count);
    ChangeReceipt {
        operation,
        statement: text.to_owned(),
        cells_touched,
        cells_created,
        conserved: delta.is_none_or(|delta| is_conserved(schema, delta)),
        largest: delta.filter(|_| preview).map_or_else(Vec::new, |delta| largest(schema, delta)),
        notes: outcome.notes.clone(),
        ..ChangeReceipt::default()
    }
}

/// `, net 20.00 USD`; changes of a stock do not add up over periods.
fn net_text(measure: &Measure, net: i128) -> String {
    let unit = measure.unit.as_ref().map_or(String::new(), |unit| format!(" {unit}"));
    match measure.is_stock() {
        true => String::new(),
        false => format!(", net {}{unit}", Decimal::new(net, measure.scale)),
    }
}

/// For each measure how many cells a delta changes, and by how much together.
fn by_measure(delta: Option<&Delta>) -> Vec<(MeasureId, u64, i128)> {
    let mut found: BTreeMap<MeasureId, (u64, i128)> = BTreeMap::new();
    for cell in delta.into_iter().flat_map(Delta::cells) {
        let (cells, net) = found.entry(cell.measure).or_default();
        *cells += 1;
        *net += cell.difference();
    }
    found.into_iter().map(|(measure, (cells, net))| (measure, cells, net)).collect()
}

/// One of the two, by name.
fn side(schema: &Schema, path: &Path, from: MemberId, into: MemberId) -> Result<MemberId> {
    let taking = scenario_of(schema, path)?;
    if [from, into].contains(&taking) {
        return Ok(taking);
    }
    let name = |scenario: MemberId| schema.scenarios().member(scenario).name.clone();
    let message = format!("{} is neither side of the merge", name(taking));
    Err(Error::new(ErrorKind::Refused, message, Some(path.span())).labelled(format!(
        "expected {} or {}",
        name(from),
        name(into)
    )))
}

fn strangers(merge: &Merge) -> Error {
    let message = format!("{} and {} have no common origin", merge.from, merge.into);
    Error::new(ErrorKind::Refused, message, Some(merge.from.span().start..merge.into.span().end))
        .labelled("neither was branched from the other, nor both from a third")
        .helped(format!("compare {} to {}; lists what differs", merge.from, merge.into))
        .helped(format!("copy MEASURE from {} to {}; takes all of it over", merge.from, merge.into))
}

fn conflict(snapshot: &Snapshot, conflicts: &[Meeting], merge: &Merge) -> Error {
    let message = format!("cells changed in both {} and {}: {}", merge.from, merge.into, conflicts.len());
    let span = merge.from.span().start..merge.into.span().end;
    let mut error = Error::new(ErrorKind::Refused, message, Some(span)).labelled("nothing was merged");
    for meeting in conflicts.iter().take(LISTED) {
        error = error.helped(listed(snapshot, meeting, merge));
    }
    if conflicts.len() > LISTED {
        error = error.helped(format!("and {} more", conflicts.len() - LISTED));
    }
    error.helped(format!("to say whose value counts, add: taking {}, or: taking {}", merge.from, merge.into))
}

/// `cost, Events, 2026-06: was 100.00, upside 120.00, plan 90.00`
fn listed(snapshot: &Snapshot, meeting: &Meeting, merge: &Merge) -> String {
    let schema = snapshot.schema();
    let (name, scale) = schema.measure(meeting.measure).map_or(("", 0), |measure| (&measure.name, measure.scale));
    let value = |units: Option<i64>| {
        units.map_or("empty".to_owned(), |units| Decimal::new(i128::from(units), scale).to_string())
    };
    let cell = place(schema, &snapshot.layout().members(meeting.key));
    let (base, from, into) = (value(meeting.base), value(meeting.from), value(meeting.into));
    format!("{name}, {cell}: was {base}, {} {from}, {} {into}", merge.from, merge.into)
}
