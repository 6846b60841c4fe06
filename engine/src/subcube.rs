//! Any selection as leaves per dimension, each with how it counts.

use crate::dimension::Dimension;
use crate::id::{DimensionId, MemberId};
use crate::schema::Schema;
use crate::weight::Weight;
use std::sync::Arc;

/// A set of coordinates of one dimension: for each member id how it counts, 0 where it is outside.
pub type Leaves = Arc<Vec<Weight>>;

/// A slice of one scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subcube {
    /// The scenario.
    pub scenario: MemberId,
    /// For each coordinate the leaves selected; all of them where none.
    pub dimensions: Vec<Option<Leaves>>,
}

/// What a set of members stands for: each with all below it. Where two overlap, the first counts.
pub fn covered(dimension: &Dimension, members: &[MemberId]) -> Vec<Weight> {
    let mut weights = vec![Weight::ZERO; dimension.len()];
    for member in members {
        for (leaf, weight) in dimension.below(*member) {
            let seen = &mut weights[leaf.index()];
            if seen.is_zero() {
                *seen = weight;
            }
        }
    }
    weights
}

/// A set narrowed by another, whose weights count.
pub fn narrowed(before: &[Weight], by: &[Weight]) -> Vec<Weight> {
    before.iter().zip(by).map(|(old, new)| if old.is_zero() { Weight::ZERO } else { *new }).collect()
}

impl Subcube {
    /// The whole of a scenario.
    pub fn all(schema: &Schema, scenario: MemberId) -> Self {
        Subcube { scenario, dimensions: vec![None; schema.width()] }
    }

    /// The leaves selected in a dimension.
    pub fn leaves(&self, dimension: DimensionId) -> Option<&Leaves> {
        self.dimensions.get(dimension.index().checked_sub(1)?)?.as_ref()
    }

    /// Restricts a dimension further; the narrower selection's weights count.
    pub fn restrict(&mut self, dimension: DimensionId, leaves: Vec<Weight>) {
        let Some(place) = dimension.index().checked_sub(1).and_then(|place| self.dimensions.get_mut(place)) else {
            return;
        };
        let narrower = match place {
            None => leaves,
            Some(before) => narrowed(before, &leaves),
        };
        *place = Some(Arc::new(narrower));
    }

    /// How a coordinate counts: 0 outside.
    pub fn weight(&self, coordinate: usize, code: u32) -> Weight {
        match self.dimensions.get(coordinate) {
            Some(Some(leaves)) => leaves.get(code as usize).copied().unwrap_or(Weight::ZERO),
            _ => Weight::ONE,
        }
    }

    /// How a leaf counts in the slice, 0 where it is outside; none where that is too fine a fraction.
    pub fn weight_of(&self, mut codes: impl Iterator<Item = u32>) -> Option<Weight> {
        let mut coordinate = 0..;
        codes.try_fold(Weight::ONE, |weight, code| weight.times(self.weight(coordinate.next()?, code)))
    }

    /// Whether a leaf is in the slice.
    pub fn contains(&self, mut codes: impl Iterator<Item = u32>) -> bool {
        let mut coordinate = 0..;
        codes.all(|code| coordinate.next().is_some_and(|place| !self.weight(place, code).is_zero()))
    }
}
