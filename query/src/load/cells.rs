//! Rows to cells: duplicates, blanks, which rows are bad, and what the receipt counts.

use super::column::{Field, Texts, fields, text_of, texts};
use super::gather::Gathered;
use super::members::{Coordinate, Fields, Resolved, unknown_member};
use super::nothing::without_nothings;
use super::rejects::{BadRow, Rejects};
use super::subtotal::subtotals;
use super::target::Targets;
use super::wide::{Source, lengthen};
use crate::bind::{Names, Selection};
use crate::count::counted;
use crate::error::{Error, ErrorKind, Result};
use crate::show::Context;
use crate::syntax::ast::{Load, OnDuplicate};
use crate::tables::{NOTE, Tables};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use engine::coordinate::KeyLayout;
use engine::cube::Draft;
use engine::decimal::DecimalProblem;
use engine::dimension::{Dimension, LevelId};
use engine::error::EngineError;
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::intake::{self, Again, Intake, Joining, Sorted};
use engine::memory::{Claim, bytes};
use engine::schema::Schema;
use engine::{Write, Writes, aggregate, freed};
use rayon::prelude::*;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ops::Range;
use std::sync::atomic::Ordering;

/// How many leaves are looked at for what may be a subtotal.
const MOST_LOOKED_AT: usize = 500_000;

/// How many rows are taken in at a time.
const MOST_TAKEN: usize = 1 << 18;

/// After a load of so many rows the memory they took is given back.
const MANY_ROWS: u64 = 1 << 19;

/// Bytes of what is known of a bad row.
const BAD_ROW_BYTES: usize = 256;

/// How many columns that are not used are named.
const MOST_NAMED: usize = 30;

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

/// Loads a file into a draft: part by part into an [`Intake`], all or nothing.
///
/// Errors: the first bad row, unless they are put aside; nothing is drafted then.
pub(crate) fn load(context: Context, load: &Load, tables: &dyn Tables, draft: &mut Draft) -> Result<Loaded> {
    let loaded = load_parts(context, load, tables, draft);
    if loaded.as_ref().is_ok_and(|loaded| loaded.rows >= MANY_ROWS) {
        freed::give_back();
    }
    tables.progress(&load.file, None);
    loaded
}

fn load_parts(context: Context, load: &Load, tables: &dyn Tables, draft: &mut Draft) -> Result<Loaded> {
    let refused = |problem| Error::new(ErrorKind::Refused, problem, Some(load.file_span.clone()));
    if load.skipping_errors.as_ref().is_some_and(|rejects| tables.is_same(&load.file, rejects)) {
        return Err(refused(format!("the rows put aside would be written over {} itself", load.file)));
    }
    let mut parts = tables.parts(&load.file).map_err(refused)?;
    let first = parts.next().unwrap_or_else(|| Err(format!("{} is empty", load.file))).map_err(refused)?;
    let mut loader = Loader::new(context, load, tables, &first)?;
    let mut part = Some(first);
    while let Some(batch) = part.take() {
        let (next, taken) = rayon::join(|| parts.next(), || loader.take(&batch));
        taken?;
        tables.progress(&load.file, Some(loader.loaded.rows));
        part = next.transpose().map_err(refused)?;
    }
    loader.finish(draft)
}

struct Loader<'a> {
    context: Context<'a>,
    load: &'a Load,
    tables: &'a dyn Tables,
    /// The rows' columns, where the file is wide those that are made of it.
    names: SchemaRef,
    source: Source,
    targets: Targets,
    given: Vec<Given>,
    intake: Intake,
    bad: Vec<BadRow>,
    /// For each measure how many fields are blank.
    blanks: Vec<u64>,
    loaded: Loaded,
    /// On what was taken in.
    claim: Claim,
}

/// The model with the members that the file makes, and what the numbers of the rows stand for.
struct Placed {
    schema: Schema,
    layout: KeyLayout,
    /// For each number of the scenario's column its scenario.
    scenarios: Vec<Option<MemberId>>,
    /// For each coordinate what each number adds to a key.
    keys: Vec<Vec<Option<u128>>>,
}

impl Placed {
    /// For each number of the scenario's column whether it stands for a scenario.
    fn is_of(&self, scenario: MemberId) -> Vec<bool> {
        self.scenarios.iter().map(|known| *known == Some(scenario)).collect()
    }
}

