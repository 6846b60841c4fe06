//! Selections.

use std::fmt::{Display, Formatter, Result};

use super::list;
use super::name::Text;
use crate::syntax::ast::{Below, Comparison, Condition, Count, Literal, Relative, TimeUnit, Value};

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
        })
    }
}

impl Display for Below {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self {
            Below::Children => "children",
            Below::Leaves => "leaves",
            Below::Descendants => "descendants",
        })
    }
}

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Value::Path(path) => path.fmt(f),
            Value::Literal(Literal::Number(number)) if is_year(&number.to_string()) => {
                write!(f, "{}_{:03}", number.units / 1000, number.units % 1000)
            }
            Value::Literal(literal) => literal.fmt(f),
        }
    }
}

/// Whether a number would be read as a year where a name may stand.
fn is_year(digits: &str) -> bool {
    digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Condition::Named(path) => path.fmt(f),
            Condition::Level(path) => write!(f, "level {path}"),
            Condition::Range(first, last) => write!(f, "{first}..{last}"),
            Condition::Below(which, path) => write!(f, "{which} of {path}"),
            Condition::Relative(relative, _) => relative.fmt(f),
            Condition::In { subject, items, negated, .. } => {
                write!(f, "{subject}{} in ({})", not(*negated), list(items))
            }
            Condition::Except { base, out, .. } => match out.as_slice() {
                [one] if !matches!(one, Condition::Except { .. }) => write!(f, "{base} except {one}"),
                several => write!(f, "{base} except ({})", list(several)),
            },
            Condition::Compare { subject, comparison, value, .. } => {
                write!(f, "{subject} {comparison} {value}")
            }
            Condition::Like { subject, pattern, negated, .. } => {
                write!(f, "{subject}{} like {}", not(*negated), Text(pattern))
            }
        }
    }
}

impl Display for Relative {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Relative::Shift { back, count, unit } => {
                write!(f, "{} {}", if *back { "prev" } else { "next" }, Counted(count, *unit))
            }
            Relative::ToDate(TimeUnit::Year) => f.write_str("ytd"),
            Relative::ToDate(TimeUnit::Half) => f.write_str("htd"),
            Relative::ToDate(TimeUnit::Quarter) => f.write_str("qtd"),
            Relative::ToDate(_) => f.write_str("mtd"),
            Relative::Trailing { count, unit } => write!(f, "trailing {}", Counted(count, *unit)),
        }
    }
}

/// `year`, `3 months`, `slip months`
struct Counted<'a>(&'a Count, TimeUnit);

impl Display for Counted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (one, many) = match self.1 {
            TimeUnit::Week => ("week", "weeks"),
            TimeUnit::Month => ("month", "months"),
            TimeUnit::Quarter => ("quarter", "quarters"),
            TimeUnit::Half => ("half", "halves"),
            TimeUnit::Year => ("year", "years"),
        };
        match self.0 {
            Count::One => f.write_str(one),
            Count::Number(count) => write!(f, "{count} {many}"),
            Count::Named(name) => write!(f, "{name} {many}"),
        }
    }
}

fn not(negated: bool) -> &'static str {
    if negated { " not" } else { "" }
}
