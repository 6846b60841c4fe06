//! From tokens to the tree of a statement.
//!
//! Each part is a function from tokens to the tokens after it and a piece of the tree. After the
//! keyword that decides a form no other form is tried; everything that was expected at the
//! furthest token reached goes into the error.

mod axis;
mod basics;
mod branch;
mod change;
mod define;
mod demand;
mod edit;
mod export;
mod formula;
mod keeping;
mod load;
mod model;
mod phasing;
mod relative;
mod selection;
mod session;
mod show;
mod unavailable;

#[cfg(test)]
mod error_tests;
#[cfg(test)]
mod tests;

use nom::branch::alt;
use nom::{Input, Parser};

use super::advice::{begins_elsewhere, error_of};
use super::ast::{Span, Statement};
use super::failure::{Failure, What};
use super::input::{PResult, Record, Tokens};
use super::keywords::among;
use super::lexer::lex_words;
use super::token::{Kind, Token};
use crate::error::{Error, ErrorKind, Result};

/// A tree of formulas is at most so high, which bounds the stack of whoever walks it.
const MOST_OPERATORS: usize = 500;

/// Reads one statement, perhaps with its `;`.
pub fn parse(text: &str) -> Result<Statement> {
    let words = lex_words(text);
    if !begins_elsewhere(&words) {
        check_words(&words)?;
    }
    let length = words.iter().take_while(|token| !token.is_symbol(";")).count();
    let (words, after) = words.split_at(length);
    let end = words.last().map_or(0, |last| last.span.end);
    let statement = try_parse(words, &Record::default()).map_err(|failure| {
        let before = words.get(..failure.at).filter(|_| failure.said.is_none()).unwrap_or_default();
        let whole = try_parse(before, &Record::default()).is_ok();
        error_of(failure, words, end, whole)
    })?;
    match after.iter().find(|token| !token.is_symbol(";")) {
        Some(next) => {
            let message = "there is more than one statement";
            Err(syntax(next.span.clone(), message, "expected the end of the text"))
        }
        None => Ok(statement),
    }
}

/// Reads one statement, without its `;`, and keeps what was tried in the record.
pub fn try_parse(words: &[Token<'_>], record: &Record) -> std::result::Result<Statement, Failure> {
    check_operators(words).map_err(Failure::said)?;
    match statement(Tokens::new(words, record)) {
        Ok((rest, statement)) if rest.input_len() == 0 => Ok(statement),
        Ok((rest, _)) => Err(record.failure().merge(Failure { at: rest.at(), ..Failure::default() })),
        // Everything but an error in words of its own is in the record already.
        Err(nom::Err::Failure(failure)) if failure.said.is_some() => Err(failure),
        Err(_) => Err(record.failure()),
    }
}

fn statement(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, ()) = unavailable::statement(i)?;
    i.labelled(What::Thing("a statement"), |i| {
        alt((
            show::show.map(Statement::Show),
            show::explain.map(Statement::Explain),
            show::save_view,
            show::drop_view,
            model::create,
            define::define,
            define::set_number,
            model::add_member,
            edit::edit,
            load::load.map(Statement::Load),
            export::export.map(Statement::Export),
            export::backup,
            branch::preview_merge,
            change::preview.map(Statement::Preview),
            change::change.map(Statement::Change),
            keeping::keeping,
            session::session,
        ))
        .parse(i)
    })
}

/// Refuses what the lexer could not read.
fn check_words(words: &[Token<'_>]) -> Result<()> {
    let unread = words.iter().find_map(|token| match token.kind {
        Kind::Bad(problem) => Some((token, problem)),
        _ => None,
    });
    match unread {
        Some((token, problem)) => {
            Err(syntax(token.span.clone(), &problem.message(token.text), problem.label(token.text)))
        }
        None => Ok(()),
    }
}

/// Refuses more operators than a tree may hold.
fn check_operators(words: &[Token<'_>]) -> Result<()> {
    match words.iter().filter(|token| is_operator(token)).nth(MOST_OPERATORS) {
        Some(token) => {
            let message = format!("the statement has more than {MOST_OPERATORS} operators");
            Err(syntax(token.span.clone(), &message, "one too many"))
        }
        None => Ok(()),
    }
}

fn is_operator(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Symbol(symbol) => !["(", ")", "[", "]", ",", ";", ".", "..", "->"].contains(&symbol),
        Kind::Word => among(token.text, &["or", "not", "if"]),
        _ => false,
    }
}

fn syntax(span: Span, message: &str, label: &str) -> Error {
    Error::new(ErrorKind::Syntax, message, Some(span)).labelled(label)
}
