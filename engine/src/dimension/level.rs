//! A level more in a tree that has members.

use super::{Dimension, MemberId, NewMember};
use crate::error::Result;
use std::collections::HashMap;

impl Dimension {
    /// Adds a level to the main hierarchy, at a depth between 0, the top, and the number of levels.
    /// Members keep their levels, and with them their facts, for a member's id stays the same.
    ///
    /// With a default, what hung across the new level hangs under a member of that name in it, one
    /// for each parent that had such children; without, it skips the new level, which has no members
    /// yet. Gives how many members were added. Call [`Dimension::seal`] afterwards.
    ///
    /// Errors: a default that can be no member's name, or that a parent has a child of already.
    pub fn add_level(&mut self, name: &str, depth: usize, default: Option<&str>) -> Result<usize> {
        let main = &self.hierarchies[0];
        let standing = |id: MemberId| Some((id, main.parent(id)?, main.rung(id)?));
        let known: Vec<_> = (1..self.members.len()).map(MemberId::from_index).filter_map(standing).collect();
        let rung_of: HashMap<MemberId, usize> = known.iter().map(|(id, _, rung)| (*id, *rung)).collect();
        let new_rung = |rung: usize| if rung > depth { rung + 1 } else { rung };
        self.hierarchies[0].levels.insert(depth, name.to_owned());
        let mut added = HashMap::new();
        for (id, parent, rung) in known {
            let above = rung_of.get(&parent).copied().unwrap_or(0);
            let crosses = above <= depth && rung > depth;
            match default.filter(|_| crosses) {
                Some(default) => {
                    let inserted = match added.get(&parent) {
                        Some(inserted) => *inserted,
                        None => {
                            let new = NewMember { skips: depth - above, ..NewMember::named(default, parent, true) };
                            let inserted = self.add(new)?;
                            added.insert(parent, inserted);
                            inserted
                        }
                    };
                    self.hierarchies[0].parents[id.index()] = Some(inserted);
                    self.skip(id, new_rung(rung) - (depth + 1) - 1);
                }
                None => self.skip(id, new_rung(rung) - new_rung(above) - 1),
            }
        }
        Ok(added.len())
    }

    /// Says how many levels lie between a member and its parent.
    fn skip(&mut self, member: MemberId, levels: usize) {
        let skips = &mut self.hierarchies[0].skips;
        match levels {
            0 => skips.remove(&member.0),
            levels => skips.insert(member.0, levels),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location() -> Dimension {
        let levels = ["country", "city"].map(str::to_owned).to_vec();
        let mut location = Dimension::with_levels("location", levels);
        let add = |location: &mut Dimension, name: &str, parent, skips| {
            location.add(NewMember { skips, ..NewMember::named(name, parent, true) }).unwrap()
        };
        let germany = add(&mut location, "Germany", MemberId::ROOT, 0);
        add(&mut location, "Berlin", germany, 0);
        add(&mut location, "Monaco", MemberId::ROOT, 1);
        location.seal();
        location
    }

    fn paths(location: &Dimension) -> Vec<(String, Option<&str>)> {
        location.ordered().into_iter().map(|id| (location.path(id), location.level_name(id))).collect()
    }

    fn told<'a>(expected: &[(&str, &'a str)]) -> Vec<(String, Option<&'a str>)> {
        expected.iter().map(|(path, level)| ((*path).to_owned(), Some(*level))).collect()
    }

    #[test]
    fn a_level_on_top_takes_all_under_its_default() {
        let mut location = location();
        assert_eq!(location.add_level("region", 0, Some("World")).unwrap(), 1);
        location.check().unwrap();
        location.seal();
        let expected = [
            ("World", "region"),
            ("World.Germany", "country"),
            ("World.Germany.Berlin", "city"),
            ("World.Monaco", "city"),
        ];
        assert_eq!(paths(&location), told(&expected));
        assert_eq!(location.clone().restore().unwrap(), location);
    }

    #[test]
    fn a_level_between_has_a_default_for_each_parent() {
        let mut location = location();
        assert_eq!(location.add_level("state", 1, Some("Other")).unwrap(), 2);
        location.seal();
        let expected = [
            ("Germany", "country"),
            ("Germany.Other", "state"),
            ("Germany.Other.Berlin", "city"),
            ("Other", "state"),
            ("Other.Monaco", "city"),
        ];
        assert_eq!(paths(&location), told(&expected));
    }

    #[test]
    fn without_a_default_members_skip_the_level() {
        for depth in 0..=2 {
            let mut location = location();
            let before = paths(&location).into_iter().map(|(path, level)| (path, level.map(str::to_owned)));
            let before: Vec<_> = before.collect();
            assert_eq!(location.add_level("new", depth, None).unwrap(), 0);
            location.check().unwrap();
            location.seal();
            let after = paths(&location).into_iter().map(|(path, level)| (path, level.map(str::to_owned)));
            assert_eq!(after.collect::<Vec<_>>(), before);
            assert_eq!(location.hierarchies()[0].levels.len(), 3);
        }
    }
}
