//! Scenarios compared and merged.

use super::expr::Condition;
use super::name::Path;
use super::question::AxisItem;

/// `compare upside to plan by division where 2026 top 10`
#[derive(Debug, Clone, PartialEq)]
pub struct Compare {
    /// The scenario to be judged.
    pub left: Path,
    /// What it is measured by.
    pub right: Path,
    /// Rows; leaf cells where empty.
    pub by: Vec<AxisItem>,
    /// `where`
    pub conditions: Vec<Condition>,
    /// `top 10`: only the largest gaps.
    pub top: Option<u64>,
}

/// `merge upside into plan where Sales taking upside`
#[derive(Debug, Clone, PartialEq)]
pub struct Merge {
    /// Whose changes are taken over.
    pub from: Path,
    /// Where they go.
    pub into: Path,
    /// `where`
    pub conditions: Vec<Condition>,
    /// Whose value counts where both have changed a cell.
    pub taking: Option<Path>,
    /// `because 'text'`
    pub because: Option<String>,
}
