//! Whole units that meet every margin: each cell goes to one of the two whole numbers beside it.

use super::super::leaf::Field;
use super::exact::{self, Decision};
use super::reach::Transport;
use super::room::{Room, rooms};
use super::table::Table;
use crate::error::{EngineError, Result};
use std::collections::HashSet;
use xxhash_rust::xxh3::Xxh3;

/// By how many units beyond the neighbouring whole numbers cells may go, where these do not do.
const WIDENINGS: [i128; 6] = [0, 1, 4, 64, 4096, i128::MAX / 8];

/// Units moved at most in search of a rounding of three and more margins.
const MOST_MOVES: usize = 100_000;

/// The same in a table that an integer program can decide.
const FEW_MOVES: usize = 1_000;

/// Whole amounts for cells.
///
/// Errors: there are none that meet all margins at once, or none were found; names a unit that finds no place.
pub(super) fn rounded(field: &Field, table: &Table, real: &[f64]) -> Result<Vec<i128>> {
    Ok(match table.margins.len() {
        0 => Vec::new(),
        1 | 2 => by_flow(table, real).ok_or_else(|| no_place(field, table, (0, 0), true))?,
        _ => match by_moves(field, table, real)? {
            Ok(units) => units,
            Err(gap) => match exact::decided(table, &rooms(table, real, 0)) {
                Decision::Whole(units) => units,
                Decision::Never => return Err(no_place(field, table, gap, true)),
                Decision::Unknown => return Err(no_place(field, table, gap, false)),
            },
        },
    })
}

/// One or two margins: what is wanted above the least amounts flows through the cells.
fn by_flow(table: &Table, real: &[f64]) -> Option<Vec<i128>> {
    WIDENINGS.iter().find_map(|wider| flowing(table, &rooms(table, real, *wider)))
}

fn flowing(table: &Table, rooms: &[Room]) -> Option<Vec<i128>> {
    let left = |margin: usize| {
        let mut wanted: Vec<i128> = match table.margins.get(margin) {
            Some(groups) => groups.iter().map(|group| group.wanted).collect(),
            None => Vec::new(),
        };
        for (cell, room) in table.cells.iter().zip(rooms) {
            if let Some(group) = cell.groups.get(margin).copied().flatten() {
                wanted[group] -= room.least;
            }
        }
        wanted.iter().all(|wanted| *wanted >= 0).then_some(wanted)
    };
    let mut transport = Transport::of(&left(0)?, &left(1)?);
    let mut order: Vec<usize> = (0..rooms.len()).filter(|cell| rooms[*cell].most > rooms[*cell].least).collect();
    order.sort_by(|a, b| rooms[*b].rest.total_cmp(&rooms[*a].rest).then(a.cmp(b)));
    for cell in order {
        let groups = &table.cells[cell].groups;
        let column = groups.get(1).copied().flatten();
        transport.cell(cell, groups[0], column, rooms[cell].most - rooms[cell].least);
    }
    if !transport.met() {
        return None;
    }
    let mut units: Vec<i128> = rooms.iter().map(|room| room.least).collect();
    for (cell, edge) in &transport.edges {
        units[*cell] += transport.flow(*edge);
    }
    Some(units)
}

/// Three and more margins: round each cell to the nearest, then move single units so that the margins
/// come nearer, never visiting the same amounts twice. Where the search ends, a group that is not met.
fn by_moves(field: &Field, table: &Table, real: &[f64]) -> Result<std::result::Result<Vec<i128>, (usize, usize)>> {
    let most = if table.cells.len() > exact::MOST_CELLS { MOST_MOVES } else { FEW_MOVES };
    let mut units: Vec<i128> = real.iter().map(|value| value.round() as i128).collect();
    let mut gaps = table.gaps(&units);
    let mut seen = HashSet::from([digest(&units)]);
    for _ in 0..most {
        field.check_stop()?;
        if gaps.iter().flatten().all(|gap| *gap == 0) {
            return Ok(Ok(units));
        }
        let mut moves: Vec<(i128, f64, usize, i128)> = candidates(table, &gaps)
            .flat_map(|cell| [(cell, 1), (cell, -1)])
            .filter(|(cell, by)| units[*cell] + by >= 0 && (units[*cell] + by - real[*cell].round() as i128).abs() <= 2)
            .map(|(cell, by)| {
                (after(table, &gaps, cell, by), (units[cell] as f64 + by as f64 - real[cell]).abs(), cell, by)
            })
            .collect();
        moves.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
        let fresh = moves.into_iter().find(|(_, _, cell, by)| {
            units[*cell] += by;
            let is_new = seen.insert(digest(&units));
            units[*cell] -= by;
            is_new
        });
        let Some((_, _, cell, by)) = fresh else { break };
        units[cell] += by;
        table.shift(&mut gaps, cell, by);
    }
    Ok(Err(first_gap(&gaps)))
}

/// What tells amounts apart: a list of them for every move would take more memory than the table.
fn digest(units: &[i128]) -> u128 {
    let mut hasher = Xxh3::new();
    units.iter().for_each(|units| hasher.update(&units.to_le_bytes()));
    hasher.digest128()
}

/// Cells of a group that is not met yet.
fn candidates<'t>(table: &'t Table, gaps: &'t [Vec<i128>]) -> impl Iterator<Item = usize> + 't {
    (0..table.cells.len()).filter(move |cell| {
        let groups = &table.cells[*cell].groups;
        table.cells[*cell].seed > 0
            && groups.iter().enumerate().any(|(margin, group)| group.is_some_and(|group| gaps[margin][group] != 0))
    })
}

/// By how much the gaps grow with one unit more in a cell.
fn after(table: &Table, gaps: &[Vec<i128>], cell: usize, by: i128) -> i128 {
    let groups = table.cells[cell].groups.iter().enumerate();
    let growth = |(margin, group): (usize, &Option<usize>)| {
        group.map_or(0, |group| (gaps[margin][group] - by).abs() - gaps[margin][group].abs())
    };
    groups.map(growth).sum()
}

fn first_gap(gaps: &[Vec<i128>]) -> (usize, usize) {
    let found = gaps.iter().enumerate().find_map(|(m, groups)| Some((m, groups.iter().position(|gap| *gap != 0)?)));
    found.unwrap_or((0, 0))
}

/// The refusal where a group is not met: for certain, or as far as was looked.
fn no_place(field: &Field, table: &Table, (margin, group): (usize, usize), certain: bool) -> EngineError {
    let (unit, name) = (field.amount(field.spread.step.max(1)), table.group_name(margin, group));
    match certain {
        true => EngineError::refused(
            format!("a unit of {unit} in {name} finds no place that meets every total at once"),
            "change a total by a unit, take a finer `step`, or fit `equally over all` so that other cells take part",
        ),
        false => EngineError::refused(
            format!("no place was found for a unit of {unit} in {name} that meets every total at once"),
            format!("{} cells are too many to try every way: change a total by a unit", table.cells.len()),
        ),
    }
}
