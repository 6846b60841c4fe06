//! Who was branched from whom, and where two scenarios parted.

use crate::id::MemberId;
use crate::schema::{Moment, Schema};

/// A stretch of a scenario's past: whose changes they are, after one moment and up to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The scenario.
    pub scenario: MemberId,
    /// Changes after this moment.
    pub after: Moment,
    /// Up to this one; none for until now.
    pub until: Option<Moment>,
}

impl Stretch {
    /// Whether a moment is in it.
    pub fn holds(&self, moment: Moment) -> bool {
        moment > self.after && self.until.is_none_or(|until| moment <= until)
    }
}

/// A scenario's past, the newest stretch first.
pub type Lineage = Vec<Stretch>;

/// Where two scenarios parted, and the way of each since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parting {
    /// The moment.
    pub at: Moment,
    /// The way of the first.
    pub from: Lineage,
    /// The way of the second.
    pub into: Lineage,
}

const START: Moment = Moment { operation: 0, position: 0 };

/// A scenario's past through the scenarios it was branched from.
fn lineage(schema: &Schema, scenario: MemberId) -> Lineage {
    let mut stretches = Vec::new();
    let (mut scenario, mut until) = (scenario, None);
    // A branch is newer than what it was branched from, so this ends.
    loop {
        let origin = schema.origins.iter().find(|origin| origin.branch == scenario);
        let after = origin.map_or(START, |origin| origin.at);
        stretches.push(Stretch { scenario, after, until });
        match origin {
            Some(origin) if origin.from != scenario && stretches.len() <= schema.origins.len() => {
                (scenario, until) = (origin.from, Some(origin.at));
            }
            _ => return stretches,
        }
    }
}

/// Where two scenarios parted; none where they have no common ancestor.
pub fn parting(schema: &Schema, from: MemberId, into: MemberId) -> Option<Parting> {
    let (one, other) = (lineage(schema, from), lineage(schema, into));
    let (mine, theirs) = one.iter().find_map(|mine| {
        let theirs = other.iter().find(|theirs| theirs.scenario == mine.scenario)?;
        Some((*mine, *theirs))
    })?;
    let at = match (mine.until, theirs.until) {
        (Some(mine), Some(theirs)) => mine.min(theirs),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => return None,
    };
    Some(Parting { at, from: since(one, mine.scenario, at), into: since(other, mine.scenario, at) })
}

/// A past without what lies before a moment in the common ancestor.
fn since(lineage: Lineage, ancestor: MemberId, at: Moment) -> Lineage {
    let end = lineage.iter().position(|stretch| stretch.scenario == ancestor).unwrap_or(0);
    let cut = |(place, stretch): (usize, Stretch)| match place == end {
        true => Stretch { after: at, ..stretch },
        false => stretch,
    };
    lineage.into_iter().take(end + 1).enumerate().map(cut).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Origin;

    fn at(operation: u64) -> Moment {
        Moment { operation, position: 1 }
    }

    /// plan (1); a (2) from plan at 5; b (3) from plan at 7; c (4) from a at 9.
    fn schema() -> Schema {
        let origin =
            |branch, from, operation| Origin { branch: MemberId(branch), from: MemberId(from), at: at(operation) };
        let mut schema = Schema::default();
        schema.origins = vec![origin(2, 1, 5), origin(3, 1, 7), origin(4, 2, 9)];
        schema
    }

    fn ways(from: u32, into: u32) -> Option<(u64, Vec<u32>, Vec<u32>)> {
        let parting = parting(&schema(), MemberId(from), MemberId(into))?;
        let names = |lineage: &Lineage| lineage.iter().map(|stretch| stretch.scenario.0).collect();
        Some((parting.at.operation, names(&parting.from), names(&parting.into)))
    }

    #[test]
    fn two_scenarios_parted_where_the_earlier_left() {
        assert_eq!(ways(2, 1), Some((5, vec![2, 1], vec![1])));
        assert_eq!(ways(1, 3), Some((7, vec![1], vec![3, 1])));
        assert_eq!(ways(2, 3), Some((5, vec![2, 1], vec![3, 1])));
        assert_eq!(ways(4, 1), Some((5, vec![4, 2, 1], vec![1])));
        assert_eq!(ways(4, 2), Some((9, vec![4, 2], vec![2])));
        assert_eq!(ways(4, 3), Some((5, vec![4, 2, 1], vec![3, 1])));
        assert_eq!(ways(1, 5), None);
        assert_eq!(ways(1, 1), None);
    }

    #[test]
    fn a_way_holds_only_what_came_after() {
        let parting = parting(&schema(), MemberId(3), MemberId(2)).unwrap();
        let shared = parting.from[1];
        assert_eq!((shared.after, shared.until), (at(5), Some(at(7))));
        let other = parting.into[1];
        assert_eq!((other.after, other.until), (at(5), Some(at(5))));
    }
}
