//! The tokens still to be read, as nom wants its input, with the record of what was tried.

use std::cell::RefCell;
use std::iter::Enumerate;
use std::slice::Iter;

use nom::error::{ErrorKind as NomKind, ParseError};
use nom::{IResult, Input, Needed};

use super::ast::Span;
use super::failure::{Expected, Failure, What};
use super::token::{Class, Token};

/// What a parser of this crate answers.
pub type PResult<'a, T> = IResult<Tokens<'a>, T, Failure>;

/// What was tried so far: the furthest failure, and what each token was taken for.
///
/// A part that may be left out fails without failing the statement; what it expected is kept here.
#[derive(Debug, Default)]
pub struct Record {
    failure: RefCell<Failure>,
    roles: RefCell<Vec<Option<Class>>>,
}

impl Record {
    /// The furthest failure.
    pub fn failure(&self) -> Failure {
        self.failure.borrow().clone()
    }

    /// What a token was taken for, if it was read.
    pub fn role(&self, at: usize) -> Option<Class> {
        self.roles.borrow().get(at).copied().flatten()
    }

    /// Keeps a failure if none is further.
    fn keep(&self, failure: Failure) {
        let before = self.failure.take();
        self.failure.replace(before.merge(failure));
    }

    fn mark(&self, at: usize, class: Class) {
        let mut roles = self.roles.borrow_mut();
        if roles.len() <= at {
            roles.resize(at + 1, None);
        }
        roles[at] = Some(class);
    }
}

/// The tokens from a place on.
#[derive(Debug, Clone, Copy)]
pub struct Tokens<'a> {
    rest: &'a [Token<'a>],
    at: usize,
    depth: usize,
    record: &'a Record,
}

impl<'a> Tokens<'a> {
    /// All tokens of a statement.
    pub fn new(tokens: &'a [Token<'a>], record: &'a Record) -> Self {
        Tokens { rest: tokens, at: 0, depth: 0, record }
    }

    /// How many tokens stand before.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The token some places on.
    pub fn peek(&self, places: usize) -> Option<&'a Token<'a>> {
        self.rest.get(places)
    }

    /// Whether the token some places on is this bare word.
    pub fn is_word(&self, places: usize, word: &str) -> bool {
        self.peek(places).is_some_and(|token| token.is_word(word))
    }

    /// Whether the token some places on is this symbol.
    pub fn is_symbol(&self, places: usize, symbol: &str) -> bool {
        self.peek(places).is_some_and(|token| token.is_symbol(symbol))
    }

    /// Takes the first token, which has been looked at, for something.
    pub fn accept<T>(self, class: Class, value: T) -> PResult<'a, T> {
        self.record.mark(self.at, class);
        Ok((self.take_from(1), value))
    }

    /// Fails here, as something else was expected.
    pub fn miss<T>(self, what: What) -> PResult<'a, T> {
        self.fail(Failure::new(self.at, what, false))
    }

    /// Fails with a failure, which is kept.
    pub fn fail<T>(self, failure: Failure) -> PResult<'a, T> {
        self.record.keep(failure.clone());
        Err(nom::Err::Error(failure))
    }

    /// Runs a parser; if it fails at its first token, only a wider word is told as expected.
    pub fn labelled<T>(self, what: What, parser: impl FnOnce(Tokens<'a>) -> PResult<'a, T>) -> PResult<'a, T> {
        let before = self.record.failure.take();
        let result = parser(self);
        let mut within = self.record.failure.take();
        let missed = matches!(&result, Err(nom::Err::Error(failure)) if failure.at <= self.at);
        if within.at == self.at {
            within.expected.iter_mut().for_each(|expected| expected.quiet = true);
            if missed {
                within.expected.push(Expected { what, quiet: false });
            }
        }
        self.record.failure.replace(before.merge(within));
        result
    }

    /// How many brackets and prefixes are open.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// The same tokens at another depth.
    pub fn at_depth(self, depth: usize) -> Self {
        Tokens { depth, ..self }
    }

    /// What was read between here and a later place.
    pub fn span_to(&self, later: &Tokens<'a>) -> Span {
        let read = later.at.saturating_sub(self.at);
        let start = self.rest.first().map_or(0, |token| token.span.start);
        let last = read.checked_sub(1).and_then(|last| self.rest.get(last));
        start..last.map_or(start, |token| token.span.end)
    }
}

impl<'a> Input for Tokens<'a> {
    type Item = &'a Token<'a>;
    type Iter = Iter<'a, Token<'a>>;
    type IterIndices = Enumerate<Iter<'a, Token<'a>>>;

    fn input_len(&self) -> usize {
        self.rest.len()
    }

    fn take(&self, index: usize) -> Self {
        Tokens { rest: &self.rest[..index], ..*self }
    }

    fn take_from(&self, index: usize) -> Self {
        Tokens { rest: &self.rest[index..], at: self.at + index, ..*self }
    }

    fn take_split(&self, index: usize) -> (Self, Self) {
        (self.take_from(index), self.take(index))
    }

    fn position<P: Fn(Self::Item) -> bool>(&self, predicate: P) -> Option<usize> {
        self.rest.iter().position(predicate)
    }

    fn iter_elements(&self) -> Self::Iter {
        self.rest.iter()
    }

    fn iter_indices(&self) -> Self::IterIndices {
        self.rest.iter().enumerate()
    }

    fn slice_index(&self, count: usize) -> Result<usize, Needed> {
        match count.checked_sub(self.rest.len()) {
            None | Some(0) => Ok(count),
            Some(missing) => Err(Needed::new(missing)),
        }
    }
}

impl ParseError<Tokens<'_>> for Failure {
    fn from_error_kind(input: Tokens<'_>, _: NomKind) -> Self {
        Failure { at: input.at(), ..Failure::default() }
    }

    fn append(_: Tokens<'_>, _: NomKind, other: Self) -> Self {
        other
    }

    fn or(self, other: Self) -> Self {
        self.merge(other)
    }
}
