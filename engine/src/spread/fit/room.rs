//! Between which whole numbers the amount of each cell may lie.

use super::table::{Cell, Table};

/// What is nearer to a whole number than this is that number.
const WHOLE: f64 = 1e-6;

/// Between which whole numbers a cell's amount may lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub least: i128,
    /// The whole number below, or the one that it is.
    pub near: i128,
    pub most: i128,
    /// What is above `near`, which says who goes up first.
    pub rest: f64,
}

impl Room {
    /// From nothing to any amount.
    pub fn widest(self) -> Room {
        Room { least: 0, most: i128::from(i32::MAX) + self.near, ..self }
    }
}

/// The whole number below an amount, or the one that it is.
pub(super) fn whole_below(value: f64) -> i128 {
    let near = value.round();
    if (value - near).abs() < WHOLE { near as i128 } else { value.floor() as i128 }
}

/// The rooms of all cells, so many units wider on each side.
pub(super) fn rooms(table: &Table, real: &[f64], wider: i128) -> Vec<Room> {
    let room = |(value, cell): (&f64, &Cell)| {
        let least = whole_below(*value);
        let most = if (value - least as f64).abs() < WHOLE { least } else { value.ceil() as i128 };
        match cell.seed {
            0 => Room { least: 0, near: 0, most: 0, rest: 0.0 },
            _ => Room {
                least: (least - wider).max(0),
                near: least,
                most: most.saturating_add(wider),
                rest: (value - least as f64).max(0.0),
            },
        }
    };
    real.iter().zip(&table.cells).map(room).collect()
}