/// The rows of a part, as long as they are to be loaded; the load that takes them, and what they are made of.
fn lengthened(names: Names, load: &Load, part: &RecordBatch) -> Result<(RecordBatch, Option<Load>, Source)> {
    let fields = without_nothings(load, part)?;
    Ok(match lengthen(names, load, part, &fields)? {
        Some((rows, load, source)) => (rows, Some(load), source),
        None => (fields, None, Source::long(part)),
    })
}

impl<'a> Loader<'a> {
    fn new(context: Context<'a>, load: &'a Load, tables: &'a dyn Tables, first: &RecordBatch) -> Result<Self> {
        let names = Names::new(context.snapshot.schema());
        let (rows, long, source) = lengthened(names, load, &first.slice(0, first.num_rows().min(1)))?;
        let long = long.as_ref().unwrap_or(load);
        let targets = Targets::find(names, long, &rows)?;
        if source.is_wide() {
            targets.refuse_other_measures(names.schema, long)?;
        }
        let (dimensions, measures) = (names.schema.dimensions().len(), targets.measures.len());
        let mut loaded = Loaded::default();
        loaded.notes.extend(first.schema().metadata().get(NOTE).cloned());
        let mut loader = Loader {
            context,
            load,
            tables,
            names: rows.schema(),
            source,
            targets,
            given: Vec::with_capacity(dimensions),
            intake: Intake::new(dimensions, measures),
            bad: Vec::new(),
            blanks: vec![0; measures],
            loaded,
            claim: Claim::new("the rows of the file"),
        };
        for place in 0..dimensions {
            let given = loader.coordinate(names.schema, DimensionId::from_index(place))?;
            loader.given.push(given);
        }
        Ok(loader)
    }

    /// Takes in the rows of a part.
    fn take(&mut self, part: &RecordBatch) -> Result<()> {
        if self.context.stop.load(Ordering::Relaxed) {
            return Err(EngineError::Interrupted.into());
        }
        let names = Names::new(self.context.snapshot.schema());
        let (rows, ..) = lengthened(names, self.load, part)?;
        if !same_columns(&rows.schema(), &self.names) {
            let message = format!("{}: its parts differ in their columns", self.load.file);
            return Err(Error::new(ErrorKind::Refused, message, Some(self.load.file_span.clone())));
        }
        self.loaded.rows += part.num_rows() as u64;
        let mut start = 0;
        while start < rows.num_rows() {
            let length = MOST_TAKEN.min(rows.num_rows() - start);
            self.take_rows(&rows.slice(start, length))?;
            start += length;
        }
        Ok(())
    }

    fn take_rows(&mut self, rows: &RecordBatch) -> Result<()> {
        let (schema, targets) = (self.context.snapshot.schema(), &self.targets);
        let count = rows.num_rows();
        let number = |(place, given): (usize, &mut Given)| match given {
            Given::Same(_) => vec![0; count],
            Given::Columns(gathered) => {
                let columns = targets.coordinates.get(&place).into_iter().flatten();
                gathered.take(count, columns.map(|(_, column)| texts(rows.column(*column))).collect())
            }
        };
        let given = &mut self.given;
        let read = |(measure, column): &(MeasureId, usize)| {
            fields(rows.column(*column), schema.measure(*measure).map_or(0, |known| known.scale))
        };
        let (numbers, columns): (Vec<Vec<u32>>, Vec<Vec<Field>>) = rayon::join(
            || given.par_iter_mut().enumerate().map(number).collect(),
            || targets.measures.par_iter().map(read).collect(),
        );
        let first = self.intake.rows();
        let mut cells = Vec::with_capacity(columns.len());
        for (measure, column) in columns.iter().enumerate() {
            cells.push(column.iter().map(|field| field.cell()).collect::<Vec<Option<i64>>>());
            self.note_fields(measure, first, column, rows);
        }
        self.intake.take(count, &numbers, &cells)?;
        Ok(self.claim.hold(self.bytes())?)
    }

    /// Bytes of what was taken in.
    fn bytes(&self) -> usize {
        let gathered = |given: &Given| if let Given::Columns(gathered) = given { gathered.bytes() } else { 0 };
        let given = self.given.iter().map(gathered).sum::<usize>();
        self.intake.bytes() + given + bytes(self.bad.len(), BAD_ROW_BYTES)
    }

