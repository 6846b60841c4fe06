//! One word of a statement: its kind, its text and where it stands.

use super::ast::Span;
use super::character::character;

/// What a highlighter paints a piece of text as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A word of the language.
    Keyword,
    /// A bare name.
    Name,
    /// A name in double quotes.
    QuotedName,
    /// A text in single quotes.
    Text,
    /// A number.
    Number,
    /// A word of the calendar.
    Period,
    /// An operator, a bracket or other punctuation.
    Symbol,
    /// From `--` to the end of the line.
    Comment,
    /// What the lexer cannot read.
    Error,
}

/// A number's value, `units / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    /// The digits as an integer.
    pub units: i128,
    /// Decimal places of `units`.
    pub scale: u8,
    /// Whether it was written with `%`.
    pub percent: bool,
}

/// Why a piece of text is no word of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// `"New York`
    UnclosedName,
    /// `'agreed`
    UnclosedText,
    /// `""`
    EmptyName,
    /// `§`
    Character,
    /// More digits than can be kept.
    NumberTooLong,
    /// `12abc`
    NumberTail,
    /// `2026-13`, `2026-Q5`
    NoSuchPeriod,
}

impl Problem {
    /// One sentence about the text found.
    pub fn message(self, text: &str) -> String {
        match self {
            Problem::UnclosedName => "a quoted name is not closed".into(),
            Problem::UnclosedText => "a text is not closed".into(),
            Problem::EmptyName => "a name cannot be empty".into(),
            Problem::Character => format!("unexpected character {text:?}"),
            Problem::NumberTooLong => "the number has too many digits".into(),
            Problem::NumberTail => format!("\"{text}\" is neither a number nor a name"),
            Problem::NoSuchPeriod => format!("there is no period {text}"),
        }
    }

    /// What stands under the caret.
    pub fn label(self, text: &str) -> &'static str {
        match self {
            Problem::UnclosedName => "expected a closing \"",
            Problem::UnclosedText => "expected a closing '",
            Problem::EmptyName => "expected a name between the quotes",
            Problem::Character => character(text),
            Problem::NumberTooLong => "at most 38 digits",
            Problem::NumberTail => {
                "numbers are written 5000, 5k, 1.2M or 15%, periods 2026-04 or 2026-Q2; a name that starts with a digit stands in double quotes"
            }
            Problem::NoSuchPeriod => {
                "months are 01 to 12, quarters Q1 to Q4, halves H1 and H2, weeks W01 to W53; to subtract, put spaces around the minus"
            }
        }
    }
}

/// The kind of a token, with its value where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A bare word: a keyword or a name.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A text in single quotes.
    Text,
    /// A number.
    Number(Decimal),
    /// `2026-Q1`; a year alone is a number.
    Period,
    /// Punctuation.
    Symbol(&'static str),
    /// From `--` to the end of the line.
    Comment,
    /// What cannot be read.
    Bad(Problem),
}

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token<'a> {
    /// Its kind.
    pub kind: Kind,
    /// As written, quotes included.
    pub text: &'a str,
    /// Where.
    pub span: Span,
}

impl Token<'_> {
    /// Whether it is this bare word, in any case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is this symbol.
    pub fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.kind, Kind::Symbol(own) if own == symbol)
    }

    /// Whether it is four digits and nothing else: a year where a name is due.
    pub fn is_year(&self) -> bool {
        matches!(self.kind, Kind::Number(_))
            && self.text.len() == 4
            && self.text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// What a quoted name or a text says: without its quotes, doubled ones single.
    pub fn unquoted(&self) -> String {
        let (quote, doubled) = match self.kind {
            Kind::Quoted => ("\"", "\"\""),
            Kind::Text => ("'", "''"),
            _ => return self.text.to_owned(),
        };
        let inner = self.text.get(1..self.text.len().saturating_sub(1));
        inner.unwrap_or_default().replace(doubled, quote)
    }

    /// What it is painted as, when nothing is known of its place.
    pub fn class(&self) -> Class {
        match self.kind {
            Kind::Word => Class::Name,
            Kind::Quoted => Class::QuotedName,
            Kind::Text => Class::Text,
            Kind::Number(_) => Class::Number,
            Kind::Period => Class::Period,
            Kind::Symbol(_) => Class::Symbol,
            Kind::Comment => Class::Comment,
            Kind::Bad(_) => Class::Error,
        }
    }
}

/// Whether a bare word may start with this character.
pub fn starts_word(character: char) -> bool {
    character.is_alphabetic() || character == '_'
}

/// Whether a bare word may go on with this character: letters, digits, `_`, accents that combine.
pub fn continues_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || ('\u{300}'..='\u{36f}').contains(&character)
}
