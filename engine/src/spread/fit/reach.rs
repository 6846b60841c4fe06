//! Why totals cannot be met: groups without figures, margins that differ, demands that meet in too few cells.

use super::super::leaf::Field;
use super::flow::Network;
use super::table::Table;
use crate::error::{EngineError, Result};

/// Refuses what no figures can meet.
pub(super) fn check(field: &Field, table: &Table) -> Result<()> {
    for (margin, groups) in table.margins.iter().enumerate() {
        for (place, group) in groups.iter().enumerate() {
            if group.wanted < 0 {
                return Err(negative(field, table, margin, place));
            }
            if group.wanted != 0 && table.cells_of(margin, place).next().is_none() {
                return Err(bare(field, table, margin, place));
            }
        }
    }
    check_sums(field, table)?;
    for first in 0..table.margins.len() {
        for second in first + 1..table.margins.len() {
            check_pair(field, table, first, second)?;
        }
    }
    Ok(())
}

fn amount(field: &Field, steps: i128) -> String {
    field.amount(steps * field.spread.step.max(1))
}

fn negative(field: &Field, table: &Table, margin: usize, group: usize) -> EngineError {
    let name = table.group_name(margin, group);
    let wanted = amount(field, table.margins[margin][group].wanted);
    EngineError::refused(
        format!("{name} leaves {wanted} for what is free: a fit scales what is there and cannot turn it"),
        "name totals of zero or more",
    )
}

fn bare(field: &Field, table: &Table, margin: usize, group: usize) -> EngineError {
    let name = table.group_name(margin, group);
    let (wanted, measure) = (amount(field, table.margins[margin][group].wanted), field.measure());
    EngineError::refused(
        format!("{name} wants {wanted}, and has no free {measure} to be scaled"),
        "fit `equally over all` or by a formula that has values there",
    )
}

/// Margins that speak of all cells come to the same.
fn check_sums(field: &Field, table: &Table) -> Result<()> {
    let sum = |margin: usize| table.margins[margin].iter().map(|group| group.wanted).sum::<i128>();
    let mut whole = (0..table.margins.len()).filter(|margin| table.covers(*margin));
    let Some(first) = whole.next() else { return Ok(()) };
    match whole.find(|other| sum(*other) != sum(first)) {
        None => Ok(()),
        Some(other) => Err(EngineError::refused(
            format!(
                "the totals by {} come to {}, those by {} to {}: {} apart",
                table.names[first],
                amount(field, sum(first)),
                table.names[other],
                amount(field, sum(other)),
                amount(field, (sum(first) - sum(other)).abs())
            ),
            "make both sets of totals come to the same",
        )),
    }
}

/// Whether two margins can be met by the cells that have figures: a flow from one to the other. What
/// holds it back is a set of groups that want more than the groups they share cells with may have.
fn check_pair(field: &Field, table: &Table, first: usize, second: usize) -> Result<()> {
    let mut transport = Transport::new(table, first, second);
    for (place, cell) in table.cells.iter().enumerate().filter(|(_, cell)| cell.seed > 0) {
        transport.cell(place, cell.groups[first], cell.groups[second], i128::MAX / 4);
    }
    if transport.met() {
        return Ok(());
    }
    Err(conflict(field, table, first, second, &transport))
}

/// Two margins as a network: what is wanted of the one flows through cells to what is wanted of the
/// other. Cells that a margin says nothing of flow through a node of its own with no wish.
pub(super) struct Transport {
    network: Network,
    rows: usize,
    columns: usize,
    wanted: i128,
    sent: i128,
    /// For each cell its edge.
    pub edges: Vec<(usize, usize)>,
}

impl Transport {
    pub fn new(table: &Table, first: usize, second: usize) -> Self {
        let wanted = |margin: usize| table.margins[margin].iter().map(|group| group.wanted).collect::<Vec<_>>();
        Transport::of(&wanted(first), &wanted(second))
    }

    /// A network for what is wanted of rows and of columns.
    pub fn of(first: &[i128], second: &[i128]) -> Self {
        let (rows, columns) = (first.len(), second.len());
        let mut network = Network::new(rows + columns + 4);
        let (source, sink) = (rows + columns + 2, rows + columns + 3);
        first.iter().enumerate().for_each(|(row, wanted)| _ = network.edge(source, row, *wanted));
        second.iter().enumerate().for_each(|(column, wanted)| _ = network.edge(rows + 1 + column, sink, *wanted));
        let (down, across): (i128, i128) = (first.iter().sum(), second.iter().sum());
        network.edge(source, rows, across);
        network.edge(rows + 1 + columns, sink, down);
        network.edge(rows, rows + 1 + columns, i128::MAX / 4);
        Transport { network, rows, columns, wanted: down + across, sent: 0, edges: Vec::new() }
    }

    pub fn cell(&mut self, cell: usize, row: Option<usize>, column: Option<usize>, most: i128) {
        let (row, column) = (row.unwrap_or(self.rows), self.rows + 1 + column.unwrap_or(self.columns));
        let edge = self.network.edge(row, column, most);
        self.edges.push((cell, edge));
    }

    /// Whether everything wanted can flow.
    pub fn met(&mut self) -> bool {
        self.sent += self.network.send(self.rows + self.columns + 2, self.rows + self.columns + 3);
        self.sent == self.wanted
    }

    pub fn flow(&self, edge: usize) -> i128 {
        self.network.flow(edge)
    }

    fn short(&self) -> i128 {
        self.wanted - self.sent
    }

    /// The rows that want more than the columns they reach.
    fn cut(&self) -> (Vec<usize>, Vec<usize>) {
        let reached = self.network.reached(self.rows + self.columns + 2);
        let rows = (0..self.rows).filter(|row| reached[*row]).collect();
        let columns = (0..self.columns).filter(|column| reached[self.rows + 1 + column]).collect();
        (rows, columns)
    }
}

fn conflict(field: &Field, table: &Table, first: usize, second: usize, transport: &Transport) -> EngineError {
    let (rows, columns) = transport.cut();
    let list = |margin: usize, groups: &[usize]| {
        let names: Vec<&str> = groups.iter().map(|group| table.margins[margin][*group].name.as_str()).collect();
        names.join(", ")
    };
    let sum =
        |margin: usize, groups: &[usize]| groups.iter().map(|group| table.margins[margin][*group].wanted).sum::<i128>();
    let (measure, short) = (field.measure(), amount(field, transport.short()));
    let help = "change these totals, or fit `equally over all` so that other cells take part";
    let (wants, wanted, has, room) = match rows.is_empty() {
        false => (list(first, &rows), sum(first, &rows), list(second, &columns), sum(second, &columns)),
        true => {
            let all: Vec<usize> = (0..table.margins[second].len()).filter(|column| !columns.contains(column)).collect();
            let other: Vec<usize> = (0..table.margins[first].len()).collect();
            (list(second, &all), sum(second, &all), list(first, &other), sum(first, &other))
        }
    };
    let has = if has.is_empty() {
        "nothing that may rise".to_owned()
    } else {
        format!("{has}, which may have {}", amount(field, room))
    };
    EngineError::refused(
        format!("{wants} wants {} and has {measure} only in {has}: {short} cannot be placed", amount(field, wanted)),
        help,
    )
}