    /// Counts the blank fields of a measure and notes the bad ones.
    fn note_fields(&mut self, measure: usize, first: usize, fields: &[Field], rows: &RecordBatch) {
        let (id, place) = self.targets.measures[measure];
        let schema = self.context.snapshot.schema();
        let (name, scale) = schema.measure(id).map_or(("", 0), |known| (known.name.as_str(), known.scale));
        for (row, field) in fields.iter().enumerate() {
            let problem = match field {
                Field::Cell(_) => continue,
                Field::Blank => {
                    self.blanks[measure] += u64::from(self.source.has(first + row, place));
                    continue;
                }
                Field::Bad(DecimalProblem::Unreadable) => "is not a number".to_owned(),
                Field::Bad(DecimalProblem::TooManyDigits) => {
                    format!("has more than the {scale} digits after the point that {name} keeps")
                }
                Field::Bad(DecimalProblem::TooLarge) => "does not fit in a cell".to_owned(),
            };
            let value = text_of(rows.column(place), row).unwrap_or_default();
            self.bad.push(BadRow { row: first + row, column: place, value, problem });
        }
    }

    /// Finds the members of all combinations of fields, and makes those that are missing.
    fn place(&mut self) -> Result<Placed> {
        let mut schema = Schema::clone(self.context.snapshot.schema());
        let mut members: Vec<Vec<Option<MemberId>>> = Vec::new();
        let lost = self.lost();
        for (place, given) in std::mem::take(&mut self.given).into_iter().enumerate() {
            members.push(match given {
                Given::Same(member) => vec![Some(member)],
                Given::Columns(gathered) => {
                    self.resolve(&mut schema, DimensionId::from_index(place), gathered, &lost)?
                }
            });
        }
        let width = |members: &Vec<Option<MemberId>>| members.iter().flatten().collect::<HashSet<_>>().len();
        let widths: Vec<usize> = members.iter().skip(1).map(width).collect();
        let schema = intake::widest_first(schema, &widths, self.intake.rows(), self.context.snapshot.facts());
        let layout = KeyLayout::new(&schema)?;
        let key = |coordinate, member: &Option<MemberId>| member.map(|member| layout.with(0, coordinate, member));
        let of = |(coordinate, members): (usize, &Vec<Option<MemberId>>)| {
            members.iter().map(|member| key(coordinate, member)).collect()
        };
        let keys = members.iter().skip(1).enumerate().map(of).collect();
        Ok(Placed { scenarios: members.swap_remove(0), keys, schema, layout })
    }

    /// The rows that are put aside whatever members are made: no member is made for them alone.
    fn lost(&self) -> HashSet<usize> {
        if !self.load.creating_members || self.load.skipping_errors.is_none() {
            return HashSet::new();
        }
        let schema = self.context.snapshot.schema();
        let mut lost: HashSet<usize> = self.bad.iter().map(|bad| self.source.row(bad.row)).collect();
        for (place, given) in self.given.iter().enumerate() {
            let Given::Columns(gathered) = given else { continue };
            let dimension = schema.dimension(DimensionId::from_index(place));
            let is_lost = |fields: &Fields| match gathered.coordinate.resolve(dimension, fields) {
                Resolved::Member(member) => member == MemberId::ROOT && place == DimensionId::SCENARIO.index(),
                Resolved::Unknown(_) => !gathered.coordinate.can_be_made(dimension, fields),
            };
            let is_lost: Vec<bool> = gathered.combinations.iter().map(is_lost).collect();
            if is_lost.contains(&true) {
                lost.extend(self.intake.rows_of(place, &is_lost).into_iter().map(|row| self.source.row(row)));
            }
        }
        let times = self.source.times();
        lost.into_iter().flat_map(|row| row * times..(row + 1) * times).collect()
    }

    /// Of the combinations of a dimension those that some row has which is not lost.
    fn wanted(&self, place: usize, gathered: &Gathered, lost: &HashSet<usize>) -> Vec<bool> {
        let mut rows = gathered.rows.clone();
        let known = lost.iter().filter(|row| **row < self.intake.rows());
        known.for_each(|row| rows[self.intake.number(place, *row) as usize] -= 1);
        rows.into_iter().map(|rows| rows > 0).collect()
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
        let columns = columns.into_iter().map(|(level, _)| {
            let level = level.map(|(hierarchy, depth)| LevelId { hierarchy, depth });
            (level, Texts::default())
        });
        Ok(Given::Columns(Gathered::new(Coordinate { columns: columns.collect() })))
    }

