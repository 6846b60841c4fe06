//! What the cube keeps by its text, definitions and views: a change of the model must leave it readable.

use crate::bind::Names;
use crate::error::{Error, ErrorKind, Result};
use crate::show::{refuse_definition, refuse_question};
use crate::syntax::ast::{Path, Statement};
use crate::syntax::parse;
use engine::schema::{Definition, Schema, View};
use std::sync::Arc;

/// Something kept by its text.
#[derive(Clone, Copy)]
enum Stored<'s> {
    Definition(&'s Definition),
    View(&'s View),
}

impl Stored<'_> {
    fn name(&self) -> String {
        match self {
            Stored::Definition(known) => known.name.clone(),
            Stored::View(known) => format!("view {}", known.name),
        }
    }

    /// Refuses what cannot be read in a model.
    fn read(&self, schema: &Schema) -> Result<()> {
        let names = Names::new(schema);
        let text = match self {
            Stored::Definition(known) => &known.statement,
            Stored::View(known) => &known.question,
        };
        match (self, parse(text)?) {
            (Stored::Definition(known), Statement::Define(define)) => {
                refuse_definition(names, &define, known.member_of)
            }
            (Stored::View(_), Statement::Show(show)) => refuse_question(names, &show),
            _ => Ok(()),
        }
    }
}

/// What could be read in one model and cannot be in another, with the reason.
fn broken(before: &Arc<Schema>, after: &Arc<Schema>) -> Option<(String, Error)> {
    if Arc::ptr_eq(before, after) {
        return None;
    }
    let definitions = after.definitions().iter().map(Stored::Definition);
    let mut stored = definitions.chain(after.views().iter().map(Stored::View));
    stored.find_map(|stored| {
        let error = stored.read(after).err()?;
        stored.read(before).is_ok().then(|| (stored.name(), error))
    })
}

/// Refuses a change of the model after which something kept means nothing, or more than one thing; `dropped` is what
/// the change takes away.
pub(super) fn refuse_broken(before: &Arc<Schema>, after: &Arc<Schema>, dropped: Option<&Path>) -> Result<()> {
    match (broken(before, after), dropped) {
        (None, _) => Ok(()),
        (Some((name, _)), Some(path)) => {
            Err(Error::new(ErrorKind::Refused, format!("{name} is made of {path}"), Some(path.span()))
                .helped(format!("drop or change {name} first")))
        }
        (Some((name, reason)), None) => {
            let message = format!("after this, {name} could not be read: {}", reason.message);
            Err(Error::new(ErrorKind::Refused, message, None)
                .helped(format!("change or drop {name} first, or use another name here")))
        }
    }
}

/// Says after a load what its new members make unreadable; loads are not refused for it.
pub(super) fn note_broken(before: &Arc<Schema>, after: &Arc<Schema>) -> Option<String> {
    broken(before, after).map(|(name, reason)| format!("{name} cannot be read any more: {}", reason.message))
}
