//! One user's session: a statement's life from text to answer.
//!
//! [`Session::execute`] shows every stage: parse, take one version, bind, work out, commit. A
//! change is drafted on the version it was worked out on; `begin` keeps one draft open over several
//! statements.

mod basis;
mod changed;
mod compare;
mod complete;
mod definition;
mod describe;
mod edit;
mod export;
mod hash;
mod history;
mod hold;
mod level;
mod measure;
mod member;
mod merge;
mod model;
mod past;
mod script;
mod seek;
mod stored;
mod trace;
mod view;

pub use complete::Candidate;

use crate::answer::{Answer, LoadReceipt};
use crate::bind::{Meaning, Names};
use crate::change::{Bound, Net, blamed, receipt, record};
use crate::count::counted;
use crate::error::{Error, ErrorKind, Result};
use crate::load;
use crate::show::{self, Context};
use crate::syntax::ast::{Change, Compare, Load, Merge, Path, Show, Statement};
use crate::syntax::parse;
use crate::tables::Tables;
use engine::change::Delta;
use engine::cube::{Cube, Draft};
use engine::id::{DimensionId, MemberId};
use engine::journal::{Operation, Record};
use engine::memory::{afford, bytes};
use engine::snapshot::Snapshot;
use engine::spread;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::sleep;
use std::time::Duration;

/// How often a statement is run where other processes change the cube in the midst of it.
const ATTEMPTS: u64 = 100;

/// Bytes of a field of a file of members, and of what it becomes.
const FIELD_BYTES: usize = 128;

/// A session on a cube.
pub struct Session {
    cube: Cube,
    tables: Box<dyn Tables>,
    scenario: Option<String>,
    pending: Option<Pending>,
    interrupt: Arc<AtomicBool>,
    read_only: bool,
}

/// Statements between `begin` and `commit`.
struct Pending {
    draft: Draft,
    records: Vec<Record>,
    /// What the changes among them come to; none where there is none.
    net: Option<Net>,
    /// What the record calls them; the statements themselves where none.
    title: Option<String>,
}

impl Session {
    /// A session on a cube; files are read through `tables`.
    pub fn new(cube: Cube, tables: Box<dyn Tables>) -> Self {
        Session { cube, tables, scenario: None, pending: None, interrupt: Arc::default(), read_only: false }
    }

    /// From now on every change is refused.
    pub fn set_read_only(&mut self) {
        self.read_only = true;
    }