    /// The member of each number.
    fn resolve(
        &mut self,
        schema: &mut Schema,
        id: DimensionId,
        gathered: Gathered,
        lost: &HashSet<usize>,
    ) -> Result<Vec<Option<MemberId>>> {
        let wanted = self.wanted(id.index(), &gathered, lost);
        let Gathered { coordinate, combinations, rows, .. } = gathered;
        let mut dimension = Dimension::clone(schema.dimension(id));
        if self.load.creating_members {
            let made = combinations.iter().zip(&wanted).filter(|(_, wanted)| **wanted).map(|(fields, _)| fields);
            let added = coordinate.create(&mut dimension, made)?;
            if added > 0 {
                self.loaded.members_created += added;
                self.loaded.notes.push(format!(
                    "{} created in {}",
                    counted(added, "member", "members"),
                    dimension.name
                ));
            }
        }
        let mut blank = 0;
        let mut members = Vec::with_capacity(combinations.len());
        let mut unknown: Vec<Option<usize>> = Vec::with_capacity(combinations.len());
        for ((fields, rows), wanted) in combinations.iter().zip(&rows).zip(&wanted) {
            let (member, column) = match coordinate.resolve(&dimension, fields) {
                // A member that was not made as no row needs it is no fault of the rows that name it.
                Resolved::Unknown(_) if !wanted && coordinate.can_be_made(&dimension, fields) => (None, None),
                Resolved::Member(MemberId::ROOT) if id == DimensionId::SCENARIO => (None, Some(0)),
                Resolved::Member(member) => (Some(member), None),
                Resolved::Unknown(column) => (None, Some(column)),
            };
            blank += if member == Some(MemberId::ROOT) { *rows } else { 0 };
            members.push(member);
            unknown.push(column);
        }
        self.note_unknown(&dimension, id, &coordinate, &combinations, &unknown);
        if blank > 0 {
            let own = dimension.leaf_name(MemberId::ROOT);
            let (rows, stand) = match blank {
                1 => ("1 row names".to_owned(), "it stands"),
                _ => (format!("{blank} rows name"), "they stand"),
            };
            self.loaded.notes.push(format!("{rows} no {}: {stand} at \"{own}\"", dimension.name));
        }
        *schema = schema.replacing(id, dimension);
        Ok(members)
    }

    /// Notes the rows whose fields name no member.
    fn note_unknown(
        &mut self,
        dimension: &Dimension,
        id: DimensionId,
        coordinate: &Coordinate,
        combinations: &[Fields],
        unknown: &[Option<usize>],
    ) {
        if unknown.iter().all(Option::is_none) {
            return;
        }
        let is_unknown: Vec<bool> = unknown.iter().map(Option::is_some).collect();
        let mut problems: HashMap<u32, (usize, String, String)> = HashMap::new();
        for row in self.intake.rows_of(id.index(), &is_unknown) {
            let number = self.intake.number(id.index(), row);
            let (column, value, problem) = problems.entry(number).or_insert_with(|| {
                let column = unknown[number as usize].unwrap_or(0);
                let value = coordinate.text(column, &combinations[number as usize]);
                let place = self.targets.coordinates[&id.index()][column].1;
                (place, value.unwrap_or_default().to_owned(), unknown_member(dimension, value))
            });
            self.bad.push(BadRow { row, column: *column, value: value.clone(), problem: problem.clone() });
        }
    }

