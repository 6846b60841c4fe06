//! What to write instead: help for the mistakes that people make most.
//!
//! An error already says what stands where and what was expected. Here the tokens around it are
//! looked at for the likely reason: a word of another language, a bracket or comma that is
//! missing, the wrong quotes, the parts of a statement in another order.

mod amount;
mod change;
mod foreign;
mod form;
mod period;

pub use foreign::begins_elsewhere;

use super::failure::{A_NAME, Failure, What};
use super::keywords::{KEYWORDS, begins_clause, is_reserved};
use super::token::{Kind, Token};
use crate::error::{Error, ErrorKind};

/// Where a statement could not be read.
#[derive(Clone, Copy)]
pub struct Place<'t, 'a> {
    /// The whole statement.
    pub tokens: &'t [Token<'a>],
    /// How many tokens stand before the failure.
    pub at: usize,
    /// Whether these are a whole statement by themselves.
    pub whole: bool,
}

impl<'t, 'a> Place<'t, 'a> {
    /// The token that was not expected.
    pub fn found(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.at)
    }

    fn before(&self) -> &'t [Token<'a>] {
        self.tokens.get(..self.at).unwrap_or(self.tokens)
    }

    fn previous(&self) -> Option<&'t Token<'a>> {
        self.before().last()
    }

    /// Whether a `where` stands before the failure.
    fn has_where(&self) -> bool {
        self.before().iter().any(|token| token.is_word("where"))
    }

    fn next(&self) -> Option<&'t Token<'a>> {
        self.tokens.get(self.at + 1)
    }
}

/// The error to show for a failure, given all tokens, where the text ends, and whether the tokens before the failure
/// are a whole statement.
pub fn error_of(failure: Failure, tokens: &[Token<'_>], end: usize, whole: bool) -> Error {
    if let Some(error) = failure.said {
        return *error;
    }
    let place = Place { tokens, at: failure.at, whole };
    let label = failure.label();
    let error = match place.found() {
        None => Error::new(ErrorKind::Syntax, "the statement ends too early", Some(end..end)).labelled(label),
        Some(found) => unexpected(found).labelled(failure.guess(found).unwrap_or(label)),
    };
    advise(error, &failure, place)
}

fn unexpected(found: &Token<'_>) -> Error {
    let message = match found.kind {
        Kind::Quoted => format!("unexpected name {}", found.text),
        Kind::Text => format!("unexpected text {}", found.text),
        _ => format!("unexpected \"{}\"", found.text),
    };
    Error::new(ErrorKind::Syntax, message, Some(found.span.clone()))
}

/// The error with the best advice there is; none where nothing is known.
fn advise(error: Error, failure: &Failure, place: Place<'_, '_>) -> Error {
    if let Some(word) = foreign::word(place) {
        return Error { label: word.label, ..error }.helped(word.help);
    }
    let advice = forgotten_semicolon(place)
        .or_else(|| foreign::operator(place))
        .or_else(|| amount::amount(place))
        .or_else(|| change::change(place))
        .or_else(|| change::weights(place))
        .or_else(|| explained(place))
        .or_else(|| period::period(place))
        .or_else(|| bracket(failure, place))
        .or_else(|| thousands(place))
        .or_else(|| last_comma(place))
        .or_else(|| missing_comma(&error, failure, place))
        .or_else(|| quotes(failure, place));
    match advice {
        Some(advice) => error.helped(advice),
        None => {
            let named = reserved(failure, place);
            named.into_iter().chain(form::form(&error, place)).fold(error, Error::helped)
        }
    }
}

/// A whole statement, and then another: `show cost show revenue`.
fn forgotten_semicolon(place: Place<'_, '_>) -> Option<String> {
    let found = place.found().filter(|_| place.whole)?;
    let begins = found.kind == Kind::Word && form::begins_statement(place.tokens.get(place.at..)?);
    begins.then(|| format!("a statement ends with `;`: put one before {}", found.text))
}

/// A number and no question after `explain`.
fn explained(place: Place<'_, '_>) -> Option<String> {
    let [first, rest @ ..] = place.tokens else { return None };
    if !first.is_word("explain") || place.at != 1 || rest.is_empty() || form::begins_statement(rest) {
        return None;
    }
    let rest = written(rest);
    Some(format!("`explain show …` tells how an answer is worked out; where a number came from: trace {rest}"))
}

/// Tokens as people write them.
fn written(tokens: &[Token<'_>]) -> String {
    tokens.iter().map(|token| token.text).collect::<Vec<_>>().join(" ").replace(" ,", ",")
}

/// A bracket that is not closed, closes nothing, or is of the wrong kind.
fn bracket(failure: &Failure, place: Place<'_, '_>) -> Option<String> {
    let open = open_brackets(place.before());
    let innermost = open.last().and_then(|at| place.tokens.get(*at));
    let found = place.found().map_or("", |found| found.text);
    let is_closing = matches!(found, ")" | "]");
    match innermost {
        None if is_closing => Some(format!("no bracket is open that \"{found}\" could close")),
        None if found == "(" && expects(failure, "[") => {
            let item = place.previous()?.text;
            Some(format!("members on an axis stand in square brackets: {item}[…]"))
        }
        None => None,
        Some(bracket) => {
            let closing = if bracket.text == "(" { ")" } else { "]" };
            let due = expects(failure, closing) && (is_closing || place.found().is_none_or(ends_bracket));
            let within = open.last().and_then(|at| place.tokens.get(at + 1)).map_or("", |next| next.text);
            due.then(|| format!("the \"{}\" before {within} is still open: close it with \"{closing}\"", bracket.text))
        }
    }
}

/// Where a closing bracket is missing the next clause stands.
fn ends_bracket(found: &Token<'_>) -> bool {
    found.kind == Kind::Word && is_reserved(found.text)
}

/// The places of the brackets that are open after some tokens.
fn open_brackets(tokens: &[Token<'_>]) -> Vec<usize> {
    let mut open = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Symbol("(" | "[") => open.push(at),
            Kind::Symbol(")" | "]") => drop(open.pop()),
            _ => {}
        }
    }
    open
}

fn expects(failure: &Failure, symbol: &'static str) -> bool {
    failure.expected.iter().any(|expected| expected.what == What::Symbol(symbol))
}

/// `300,000`, `1.2.3`
fn thousands(place: Place<'_, '_>) -> Option<String> {
    let number = |token: Option<&Token<'_>>| token.is_some_and(|token| matches!(token.kind, Kind::Number(_)));
    let parted = place.found().is_some_and(|found| found.is_symbol(",") || found.is_symbol("."));
    let advice = "numbers have no thousands separators, and decimals follow a point: 300000, 300_000, 300k, 1200.50";
    (parted && number(place.previous()) && number(place.next())).then(|| advice.into())
}

/// A comma with a clause behind it: `show cost, where plan`.
fn last_comma(place: Place<'_, '_>) -> Option<String> {
    let found = place.found()?;
    let comma = place.previous().is_some_and(|previous| previous.is_symbol(","));
    let clause = found.kind == Kind::Word && begins_clause(found.text);
    (comma && clause)
        .then(|| format!("no comma stands before {}; as a name it stands in double quotes", found.text.to_lowercase()))
}

/// `plan 2026` for `plan, 2026`.
fn missing_comma(error: &Error, failure: &Failure, place: Place<'_, '_>) -> Option<String> {
    let (previous, found) = (place.previous()?, place.found()?);
    let guessed = error.label.starts_with("did you mean");
    let told = failure.expected.iter().any(|expected| expected.what == What::Symbol(",") && !expected.quiet);
    let parts = can_be_part(previous) && can_be_part(found);
    let or_where = if place.has_where() || !place.whole { "" } else { "; what is selected comes after `where`" };
    let as_one = match (previous.kind, found.kind) {
        (Kind::Word, Kind::Word) if place.has_where() => {
            format!("; one name stands in double quotes: \"{} {}\"", previous.text, found.text)
        }
        _ => String::new(),
    };
    let two = format!("if {} and {} are two, put a comma between them", previous.text, found.text);
    (told && parts && !guessed).then(|| format!("{two}{as_one}{or_where}"))
}

fn can_be_part(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Word => !is_reserved(token.text),
        Kind::Quoted | Kind::Number(_) | Kind::Period => true,
        _ => false,
    }
}

