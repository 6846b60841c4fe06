//! The record as a script: statements that make the cube again.

use crate::syntax::ast::{Name, NameKind, Statement};
use crate::syntax::{parse, split};
use engine::journal::{Kind, LoadedFile, Operation};
use std::fmt::Write;

/// The script of some operations, one for each in their order, so that their numbers stay what they are.
///
/// A statement that named no scenario is about the session's: `use` goes before it. What was taken back is done and
/// taken back again.
pub(super) fn script(operations: &[Operation], head: &str) -> String {
    let mut script = Script { text: head.to_owned(), scenario: String::new() };
    operations.iter().for_each(|operation| script.operation(operation));
    script.text
}

/// The files that statements read.
pub(super) fn files(operations: &[Operation]) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for statement in operations.iter().filter(|operation| operation.kind == Kind::Do).flat_map(statements) {
        if let Ok(Statement::Load(load)) = parse(&statement)
            && !files.contains(&load.file)
        {
            files.push(load.file);
        }
    }
    files
}

/// A text that ends no comment.
pub(super) fn on_one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ")
}

struct Script {
    text: String,
    /// The scenario in use at this point.
    scenario: String,
}

impl Script {
    fn operation(&mut self, operation: &Operation) {
        let _ = writeln!(self.text, "-- {}: {}", operation.sequence, on_one_line(&operation.author));
        for file in &operation.record.files {
            let LoadedFile { name, bytes, xxh3 } = file;
            let _ = writeln!(self.text, "-- loaded {}: {bytes} bytes, xxh3 {xxh3}", on_one_line(name));
        }
        match operation.kind {
            Kind::Undo(_) => self.line("undo"),
            Kind::Redo(_) => self.line("redo"),
            Kind::Do => self.done(operation),
        }
    }

    fn done(&mut self, operation: &Operation) {
        let statements = statements(operation);
        let several = statements.len() > 1;
        if several {
            self.line("begin");
        }
        for statement in &statements {
            self.use_scenario(operation, statement);
            self.line(statement);
        }
        if several {
            self.line("commit");
        }
    }

    /// Puts the session in the scenario that a statement was about, if it may have named none.
    fn use_scenario(&mut self, operation: &Operation, statement: &str) {
        let scenario = &operation.record.scenario;
        let may = match parse(statement) {
            Ok(Statement::Change(_)) => true,
            Ok(Statement::Load(load)) => load.into.is_none() && load.members_of.is_none(),
            _ => false,
        };
        if may && !scenario.is_empty() && !scenario.contains(", ") && self.scenario != *scenario {
            let name = Name { text: scenario.clone(), kind: NameKind::Bare, span: 0..0 };
            self.line(&format!("use {name}"));
            self.scenario.clone_from(scenario);
        }
    }

    fn line(&mut self, statement: &str) {
        let _ = writeln!(self.text, "{statement};");
    }
}

/// The statements of an operation.
fn statements(operation: &Operation) -> Vec<String> {
    let record = &operation.record;
    if !record.script.is_empty() {
        return record.script.clone();
    }
    split(&record.statement).into_iter().filter_map(|span| record.statement.get(span)).map(str::to_owned).collect()
}