    fn finish(mut self, draft: &mut Draft) -> Result<Loaded> {
        self.intake.end();
        let placed = self.place()?;
        self.bad.sort_by_key(|bad| (bad.row, bad.column));
        let rejected: HashSet<usize> = self.bad.iter().map(|bad| self.source.row(bad.row)).collect();
        let rejects = Rejects {
            load: self.load,
            tables: self.tables,
            source: &self.source,
            columns: &self.names,
            bad: &self.bad,
        };
        match &self.load.skipping_errors {
            Some(file) => rejects.write(file)?,
            None => rejects.refuse()?,
        }
        self.loaded.rejected = rejected.len() as u64;
        let times = self.source.times();
        let except: HashSet<usize> = rejected.iter().flat_map(|row| row * times..(row + 1) * times).collect();
        self.count_blanks(&except);
        let before = draft.clone();
        let result = self.write(&placed, &except, draft);
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

    /// Counts the blank fields of the rows that are loaded.
    fn count_blanks(&mut self, except: &HashSet<usize>) {
        self.loaded.blanks = self.blanks.iter().sum();
        let bad: HashSet<(usize, usize)> = self.bad.iter().map(|bad| (bad.row, bad.column)).collect();
        for row in except {
            for (measure, (_, place)) in self.targets.measures.iter().enumerate() {
                let blank = self.intake.cell(measure, *row).is_none() && !bad.contains(&(*row, *place));
                self.loaded.blanks -= u64::from(blank && self.source.has(*row, *place));
            }
        }
    }

    /// The cells that `replace` empties, but for those the file gives.
    fn replaced(&self, placed: &Placed, scenarios: &[MemberId]) -> Result<Vec<(MemberId, MeasureId, Vec<u128>)>> {
        let Some(conditions) = &self.load.replace else { return Ok(Vec::new()) };
        let schema = self.context.snapshot.schema();
        let filter = Selection::bind(Names::new(schema), conditions)?;
        let named = filter.scenarios.clone().unwrap_or_else(|| scenarios.to_vec());
        let mut replaced = Vec::new();
        for scenario in named {
            for (measure, _) in &self.targets.measures {
                let slice = filter.cells(schema, scenario);
                let cells = aggregate::leaves(self.context.snapshot, &slice, *measure, self.context.stop)?;
                let old = self.context.snapshot.layout();
                let again = |(key, _): (u128, i64)| placed.layout.pack((0..old.width()).map(|c| old.unpack(key, c)));
                replaced.push((scenario, *measure, cells.iter().map(again).collect()));
            }
        }
        Ok(replaced)
    }

    fn write(&mut self, placed: &Placed, except: &HashSet<usize>, draft: &mut Draft) -> Result<()> {
        let is_named = |scenario: &MemberId| match except.is_empty() {
            true => self.intake.rows() > 0,
            false => self.intake.rows_of(0, &placed.is_of(*scenario)).iter().any(|row| !except.contains(row)),
        };
        let named: BTreeSet<MemberId> = placed.scenarios.iter().flatten().copied().filter(is_named).collect();
        let replaced = self.replaced(placed, &named.iter().copied().collect::<Vec<_>>())?;
        let all: BTreeSet<MemberId> = named.into_iter().chain(replaced.iter().map(|(of, ..)| *of)).collect();
        let joining = match self.load.on_duplicate {
            Some(OnDuplicate::Last) => Joining::Last,
            _ => Joining::Add,
        };
        draft.schema(placed.schema.clone())?;
        let intake = std::mem::replace(&mut self.intake, Intake::new(0, 0));
        for scenario in all {
            let sorted = intake.sorted(&placed.is_of(scenario), &placed.keys, except, joining)?;
            self.check_again(&sorted)?;
            let cleared: Vec<(MeasureId, &Vec<u128>)> =
                replaced.iter().filter(|(of, ..)| *of == scenario).map(|(_, measure, keys)| (*measure, keys)).collect();
            if sorted.rows() == 0 && cleared.is_empty() {
                continue;
            }
            self.loaded.scenarios.push(placed.schema.scenarios().member(scenario).name.clone());
            self.note_subtotals(placed, &sorted);
            match sorted.facts() > 0 && draft.snapshot().is_open(scenario) {
                true => self.fill(&sorted, scenario, draft)?,
                false => self.write_over(&sorted, scenario, &cleared, draft)?,
            }
        }
        Ok(())
    }

    /// Gives a scenario its first facts.
    fn fill(&mut self, sorted: &Sorted, scenario: MemberId, draft: &mut Draft) -> Result<()> {
        let measures = &self.targets.measures;
        let width = measures.iter().map(|(measure, _)| measure.index() + 1).max().unwrap_or(0);
        let read = |facts: Range<usize>| {
            let mut cells = vec![vec![None; facts.len()]; width];
            for (place, (measure, _)) in measures.iter().enumerate() {
                cells[measure.index()] = sorted.cells(place, facts.clone());
            }
            (sorted.keys(facts), cells)
        };
        let (change, cells) = draft.snapshot().filled(scenario, sorted.facts(), &read)?;
        draft.push(change)?;
        self.loaded.cells += cells;
        self.loaded.changed += cells;
        self.loaded.created += cells;
        Ok(())
    }

    /// Writes cells over those that a scenario has.
    fn write_over(
        &mut self,
        sorted: &Sorted,
        scenario: MemberId,
        cleared: &[(MeasureId, &Vec<u128>)],
        draft: &mut Draft,
    ) -> Result<()> {
        let facts = 0..sorted.facts();
        let own = sorted.keys(facts.clone());
        let mut keys = own.clone();
        if !cleared.is_empty() {
            keys.extend(cleared.iter().flat_map(|(_, keys)| keys.iter()));
            keys.sort_unstable();
            keys.dedup();
        }
        let mut columns: Vec<(MeasureId, Vec<Write>)> = Vec::new();
        for (place, (measure, _)) in self.targets.measures.iter().enumerate() {
            let mut column = vec![Write::Keep; keys.len()];
            for key in cleared.iter().filter(|(of, _)| of == measure).flat_map(|(_, keys)| keys.iter()) {
                if let Ok(place) = keys.binary_search(key) {
                    column[place] = Write::Clear;
                }
            }
            let mut at = 0;
            for (key, cell) in own.iter().zip(sorted.cells(place, facts.clone())) {
                at += keys[at..].partition_point(|known| known < key);
                if let Some(value) = cell {
                    column[at] = Write::Put(value);
                    self.loaded.cells += 1;
                }
            }
            columns.push((*measure, column));
        }
        if let Some(delta) = draft.write(scenario, &Writes::at(draft.snapshot().layout(), &keys, columns))? {
            let (changed, created) = delta.count();
            self.loaded.changed += changed;
            self.loaded.created += created;
        }
        Ok(())
    }

    fn note_subtotals(&mut self, placed: &Placed, sorted: &Sorted) {
        let facts = 0..sorted.facts().min(MOST_LOOKED_AT);
        let cells = sorted.keys(facts.clone()).into_iter().zip(sorted.cells(0, facts));
        let cells: Vec<(u128, i64)> = cells.filter_map(|(key, cell)| Some((key, cell?))).collect();
        for note in subtotals(&placed.schema, &placed.layout, &cells) {
            let about = note.split(':').next().unwrap_or_default();
            if !self.loaded.notes.iter().any(|known| known.starts_with(about)) {
                self.loaded.notes.push(note);
            }
        }
    }

    /// Counts the rows that are for a leaf that another is for.
    ///
    /// Errors: they do not fit in a cell together; they are to be refused.
    fn check_again(&mut self, sorted: &Sorted) -> Result<()> {
        self.loaded.duplicates += sorted.repeated() as u64;
        let mut first = None;
        for measure in 0..self.targets.measures.len() {
            let again = sorted.again(measure);
            if let Some(bad) = again.iter().find(|again| again.joined.is_none()) {
                let row = self.source.row(bad.row) + 1;
                let message = format!("{}, row {row}: the sum of rows for one cell does not fit in it", self.load.file);
                return Err(Error::new(ErrorKind::Refused, message, Some(self.load.file_span.clone())));
            }
            first = first.or(again.first().copied());
        }
        let Some(Again { first: earlier, row: later, .. }) = first else { return Ok(()) };
        let line =
            |row: usize| self.tables.line(&self.load.file, self.source.row(row)).unwrap_or(self.source.row(row) + 1);
        let (earlier, later) = (line(earlier), line(later));
        if self.load.on_duplicate.is_none() {
            let note = format!(
                "rows that give a cell again were added to it: lines {earlier} and {later} first; `on duplicate reject` refuses them"
            );
            self.loaded.notes.push(note);
        }
        if self.load.on_duplicate != Some(OnDuplicate::Reject) {
            return Ok(());
        }
        let message = format!("{}, lines {earlier} and {later} give the same cell", self.load.file);
        Err(Error::new(ErrorKind::Refused, message, Some(self.load.file_span.clone()))
            .labelled(format!("{} duplicates; nothing was loaded", self.loaded.duplicates))
            .helped("`on duplicate add` adds them up, `on duplicate last` takes the last"))
    }

    fn unused(&self) -> Option<String> {
        let unused = &self.targets.unused;
        let more = unused.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = unused.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
        (!unused.is_empty()).then(|| format!("columns not used: {named}{more}"))
    }
}

/// Whether two parts have columns of the same names.
fn same_columns(one: &SchemaRef, other: &SchemaRef) -> bool {
    one.fields().iter().map(|field| field.name()).eq(other.fields().iter().map(|field| field.name()))
}

enum Given {
    Same(MemberId),
    Columns(Gathered),
}
