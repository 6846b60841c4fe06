//! A cube: the newest version, the record of operations, and the one door through which it changes.
//!
//! Readers take a [`Snapshot`] and never wait. A change is drafted on a snapshot and committed
//! against the version it was drafted on; a stale draft is refused. Undo and redo are operations
//! too: they are appended, nothing is destroyed.

use crate::change::{Change, Delta, Direction};
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use crate::journal::{Entry, Kind, MemoryStore, Operation, Record, Stack, Store};
use crate::schema::Moment;
use crate::settling::Settling;
use crate::snapshot::Snapshot;
use crate::storage::Writes;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Versions kept at hand, so that taking back a recent operation is a matter of a pointer.
const VERSIONS_AT_HAND: usize = 64;

/// Changes on their way into a cube. Nothing is seen of them until they are committed.
#[derive(Debug, Clone)]
pub struct Draft {
    base: u64,
    snapshot: Snapshot,
    changes: Vec<Change>,
}

impl Draft {
    /// A draft that changes nothing yet.
    pub fn on(snapshot: &Snapshot) -> Self {
        Draft { base: snapshot.sequence, snapshot: snapshot.clone(), changes: Vec::new() }
    }

    /// The version as it will be.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The moment after what was drafted until now.
    pub fn moment(&self) -> Moment {
        Moment { operation: self.base + 1, position: self.changes.len() }
    }

    /// Whether nothing was drafted.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// What was drafted, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Adds a change.
    pub fn push(&mut self, change: Change) -> Result<()> {
        self.snapshot = self.snapshot.apply(&change, Direction::Forward)?;
        self.changes.push(change);
        Ok(())
    }

    /// Adds a write of cells, if it changes any; gives what it changes.
    ///
    /// Errors: a cell falls into a locked part, or is held; a fact would stand where its dimension takes none.
    pub fn write(&mut self, scenario: MemberId, writes: &Writes) -> Result<Option<Arc<Delta>>> {
        let Some((delta, after)) = self.snapshot.write(scenario, writes)? else { return Ok(None) };
        self.snapshot = after;
        self.changes.push(Change::Cells(Arc::clone(&delta)));
        Ok(Some(delta))
    }

    /// Adds changes one after the other.
    pub fn extend(&mut self, changes: impl Iterator<Item = Change>) -> Result<()> {
        changes.into_iter().try_for_each(|change| self.push(change))
    }

    /// Adds a change of the model, if it is one.
    ///
    /// Errors: a new member would take the name of a definition.
    pub fn schema(&mut self, after: crate::schema::Schema) -> Result<()> {
        let before = Arc::clone(self.snapshot.schema());
        if *before == after {
            return Ok(());
        }
        after.refuse_shadowed(&before)?;
        self.push(Change::Schema { before, after: Arc::new(after) })
    }
}

/// A cube and its record.
pub struct Cube {
    current: Arc<Snapshot>,
    operations: Vec<Operation>,
    stack: Stack,
    store: Box<dyn Store>,
    author: String,
    at_hand: VecDeque<(u64, Snapshot, Snapshot)>,
    settling: Settling,
}

impl Cube {
    /// An empty cube that lives in memory only.
    pub fn in_memory(author: &str) -> Result<Self> {
        Ok(Cube::from_parts(Snapshot::empty()?, Vec::new(), Box::new(MemoryStore::default()), author))
    }

    pub(crate) fn from_parts(
        snapshot: Snapshot,
        operations: Vec<Operation>,
        store: Box<dyn Store>,
        author: &str,
    ) -> Self {
        let mut stack = Stack::default();
        operations.iter().for_each(|operation| stack.push(operation));
        let at_hand = VecDeque::new();
        let settling = Settling::default();
        Cube { current: Arc::new(snapshot), operations, stack, store, author: author.to_owned(), at_hand, settling }
    }

