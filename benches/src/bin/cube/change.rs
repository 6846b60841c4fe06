//! The writes of the workload, exact to the last unit, each one operation.

use std::collections::BTreeMap;

use benches::Result;
use engine::aggregate::{LeafCells, leaves};
use engine::change::Change;
use engine::cube::Draft;
use engine::dimension::{Dimension, NewMember};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::spread::apportion;
use engine::subcube::{Subcube, covered};
use engine::{Write, Writes};
use serde_json::Value;

use crate::star::{COST, HEADCOUNT, REVENUE, SCENARIOS, Star};

/// Does a write; gives how many cells it was about.
pub fn write(star: &mut Star, spec: &Value) -> Result<usize> {
    match spec["kind"].as_str() {
        Some("realloc") => reallocate(star, spec),
        Some("fork") => fork(star, spec),
        Some("adddim") => add_dimension(star, spec),
        _ => Err("expected a realloc, a fork or an adddim".into()),
    }
}

fn number(spec: &Value, key: &str) -> Result<u64> {
    spec[key].as_u64().ok_or_else(|| format!("the write has no {key}").into())
}

/// The members of a level with a code, with all below them.
fn part(star: &Star, dimension: &str, level: &str, wanted: u64) -> Result<(DimensionId, Vec<engine::weight::Weight>)> {
    let (id, members) = star.dimension(dimension)?;
    let depth = members.level(level).ok_or("no such level")?;
    let is_wanted = |member: &MemberId| {
        let name = &members.member(*member).name;
        let digits = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        digits.parse() == Ok(wanted)
    };
    let found: Vec<MemberId> = members.members_of_level(depth).into_iter().filter(is_wanted).collect();
    Ok((id, covered(&members, &found)))
}

/// A tenth of a project's headcount in a division to another project, month by month: each gives and takes in
/// proportion to what it has.
fn reallocate(star: &mut Star, spec: &Value) -> Result<usize> {
    let snapshot = star.snapshot();
    let headcount = star.measure(HEADCOUNT)?;
    let percent = (spec["pct"].as_f64().ok_or("the write has no pct")? * 100.0).round() as i128;
    let mut slice = Subcube::all(snapshot.schema(), star.scenario(1)?);
    let (cc, division) = part(star, "cc", "division", number(spec, "division")?)?;
    slice.restrict(cc, division);
    let side = |project: u64| -> Result<LeafCells> {
        let mut slice = slice.clone();
        let (id, leaves_of) = part(star, "project", "project", project)?;
        slice.restrict(id, leaves_of);
        Ok(leaves(&snapshot, &slice, headcount, &star.go)?)
    };
    let (source, target) = (side(number(spec, "src")?)?, side(number(spec, "dst")?)?);
    let time = snapshot.layout().time().ok_or("no time")?;
    let (source, target) = (by_month(&snapshot, time, &source), by_month(&snapshot, time, &target));
    let mut changed: Vec<(u128, i64)> = Vec::new();
    for (month, from) in &source {
        let Some(to) = target.get(month) else { continue };
        let sum: i128 = from.1.iter().sum();
        let amount = (sum * percent + 50) / 100;
        let (taken, given) = (apportion(amount, &from.1), apportion(amount, &to.1));
        let (taken, given) = (taken.ok_or("nothing to take")?, given.ok_or("nothing to give to")?);
        let minus = from.0.iter().zip(&from.1).zip(taken).map(|((key, value), share)| (*key, (value - share) as i64));
        let plus = to.0.iter().zip(&to.1).zip(given).map(|((key, value), share)| (*key, (value + share) as i64));
        changed.extend(minus.chain(plus));
    }
    changed.sort_unstable();
    let keys = changed.iter().map(|(key, _)| *key).collect();
    let column = changed.iter().map(|(_, value)| Write::Put(*value)).collect();
    let scenario = slice.scenario;
    let mut draft = Draft::on(&snapshot);
    put(&mut draft, scenario, Writes { keys, columns: vec![(headcount, column)] })?;
    star.commit(draft)?;
    Ok(changed.len())
}

