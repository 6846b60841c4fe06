//! Changes, loads and exports.

use std::fmt::{Display, Formatter, Result};

use super::name::Text;
use super::{Joined, clause, list, optional};
use crate::syntax::ast::{
    Amount, Change, Curve, Demand, Demanded, Export, Exported, Literal, Load, Mapping, Margin, Method, OnDuplicate,
    Phasing, Until, Verb, Wide,
};

impl Display for Amount {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Amount::Absolute(number) | Amount::Share(number) => number.fmt(f),
        }
    }
}

impl Display for Verb {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Verb::Set { measure, to } => write!(f, "set {measure} to {to}"),
            Verb::Add { amount, measure } => write!(f, "add {amount} to {measure}"),
            Verb::Move { amount, measure, from, to } => {
                write!(f, "move {amount} {measure} from {} to {}", list(from), list(to))
            }
            Verb::Copy { measure, from, to, times } => {
                write!(f, "copy {measure} from {} to {}", list(from), list(to))?;
                optional(f, "times", times.as_ref())
            }
            Verb::Clear { measure } => write!(f, "clear {measure}"),
            Verb::Fill { measure, with } => write!(f, "fill {measure} with {with}"),
            Verb::Allocate { measure, from, across } => {
                write!(f, "allocate {measure} from {} across {}", list(from), list(across))
            }
            Verb::Ramp { measure, from, to } => write!(f, "ramp {measure} from {from} to {to}"),
            Verb::Fit { measure, margins } => write!(f, "fit {measure} to {}", Joined(margins, " and ")),
            Verb::Solve { measure } => write!(f, "solve {measure}"),
        }
    }
}

impl Display for Method {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Method::Proportionally => f.write_str("proportionally"),
            Method::Equally { over_all: false } => f.write_str("equally"),
            Method::Equally { over_all: true } => f.write_str("equally over all"),
            Method::By(expr) => write!(f, "by {expr}"),
            Method::Like(conditions) => write!(f, "like {}", list(conditions)),
            Method::Unspread => f.write_str("unspread"),
        }
    }
}

impl Display for Margin {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let targets: Vec<String> = self.targets.iter().map(|(member, total)| format!("{member} = {total}")).collect();
        write!(f, "by {} ({})", self.by, targets.join(", "))
    }
}

impl Display for Curve {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Curve::Linear => "linear",
            Curve::SCurve => "s-curve",
            Curve::Growth => "growth",
        })
    }
}

impl Display for Phasing {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Phasing::Equally => f.write_str("equally"),
            Phasing::Front => f.write_str("front"),
            Phasing::Back => f.write_str("back"),
            Phasing::SCurve => f.write_str("s-curve"),
            Phasing::Growth(rate) => write!(f, "growth {rate}"),
            Phasing::Like(conditions) => write!(f, "like {}", list(conditions)),
            Phasing::Weights(level, weights) => write!(f, "by {level} ({})", list(weights)),
        }
    }
}

impl Display for Demand {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {} {}", self.of, self.comparison, self.value)
    }
}

impl Display for Demanded {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let part = |conditions| Joined(conditions, " and ");
        match self {
            Demanded::Part(conditions) if conditions.is_empty() => f.write_str("total"),
            Demanded::Part(conditions) => write!(f, "total where {}", part(conditions)),
            Demanded::Each(item, conditions) if conditions.is_empty() => write!(f, "each {item}"),
            Demanded::Each(item, conditions) => write!(f, "each {item} where {}", part(conditions)),
        }
    }
}

impl Display for Change {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.verb.fmt(f)?;
        clause(f, "where", &self.conditions)?;
        if let Some((method, _)) = &self.method {
            write!(f, " {method}")?;
        }
        optional(f, "phased", self.phased.as_ref().map(|(phasing, _)| phasing))?;
        if let Some((curve, _)) = &self.curve {
            write!(f, " {curve}")?;
        }
        clause(f, "so that", &self.demands)?;
        clause(f, "holding", &self.holding)?;
        optional(f, "step", self.step.as_ref())?;
        if self.allow_negative {
            f.write_str(" allow negative")?;
        }
        optional(f, "because", self.because.as_deref().map(Text))
    }
}

impl Display for Mapping {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} -> {}", self.column, self.target)?;
        unless(f, &self.unless)
    }
}

impl Display for Wide {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.first.fmt(f)?;
        match &self.until {
            Until::Itself => {}
            Until::End => f.write_str("..")?,
            Until::Column(last) => write!(f, "..{last}")?,
        }
        write!(f, " -> {} as {}", self.target, self.measure)?;
        unless(f, &self.unless)
    }
}

/// ` unless 0 or '-'`
fn unless(f: &mut Formatter<'_>, nothing: &[Literal]) -> Result {
    let written: Vec<String> = nothing.iter().map(ToString::to_string).collect();
    if written.is_empty() { Ok(()) } else { write!(f, " unless {}", written.join(" or ")) }
}

impl Display for OnDuplicate {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            OnDuplicate::Add => "add",
            OnDuplicate::Last => "last",
            OnDuplicate::Reject => "reject",
        })
    }
}

impl Display for Load {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("load ")?;
        if let Some(dimension) = &self.members_of {
            write!(f, "members of {dimension} from ")?;
        }
        Text(&self.file).fmt(f)?;
        optional(f, "into", self.into.as_ref())?;
        if !(self.mapping.is_empty() && self.wide.is_empty()) {
            let columns = self.mapping.iter().map(ToString::to_string);
            write!(
                f,
                " ({})",
                columns.chain(self.wide.iter().map(ToString::to_string)).collect::<Vec<_>>().join(", ")
            )?;
        }
        if self.creating_members {
            f.write_str(" creating members")?;
        }
        optional(f, "skipping errors to", self.skipping_errors.as_deref().map(Text))?;
        optional(f, "on duplicate", self.on_duplicate)?;
        if let Some(conditions) = &self.replace {
            f.write_str(" replace")?;
            clause(f, "where", conditions)?;
        }
        optional(f, "because", self.because.as_deref().map(Text))
    }
}

impl Display for Export {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.what {
            Exported::Answer(show) => write!(f, "export ({show})")?,
            Exported::Journal => f.write_str("export journal")?,
            Exported::Facts(conditions) => write!(f, "export {}", list(conditions))?,
        }
        write!(f, " to {}", Text(&self.file))
    }
}
