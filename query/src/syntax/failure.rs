//! What was expected where, kept while alternatives are tried: the furthest failure wins.

use super::keywords::nearest;
use super::token::{Kind, Token};
use crate::error::Error;

/// The plain word for a place where a name is due.
pub const A_NAME: What = What::Thing("a name");

/// The plain words for a place where the name of a view is due.
pub const A_VIEW: What = What::Thing("the name of a view");

/// One thing that could have stood at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A keyword.
    Word(&'static str),
    /// A symbol.
    Symbol(&'static str),
    /// Anything else, in plain words: `a name`.
    Thing(&'static str),
}

/// An expectation; a quiet one is not told, as a wider word tells it, but helps to complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// What.
    pub what: What,
    /// Whether messages leave it out.
    pub quiet: bool,
}

/// A failure at a place, with everything that would have been right there.
#[derive(Debug, Clone, Default)]
pub struct Failure {
    /// How many tokens stand before it.
    pub at: usize,
    /// What could have stood there.
    pub expected: Vec<Expected>,
    /// An error that says it all, which no alternative can heal.
    pub said: Option<Box<Error>>,
}

impl Failure {
    /// One expectation at a place.
    pub fn new(at: usize, what: What, quiet: bool) -> Self {
        Failure { at, expected: vec![Expected { what, quiet }], said: None }
    }

    /// An error in words of its own.
    pub fn said(error: Error) -> Self {
        Failure { said: Some(Box::new(error)), ..Failure::default() }
    }

    /// The further of two failures; both where they are equally far.
    pub fn merge(self, other: Failure) -> Failure {
        if self.said.is_some() || (other.said.is_none() && self.at > other.at) {
            return self;
        }
        if other.said.is_some() || self.at < other.at {
            return other;
        }
        let mut merged = self;
        for expected in other.expected {
            merged.expect(expected);
        }
        merged
    }

    /// Adds an expectation once; told beats quiet.
    fn expect(&mut self, expected: Expected) {
        match self.expected.iter_mut().find(|own| own.what == expected.what) {
            Some(own) => own.quiet &= expected.quiet,
            None => self.expected.push(expected),
        }
    }

    /// `did you mean "from"?`
    pub fn guess(&self, found: &Token<'_>) -> Option<String> {
        if found.kind != Kind::Word {
            return None;
        }
        let words = self.expected.iter().filter_map(|expected| match expected.what {
            What::Word(word) => Some(word),
            _ => None,
        });
        nearest(found.text, words).map(|word| format!("did you mean \"{word}\"?"))
    }

    /// `expected "from" or "to"`
    pub fn label(&self) -> String {
        let mut things: Vec<String> = Vec::new();
        for expected in self.expected.iter().filter(|expected| !expected.quiet) {
            things.push(match expected.what {
                What::Word(text) | What::Symbol(text) => format!("\"{text}\""),
                What::Thing(text) => text.to_owned(),
            });
        }
        match things.split_last() {
            None => "expected the end of the statement".to_owned(),
            Some((only, [])) => format!("expected {only}"),
            Some((last, others)) => format!("expected {} or {last}", others.join(", ")),
        }
    }
}
