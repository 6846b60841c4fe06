//! One arrangement of a dimension's members into a tree.

use crate::id::MemberId;
use crate::weight::Weight;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A tree over the members of a dimension. Members that are not in it have no parent in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hierarchy {
    /// Its name; the first hierarchy of a dimension is named like the dimension.
    pub name: String,
    /// Its levels from the top, without the root; empty for a parent–child hierarchy.
    pub levels: Vec<String>,
    /// For each member its parent; none for the root and for members outside the tree.
    pub(super) parents: Vec<Option<MemberId>>,
    /// For each member how it counts in its parent.
    #[serde(alias = "signs")]
    pub(super) weights: Vec<Weight>,
    /// How many levels lie between a member and its parent, where any do: the tree is ragged there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) skips: BTreeMap<u32, usize>,
    /// Whether it is made from attributes of the leaves, which all levels but the last are named after.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_attributes: bool,
}

/// A level of a hierarchy of a dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LevelId {
    /// The hierarchy's place in its dimension.
    pub hierarchy: usize,
    /// The level's place, 0 at the top.
    pub depth: usize,
}

impl Hierarchy {
    pub(super) fn new(name: &str, levels: Vec<String>) -> Self {
        Hierarchy {
            name: name.to_owned(),
            levels,
            parents: vec![None],
            weights: vec![Weight::ONE],
            skips: BTreeMap::new(),
            by_attributes: false,
        }
    }

    /// The parent of a member in this tree.
    pub fn parent(&self, member: MemberId) -> Option<MemberId> {
        self.parents.get(member.index()).copied().flatten()
    }

    /// How a member counts in its parent.
    pub fn weight(&self, member: MemberId) -> Weight {
        self.weights.get(member.index()).copied().unwrap_or(Weight::ONE)
    }

    /// Whether a member is in this tree.
    pub fn contains(&self, member: MemberId) -> bool {
        member == MemberId::ROOT || self.parent(member).is_some()
    }

    /// How many levels down from the root a member stands, those it skips counted; none for a member outside the tree.
    pub fn rung(&self, member: MemberId) -> Option<usize> {
        let mut rung = self.depth(member)?;
        let mut at = member;
        while let Some(parent) = self.parent(at).filter(|_| !self.skips.is_empty()) {
            rung += self.skips.get(&at.0).copied().unwrap_or(0);
            at = parent;
        }
        Some(rung)
    }

    /// Steps from the root; none for a member outside the tree or in a circle.
    pub fn depth(&self, member: MemberId) -> Option<usize> {
        let mut depth = 0;
        let mut at = member;
        while at != MemberId::ROOT {
            at = self.parent(at)?;
            depth += 1;
            if depth > self.parents.len() {
                return None;
            }
        }
        Some(depth)
    }
}
