//! Measures: how a number is kept, how it adds up, and which way is good.

use serde::{Deserialize, Serialize};

/// How a measure adds up over ordinary dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rollup {
    /// The sum of the leaves.
    Sum,
    /// The least leaf.
    Min,
    /// The greatest leaf.
    Max,
    /// The mean of the leaves that have data.
    Average,
    /// Not at all: only a single leaf has a value.
    None,
}

/// How a measure adds up over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OverTime {
    /// As over any other dimension: a flow.
    Flow,
    /// The last period of the span in which the cell shown has data.
    Last,
    /// The last period of the span in which the scenario has data for the measure.
    Closing,
    /// The first period of the span in which the cell shown has data.
    First,
    /// The mean over the span's periods in which the cell shown has data.
    Average,
}

/// A measure of a cube.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Its name, unique among measures and dimensions.
    pub name: String,
    /// Digits after the point; a cell is an integer in units of `10^-scale`.
    pub scale: u8,
    /// How it adds up over ordinary dimensions.
    pub rollup: Rollup,
    /// How it adds up over time.
    pub over_time: OverTime,
    /// `USD`, `heads`.
    pub unit: Option<String>,
    /// `#,##0.00`.
    pub format: Option<String>,
    /// Whether more is better; none where nothing was said.
    pub favours_higher: Option<bool>,
}

impl Measure {
    /// A stock is not additive over time: a change applies in each period by itself.
    pub fn is_stock(&self) -> bool {
        self.over_time != OverTime::Flow
    }
}
