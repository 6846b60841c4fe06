//! Names, numbers and texts.

use std::fmt::{Display, Formatter, Result};

use super::Joined;
use crate::syntax::ast::{Literal, Name, NameKind, Number, Path};
use crate::syntax::keywords::is_reserved;
use crate::syntax::lexer::is_bare_word;

impl Display for Name {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let bare = match self.kind {
            NameKind::Bare => is_bare_word(&self.text) && !is_reserved(&self.text),
            NameKind::Quoted => false,
            NameKind::Period => true,
        };
        match bare {
            true => f.write_str(&self.text),
            false => write!(f, "\"{}\"", self.text.replace('"', "\"\"")),
        }
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        // Two years without a space between would be a number with a fraction.
        let spaced = self.names.windows(2).any(|pair| pair.iter().all(|name| name.kind == NameKind::Period));
        Joined(&self.names, if spaced { " . " } else { "." }).fmt(f)
    }
}

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let places = usize::from(self.scale).saturating_sub(if self.percent { 2 } else { 0 });
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        let point = if places > 0 { "." } else { "" };
        let percent = if self.percent { "%" } else { "" };
        write!(f, "{sign}{whole}{point}{fraction}{percent}")
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Literal::Number(number) => number.fmt(f),
            Literal::Text(text, _) => Text(text).fmt(f),
        }
    }
}

/// A text in single quotes.
pub(super) struct Text<'a>(pub &'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}
