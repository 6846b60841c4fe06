//! `create measure`.

use super::changed::{Changed, at};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Name, Number, OverTime, Rollup, Statement};
use engine::cube::Draft;
use engine::decimal::MAX_SCALE;
use engine::measure::{self, Measure};
use engine::schema::Schema;

/// Drafts a new measure.
pub(super) fn create(schema: &Schema, statement: &Statement, draft: &mut Draft) -> Result<Changed> {
    let Statement::CreateMeasure { name, decimals, rollup, over_time, unit, format, favours_higher } = statement else {
        return Ok(Changed::default());
    };
    if let Some((_, over)) = over_time {
        check_time(schema, over)?;
    }
    let measure = Measure {
        name: name.text.clone(),
        scale: scale(decimals)?,
        rollup: rollup_of(*rollup),
        over_time: over_time_of(over_time.as_ref().map(|(over, _)| *over)),
        unit: unit.clone(),
        format: format.clone(),
        favours_higher: *favours_higher,
    };
    draft.schema(schema.with_measure(measure).map_err(|error| at(error, name))?)?;
    Ok(Changed::noted(format!("measure {} created", name.text)))
}

fn scale(decimals: &Number) -> Result<u8> {
    let whole = decimals.scale == 0 && !decimals.percent;
    let scale = u8::try_from(decimals.units).ok().filter(|scale| whole && *scale <= MAX_SCALE);
    scale.ok_or_else(|| {
        let message = format!("a measure keeps 0 to {MAX_SCALE} digits after the point");
        Error::new(ErrorKind::Refused, message, Some(decimals.span.clone()))
    })
}

/// What stands after `over`: the time dimension's name, or `period`.
fn check_time(schema: &Schema, over: &Name) -> Result<()> {
    let time = schema.time().map(|id| schema.dimension(id).name.as_str());
    if over.text.eq_ignore_ascii_case("period") || time.is_some_and(|time| over.text.eq_ignore_ascii_case(time)) {
        return Ok(());
    }
    let message = format!("there is no time dimension \"{}\"", over.text);
    let error = Error::new(ErrorKind::Name, message, Some(over.span.clone()));
    Err(match time {
        Some(time) => error.labelled(format!("did you mean {time}?")),
        None => error,
    })
}

fn rollup_of(rollup: Option<Rollup>) -> measure::Rollup {
    match rollup {
        None | Some(Rollup::Sum) => measure::Rollup::Sum,
        Some(Rollup::Min) => measure::Rollup::Min,
        Some(Rollup::Max) => measure::Rollup::Max,
        Some(Rollup::Average) => measure::Rollup::Average,
        Some(Rollup::None) => measure::Rollup::None,
    }
}

fn over_time_of(over_time: Option<OverTime>) -> measure::OverTime {
    match over_time {
        None => measure::OverTime::Flow,
        Some(OverTime::Last) => measure::OverTime::Last,
        Some(OverTime::Closing) => measure::OverTime::Closing,
        Some(OverTime::First) => measure::OverTime::First,
        Some(OverTime::Average) => measure::OverTime::Average,
    }
}
