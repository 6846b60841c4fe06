//! Rows to cells: duplicates, blanks, bad rows, and what the receipt counts.

use super::column::{Field, fields, text_of, texts};
use super::members::{Coordinate, Resolved, unknown_member};
use super::nothing::without_nothings;
use super::subtotal::subtotals;
use super::target::Targets;
use super::wide::{Source, lengthen};
use crate::bind::{Names, Selection};
use crate::error::{Error, ErrorKind, Result};
use crate::show::Context;
use crate::syntax::ast::{Load, OnDuplicate};
use crate::tables::{NOTE, Tables};
use arrow_array::RecordBatch;
use engine::coordinate::KeyLayout;
use engine::cube::Draft;
use engine::decimal::DecimalProblem;
use engine::dimension::{Dimension, LevelId};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::schema::Schema;
use engine::{Write, Writes, aggregate};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashSet};

/// How many leaves are looked at for what may be a subtotal.
const MOST_LOOKED_AT: usize = 500_000;

/// How many bad rows an error tells of.
const TOLD: usize = 5;

/// What a load came to.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub rows: u64,
    pub cells: u64,
    pub created: u64,
    /// Cells whose value differs from what was there.
    pub changed: u64,
    pub members_created: u64,
    pub duplicates: u64,
    pub rejected: u64,
    pub blanks: u64,
    pub scenarios: Vec<String>,
    pub notes: Vec<String>,
}

/// A row that cannot be loaded.
struct BadRow {
    row: usize,
    column: usize,
    problem: String,
}

/// Loads a file into a draft.
///
/// Errors: the first bad row, unless they are put aside; nothing is drafted then.
pub(crate) fn load(context: Context, load: &Load, tables: &dyn Tables, draft: &mut Draft) -> Result<Loaded> {
    let batch = tables
        .read(&load.file)
        .map_err(|problem| Error::new(ErrorKind::Refused, problem, Some(load.file_span.clone())))?;
    let names = Names::new(context.snapshot.schema());
    let fields = without_nothings(load, &batch)?;
    let lengthened = lengthen(names, load, &batch, &fields)?;
    let (rows, load, source) = match &lengthened {
        Some((rows, load, source)) => (rows, load, source),
        None => (&fields, load, &Source::long(&batch)),
    };
    let targets = Targets::find(names, load, rows)?;
    if source.is_wide() {
        targets.refuse_other_measures(names.schema, load)?;
    }
    let mut loader =
        Loader { context, load, tables, batch: rows, source, targets, bad: Vec::new(), loaded: Loaded::default() };
    loader.loaded.notes.extend(batch.schema().metadata().get(NOTE).cloned());
    let placed = loader.place(names)?;
    loader.finish(placed, draft)
}

struct Loader<'a> {
    context: Context<'a>,
    load: &'a Load,
    tables: &'a dyn Tables,
    batch: &'a RecordBatch,
    source: &'a Source<'a>,
    targets: Targets,
    bad: Vec<BadRow>,
    loaded: Loaded,
}

/// Every row with its scenario and key; rows that are bad have none.
struct Placed {
    schema: Schema,
    layout: KeyLayout,
    rows: Vec<Option<(MemberId, u128)>>,
}

