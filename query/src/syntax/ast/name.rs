//! Names, paths, numbers and texts, each with its place in the source.

use std::ops::Range;

/// Bytes of the source text, from the start of the statement.
pub type Span = Range<usize>;

/// How a name was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A bare word: `Apollo`.
    Bare,
    /// In double quotes: `"New York"`.
    Quoted,
    /// A word of the calendar: `2026`, `2026-Q1`, `2026-03`, `FY2026-Q1`.
    Period,
}

/// One name, without its quotes.
#[derive(Debug, Clone)]
pub struct Name {
    /// The text, quotes and doubling removed.
    pub text: String,
    /// How it was written.
    pub kind: NameKind,
    /// Where.
    pub span: Span,
}

/// Names joined by dots, outermost first: `project.Apollo`.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// At least one name.
    pub names: Vec<Name>,
}

/// A number as written; its value is `units / 10^scale`, with `k`, `M`, `B` and `%` applied.
#[derive(Debug, Clone)]
pub struct Number {
    /// The digits as an integer.
    pub units: i128,
    /// Decimal places of `units`.
    pub scale: u8,
    /// Whether it was written with `%` (15% has units 15, scale 2).
    pub percent: bool,
    /// Where.
    pub span: Span,
}

/// A literal value, as in an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A number.
    Number(Number),
    /// A text in single quotes, or a bare word, and where.
    Text(String, Span),
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.kind == other.kind
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        (self.units, self.scale, self.percent) == (other.units, other.scale, other.percent)
    }
}

impl Path {
    /// From the first name to the last.
    pub fn span(&self) -> Span {
        let start = self.names.first().map_or(0, |name| name.span.start);
        let end = self.names.last().map_or(start, |name| name.span.end);
        start..end
    }
}
