//! Changes of members that are there: moved, renamed, weighed anew.

use super::{Attribute, Dimension, MemberId, refuse_name};
use crate::error::{EngineError, Result};
use crate::weight::Weight;

/// What accounts are called whose amounts are better the higher they are.
const HIGHER: [&str; 13] = [
    "higher",
    "revenue",
    "revenues",
    "income",
    "asset",
    "assets",
    "profit",
    "sales",
    "gain",
    "margin",
    "equity",
    "+",
    "other income",
];

/// What accounts are called whose amounts are better the lower they are.
const LOWER: [&str; 11] = [
    "lower",
    "expense",
    "expenses",
    "cost",
    "costs",
    "expenditure",
    "expenditures",
    "liability",
    "liabilities",
    "loss",
    "-",
];

impl Dimension {
    /// Puts a member with all below it under another parent. Call [`Dimension::check`] and
    /// [`Dimension::seal`] after the last change.
    ///
    /// Errors: the parent has a member of this name.
    pub fn move_to(&mut self, member: MemberId, parent: MemberId) -> Result<()> {
        let tree = &self.hierarchies[0];
        if member == MemberId::ROOT || tree.parent(member) == Some(parent) {
            return Ok(());
        }
        let (rung, above) = (tree.rung(member), tree.rung(parent));
        self.refuse_twin(member, parent, &self.member(member).name)?;
        let tree = &mut self.hierarchies[0];
        tree.parents[member.index()] = Some(parent);
        tree.skips.remove(&member.0);
        // A member keeps its level where the new parent stands far enough above it.
        let skips = rung.zip(above).and_then(|(rung, above)| rung.checked_sub(above + 1));
        if let Some(skips) = skips.filter(|skips| *skips > 0 && !tree.levels.is_empty()) {
            tree.skips.insert(member.0, skips);
        }
        Ok(())
    }

    /// Gives a member another name; it is still found by the one it had first.
    ///
    /// Errors: no name for a member, a sibling of that name.
    pub fn rename(&mut self, member: MemberId, name: &str) -> Result<()> {
        let name = name.trim();
        refuse_name(name)?;
        let parent = self.hierarchies[0].parent(member).unwrap_or(MemberId::ROOT);
        self.refuse_twin(member, parent, name)?;
        if let Some(known) = self.members.get_mut(member.index()) {
            let key = known.key().to_owned();
            known.key = Some(key).filter(|key| key != name);
            known.name = name.to_owned();
            self.index.names.insert(name, member.0);
        }
        Ok(())
    }

    /// Says how a member counts in its parent.
    pub fn set_weight(&mut self, member: MemberId, weight: Weight) {
        if let Some(known) = self.hierarchies[0].weights.get_mut(member.index()) {
            *known = weight;
        }
    }

    /// Which way is good for a member, by its attribute `favours` or `type`, or by that of what is above it.
    pub fn favours(&self, member: MemberId) -> Option<bool> {
        let mut at = member;
        loop {
            let attributes = &self.member(at).attributes;
            let of = |wanted: &str| attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            let said = ["favours", "type"].iter().find_map(|name| way(of(name)?.1));
            match (said, self.hierarchies[0].parent(at)) {
                (None, Some(parent)) => at = parent,
                (said, _) => return said,
            }
        }
    }

    /// Checks what moves may have broken: circles, levels, weights.
    pub fn check(&self) -> Result<()> {
        let tree = &self.hierarchies[0];
        let weighed = tree.weights.iter().any(|weight| *weight != Weight::ONE);
        for member in (1..self.members.len()).map(MemberId::from_index) {
            let Some(parent) = tree.parent(member) else { continue };
            let name = &self.member(member).name;
            let Some(rung) = tree.rung(member) else {
                return Err(EngineError::Model(format!("{name} would stand below itself")));
            };
            if !tree.levels.is_empty() && rung > tree.levels.len() {
                let lowest = &tree.levels[tree.levels.len() - 1];
                return Err(EngineError::Model(format!("{name} would stand below the lowest level, {lowest}")));
            }
            if weighed {
                self.refuse_fine_weight(name, parent, tree.weight(member))?;
            }
        }
        Ok(())
    }

    fn refuse_twin(&self, member: MemberId, parent: MemberId, name: &str) -> Result<()> {
        let is_twin = |other: &MemberId| {
            *other != member && self.hierarchies[0].parent(*other) == Some(parent) && self.member(*other).name == name
        };
        match self.find(name).iter().any(is_twin) {
            true => Err(EngineError::Model(format!("{} has a member {name} already", self.path(parent)))),
            false => Ok(()),
        }
    }
}

fn way(value: &Attribute) -> Option<bool> {
    let said = value.to_string().trim().to_lowercase();
    match said.as_str() {
        said if HIGHER.contains(&said) => Some(true),
        said if LOWER.contains(&said) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::NewMember;
    use super::*;

    fn stores() -> (Dimension, MemberId, MemberId) {
        let levels = ["country", "state", "store"].map(str::to_owned).to_vec();
        let mut store = Dimension::with_levels("store", levels);
        let usa = store.add(NewMember::named("USA", MemberId::ROOT, true)).unwrap();
        let ragged = NewMember { skips: 1, ..NewMember::named("Vatican store", usa, true) };
        let vatican = store.add(ragged).unwrap();
        store.seal();
        (store, usa, vatican)
    }

    #[test]
    fn a_member_that_skips_a_level_stands_at_its_own() {
        let (store, _, vatican) = stores();
        assert_eq!(store.level_name(vatican), Some("store"));
        let level = store.level("store").unwrap();
        assert_eq!(store.members_of_level(level), [vatican]);
        let state = store.level("state").unwrap();
        assert!(store.members_of_level(state).is_empty());
        assert_eq!(store.members_past_level(state), [vatican]);
        assert_eq!(store.clone().restore().unwrap(), store);
    }

    #[test]
    fn a_moved_member_keeps_its_level() {
        let (mut store, usa, vatican) = stores();
        let state = store.add(NewMember::named("CA", usa, true)).unwrap();
        store.move_to(vatican, state).unwrap();
        store.check().unwrap();
        store.seal();
        assert_eq!(store.path(vatican), "USA.CA.Vatican store");
        assert_eq!(store.level_name(vatican), Some("store"));
        store.move_to(vatican, MemberId::ROOT).unwrap();
        store.seal();
        assert_eq!(store.level_name(vatican), Some("store"));
    }

    #[test]
    fn a_circle_is_found() {
        let mut account = Dimension::parent_child("account");
        let above = account.add(NewMember::named("Above", MemberId::ROOT, true)).unwrap();
        let below = account.add(NewMember::named("Below", above, true)).unwrap();
        account.seal();
        account.move_to(above, below).unwrap();
        assert!(account.check().is_err());
    }

    #[test]
    fn a_renamed_member_is_found_by_both_names() {
        let (mut store, usa, _) = stores();
        store.rename(usa, "United States").unwrap();
        store.seal();
        assert_eq!([store.find("usa"), store.find("united states")], [vec![usa], vec![usa]]);
        assert_eq!(store.member(usa).key(), "USA");
        store.rename(usa, "USA").unwrap();
        assert_eq!(store.member(usa).key, None);
    }
}
