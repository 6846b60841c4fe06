//! Selections that start from the cell they are asked for, bound to months and trees.

use super::name::Names;
use super::number::{named_number, number_names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Count, Relative, Span, TimeUnit};
use engine::calendar::{Grain, Month, Period};
use engine::dimension::{Dimension, Kind};
use engine::id::{DimensionId, MemberId};
use std::collections::BTreeSet;
use std::fmt::{Display, Formatter};

/// How a cell's own members of one dimension lead to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shift {
    pub along: DimensionId,
    pub lead: Lead,
}

/// Where members lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// So many months later, or earlier where negative.
    Months(i32),
    /// From the start of the grain to the end of the cell.
    ToDate(Grain),
    /// So many months up to the end of the cell.
    Trailing(i32),
    /// To the member above.
    Parent,
}

impl Display for Lead {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let many = |months: i32| format!("{months} {}", if months == 1 { "month" } else { "months" });
        match self {
            Lead::Months(months) if *months < 0 => write!(f, "{} earlier", many(-months)),
            Lead::Months(months) => write!(f, "{} later", many(*months)),
            Lead::ToDate(grain) => write!(f, "{} to date", grain.name()),
            Lead::Trailing(months) => write!(f, "the {} up to the cell", many(*months)),
            Lead::Parent => f.write_str("parent"),
        }
    }
}

impl Shift {
    /// Binds what was written.
    ///
    /// Errors: there is no time dimension; a count that is no whole number.
    pub fn bind(names: Names, relative: &Relative, span: &Span) -> Result<Self> {
        let Some(along) = names.schema.time() else {
            return Err(Error::new(ErrorKind::Refused, "the cube has no time dimension", Some(span.clone()))
                .labelled("earlier and later need periods"));
        };
        let lead = match relative {
            Relative::Shift { back, count, unit } => {
                let months = months(names, count, *unit, span)?;
                Lead::Months(if *back { -months } else { months })
            }
            Relative::ToDate(unit) => Lead::ToDate(grain(*unit)),
            Relative::Trailing { count, unit } => Lead::Trailing(months(names, count, *unit, span)?),
        };
        Ok(Shift { along, lead })
    }

    /// Where some coordinates of the time dimension lead.
    pub fn periods(self, time: &Dimension, from: &BTreeSet<u32>, fiscal: bool) -> BTreeSet<u32> {
        let period = |code: &u32| time.member(MemberId(*code)).period;
        match self.lead {
            Lead::Months(months) => from.iter().filter_map(|code| later(time, *code, months)).collect(),
            Lead::Parent => from.clone(),
            Lead::ToDate(_) | Lead::Trailing(_) => {
                let Some(last) = from.iter().filter_map(period).map(Period::last).max() else { return BTreeSet::new() };
                let first = match self.lead {
                    Lead::ToDate(grain) => start(time, last, grain, fiscal),
                    Lead::Trailing(months) => last - months + 1,
                    _ => last,
                };
                within(time, first, last, fiscal)
            }
        }
    }
}

/// The coordinate of the period so many months later, of the same length.
pub(crate) fn later(time: &Dimension, code: u32, months: i32) -> Option<u32> {
    let period = time.member(MemberId(code)).period?;
    if months % period.grain.months() != 0 {
        return None;
    }
    time.of_period(Period { first: period.first + months, ..period }).map(|member| member.0)
}

fn start(time: &Dimension, last: Month, grain: Grain, fiscal: bool) -> Month {
    match time.kind {
        Kind::Time(calendar) => calendar.period_of(last, grain, fiscal).first,
        _ => last,
    }
}

/// Months, and the own leaves of longer periods, that lie between two months.
fn within(time: &Dimension, first: Month, last: Month, fiscal: bool) -> BTreeSet<u32> {
    let inside = |code: &u32| {
        time.member(MemberId(*code)).period.is_some_and(|period| {
            let tree = period.grain == Grain::Month || period.fiscal == fiscal;
            tree && period.first >= first && period.last() <= last
        })
    };
    (0..time.len() as u32).filter(inside).collect()
}

fn grain(unit: TimeUnit) -> Grain {
    match unit {
        TimeUnit::Month => Grain::Month,
        TimeUnit::Quarter => Grain::Quarter,
        TimeUnit::Half => Grain::Half,
        TimeUnit::Year => Grain::Year,
    }
}

fn months(names: Names, count: &Count, unit: TimeUnit, span: &Span) -> Result<i32> {
    let (count, span) = match count {
        Count::One => (Some(1), span.clone()),
        Count::Number(count) => (i32::try_from(*count).ok(), span.clone()),
        Count::Named(name) => {
            let Some(number) = named_number(names, &name.text) else {
                let known: Vec<String> = number_names(names);
                return Err(super::name::unknown("number", &name.text, name.span.clone(), &known)
                    .helped(format!("`set {name} = 3;` gives a number this name")));
            };
            let whole = Some(number.units).filter(|_| number.scale == 0).and_then(|units| i32::try_from(units).ok());
            (whole, name.span.clone())
        }
    };
    let most = count.filter(|count| (-1200..=1200).contains(count));
    most.map(|count| count * grain(unit).months()).ok_or_else(|| {
        Error::new(ErrorKind::Refused, "so many periods cannot be counted", Some(span))
            .labelled("expected a whole number up to 1200")
    })
}
