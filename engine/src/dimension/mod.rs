//! A dimension: its members, its hierarchies, and which leaves a member stands for.
//!
//! Owns the tree and its order. Knows nothing of facts: a coordinate is any member id. A leaf's id
//! holds its facts; the id of a consolidation, used as a coordinate, is that member's *own* leaf,
//! for what was loaded or set at that level and not spread. Member 0 is the root.

mod attribute_tree;
mod edit;
mod hierarchy;
mod level;
mod member;
mod time;

pub use hierarchy::{Hierarchy, LevelId};
pub use member::{Attribute, Member, NewMember};

use crate::calendar::Calendar;
use crate::dictionary::Dictionary;
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use crate::weight::Weight;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What stands behind the name of a consolidation's own leaf.
pub const OWN_SUFFIX: &str = " (own)";

/// What answers call totals and the rest: no member may be called so.
const MARKERS: [&str; 2] = ["(total)", "(others)"];

/// The largest product of weights along a path, in its numerator or its denominator.
const FINEST: i128 = 1_000_000_000_000_000_000;

/// What a dimension is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// An ordinary dimension.
    Standard,
    /// The scenarios, over which nothing is ever added up.
    Scenario,
    /// The calendar.
    Time(Calendar),
}

/// In which order the members of a parent come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Order {
    /// Those that statements named in the order of the statements, then those of loads by name.
    #[default]
    Loaded,
    /// By name.
    Name,
    /// By key.
    Key,
}

/// A dimension of a cube.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dimension {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub kind: Kind,
    members: Vec<Member>,
    hierarchies: Vec<Hierarchy>,
    /// In which order the members of a parent come.
    #[serde(default)]
    pub order: Order,
    /// Whether facts at consolidations are refused.
    #[serde(default)]
    pub leaves_only: bool,
    /// Where facts stand that name no member.
    #[serde(default)]
    pub default: Option<MemberId>,
    #[serde(skip)]
    index: Index,
}

/// What is derived from the members, rebuilt by [`Dimension::seal`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Index {
    names: Dictionary,
    children: Vec<Vec<Vec<MemberId>>>,
    ranks: Vec<u32>,
}

impl Dimension {
    /// A dimension with named levels, from the top.
    pub fn with_levels(name: &str, levels: Vec<String>) -> Self {
        Dimension::new(name, Kind::Standard, levels)
    }

    /// A dimension whose members are given with their parents.
    pub fn parent_child(name: &str) -> Self {
        Dimension::new(name, Kind::Standard, Vec::new())
    }

    /// The scenario dimension, without members yet.
    pub fn scenarios() -> Self {
        Dimension::new("scenario", Kind::Scenario, vec!["scenario".into()])
    }

    fn new(name: &str, kind: Kind, levels: Vec<String>) -> Self {
        let root = Member {
            name: format!("all {name}"),
            key: None,
            declared: Some(0),
            attributes: Default::default(),
            period: None,
        };
        let mut dimension = Dimension {
            name: name.to_owned(),
            kind,
            members: vec![root],
            hierarchies: vec![Hierarchy::new(name, levels)],
            order: Order::default(),
            leaves_only: false,
            default: None,
            index: Index::default(),
        };
        dimension.seal();
        dimension
    }

    /// Adds a member. Call [`Dimension::seal`] after the last one.
    ///
    /// Errors: an empty name, a sibling of the same name, a member below the last level.
    pub fn add(&mut self, new: NewMember) -> Result<MemberId> {
        let name = new.name.trim();
        refuse_name(name)?;
        if new.parent.index() >= self.members.len() {
            return Err(EngineError::Model(format!("the parent of {name} is not a member of {}", self.name)));
        }
        let twin = self.child(new.parent, name).map(|twin| self.member(twin).name.as_str());
        if twin.is_some_and(|twin| new.declared || twin == name) {
            let parent = self.path(new.parent);
            return Err(EngineError::Model(format!("{parent} has a member {name} already")));
        }
        let levels = self.hierarchies[0].levels.len();
        let depth = self.hierarchies[0].rung(new.parent).unwrap_or(0) + new.skips;
        if levels > 0 && depth >= levels {
            let lowest = &self.hierarchies[0].levels[levels - 1];
            return Err(EngineError::Model(format!(
                "{} is a {lowest}, the lowest level of {}, and can have no members below it",
                self.path(new.parent),
                self.name
            )));
        }
        self.refuse_fine_weight(name, new.parent, new.weight)?;
        let id = MemberId::from_index(self.members.len());
        let declared = new.declared.then_some(id.0);
        let key = new.key.map(|key| key.trim().to_owned()).filter(|key| key != name && !key.is_empty());
        if let Some(key) = &key {
            refuse_name(key)?;
            self.index.names.insert(key, id.0);
        }
        let member = Member { name: name.to_owned(), key, declared, attributes: new.attributes, period: new.period };
        self.index.names.insert(&member.name, id.0);
        self.members.push(member);
        if new.skips > 0 {
            self.hierarchies[0].skips.insert(id.0, new.skips);
        }
        for (place, hierarchy) in self.hierarchies.iter_mut().enumerate() {
            hierarchy.parents.push((place == 0).then_some(new.parent));
            hierarchy.weights.push(if place == 0 { new.weight } else { Weight::ONE });
        }
        Ok(id)
    }

