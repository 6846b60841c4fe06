//! `hash [SELECTION]`: a short text that stands for all values of a part of the cube.

use crate::answer::{Answer, List, Value};
use crate::bind::{Names, Selection};
use crate::error::Result;
use crate::formula::exact;
use crate::syntax::ast::Condition;
use engine::content::{Content, content};
use engine::snapshot::Snapshot;
use engine::subcube::Subcube;
use std::sync::atomic::AtomicBool;

/// The hash of the scenarios that are named, or of all.
pub(super) fn hash(snapshot: &Snapshot, conditions: &[Condition], stop: &AtomicBool) -> Result<Answer> {
    let content = hashed(snapshot, conditions, stop)?;
    let row = vec![Value::Text(format!("{:032x}", content.hash)), exact(i128::from(content.cells), 0)];
    Ok(Answer::List(List { columns: vec!["hash".into(), "cells".into()], rows: vec![row], notes: Vec::new() }))
}

/// What the statement hashes; everything where there are no conditions.
pub(super) fn hashed(snapshot: &Snapshot, conditions: &[Condition], stop: &AtomicBool) -> Result<Content> {
    let schema = snapshot.schema();
    let selection = Selection::bind(Names::new(schema), conditions)?;
    let scenarios = selection.scenarios.clone().unwrap_or_else(|| schema.scenarios().ordered());
    let slices: Vec<Subcube> = scenarios.into_iter().map(|scenario| selection.cells(schema, scenario)).collect();
    Ok(content(snapshot, &slices, stop)?)
}
