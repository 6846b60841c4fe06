//! The smallest parts: keywords, symbols, names, paths, numbers, texts, lists and brackets.

use nom::Parser;
use nom::combinator::cut;
use nom::multi::{many0, separated_list1};
use nom::sequence::delimited;

use crate::error::{Error, ErrorKind};
use crate::syntax::ast::{Name, NameKind, Number, Path, Span};
use crate::syntax::failure::{A_NAME, Failure, What};
pub use crate::syntax::input::{PResult, Tokens};
use crate::syntax::keywords::{begins_clause, is_reserved};
use crate::syntax::token::{Class, Kind, Token};

/// How deep brackets, `-`, `not`, `if` and calls may lie in one another.
const MOST_DEPTH: usize = 100;

const A_NUMBER: What = What::Thing("a number");
const A_COUNT: What = What::Thing("a whole number");
const A_TEXT: What = What::Thing("a text in single quotes");

/// A keyword, in any case; its span.
pub fn word<'a>(word: &'static str) -> impl Fn(Tokens<'a>) -> PResult<'a, Span> {
    move |i| match i.peek(0) {
        Some(token) if token.is_word(word) => i.accept(Class::Keyword, token.span.clone()),
        _ => i.miss(What::Word(word)),
    }
}

/// Two keywords; the span of the first.
pub fn words<'a>(first: &'static str, second: &'static str) -> impl Fn(Tokens<'a>) -> PResult<'a, Span> {
    move |i| {
        let (i, span) = word(first)(i)?;
        let (i, _) = word(second)(i)?;
        Ok((i, span))
    }
}

/// A keyword of two words and a minus, as `parent-child`; also written with an underscore.
pub fn hyphenated<'a>(
    joined: &'static str,
    (first, second): (&'static str, &'static str),
    name: &'static str,
) -> impl Fn(Tokens<'a>) -> PResult<'a, ()> {
    move |i| {
        if i.is_word(0, joined) {
            return word(joined).map(drop).parse(i);
        }
        if i.is_word(0, first) && i.is_symbol(1, "-") && i.is_word(2, second) {
            return (word(first), symbol("-"), word(second)).map(drop).parse(i);
        }
        i.miss(What::Word(name))
    }
}

/// A keyword that decides what follows: after it, no other form is tried.
pub fn after<'a, T>(
    keyword: &'static str,
    parser: impl Parser<Tokens<'a>, Output = T, Error = Failure>,
) -> impl Parser<Tokens<'a>, Output = T, Error = Failure> {
    nom::sequence::preceded(word(keyword), cut(parser))
}

