//! How a question is answered, as a tree.

use super::context::Context;
use super::question::Question;
use super::term::{Kind, Term};
use crate::bind::{Lead, Selection, Shift, Source};
use crate::syntax::ast::{Expr, Show};
use engine::id::MemberId;
use engine::rollup::Outline;
use engine::schema::Schema;
use std::fmt::{Display, Formatter, Result};

/// A step of the plan and what it is fed by, drawn as
///
/// ```text
/// top 10 by gap per division, with others
/// └─ having gap > 0
///    └─ pivot: rows division (4), department (12); columns scenario (3)
///       ├─ aggregate: cost, revenue; where period 12 of 48 leaves
///       │  └─ scan: 154005 facts in 4 chunks, 1024 bytes
///       └─ aggregate: cost; replacing project; read at 12 months earlier
///          └─ scan: 154005 facts in 4 chunks, 1024 bytes
/// ```
///
/// `order`, `rows` (`rank` and `running`) and `totals` are steps too, where the question has them.
pub(super) struct Plan {
    step: Step,
    sources: Vec<Plan>,
}

/// One step.
enum Step {
    /// `rank` and `running`, over the rows in their order.
    Rows(Vec<String>),
    /// Totals put behind their rows.
    Totals,
    /// `order by`
    Order(Vec<String>),
    /// `top` or `bottom`
    Take(String),
    /// `having`
    Having(String),
    /// Formulas over measures, then over members, at every position.
    Pivot { rows: Vec<String>, columns: Vec<String> },
    /// One request to the engine.
    Aggregate { of: Vec<String>, filters: Vec<String>, replaced: Vec<String>, leads: Vec<String> },
    /// The facts read.
    Scan { facts: usize, chunks: usize, bytes: usize },
}

impl Plan {
    /// The plan of a bound question.
    pub fn of(context: Context, question: &Question, show: &Show) -> Plan {
        let mut plan = Plan { step: pivot(context.snapshot.schema(), question), sources: requests(context, question) };
        let mut on_top = |step: Option<Step>| {
            if let Some(step) = step {
                let below = std::mem::replace(&mut plan, Plan { step, sources: Vec::new() });
                plan.sources.push(below);
            }
        };
        on_top(show.having.as_ref().map(|having| Step::Having(having.to_string())));
        let others = if show.others { ", with others" } else { "" };
        on_top(show.limit.as_ref().map(|limit| Step::Take(format!("{limit}{others}"))));
        on_top((!show.order.is_empty()).then(|| Step::Order(show.order.iter().map(ToString::to_string).collect())));
        on_top(show.totals.then_some(Step::Totals));
        on_top(over_rows(show));
        plan
    }

    fn draw(&self, f: &mut Formatter<'_>, first: &str, rest: &str) -> Result {
        writeln!(f, "{first}{}", self.step)?;
        let count = self.sources.len();
        self.sources.iter().enumerate().try_for_each(|(place, source)| {
            let (own, below) = if place + 1 < count { ("├─ ", "│  ") } else { ("└─ ", "   ") };
            source.draw(f, &format!("{rest}{own}"), &format!("{rest}{below}"))
        })
    }
}

impl Display for Plan {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.draw(f, "", "")
    }
}

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Step::Rows(functions) => write!(f, "over rows: {}", functions.join(", ")),
            Step::Totals => f.write_str("with totals"),
            Step::Order(keys) => write!(f, "order by {}", keys.join(", ")),
            Step::Take(limit) => f.write_str(limit),
            Step::Having(condition) => write!(f, "having {condition}"),
            Step::Pivot { rows, columns } => {
                let parts: Vec<String> = [("rows", rows), ("columns", columns)]
                    .into_iter()
                    .filter(|(_, items)| !items.is_empty())
                    .map(|(axis, items)| format!("{axis} {}", items.join(", ")))
                    .collect();
                let cells = if parts.is_empty() { "one cell".to_owned() } else { parts.join("; ") };
                write!(f, "pivot: {cells}")
            }
            Step::Aggregate { of, filters, replaced, leads } => {
                write!(f, "aggregate: {}", of.join(", "))?;
                let parts = [("where", filters), ("replacing", replaced), ("read at", leads)];
                let mut some = parts.iter().filter(|(_, words)| !words.is_empty());
                some.try_for_each(|(what, words)| write!(f, "; {what} {}", words.join(", ")))
            }
            Step::Scan { facts, chunks, bytes } => write!(f, "scan: {facts} facts in {chunks} chunks, {bytes} bytes"),
        }
    }
}