    /// Weights along a path must have products that fit, whatever part of the path is asked for.
    fn refuse_fine_weight(&self, name: &str, parent: MemberId, weight: Weight) -> Result<()> {
        let mut size = weight.size();
        let mut at = parent;
        while let Some(above) = self.hierarchies[0].parent(at).filter(|_| size <= FINEST) {
            size = size.saturating_mul(self.hierarchies[0].weight(at).size());
            at = above;
        }
        if size <= FINEST {
            return Ok(());
        }
        let digits = FINEST.ilog10();
        let message = format!("the weights of {name} and of what is above it have more than {digits} digits together");
        Err(EngineError::refused(message, "round them"))
    }

    /// Sets an attribute of a member.
    pub fn set_attribute(&mut self, member: MemberId, name: &str, value: Attribute) {
        if let Some(member) = self.members.get_mut(member.index()) {
            member.attributes.insert(name.to_owned(), value);
        }
    }

    /// Takes a member out of the tree and out of sight; its id is never given to another.
    pub fn retire(&mut self, member: MemberId) {
        if member == MemberId::ROOT || member.index() >= self.members.len() {
            return;
        }
        self.hierarchies.iter_mut().for_each(|tree| tree.parents[member.index()] = None);
        self.seal();
    }

    /// Rebuilds what is derived from the members: names, children in order, ranks.
    pub fn seal(&mut self) {
        self.place_by_attributes();
        let mut names = Dictionary::default();
        for (place, member) in self.members.iter().enumerate().skip(1) {
            if self.hierarchies.iter().any(|tree| tree.contains(MemberId::from_index(place))) {
                names.insert(&member.name, place as u32);
                if let Some(key) = &member.key {
                    names.insert(key, place as u32);
                }
            }
        }
        let children: Vec<_> = (0..self.hierarchies.len()).map(|place| self.ordered_children(place)).collect();
        let ranks = ranks(&children, self.members.len());
        self.index = Index { names, children, ranks };
    }

    /// Checks what a file cannot be trusted with: lengths, parents, circles. Seals it.
    pub fn restore(mut self) -> Result<Self> {
        for hierarchy in &self.hierarchies {
            let known = |parent: &Option<MemberId>| parent.is_none_or(|p| p.index() < self.members.len());
            let lengths =
                hierarchy.parents.len() == self.members.len() && hierarchy.weights.len() == self.members.len();
            let circle = || {
                (1..self.members.len())
                    .map(MemberId::from_index)
                    .any(|m| hierarchy.parent(m).is_some() && hierarchy.depth(m).is_none())
            };
            let fine = || {
                (1..self.members.len()).map(MemberId::from_index).any(|m| {
                    let above = self.hierarchies[0].parent(m).unwrap_or(MemberId::ROOT);
                    self.refuse_fine_weight("", above, self.hierarchies[0].weight(m)).is_err()
                })
            };
            let default = self.default.is_some_and(|default| default.index() >= self.members.len());
            if default || !lengths || !hierarchy.parents.iter().all(known) || circle() || fine() {
                return Err(EngineError::Damaged(format!("the hierarchy {} of {}", hierarchy.name, self.name)));
            }
        }
        if self.members.is_empty() || self.hierarchies.is_empty() {
            return Err(EngineError::Damaged(format!("the dimension {}", self.name)));
        }
        self.seal();
        Ok(self)
    }

