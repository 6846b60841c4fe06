//! Periods as people write them elsewhere, `Q1 2026` or `Jan-2026`, and how they are written here.

use super::Place;
use crate::syntax::token::Token;
use engine::calendar::{Written, read_period};

/// How many tokens before the failure a period may begin, and how many behind it may end.
const REACH: usize = 3;

/// The advice for a period that was written in pieces around the failure.
pub fn period(place: Place<'_, '_>) -> Option<String> {
    let written = |from: usize, to: usize| read_period(&text(place.tokens.get(from..=to)?));
    let starts = place.at.saturating_sub(REACH)..place.at;
    let known = starts.flat_map(|from| (place.at..=place.at + REACH).rev().map(move |to| (from, to)));
    known.filter_map(|(from, to)| written(from, to)).find_map(said)
}

/// Tokens as they stand, with a space where there was any.
fn text(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    let mut end = None;
    for token in tokens {
        if end.is_some_and(|end| end < token.span.start) {
            text.push(' ');
        }
        text.push_str(token.text);
        end = Some(token.span.end);
    }
    text
}

fn said(written: Written) -> Option<String> {
    let (year, part) = match written {
        Written::Day(year, month, _) => {
            return Some(format!("there are no days here: a month is written {year:04}-{month:02}"));
        }
        Written::Part { grain, year, number, fiscal: false } => (year, grain.part(number)?),
        Written::Part { grain, year, number, fiscal: true } => {
            return Some(format!("a period is written year first: FY{year:04}-{}", grain.part(number)?));
        }
    };
    Some(format!("a period is written year first: {year:04}-{part}"))
}
