//! From text to tokens. It never fails: what cannot be read becomes a token that says why.
//!
//! Where a statement ends, what is painted how and what is completed all rest on these tokens.

use super::number;
use super::period;
use super::token::{Kind, Problem, Token, continues_word, starts_word};

/// Longest first, so that `..` is not two dots.
const SYMBOLS: [&str; 20] =
    ["..", "->", "!=", "<>", "<=", ">=", "(", ")", "[", "]", ",", ";", ".", "+", "-", "*", "/", "=", "<", ">"];

/// All tokens of a text, comments included.
pub fn lex(text: &str) -> Vec<Token<'_>> {
    Lexer { text, at: 0 }.collect()
}

/// All tokens of a text but its comments.
pub fn lex_words(text: &str) -> Vec<Token<'_>> {
    Lexer { text, at: 0 }.filter(|token| token.kind != Kind::Comment).collect()
}

/// Walks a text token by token.
struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let rest = self.text[self.at..].trim_start();
        let first = rest.chars().next()?;
        let start = self.text.len() - rest.len();
        let (length, kind) = scan(rest, first);
        self.at = start + length;
        Some(Token { kind, text: &rest[..length], span: start..self.at })
    }
}

/// Whether a text is one bare word, and no period.
pub fn is_bare_word(text: &str) -> bool {
    let mut tokens = Lexer { text, at: 0 };
    let first = tokens.next();
    first.is_some_and(|token| token.kind == Kind::Word && token.text == text)
}

/// The length and kind of the token a text starts with.
fn scan(rest: &str, first: char) -> (usize, Kind) {
    if rest.starts_with("--") {
        return (rest.find('\n').unwrap_or(rest.len()), Kind::Comment);
    }
    match first {
        '"' => quoted(rest, '"', Kind::Quoted, Problem::UnclosedName),
        '\'' => quoted(rest, '\'', Kind::Text, Problem::UnclosedText),
        '0'..='9' => period::scan(rest).unwrap_or_else(|| number::scan(rest)),
        _ if starts_word(first) => period::scan(rest).unwrap_or_else(|| word(rest)),
        _ => symbol(rest, first),
    }
}

fn word(rest: &str) -> (usize, Kind) {
    let length = rest.find(|c| !continues_word(c)).unwrap_or(rest.len());
    (length, Kind::Word)
}

fn symbol(rest: &str, first: char) -> (usize, Kind) {
    match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        Some(symbol) => (symbol.len(), Kind::Symbol(symbol)),
        None => (first.len_utf8(), Kind::Bad(Problem::Character)),
    }
}

/// A quote, up to the next one that is not doubled.
fn quoted(rest: &str, quote: char, kind: Kind, unclosed: Problem) -> (usize, Kind) {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character != quote {
            continue;
        }
        if characters.next_if(|next| next.1 == quote).is_none() {
            let empty = kind == Kind::Quoted && at == 1;
            return (at + 1, if empty { Kind::Bad(Problem::EmptyName) } else { kind });
        }
    }
    (rest.len(), Kind::Bad(unclosed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found: Vec<String> = lex(text)
            .iter()
            .map(|token| {
                let kind = match token.kind {
                    Kind::Number(value) => {
                        format!("{}e-{}{}", value.units, value.scale, if value.percent { "%" } else { "" })
                    }
                    Kind::Symbol(symbol) => symbol.to_owned(),
                    Kind::Bad(problem) => format!("{problem:?}<{}>", token.text),
                    kind => format!("{kind:?}<{}>", token.text),
                };
                assert_eq!(&text[token.span.clone()], token.text);
                kind
            })
            .collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }

    #[test]
    fn words_and_quotes() {
        check("Größe cost_centre _x", "Word<Größe> Word<cost_centre> Word<_x>");
        check("\"New \"\"York\"\"\"", "Quoted<\"New \"\"York\"\"\">");
        check("'it''s'  ''", "Text<'it''s'> Text<''>");
        check("e\u{301}t", "Word<e\u{301}t>");
        check("a -- b\nc--d", "Word<a> Comment<-- b> Word<c> Comment<--d>");
    }

    #[test]
    fn numbers() {
        check("1200 1_200 3.5", "1200e-0 1200e-0 35e-1");
        check("1.2M 65k 2B 1.2345678m", "1200000e-0 65000e-0 2000000000e-0 12345678e-1");
        check("15% 2.5%", "15e-2% 25e-3%");
        check("12.", "12e-0 .");
        check("1.5..2", "15e-1 .. 2e-0");
    }

    #[test]
    fn periods() {
        check("2026-H1 2026-q4 2026-03", "Period<2026-H1> Period<2026-q4> Period<2026-03>");
        check("FY2026 fy2026-Q1 FY2026-H2", "Period<FY2026> Period<fy2026-Q1> Period<FY2026-H2>");
        check("2024-01..2027-12", "Period<2024-01> .. Period<2027-12>");
        check("2024-W05 2024-w53..2026-W01", "Period<2024-W05> Period<2024-w53> .. Period<2026-W01>");
        check("2026-W5 2026-Web", "2026e-0 - Word<W5> 2026e-0 - Word<Web>");
        check("2026-Q1..2026-Q3", "Period<2026-Q1> .. Period<2026-Q3>");
        check("2024.. -> x", "2024e-0 .. -> Word<x>");
        check("2026 - 3", "2026e-0 - 3e-0");
        check("2026-3", "2026e-0 - 3e-0");
        check("2026-Hermes", "2026e-0 - Word<Hermes>");
        check("FY2026x FYI", "Word<FY2026x> Word<FYI>");
        check("scenario.2026", "Word<scenario> . 2026e-0");
    }

    #[test]
    fn what_cannot_be_read() {
        check("\"abc", "UnclosedName<\"abc>");
        check("'abc; d", "UnclosedText<'abc; d>");
        check("\"\"", "EmptyName<\"\">");
        check("5:3", "5e-0 Character<:> 3e-0");
        check("12abc 1.5Mx", "NumberTail<12abc> NumberTail<1.5Mx>");
        check("2024-W54 FY2024-W05", "NoSuchPeriod<2024-W54> NoSuchPeriod<FY2024-W05>");
        check("2026-13 2026-Q5", "NoSuchPeriod<2026-13> NoSuchPeriod<2026-Q5>");
        check(&"9".repeat(40), &format!("NumberTooLong<{}>", "9".repeat(40)));
    }

    #[test]
    fn symbols() {
        check("<=<>!=>=->", "<= <> != >= ->");
        check("a[b].c", "Word<a> [ Word<b> ] . Word<c>");
    }
}
