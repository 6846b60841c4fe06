//! Definitions that lead back to themselves.

use super::name::Names;
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Body, Condition, Define, Expr, Path, Statement, Value};
use crate::syntax::parse;
use engine::id::DimensionId;

/// A definition: of which dimension, and its name in small letters.
type Key = (Option<DimensionId>, String);

/// Refuses a definition that would lead back to itself, with the way it goes.
pub(crate) fn refuse_circle(names: Names, member_of: Option<DimensionId>, define: &Define) -> Result<()> {
    let Some(name) = define.name.names.last() else { return Ok(()) };
    let start: Key = (member_of, name.text.to_lowercase());
    let mut way = vec![start.clone()];
    match leads_to(names, &references(names, member_of, define), &start, &mut way) {
        false => Ok(()),
        true => {
            let way: Vec<&str> = way.iter().chain([&start]).map(|(_, name)| name.as_str()).collect();
            let message = format!("{} would be defined by itself", name.text);
            Err(Error::new(ErrorKind::Refused, message, Some(define.name.span()))
                .labelled("a circle")
                .helped(way.join(" -> ")))
        }
    }
}

/// Whether one of some definitions leads to a goal; the way there is kept.
fn leads_to(names: Names, from: &[Key], goal: &Key, way: &mut Vec<Key>) -> bool {
    for key in from {
        if key == goal {
            return true;
        }
        if way.contains(key) {
            continue;
        }
        way.push(key.clone());
        if let Some(define) = read(names, key)
            && leads_to(names, &references(names, key.0, &define), goal, way)
        {
            return true;
        }
        way.pop();
    }
    false
}

fn read(names: Names, (member_of, name): &Key) -> Option<Define> {
    match parse(&names.schema.definition(*member_of, name)?.statement).ok()? {
        Statement::Define(define) => Some(define),
        _ => None,
    }
}

/// The definitions that one may lead to.
fn references(names: Names, member_of: Option<DimensionId>, define: &Define) -> Vec<Key> {
    let mut found = Found { names, member_of, keys: Vec::new() };
    match &define.body {
        Body::Formula(expr) => found.expr(expr),
        Body::Through { parts, then } => {
            parts.iter().map(|(path, _)| path).chain([then]).for_each(|path| found.path(path, member_of));
        }
    }
    found.keys
}

struct Found<'a> {
    names: Names<'a>,
    member_of: Option<DimensionId>,
    keys: Vec<Key>,
}

impl Found<'_> {
    fn path(&mut self, path: &Path, member_of: Option<DimensionId>) {
        let Some(name) = path.names.last() else { return };
        self.keys.push((member_of, name.text.to_lowercase()));
    }

    /// A name in a selection may be a member of any dimension.
    fn member(&mut self, path: &Path) {
        let dimensions = self.names.schema.dimensions().len();
        (0..dimensions).for_each(|id| self.path(path, Some(DimensionId::from_index(id))));
    }

    fn condition(&mut self, condition: &Condition) {
        match condition {
            Condition::Named(path) => self.member(path),
            Condition::Compare { value: Value::Path(path), .. } => self.member(path),
            _ => {}
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Number(_) => {}
            Expr::Reference { path, selection, .. } => {
                self.path(path, self.member_of);
                selection.iter().for_each(|condition| self.condition(condition));
            }
            Expr::CountOf { selection, .. } => selection.iter().for_each(|condition| self.condition(condition)),
            Expr::Negate(inner, _) | Expr::Not(inner, _) | Expr::Over { argument: inner, .. } => self.expr(inner),
            Expr::OverRows { operand, .. } => self.expr(operand),
            Expr::Binary { left, right, .. } => [left, right].into_iter().for_each(|part| self.expr(part)),
            Expr::If { condition, then, otherwise, .. } => {
                [condition, then, otherwise].into_iter().for_each(|part| self.expr(part));
            }
            Expr::Call { arguments, .. } => arguments.iter().for_each(|argument| self.expr(argument)),
        }
    }
}