    fn ordered_children(&self, place: usize) -> Vec<Vec<MemberId>> {
        let mut children = vec![Vec::new(); self.members.len()];
        for member in (1..self.members.len()).map(MemberId::from_index) {
            if let Some(parent) = self.hierarchies[place].parent(member) {
                children[parent.index()].push(member);
            }
        }
        for siblings in &mut children {
            siblings.sort_by_cached_key(|id| {
                let member = &self.members[id.index()];
                let place = member.declared.filter(|_| self.order == Order::Loaded).unwrap_or(u32::MAX);
                let by = if self.order == Order::Key { member.key() } else { &member.name };
                (place, natural_key(by), by.to_owned())
            });
        }
        children
    }

    /// How many member ids there are, the root among them.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is nothing but the root.
    pub fn is_empty(&self) -> bool {
        self.children(MemberId::ROOT).is_empty()
    }

    /// A member. The root for an id of another dimension.
    pub fn member(&self, id: MemberId) -> &Member {
        self.members.get(id.index()).unwrap_or(&self.members[0])
    }

    /// All hierarchies, the main one first.
    pub fn hierarchies(&self) -> &[Hierarchy] {
        &self.hierarchies
    }

    /// Member ids by name, without regard to case where that is unambiguous.
    pub fn find(&self, name: &str) -> Vec<MemberId> {
        self.index.names.find(name).into_iter().map(MemberId).collect()
    }

    /// The consolidation whose own leaf is named so: `Company (own)`, or `region (own)` for the root.
    pub fn find_own(&self, name: &str) -> Vec<MemberId> {
        let Some(owner) = name.strip_suffix(OWN_SUFFIX) else {
            return Vec::new();
        };
        if owner.eq_ignore_ascii_case(&self.name) {
            return vec![MemberId::ROOT];
        }
        self.find(owner).into_iter().filter(|id| !self.is_leaf(*id)).collect()
    }

    /// The child of a parent in the main hierarchy, by name.
    pub fn child(&self, parent: MemberId, name: &str) -> Option<MemberId> {
        self.find(name).into_iter().find(|id| self.hierarchies[0].parent(*id) == Some(parent))
    }

    /// The child of a parent in the main hierarchy, by a name in exactly this spelling.
    pub fn child_spelt(&self, parent: MemberId, name: &str) -> Option<MemberId> {
        self.child(parent, name).filter(|child| self.member(*child).name == name)
    }

    /// The level of a name, in any hierarchy.
    pub fn level(&self, name: &str) -> Option<LevelId> {
        self.hierarchies.iter().enumerate().find_map(|(hierarchy, tree)| {
            let depth = tree.levels.iter().position(|level| level.eq_ignore_ascii_case(name))?;
            Some(LevelId { hierarchy, depth })
        })
    }

    /// The members of a level, in order.
    pub fn members_of_level(&self, level: LevelId) -> Vec<MemberId> {
        self.down_to(level).into_iter().filter(|(_, rung)| *rung == level.depth + 1).map(|(id, _)| id).collect()
    }

    /// The uppermost members below a level whose branch has no member at it, in order: they skip it.
    pub fn members_past_level(&self, level: LevelId) -> Vec<MemberId> {
        self.down_to(level).into_iter().filter(|(_, rung)| *rung > level.depth + 1).map(|(id, _)| id).collect()
    }

    /// On each branch of a tree the first member at a level or below it, with how far down it stands.
    fn down_to(&self, level: LevelId) -> Vec<(MemberId, usize)> {
        let Some(tree) = self.hierarchies.get(level.hierarchy) else { return Vec::new() };
        let mut found = Vec::new();
        let mut stack = vec![(MemberId::ROOT, 0)];
        while let Some((at, rung)) = stack.pop() {
            if rung > level.depth {
                found.push((at, rung));
                continue;
            }
            let below = self.children_in(level.hierarchy, at).iter().rev();
            stack.extend(below.map(|child| (*child, rung + 1 + tree.skips.get(&child.0).copied().unwrap_or(0))));
        }
        found
    }

