//! Forms the language has and this version does not: named, never taken for something else.

use super::basics::{PResult, Tokens};
use crate::error::{Error, ErrorKind};
use crate::syntax::failure::Failure;

/// Statements by their first words, and what to write instead.
const STATEMENTS: &[(&str, &str)] = &[
    ("note", "end the change with: because 'text'"),
    ("notes", "history shows the reason of every change"),
    ("assume", "write the number in the statement"),
    ("trigger", ""),
    ("check", ""),
    ("submit", "lock SELECTION refuses further changes"),
    ("approve", "lock SELECTION refuses further changes"),
    ("return", "unlock SELECTION allows changes again"),
    ("status", "describe tells what is locked"),
    ("agree", "branch NAME from SCENARIO, then lock NAME, keeps a state"),
    ("agreements", ""),
    ("add hierarchy", "create hierarchy NAME on DIMENSION levels (ATTRIBUTE, …)"),
    ("create view", "save view NAME as show …"),
];

/// The error for a form, over some tokens from here on.
pub fn unavailable<'a, T>(i: Tokens<'a>, tokens: usize, form: &str, help: &str) -> PResult<'a, T> {
    let first = i.peek(0).map(|token| token.span.clone());
    let last = i.peek(tokens.saturating_sub(1)).map(|token| token.span.end);
    let span = first.map(|span| span.start..last.unwrap_or(span.end));
    let message = format!("\"{form}\" is not available in this version");
    let mut error = Error::new(ErrorKind::Syntax, message, span).labelled("not available yet");
    if !help.is_empty() {
        error = error.helped(help);
    }
    Err(nom::Err::Failure(Failure::said(error)))
}

/// Refuses a statement by its first words.
pub fn statement(i: Tokens<'_>) -> PResult<'_, ()> {
    for (form, help) in STATEMENTS {
        let found = match form.split_once(' ') {
            None => i.is_word(0, form),
            Some((first, second)) => i.is_word(0, first) && i.is_word(1, second),
        };
        if found {
            return unavailable(i, 1 + form.matches(' ').count(), form, help);
        }
    }
    Ok((i, ()))
}

/// Refuses a keyword that would go on a form.
pub fn suffix<'a>(i: Tokens<'a>, word: &str, form: &str, help: &str) -> PResult<'a, ()> {
    match i.is_word(0, word) {
        true => unavailable(i, 1, form, help),
        false => Ok((i, ())),
    }
}
