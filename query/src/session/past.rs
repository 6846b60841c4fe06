//! What was done: taken back, done again, listed, traced.

use super::trace::Traced;
use super::{Session, history};
use crate::answer::Answer;
use crate::bind::{Names, Selection, matches};
use crate::change::Net;
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Condition, History, Path};
use engine::cube::Draft;
use engine::id::MemberId;
use engine::journal::{Kind, Operation, Record};
use engine::lineage;
use engine::schema::Schema;
use std::collections::HashSet;

impl Session {
    pub(super) fn turn(&mut self, steps: u64, text: &str, back: bool) -> Result<Answer> {
        if self.pending.is_some() {
            return Err(Error::new(
                ErrorKind::Refused,
                "undo and redo are about whole operations, not about a `begin` that is open",
                None,
            )
            .helped("`rollback;` takes back all since `begin`; `commit;` ends it"));
        }
        self.refuse_read_only()?;
        let before = self.cube.snapshot();
        let turned = if back { self.cube.undo(steps, text) } else { self.cube.redo(steps, text) }?;
        Ok(Answer::Change(history::turned(&before, self.cube.operations(), &turned, text, back)))
    }

    /// Takes one operation back from the middle.
    pub(super) fn revert(&mut self, operation: u64, because: Option<String>, text: &str) -> Result<Answer> {
        if self.pending.is_some() {
            let message = "a revert is about whole operations, not about a `begin` that is open";
            return Err(Error::new(ErrorKind::Refused, message, None).helped("`commit;` or `rollback;` ends it"));
        }
        self.refuse_read_only()?;
        let snapshot = self.cube.snapshot();
        let mut draft = Draft::on(&snapshot);
        let deltas = lineage::revert(&mut self.cube, &mut draft, operation)?;
        let target = self.cube.operations().iter().find(|known| known.sequence == operation);
        let target = target.map(|target| target.record.clone()).unwrap_or_default();
        let mut net = Net::default();
        for delta in &deltas {
            net.afford(delta)?;
            net.add(delta);
        }
        let mut receipt = net.receipt(snapshot.schema(), self.next_operation(), text.to_owned(), false);
        receipt.notes.push(format!("taken back {operation}: {}", target.statement));
        let record = Record {
            statement: text.to_owned(),
            reason: because,
            scenario: target.scenario,
            cells: receipt.cells_touched,
            created: receipt.cells_created,
            reverts: Some(operation),
            ..Record::default()
        };
        self.finish(draft, record)?;
        Ok(Answer::Change(receipt))
    }

    pub(super) fn trace(&mut self, measure: &Path, conditions: &[Condition]) -> Result<Answer> {
        let snapshot = self.snapshot();
        let drafted = self.pending.as_ref().map(|pending| pending.draft.changes().to_vec()).unwrap_or_default();
        let traced = Traced::bind(self.context(&snapshot), measure, conditions)?;
        let schema = snapshot.schema();
        traced.list(schema, &mut self.cube, &drafted).map(Answer::List)
    }

    pub(super) fn history(&mut self, written: &History) -> Result<Answer> {
        let snapshot = self.snapshot();
        let touching = match written.conditions.is_empty() {
            true => None,
            false => Some(self.touching(snapshot.schema(), &written.conditions)?),
        };
        let fits = |operation: &&Operation| {
            let touches = |touching: &HashSet<u64>| {
                touching.contains(match &operation.kind {
                    Kind::Undo(target) | Kind::Redo(target) => target,
                    Kind::Do => &operation.sequence,
                })
            };
            touching.as_ref().is_none_or(touches)
                && written.author.as_ref().is_none_or(|author| author.to_lowercase() == operation.author.to_lowercase())
                && written.like.as_ref().is_none_or(|pattern| is_like(pattern, &operation.record))
        };
        let all = self.cube.operations();
        let mut list = history::history(all.iter().filter(fits), self.cube.stack(), all);
        let whole = written.like.as_ref().filter(|pattern| list.rows.is_empty() && !pattern.contains(['%', '_']));
        list.notes.extend(whole.map(|text| format!("like '{text}' asks for the whole text; a part of it: '%{text}%'")));
        Ok(Answer::List(list))
    }

    /// The operations that changed a cell of a selection, of any scenario where none is named.
    fn touching(&mut self, schema: &Schema, conditions: &[Condition]) -> Result<HashSet<u64>> {
        let selection = Selection::bind(Names::new(schema), conditions)?;
        let slice = selection.cells(schema, MemberId::ROOT);
        Ok(lineage::touching(&mut self.cube, &slice, selection.scenarios.as_deref(), schema)?)
    }
}

/// Whether the statement or the reason is like a pattern.
fn is_like(pattern: &str, record: &Record) -> bool {
    matches(pattern, &record.statement) || record.reason.as_ref().is_some_and(|reason| matches(pattern, reason))
}