    /// The children of a member in one hierarchy, in order.
    pub fn children_in(&self, hierarchy: usize, member: MemberId) -> &[MemberId] {
        let tree = self.index.children.get(hierarchy);
        tree.and_then(|tree| tree.get(member.index())).map_or(&[], Vec::as_slice)
    }

    /// The hierarchy a member's children are taken from: the first in which it has some.
    pub fn home(&self, member: MemberId) -> usize {
        (0..self.hierarchies.len()).find(|h| !self.children_in(*h, member).is_empty()).unwrap_or(0)
    }

    /// The children of a member, in order.
    pub fn children(&self, member: MemberId) -> &[MemberId] {
        self.children_in(self.home(member), member)
    }

    /// Whether a member has no children. The root is never a leaf.
    pub fn is_leaf(&self, member: MemberId) -> bool {
        member != MemberId::ROOT && self.children(member).is_empty()
    }

    /// The leaves below a member, or the member itself where it is one, in order.
    pub fn leaves(&self, member: MemberId) -> Vec<MemberId> {
        self.below(member).into_iter().filter(|(id, _)| self.is_leaf(*id)).map(|(id, _)| id).collect()
    }

    /// A member and all below it in order, each with how it counts in the member.
    pub fn below(&self, member: MemberId) -> Vec<(MemberId, Weight)> {
        let home = self.home(member);
        let mut found = Vec::new();
        let mut stack = vec![(member, Weight::ONE)];
        while let Some((at, weight)) = stack.pop() {
            found.push((at, weight));
            for child in self.children_in(home, at).iter().rev() {
                // Products along a path fit: see `refuse_fine_weights`.
                let within = self.hierarchies[home].weight(*child).times(weight).unwrap_or(Weight::ZERO);
                stack.push((*child, within));
            }
        }
        found
    }

    /// How each coordinate counts in the whole of the dimension; none where all count with 1.
    pub fn total_weights(&self) -> Option<Vec<Weight>> {
        if self.hierarchies[0].weights.iter().all(|weight| *weight == Weight::ONE) {
            return None;
        }
        let mut weights = vec![Weight::ZERO; self.len()];
        self.below(MemberId::ROOT).into_iter().for_each(|(leaf, weight)| weights[leaf.index()] = weight);
        Some(weights)
    }

    /// The place of a coordinate in the dimension's order: depth first, a consolidation before its members.
    pub fn rank(&self, member: MemberId) -> u32 {
        self.index.ranks.get(member.index()).copied().unwrap_or(u32::MAX)
    }

    /// `Engineering.Platform`, without the root.
    pub fn path(&self, member: MemberId) -> String {
        if member == MemberId::ROOT {
            return self.name.clone();
        }
        let tree = self.hierarchies.iter().find(|tree| tree.contains(member)).unwrap_or(&self.hierarchies[0]);
        let mut names = vec![self.member(member).name.as_str()];
        let mut at = member;
        while let Some(parent) = tree.parent(at).filter(|parent| *parent != MemberId::ROOT) {
            names.push(&self.member(parent).name);
            at = parent;
        }
        names.reverse();
        names.join(".")
    }

    /// The name of a coordinate: a leaf's own, `Company (own)` for a consolidation's.
    pub fn leaf_name(&self, coordinate: MemberId) -> String {
        if self.is_leaf(coordinate) {
            return self.member(coordinate).name.clone();
        }
        let name = if coordinate == MemberId::ROOT { &self.name } else { &self.member(coordinate).name };
        format!("{name}{OWN_SUFFIX}")
    }

    /// The name of the level a member stands at, if its hierarchy has levels.
    pub fn level_name(&self, member: MemberId) -> Option<&str> {
        let tree = self.hierarchies.iter().find(|tree| tree.contains(member))?;
        let depth = tree.rung(member)?;
        tree.levels.get(depth.checked_sub(1)?).map(String::as_str)
    }

    /// The names of all attributes that any member has.
    pub fn attributes(&self) -> BTreeSet<&str> {
        self.members.iter().flat_map(|member| member.attributes.keys()).map(String::as_str).collect()
    }

    /// All member ids but the root, in order.
    pub fn ordered(&self) -> Vec<MemberId> {
        let mut all: Vec<MemberId> = (1..self.members.len()).map(MemberId::from_index).collect();
        all.retain(|member| self.rank(*member) != u32::MAX);
        all.sort_by_key(|id| self.rank(*id));
        all
    }
}