/// A symbol.
pub fn symbol<'a>(symbol: &'static str) -> impl Fn(Tokens<'a>) -> PResult<'a, ()> {
    move |i| match i.is_symbol(0, symbol) {
        true => i.accept(Class::Symbol, ()),
        false => i.miss(What::Symbol(symbol)),
    }
}

/// A symbol that is not worth telling as expected.
pub fn quiet_symbol<'a>(symbol: &'static str) -> impl Fn(Tokens<'a>) -> PResult<'a, ()> {
    move |i| match i.is_symbol(0, symbol) {
        true => i.accept(Class::Symbol, ()),
        false => i.fail(Failure::new(i.at(), What::Symbol(symbol), true)),
    }
}

/// A keyword that is not worth telling as expected.
pub fn quiet_word<'a>(word: &'static str) -> impl Fn(Tokens<'a>) -> PResult<'a, Span> {
    move |i| match i.peek(0) {
        Some(token) if token.is_word(word) => i.accept(Class::Keyword, token.span.clone()),
        _ => i.fail(Failure::new(i.at(), What::Word(word), true)),
    }
}

/// How a token would be written as a name, if it can be one.
pub fn name_kind(token: &Token<'_>) -> Option<NameKind> {
    match token.kind {
        Kind::Word if !is_reserved(token.text) => Some(NameKind::Bare),
        Kind::Quoted => Some(NameKind::Quoted),
        Kind::Period => Some(NameKind::Period),
        Kind::Number(_) if token.is_year() => Some(NameKind::Period),
        _ => None,
    }
}

/// A name that is being given: here a keyword that begins no clause needs no quotes.
pub fn new_name(i: Tokens<'_>) -> PResult<'_, Name> {
    match i.peek(0) {
        Some(token) if token.kind == Kind::Word && is_reserved(token.text) && !begins_clause(token.text) => {
            let (text, span) = (token.text.to_owned(), token.span.clone());
            i.accept(Class::Name, Name { text, kind: NameKind::Quoted, span })
        }
        _ => name(i),
    }
}

/// A name; four digits are a year.
pub fn name(i: Tokens<'_>) -> PResult<'_, Name> {
    let Some((token, kind)) = i.peek(0).and_then(|token| Some((token, name_kind(token)?))) else {
        return i.miss(A_NAME);
    };
    let class = match kind {
        NameKind::Bare => Class::Name,
        NameKind::Quoted => Class::QuotedName,
        NameKind::Period => Class::Period,
    };
    i.accept(class, Name { text: token.unquoted(), kind, span: token.span.clone() })
}

/// Names joined by dots.
pub fn path(i: Tokens<'_>) -> PResult<'_, Path> {
    let (i, first) = name(i)?;
    let (i, others) = many0(nom::sequence::preceded(quiet_symbol("."), cut(name))).parse(i)?;
    let names = std::iter::once(first).chain(others).collect();
    Ok((i, Path { names }))
}

/// A number without a sign.
pub fn unsigned(i: Tokens<'_>) -> PResult<'_, Number> {
    match i.peek(0) {
        Some(Token { kind: Kind::Number(value), span, .. }) => {
            let (units, scale, percent) = (value.units, value.scale, value.percent);
            i.accept(Class::Number, Number { units, scale, percent, span: span.clone() })
        }
        _ => i.miss(A_NUMBER),
    }
}

/// A number, perhaps with a minus.
pub fn number(i: Tokens<'_>) -> PResult<'_, Number> {
    if !i.is_symbol(0, "-") {
        return unsigned(i);
    }
    let (rest, ()) = symbol("-")(i)?;
    let (rest, number) = cut(unsigned).parse(rest)?;
    let span = i.span_to(&rest);
    Ok((rest, Number { units: -number.units, span, ..number }))
}

/// A whole number that counts something.
pub fn count(i: Tokens<'_>) -> PResult<'_, u64> {
    let whole = i.labelled(A_COUNT, unsigned);
    let (rest, number) = whole?;
    match u64::try_from(number.units) {
        Ok(count) if number.scale == 0 => Ok((rest, count)),
        _ => i.miss(A_COUNT),
    }
}

/// A text in single quotes, with its span.
pub fn spanned_text(i: Tokens<'_>) -> PResult<'_, (String, Span)> {
    match i.peek(0) {
        Some(token) if token.kind == Kind::Text => i.accept(Class::Text, (token.unquoted(), token.span.clone())),
        _ => i.miss(A_TEXT),
    }
}

/// The name of a file in single quotes, with its span.
pub fn file_name(i: Tokens<'_>) -> PResult<'_, (String, Span)> {
    match spanned_text(i)? {
        (_, (text, span)) if text.is_empty() => {
            refuse(span, "the name of the file is empty", "expected, for example, 'plan.csv'")
        }
        named => Ok(named),
    }
}

/// A text in single quotes.
pub fn text(i: Tokens<'_>) -> PResult<'_, String> {
    spanned_text(i).map(|(rest, (text, _))| (rest, text))
}

/// `as NAME`
pub fn as_name(i: Tokens<'_>) -> PResult<'_, Name> {
    after("as", new_name).parse(i)
}

/// At least one, separated by commas.
pub fn list<'a, T>(
    parser: impl Parser<Tokens<'a>, Output = T, Error = Failure>,
) -> impl Parser<Tokens<'a>, Output = Vec<T>, Error = Failure> {
    separated_list1(symbol(","), parser)
}

/// A list in round brackets.
pub fn bracketed<'a, T>(
    parser: impl Parser<Tokens<'a>, Output = T, Error = Failure>,
) -> impl Parser<Tokens<'a>, Output = Vec<T>, Error = Failure> {
    delimited(symbol("("), cut(list(parser)), cut(symbol(")")))
}

/// Runs a parser one level deeper, if that is not too deep.
pub fn nested<'a, T>(i: Tokens<'a>, parser: impl FnOnce(Tokens<'a>) -> PResult<'a, T>) -> PResult<'a, T> {
    if i.depth() >= MOST_DEPTH {
        let span = i.peek(0).map(|token| token.span.clone());
        let error = Error::new(ErrorKind::Syntax, "the statement is nested too deeply", span)
            .labelled(format!("more than {MOST_DEPTH} levels"));
        return Err(nom::Err::Failure(Failure::said(error)));
    }
    let (rest, value) = parser(i.at_depth(i.depth() + 1))?;
    Ok((rest.at_depth(i.depth()), value))
}

/// An error in words of its own, which ends the parse.
pub fn refuse<'a, T>(span: Span, message: impl Into<String>, label: impl Into<String>) -> PResult<'a, T> {
    let error = Error::new(ErrorKind::Syntax, message, Some(span)).labelled(label);
    Err(nom::Err::Failure(Failure::said(error)))
}
