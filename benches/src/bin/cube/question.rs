//! The questions of the workload, each to a whole result in columns.

use std::collections::BTreeMap;

use benches::Result;
use engine::aggregate::{Axis, OUTSIDE};
use rayon::prelude::*;

use crate::star::{COST, Found, Grain, HEADCOUNT, REVENUE, Star};
use crate::table::{Column, Table};

/// Digits after the point of the money measures.
const MONEY: u8 = 4;

/// Rows of an answer from which on its columns are made by all threads.
const MANY: usize = 1 << 14;

/// Answers one question.
pub fn ask(star: &Star, name: &str, scenario: usize) -> Result<Table> {
    match name {
        "q01" => grand_total(star),
        "q02" => money(star, 1, vec![star.level("cc", "division")?], &["division"]),
        "q03" => closing(star, scenario, vec![star.level("cc", "dept")?], &["dept", "quarter"]),
        "q04" => projects_by_scenario(star),
        "q05" => variance_by_month(star),
        "q06" => top_variances(star),
        "q07" => shares(star),
        "q08" => year_to_date(star),
        "q09" => drill(star),
        "q10" => cross_tab(star),
        "q11" => {
            let grain = vec![
                star.part("location", "region", &[1])?,
                star.part("project", "portfolio", &[3])?,
                star.part("channel", "channel_group", &[0, 2])?,
            ];
            closing(star, 0, grain, &["quarter"])
        }
        "q12" => distinct_projects(star),
        "q13" => cost_per_head(star),
        "q14" => bridge(star),
        "q15" => subtotals(star),
        "q16" => by_added(star),
        other => Err(format!("unknown question {other}").into()),
    }
}

fn quarters(star: &Star) -> Result<(&'static str, Axis)> {
    star.months(16, |month| Some(month / 3))
}

fn year(star: &Star, year: u32) -> Result<(&'static str, Axis)> {
    star.months(1, move |month| (month / 12 == year).then_some(0))
}

/// The column of a dimension is called by its coordinate's name in [`Found`].
fn coordinate(column: &str) -> &'static str {
    match column {
        "division" | "unit" | "dept" | "cc" => "cc",
        "portfolio" | "programme" | "project" => "project",
        "channel_group" | "channel" => "channel",
        "region" | "country" | "location" => "location",
        "ctype" => "ctype",
        _ => "month",
    }
}

