//! Saved questions put in the place of their names.

use crate::bind::{Names, Selection, unknown};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Condition, Name, Show, Statement, ViewName};
use crate::syntax::parse;
use engine::schema::{Schema, View};
use std::borrow::Cow;

/// The question that is meant: a view's, with conditions laid over its own, or the one written.
pub(crate) fn expanded<'s>(schema: &Schema, show: &'s Show) -> Result<Cow<'s, Show>> {
    let Some(of) = &show.view else { return Ok(Cow::Borrowed(show)) };
    let view = view(schema, &of.name)?;
    let mut saved = saved(view, of)?;
    let names = Names::new(schema);
    let over = Selection::bind_asked(names, &show.conditions)?;
    saved.conditions.retain(|condition| !is_replaced(names, condition, &over));
    saved.conditions.extend(show.conditions.iter().cloned());
    Ok(Cow::Owned(saved))
}

/// The view of a name.
pub(crate) fn view<'s>(schema: &'s Schema, name: &Name) -> Result<&'s View> {
    schema.view(&name.text).ok_or_else(|| {
        let known: Vec<String> = schema.views().iter().map(|view| view.name.clone()).collect();
        unknown("view", &name.text, name.span.clone(), &known)
    })
}

/// The question of a view, its spans behind all that is written in the statement.
fn saved(view: &View, of: &ViewName) -> Result<Show> {
    let behind = format!("{}{}", " ".repeat(of.span.end), view.question);
    match parse(&behind) {
        Ok(Statement::Show(show)) if show.view.is_none() => Ok(show),
        _ => Err(Error::new(
            ErrorKind::Refused,
            format!("the view {} cannot be read", view.name),
            Some(of.name.span.clone()),
        )
        .helped(format!("it is: {}", view.question))),
    }
}

/// A condition of the view gives way to those laid over it, dimension by dimension. One that cannot
/// be bound stays, to be told of.
fn is_replaced(names: Names, condition: &Condition, over: &Selection) -> bool {
    let own = Selection::bind_asked(names, std::slice::from_ref(condition));
    own.is_ok_and(|own| names.schema.all_dimensions().any(|id| own.names(id) && over.names(id)))
}

/// An error within a view points at the view's name.
pub(crate) fn pointed(error: Error, schema: &Schema, show: &Show) -> Error {
    let Some(of) = &show.view else { return error };
    match &error.span {
        Some(span) if span.start >= of.span.end => {
            let asked = schema.view(&of.name.text).map_or(String::new(), |view| view.question.clone());
            let label = if error.label.is_empty() { String::new() } else { format!("{}, ", error.label) };
            let label = format!("{label}in this view");
            Error { span: Some(of.name.span.clone()), label, ..error }.helped(format!("the view is: {asked}"))
        }
        _ => error,
    }
}
