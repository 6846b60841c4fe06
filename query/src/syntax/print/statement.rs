//! Statements.

use std::fmt::{Display, Formatter, Result};

use super::name::Text;
use super::{clause, list, optional};
use crate::syntax::ast::{
    Arrangement, Body, Define, Described, History, Hold, Literal, MemberOrder, Name, OverTime, Release, Rollup, Seek,
    Statement,
};

impl Display for Arrangement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Arrangement::Levels(levels) => write!(f, "levels ({})", list(levels)),
            Arrangement::ParentChild => f.write_str("parent-child"),
        }
    }
}

impl Display for Rollup {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Rollup::Sum => "sum",
            Rollup::Min => "min",
            Rollup::Max => "max",
            Rollup::Average => "average",
            Rollup::None => "none",
        })
    }
}

impl Display for OverTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            OverTime::Last => "last",
            OverTime::Closing => "closing",
            OverTime::First => "first",
            OverTime::Average => "average",
        })
    }
}

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Statement::CreateDimension { .. }
            | Statement::CreateTime { .. }
            | Statement::CreateScenario { .. }
            | Statement::CreateMeasure { .. }
            | Statement::AddMember { .. } => model(self, f),
            Statement::AddDimension { .. }
            | Statement::AddLevel { .. }
            | Statement::CreateHierarchy { .. }
            | Statement::MoveMember { .. }
            | Statement::RenameMember { .. }
            | Statement::DropMember(_)
            | Statement::OrderMembers { .. } => edit(self, f),
            Statement::Define(define) => define.fmt(f),
            Statement::SetNumber { name, value } => write!(f, "set {name} = {value}"),
            Statement::Load(load) => load.fmt(f),
            Statement::Export(export) => export.fmt(f),
            Statement::Show(show) => show.fmt(f),
            Statement::Explain(show) => write!(f, "explain {show}"),
            Statement::SaveView { name, show } => write!(f, "save view {name} as {show}"),
            Statement::DropView(name) => write!(f, "drop view {name}"),
            Statement::Views => f.write_str("views"),
            Statement::Change(change) => change.fmt(f),
            Statement::Preview(change) => write!(f, "preview {change}"),
            Statement::Use(scenario) => write!(f, "use {scenario}"),
            Statement::Branch { name, from, because } => {
                write!(f, "branch {name} from {from}")?;
                optional(f, "because", because.as_deref().map(Text))
            }
            Statement::Compare(compare) => compare.fmt(f),
            Statement::Merge(merge) => merge.fmt(f),
            Statement::PreviewMerge(merge) => write!(f, "preview {merge}"),
            Statement::Backup { file, .. } => write!(f, "backup to {}", Text(file)),
            Statement::Hash(conditions) if conditions.is_empty() => f.write_str("hash"),
            Statement::Hash(conditions) => write!(f, "hash {}", list(conditions)),
            Statement::Drop(name) => write!(f, "drop {name}"),
            Statement::Lock(conditions) => write!(f, "lock {}", list(conditions)),
            Statement::Unlock(conditions) => write!(f, "unlock {}", list(conditions)),
            Statement::Undo(steps) => write!(f, "undo {steps}"),
            Statement::Redo(steps) => write!(f, "redo {steps}"),
            Statement::History(history) => history.fmt(f),
            Statement::Revert { operation, because } => {
                write!(f, "revert {operation}")?;
                optional(f, "because", because.as_deref().map(Text))
            }
            Statement::Trace { measure, conditions } => {
                write!(f, "trace {measure}")?;
                clause(f, "where", conditions)
            }
            Statement::Hold(hold) => hold.fmt(f),
            Statement::Release(Release::Number(number)) => write!(f, "release {number}"),
            Statement::Release(Release::Of(measure, conditions)) => {
                write!(f, "release {measure}")?;
                clause(f, "where", conditions)
            }
            Statement::Holds => f.write_str("holds"),
            Statement::Seek(seek) => seek.fmt(f),
            Statement::Describe(Described::Cube) => f.write_str("describe"),
            Statement::Describe(Described::Named(path)) => write!(f, "describe {path}"),
            Statement::Members(dimension) => write!(f, "members of {dimension}"),
            Statement::Begin => f.write_str("begin"),
            Statement::Commit => f.write_str("commit"),
            Statement::Rollback => f.write_str("rollback"),
        }
    }
}

impl Display for History {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        // Behind a name, `like` would be a pattern of the selection.
        f.write_str("history")?;
        optional(f, "by", self.author.as_deref().map(Text))?;
        optional(f, "like", self.like.as_deref().map(Text))?;
        clause(f, "where", &self.conditions)
    }
}

