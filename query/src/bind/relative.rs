//! Selections that start from the cell they are asked for, bound to months and trees.

use super::name::Names;
use super::number::{named_number, number_names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Count, Relative, Span, TimeUnit};
use engine::calendar::{Grain, Moment, Month, Period, Week};
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
    /// So much later, or earlier where negative.
    Later(Distance),
    /// From the start of the grain to the end of the cell.
    ToDate(Grain),
    /// So much, up to the end of the cell.
    Trailing(Distance),
    /// To the member above.
    Parent,
}

impl Display for Lead {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        match self {
            Lead::Later(distance) if distance.months < 0 || distance.weeks < 0 => {
                write!(f, "{} earlier", distance.backwards())
            }
            Lead::Later(distance) => write!(f, "{distance} later"),
            Lead::ToDate(grain) => write!(f, "{} to date", grain.name()),
            Lead::Trailing(distance) => write!(f, "the {distance} up to the cell"),
            Lead::Parent => f.write_str("parent"),
        }
    }
}

impl Display for Distance {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let many = |count: i32, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
        match self.weeks {
            0 => f.write_str(&many(self.months, "month")),
            weeks => f.write_str(&many(weeks, "week")),
        }
    }
}

/// How far one period lies from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Distance {
    pub months: i32,
    pub weeks: i32,
}

impl Distance {
    fn backwards(self) -> Self {
        Distance { months: -self.months, weeks: -self.weeks }
    }

    pub fn plus(self, other: Self) -> Self {
        Distance { months: self.months + other.months, weeks: self.weeks + other.weeks }
    }

    pub fn minus(self, other: Self) -> Self {
        self.plus(other.backwards())
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
                let distance = distance(names, along, count, *unit, span)?;
                Lead::Later(if *back { distance.backwards() } else { distance })
            }
            Relative::ToDate(unit) => Lead::ToDate(grain(*unit)),
            Relative::Trailing { count, unit } => Lead::Trailing(distance(names, along, count, *unit, span)?),
        };
        Ok(Shift { along, lead })
    }

    /// Where some coordinates of the time dimension lead.
    pub fn periods(self, time: &Dimension, from: &BTreeSet<u32>, fiscal: bool) -> BTreeSet<u32> {
        match self.lead {
            Lead::Later(distance) if distance.weeks == 0 => by_months(time, from, distance.months),
            Lead::Later(distance) => from.iter().filter_map(|code| later(time, *code, distance)).collect(),
            Lead::Parent => from.clone(),
            Lead::ToDate(_) | Lead::Trailing(_) => {
                let period = |code: &u32| time.member(MemberId(*code)).period;
                let Some(last) = from.iter().filter_map(period).map(Period::end).max() else { return BTreeSet::new() };
                let first = match self.lead {
                    Lead::ToDate(grain) => (start(time, last.0, grain, fiscal), 0),
                    Lead::Trailing(distance) => trailing(last, distance),
                    _ => last,
                };
                within(time, first, last, fiscal)
            }
        }
    }
}

/// The coordinate of the period so much later, of the same length. A week keeps its place in the year,
/// half, quarter or month of which the distance is made.
pub(crate) fn later(time: &Dimension, code: u32, distance: Distance) -> Option<u32> {
    let period = time.member(MemberId(code)).period?;
    let moved = match (period.grain, distance.weeks) {
        (Grain::Week, 0) => week_later(period, distance.months)?,
        (Grain::Week, weeks) if distance.months == 0 => Period::of_week(period.first_week() + weeks),
        (grain, 0) if distance.months % grain.months() == 0 => {
            Period { first: period.first + distance.months, ..period }
        }
        _ => return None,
    };
    time.of_period(moved).map(|member| member.0)
}

/// The longest grain that a number of months is made of.
fn unit_of(months: i32) -> Grain {
    let made_of = |grain: &&Grain| months % grain.months() == 0;
    Grain::ALL.iter().find(made_of).copied().unwrap_or(Grain::Month)
}

/// The calendar's period that holds a period, moved by some months.
fn around(period: Period, grain: Grain, months: i32) -> Period {
    let first = period.first.div_euclid(grain.months()) * grain.months() + months;
    Period { grain, first, fiscal: false, week: 0 }
}

