//! All statements.

use super::branch::{Compare, Merge};
use super::change::{Change, History, Hold, Release, Seek};
use super::expr::Condition;
use super::model::{Arrangement, Define, Described, MemberOrder, OverTime, Rollup};
use super::name::{Literal, Name, Number, Path, Span};
use super::question::Show;
use super::transfer::{Export, Load};

/// One statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// `create dimension NAME ...`
    CreateDimension {
        /// Its name.
        name: Name,
        /// Levels or parent–child.
        arrangement: Arrangement,
        /// Whether facts at consolidations are refused: `leaves only`.
        leaves_only: bool,
    },
    /// `add dimension NAME levels (...) default MEMBER`
    AddDimension {
        /// Its name.
        name: Name,
        /// Levels or parent–child.
        arrangement: Arrangement,
        /// Whether facts at consolidations are refused.
        leaves_only: bool,
        /// The member at which the facts that are there stand.
        default: Option<Name>,
    },
    /// `add level LEVEL to DIMENSION above|below LEVEL [default MEMBER]`
    AddLevel {
        /// The new level.
        level: Name,
        /// The dimension.
        to: Path,
        /// Whether it stands above the level named, not below.
        above: bool,
        /// A level that is there.
        beside: Name,
        /// The member of the new level that others go under.
        default: Option<Name>,
    },
    /// `move member MEMBER [to DIMENSION] [under PARENT]`
    MoveMember {
        /// The member.
        member: Path,
        /// Its dimension.
        to: Option<Path>,
        /// Its new parent; the top where none.
        under: Option<Path>,
    },
    /// `rename MEMBER to NAME`
    RenameMember {
        /// The member.
        member: Path,
        /// Its new name.
        name: Name,
    },
    /// `drop member MEMBER`
    DropMember(Path),
    /// `order members of DIMENSION by name`
    OrderMembers {
        /// The dimension.
        of: Path,
        /// By what.
        by: MemberOrder,
    },
    /// `create hierarchy NAME on DIMENSION levels (ATTRIBUTE, ...)`
    CreateHierarchy {
        /// Its name.
        name: Name,
        /// The dimension.
        on: Path,
        /// The attributes that its levels are made from, outermost first.
        levels: Vec<Name>,
    },
    /// `create time dimension NAME months|weeks FIRST..LAST [fiscal start N]`
    CreateTime {
        /// Its name.
        name: Name,
        /// Whether its leaves are weeks, not months.
        weeks: bool,
        /// First month or week.
        first: Name,
        /// Last month or week.
        last: Name,
        /// Month (1..=12) in which the fiscal year starts, and where it is written.
        fiscal_start: Option<Number>,
    },
    /// `create scenario NAME [, NAME ...]`
    CreateScenario {
        /// Their names.
        names: Vec<Name>,
    },
    /// `create measure NAME decimal(N) ...`
    CreateMeasure {
        /// Its name.
        name: Name,
        /// Digits after the point.
        decimals: Number,
        /// Over ordinary dimensions.
        rollup: Option<Rollup>,
        /// Over time, and the time dimension's name as written after `over`.
        over_time: Option<(OverTime, Name)>,
        /// `unit 'USD'`
        unit: Option<String>,
        /// `format '#,##0'`
        format: Option<String>,
        /// `favours lower` is false, `favours higher` true.
        favours_higher: Option<bool>,
    },
    /// `add member NAME to DIMENSION [under PARENT] [weight N] [with attribute = value, ...]`
    AddMember {
        /// Its name.
        name: Name,
        /// Dimension or level.
        to: Path,
        /// Its parent.
        under: Option<Path>,
        /// Its consolidation weight.
        weight: Option<Number>,
        /// Its attributes.
        attributes: Vec<(Name, Literal)>,
    },
    /// `define margin = ...`
    Define(Define),
    /// `set slip = 3`
    SetNumber {
        /// The number's name.
        name: Name,
        /// Its value.
        value: Number,
    },
    /// `load ...`
    Load(Load),
    /// `export ...`
    Export(Export),
    /// `show ...`
    Show(Show),
    /// `explain show ...`
    Explain(Show),
    /// `save view NAME as show ...`
    SaveView {
        /// Its name.
        name: Name,
        /// The question.
        show: Show,
    },
    /// `drop view NAME`
    DropView(Name),
    /// `views`
    Views,
    /// `set`, `add`, `move`, ...
    Change(Change),
    /// `preview CHANGE`
    Preview(Change),
    /// `use SCENARIO`
    Use(Path),
    /// `branch NAME from SCENARIO [because 'text']`
    Branch {
        /// The new scenario.
        name: Name,
        /// The scenario it starts as.
        from: Path,
        /// The reason.
        because: Option<String>,
    },
    /// `compare A to B ...`
    Compare(Compare),
    /// `merge A into B ...`
    Merge(Merge),
    /// `preview merge A into B ...`
    PreviewMerge(Merge),
    /// `hash [SELECTION]`
    Hash(Vec<Condition>),
    /// `backup to 'file'`
    Backup {
        /// The file, as written.
        file: String,
        /// Where it is written.
        file_span: Span,
    },
    /// `drop NAME`
    Drop(Path),
    /// `lock plan, 2026-Q1`
    Lock(Vec<Condition>),
    /// `unlock plan`
    Unlock(Vec<Condition>),
    /// `undo [N]`
    Undo(u64),
    /// `redo [N]`
    Redo(u64),
    /// `history [where ...] [by 'author'] [like 'pattern']`
    History(History),
    /// `revert 17 [because 'text']`
    Revert {
        /// The operation's number.
        operation: u64,
        /// The reason.
        because: Option<String>,
    },
    /// `trace headcount where ...`
    Trace {
        /// The measure.
        measure: Path,
        /// Which cell.
        conditions: Vec<Condition>,
    },
    /// `hold ...`
    Hold(Hold),
    /// `release ...`
    Release(Release),
    /// `holds`
    Holds,
    /// `seek ...`
    Seek(Seek),
    /// `describe [NAME]`
    Describe(Described),
    /// `members of DIMENSION`
    Members(Path),
    /// `begin`
    Begin,
    /// `commit`
    Commit,
    /// `rollback`
    Rollback,
}
