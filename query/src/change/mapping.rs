//! Which member of one slice stands for which of another: by name where one is named, by position
//! for periods.

use crate::bind::Selection;
use crate::error::{Error, ErrorKind, Result};
use engine::calendar::{Calendar, Grain};
use engine::dimension::{Dimension, Kind};
use engine::id::{DimensionId, MemberId};
use engine::schema::Schema;
use std::collections::HashMap;

/// From member id to member id.
type Mapping = HashMap<u32, u32>;

/// For each coordinate where its members go; none where they stay.
pub(super) fn mapping(schema: &Schema, from: &Selection, to: &Selection) -> Result<Vec<Option<Mapping>>> {
    schema
        .coordinates()
        .map(|id| {
            if !(from.names(id) && to.names(id)) {
                return Ok(None);
            }
            let dimension = schema.dimension(id);
            match dimension.kind {
                Kind::Time(calendar) => periods(dimension, calendar, id, from, to),
                _ => single(dimension, id, from, to),
            }
        })
        .collect()
}

/// Periods go by position, grain by grain. Months or weeks must be as many on both sides; the own
/// leaves of coarser periods go along where they are.
fn periods(
    dimension: &Dimension,
    calendar: Calendar,
    id: DimensionId,
    from: &Selection,
    to: &Selection,
) -> Result<Option<Mapping>> {
    let mut mapping = Mapping::new();
    for grain in calendar.grains().iter().copied() {
        let (sources, targets) = (of_grain(dimension, id, from, grain), of_grain(dimension, id, to, grain));
        if sources.len() == targets.len() {
            mapping.extend(sources.iter().zip(&targets).map(|(source, target)| (source.0, target.0)));
        } else if grain == calendar.leaf_grain() {
            return Err(mismatch(dimension, to, id, sources.len(), targets.len()));
        }
    }
    let same = mapping.iter().all(|(source, target)| source == target);
    Ok(if same { None } else { Some(mapping) })
}

fn of_grain(dimension: &Dimension, id: DimensionId, selection: &Selection, grain: Grain) -> Vec<MemberId> {
    let of = |member: &MemberId| {
        dimension.member(*member).period.is_some_and(|period| period.grain == grain && !period.fiscal)
    };
    dimension
        .ordered()
        .into_iter()
        .filter(|member| of(member) && !selection.weight(id, member.index()).is_zero())
        .collect()
}

/// In an ordinary dimension one leaf goes to one leaf.
fn single(dimension: &Dimension, id: DimensionId, from: &Selection, to: &Selection) -> Result<Option<Mapping>> {
    let leaves = |selection: &Selection| -> Vec<MemberId> {
        let all = dimension.leaves(MemberId::ROOT).into_iter();
        all.filter(|member| !selection.weight(id, member.index()).is_zero()).collect()
    };
    let (sources, targets) = (leaves(from), leaves(to));
    match (sources.as_slice(), targets.as_slice()) {
        _ if sources == targets => Ok(None),
        ([source], [target]) => Ok(Some(Mapping::from([(source.0, target.0)]))),
        _ => Err(mismatch(dimension, to, id, sources.len(), targets.len())),
    }
}

fn mismatch(dimension: &Dimension, to: &Selection, id: DimensionId, sources: usize, targets: usize) -> Error {
    let span = to.picks.iter().find(|pick| pick.dimension == id).map(|pick| pick.span.clone());
    let name = &dimension.name;
    let help = match dimension.kind {
        Kind::Time(_) => "name as many periods, of the same grain, on both sides",
        _ => "name one leaf on each side",
    };
    Error::new(ErrorKind::Refused, format!("{sources} members of {name} do not map to {targets}"), span).helped(help)
}
