//! The writes of the workload, exact to the last unit, each one operation.

use benches::Result;
use engine::aggregate::{LeafCells, leaves};
use engine::change::Change;
use engine::coordinate::KeyLayout;
use engine::cube::Draft;
use engine::dimension::{Dimension, NewMember};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::spread::apportion;
use engine::subcube::{Subcube, covered};
use engine::weight::Weight;
use engine::{Write, Writes};
use rayon::prelude::*;
use serde_json::Value;
use std::ops::Range;

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
fn part(star: &Star, dimension: &str, level: &str, wanted: u64) -> Result<(DimensionId, Vec<Weight>)> {
    let (id, members) = star.dimension(dimension)?;
    let depth = members.level(level).ok_or("no such level")?;
    let is_wanted = |member: &MemberId| code(&members.member(*member).name).map(u64::from) == Some(wanted);
    let found: Vec<MemberId> = members.members_of_level(depth).into_iter().filter(is_wanted).collect();
    Ok((id, covered(&members, &found)))
}

/// A part of a project's headcount in a division to another project, month by month: each gives and takes in
/// proportion to what it has.
fn reallocate(star: &mut Star, spec: &Value) -> Result<usize> {
    let snapshot = star.snapshot();
    let headcount = star.measure(HEADCOUNT)?;
    let percent = (spec["pct"].as_f64().ok_or("the write has no pct")? * 100.0).round() as i128;
    let mut slice = Subcube::all(snapshot.schema(), star.scenario(1)?);
    let (cc, division) = part(star, "cc", "division", number(spec, "division")?)?;
    slice.restrict(cc, division);
    let (projects, source) = part(star, "project", "project", number(spec, "src")?)?;
    let (_, target) = part(star, "project", "project", number(spec, "dst")?)?;
    let both = source.iter().zip(&target).map(|(source, target)| if source.is_zero() { *target } else { *source });
    slice.restrict(projects, both.collect());
    let cells = leaves(&snapshot, &slice, headcount, &star.go)?;
    let sides = Sides { layout: snapshot.layout(), project: projects.index() - 1, source: &source };
    let mut column = vec![Write::Keep; cells.keys.len()];
    let mut changed = 0;
    let months = sides.by_month(&cells)?;
    let values = months.par_iter().map(|month| moved(&cells, month, percent)).collect::<Option<Vec<_>>>();
    for (month, values) in months.iter().zip(values.ok_or("nothing to take, or nothing to give to")?) {
        changed += month.rows.len();
        month.rows.iter().zip(values).for_each(|(row, value)| column[*row as usize] = Write::Put(value));
    }
    let mut draft = Draft::on(&snapshot);
    let writes = Writes { keys: cells.keys, columns: vec![(headcount, column)], ..Writes::default() };
    draft.write(slice.scenario, &writes)?;
    star.commit(draft)?;
    Ok(changed)
}

/// Which side a leaf is on, and in which month.
struct Sides<'a> {
    layout: &'a KeyLayout,
    project: usize,
    source: &'a [Weight],
}

/// The leaves of a month: those that give, then those that take.
struct Month {
    rows: Vec<u32>,
    givers: usize,
}

impl Sides<'_> {
    /// The months in which there is something on both sides.
    fn by_month(&self, cells: &LeafCells) -> Result<Vec<Month>> {
        let time = self.layout.time().ok_or("no time")?;
        let place = |key: &u128| {
            let gives = !self.source[self.layout.unpack(*key, self.project) as usize].is_zero();
            2 * self.layout.unpack(*key, time) as usize + usize::from(!gives)
        };
        let places: Vec<usize> = cells.keys.par_iter().map(place).collect();
        let mut counts = vec![0; places.iter().max().map_or(0, |most| most / 2 * 2 + 2)];
        places.iter().for_each(|place| counts[*place] += 1);
        let mut rows: Vec<Vec<u32>> = counts.into_iter().map(Vec::with_capacity).collect();
        places.iter().zip(0u32..).for_each(|(place, row)| rows[*place].push(row));
        let months = rows.chunks_exact(2).filter(|sides| sides.iter().all(|rows| !rows.is_empty()));
        Ok(months.map(|sides| Month { rows: sides.concat(), givers: sides[0].len() }).collect())
    }
}

/// The values of a month's leaves after it; none where a side has nothing to be in proportion to.
fn moved(cells: &LeafCells, month: &Month, percent: i128) -> Option<Vec<i64>> {
    let values: Vec<i128> = month.rows.iter().map(|row| i128::from(cells.values[*row as usize])).collect();
    let (given, taken) = values.split_at(month.givers);
    let amount = (given.iter().sum::<i128>() * percent + 50) / 100;
    let (minus, plus) = (apportion(amount, given)?, apportion(amount, taken)?);
    let shares = minus.iter().map(|share| -share).chain(plus);
    Some(values.iter().zip(shares).map(|(value, share)| (value + share) as i64).collect())
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
    let measures: Vec<MeasureId> =
        [HEADCOUNT, COST, REVENUE].iter().map(|name| star.measure(name)).collect::<Result<_>>()?;
    let cells = measures.iter().map(|measure| Ok(leaves(&after, &slice, *measure, &star.go)?));
    let cells = cells.collect::<Result<Vec<LeafCells>>>()?;
    let facts = &cells.first().ok_or("no measures")?.keys;
    if cells.iter().any(|cells| cells.keys != *facts) {
        return Err("a fact without one of its measures".into());
    }
    // The facts of a series as they are, then those of each member that gets a part: so their keys are in order.
    let wide = members.len();
    let of_series = facts.chunk_by(|left, right| after.layout().series(*left) == after.layout().series(*right));
    let starts = of_series.scan(0, |next, series| {
        let start = *next;
        *next += series.len();
        Some(start..*next)
    });
    let starts: Vec<Range<usize>> = starts.collect();
    let row = |facts: &Range<usize>| {
        let facts = facts.clone();
        (0..wide).flat_map(move |part| facts.clone().map(move |fact| (fact * wide + part) as u32))
    };
    let rows: Vec<u32> = starts.par_iter().flat_map_iter(row).collect();
    let key = |row: &u32| after.layout().with(facts[*row as usize / wide], place, members[*row as usize % wide]);
    let column = |cells: &LeafCells| -> Vec<Write> {
        let parts: Vec<i64> = cells.values.par_iter().flat_map_iter(|value| parts(*value, &weights)).collect();
        let write = |row: usize| match row % wide {
            0 => Write::Clear,
            part => Write::Put(parts[row / wide * (wide - 1) + part - 1]),
        };
        rows.par_iter().map(|row| write(*row as usize)).collect()
    };
    let columns = measures.iter().zip(&cells).map(|(measure, cells)| (*measure, column(cells))).collect();
    let keys: Vec<u128> = rows.par_iter().map(key).collect();
    let count = facts.len() * (wide - 1);
    draft.write(slice.scenario, &Writes { keys, columns, ..Writes::default() })?;
    star.commit(draft)?;
    Ok(count)
}

/// A value in parts by weights, which add up to it; nothing in each where the weights are nothing.
fn parts(value: i64, weights: &[i128]) -> Vec<i64> {
    let parts = apportion(i128::from(value), weights);
    parts.map_or_else(|| vec![0; weights.len()], |parts| parts.iter().map(|part| *part as i64).collect())
}
