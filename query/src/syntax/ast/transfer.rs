//! Loads and exports: files in and out.

use super::expr::Condition;
use super::name::{Literal, Name, Path, Span};
use super::question::Show;

/// One pair of a load's mapping: `(CostCentre -> department)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Mapping {
    /// The file's column.
    pub column: Name,
    /// Level, dimension, measure, or a property of members (`key`, `parent`, `weight`, attribute).
    pub target: Path,
    /// What stands for nothing: `unless 0 or '-'`.
    pub unless: Vec<Literal>,
}

/// Up to which column a wide mapping goes.
#[derive(Debug, Clone, PartialEq)]
pub enum Until {
    /// The first column alone: `2024`
    Itself,
    /// All columns from the first on: `2024..`
    End,
    /// `2024..2026`
    Column(Name),
}

/// Columns that become rows: `2024.. -> period as cost`.
#[derive(Debug, Clone, PartialEq)]
pub struct Wide {
    /// The first column.
    pub first: Name,
    /// The last.
    pub until: Until,
    /// Level or dimension that the headings are members of.
    pub target: Path,
    /// The measure of the fields.
    pub measure: Path,
    /// What stands for nothing.
    pub unless: Vec<Literal>,
}

/// What two rows for one cell mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDuplicate {
    /// They add up.
    Add,
    /// The last one counts.
    Last,
    /// They stop the load.
    Reject,
}

/// `load 'facts.csv' ...`
#[derive(Debug, Clone, PartialEq)]
pub struct Load {
    /// The file, as written.
    pub file: String,
    /// Where it is written.
    pub file_span: Span,
    /// `load members of DIMENSION from ...`
    pub members_of: Option<Path>,
    /// `into SCENARIO`
    pub into: Option<Path>,
    /// `(Column -> target, ...)`
    pub mapping: Vec<Mapping>,
    /// `(2024.. -> period as cost)`
    pub wide: Vec<Wide>,
    /// `creating members`
    pub creating_members: bool,
    /// `skipping errors to 'file'`
    pub skipping_errors: Option<String>,
    /// `on duplicate ...`
    pub on_duplicate: Option<OnDuplicate>,
    /// `replace`, with the conditions after `where`.
    pub replace: Option<Vec<Condition>>,
    /// `because 'text'`
    pub because: Option<String>,
}

/// What is written to a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Exported {
    /// `(show ...)`: an answer.
    Answer(Box<Show>),
    /// `plan, 2026`: leaf facts.
    Facts(Vec<Condition>),
    /// `journal`: the record, as a script.
    Journal,
}

/// `export ... to 'file'`
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// What is written.
    pub what: Exported,
    /// The file, as written.
    pub file: String,
    /// Where it is written.
    pub file_span: Span,
}