/// The week of the same place some months later; none where there is no such place.
fn week_later(week: Period, months: i32) -> Option<Period> {
    let unit = unit_of(months);
    let place = week.first_week() - around(week, unit, 0).first_week();
    let target = around(week, unit, months);
    Some(target.first_week() + place).filter(|moved| *moved <= target.last_week()).map(Period::of_week)
}

/// Coordinates some months later. Weeks that make up a whole month, quarter, half or year lead to the
/// whole of another, however many weeks that has.
fn by_months(time: &Dimension, from: &BTreeSet<u32>, months: i32) -> BTreeSet<u32> {
    let distance = Distance { months, weeks: 0 };
    let week = |code: &u32| time.member(MemberId(*code)).period.filter(|period| period.grain == Grain::Week);
    let weeks: BTreeSet<Week> = from.iter().filter_map(week).map(Period::first_week).collect();
    let is_whole = |period: &Period| (period.first_week()..=period.last_week()).all(|week| weeks.contains(&week));
    let whole = |code: &u32| {
        let (week, unit) = (week(code)?, unit_of(months));
        let grains = Grain::ALL.iter().filter(|grain| **grain >= unit && **grain != Grain::Week);
        let found = grains.map(|grain| around(week, *grain, 0)).find(is_whole)?;
        Some(around(week, found.grain, months))
    };
    let (mut found, mut wholes) = (BTreeSet::new(), BTreeSet::new());
    for code in from {
        match whole(code) {
            Some(period) => {
                wholes.insert((period.first_week(), period.last_week()));
            }
            None => found.extend(later(time, *code, distance)),
        }
    }
    let of_week = |week| time.of_period(Period::of_week(week)).map(|member| member.0);
    found.extend(wholes.into_iter().flat_map(|(first, last)| (first..=last).filter_map(of_week)));
    found
}

/// Where so much up to a moment starts.
fn trailing(last: Moment, distance: Distance) -> Moment {
    if distance.weeks == 0 {
        return (last.0 - distance.months + 1, 0);
    }
    let month = Period { grain: Grain::Month, first: last.0, fiscal: false, week: 0 };
    let week = (month.first_week() + i32::from(last.1)).min(month.last_week());
    Period::of_week(week - distance.weeks + 1).start()
}

fn start(time: &Dimension, last: Month, grain: Grain, fiscal: bool) -> Month {
    match time.kind {
        Kind::Time(calendar) => calendar.period_of(last, grain, fiscal).first,
        _ => last,
    }
}

/// Months and weeks, and the own leaves of longer periods, that lie between two moments.
fn within(time: &Dimension, first: Moment, last: Moment, fiscal: bool) -> BTreeSet<u32> {
    let inside = |code: &u32| {
        time.member(MemberId(*code)).period.is_some_and(|period| {
            (period.grain.is_shared() || period.fiscal == fiscal) && period.is_within(first, last)
        })
    };
    (0..time.len() as u32).filter(inside).collect()
}

/// Whether the calendar goes on to weeks.
pub(crate) fn has_weeks(time: &Dimension) -> bool {
    matches!(time.kind, Kind::Time(calendar) if calendar.weeks.is_some())
}

fn grain(unit: TimeUnit) -> Grain {
    match unit {
        TimeUnit::Week => Grain::Week,
        TimeUnit::Month => Grain::Month,
        TimeUnit::Quarter => Grain::Quarter,
        TimeUnit::Half => Grain::Half,
        TimeUnit::Year => Grain::Year,
    }
}

fn distance(names: Names, along: DimensionId, count: &Count, unit: TimeUnit, span: &Span) -> Result<Distance> {
    let time = names.schema.dimension(along);
    if unit == TimeUnit::Week && !has_weeks(time) {
        return Err(Error::new(ErrorKind::Refused, format!("{} has months, no weeks", time.name), Some(span.clone()))
            .labelled("expected months, quarters, halves or years")
            .helped("weeks need a calendar made of them: create time dimension … weeks 2026-W01..2026-W53"));
    }
    let count = whole_number(names, count, span)?;
    Ok(match unit {
        TimeUnit::Week => Distance { months: 0, weeks: count },
        unit => Distance { months: count * grain(unit).months(), weeks: 0 },
    })
}

fn whole_number(names: Names, count: &Count, span: &Span) -> Result<i32> {
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
    most.ok_or_else(|| {
        Error::new(ErrorKind::Refused, "so many periods cannot be counted", Some(span))
            .labelled("expected a whole number up to 1200")
    })
}
