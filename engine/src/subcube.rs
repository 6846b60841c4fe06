//! Any selection as leaves per dimension, each with how it counts.

use crate::dimension::Dimension;
use crate::id::{DimensionId, MemberId};
use crate::schema::Schema;
use std::sync::Arc;

/// A set of coordinates of one dimension: for each member id 0 where it is outside, else 1 or -1.
pub type Leaves = Arc<Vec<i8>>;

/// A slice of one scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subcube {
    /// The scenario.
    pub scenario: MemberId,
    /// For each coordinate the leaves selected; all of them where none.
    pub dimensions: Vec<Option<Leaves>>,
}

/// What a set of members stands for: each with all below it. Where two overlap, the first counts.
pub fn covered(dimension: &Dimension, members: &[MemberId]) -> Vec<i8> {
    let mut signs = vec![0; dimension.len()];
    for member in members {
        for (leaf, sign) in dimension.below(*member) {
            let seen = &mut signs[leaf.index()];
            if *seen == 0 {
                *seen = sign;
            }
        }
    }
    signs
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

    /// Restricts a dimension further; the narrower selection's signs count.
    pub fn restrict(&mut self, dimension: DimensionId, leaves: Vec<i8>) {
        let Some(place) = dimension.index().checked_sub(1).and_then(|place| self.dimensions.get_mut(place)) else {
            return;
        };
        let narrowed = match place {
            None => leaves,
            Some(before) => before.iter().zip(&leaves).map(|(old, new)| if *old == 0 { 0 } else { *new }).collect(),
        };
        *place = Some(Arc::new(narrowed));
    }

    /// How a coordinate counts: 0 outside.
    pub fn sign(&self, coordinate: usize, code: u32) -> i8 {
        match self.dimensions.get(coordinate) {
            Some(Some(leaves)) => leaves.get(code as usize).copied().unwrap_or(0),
            _ => 1,
        }
    }

    /// How a leaf counts in the slice: 0 where it is outside.
    pub fn sign_of(&self, codes: impl Iterator<Item = u32>) -> i8 {
        codes.enumerate().fold(1, |sign, (coordinate, code)| sign * self.sign(coordinate, code))
    }
}