    /// Set it to stop the running statement.
    pub fn interrupt_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.interrupt)
    }

    /// The cube, to save it elsewhere.
    pub fn cube(&mut self) -> &mut Cube {
        &mut self.cube
    }

    /// How many statements wait for `commit`; none outside of `begin`.
    pub fn pending(&self) -> Option<usize> {
        self.pending.as_ref().map(|pending| pending.records.len())
    }

    /// Runs one statement, with or without its `;`.
    ///
    /// Where another process changes the cube meanwhile, the statement is run again on what is there then.
    ///
    /// Errors: spans count from the start of `text`. Nothing is changed by a statement that fails.
    pub fn execute(&mut self, text: &str) -> Result<Answer> {
        let attempts = if self.pending.is_some() { 1 } else { ATTEMPTS };
        for attempt in 1..attempts {
            match self.attempt(text) {
                // Another step each time, so that two sessions fall out of step.
                Err(error) if error.kind == ErrorKind::Stale => sleep(Duration::from_millis(attempt % 7)),
                done => return done,
            }
        }
        self.attempt(text)
    }

    /// Runs a statement on the newest version there is.
    fn attempt(&mut self, text: &str) -> Result<Answer> {
        let statement = parse(text)?;
        if self.pending.is_none() {
            self.cube.refresh()?;
        }
        let whole = crate::syntax::split(text).into_iter().next().unwrap_or(0..text.len());
        let written = text.get(whole.clone()).unwrap_or(text);
        self.run(statement, written).map_err(|error| match error.kind {
            ErrorKind::Refused | ErrorKind::Name if error.span.is_none() => Error { span: Some(whole), ..error },
            _ => error,
        })
    }

    fn run(&mut self, statement: Statement, text: &str) -> Result<Answer> {
        match statement {
            Statement::Show(show) => self.show(&show),
            Statement::Explain(show) => {
                let snapshot = self.snapshot();
                show::explain(self.context(&snapshot), &show).map(Answer::List)
            }
            Statement::Change(change) => self.change(&change, text, false).map_err(|error| pointed(error, &change)),
            Statement::Preview(change) => self.change(&change, text, true).map_err(|error| pointed(error, &change)),
            Statement::Load(load) => self.load(&load, text),
            Statement::Export(export) => self.export(&export),
            Statement::Use(path) => self.use_scenario(&path),
            Statement::Undo(steps) => self.turn(steps, text, true),
            Statement::Redo(steps) => self.turn(steps, text, false),
            Statement::History(history) => self.history(&history),
            Statement::Revert { operation, because } => self.revert(operation, because, text),
            Statement::Trace { measure, conditions } => self.trace(&measure, &conditions),
            Statement::Seek(seek) => seek::seek(self.context(&self.snapshot()), &seek),
            Statement::Holds => hold::holds(self.context(&self.snapshot())),
            Statement::Describe(described) => describe::describe(&self.snapshot(), &described),
            Statement::Members(path) => describe::members(&self.snapshot(), &path),
            Statement::Compare(compare) => self.compare(&compare),
            Statement::Merge(merge) => self.merge(&merge, text, false),
            Statement::PreviewMerge(merge) => self.merge(&merge, text, true),
            Statement::Backup { file, file_span } => self.backup(&file, file_span),
            Statement::Hash(conditions) => hash::hash(&self.snapshot(), &conditions, &self.interrupt),
            Statement::Views => Ok(view::views(self.snapshot().schema())),
            Statement::Begin => self.begin(),
            Statement::Commit => self.commit(),
            Statement::Rollback => self.rollback(),
            other => self.model(&other, text),
        }
    }

    /// Makes a model from a file of facts and loads it; gives what was inferred, a line each.
    pub fn open_facts(&mut self, file: &str) -> Result<Vec<String>> {
        let refused = |message: String| Error::new(ErrorKind::Refused, message, None);
        let batch = self.tables.read(file).map_err(refused)?;
        let inferred = load::infer(file, &batch)
            .ok_or_else(|| refused(format!("{file} has no column of numbers to make a measure of")))?;
        let mut said = inferred.said;
        let answers = self.execute_as_one(&format!("open '{file}'"), inferred.statements.iter().map(String::as_str))?;
        for answer in answers {
            if let Answer::Load(receipt) = answer {
                said.push(format!("{} rows, {} cells", receipt.rows, receipt.cells));
                said.extend(receipt.notes.into_iter().filter(|note| note.contains("subtotal")));
            }
        }
        Ok(said)
    }

    /// Runs statements as one operation, recorded under a title.
    ///
    /// Errors: that of the first statement that fails, without a span; nothing is changed then.
    pub fn execute_as_one<'t>(
        &mut self,
        title: &str,
        statements: impl Iterator<Item = &'t str>,
    ) -> Result<Vec<Answer>> {
        self.begin()?;
        if let Some(pending) = &mut self.pending {
            pending.title = Some(title.to_owned());
        }
        let answers: Result<Vec<Answer>> = statements.map(|statement| self.execute(statement)).collect();
        match answers {
            Ok(answers) => self.commit().map(|_| answers),
            Err(error) => {
                self.pending = None;
                Err(Error { span: None, ..error })
            }
        }
    }

    /// What could stand at a position of a text: where it begins, and the candidates.
    pub fn complete(&self, text: &str, position: usize) -> (usize, Vec<Candidate>) {
        complete::complete(self.snapshot().schema(), text, position)
    }

    /// The version statements read: the draft's within `begin`.
    fn snapshot(&self) -> Snapshot {
        match &self.pending {
            Some(pending) => pending.draft.snapshot().clone(),
            None => Snapshot::clone(&self.cube.snapshot()),
        }
    }

    fn context<'a>(&'a self, snapshot: &'a Snapshot) -> Context<'a> {
        let in_use = self.scenario.is_some();
        Context { snapshot, scenario: self.scenario(snapshot), in_use, stop: &self.interrupt, means: None }
    }

    /// The scenario meant where none is named: the one in use, else `plan`, else the first.
    fn scenario(&self, snapshot: &Snapshot) -> Option<MemberId> {
        let scenarios = snapshot.schema().scenarios();
        let named = |name: &str| scenarios.child(MemberId::ROOT, name);
        let used = self.scenario.as_deref().and_then(named);
        used.or_else(|| named("plan")).or_else(|| scenarios.ordered().first().copied())
    }

    fn show(&self, show: &Show) -> Result<Answer> {
        let snapshot = self.snapshot();
        show::show(self.context(&snapshot), show).map(Answer::Cells)
    }

    fn change(&mut self, change: &Change, text: &str, preview: bool) -> Result<Answer> {
        let snapshot = self.snapshot();
        let context = self.context(&snapshot);
        let bound = Bound::bind(context, change)?;
        let outcome = spread::compute(&snapshot, &bound.spread, &self.interrupt)?;
        let mut draft = self.draft();
        let delta = draft.write(bound.scenario, &outcome.writes)?;
        let operation = delta.as_ref().filter(|_| !preview).map(|_| self.next_operation());
        let receipt = receipt(snapshot.schema(), &bound, &outcome, delta.as_deref(), text, operation, preview);
        if let Some(delta) = delta.filter(|_| !preview) {
            let record = record(snapshot.schema(), &bound, &outcome, &delta, text, change.because.as_ref());
            if let Some(pending) = &mut self.pending {
                pending.net.get_or_insert_default().afford(&delta)?;
            }
            self.finish(draft, record)?;
            self.count_in_net(&delta);
        }
        Ok(Answer::Change(receipt))
    }

    /// Within `begin`, takes a change into what all of them come to.
    fn count_in_net(&mut self, delta: &Delta) {
        if let Some(pending) = &mut self.pending {
            pending.net.get_or_insert_default().add(delta);
        }
    }

    fn compare(&self, compare: &Compare) -> Result<Answer> {
        compare::refuse_same(compare)?;
        let snapshot = self.snapshot();
        compare::compare(self.context(&snapshot), compare)
    }

    fn merge(&mut self, merge: &Merge, text: &str, preview: bool) -> Result<Answer> {
        let snapshot = self.snapshot();
        let bound = merge::Bound::bind(&snapshot, merge)?;
        let draft = self.draft();
        let outcome = bound.merge(&mut self.cube, draft, merge)?;
        let schema = snapshot.schema();
        let is_new = outcome.draft.moment() != self.draft().moment();
        let operation = match is_new && !preview {
            true => {
                let record = bound.record(schema, outcome.delta.as_deref(), merge, text);
                let operation = self.finish(outcome.draft.clone(), record)?;
                outcome.delta.iter().for_each(|delta| self.count_in_net(delta));
                Some(operation)
            }
            false => None,
        };
        Ok(Answer::Change(merge::receipt(schema, &outcome, text, operation, preview)))
    }

    fn load(&mut self, load: &Load, text: &str) -> Result<Answer> {
        if let Some(of) = &load.members_of {
            return self.load_members(load, of, text);
        }
        let snapshot = self.snapshot();
        let mut draft = self.draft();
        let context = self.context(&snapshot);
        let mut loaded = load::load(context, load, self.tables.as_ref(), &mut draft)?;
        loaded.notes.extend(stored::note_broken(snapshot.schema(), draft.snapshot().schema()));
        let record = Record {
            statement: text.to_owned(),
            reason: load.because.clone(),
            scenario: loaded.scenarios.join(", "),
            cells: loaded.cells,
            created: loaded.created,
            files: self.tables.stamp(&load.file).into_iter().collect(),
            ..Record::default()
        };
        let operation = self.finish(draft, record)?;
        Ok(Answer::Load(LoadReceipt {
            operation,
            statement: text.to_owned(),
            rows: loaded.rows,
            cells: loaded.cells,
            members_created: loaded.members_created,
            duplicates: loaded.duplicates,
            rejected: loaded.rejected,
            blanks: loaded.blanks,
            notes: loaded.notes,
        }))
    }

    fn load_members(&mut self, load: &Load, of: &Path, text: &str) -> Result<Answer> {
        let snapshot = self.snapshot();
        let batch = self
            .tables
            .read(&load.file)
            .map_err(|problem| Error::new(ErrorKind::Refused, problem, Some(load.file_span.clone())))?;
        afford("the rows of the file", bytes(batch.num_rows(), batch.num_columns() * FIELD_BYTES))?;
        let (id, dimension, loaded) = load::load_members(Names::new(snapshot.schema()), load, of, &batch)?;
        let mut notes = vec![format!("{} added to {}", counted(loaded.added, "member", "members"), dimension.name)];
        if loaded.changed > 0 {
            notes.push(format!("members that were there and are changed: {}", loaded.changed));
        }
        let mut draft = self.draft();
        draft.schema(snapshot.schema().replacing(id, dimension))?;
        notes.extend(stored::note_broken(snapshot.schema(), draft.snapshot().schema()));
        let record = Record {
            statement: text.to_owned(),
            reason: load.because.clone(),
            files: self.tables.stamp(&load.file).into_iter().collect(),
            ..Record::default()
        };
        let operation = self.finish(draft, record)?;
        Ok(Answer::Load(LoadReceipt {
            operation,
            statement: text.to_owned(),
            rows: batch.num_rows() as u64,
            cells: 0,
            members_created: loaded.added,
            duplicates: 0,
            rejected: 0,
            blanks: 0,
            notes,
        }))
    }

    fn use_scenario(&mut self, path: &Path) -> Result<Answer> {
        let snapshot = self.snapshot();
        let names = Names::new(snapshot.schema());
        match names.member(path, Some(DimensionId::SCENARIO))? {
            Meaning::Member { member, .. } => {
                let name = snapshot.schema().scenarios().member(member).name.clone();
                self.scenario = Some(name.clone());
                Ok(Answer::Nothing { note: format!("using {name}") })
            }
            _ => Err(Error::new(ErrorKind::Name, "expected a scenario", Some(path.span()))),
        }
    }

    fn model(&mut self, statement: &Statement, text: &str) -> Result<Answer> {
        let snapshot = self.snapshot();
        let mut draft = self.draft();
        let changed = match statement {
            Statement::Hold(written) => hold::hold(self.context(&snapshot), written, &mut draft)?,
            Statement::Release(release) => hold::release(self.context(&snapshot), release, &mut draft)?,
            other => model::change(&snapshot, other, &mut draft)?,
        };
        let dropped = match statement {
            Statement::Drop(path) | Statement::DropMember(path) => Some(path),
            _ => None,
        };
        stored::refuse_broken(snapshot.schema(), draft.snapshot().schema(), dropped)?;
        let record = Record {
            statement: text.to_owned(),
            reason: changed.because,
            scenario: changed.scenario,
            cells: changed.cells,
            ..Record::default()
        };
        if draft.is_empty() && self.pending.is_none() {
            return Ok(Answer::Nothing { note: changed.note });
        }
        self.finish(draft, record)?;
        Ok(Answer::Nothing { note: changed.note })
    }

    fn begin(&mut self) -> Result<Answer> {
        if self.pending.is_some() {
            return Err(Error::new(ErrorKind::Refused, "`begin` is open already", None)
                .helped("end it with `commit;` or `rollback;`"));
        }
        self.pending =
            Some(Pending { draft: Draft::on(&self.cube.snapshot()), records: Vec::new(), net: None, title: None });
        Ok(Answer::Nothing { note: "begun: nothing is kept until `commit;`".into() })
    }

    fn commit(&mut self) -> Result<Answer> {
        let pending = self.pending.take().ok_or_else(no_begin)?;
        let count = pending.records.len();
        if pending.draft.is_empty() {
            return Ok(Answer::Nothing { note: "committed: nothing was changed".into() });
        }
        let statements = pending.records.iter().map(|record| record.statement.clone()).collect();
        let mut record = joined(pending.records);
        if let Some(title) = pending.title {
            record.statement = title;
            record.script = statements;
        }
        let statement = record.statement.clone();
        let operation = self.cube.commit(pending.draft, record)?;
        if let Some(net) = pending.net {
            let snapshot = self.cube.snapshot();
            let mut receipt = net.receipt(snapshot.schema(), operation, statement, true);
            receipt.notes.insert(0, format!("statements: {count}"));
            return Ok(Answer::Change(receipt));
        }
        Ok(Answer::Nothing { note: format!("committed as operation {operation}, statements: {count}") })
    }

    fn rollback(&mut self) -> Result<Answer> {
        let pending = self.pending.take().ok_or_else(no_begin)?;
        Ok(Answer::Nothing { note: format!("rolled back, statements dropped: {}", pending.records.len()) })
    }

    fn draft(&self) -> Draft {
        match &self.pending {
            Some(pending) => pending.draft.clone(),
            None => Draft::on(&self.cube.snapshot()),
        }
    }

    fn refuse_read_only(&self) -> Result<()> {
        if self.read_only { Err(engine::error::EngineError::ReadOnly.into()) } else { Ok(()) }
    }

    /// The number that the next operation gets.
    fn next_operation(&self) -> u64 {
        self.cube.snapshot().sequence + 1
    }

    /// Commits a draft, or keeps it until `commit`; gives the operation's number.
    fn finish(&mut self, draft: Draft, record: Record) -> Result<u64> {
        self.refuse_read_only()?;
        let next = self.next_operation();
        match &mut self.pending {
            Some(pending) => {
                pending.draft = draft;
                pending.records.push(record);
                Ok(next)
            }
            None => Ok(self.cube.commit(draft, record)?),
        }
    }
}

