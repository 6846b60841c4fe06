//! What several changes come to together: before and after of each measure, over all cells they touched.

use crate::answer::{ChangeReceipt, Value};
use crate::error::Result;
use crate::formula::exact;
use engine::change::{CellDelta, Delta};
use engine::decimal::Decimal;
use engine::id::{MeasureId, MemberId};
use engine::memory::{afford, bytes};
use engine::schema::Schema;
use std::collections::BTreeMap;

/// Bytes of a cell: its place, which names its members, and its values.
const CELL_BYTES: usize = 160;

/// A cell of any scenario and measure.
type Place = (MemberId, MeasureId, Vec<MemberId>);

/// The cells that changes touched, as they were before the first and are after the last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Net {
    cells: BTreeMap<Place, (Option<i64>, Option<i64>)>,
}

/// What a measure in a scenario comes to over the cells touched; of a stock, in one of its periods.
struct Line {
    scenario: MemberId,
    measure: MeasureId,
    period: Option<MemberId>,
    before: i128,
    after: i128,
}

impl Net {
    /// Refuses a change with which the cells would take more memory than a statement may.
    pub fn afford(&self, delta: &Delta) -> Result<()> {
        let cells = self.cells.len() + delta.most_cells();
        Ok(afford("the cells of the statements run as one", bytes(cells, CELL_BYTES))?)
    }

    /// Takes in one more change.
    pub fn add(&mut self, delta: &Delta) {
        for CellDelta { members, measure, before, after } in delta.cells() {
            let place = (delta.scenario, measure, members);
            self.cells.entry(place).and_modify(|cell| cell.1 = after).or_insert((before, after));
        }
    }

    /// Cells that differ, and how many of them were empty before.
    fn counts(&self) -> (u64, u64) {
        let differ = self.cells.values().filter(|(before, after)| before != after);
        differ.fold((0, 0), |(cells, new), (before, _)| (cells + 1, new + u64::from(before.is_none())))
    }

    fn lines(&self, schema: &Schema) -> Vec<Line> {
        let mut sums: BTreeMap<(MemberId, MeasureId, Option<MemberId>), (i128, i128)> = BTreeMap::new();
        for ((scenario, measure, members), (before, after)) in &self.cells {
            let stock = schema.measure(*measure).is_some_and(|measure| measure.is_stock());
            let time = schema.time().filter(|_| stock);
            let period = time.and_then(|time| members.get(time.index() - 1).copied());
            let sum = sums.entry((*scenario, *measure, period)).or_default();
            sum.0 += i128::from(before.unwrap_or(0));
            sum.1 += i128::from(after.unwrap_or(0));
        }
        let line = |((scenario, measure, period), (before, after))| Line { scenario, measure, period, before, after };
        sums.into_iter().map(line).collect()
    }

    /// The receipt of all of them as one operation. With `funding`, what does not net to zero is unfunded.
    pub fn receipt(&self, schema: &Schema, operation: u64, statement: String, funding: bool) -> ChangeReceipt {
        let lines = self.lines(schema);
        let (cells_touched, cells_created) = self.counts();
        let single = match lines.as_slice() {
            [line] if line.period.is_none() => Some(line),
            _ => None,
        };
        let units = |units: fn(&Line) -> i128| {
            single.map_or(Value::Empty, |line| exact(units(line), scale(schema, line.measure)))
        };
        ChangeReceipt {
            operation: Some(operation),
            statement,
            cells_touched,
            cells_created,
            before: units(|line| line.before),
            after: units(|line| line.after),
            conserved: lines.iter().all(|line| line.before == line.after),
            unit: single.and_then(|line| schema.measure(line.measure)?.unit.clone()),
            notes: if funding { notes(schema, &lines) } else { Vec::new() },
            ..ChangeReceipt::default()
        }
    }
}

fn scale(schema: &Schema, measure: MeasureId) -> u8 {
    schema.measure(measure).map_or(0, |measure| measure.scale)
}

/// A line for each measure and scenario; of a stock, for the period that is farthest from zero.
fn notes(schema: &Schema, lines: &[Line]) -> Vec<String> {
    let mut worst: BTreeMap<(MemberId, MeasureId), &Line> = BTreeMap::new();
    for line in lines {
        let far = |line: &Line| (line.after - line.before).abs();
        let known = worst.entry((line.scenario, line.measure)).or_insert(line);
        if far(line) > far(known) {
            *known = line;
        }
    }
    worst.into_values().map(|line| note(schema, line)).collect()
}

fn note(schema: &Schema, line: &Line) -> String {
    let measure = schema.measure(line.measure);
    let name = measure.map_or("", |measure| &measure.name);
    let unit = measure.and_then(|measure| measure.unit.as_deref()).map_or_else(String::new, |unit| format!(" {unit}"));
    let scenario = &schema.scenarios().member(line.scenario).name;
    let amount = |units: i128| format!("{}{unit}", Decimal::new(units, scale(schema, line.measure)).grouped());
    let net = line.after - line.before;
    let place = match line.period.zip(schema.time()).filter(|_| net != 0) {
        Some((period, time)) => format!(" in {}", schema.dimension(time).leaf_name(period)),
        None => String::new(),
    };
    match net {
        0 => format!("net of {name} in {scenario}: {}", amount(0)),
        net if net > 0 => format!("net of {name} in {scenario}{place}: unfunded {}", amount(net)),
        net => format!("net of {name} in {scenario}{place}: {}, freed", amount(net)),
    }
}
