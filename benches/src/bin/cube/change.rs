//! The writes of the workload, exact to the last unit, each one operation.

use benches::Result;
use engine::aggregate::{LeafCells, leaves};
use engine::change::Change;
use engine::cube::Draft;
use engine::dimension::{Dimension, NewMember};
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::spread::{Proportion, apportion};
use engine::subcube::{Subcube, covered};
use engine::weight::Weight;
use engine::{Drawn, Stretch, Write, Writes};
use rayon::prelude::*;
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
    let gives = |series| !source[snapshot.layout().unpack(series, projects.index() - 1) as usize].is_zero();
    let moved = by_month(&cells, gives).into_par_iter().map(|month| month.moved(percent));
    let moved: Vec<(Vec<u32>, Vec<i64>)> = moved.collect::<Option<_>>().ok_or("nothing to take, or to give to")?;
    let mut column = vec![Write::Keep; cells.len()];
    for (rows, values) in &moved {
        rows.iter().zip(values).for_each(|(row, value)| column[*row as usize] = Write::Put(*value));
    }
    let changed: usize = moved.iter().map(|(rows, _)| rows.len()).sum();
    let mut draft = Draft::on(&snapshot);
    let writes = Writes { leaves: cells.leaves, columns: vec![(headcount, column)], ..Writes::default() };
    draft.write(slice.scenario, &writes)?;
    star.commit(draft, changed)?;
    Ok(changed)
}

/// The leaves of a month: those that give, then those that take; and their values.
struct Month {
    rows: Vec<u32>,
    values: Vec<i128>,
    givers: usize,
}

/// The months in which there is something on both sides.
fn by_month(cells: &LeafCells, gives: impl Fn(u128) -> bool) -> Vec<Month> {
    let mut counts = vec![[0; 2]; cells.leaves.periods().len()];
    let sides: Vec<usize> = cells.leaves.stretches().map(|stretch| usize::from(!gives(stretch.series))).collect();
    for (stretch, side) in cells.leaves.stretches().zip(&sides) {
        stretch.slots().for_each(|slot| counts[slot][*side] += 1);
    }
    let month = |[givers, takers]: &[usize; 2]| {
        let all = givers + takers;
        Month { rows: vec![0; all], values: vec![0; all], givers: *givers }
    };
    let mut months: Vec<Month> = counts.iter().map(month).collect();
    let mut next: Vec<[usize; 2]> = counts.iter().map(|[givers, _]| [0, *givers]).collect();
    for (stretch, side) in cells.leaves.stretches().zip(&sides) {
        for (slot, row) in stretch.slots().zip(stretch.rows.clone()) {
            let at = &mut next[slot][*side];
            (months[slot].rows[*at], months[slot].values[*at]) = (row as u32, i128::from(cells.values[row]));
            *at += 1;
        }
    }
    months.retain(|month| month.givers > 0 && month.givers < month.rows.len());
    months
}

impl Month {
    /// The rows, and the value of each after it; none where a side has nothing to be in proportion to.
    fn moved(self, percent: i128) -> Option<(Vec<u32>, Vec<i64>)> {
        let (given, taken) = self.values.split_at(self.givers);
        let amount = (given.iter().sum::<i128>() * percent + 50) / 100;
        let (minus, plus) = (apportion(amount, given)?, apportion(amount, taken)?);
        let shares = minus.iter().map(|share| -share).chain(plus);
        let after = self.values.iter().zip(shares).map(|(value, share)| (value + share) as i64).collect();
        Some((self.rows, after))
    }
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
    star.commit(draft, 0)?;
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
    let weights: Vec<u64> = weights.iter().map(|w| (w.as_f64().unwrap_or(0.0) * 1000.0).round() as u64).collect();
    let proportion = Proportion::new(&weights).ok_or("the weights sum to nothing")?;
    let after = draft.snapshot().clone();
    let mut slice = Subcube::all(after.schema(), star.scenario(1)?);
    let (cc, division) = part(star, "cc", "division", number(spec, "division")?)?;
    slice.restrict(cc, division);
    let place = after.layout().width() - 1;
    let measures: Vec<MeasureId> =
        [HEADCOUNT, COST, REVENUE].iter().map(|name| star.measure(name)).collect::<Result<_>>()?;
    let cells = measures.iter().map(|measure| Ok(leaves(&after, &slice, *measure, &star.go)?));
    let cells = cells.collect::<Result<Vec<LeafCells>>>()?;
    let facts = &cells.first().ok_or("no measures")?.leaves;
    if cells.iter().any(|cells| cells.leaves != *facts) {
        return Err("a fact without one of its measures".into());
    }
    // The facts of a series as they are, then those of each member that gets a part: so they are in key order.
    let stretches: Vec<Stretch> = facts.stretches().collect();
    let mut drawn = Drawn::default();
    let series: Vec<&[Stretch]> = stretches.chunk_by(|left, right| left.series == right.series).collect();
    for series in &series {
        for member in &members {
            let there = |stretch: &Stretch| after.layout().with(stretch.series, place, *member);
            series.iter().for_each(|stretch| drawn.push_run(there(stretch), stretch.first, stretch.mask));
        }
    }
    let column = |cells: &LeafCells| split(&cells.values, &series, members.len(), &proportion);
    let columns = measures.iter().zip(&cells).map(|(measure, cells)| (*measure, column(cells))).collect();
    let count = facts.len() * (members.len() - 1);
    let leaves = drawn.finish(facts.periods().to_vec());
    draft.write(slice.scenario, &Writes { leaves, columns, ..Writes::default() })?;
    star.commit(draft, count * measures.len())?;
    Ok(count)
}

/// What is written to the leaves of each series: nothing stays, then a part of each value for each of the new members.
fn split(values: &[i64], series: &[&[Stretch]], wide: usize, proportion: &Proportion) -> Vec<Write> {
    let mut column = vec![Write::Clear; values.len() * wide];
    let (mut rest, mut parts) = (column.as_mut_slice(), Vec::with_capacity(series.len()));
    for of_series in series {
        let facts = of_series.iter().map(|stretch| stretch.rows.len()).sum::<usize>();
        let (part, others) = rest.split_at_mut(facts * wide);
        parts.push((part, facts));
        rest = others;
    }
    series.par_iter().zip(parts).for_each(|(of_series, (part, facts))| {
        let mut shares = vec![0; wide - 1];
        for (place, row) in of_series.iter().flat_map(|stretch| stretch.rows.clone()).enumerate() {
            proportion.split(values[row], &mut shares);
            shares.iter().enumerate().for_each(|(own, share)| part[(own + 1) * facts + place] = Write::Put(*share));
        }
    });
    column
}
