//! Scenarios, history and the session: short statements of a keyword and a name.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};
use nom::sequence::preceded;

use super::basics::{PResult, Tokens, after, count, path, word};
use super::branch::branches;
use super::selection::conditions;
use crate::syntax::ast::{Described, Statement};

/// Any of them.
pub fn session(i: Tokens<'_>) -> PResult<'_, Statement> {
    alt((
        after("use", path).map(Statement::Use),
        branches,
        after("drop", path).map(Statement::Drop),
        after("lock", conditions).map(Statement::Lock),
        after("unlock", conditions).map(Statement::Unlock),
        steps("undo").map(Statement::Undo),
        steps("redo").map(Statement::Redo),
        preceded(word("describe"), opt(path))
            .map(|named| Statement::Describe(named.map_or(Described::Cube, Described::Named))),
        preceded(word("members"), cut(after("of", path))).map(Statement::Members),
        value(Statement::Views, word("views")),
        value(Statement::Begin, word("begin")),
        value(Statement::Commit, word("commit")),
        value(Statement::Rollback, word("rollback")),
    ))
    .parse(i)
}

/// `undo 3`; once, where no number is written.
fn steps<'a>(keyword: &'static str) -> impl Parser<Tokens<'a>, Output = u64, Error = crate::syntax::failure::Failure> {
    preceded(word(keyword), opt(count)).map(|steps| steps.unwrap_or(1))
}