/// A name in single quotes, or a text in double quotes.
fn quotes(failure: &Failure, place: Place<'_, '_>) -> Option<String> {
    let found = place.found()?;
    let expected = |word: &str| {
        failure.expected.iter().any(|expected| matches!(expected.what, What::Thing(thing) if thing.contains(word)))
    };
    match found.kind {
        Kind::Text if expected("a name") || expected("a condition") || expected("a formula") => {
            Some(format!("names stand in double quotes: \"{}\"", found.unquoted().replace('"', "\"\"")))
        }
        Kind::Quoted | Kind::Word if expected("in single quotes") && !is_keyword(found) => {
            let whole = match found.kind {
                Kind::Quoted => found.unquoted(),
                _ => adjoining(&place.tokens[place.at..]),
            };
            Some(format!("texts stand in single quotes: '{}'", whole.replace('\'', "''")))
        }
        _ => None,
    }
}

/// The tokens that are written as one: `facts.csv`.
fn adjoining(tokens: &[Token<'_>]) -> String {
    let joined = tokens.windows(2).take_while(|pair| pair[0].span.end == pair[1].span.start).count();
    tokens.iter().take(joined + 1).map(|token| token.text).collect()
}

fn is_keyword(token: &Token<'_>) -> bool {
    KEYWORDS.iter().any(|(word, _)| token.is_word(word))
}

/// A word of the language where a name is due.
fn reserved(failure: &Failure, place: Place<'_, '_>) -> Option<String> {
    let found = place.found()?;
    let name_due = failure.expected.iter().any(|expected| expected.what == A_NAME);
    (name_due && found.kind == Kind::Word && is_reserved(found.text))
        .then(|| format!("as a name, write \"{}\" in double quotes", found.text))
}
