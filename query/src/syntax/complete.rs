//! What could come at a place of a text, by the parser's own expectations.

use super::failure::{A_NAME, A_VIEW, What};
use super::input::Record;
use super::lexer::lex_words;
use super::parser::try_parse;
use super::token::{Kind, Problem, Token};

/// What could stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Where the word under the cursor starts, in bytes.
    pub start: usize,
    /// What of it stands before the cursor.
    pub prefix: String,
    /// Keywords that could stand there and start with the prefix.
    pub keywords: Vec<&'static str>,
    /// Whether a name could stand there.
    pub names: bool,
    /// Whether the name of a view could stand there.
    pub views: bool,
}

/// What could come at a byte of a text of any number of statements.
pub fn next_words(text: &str, position: usize) -> Next {
    let position = text.floor_char_boundary(position);
    let head = &text[..position];
    let words = lex_words(head);
    let statement = words.rsplit(|token| token.is_symbol(";")).next().unwrap_or_default();
    let (before, cursor) = split_cursor(statement, position);
    let start = cursor.first().map_or(position, |token| token.span.start);
    let mut next = Next { start, prefix: head[start..].to_owned(), keywords: Vec::new(), names: false, views: false };
    if in_comment(head) || cursor.iter().any(|token| is_text(token)) {
        return next;
    }
    let expected = expected_at_end(before);
    next.views = expected.contains(&A_VIEW);
    next.names = expected.contains(&A_NAME) && !next.views;
    next.keywords = expected.into_iter().filter_map(|what| keyword(what, &next.prefix)).collect();
    next
}

/// The tokens before the word under the cursor, and those that make it: `2026-Q` is three.
fn split_cursor<'t, 'a>(words: &'t [Token<'a>], position: usize) -> (&'t [Token<'a>], &'t [Token<'a>]) {
    let touches = words.last().is_some_and(|last| last.span.end == position && is_wordlike(last));
    let mut length = usize::from(touches);
    if let [.., year, minus, last] = words
        && touches
        && year.is_year()
        && minus.is_symbol("-")
        && year.span.end + 1 == last.span.start
    {
        length = 3;
    }
    words.split_at(words.len() - length)
}

fn is_wordlike(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Word | Kind::Number(_) | Kind::Period | Kind::Bad(_) => true,
        Kind::Quoted | Kind::Text | Kind::Symbol(_) | Kind::Comment => false,
    }
}

fn is_text(token: &Token<'_>) -> bool {
    token.kind == Kind::Bad(Problem::UnclosedText)
}

/// Whether a text ends within a comment.
fn in_comment(head: &str) -> bool {
    super::lexer::lex(head).last().is_some_and(|last| last.kind == Kind::Comment && last.span.end == head.len())
}

/// What the parser expects after some tokens; nothing where they are wrong already.
fn expected_at_end(before: &[Token<'_>]) -> Vec<What> {
    let record = Record::default();
    let result = try_parse(before, &record);
    if result.is_err_and(|failure| failure.said.is_some()) {
        return Vec::new();
    }
    let failure = record.failure();
    if failure.at < before.len() {
        return Vec::new();
    }
    failure.expected.into_iter().map(|expected| expected.what).collect()
}

fn keyword(what: What, prefix: &str) -> Option<&'static str> {
    match what {
        What::Word(word) => {
            word.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)).then_some(word)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::KEYWORDS;

    /// Asks at the `|` of a text.
    fn ask(text: &str) -> Next {
        let position = text.find('|').unwrap();
        next_words(&text.replace('|', ""), position)
    }

    fn check(text: &str, prefix: &str, some: &[&str], names: bool) {
        let next = ask(text);
        assert_eq!(next.prefix, prefix, "{text}");
        assert_eq!(next.names, names, "{text}: {next:?}");
        for word in some {
            assert!(next.keywords.contains(word), "{text}: {next:?}");
        }
        assert!(!some.is_empty() || next.keywords.is_empty(), "{text}: {next:?}");
    }

    #[test]
    fn what_could_come() {
        check("|", "", &["show", "set", "load", "begin"], false);
        check("sh|", "sh", &["show"], false);
        check("undo; -- x\n s|how", "s", &["show", "set"], false);
        check("show |", "", &["if", "not", "round"], true);
        check("show co|", "co", &["count", "coalesce"], true);
        check("show cost |", "", &["by", "across", "where", "as", "and", "order"], false);
        check("show cost by |", "", &[], true);
        check("show cost by department[|", "", &["all", "children", "level"], true);
        check("show cost where plan, le|", "le", &["leaves", "level"], true);
        check("show cost where plan |", "", &["and", "by", "with", "in", "not", "except"], false);
        check("show cost by department[children of Sales ex|", "ex", &["except"], false);
        check("show cost where project.|", "", &[], true);
        check("show cost where 2026-Q|", "2026-Q", &[], true);
        check("show cost where \"New Y|", "\"New Y", &[], true);
        check("set cost |", "", &["to"], false);
        check("set cost to 5 where plan eq|", "eq", &["equally"], false);
        check("create dimension x |", "", &["levels", "parent-child"], false);
        check("create |", "", &["dimension", "time", "scenario", "measure"], false);
        check("load |", "", &["members"], false);
        check("load 'fi|", "'fi", &[], false);
        check("show cost -- comm|", "", &[], false);
        check("shw cost |", "", &[], false);
        check("add |", "", &["member"], false);
        check("define x |", "", &[], false);
    }

    #[test]
    fn views_are_named_where_one_is_due() {
        for (text, views) in [("show view |", true), ("drop view ma|", true), ("save view |", false), ("show |", false)]
        {
            assert_eq!(ask(text).views, views, "{text}");
        }
    }

    #[test]
    fn every_word_offered_is_told_of() {
        let texts = [
            "show a by b across c where d having e order by f top 3 by g with totals",
            "move 3 a from b to c where d holding e equally over all step 1 allow negative because 'x'",
            "create measure a decimal(2) last over period unit 'x' favours lower format 'x' sum",
            "create time dimension a months 2024-01..2027-12 fiscal start 2",
            "add member a to b under c weight 1 with d = 1",
            "load members of a from 'x' into b (c -> d) skipping errors to 'x' on duplicate add replace where x",
            "branch a from b because 'x'",
        ];
        for text in texts {
            for position in 0..=text.len() {
                for word in next_words(text, position).keywords {
                    let told = KEYWORDS.iter().any(|(keyword, _)| *keyword == word);
                    assert!(told, "{word}, at {position} of {text}");
                }
            }
        }
    }
}
