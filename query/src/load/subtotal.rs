//! Members that look like sums of others: published files often hold their own subtotals, and a
//! load that adds them up counts twice.

use engine::coordinate::KeyLayout;
use engine::dimension::{Dimension, Kind};
use engine::id::MemberId;
use engine::schema::Schema;
use std::collections::HashMap;

/// A member is reported when it equals the sum in so many of ten places where it could.
const OF_TEN: usize = 8;

/// A sentence for each member whose cells equal the sum of others': those named like it and more
/// (`35-EB` and `35-EB-PEN`), or all others.
pub(super) fn subtotals(schema: &Schema, layout: &KeyLayout, cells: &[(u128, i64)]) -> Vec<String> {
    let mut found = Vec::new();
    for id in schema.coordinates() {
        let dimension = schema.dimension(id);
        if matches!(dimension.kind, Kind::Time(_)) {
            continue;
        }
        let candidates = candidates(dimension);
        if candidates.is_empty() {
            continue;
        }
        let places = places(layout, cells, id.index() - 1);
        for (member, parts) in candidates {
            if let Some(count) = equal_in(&places, member, &parts) {
                found.push(format!(
                    "{} \"{}\" looks like a subtotal: it equals the sum of {} others in {count} places; it counts them twice",
                    dimension.name,
                    dimension.member(member).name,
                    parts.len(),
                ));
            }
        }
    }
    found
}

/// The cells at each place outside one coordinate.
fn places(layout: &KeyLayout, cells: &[(u128, i64)], coordinate: usize) -> Vec<HashMap<MemberId, i128>> {
    let mut places: HashMap<u128, HashMap<MemberId, i128>> = HashMap::new();
    for (key, value) in cells {
        let place = places.entry(layout.with(*key, coordinate, MemberId::ROOT)).or_default();
        *place.entry(MemberId(layout.unpack(*key, coordinate))).or_default() += i128::from(*value);
    }
    places.into_values().filter(|place| place.len() > 2).collect()
}

/// Members with others that are named like them and more, and members called a total.
fn candidates(dimension: &Dimension) -> Vec<(MemberId, Vec<MemberId>)> {
    let leaves = dimension.leaves(MemberId::ROOT);
    let name = |member: &MemberId| dimension.member(*member).name.to_lowercase();
    let mut sorted: Vec<(String, MemberId)> = leaves.iter().map(|member| (name(member), *member)).collect();
    sorted.sort();
    let mut found = Vec::new();
    for (place, (text, member)) in sorted.iter().enumerate() {
        let more = |(other, _): &&(String, MemberId)| {
            other.strip_prefix(text.as_str()).is_some_and(|rest| rest.starts_with(['-', '.', ':', '/', ' ', '_']))
        };
        let parts: Vec<MemberId> =
            sorted[place + 1..].iter().take_while(|(o, _)| o.starts_with(text)).filter(more).map(|(_, m)| *m).collect();
        if parts.len() >= 2 {
            found.push((*member, parts));
        }
        let words = text.split(|letter: char| !letter.is_alphanumeric());
        if leaves.len() > 2 && words.into_iter().any(|word| matches!(word, "total" | "all" | "subtotal" | "sum")) {
            found.push((*member, leaves.iter().copied().filter(|other| other != member).collect()));
        }
    }
    found
}

/// In how many places a member equals the sum of its parts; none where that is not the rule.
fn equal_in(places: &[HashMap<MemberId, i128>], member: MemberId, parts: &[MemberId]) -> Option<usize> {
    let mut equal = 0;
    let mut possible = 0;
    for place in places {
        let there: Vec<i128> = parts.iter().filter_map(|part| place.get(part)).copied().collect();
        let Some(whole) = place.get(&member).filter(|whole| **whole != 0 && there.len() >= 2) else {
            continue;
        };
        possible += 1;
        equal += usize::from(there.iter().sum::<i128>() == *whole);
    }
    (equal > 0 && equal * 10 >= possible * OF_TEN).then_some(equal)
}
