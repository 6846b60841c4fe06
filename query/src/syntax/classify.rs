//! What each piece of a text is, for painting it.

use std::ops::Range;

use super::input::Record;
use super::keywords::{KEYWORDS, among};
use super::lexer::lex;
use super::parser::try_parse;
use super::token::{Class, Kind, Token};

/// Every token of a text, of any number of statements, with what it is. Never fails.
///
/// Words are what the parser took them for; where it did not get so far, what they look like.
pub fn classify(text: &str) -> Vec<(Range<usize>, Class)> {
    let (comments, words): (Vec<_>, Vec<_>) = lex(text).into_iter().partition(|token| token.kind == Kind::Comment);
    let mut classes: Vec<(Range<usize>, Class)> = comments.iter().map(looks).collect();
    for statement in words.split_inclusive(|token| token.is_symbol(";")) {
        classes.extend(classify_statement(statement));
    }
    classes.sort_by_key(|(span, _)| span.start);
    classes
}

fn classify_statement(words: &[Token<'_>]) -> Vec<(Range<usize>, Class)> {
    let record = Record::default();
    let read = words.iter().take_while(|token| !token.is_symbol(";")).count();
    let reached = match try_parse(&words[..read], &record) {
        Ok(_) => read,
        Err(failure) => failure.at,
    };
    let role = |at: usize| record.role(at).filter(|_| at < reached);
    let class = |(at, token)| match (role(at), looks(token)) {
        (Some(role), (span, _)) => (span, role),
        (None, looks) => looks,
    };
    words.iter().enumerate().map(class).collect()
}

/// What a token looks like without its place.
fn looks(token: &Token<'_>) -> (Range<usize>, Class) {
    let keyword = token.kind == Kind::Word && KEYWORDS.iter().any(|(keyword, _)| among(token.text, &[keyword]));
    let class = if keyword { Class::Keyword } else { token.class() };
    (token.span.clone(), class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let painted: Vec<String> =
            classify(text).into_iter().map(|(span, class)| format!("{}:{class:?}", &text[span])).collect();
        assert_eq!(painted.join(" "), expected);
    }

    #[test]
    fn words_are_what_the_parser_takes_them_for() {
        check(
            "use unit; show level by members -- x",
            "use:Keyword unit:Name ;:Symbol show:Keyword level:Name by:Keyword members:Name -- x:Comment",
        );
        check(
            "show cost where level team, \"A b\", 2026",
            "show:Keyword cost:Name where:Keyword level:Keyword team:Name ,:Symbol \"A b\":QuotedName ,:Symbol 2026:Period",
        );
    }

    #[test]
    fn broken_text_is_painted_too() {
        check("shw cost by 'x", "shw:Name cost:Name by:Keyword 'x:Error");
        check("set x to to 5 where", "set:Keyword x:Name to:Keyword to:Keyword 5:Number where:Keyword");
        check("", "");
    }
}
