//! `trace`: the loads and operations that a number comes from.

use super::basis::basis;
use super::history::moment;
use crate::answer::{List, Value};
use crate::bind::{Names, Selection, defined_measure};
use crate::error::{Error, ErrorKind, Result};
use crate::formula::exact;
use crate::show::{Context, scenario_note};
use crate::syntax::ast::{Condition, Path};
use engine::aggregate;
use engine::change::Change;
use engine::cube::Cube;
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::journal::Operation;
use engine::lineage::{self, Share};
use engine::measure::{Measure, OverTime, Rollup};
use engine::schema::Schema;
use engine::subcube::Subcube;
use engine::weight::{Weight, WeightedSum};
use std::sync::Arc;

/// What was added first, then how, as far as a narrow screen shows it.
const COLUMNS: [&str; 12] = [
    "operation",
    "added",
    "of",
    "share",
    "rounding",
    "value",
    "cells",
    "basis",
    "statement",
    "because",
    "author",
    "time",
];

/// What is traced.
pub(super) struct Traced {
    measure: MeasureId,
    slice: Subcube,
    scale: u8,
    notes: Vec<String>,
}

impl Traced {
    pub fn bind(context: Context, path: &Path, conditions: &[Condition]) -> Result<Self> {
        let schema = context.snapshot.schema();
        let names = Names::new(schema);
        let id = names.measure(path).map_err(|error| worked_out(names, path).unwrap_or(error))?;
        let selection = Selection::bind(names, conditions)?;
        let scenario = selection.scenario(context.scenario, None)?;
        let mut traced = Traced { measure: id, slice: selection.subcube(scenario), scale: 0, notes: Vec::new() };
        if let Some(measure) = schema.measure(id) {
            traced.scale = measure.scale;
            traced.refuse_other(measure, path)?;
            if measure.is_stock() {
                traced.in_its_period(context, measure, path)?;
            }
        }
        if selection.scenarios.is_none() {
            traced.notes.push(scenario_note(schema.scenarios(), scenario));
        }
        Ok(traced)
    }

    /// What is a sum of what operations added can be traced.
    fn refuse_other(&self, measure: &Measure, path: &Path) -> Result<()> {
        let single = |leaves: &Option<Arc<Vec<Weight>>>| {
            leaves.as_ref().is_some_and(|leaves| leaves.iter().filter(|weight| !weight.is_zero()).count() == 1)
        };
        if measure.rollup == Rollup::Sum || self.slice.dimensions.iter().all(single) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Refused,
            format!("{} does not add up: only a leaf is traced", measure.name),
            Some(path.span()),
        )
        .helped("name a leaf of every dimension in `where`"))
    }

    /// A stock is traced in the one period whose value it has.
    fn in_its_period(&mut self, context: Context, measure: &Measure, path: &Path) -> Result<()> {
        let schema = context.snapshot.schema();
        let Some(time) = schema.time() else { return Ok(()) };
        let coordinate = time.index() - 1;
        let mut slice = self.slice.clone();
        if measure.over_time == OverTime::Closing {
            let span = slice.dimensions[coordinate].clone();
            slice = Subcube::all(schema, slice.scenario);
            slice.dimensions[coordinate] = span;
        }
        let cells = aggregate::leaves(context.snapshot, &slice, self.measure, context.stop)?;
        let layout = context.snapshot.layout();
        let mut periods: Vec<MemberId> =
            cells.iter().map(|(key, _)| MemberId(layout.unpack(key, coordinate))).collect();
        periods.sort_unstable();
        periods.dedup();
        periods.sort_by_key(|period| schema.dimension(time).period_end(*period));
        let chosen = match (measure.over_time, periods.as_slice()) {
            (_, []) => return Ok(()),
            (_, [one]) => *one,
            (OverTime::Average, _) => {
                let message = format!("{} is a mean over periods: it is traced in one", measure.name);
                return Err(
                    Error::new(ErrorKind::Refused, message, Some(path.span())).helped("name one period in `where`")
                );
            }
            (OverTime::First, [first, ..]) => *first,
            (_, [.., last]) => *last,
        };
        let name = schema.dimension(time).leaf_name(chosen);
        self.notes.push(format!("{} is a stock: its value is that of {name}", measure.name));
        self.keep(time, chosen, schema.dimension(time).len());
        Ok(())
    }

    fn keep(&mut self, time: DimensionId, period: MemberId, size: usize) {
        let coordinate = time.index() - 1;
        let weight = |code: usize| match code == period.index() {
            true => self.slice.weight(coordinate, code as u32),
            false => Weight::ZERO,
        };
        self.slice.dimensions[coordinate] = Some(Arc::new((0..size).map(weight).collect()));
    }

    /// The operations, each with what it added, up to the value there is.
    pub fn list(self, schema: &Schema, cube: &mut Cube, drafted: &[Change]) -> Result<List> {
        let shares = lineage::shares(cube, drafted, &self.slice, self.measure, schema)?;
        let name = schema.measure(self.measure).map_or("", |measure| &measure.name);
        let mut value = WeightedSum::default();
        let mut rows = Vec::with_capacity(shares.len());
        for share in &shares {
            value = value.joined(share.added, Weight::ONE);
            let operation = cube.operations().iter().find(|known| known.sequence == share.operation);
            let basis = operation.and_then(|operation| basis(&operation.record, name));
            rows.push(self.row(share, operation, basis.as_deref(), value));
        }
        let mut notes = self.notes;
        if rows.is_empty() {
            notes.push("nothing was ever written there".to_owned());
        }
        Ok(List { columns: COLUMNS.map(str::to_owned).to_vec(), rows, notes })
    }

    fn row(&self, share: &Share, operation: Option<&Operation>, basis: Option<&str>, value: WeightedSum) -> Vec<Value> {
        let text = |text: Option<&str>| text.map_or(Value::Empty, |text| Value::Text(text.to_owned()));
        let units = |sum: WeightedSum| sum.rounded().map_or(Value::Empty, |units| exact(units, self.scale));
        let part = match share.whole {
            0 => Value::Empty,
            whole => Value::Ratio(share.added.to_f64() / whole as f64),
        };
        let rounding = match share.rounding.equals(WeightedSum::default()) {
            Some(true) => Value::Empty,
            _ => units(share.rounding),
        };
        vec![
            exact(i128::from(share.operation), 0),
            units(share.added),
            exact(share.whole, self.scale),
            part,
            rounding,
            units(value),
            exact(i128::from(share.cells), 0),
            text(basis),
            text(Some(operation.map_or("begin; …", |operation| &operation.record.statement))),
            text(operation.and_then(|operation| operation.record.reason.as_deref())),
            text(operation.map(|operation| operation.author.as_str()).filter(|author| !author.is_empty())),
            operation.map_or(Value::Empty, |operation| Value::Text(moment(operation.time))),
        ]
    }
}

/// The error where a formula is to be traced.
fn worked_out(names: Names, path: &Path) -> Option<Error> {
    let [name] = path.names.as_slice() else { return None };
    let define = defined_measure(names, &name.text)?;
    let message = format!("{} is worked out: no operation wrote it", name.text);
    Some(
        Error::new(ErrorKind::Refused, message, Some(path.span()))
            .labelled("expected a measure that is kept")
            .helped(format!("trace what it is made of: {define}")),
    )
}