impl Display for Hold {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let total = if self.total { "total " } else { "" };
        write!(f, "hold {total}{}", self.measure)?;
        clause(f, "where", &self.conditions)?;
        optional(f, "because", self.because.as_deref().map(Text))
    }
}

impl Display for Seek {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "seek {} so that {}", self.name, self.equation)?;
        clause(f, "where", &self.conditions)?;
        optional(f, "between", self.between.as_ref().map(|(low, high)| format!("{low} and {high}")))
    }
}

impl Display for Body {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Body::Formula(expr) => expr.fmt(f),
            Body::Through { parts, then } => {
                parts.iter().try_for_each(|(member, last)| write!(f, "{member} through {last} then "))?;
                then.fmt(f)
            }
        }
    }
}

impl Display for Define {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "define {} = {}", self.name, self.body)?;
        if self.at_leaves {
            f.write_str(" at leaves")?;
        }
        optional(f, "unit", self.unit.as_deref().map(Text))?;
        optional(f, "format", self.format.as_deref().map(Text))?;
        optional(f, "favours", self.favours_higher.map(|up| if up { "higher" } else { "lower" }))
    }
}

/// Statements that make the model.
fn model(statement: &Statement, f: &mut Formatter<'_>) -> Result {
    match statement {
        Statement::CreateDimension { name, arrangement, leaves_only } => {
            let leaves = if *leaves_only { " leaves only" } else { "" };
            write!(f, "create dimension {name} {arrangement}{leaves}")
        }
        Statement::CreateTime { name, weeks, first, last, fiscal_start } => {
            let leaves = if *weeks { "weeks" } else { "months" };
            write!(f, "create time dimension {name} {leaves} {first}..{last}")?;
            optional(f, "fiscal start", fiscal_start.as_ref())
        }
        Statement::CreateScenario { names } => write!(f, "create scenario {}", list(names)),
        Statement::CreateMeasure { name, decimals, rollup, over_time, unit, format, favours_higher } => {
            write!(f, "create measure {name} decimal({decimals})")?;
            if let Some(rollup) = rollup {
                write!(f, " {rollup}")?;
            }
            if let Some((rule, time)) = over_time {
                write!(f, " {rule} over {time}")?;
            }
            optional(f, "unit", unit.as_deref().map(Text))?;
            optional(f, "format", format.as_deref().map(Text))?;
            optional(f, "favours", favours_higher.map(|up| if up { "higher" } else { "lower" }))
        }
        Statement::AddMember { name, to, under, weight, attributes } => {
            write!(f, "add member {name} to {to}")?;
            optional(f, "under", under.as_ref())?;
            optional(f, "weight", weight.as_ref())?;
            let pairs: Vec<Pair<'_>> = attributes.iter().map(Pair).collect();
            clause(f, "with", &pairs)
        }
        _ => Ok(()),
    }
}

/// Statements that change a model that is there.
fn edit(statement: &Statement, f: &mut Formatter<'_>) -> Result {
    match statement {
        Statement::AddDimension { name, arrangement, leaves_only, default } => {
            let leaves = if *leaves_only { " leaves only" } else { "" };
            write!(f, "add dimension {name} {arrangement}{leaves}")?;
            optional(f, "default", default.as_ref())
        }
        Statement::CreateHierarchy { name, on, levels } => {
            write!(f, "create hierarchy {name} on {on} levels ({})", list(levels))
        }
        Statement::AddLevel { level, to, above, beside, default } => {
            let side = if *above { "above" } else { "below" };
            write!(f, "add level {level} to {to} {side} {beside}")?;
            optional(f, "default", default.as_ref())
        }
        Statement::MoveMember { member, to, under } => {
            write!(f, "move member {member}")?;
            optional(f, "to", to.as_ref())?;
            optional(f, "under", under.as_ref())
        }
        Statement::RenameMember { member, name } => write!(f, "rename member {member} to {name}"),
        Statement::DropMember(member) => write!(f, "drop member {member}"),
        Statement::OrderMembers { of, by } => {
            let by = match by {
                MemberOrder::Loaded => "loaded",
                MemberOrder::Name => "name",
                MemberOrder::Key => "key",
            };
            write!(f, "order members of {of} by {by}")
        }
        _ => Ok(()),
    }
}

/// `priority = 1`
struct Pair<'a>(&'a (Name, Literal));

impl Display for Pair<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} = {}", self.0.0, self.0.1)
    }
}