    /// The newest version.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current)
    }

    /// All operations in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Which operations are in force.
    pub fn stack(&self) -> &Stack {
        &self.stack
    }

    /// Visits every change from an operation on, in the order in which they were done or taken back.
    ///
    /// Errors: as the visitor's, which ends it.
    pub fn each_change(
        &mut self,
        from: u64,
        visit: &mut dyn FnMut(Moment, &Change, Direction) -> Result<()>,
    ) -> Result<()> {
        for operation in self.operations.iter().filter(|operation| operation.sequence >= from) {
            let (source, direction) = operation.kind.source(operation.sequence);
            let changes = self.store.changes(source)?;
            let moment = |place: usize| Moment { operation: operation.sequence, position: place + 1 };
            match direction {
                Direction::Forward => {
                    let mut changes = changes.iter().enumerate();
                    changes.try_for_each(|(place, change)| visit(moment(place), change, direction))?;
                }
                Direction::Backward => {
                    let mut changes = changes.iter().rev().enumerate();
                    changes.try_for_each(|(place, change)| visit(moment(place), change, direction))?;
                }
            }
        }
        Ok(())
    }

    /// What an operation changed; nothing for an undo or redo, whose changes are those of another.
    pub fn changes(&mut self, operation: u64) -> Result<Arc<Vec<Change>>> {
        self.store.changes(operation)
    }

    /// Every operation with its changes, for copying the cube elsewhere.
    pub(crate) fn entries(&mut self) -> Result<Vec<Entry>> {
        let operations = self.operations.clone();
        operations
            .into_iter()
            .map(|operation| Ok(Entry { changes: self.store.changes(operation.sequence)?, operation }))
            .collect()
    }

    /// Takes in what was merged in the background, if anything was.
    fn settle(&mut self) {
        if let Some(settled) = self.settling.take(&self.current) {
            self.current = Arc::new(settled);
        }
    }

    /// Takes in what another process has committed. True if there was something.
    pub fn refresh(&mut self) -> Result<bool> {
        self.settle();
        let entries = self.store.since(self.current.sequence)?;
        let some = !entries.is_empty();
        for entry in entries {
            let (changes, direction) = match entry.operation.kind {
                Kind::Do => (entry.changes, Direction::Forward),
                Kind::Undo(target) => (self.store.changes(target)?, Direction::Backward),
                Kind::Redo(target) => (self.store.changes(target)?, Direction::Forward),
            };
            let next = replay(&self.current, &changes, direction)?.numbered(entry.operation.sequence);
            self.accept(entry.operation, next);
        }
        Ok(some)
    }

    /// Makes a draft the newest version, as one operation; gives its number.
    ///
    /// Errors: [`EngineError::Stale`] where the cube has moved on since the draft was begun.
    pub fn commit(&mut self, draft: Draft, record: Record) -> Result<u64> {
        if draft.base != self.current.sequence {
            return Err(EngineError::Stale);
        }
        let operation = self.operation(self.current.sequence + 1, Kind::Do, record);
        let sequence = operation.sequence;
        let after = draft.snapshot.numbered(sequence);
        let changes = Arc::new(draft.changes);
        let entry = Entry { operation: operation.clone(), changes: Arc::clone(&changes) };
        self.store.append(draft.base, &[entry], &after)?;
        self.accept(operation, after);
        self.settle();
        self.settling.begin(&self.current, changes.iter().filter_map(Change::scenario));
        Ok(sequence)
    }

    /// Takes back the last operations in force, the newest first; gives those taken back.
    pub fn undo(&mut self, steps: u64, statement: &str) -> Result<Vec<Operation>> {
        let targets: Vec<u64> = self.stack.done.iter().rev().take(steps as usize).copied().collect();
        if (targets.len() as u64) < steps || steps == 0 {
            let message = match targets.len() {
                _ if steps == 0 => "undo takes back one operation or more".to_owned(),
                0 => "there is nothing to undo".to_owned(),
                there => format!("operations that can be undone: {there}, not {steps}"),
            };
            return Err(EngineError::refused(message, "`history;` lists the operations"));
        }
        self.turn(&targets, statement, Direction::Backward)
    }

    /// Does operations again that were taken back; gives those done again.
    pub fn redo(&mut self, steps: u64, statement: &str) -> Result<Vec<Operation>> {
        let targets: Vec<u64> = self.stack.undone.iter().rev().take(steps as usize).copied().collect();
        if (targets.len() as u64) < steps || steps == 0 {
            let message = match targets.len() {
                _ if steps == 0 => "redo does one operation or more again".to_owned(),
                0 => "there is nothing to redo".to_owned(),
                there => format!("operations that can be redone: {there}, not {steps}"),
            };
            return Err(EngineError::refused(
                message,
                "`redo` does again what `undo` took back, until the next change",
            ));
        }
        self.turn(&targets, statement, Direction::Forward)
    }

    fn turn(&mut self, targets: &[u64], statement: &str, direction: Direction) -> Result<Vec<Operation>> {
        let mut versions = Vec::with_capacity(targets.len());
        let mut entries = Vec::with_capacity(targets.len());
        let base = self.current.sequence;
        let mut at = Snapshot::clone(&self.current);
        for (place, target) in targets.iter().enumerate() {
            let sequence = base + 1 + place as u64;
            at = self.turned(&at, *target, direction)?.numbered(sequence);
            let kind = if direction == Direction::Backward { Kind::Undo(*target) } else { Kind::Redo(*target) };
            let undone = self.operations.iter().find(|operation| operation.sequence == *target);
            let record = undone.map(|operation| reversed(&operation.record, direction)).unwrap_or_default();
            let record = Record { statement: statement.to_owned(), ..record };
            entries.push(Entry { operation: self.operation(sequence, kind, record), changes: Arc::default() });
            versions.push(at.clone());
        }
        self.store.append(base, &entries, &at)?;
        for (entry, version) in entries.into_iter().zip(versions) {
            self.accept(entry.operation, version);
        }
        let of = |target: &u64| self.operations.iter().find(|operation| operation.sequence == *target).cloned();
        Ok(targets.iter().filter_map(of).collect())
    }

    fn turned(&mut self, at: &Snapshot, target: u64, direction: Direction) -> Result<Snapshot> {
        if let Some((_, before, after)) = self.at_hand.iter().find(|(sequence, ..)| *sequence == target) {
            return Ok(if direction == Direction::Backward { before.clone() } else { after.clone() });
        }
        let changes = self.store.changes(target)?;
        replay(at, &changes, direction)
    }

    fn operation(&self, sequence: u64, kind: Kind, record: Record) -> Operation {
        let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Operation { sequence, kind, author: self.author.clone(), time: elapsed.as_millis() as i64, record }
    }

    fn accept(&mut self, operation: Operation, after: Snapshot) {
        if operation.kind == Kind::Do {
            let before = Snapshot::clone(&self.current);
            self.at_hand.push_back((operation.sequence, before, after.clone()));
            if self.at_hand.len() > VERSIONS_AT_HAND {
                self.at_hand.pop_front();
            }
        }
        self.stack.push(&operation);
        self.operations.push(operation);
        self.current = Arc::new(after);
    }
}

/// A version after some changes, or before them.
pub(crate) fn replay(snapshot: &Snapshot, changes: &[Change], direction: Direction) -> Result<Snapshot> {
    let step = |at: Snapshot, change: &Change| at.apply(change, direction);
    match direction {
        Direction::Forward => changes.iter().try_fold(snapshot.clone(), step),
        Direction::Backward => changes.iter().rev().try_fold(snapshot.clone(), step),
    }
}

fn reversed(record: &Record, direction: Direction) -> Record {
    let mut record = record.clone();
    if direction == Direction::Backward {
        std::mem::swap(&mut record.before, &mut record.after);
    }
    record.reason = None;
    record.files.clear();
    record
}
