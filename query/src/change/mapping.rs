//! Which member of one slice stands for which of another: by name where one is named, by position
//! for periods.

use crate::bind::Selection;
use crate::error::{Error, ErrorKind, Result};
use engine::dimension::{Dimension, Kind};
use engine::id::{DimensionId, MemberId};
use engine::schema::Schema;
use std::collections::HashMap;

/// For each coordinate where its members go; none where they stay.
pub(super) fn mapping(schema: &Schema, from: &Selection, to: &Selection) -> Result<Vec<Option<HashMap<u32, u32>>>> {
    schema
        .coordinates()
        .map(|id| {
            if !(from.names(id) && to.names(id)) {
                return Ok(None);
            }
            let dimension = schema.dimension(id);
            let (sources, targets) = (members(dimension, from, id), members(dimension, to, id));
            if sources == targets {
                return Ok(None);
            }
            let ordered = matches!(dimension.kind, Kind::Time(_));
            if sources.len() != targets.len() || sources.is_empty() || (sources.len() > 1 && !ordered) {
                return Err(mismatch(dimension, to, id, sources.len(), targets.len()));
            }
            Ok(Some(sources.iter().zip(&targets).map(|(a, b)| (a.0, b.0)).collect()))
        })
        .collect()
}

/// The coordinates selected, in order; for periods the own leaves of coarser ones too.
fn members(dimension: &Dimension, selection: &Selection, id: DimensionId) -> Vec<MemberId> {
    let ordered = matches!(dimension.kind, Kind::Time(_));
    let wanted = |member: &MemberId| {
        let here = dimension.hierarchies()[0].contains(*member);
        selection.sign(id, member.index()) != 0 && here && (ordered || dimension.is_leaf(*member))
    };
    dimension.ordered().into_iter().filter(wanted).collect()
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