/// A refusal that points at nothing yet points at the amount.
fn pointed(error: Error, change: &Change) -> Error {
    let refused = error.kind == ErrorKind::Refused && error.span.is_none();
    if refused { Error { span: Some(blamed(&change.verb)), ..error } } else { error }
}

fn no_begin() -> Error {
    Error::new(ErrorKind::Refused, "there is no `begin` to end", None)
}

/// Several statements as one operation.
fn joined(records: Vec<Record>) -> Record {
    let statements: Vec<String> = records.iter().map(|record| record.statement.clone()).collect();
    let mut scenarios: Vec<String> = records.iter().map(|record| record.scenario.clone()).collect();
    scenarios.retain(|scenario| !scenario.is_empty());
    scenarios.dedup();
    let reasons: Vec<String> = records.iter().filter_map(|record| record.reason.clone()).collect();
    Record {
        statement: statements.join("; "),
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        scenario: scenarios.join(", "),
        cells: records.iter().map(|record| record.cells).sum(),
        created: records.iter().map(|record| record.created).sum(),
        files: records.iter().flat_map(|record| record.files.iter().cloned()).collect(),
        ..Record::default()
    }
}

/// The operations of a cube, for whoever holds the session.
impl Session {
    /// All operations in order.
    pub fn operations(&self) -> &[Operation] {
        self.cube.operations()
    }
}