impl Loader<'_> {
    fn place(&mut self, names: Names) -> Result<Placed> {
        let mut schema = names.schema.clone();
        let rows = self.batch.num_rows();
        self.loaded.rows = self.source.file().num_rows() as u64;
        let mut members: Vec<Vec<Option<MemberId>>> = Vec::new();
        for place in 0..schema.dimensions().len() {
            let id = DimensionId::from_index(place);
            let found = match self.coordinate(&schema, id)? {
                Given::Same(member) => vec![Some(member); rows],
                Given::Columns(coordinate) => self.resolve(&mut schema, id, &coordinate)?,
            };
            members.push(found);
        }
        let layout = KeyLayout::new(&schema)?;
        let place = |row: usize| {
            let scenario = members[0][row]?;
            members[1..].iter().all(|column| column[row].is_some()).then(|| {
                let codes = members[1..].iter().map(|column| column[row].map_or(0, |member| member.0));
                (scenario, layout.pack(codes))
            })
        };
        let rows = (0..rows).into_par_iter().map(place).collect();
        Ok(Placed { schema, layout, rows })
    }

    /// Where a dimension's members come from.
    fn coordinate(&self, schema: &Schema, id: DimensionId) -> Result<Given> {
        if id == DimensionId::SCENARIO {
            if let Some(into) = &self.load.into {
                let names = Names::new(schema);
                return match names.member(into, Some(id))? {
                    crate::bind::Meaning::Member { member, .. } => Ok(Given::Same(member)),
                    _ => Err(Error::new(ErrorKind::Name, "expected a scenario", Some(into.span()))),
                };
            }
            if !self.targets.coordinates.contains_key(&0) {
                return match schema.scenarios().leaves(MemberId::ROOT).as_slice() {
                    [only] => Ok(Given::Same(*only)),
                    _ => Err(Error::new(
                        ErrorKind::Refused,
                        "no column of the file gives the scenario",
                        Some(self.load.file_span.clone()),
                    )
                    .helped("say which column: load … (Column -> scenario)")
                    .helped("or load all of the file into one: load … into plan")),
                };
            }
        }
        let columns = self.targets.coordinates.get(&id.index()).cloned().unwrap_or_default();
        if let Some(default) = schema.dimension(id).default.filter(|_| columns.is_empty()) {
            return Ok(Given::Same(default));
        }
        let columns = columns.into_iter().map(|(level, place)| {
            let level = level.map(|(hierarchy, depth)| LevelId { hierarchy, depth });
            (level, texts(self.batch.column(place)))
        });
        Ok(Given::Columns(Coordinate { columns: columns.collect() }))
    }

    fn resolve(
        &mut self,
        schema: &mut Schema,
        id: DimensionId,
        coordinate: &Coordinate,
    ) -> Result<Vec<Option<MemberId>>> {
        let (combinations, numbers) = coordinate.combinations(self.batch.num_rows());
        let mut dimension = Dimension::clone(schema.dimension(id));
        if self.load.creating_members {
            let added = coordinate.create(&mut dimension, &combinations)?;
            if added > 0 {
                self.loaded.members_created += added;
                self.loaded.notes.push(format!("{added} members created in {}", dimension.name));
            }
        }
        let resolved: Vec<Resolved> =
            combinations.iter().map(|fields| coordinate.resolve(&dimension, fields)).collect();
        let mut seen_blank = 0;
        let mut members = Vec::with_capacity(numbers.len());
        for (row, number) in numbers.iter().enumerate() {
            let found = match resolved[*number as usize] {
                Resolved::Member(MemberId::ROOT) if id == DimensionId::SCENARIO => Resolved::Unknown(0),
                other => other,
            };
            members.push(match found {
                Resolved::Member(member) => {
                    seen_blank += u64::from(member == MemberId::ROOT);
                    Some(member)
                }
                Resolved::Unknown(column) => {
                    let place = self.targets.coordinates[&id.index()][column].1;
                    let value = text_of(self.batch.column(place), row);
                    self.bad.push(BadRow { row, column: place, problem: unknown_member(&dimension, value.as_deref()) });
                    None
                }
            });
        }
        if seen_blank > 0 {
            let note = format!(
                "{seen_blank} rows name no {}: they stand at \"{}\"",
                dimension.name,
                dimension.leaf_name(MemberId::ROOT)
            );
            self.loaded.notes.push(note);
        }
        *schema = schema.replacing(id, dimension);
        Ok(members)
    }

    fn finish(mut self, placed: Placed, draft: &mut Draft) -> Result<Loaded> {
        let columns = self.measure_columns(&placed.schema);
        self.bad.sort_by_key(|bad| (bad.row, bad.column));
        let rejected: HashSet<usize> = self.bad.iter().map(|bad| self.source.row(bad.row)).collect();
        match &self.load.skipping_errors {
            Some(file) => {
                self.loaded.rejected = rejected.len() as u64;
                self.write_rejects(file)?;
            }
            None => self.refuse_bad()?,
        }
        let scenarios: BTreeMap<MemberId, Vec<(u128, usize)>> = by_scenario(&placed.rows, self.source, &rejected);
        let replaced = self.replaced(&placed, scenarios.keys().copied().collect(), &columns)?;
        let before = draft.clone();
        let result = self.write(&placed, scenarios, replaced, &columns, draft);
        if result.is_err() {
            *draft = before;
        }
        result?;
        if self.loaded.changed < self.loaded.cells {
            let same = self.loaded.cells - self.loaded.changed;
            self.loaded.notes.push(format!("cells that had their value already: {same} of {}", self.loaded.cells));
        }
        self.loaded.notes.extend(self.unused());
        Ok(self.loaded)
    }

    fn measure_columns(&mut self, schema: &Schema) -> Vec<(MeasureId, Vec<Field>)> {
        let mut columns = Vec::new();
        for (measure, place) in &self.targets.measures {
            let (name, scale) = schema.measure(*measure).map_or(("", 0), |m| (m.name.as_str(), m.scale));
            let column = fields(self.batch.column(*place), scale);
            for (row, field) in column.iter().enumerate() {
                if let Field::Bad(problem) = field {
                    let problem = match problem {
                        DecimalProblem::Unreadable => "is not a number".to_owned(),
                        DecimalProblem::TooManyDigits => {
                            format!("has more than the {scale} digits after the point that {name} keeps")
                        }
                        DecimalProblem::TooLarge => "does not fit in a cell".to_owned(),
                    };
                    self.bad.push(BadRow { row, column: *place, problem });
                }
            }
            columns.push((*measure, column));
        }
        columns
    }

    fn sentence(&self, bad: &BadRow) -> String {
        let line = self
            .tables
            .line(&self.load.file, self.source.row(bad.row))
            .map_or_else(|| format!("row {}", self.source.row(bad.row) + 1), |line| format!("line {line}"));
        let column = self.source.column(self.batch, bad.row, bad.column);
        let value = text_of(self.batch.column(bad.column), bad.row).unwrap_or_default();
        format!("{}, {line}, column {column}: \"{value}\" {}", self.load.file, bad.problem)
    }

    fn refuse_bad(&self) -> Result<()> {
        let Some(first) = self.bad.first() else { return Ok(()) };
        let mut error = Error::new(ErrorKind::Refused, self.sentence(first), Some(self.load.file_span.clone()))
            .labelled(match self.bad.len() {
                1 => "one bad row; nothing was loaded".to_owned(),
                bad => format!("{bad} bad fields; nothing was loaded"),
            });
        for bad in self.bad.iter().skip(1).take(TOLD) {
            error = error.helped(self.sentence(bad));
        }
        if self.bad.iter().any(|bad| bad.problem.starts_with("is no member")) && !self.load.creating_members {
            error = error.helped("`creating members` adds members that are not there yet");
        }
        Err(error.helped("`skipping errors to 'rejects.csv'` puts bad rows aside"))
    }

    fn write_rejects(&self, file: &str) -> Result<()> {
        let original = self.source.file();
        let schema = original.schema();
        let mut heading: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        heading.push("problem".into());
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut last = None;
        for bad in &self.bad {
            let row = self.source.row(bad.row);
            if last != Some(row) {
                let mut fields: Vec<String> =
                    original.columns().iter().map(|column| text_of(column, row).unwrap_or_default()).collect();
                fields.push(self.sentence(bad));
                rows.push(fields);
            }
            last = Some(row);
        }
        self.tables.write(file, &heading, &rows).map_err(|problem| Error::new(ErrorKind::Refused, problem, None))
    }

    /// The cells that `replace` empties, but for those the file gives.
    fn replaced(
        &self,
        placed: &Placed,
        scenarios: Vec<MemberId>,
        columns: &[(MeasureId, Vec<Field>)],
    ) -> Result<Vec<(MemberId, MeasureId, Vec<u128>)>> {
        let Some(conditions) = &self.load.replace else { return Ok(Vec::new()) };
        let filter = Selection::bind(Names::new(self.context.snapshot.schema()), conditions)?;
        let named = filter.scenarios.clone().unwrap_or(scenarios);
        let mut replaced = Vec::new();
        for scenario in named {
            for (measure, _) in columns {
                let cells =
                    aggregate::leaves(self.context.snapshot, &filter.subcube(scenario), *measure, self.context.stop)?;
                let old = self.context.snapshot.layout();
                let again = |key: &u128| placed.layout.pack((0..old.width()).map(|c| old.unpack(*key, c)));
                replaced.push((scenario, *measure, cells.keys.iter().map(again).collect()));
            }
        }
        Ok(replaced)
    }

    fn write(
        &mut self,
        placed: &Placed,
        scenarios: BTreeMap<MemberId, Vec<(u128, usize)>>,
        replaced: Vec<(MemberId, MeasureId, Vec<u128>)>,
        columns: &[(MeasureId, Vec<Field>)],
        draft: &mut Draft,
    ) -> Result<()> {
        draft.schema(placed.schema.clone())?;
        let mut all: BTreeMap<MemberId, Vec<(u128, usize)>> = scenarios;
        replaced.iter().for_each(|(scenario, ..)| {
            all.entry(*scenario).or_default();
        });
        for (scenario, rows) in all {
            self.loaded.scenarios.push(placed.schema.scenarios().member(scenario).name.clone());
            let cleared = replaced.iter().filter(|(of, ..)| *of == scenario).map(|(_, measure, keys)| (*measure, keys));
            let writes = self.writes(rows, columns, cleared.collect())?;
            self.note_subtotals(placed, &writes);
            let written = writes.columns.iter().flat_map(|(_, column)| column).filter(|w| matches!(w, Write::Put(_)));
            self.loaded.cells += written.count() as u64;
            if let Some(delta) = draft.write(scenario, &writes)? {
                let (changed, created) = delta.count();
                self.loaded.changed += changed;
                self.loaded.created += created;
            }
        }
        Ok(())
    }

    fn note_subtotals(&mut self, placed: &Placed, writes: &Writes) {
        let Some((_, column)) = writes.columns.first() else { return };
        let cells: Vec<(u128, i64)> = writes
            .keys
            .iter()
            .zip(column)
            .take(MOST_LOOKED_AT)
            .filter_map(|(key, write)| if let Write::Put(value) = write { Some((*key, *value)) } else { None })
            .collect();
        for note in subtotals(&placed.schema, &placed.layout, &cells) {
            let about = note.split(':').next().unwrap_or_default();
            if !self.loaded.notes.iter().any(|known| known.starts_with(about)) {
                self.loaded.notes.push(note);
            }
        }
    }

    fn writes(
        &mut self,
        mut rows: Vec<(u128, usize)>,
        columns: &[(MeasureId, Vec<Field>)],
        cleared: Vec<(MeasureId, &Vec<u128>)>,
    ) -> Result<Writes> {
        rows.par_sort_unstable();
        let mut keys: Vec<u128> = rows.iter().map(|(key, _)| *key).collect();
        if !cleared.is_empty() {
            keys.extend(cleared.iter().flat_map(|(_, keys)| keys.iter()));
            keys.sort_unstable();
        }
        keys.dedup();
        let mut writes = Writes { columns: Vec::new(), keys };
        let mut repeated: Vec<(usize, usize)> = Vec::new();
        for (measure, fields) in columns {
            if writes.keys.len() == rows.len() && cleared.is_empty() && !self.source.is_wide() {
                let column = once_each(&rows, fields);
                self.loaded.blanks += column.iter().filter(|write| **write == Write::Keep).count() as u64;
                writes.columns.push((*measure, column));
                continue;
            }
            let of_file = self.targets.measures.iter().find(|(of, _)| of == measure).map_or(0, |(_, place)| *place);
            let mut column = vec![Write::Keep; writes.keys.len()];
            for (_, keys) in cleared.iter().filter(|(of, _)| of == measure) {
                for key in keys.iter() {
                    if let Ok(place) = writes.keys.binary_search(key) {
                        column[place] = Write::Clear;
                    }
                }
            }
            let mut place = 0;
            let mut first: Option<(u128, usize)> = None;
            for (key, row) in &rows {
                while writes.keys[place] < *key {
                    place += 1;
                }
                let Field::Cell(value) = fields[*row] else {
                    self.loaded.blanks += u64::from(self.source.has(*row, of_file));
                    continue;
                };
                let again = first.filter(|(known, _)| known == key);
                column[place] = match (again, column[place]) {
                    (Some((_, earlier)), Write::Put(before)) => {
                        repeated.push((earlier, *row));
                        self.joined(before, value, *row)?
                    }
                    _ => Write::Put(value),
                };
                first = again.or(Some((*key, *row)));
            }
            writes.columns.push((*measure, column));
        }
        self.count_duplicates(&rows, &repeated)?;
        Ok(writes)
    }

    fn joined(&self, before: i64, value: i64, row: usize) -> Result<Write> {
        match self.load.on_duplicate {
            Some(OnDuplicate::Last) => Ok(Write::Put(value)),
            _ => before.checked_add(value).map(Write::Put).ok_or_else(|| {
                let message = format!(
                    "{}, row {}: the sum of rows for one cell does not fit in it",
                    self.load.file,
                    self.source.row(row) + 1
                );
                Error::new(ErrorKind::Refused, message, Some(self.load.file_span.clone()))
            }),
        }
    }

    fn count_duplicates(&mut self, rows: &[(u128, usize)], repeated: &[(usize, usize)]) -> Result<()> {
        self.loaded.duplicates += rows.windows(2).filter(|pair| pair[0].0 == pair[1].0).count() as u64;
        if self.load.on_duplicate != Some(OnDuplicate::Reject) {
            return Ok(());
        }
        let Some((earlier, later)) = repeated.first() else { return Ok(()) };
        let line =
            |row: usize| self.tables.line(&self.load.file, self.source.row(row)).unwrap_or(self.source.row(row) + 1);
        let message = format!("{}, lines {} and {} give the same cell", self.load.file, line(*earlier), line(*later));
        Err(Error::new(ErrorKind::Refused, message, Some(self.load.file_span.clone()))
            .labelled(format!("{} duplicates; nothing was loaded", self.loaded.duplicates))
            .helped("`on duplicate add` adds them up, `on duplicate last` takes the last"))
    }

    fn unused(&self) -> Option<String> {
        let unused = &self.targets.unused;
        (!unused.is_empty()).then(|| format!("columns not used: {}", unused.join(", ")))
    }
}

/// The writes of rows each of which is for a leaf of its own.
fn once_each(rows: &[(u128, usize)], fields: &[Field]) -> Vec<Write> {
    let write = |(_, row): &(u128, usize)| match fields[*row] {
        Field::Cell(value) => Write::Put(value),
        Field::Blank | Field::Bad(_) => Write::Keep,
    };
    rows.par_iter().map(write).collect()
}

enum Given {
    Same(MemberId),
    Columns(Coordinate),
}

fn by_scenario(
    rows: &[Option<(MemberId, u128)>],
    source: &Source,
    rejected: &HashSet<usize>,
) -> BTreeMap<MemberId, Vec<(u128, usize)>> {
    let mut scenarios: BTreeMap<MemberId, Vec<(u128, usize)>> = BTreeMap::new();
    for (row, placed) in rows.iter().enumerate() {
        if let Some((scenario, key)) = placed
            && (rejected.is_empty() || !rejected.contains(&source.row(row)))
        {
            scenarios.entry(*scenario).or_default().push((*key, row));
        }
    }
    scenarios
}
