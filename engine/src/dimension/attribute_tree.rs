//! Further hierarchies of a dimension: trees over its leaves that are made from attributes.
//!
//! The members of such a tree are the values of the attributes, each below the one before. It follows
//! the attributes: leaves are placed anew whenever the dimension is sealed. What stands at a
//! consolidation of the main tree itself is in no other tree.

use super::{Dimension, Hierarchy, Kind, MARKERS, Member, MemberId, OWN_SUFFIX};
use crate::error::{EngineError, Result};
use crate::weight::Weight;
use std::collections::{BTreeSet, HashMap};

/// The member of a tree by its parent and name.
type Placed = HashMap<(MemberId, String), MemberId>;

impl Dimension {
    /// Adds a tree over the leaves by some attributes, outermost first. Call [`Dimension::seal`] afterwards.
    ///
    /// Errors: no ordinary dimension, a hierarchy of that name, no attributes.
    pub fn add_attribute_tree(&mut self, name: &str, attributes: Vec<String>) -> Result<()> {
        if self.kind != Kind::Standard || attributes.is_empty() {
            return Err(EngineError::Model(format!("{} takes no hierarchy by attributes", self.name)));
        }
        if self.hierarchies.iter().any(|tree| tree.name.eq_ignore_ascii_case(name)) {
            return Err(EngineError::Model(format!("{} has a hierarchy {name} already", self.name)));
        }
        let lowest = self.hierarchies[0].levels.last().unwrap_or(&self.name).clone();
        let mut tree = Hierarchy::new(name, attributes.into_iter().chain([lowest]).collect());
        tree.by_attributes = true;
        tree.parents.resize(self.members.len(), None);
        tree.weights.resize(self.members.len(), Weight::ONE);
        self.hierarchies.push(tree);
        Ok(())
    }

    /// Puts every leaf below the values of its attributes, in each tree that is made from them.
    pub(super) fn place_by_attributes(&mut self) {
        for place in 1..self.hierarchies.len() {
            if self.hierarchies[place].by_attributes {
                self.place_leaves(place);
            }
        }
    }

    fn place_leaves(&mut self, place: usize) {
        let levels = self.hierarchies[place].levels.clone();
        let attributes = &levels[..levels.len() - 1];
        let mut placed = self.placed(place);
        for leaf in self.main_leaves() {
            let values = self.values(leaf, attributes);
            let parent = values.map(|values| {
                values
                    .into_iter()
                    .fold(MemberId::ROOT, |parent, value| self.value_member(place, &mut placed, parent, value))
            });
            self.hierarchies[place].parents[leaf.index()] = parent;
        }
    }

    fn main_leaves(&self) -> Vec<MemberId> {
        let main = &self.hierarchies[0];
        let parents: BTreeSet<MemberId> = main.parents.iter().flatten().copied().collect();
        let members = (1..self.members.len()).map(MemberId::from_index);
        members.filter(|member| main.contains(*member) && !parents.contains(member)).collect()
    }

    /// The members that the tree has for values of attributes.
    fn placed(&self, place: usize) -> Placed {
        let members = (1..self.members.len()).map(MemberId::from_index);
        let values = members.filter(|member| !self.hierarchies[0].contains(*member));
        let parent = |member: &MemberId| self.hierarchies[place].parent(*member);
        values.filter_map(|member| Some(((parent(&member)?, self.member(member).name.clone()), member))).collect()
    }

    /// A leaf's values of some attributes; none where one is missing or can be no member's name.
    fn values(&self, leaf: MemberId, attributes: &[String]) -> Option<Vec<String>> {
        let known = &self.member(leaf).attributes;
        let value = |attribute: &String| {
            let (_, value) = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(attribute))?;
            let text = value.to_string().trim().to_owned();
            (!text.is_empty() && !text.ends_with(OWN_SUFFIX) && !MARKERS.contains(&text.as_str())).then_some(text)
        };
        attributes.iter().map(value).collect()
    }

    fn value_member(&mut self, place: usize, placed: &mut Placed, parent: MemberId, value: String) -> MemberId {
        let id = MemberId::from_index(self.members.len());
        let member = *placed.entry((parent, value.clone())).or_insert(id);
        if member == id {
            let attributes = Default::default();
            self.members.push(Member { name: value, key: None, declared: None, attributes, period: None });
            for (other, tree) in self.hierarchies.iter_mut().enumerate() {
                tree.parents.push((other == place).then_some(parent));
                tree.weights.push(Weight::ONE);
            }
        }
        member
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Attribute, NewMember};
    use super::*;

    #[test]
    fn leaves_follow_their_attributes() {
        let mut team = Dimension::with_levels("team", vec!["division".into(), "team".into()]);
        let sales = team.add(NewMember::named("Sales", MemberId::ROOT, true)).unwrap();
        let field = team.add(NewMember::named("Field", sales, true)).unwrap();
        let desk = team.add(NewMember::named("Desk", sales, true)).unwrap();
        for (leaf, city) in [(field, "Berlin"), (desk, "Paris")] {
            team.set_attribute(leaf, "city", Attribute::Text(city.into()));
        }
        team.seal();
        team.add_attribute_tree("by_city", vec!["city".into()]).unwrap();
        team.seal();
        let leaves = |team: &Dimension, city: &str| team.leaves(team.find(city)[0]);
        assert_eq!(leaves(&team, "Berlin"), [field]);
        team.set_attribute(desk, "city", Attribute::Text("Berlin".into()));
        team.seal();
        assert_eq!(leaves(&team, "Berlin"), [field, desk]);
        assert_eq!(team.below(sales).len(), 3);
        assert_eq!(team.clone().restore().unwrap(), team);
        assert!(team.add_attribute_tree("by_city", vec!["city".into()]).is_err());
    }
}
