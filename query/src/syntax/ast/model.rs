//! Dimensions, measures and definitions.

use super::expr::Expr;
use super::name::{Name, Path};

/// How the members of a new dimension are arranged.
#[derive(Debug, Clone, PartialEq)]
pub enum Arrangement {
    /// `levels (division, department)`; a single level named like the dimension where nothing is written.
    Levels(Vec<Name>),
    /// `parent-child`
    ParentChild,
}

/// How a measure adds up over ordinary dimensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollup {
    /// `sum`
    Sum,
    /// `min`
    Min,
    /// `max`
    Max,
    /// `average`
    Average,
    /// `none`
    None,
}

/// How a measure adds up over time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverTime {
    /// `last over period`
    Last,
    /// `closing over period`
    Closing,
    /// `first over period`
    First,
    /// `average over period`
    Average,
}

/// What a defined name stands for.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// A formula over measures, or over members of a dimension.
    Formula(Expr),
    /// `actual through 2026-03 then plan`: members, each up to a period, and the one after the last.
    Through {
        /// Each member with the last period it gives.
        parts: Vec<(Path, Name)>,
        /// What gives the periods after.
        then: Path,
    },
}

/// `define NAME = ...`
#[derive(Debug, Clone, PartialEq)]
pub struct Define {
    /// A measure's name, or a member's after its dimension: `scenario.gap`.
    pub name: Path,
    /// What it stands for.
    pub body: Body,
    /// `at leaves`
    pub at_leaves: bool,
    /// `unit 'USD'`
    pub unit: Option<String>,
    /// `format '0.0%'`
    pub format: Option<String>,
    /// `favours lower` is false, `favours higher` true.
    pub favours_higher: Option<bool>,
}

/// What `describe` is asked about.
#[derive(Debug, Clone, PartialEq)]
pub enum Described {
    /// The cube.
    Cube,
    /// A dimension or a measure.
    Named(Path),
}

/// In which order the members of a parent come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberOrder {
    /// `by loaded`
    Loaded,
    /// `by name`
    Name,
    /// `by key`
    Key,
}
