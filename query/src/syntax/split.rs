//! Where statements end, decided by the lexer alone.

use std::ops::Range;

use super::lexer::lex_words;
use super::token::Token;

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
    last.is_symbol(";") && !last_has_open_bracket(&words)
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
        for complete in ["", "  -- note", ".help show", "help", "QUIT", "exit", "undo;", "undo; -- done", "a;b;"] {
            assert!(is_complete(complete), "{complete}");
        }
        for open in ["show cost", "use \"a;", "use 'a;", "show (cost;", "a; b", "show cost -- ;"] {
            assert!(!is_complete(open), "{open}");
        }
    }
}
