//! The dimensions with their members, and where a member stands in its tree.

use std::collections::HashMap;

use super::fact::Fact;
use super::market::{CAMPAIGNS, KINDS, MARKETS, NO_REGION, PORTFOLIOS, WORLDWIDE};
use super::organisation::DIVISIONS;

/// A dimension of named levels.
pub(super) struct Dimension {
    pub(super) levels: &'static [&'static str],
    /// Parents before their children, in the order in which they are shown.
    pub(super) members: Vec<Member>,
    /// The member at which a fact stands.
    pub(super) of: fn(&Fact) -> &'static str,
}

/// A member of a dimension.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) parent: Option<&'static str>,
    pub(super) level: usize,
}

/// For each level of a dimension, which member of it is meant; none below the member that is placed.
pub(super) type Place = Vec<Option<u32>>;

impl Dimension {
    /// The names of a level's members.
    pub(super) fn names(&self, level: usize) -> Vec<&'static str> {
        self.members.iter().filter(|member| member.level == level).map(|member| member.name).collect()
    }

    /// The place of each member.
    pub(super) fn places(&self) -> HashMap<&'static str, Place> {
        let mut places: HashMap<&'static str, Place> = HashMap::new();
        let mut counts = vec![0; self.levels.len()];
        for member in &self.members {
            let above = member.parent.and_then(|parent| places.get(parent));
            let mut place = above.cloned().unwrap_or_else(|| vec![None; self.levels.len()]);
            place[member.level] = Some(counts[member.level]);
            counts[member.level] += 1;
            places.insert(member.name, place);
        }
        places
    }
}

/// All dimensions but scenario and period.
pub(super) fn dimensions() -> [Dimension; 5] {
    [
        Dimension { levels: &["division", "department", "team"], members: departments(), of: |fact| fact.unit },
        Dimension { levels: &["portfolio", "project"], members: projects(), of: |fact| fact.work },
        Dimension { levels: &["kind", "channel"], members: channels(), of: |fact| fact.channel },
        Dimension {
            levels: &["campaign"],
            members: CAMPAIGNS.iter().map(|name| top(name)).collect(),
            of: |fact| fact.campaign,
        },
        Dimension { levels: &["company", "region"], members: regions(), of: |fact| fact.region },
    ]
}

fn top(name: &'static str) -> Member {
    Member { name, parent: None, level: 0 }
}

fn below(parent: &Member, name: &'static str) -> Member {
    Member { name, parent: Some(parent.name), level: parent.level + 1 }
}

fn departments() -> Vec<Member> {
    let mut members = Vec::new();
    for division in DIVISIONS {
        let upper = top(division.name);
        for department in division.departments {
            let middle = below(&upper, department.name);
            let teams: Vec<Member> = department.teams.iter().map(|team| below(&middle, team)).collect();
            members.push(middle);
            members.extend(teams);
        }
        members.push(upper);
    }
    members.sort_by_key(|member| member.level);
    members
}

fn projects() -> Vec<Member> {
    let mut members = Vec::new();
    for portfolio in PORTFOLIOS {
        let upper = top(portfolio.name);
        let lower: Vec<Member> = portfolio.projects.iter().map(|(name, _)| below(&upper, name)).collect();
        members.push(upper);
        members.extend(lower);
    }
    members
}

fn channels() -> Vec<Member> {
    let mut members = Vec::new();
    for (kind, channels) in KINDS {
        let upper = top(kind);
        let lower: Vec<Member> = channels.iter().map(|channel| below(&upper, channel)).collect();
        members.push(upper);
        members.extend(lower);
    }
    members
}

fn regions() -> Vec<Member> {
    let upper = top(WORLDWIDE);
    let mut members: Vec<Member> = MARKETS.iter().map(|market| below(&upper, market)).collect();
    members.push(below(&upper, NO_REGION));
    members.insert(0, upper);
    members
}
