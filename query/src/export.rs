//! `export`: the leaf facts of a selection as columns that a load takes back.
//!
//! A column for each level of a dimension, or one for the dimension where it has no levels or is the calendar; one
//! for the scenario; one for each stored measure. Facts that stand at a consolidation leave the levels below it
//! blank.

use crate::bind::{Names, Selection};
use crate::error::Result;
use crate::show::Context;
use crate::syntax::ast::Condition;
use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, Decimal128Array, DictionaryArray, RecordBatch};
use engine::aggregate::{self, LeafCells};
use engine::coordinate::KeyLayout;
use engine::dimension::{Dimension, Kind};
use engine::error::EngineError;
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::memory::{Claim, bytes};
use engine::schema::Schema;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Bytes of the name of a member in a row.
const NAME_BYTES: usize = 64;

/// Digits that a column of a measure has room for.
const DIGITS: u8 = 38;

/// The leaf facts that conditions select, of the session's scenario where they name none.
///
/// Errors: conditions that select nothing there can be; interrupted.
pub(crate) fn facts(context: Context, conditions: &[Condition]) -> Result<RecordBatch> {
    let schema = context.snapshot.schema();
    let filter = Selection::bind(Names::new(schema), conditions)?;
    let scenarios = filter.scenarios.clone().or_else(|| context.scenario.map(|one| vec![one])).unwrap_or_default();
    let layout = context.snapshot.layout();
    let mut facts = Facts { schema, layout, rows: Vec::new(), measures: vec![Vec::new(); schema.measures().len()] };
    let mut claim = Claim::new("the rows of the file");
    for scenario in scenarios {
        let mut cells = Vec::new();
        for measure in 0..schema.measures().len() {
            let slice = filter.cells(schema, scenario);
            cells.push(aggregate::leaves(context.snapshot, &slice, MeasureId::from_index(measure), context.stop)?);
        }
        facts.add(scenario, &cells);
        claim.hold(bytes(facts.rows.len(), facts.row_bytes()))?;
    }
    let places: Vec<Vec<MemberId>> = facts.rows.iter().map(|(_, key)| layout.members(*key)).collect();
    facts.batch(&places)
}

/// Leaves that have a value of any measure, and for each measure its cells.
struct Facts<'a> {
    schema: &'a Schema,
    layout: &'a KeyLayout,
    rows: Vec<(MemberId, u128)>,
    measures: Vec<Vec<Option<i128>>>,
}

impl Facts<'_> {
    /// Bytes of a row: its key, its members, their names, and its cells as integers and as a column.
    fn row_bytes(&self) -> usize {
        let names = self.schema.coordinates().map(|id| self.schema.dimension(id).hierarchies()[0].levels.len().max(1));
        128 + names.sum::<usize>() * NAME_BYTES + self.measures.len() * 2 * size_of::<Option<i128>>()
    }

    fn add(&mut self, scenario: MemberId, cells: &[LeafCells]) {
        let mut keys: Vec<u128> = cells.iter().flat_map(LeafCells::keys).collect();
        keys.sort_unstable_by_key(|key| self.layout.listed(*key));
        keys.dedup();
        for (column, cells) in self.measures.iter_mut().zip(cells) {
            let known: HashMap<u128, i64> = cells.iter().collect();
            column.extend(keys.iter().map(|key| known.get(key).map(|value| i128::from(*value))));
        }
        self.rows.extend(keys.into_iter().map(|key| (scenario, key)));
    }

    fn batch(&self, places: &[Vec<MemberId>]) -> Result<RecordBatch> {
        let mut columns = Columns::default();
        let scenarios = self.schema.scenarios();
        let scenario = self.rows.iter().map(|(scenario, _)| Some(scenarios.member(*scenario).name.clone()));
        columns.texts(&scenarios.name, &scenarios.name, scenario.collect());
        for id in self.schema.coordinates() {
            let members: Vec<MemberId> = places.iter().map(|place| place[id.index() - 1]).collect();
            self.coordinate(&mut columns, id, &members);
        }
        for (measure, units) in self.schema.measures().iter().zip(&self.measures) {
            let units: Decimal128Array = units.iter().copied().collect();
            let typed = units.with_precision_and_scale(DIGITS, measure.scale as i8).map_err(unwritable)?;
            columns.add(&measure.name, &measure.name, Arc::new(typed));
        }
        let named = columns.columns.into_iter().map(|(name, array)| (name, array, true));
        Ok(RecordBatch::try_from_iter_with_nullable(named).map_err(unwritable)?)
    }

    /// The columns of one dimension.
    fn coordinate(&self, columns: &mut Columns, id: DimensionId, members: &[MemberId]) {
        let dimension = self.schema.dimension(id);
        let tree = &dimension.hierarchies()[0];
        let by_level = !tree.levels.is_empty()
            && !matches!(dimension.kind, Kind::Time(_))
            && members.iter().all(|member| tree.contains(*member));
        if !by_level {
            let names = named(members, |member| Some(key_name(dimension, member)));
            return columns.texts(&dimension.name, &dimension.name, names);
        }
        for (depth, level) in tree.levels.iter().enumerate() {
            let at_depth = |member| ancestor(dimension, member, depth + 1).map(|at| dimension.member(at).name.clone());
            columns.texts(level, &format!("{}.{level}", dimension.name), named(members, at_depth));
        }
    }
}

fn unwritable(error: arrow_schema::ArrowError) -> EngineError {
    EngineError::refused(format!("the facts cannot be written: {error}"), "name a smaller part, as `export plan, 2026`")
}

/// What each member is called, worked out once for each.
fn named(members: &[MemberId], name: impl Fn(MemberId) -> Option<String>) -> Vec<Option<String>> {
    let mut known: HashMap<MemberId, Option<String>> = HashMap::new();
    members.iter().map(|member| known.entry(*member).or_insert_with(|| name(*member)).clone()).collect()
}

/// The member's name, its path where several have the name, with `(own)` where it has children.
fn key_name(dimension: &Dimension, member: MemberId) -> String {
    let name = dimension.leaf_name(member);
    let own = name.strip_prefix(dimension.member(member).name.as_str()).unwrap_or_default();
    let shared = member != MemberId::ROOT && dimension.find(&dimension.member(member).name).len() > 1;
    if shared { dimension.path(member) + own } else { name }
}

/// The member itself or the one above it so many levels down from the root, those that are skipped counted.
fn ancestor(dimension: &Dimension, member: MemberId, rung: usize) -> Option<MemberId> {
    let tree = &dimension.hierarchies()[0];
    let mut at = member;
    while tree.rung(at)? > rung {
        at = tree.parent(at)?;
    }
    (tree.rung(at)? == rung).then_some(at)
}

/// Columns with names of their own.
#[derive(Default)]
struct Columns {
    used: HashSet<String>,
    columns: Vec<(String, ArrayRef)>,
}

impl Columns {
    /// Adds a column under its name, or under its full one where another has that already.
    fn add(&mut self, name: &str, full: &str, array: ArrayRef) {
        let name = if self.used.insert(name.to_lowercase()) { name } else { full };
        self.columns.push((name.to_owned(), array));
    }

    fn texts(&mut self, name: &str, full: &str, texts: Vec<Option<String>>) {
        let array: DictionaryArray<UInt32Type> = texts.iter().map(Option::as_deref).collect();
        self.add(name, full, Arc::new(array));
    }
}
