//! `explain`: the plan of a question instead of its answer.

use super::context::Context;
use super::plan::Plan;
use super::question::Question;
use super::view;
use crate::answer::{List, Value};
use crate::bind::Names;
use crate::error::Result;
use crate::syntax::ast::Show;

/// The plan of a question, a line each.
pub(crate) fn explain(context: Context, show: &Show) -> Result<List> {
    let schema = context.snapshot.schema();
    let asked = view::expanded(schema, show)?;
    let question = Question::bind(Names::new(schema), &asked).map_err(|error| view::pointed(error, schema, show))?;
    let plan = Plan::of(context, &question, &asked).to_string();
    Ok(List {
        columns: vec!["plan".into()],
        rows: plan.lines().map(|line| vec![Value::Text(line.to_owned())]).collect(),
        notes: Vec::new(),
    })
}
