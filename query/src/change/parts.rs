//! What the receipt of a change tells apart: the parts of the dimensions that the statement names.
//!
//! Where it names several members of a dimension, as the two sides of a move, these; where it names one
//! that has children, the children. A dimension that it does not name is not told.

use super::bind::Binder;
use super::told::Told;
use crate::bind::{Meaning, Pick, Selection};
use crate::error::Result;
use crate::syntax::ast::{Condition, Path, Verb};
use engine::dimension::Dimension;
use engine::id::{DimensionId, MemberId};
use engine::spread;

/// A dimension in more parts than this is not told part by part.
const MOST: usize = 100;

/// A member, and whether its own leaf alone is meant.
type Named = (MemberId, bool);

impl Binder<'_> {
    /// What the receipt tells apart, dimension by dimension.
    pub(super) fn told(&self) -> Result<Vec<(Told, spread::Breakdown)>> {
        let stock = self.measure()?.is_stock();
        let mut told = Vec::new();
        for id in self.names.schema.coordinates() {
            if !(stock && self.names.schema.time() == Some(id)) {
                let named = self.named_in(id)?;
                told.extend(breakdown(self.names.schema.dimension(id), id, &named));
            }
        }
        Ok(told)
    }

    /// The members of a dimension that the statement names.
    fn named_in(&self, id: DimensionId) -> Result<Vec<Named>> {
        let own = match &self.change.verb {
            Verb::Move { from, to, .. } => self.picked(&[from, to], id)?,
            Verb::Allocate { from, .. } => self.beside(self.picked(&[from], id)?, id),
            Verb::Fit { margins, .. } => {
                let of = margins.iter().filter(|margin| self.names.dimension_of(&margin.by).ok() == Some(id));
                of.flat_map(|margin| &margin.targets).filter_map(|(path, _)| self.member_named(path, id)).collect()
            }
            _ => Vec::new(),
        };
        let last = || self.filter.picks.iter().rev().find(|pick| pick.dimension == id);
        Ok(match own.is_empty() {
            true => last().map_or_else(Vec::new, |pick| pick.members.clone()),
            false => own,
        })
    }

    fn picked(&self, sides: &[&[Condition]], id: DimensionId) -> Result<Vec<Named>> {
        let mut named = Vec::new();
        for side in sides {
            let picks = Selection::bind(self.names, side)?.picks.into_iter().filter(|pick: &Pick| pick.dimension == id);
            named.extend(picks.flat_map(|pick| pick.members));
        }
        Ok(named)
    }

    /// What an allocation empties, and the members beside it.
    fn beside(&self, source: Vec<Named>, id: DimensionId) -> Vec<Named> {
        let [(member, false)] = source.as_slice() else { return source };
        let dimension = self.names.schema.dimension(id);
        let parent = dimension.hierarchies().iter().find_map(|tree| tree.parent(*member));
        parent.map_or(source, |parent| dimension.children(parent).iter().map(|child| (*child, false)).collect())
    }

    fn member_named(&self, path: &Path, id: DimensionId) -> Option<Named> {
        match self.names.member(path, Some(id)) {
            Ok(Meaning::Member { member, own, .. }) => Some((member, own)),
            _ => None,
        }
    }
}

fn breakdown(dimension: &Dimension, id: DimensionId, named: &[Named]) -> Option<(Told, spread::Breakdown)> {
    let parts: Vec<Named> = match named {
        [(member, false)] if !dimension.is_leaf(*member) => {
            let children = dimension.children(*member).iter().map(|child| (*child, false));
            std::iter::once((*member, true)).chain(children).collect()
        }
        named => named.to_vec(),
    };
    if !(2..=MOST).contains(&parts.len()) {
        return None;
    }
    let mut part_of = vec![None; dimension.len()];
    for (place, (member, own)) in parts.iter().enumerate() {
        let below = dimension.below(*member).into_iter().map(|(below, _)| below);
        for code in below.filter(|below| !own || below == member) {
            part_of[code.index()].get_or_insert(place as u16);
        }
    }
    let name = |(member, own): &Named| match own {
        true => dimension.leaf_name(*member),
        false => dimension.member(*member).name.clone(),
    };
    let told = Told { dimension: dimension.name.clone(), names: parts.iter().map(name).collect() };
    let breakdown = spread::Breakdown { coordinate: id.index() - 1, part_of, parts: parts.len() };
    Some((told, breakdown))
}