/// What answers say themselves is no name.
fn refuse_name(name: &str) -> Result<()> {
    if name.is_empty() || name.ends_with(OWN_SUFFIX) || MARKERS.contains(&name) {
        return Err(EngineError::Model(format!("\"{name}\" cannot be the name of a member")));
    }
    Ok(())
}

/// Depth-first places; members of further hierarchies come after those of the first.
fn ranks(children: &[Vec<Vec<MemberId>>], len: usize) -> Vec<u32> {
    let mut ranks = vec![u32::MAX; len];
    let mut next = 0;
    for tree in children {
        let mut stack = vec![MemberId::ROOT];
        while let Some(at) = stack.pop() {
            if ranks[at.index()] == u32::MAX {
                ranks[at.index()] = next;
                next += 1;
            }
            stack.extend(tree[at.index()].iter().rev());
        }
    }
    ranks
}

/// A run of digits or of other letters of a name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Run {
    Digits(u64),
    Letters(String),
}

/// Orders `Team 2` before `Team 10`, without regard to case.
fn natural_key(name: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for letter in name.to_lowercase().chars() {
        match (letter.to_digit(10).map(u64::from), runs.last_mut()) {
            (Some(digit), Some(Run::Digits(number))) => *number = number.saturating_mul(10).saturating_add(digit),
            (Some(digit), _) => runs.push(Run::Digits(digit)),
            (None, Some(Run::Letters(letters))) => letters.push(letter),
            (None, _) => runs.push(Run::Letters(letter.to_string())),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn department() -> Dimension {
        let mut dimension = Dimension::with_levels("department", vec!["division".into(), "team".into()]);
        let add = |dimension: &mut Dimension, name: &str, parent, declared| {
            dimension.add(NewMember::named(name, parent, declared)).unwrap()
        };
        let sales = add(&mut dimension, "Sales", MemberId::ROOT, false);
        let research = add(&mut dimension, "Research", MemberId::ROOT, true);
        add(&mut dimension, "Team 10", sales, false);
        add(&mut dimension, "Team 2", sales, false);
        add(&mut dimension, "Core", research, false);
        dimension.seal();
        dimension
    }

    fn names(dimension: &Dimension, ids: &[MemberId]) -> Vec<String> {
        ids.iter().map(|id| dimension.path(*id)).collect()
    }

    #[test]
    fn declared_members_come_first_then_loaded_ones_by_name() {
        let dimension = department();
        assert_eq!(
            names(&dimension, &dimension.ordered()),
            ["Research", "Research.Core", "Sales", "Sales.Team 2", "Sales.Team 10"]
        );
    }

    #[test]
    fn a_member_covers_itself_and_what_is_below() {
        let dimension = department();
        let sales = dimension.find("sales")[0];
        let covered: Vec<MemberId> = dimension.below(sales).into_iter().map(|(id, _)| id).collect();
        assert_eq!(names(&dimension, &covered), ["Sales", "Sales.Team 2", "Sales.Team 10"]);
        assert_eq!(dimension.leaf_name(sales), "Sales (own)");
        assert_eq!(dimension.find_own("sales (own)"), [sales]);
    }

    #[test]
    fn the_tree_is_guarded() {
        let mut dimension = department();
        let core = dimension.find("Core")[0];
        assert!(dimension.add(NewMember::named("Below", core, true)).is_err());
        assert!(dimension.add(NewMember::named("sales", MemberId::ROOT, true)).is_err());
        assert!(dimension.add(NewMember::named(" ", MemberId::ROOT, true)).is_err());
    }

    #[test]
    fn a_subtracting_child_changes_the_sign_of_all_below() {
        let mut account = Dimension::parent_child("account");
        let margin = account.add(NewMember::named("Margin", MemberId::ROOT, true)).unwrap();
        let cost = account.add(NewMember { weight: Weight::MINUS, ..NewMember::named("Cost", margin, true) }).unwrap();
        let rent = account.add(NewMember::named("Rent", cost, true)).unwrap();
        account.seal();
        assert_eq!(account.below(margin), [(margin, Weight::ONE), (cost, Weight::MINUS), (rent, Weight::MINUS)]);
        assert_eq!(account.below(cost), [(cost, Weight::ONE), (rent, Weight::ONE)]);
    }
}