/// The codes of the groups by some columns, then their sums: for each its column, its place and its digits.
fn listed(found: &Found, names: &[&'static str], sums: &[(&'static str, usize, u8)]) -> Table {
    let codes = |name: &&'static str| (*name, Column::Codes(found.codes(coordinate(name))));
    let numbers =
        |(name, place, scale): &(&'static str, usize, u8)| (*name, Column::Numbers(found.sums(*place, *scale)));
    match found.len() > MANY {
        true => {
            let (codes, numbers): (Vec<_>, Vec<_>) =
                rayon::join(|| names.par_iter().map(codes).collect(), || sums.par_iter().map(numbers).collect());
            Table::of(codes.into_iter().chain(numbers))
        }
        false => Table::of(names.iter().map(codes).chain(sums.iter().map(numbers))),
    }
}

fn grand_total(star: &Star) -> Result<Table> {
    let (mut cost, mut revenue) = (0.0, 0.0);
    for scenario in 0..5 {
        let found = star.ask(scenario, &[COST, REVENUE], &Vec::new())?;
        cost += found.sums(0, MONEY).iter().sum::<f64>();
        revenue += found.sums(1, MONEY).iter().sum::<f64>();
    }
    Ok(Table::default().numbers("cost_t", vec![cost]).numbers("revenue_t", vec![revenue]))
}

fn money(star: &Star, scenario: usize, grain: Grain, names: &[&'static str]) -> Result<Table> {
    let found = star.ask(scenario, &[COST, REVENUE], &grain)?;
    Ok(listed(&found, names, &[("cost_t", 0, MONEY), ("revenue_t", 1, MONEY)]))
}

/// Flows by quarter, with the headcount of each quarter's last month.
fn closing(star: &Star, scenario: usize, mut grain: Grain, names: &[&'static str]) -> Result<Table> {
    grain.push(quarters(star)?);
    let flows = star.ask(scenario, &[COST, REVENUE], &grain)?;
    grain.pop();
    grain.push(star.months(16, |month| (month % 3 == 2).then_some(month / 3))?);
    let heads = star.ask(scenario, &[HEADCOUNT], &grain)?;
    let table = listed(&flows, names, &[]).numbers("hc", aligned(&flows, &heads, star.scale));
    Ok(table.numbers("cost_t", flows.sums(0, MONEY)).numbers("revenue_t", flows.sums(1, MONEY)))
}

/// The sums of one answer at the groups of another; 0 where it has none.
fn aligned(groups: &Found, sums: &Found, scale: u8) -> Vec<f64> {
    let values = sums.sums(0, scale);
    let mut at = 0;
    let value = |group: &u64| {
        while sums.groups.offsets.get(at).is_some_and(|known| known < group) {
            at += 1;
        }
        if sums.groups.offsets.get(at) == Some(group) { values[at] } else { 0.0 }
    };
    groups.groups.offsets.iter().map(value).collect()
}

fn projects_by_scenario(star: &Star) -> Result<Table> {
    let months = star.months(4, |month| (month / 12 == 2 && month % 3 == 2).then_some(month / 3 - 8))?;
    let grain = vec![star.level("project", "project")?, months];
    let (mut projects, mut scenarios, mut quarters, mut heads) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for scenario in 0..5 {
        let found = star.ask(scenario, &[HEADCOUNT], &grain)?;
        projects.extend(found.codes("project"));
        scenarios.resize(projects.len(), scenario as i64);
        quarters.extend(found.codes("month").into_iter().map(|quarter| quarter + 8));
        heads.extend(found.sums(0, star.scale));
    }
    let table = Table::default().codes("project", projects).codes("scenario", scenarios);
    Ok(table.codes("quarter", quarters).numbers("hc", heads))
}

/// Two answers side by side: each group of either, with the value in both, 0 where there is none.
fn side_by_side(left: &Found, right: &Found) -> (Vec<u64>, Vec<f64>, Vec<f64>) {
    let (one, other) = (left.sums(0, MONEY), right.sums(0, MONEY));
    let (mut groups, mut lefts, mut rights) = (Vec::new(), Vec::new(), Vec::new());
    let (mut a, mut b) = (0, 0);
    let (first, second) = (&left.groups.offsets, &right.groups.offsets);
    while a < first.len() || b < second.len() {
        let group = first.get(a).copied().unwrap_or(u64::MAX).min(second.get(b).copied().unwrap_or(u64::MAX));
        let (in_left, in_right) = (first.get(a) == Some(&group), second.get(b) == Some(&group));
        groups.push(group);
        lefts.push(if in_left { one[a] } else { 0.0 });
        rights.push(if in_right { other[b] } else { 0.0 });
        a += usize::from(in_left);
        b += usize::from(in_right);
    }
    (groups, lefts, rights)
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole != 0.0).then(|| 100.0 * part / whole)
}

fn variance_by_month(star: &Star) -> Result<Table> {
    let grain = vec![star.level("cc", "dept")?, star.months(36, |month| (month < 36).then_some(month))?];
    let (plan, actual) = (star.ask(1, &[COST], &grain)?, star.ask(0, &[COST], &grain)?);
    let (groups, plan, actual) = side_by_side(&plan, &actual);
    let gaps: Vec<f64> = actual.iter().zip(&plan).map(|(actual, plan)| actual - plan).collect();
    let percent = gaps.iter().zip(&plan).map(|(gap, plan)| ratio(*gap, *plan)).collect();
    let table = Table::default().codes("dept", groups.iter().map(|group| (group / 36) as i64).collect());
    let table = table.codes("month", groups.iter().map(|group| (group % 36) as i64).collect());
    Ok(table.numbers("p", plan).numbers("a", actual).numbers("v", gaps).with("pct", Column::Ratios(percent)))
}

fn top_variances(star: &Star) -> Result<Table> {
    let grain = vec![star.level("project", "project")?, year(star, 2)?];
    let (plan, actual) = (star.ask(1, &[REVENUE], &grain)?, star.ask(0, &[REVENUE], &grain)?);
    let (groups, plan, actual) = side_by_side(&plan, &actual);
    let gap = |row: &usize| actual[*row] - plan[*row];
    let mut rows: Vec<usize> = (0..groups.len()).collect();
    rows.sort_by(|a, b| gap(b).abs().total_cmp(&gap(a).abs()).then(groups[*a].cmp(&groups[*b])));
    rows.truncate(10);
    let of = |column: &[f64]| rows.iter().map(|row| column[*row]).collect::<Vec<f64>>();
    let table = Table::default().codes("project", rows.iter().map(|row| groups[*row] as i64).collect());
    Ok(table.numbers("p", of(&plan)).numbers("a", of(&actual)).numbers("v", rows.iter().map(gap).collect()))
}

fn shares(star: &Star) -> Result<Table> {
    let found = star.ask(1, &[REVENUE], &vec![star.level("channel", "channel")?, year(star, 2)?])?;
    let revenue = found.sums(0, MONEY);
    let total: f64 = revenue.iter().sum();
    let share = revenue.iter().map(|part| part / total).collect();
    Ok(listed(&found, &["channel"], &[]).numbers("r", revenue).numbers("share", share))
}

fn year_to_date(star: &Star) -> Result<Table> {
    let months = star.months(24, |month| (12..36).contains(&month).then_some(month.wrapping_sub(12)))?;
    let found = star.ask(0, &[COST], &vec![star.level("cc", "dept")?, months])?;
    let sums = found.sums(0, MONEY);
    let by_month = found.codes("month");
    let (mut departments, mut months, mut costs) = (Vec::new(), Vec::new(), Vec::new());
    let (mut running, mut before) = (Vec::new(), Vec::new());
    for (department, rows) in found.along("cc") {
        let mut years: [[Option<f64>; 12]; 2] = Default::default();
        for row in rows {
            years[by_month[row] as usize / 12][by_month[row] as usize % 12] = Some(sums[row]);
        }
        let [prior, current] = years;
        let (mut ytd, mut ytd_prior) = (0.0, 0.0);
        for month in (0..12).filter(|month| prior[*month].is_some() || current[*month].is_some()) {
            ytd += current[month].unwrap_or(0.0);
            ytd_prior += prior[month].unwrap_or(0.0);
            departments.push(department);
            months.push(month as i64);
            costs.push(current[month].unwrap_or(0.0));
            running.push(ytd);
            before.push(ytd_prior);
        }
    }
    let gaps: Vec<f64> = running.iter().zip(&before).map(|(ytd, prior)| ytd - prior).collect();
    let growth = gaps.iter().zip(&before).map(|(gap, prior)| ratio(*gap, *prior)).collect();
    let table = Table::default().codes("dept", departments).codes("mm", months).numbers("c", costs);
    let table = table.numbers("ytd", running).numbers("ytd_py", before).numbers("delta", gaps);
    Ok(table.with("growth", Column::Ratios(growth)))
}

fn drill(star: &Star) -> Result<Table> {
    let division = star.part("cc", "division", &[1])?.1;
    let (name, leaves) = star.level("cc", "cc")?;
    let size = leaves.size() as u32;
    let code = |leaf: u32| division.group(leaf).and_then(|_| leaves.group(leaf)).unwrap_or(OUTSIDE);
    let inside = Axis::Groups((0..star.members("cc")?).map(code).collect(), size);
    let months = star.months(12, |month| month.checked_sub(24).filter(|month| *month < 12))?;
    let grain = vec![(name, inside), star.level("project", "project")?, months];
    let found = star.ask(1, &[HEADCOUNT, COST, REVENUE], &grain)?;
    let sums = [("hc", 0, star.scale), ("cost_t", 1, MONEY), ("revenue_t", 2, MONEY)];
    let months = found.codes("month").into_iter().map(|month| month + 24).collect();
    Ok(listed(&found, &["cc", "project"], &sums).codes("month", months))
}

fn cross_tab(star: &Star) -> Result<Table> {
    let grain = vec![
        star.level("cc", "division")?,
        star.level("project", "programme")?,
        star.level("channel", "channel_group")?,
        star.level("location", "region")?,
        quarters(star)?,
    ];
    money(star, 1, grain, &["division", "programme", "channel_group", "region", "quarter"])
}

fn distinct_projects(star: &Star) -> Result<Table> {
    let grain = vec![star.level("cc", "dept")?, star.level("project", "project")?, year(star, 2)?];
    let found = star.ask(0, &[], &grain)?;
    let (mut departments, mut counts) = (Vec::new(), Vec::new());
    for (department, projects) in found.along("cc") {
        departments.push(department);
        counts.push(projects.len() as f64);
    }
    Ok(Table::default().codes("dept", departments).numbers("n", counts))
}

fn cost_per_head(star: &Star) -> Result<Table> {
    let found = star.ask(0, &[HEADCOUNT, COST], &vec![star.level("cc", "dept")?, year(star, 2)?])?;
    let heads = found.sums(0, star.scale);
    let per_head = found.sums(1, MONEY).iter().zip(&heads).map(|(cost, heads)| cost / heads).collect();
    Ok(listed(&found, &["dept"], &[]).numbers("hm", heads).numbers("cph", per_head))
}

fn bridge(star: &Star) -> Result<Table> {
    let (name, departments) = star.level("cc", "dept")?;
    let divisions = star.level("cc", "division")?.1;
    let mut division_of: Vec<u32> = vec![0; departments.size() as usize];
    for leaf in 0..star.members("cc")? {
        if let Some((department, division)) = departments.group(leaf).zip(divisions.group(leaf)) {
            division_of[department as usize] = division;
        }
    }
    let mut cells: Vec<Option<[f64; 4]>> = vec![None; departments.size() as usize];
    let grain = vec![(name, departments), year(star, 3)?];
    for (place, scenario) in [1, 3].into_iter().enumerate() {
        let found = star.ask(scenario, &[HEADCOUNT, REVENUE], &grain)?;
        let rows = found.codes("cc").into_iter().zip(found.sums(0, star.scale)).zip(found.sums(1, MONEY));
        for ((department, heads), revenue) in rows {
            let row = cells[department as usize].get_or_insert_default();
            (row[place], row[2 + place]) = (heads, revenue);
        }
    }
    let cells = cells.iter().zip(&division_of).filter_map(|(cells, division)| Some((*division, (*cells)?)));
    let mut totals: BTreeMap<i64, [f64; 4]> = BTreeMap::new();
    for (division, [heads, heads_up, base, up]) in cells {
        let volume = if heads > 0.0 { (heads_up - heads) * base / heads } else { 0.0 };
        let row = totals.entry(i64::from(division)).or_default();
        [base, volume, up - base - volume, up].into_iter().zip(row).for_each(|(part, total)| *total += part);
    }
    let of = |place: usize| totals.values().map(|row| row[place]).collect::<Vec<f64>>();
    let table = Table::default().codes("division", totals.keys().copied().collect());
    Ok(table.numbers("base", of(0)).numbers("volume", of(1)).numbers("rate", of(2)).numbers("upside", of(3)))
}

/// Department by quarter, and from it every coarser pair of levels.
fn subtotals(star: &Star) -> Result<Table> {
    let (name, departments) = star.level("cc", "dept")?;
    let levels = [star.level("cc", "division")?.1, star.level("cc", "unit")?.1];
    let mut above = vec![[0i64; 2]; departments.size() as usize];
    for leaf in 0..star.members("cc")? {
        let Some(department) = departments.group(leaf) else { continue };
        let groups = levels.iter().map(|level| level.group(leaf).map_or(0, i64::from));
        above[department as usize].iter_mut().zip(groups).for_each(|(above, group)| *above = group);
    }
    let found = star.ask(1, &[COST, REVENUE], &vec![(name, departments), quarters(star)?])?;
    let (rows, columns) = (found.codes("cc"), found.codes("month"));
    let (cost, revenue) = (found.sums(0, MONEY), found.sums(1, MONEY));
    let down = [vec![0; rows.len()], above_of(&rows, &above, 0), above_of(&rows, &above, 1), rows.clone()];
    let across = [vec![0; rows.len()], columns.iter().map(|quarter| quarter / 4).collect(), columns.clone()];
    let mut keys: [Vec<Option<i64>>; 5] = Default::default();
    let (mut costs, mut revenues) = (Vec::new(), Vec::new());
    for (depth, down) in down.iter().enumerate() {
        for (width, across) in across.iter().enumerate() {
            let size = across.iter().max().map_or(1, |most| *most as usize + 1);
            let places = down.iter().max().map_or(1, |most| *most as usize + 1) * size;
            let mut sums = vec![(0.0, 0.0, None); places];
            for row in 0..rows.len() {
                let sum = &mut sums[down[row] as usize * size + across[row] as usize];
                *sum = (sum.0 + cost[row], sum.1 + revenue[row], Some(row));
            }
            for (cost, revenue, row) in sums.into_iter().filter_map(|(c, r, row)| Some((c, r, row?))) {
                let [division, unit] = above[rows[row] as usize];
                let full = [division, unit, rows[row], columns[row] / 4, columns[row]];
                let shown = [depth > 0, depth > 1, depth > 2, width > 0, width > 1];
                keys.iter_mut()
                    .zip(full.iter().zip(shown))
                    .for_each(|(k, (code, shown))| k.push(shown.then_some(*code)));
                costs.push(cost);
                revenues.push(revenue);
            }
        }
    }
    let mut table = Table::default();
    for (name, column) in ["division", "unit", "dept", "year", "quarter"].into_iter().zip(keys) {
        table = table.with(name, Column::Sparse(column));
    }
    Ok(table.numbers("cost_t", costs).numbers("revenue_t", revenues))
}

/// For each row the group above its department.
fn above_of(departments: &[i64], above: &[[i64; 2]], level: usize) -> Vec<i64> {
    departments.iter().map(|department| above[*department as usize][level]).collect()
}

fn by_added(star: &Star) -> Result<Table> {
    let grain = vec![star.level("cc", "dept")?, star.level("ctype", "ctype")?];
    let found = star.ask(1, &[HEADCOUNT, COST], &grain)?;
    Ok(listed(&found, &["dept", "ctype"], &[("hm", 0, star.scale), ("cost_t", 1, MONEY)]))
}