fn pivot(schema: &Schema, question: &Question) -> Step {
    let item = |item: &super::axis::Item| {
        let visible = item.elements.iter().filter(|element| element.visible).count();
        let of = &schema.dimension(item.dimension).name;
        let of = if of.eq_ignore_ascii_case(&item.name) { String::new() } else { format!(" of {of}") };
        format!("{}{of} ({visible})", item.name)
    };
    let (rows, columns) = question.items.split_at(question.by);
    Step::Pivot { rows: rows.iter().map(item).collect(), columns: columns.iter().map(item).collect() }
}

/// The functions over rows in what is shown.
fn over_rows(show: &Show) -> Option<Step> {
    let looks = |expr: &Expr| expr.any(&|part| matches!(part, Expr::OverRows { .. }));
    let shown: Vec<String> =
        show.shown.iter().filter(|shown| looks(&shown.expr)).map(|shown| shown.expr.to_string()).collect();
    (!shown.is_empty()).then_some(Step::Rows(shown))
}

/// The requests to the engine, terms under one selection together.
fn requests(context: Context, question: &Question) -> Vec<Plan> {
    let schema = context.snapshot.schema();
    let mut groups: Vec<Vec<&Term>> = Vec::new();
    for term in question.terms.all() {
        match groups.iter_mut().find(|group| group[0].selection == term.selection) {
            Some(group) => group.push(term),
            None => groups.push(vec![term]),
        }
    }
    let request = |group: &Vec<&Term>| {
        let Outline { facts, chunks, bytes } = context.snapshot.outline();
        let scan = Plan { step: Step::Scan { facts, chunks, bytes }, sources: Vec::new() };
        Plan { step: aggregate(schema, question, group), sources: vec![scan] }
    };
    groups.iter().map(request).collect()
}

fn aggregate(schema: &Schema, question: &Question, group: &[&Term]) -> Step {
    let own = &group[0].selection;
    let selection = question.filter.overlaid(own);
    let name = |term: &&Term| match &term.kind {
        Kind::Measure(id) => schema.measure(*id).map_or(String::new(), |measure| measure.name.clone()),
        Kind::Count(id, _) => format!("count of {}", schema.dimension(*id).name),
        Kind::Over(over) => format!("a value for each {}", over.item.name),
        Kind::AtLeaves(formula) => format!("{} at leaves", formula.name),
    };
    let filter = |pick: &crate::bind::Pick| {
        let dimension = schema.dimension(pick.dimension);
        let all = dimension.leaves(MemberId::ROOT);
        let inside = |leaf: &&MemberId| pick.leaves.as_ref().is_none_or(|leaves| !leaves[leaf.index()].is_zero());
        format!("{} {} of {} leaves", dimension.name, all.iter().filter(inside).count(), all.len())
    };
    Step::Aggregate {
        of: group.iter().map(name).collect(),
        filters: selection.picks.iter().map(filter).collect(),
        replaced: own.picks.iter().map(|pick| schema.dimension(pick.dimension).name.clone()).collect(),
        leads: leads(schema, &selection),
    }
}

/// Where a request reads other cells than those shown: earlier ones, those above, scenarios laid together.
fn leads(schema: &Schema, selection: &Selection) -> Vec<String> {
    let laid = selection.composite.as_ref().map(|composite| {
        let name = |source: &Source| schema.scenarios().member(source.scenario).name.as_str();
        let sources: Vec<&str> = composite.sources.iter().map(name).collect();
        format!("{} laid together from {}", composite.name, sources.join(", "))
    });
    let shift = |shift: &Shift| match shift.lead {
        Lead::Parent => format!("{} = parent", schema.dimension(shift.along).name),
        lead => lead.to_string(),
    };
    selection.shifts.iter().map(shift).chain(laid).collect()
}
