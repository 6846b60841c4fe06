//! `save view`, `drop view` and `views`.

use super::changed::Changed;
use crate::answer::{Answer, List, Value};
use crate::bind::Names;
use crate::error::Result;
use crate::show::{expanded, refuse_question, view};
use crate::syntax::ast::{Name, Show};
use engine::cube::Draft;
use engine::schema::{Schema, View};

/// Drafts a view, or another question under the name of one.
///
/// Errors: those of the question itself.
pub(super) fn save(schema: &Schema, name: &Name, show: &Show, draft: &mut Draft) -> Result<Changed> {
    let question = expanded(schema, show)?;
    refuse_question(Names::new(schema), &question)?;
    let known = schema.view(&name.text).is_some();
    draft.schema(schema.with_view(View { name: name.text.clone(), question: question.to_string() }))?;
    Ok(Changed::noted(format!("view {name} {}", if known { "replaced" } else { "saved" })))
}

/// Drafts the end of a view.
pub(super) fn drop_view(schema: &Schema, name: &Name, draft: &mut Draft) -> Result<Changed> {
    let view = view(schema, name)?;
    draft.schema(schema.without_view(&view.name))?;
    Ok(Changed::noted(format!("view {name} dropped")))
}

/// All views with their questions.
pub(super) fn views(schema: &Schema) -> Answer {
    let row = |view: &View| vec![Value::Text(view.name.clone()), Value::Text(view.question.clone())];
    let rows = schema.views().iter().map(row).collect();
    Answer::List(List { columns: vec!["view".into(), "question".into()], rows, notes: Vec::new() })
}
