//! Where statements end, decided by the lexer alone, and whether the last is whole.

use std::ops::Range;

use super::lexer::lex_words;
use super::parser::parse;
use super::token::{Kind, Problem, Token};

/// What the prompt takes without a `;`.
const BARE: [&str; 3] = ["help", "quit", "exit"];

/// The statements of a text, without their `;` and the space and comments around them.
pub fn split(text: &str) -> Vec<Range<usize>> {
    lex_words(text)
        .split(|token| token.is_symbol(";"))
        .filter_map(|words| Some(words.first()?.span.start..words.last()?.span.end))
        .collect()
}

/// Whether the prompt can run a text as it stands, or has to wait for more lines.
pub fn is_complete(text: &str) -> bool {
    let words = lex_words(text);
    let (Some(first), Some(last)) = (words.first(), words.last()) else {
        return true;
    };
    if first.is_symbol(".") || (words.len() == 1 && BARE.iter().any(|word| first.is_word(word))) {
        return true;
    }
    match last.is_symbol(";") {
        true => !last_has_open_bracket(&words),
        false => !wants_more(text, &words),
    }
}

/// Whether the last statement, which has no `;`, ends before it is whole. One that is wrong before
/// its end is not waited for.
fn wants_more(text: &str, words: &[Token<'_>]) -> bool {
    let unclosed = |token: &Token| matches!(token.kind, Kind::Bad(Problem::UnclosedName | Problem::UnclosedText));
    if words.last().is_some_and(unclosed) {
        return true;
    }
    let last = split(text).pop().and_then(|span| text.get(span)).unwrap_or_default();
    match parse(last) {
        Ok(_) => false,
        Err(error) => error.span.is_none_or(|span| span.start >= last.len()),
    }
}

/// Whether the statement before the last `;` has a bracket without its partner.
fn last_has_open_bracket(words: &[Token<'_>]) -> bool {
    let statement = words.rsplit(|token| token.is_symbol(";")).nth(1).unwrap_or_default();
    let count = |symbol| statement.iter().filter(|token| token.is_symbol(symbol)).count();
    count("(") > count(")") || count("[") > count("]")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = split(text).into_iter().map(|span| &text[span]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn statements_end_at_semicolons_outside_quotes() {
        check("", &[]);
        check(" ;; -- nothing;\n ", &[]);
        check("undo; redo", &["undo", "redo"]);
        check("-- first;\n undo -- last\n; redo;", &["undo", "redo"]);
        check("use \"a;b\"; load 'x;''y';", &["use \"a;b\"", "load 'x;''y'"]);
        check("undo; use 'open; redo;", &["undo", "use 'open; redo;"]);
        check("a § b; c", &["a § b", "c"]);
    }

    #[test]
    fn the_prompt_waits_for_what_is_missing() {
        for complete in
            ["", "  -- note", ".help show", "help", "QUIT", "undo;", "undo; -- done", "a;b;", "show cost", "shw cost"]
        {
            assert!(is_complete(complete), "{complete}");
        }
        for open in
            ["show", "use \"a;", "use 'a;", "show (cost;", "undo; show cost by", "show cost by -- ;", "show (cost"]
        {
            assert!(!is_complete(open), "{open}");
        }
    }
}
