//! The writes of the workload, exact to the last unit, each one operation.

use std::collections::BTreeMap;

use benches::Result;
use engine::aggregate::{LeafCells, leaves};
use engine::change::Change;
use engine::cube::Draft;
use engine::dimension::{Dimension, NewMember};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::snapshot::Snapshot;
use engine::spread::apportion;
use engine::subcube::{Subcube, covered};
use engine::{Write, Writes};
use serde_json::Value;

use crate::star::{COST, HEADCOUNT, REVENUE, SCENARIOS, Star, code};

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
    let is_wanted = |member: &MemberId| code(&members.member(*member).name).map(u64::from) == Some(wanted);
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
    let (source_months, target_months) = (by_month(&snapshot, &source)?, by_month(&snapshot, &target)?);
    let mut sides = [(source, Vec::new()), (target, Vec::new())];
    for (month, from) in &source_months {
        let Some(to) = target_months.get(month) else { continue };
        let values = |side: usize, rows: &[u32]| -> Vec<i128> {
            rows.iter().map(|row| i128::from(sides[side].0.values[*row as usize])).collect()
        };
        let (given, taken) = (values(0, from), values(1, to));
        let amount = (given.iter().sum::<i128>() * percent + 50) / 100;
        let minus = apportion(amount, &given).ok_or("nothing to take")?;
        let plus = apportion(amount, &taken).ok_or("nothing to give to")?;
        sides[0].1.extend(from.iter().zip(minus).map(|(row, share)| (*row, -share as i64)));
        sides[1].1.extend(to.iter().zip(plus).map(|(row, share)| (*row, share as i64)));
    }
    let mut changed: Vec<(u128, i64)> = Vec::with_capacity(sides[0].1.len() + sides[1].1.len());
    for (cells, moves) in &mut sides {
        moves.sort_unstable();
        let after = |(row, share): &(u32, i64)| (cells.keys[*row as usize], cells.values[*row as usize] + share);
        changed.extend(moves.iter().map(after));
    }
    changed.sort();
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

/// The rows of each month.
fn by_month(snapshot: &Snapshot, cells: &LeafCells) -> Result<BTreeMap<u32, Vec<u32>>> {
    let time = snapshot.layout().time().ok_or("no time")?;
    let mut months: Vec<Vec<u32>> = Vec::new();
    for (row, key) in cells.keys.iter().enumerate() {
        let month = snapshot.layout().unpack(*key, time) as usize;
        months.resize(months.len().max(month + 1), Vec::new());
        months[month].push(row as u32);
    }
    Ok(months.into_iter().enumerate().filter(|(_, rows)| !rows.is_empty()).map(|(m, rows)| (m as u32, rows)).collect())
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
    let mut rows: Vec<(u128, [Write; 3])> = Vec::new();
    let measures: Vec<MeasureId> =
        [HEADCOUNT, COST, REVENUE].iter().map(|name| star.measure(name)).collect::<Result<_>>()?;
    for (column, measure) in measures.iter().enumerate() {
        let cells = leaves(&after, &slice, *measure, &star.go)?;
        for (row, (key, value)) in cells.keys.iter().zip(&cells.values).enumerate() {
            let shares = apportion(i128::from(*value), &weights).unwrap_or_else(|| vec![0; weights.len()]);
            if column == 0 {
                rows.push((*key, [Write::Keep; 3]));
                let parts = members[1..].iter().map(|member| after.layout().with(*key, place, *member));
                rows.extend(parts.map(|key| (key, [Write::Keep; 3])));
            }
            let group = rows.get_mut(row * members.len()..).ok_or("a fact without a headcount")?;
            group[0].1[column] = Write::Clear;
            group[1..].iter_mut().zip(shares).for_each(|(part, share)| part.1[column] = Write::Put(share as i64));
        }
    }
    rows.sort_unstable_by_key(|(key, _)| *key);
    let keys: Vec<u128> = rows.iter().map(|(key, _)| *key).collect();
    let column = |place: usize| rows.iter().map(|(_, row)| row[place]).collect();
    let columns = measures.iter().enumerate().map(|(place, measure)| (*measure, column(place))).collect();
    let cells = keys.len() * 3 / 4;
    put(&mut draft, slice.scenario, Writes { keys, columns })?;
    star.commit(draft)?;
    Ok(cells)
}
