//! `explain`: the plan of a question instead of its answer.

use super::context::Context;
use super::layout;
use super::plan::Plan;
use super::question::Question;
use super::view;
use crate::answer::{List, Value};
use crate::bind::Names;
use crate::error::Result;
use crate::syntax::ast::Show;
use engine::aggregate::Means;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// The plan of a question, a line each; and, the question having been asked, how the engine answered it.
pub(crate) fn explain(context: Context, show: &Show) -> Result<List> {
    let schema = context.snapshot.schema();
    let asked = view::expanded(schema, show)?;
    let question = Question::bind(Names::new(schema), &asked).map_err(|error| view::pointed(error, schema, show))?;
    let plan = Plan::of(context, &question, &asked).to_string();
    let heard = Mutex::new(Vec::new());
    let start = Instant::now();
    layout::show(Context { means: Some(&heard), ..context }, show)?;
    let took = start.elapsed().as_secs_f64() * 1_000.0;
    let means = heard.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(List {
        columns: vec!["plan".into()],
        rows: plan.lines().map(|line| vec![Value::Text(line.to_owned())]).collect(),
        notes: vec![format!("answered in {took:.2} ms: {}", told(&means))],
    })
}

/// How requests were answered: what is alike together.
fn told(means: &[Means]) -> String {
    let mut told: Vec<(String, usize)> = Vec::new();
    for text in means.iter().map(sentence) {
        match told.iter_mut().find(|(known, _)| *known == text) {
            Some((_, times)) => *times += 1,
            None => told.push((text, 1)),
        }
    }
    let parts = told.into_iter().map(|(text, times)| if times == 1 { text } else { format!("{text}, {times} times") });
    parts.collect::<Vec<_>>().join("; ")
}

fn sentence(means: &Means) -> String {
    match means {
        Means::Kept => "by a roll-up of this grain".into(),
        Means::Derived(groups) => format!("from a finer roll-up of {groups} groups"),
        Means::Maintained(leaves) => format!("by a roll-up kept up over {leaves} changed leaves"),
        Means::Scanned { chunks: 0, .. } => "there are no facts".into(),
        Means::Scanned { chunks: 1, bytes } => format!("by a scan of one chunk, {}", size(*bytes)),
        Means::Scanned { chunks, bytes } => format!("by a scan of {chunks} chunks, {}", size(*bytes)),
    }
}

/// `12.3 MB` of columns that were read.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
