//! Names that a question gives with `as`, used in the formulas after them.

use crate::bind::{Names, defined_measure, named_number};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Expr, Name, NameKind, Path, Shown};
use std::cell::Cell;

/// A formula has at most so many parts when names are put in.
const MOST_PARTS: usize = 5_000;

/// What is shown, with the formulas of earlier `as` names put in. A measure, definition or number of the
/// name goes first. Headings stay as they were written.
///
/// Errors: names within names make a formula too long to be worked out.
pub(super) fn written_out(names: Names, shown: &[Shown]) -> Result<Vec<Shown>> {
    let mut done: Vec<Shown> = Vec::with_capacity(shown.len());
    for one in shown {
        if length(&one.expr, &|path| earlier(names, &done, path)) > MOST_PARTS {
            let message = format!("with its names put in, the formula has more than {MOST_PARTS} parts");
            return Err(Error::new(ErrorKind::Refused, message, Some(one.span.clone()))
                .helped("`define NAME = …;` keeps a formula as a measure"));
        }
        let expr = put_in(&one.expr, &|path| earlier(names, &done, path));
        let heading = || Name { text: one.expr.to_string(), kind: NameKind::Quoted, span: one.span.clone() };
        let alias = if expr == one.expr { one.alias.clone() } else { Some(one.alias.clone().unwrap_or_else(heading)) };
        done.push(Shown { expr, alias, span: one.span.clone() });
    }
    Ok(done)
}

/// How many parts a formula will have.
fn length(expr: &Expr, known: &dyn Fn(&Path) -> Option<Expr>) -> usize {
    let count = Cell::new(0);
    expr.any(&|part| {
        let parts = match part {
            Expr::Reference { path, selection, .. } if selection.is_empty() => {
                known(path).map_or(1, |inner| length(&inner, &|_| None))
            }
            _ => 1,
        };
        count.set(count.get() + parts);
        false
    });
    count.get()
}

/// The formula that was given a name before.
fn earlier(names: Names, done: &[Shown], path: &Path) -> Option<Expr> {
    let [name] = path.names.as_slice() else { return None };
    let text = &name.text;
    let taken = names.schema.find_measure(text).is_some()
        || defined_measure(names, text).is_some()
        || named_number(names, text).is_some();
    let named = |shown: &&Shown| shown.alias.as_ref().is_some_and(|alias| alias.text.eq_ignore_ascii_case(text));
    done.iter().find(named).filter(|_| !taken).map(|shown| shown.expr.clone())
}

fn put_in(expr: &Expr, known: &dyn Fn(&Path) -> Option<Expr>) -> Expr {
    let part = |expr: &Expr| Box::new(put_in(expr, known));
    match expr.clone() {
        Expr::Reference { path, selection, .. } if selection.is_empty() => known(&path).unwrap_or_else(|| expr.clone()),
        Expr::Negate(inner, span) => Expr::Negate(part(&inner), span),
        Expr::Not(inner, span) => Expr::Not(part(&inner), span),
        Expr::Binary { operator, left, right, span } => {
            Expr::Binary { operator, left: part(&left), right: part(&right), span }
        }
        Expr::If { condition, then, otherwise, span } => {
            Expr::If { condition: part(&condition), then: part(&then), otherwise: part(&otherwise), span }
        }
        Expr::Over { function, argument, item, span } => Expr::Over { function, argument: part(&argument), item, span },
        Expr::OverRows { function, operand, per, span } => {
            Expr::OverRows { function, operand: part(&operand), per, span }
        }
        Expr::Call { function, arguments, span } => {
            let arguments = arguments.iter().map(|argument| put_in(argument, known)).collect();
            Expr::Call { function, arguments, span }
        }
        other @ (Expr::Number(_) | Expr::Reference { .. } | Expr::CountOf { .. }) => other,
    }
}
