//! `explain`: how a question is answered, as a tree.

use super::context::Context;
use super::layout::Question;
use crate::answer::{List, Value};
use crate::bind::Names;
use crate::error::Result;
use crate::syntax::ast::Show;
use engine::id::MemberId;

/// The plan of a question, a line each.
pub(crate) fn explain(context: Context, show: &Show) -> Result<List> {
    let schema = context.snapshot.schema();
    let question = Question::bind(Names::new(schema), show)?;
    let mut lines = vec!["show".to_owned()];
    for (place, item) in question.items.iter().enumerate() {
        let axis = if place < question.by { "rows" } else { "columns" };
        let visible = item.elements.iter().filter(|element| element.visible).count();
        let dimension = &schema.dimension(item.dimension).name;
        lines.push(format!("├─ {axis}: {} of {dimension}, {visible} elements", item.name));
    }
    for pick in &question.filter.picks {
        let dimension = schema.dimension(pick.dimension);
        let all = dimension.leaves(MemberId::ROOT);
        let inside = |leaf: &&MemberId| pick.leaves.as_ref().is_none_or(|leaves| !leaves[leaf.index()].is_zero());
        let count = all.iter().filter(inside).count();
        lines.push(format!("├─ where {}: {count} of {} leaves", dimension.name, all.len()));
    }
    for term in question.terms.all() {
        let measure = term.measure().and_then(|id| schema.measure(id)).map_or("a formula", |measure| &measure.name);
        let over = term.selection.picks.iter().map(|pick| schema.dimension(pick.dimension).name.clone());
        let over: Vec<String> = over.collect();
        let over = if over.is_empty() { String::new() } else { format!(", replacing {}", over.join(", ")) };
        lines.push(format!("├─ aggregate {measure}{over}"));
    }
    let (bytes, chunks) = context.snapshot.size();
    lines.push(format!("└─ scan {} facts in {chunks} chunks, {bytes} bytes", context.snapshot.facts()));
    Ok(List {
        columns: vec!["plan".into()],
        rows: lines.into_iter().map(|line| vec![Value::Text(line)]).collect(),
        notes: Vec::new(),
    })
}