fn put(draft: &mut Draft, scenario: MemberId, writes: Writes) -> Result<()> {
    if let Some(delta) = draft.snapshot().delta(scenario, &writes)? {
        draft.push(Change::Cells(delta))?;
    }
    Ok(())
}

/// Keys and values of each month.
type Months = BTreeMap<u32, (Vec<u128>, Vec<i128>)>;

fn by_month(snapshot: &engine::snapshot::Snapshot, time: usize, cells: &LeafCells) -> Months {
    let mut months = Months::new();
    for (key, value) in cells.keys.iter().zip(&cells.values) {
        let (keys, values) = months.entry(snapshot.layout().unpack(*key, time)).or_default();
        keys.push(*key);
        values.push(i128::from(*value));
    }
    months
}

/// A new scenario that begins as another.
fn fork(star: &mut Star, spec: &Value) -> Result<usize> {
    let snapshot = star.snapshot();
    let from = star.scenario(number(spec, "src")? as usize)?;
    let name = SCENARIOS.get(number(spec, "dst")? as usize).ok_or("no name for the fork")?;
    let mut scenarios = Dimension::clone(snapshot.schema().scenarios());
    let to = scenarios.add(NewMember::named((*name).to_owned(), MemberId::ROOT, true))?;
    scenarios.seal();
    let mut draft = Draft::on(&snapshot);
    draft.schema(snapshot.schema().replacing(DimensionId::SCENARIO, scenarios))?;
    draft.push(Change::Branch { from, to })?;
    star.commit(draft)?;
    Ok(snapshot.facts_of(from))
}

/// A dimension more; the plan of a division goes over to three of its members, a part to each.
fn add_dimension(star: &mut Star, spec: &Value) -> Result<usize> {
    let snapshot = star.snapshot();
    let mut types = Dimension::with_levels("ctype", vec!["ctype".to_owned()]);
    let members = (0..4).map(|code| types.add(NewMember::named(format!("type {code}"), MemberId::ROOT, true)));
    let members: Vec<MemberId> = members.collect::<std::result::Result<_, _>>()?;
    types.default = members.first().copied();
    types.seal();
    let mut draft = Draft::on(&snapshot);
    draft.schema(snapshot.schema().with_dimension(types)?)?;
    let weights = spec["weights"].as_array().ok_or("the write has no weights")?;
    let weights: Vec<i128> = weights.iter().map(|w| (w.as_f64().unwrap_or(0.0) * 1000.0).round() as i128).collect();
    let after = draft.snapshot().clone();
    let mut slice = Subcube::all(after.schema(), star.scenario(1)?);
    let (cc, division) = part(star, "cc", "division", number(spec, "division")?)?;
    slice.restrict(cc, division);
    let place = after.layout().width() - 1;
    let mut rows: BTreeMap<u128, [Write; 3]> = BTreeMap::new();
    let measures: Vec<MeasureId> =
        [HEADCOUNT, COST, REVENUE].iter().map(|name| star.measure(name)).collect::<Result<_>>()?;
    for (column, measure) in measures.iter().enumerate() {
        let cells = leaves(&after, &slice, *measure, &star.go)?;
        for (key, value) in cells.keys.iter().zip(&cells.values) {
            let shares = apportion(i128::from(*value), &weights).ok_or("no weights")?;
            rows.entry(*key).or_insert([Write::Keep; 3])[column] = Write::Clear;
            for (member, share) in members[1..].iter().zip(shares) {
                let key = after.layout().with(*key, place, *member);
                rows.entry(key).or_insert([Write::Keep; 3])[column] = Write::Put(share as i64);
            }
        }
    }
    let keys: Vec<u128> = rows.keys().copied().collect();
    let column = |place: usize| rows.values().map(|row| row[place]).collect();
    let columns = measures.iter().enumerate().map(|(place, measure)| (*measure, column(place))).collect();
    let cells = keys.len() * 3 / 4;
    put(&mut draft, slice.scenario, Writes { keys, columns })?;
    star.commit(draft)?;
    Ok(cells)
}
