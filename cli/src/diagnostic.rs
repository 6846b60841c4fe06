//! Errors with a caret under the offending words.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};
use query::error::Error;

use crate::render::safe;
use crate::script::Script;

/// Draws the error of the statement that starts at a byte of the script.
pub fn draw(error: &Error, script: &Script, statement: usize, coloured: bool) -> String {
    let (message, label) = (safe(&error.message), safe(&error.label));
    let mut group = Level::ERROR.primary_title(message).elements(place(error, &label, script, statement));
    for line in &error.help {
        group = group.element(Level::HELP.message(safe(line)));
    }
    renderer(coloured).render(&[group])
}

fn place<'a>(error: &Error, label: &'a str, script: &'a Script, statement: usize) -> Option<Element<'a>> {
    match &error.span {
        Some(span) => Some(snippet(label, script, statement + span.start..statement + span.end)),
        None => origin(script, statement),
    }
}

fn snippet<'a>(label: &'a str, script: &'a Script, span: Range<usize>) -> Element<'a> {
    let mark = AnnotationKind::Primary.span(inside(&script.text, span));
    let mark = if label.is_empty() { mark } else { mark.label(label) };
    let snippet = Snippet::source(script.text.as_str()).annotation(mark);
    snippet.path(script.name.as_deref()).into()
}

/// The line where the statement's first word stands; nothing at the prompt.
fn origin<'a>(script: &'a Script, statement: usize) -> Option<Element<'a>> {
    let name = script.name.as_deref()?;
    let first = first_word(&script.text, statement);
    let line = script.text[..first].matches('\n').count() + 1;
    Some(Origin::path(name).line(line).into())
}

/// Where the first thing stands that is neither white space nor a comment.
fn first_word(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(rest) = text.get(at..) {
        at += rest.len() - rest.trim_start().len();
        match text[at..].strip_prefix("--").and_then(|comment| comment.find('\n')) {
            Some(end) => at += end + 2,
            None => break,
        }
    }
    at.min(text.len())
}

/// The span, moved to whole characters of the text.
fn inside(text: &str, span: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(span.start.min(text.len()));
    let end = text.ceil_char_boundary(span.end.min(text.len()));
    start..end.max(start)
}

fn renderer(coloured: bool) -> Renderer {
    if coloured { Renderer::styled() } else { Renderer::plain() }
}

#[cfg(test)]
mod tests {
    use query::error::ErrorKind;

    use super::*;

    const TEXT: &str = "show cost;\n-- heads\nshow größe, headcont\n  by project;\n";

    fn script() -> Script {
        Script { name: Some("ask.pcq".into()), text: TEXT.into() }
    }

    fn at(word: &str) -> Error {
        let start = TEXT.find(word).unwrap() - 10;
        Error::new(ErrorKind::Name, "there is no measure \"headcont\"", Some(start..start + word.len()))
    }

    #[test]
    fn the_place_is_the_place_in_the_whole_script() {
        let error = at("headcont").labelled("did you mean headcount?").helped("measures: headcount");
        let expected = "\
error: there is no measure \"headcont\"
 --> ask.pcq:3:13
  |
3 | show größe, headcont
  |             ^^^^^^^^ did you mean headcount?
  |
  = help: measures: headcount";
        assert_eq!(draw(&error, &script(), 10, false), expected);
    }

    #[test]
    fn without_a_span_a_script_is_named_and_a_prompt_is_not() {
        let error = Error::new(ErrorKind::Refused, "plan is locked", None);
        let drawn = draw(&error, &script(), 10, false);
        assert!(drawn.contains("ask.pcq:3"), "{drawn}");
        let drawn = draw(&error, &Script::typed("show cost"), 0, false);
        assert_eq!(drawn, "error: plan is locked");
    }

    #[test]
    fn spans_at_the_end_and_beyond_are_drawn() {
        for span in [TEXT.len()..TEXT.len(), 9..9, 5000..6000, 27..28] {
            let error = Error::new(ErrorKind::Syntax, "expected a name", Some(span));
            assert!(draw(&error, &script(), 0, false).contains("ask.pcq"));
        }
    }

    #[test]
    fn colours_only_where_they_are_wanted() {
        assert!(draw(&at("headcont"), &script(), 10, true).contains('\u{1b}'));
        assert!(!draw(&at("headcont"), &script(), 10, false).contains('\u{1b}'));
    }
}
