//! The tree of a statement, with names and spans: what the parser makes and the binder reads.
//!
//! Nothing here knows what a name stands for. Printing a tree (`Display`) and parsing the print
//! gives the same tree back, spans apart.

use std::cmp::Ordering;
use std::ops::Range;

/// Bytes of the source text, from the start of the statement.
pub type Span = Range<usize>;

/// How a name was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// A bare word: `Apollo`.
    Bare,
    /// In double quotes: `"New York"`.
    Quoted,
    /// A word of the calendar: `2026`, `2026-Q1`, `2026-03`, `FY2026-Q1`.
    Period,
}

/// One name, without its quotes.
#[derive(Debug, Clone)]
pub struct Name {
    /// The text, quotes and doubling removed.
    pub text: String,
    /// How it was written.
    pub kind: NameKind,
    /// Where.
    pub span: Span,
}

/// Names joined by dots, outermost first: `project.Apollo`.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// At least one name.
    pub names: Vec<Name>,
}

/// A number as written; its value is `units / 10^scale`, with `k`, `M`, `B` and `%` applied.
#[derive(Debug, Clone)]
pub struct Number {
    /// The digits as an integer.
    pub units: i128,
    /// Decimal places of `units`.
    pub scale: u8,
    /// Whether it was written with `%` (15% has units 15, scale 2).
    pub percent: bool,
    /// Where.
    pub span: Span,
}

/// A literal value, as in an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A number.
    Number(Number),
    /// A text in single quotes, or a bare word, and where.
    Text(String, Span),
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `!=` or `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Arithmetic and logic between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// A comparison.
    Compare(Comparison),
    /// `and`
    And,
    /// `or`
    Or,
}

/// A function over the rows of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowFunction {
    /// `rank`: the place of a row's value, the largest first.
    Rank,
    /// `running`: the sum of the values down to this row.
    Running,
}

/// A formula.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// `1.2M`
    Number(Number),
    /// A measure, a member or an `as` name, with a selection of its own: `cost[project = all]`.
    Reference {
        /// The name.
        path: Path,
        /// The conditions in brackets; empty where there are none.
        selection: Vec<Condition>,
        /// The whole reference.
        span: Span,
    },
    /// `-x`
    Negate(Box<Expr>, Span),
    /// `not x`
    Not(Box<Expr>, Span),
    /// `left op right`
    Binary {
        /// Which.
        operator: Operator,
        /// Left operand.
        left: Box<Expr>,
        /// Right operand.
        right: Box<Expr>,
        /// The whole of it.
        span: Span,
    },
    /// `if c then a else b`
    If {
        /// The condition.
        condition: Box<Expr>,
        /// Where it holds.
        then: Box<Expr>,
        /// Where it does not.
        otherwise: Box<Expr>,
        /// The whole of it.
        span: Span,
    },
    /// `count of project`, `count of project[actual, 2025]`
    CountOf {
        /// A dimension, whose leaf members are counted, or a level.
        subject: Path,
        /// The conditions in brackets; empty where there are none.
        selection: Vec<Condition>,
        /// The whole of it.
        span: Span,
    },
    /// `median(cost over project)`: a function of the values at the members of an item.
    Over {
        /// The function's name.
        function: Name,
        /// What is read at each member.
        argument: Box<Expr>,
        /// A level, a dimension or an attribute.
        item: Path,
        /// The whole of it.
        span: Span,
    },
    /// `rank(cost) per division`, `running(cost)`
    OverRows {
        /// Which.
        function: RowFunction,
        /// Of what.
        operand: Box<Expr>,
        /// The outer row within which it starts anew.
        per: Option<Path>,
        /// The whole of it.
        span: Span,
    },
    /// `abs(x)`
    Call {
        /// The function's name.
        function: Name,
        /// Its arguments.
        arguments: Vec<Expr>,
        /// The whole of it.
        span: Span,
    },
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeUnit {
    /// `week`, `weeks`
    Week,
    /// `month`, `months`
    Month,
    /// `quarter`, `quarters`
    Quarter,
    /// `half`, `halves`
    Half,
    /// `year`, `years`
    Year,
}

/// How many units of time.
#[derive(Debug, Clone, PartialEq)]
pub enum Count {
    /// `prev year`
    One,
    /// `prev 3 months`
    Number(u64),
    /// `prev slip months`: a number that has a name.
    Named(Name),
}

/// A selection that starts from the cell it is asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Relative {
    /// `prev 3 months`, `next year`
    Shift {
        /// `prev` where true, `next` where false.
        back: bool,
        /// How many.
        count: Count,
        /// Of what.
        unit: TimeUnit,
    },
    /// `ytd`, `htd`, `qtd`, `mtd`: from the start of the unit to the end of the cell.
    ToDate(TimeUnit),
    /// `trailing 12 months`: so many, up to the end of the cell.
    Trailing {
        /// How many.
        count: Count,
        /// Of what.
        unit: TimeUnit,
    },
}

/// Which members below another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Below {
    /// `children of`
    Children,
    /// `leaves of`
    Leaves,
    /// `descendants of`
    Descendants,
}

/// One condition of a selection.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// `plan`, `project.Apollo`, `2026-Q1`: the member, or all members of a level.
    Named(Path),
    /// `level team`
    Level(Path),
    /// `2026-Q1..2026-Q3`
    Range(Path, Path),
    /// `children of Engineering`
    Below(Below, Path),
    /// `project in (Apollo, Hermes)`, `project not in (...)`
    In {
        /// Dimension or level.
        subject: Path,
        /// What stands in the brackets.
        items: Vec<Condition>,
        /// Whether `not` was there.
        negated: bool,
        /// The whole of it.
        span: Span,
    },
    /// `project = Apollo`, `project = all`, `project.priority >= 2`
    Compare {
        /// Dimension, level or attribute.
        subject: Path,
        /// Which comparison.
        comparison: Comparison,
        /// A name on the right: a member, or `all`.
        value: Value,
        /// The whole of it.
        span: Span,
    },
    /// `prev year`, `ytd`, `trailing 12 months`
    Relative(Relative, Span),
    /// `children of Engineering except Platform`
    Except {
        /// What is selected.
        base: Box<Condition>,
        /// What is taken out of it.
        out: Vec<Condition>,
        /// The whole of it.
        span: Span,
    },
    /// `department like 'Plat%'`, `department not like '...'`
    Like {
        /// Dimension, level or attribute.
        subject: Path,
        /// `%` stands for any text, `_` for one character.
        pattern: String,
        /// Whether `not` was there.
        negated: bool,
        /// The whole of it.
        span: Span,
    },
}

/// The right side of a comparison in a selection.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A member's name, or the word `all`.
    Path(Path),
    /// A number or a text.
    Literal(Literal),
}

/// One entry inside `dim[...]` on an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Element {
    /// `all`
    All {
        /// `as NAME`
        alias: Option<Name>,
        /// Where.
        span: Span,
    },
    /// `a vs b`
    Versus(Path, Path),
    /// Members or, with an alias, one group of them.
    Selection {
        /// What is selected.
        condition: Condition,
        /// `as NAME`
        alias: Option<Name>,
    },
    /// Arithmetic over members.
    Formula {
        /// The formula.
        expr: Expr,
        /// `as NAME`
        alias: Option<Name>,
    },
}

/// One item of `by` or `across`.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisItem {
    /// Level, dimension or attribute.
    pub subject: Path,
    /// What stands in brackets; none without them.
    pub elements: Option<Vec<Element>>,
    /// `as NAME`
    pub alias: Option<Name>,
    /// The whole of it.
    pub span: Span,
}

/// One shown measure or formula.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The formula.
    pub expr: Expr,
    /// `as NAME`
    pub alias: Option<Name>,
    /// The whole of it, for a heading where there is no alias.
    pub span: Span,
}

/// How many rows `top` takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Take {
    /// `10`
    Rows(u64),
    /// `80%`: the fewest rows that reach this share of all rows together.
    Share(Number),
}

/// `top 10 by gap per division`
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// `bottom` where true.
    pub bottom: bool,
    /// How many rows.
    pub take: Take,
    /// By what; the first shown measure where none.
    pub by: Option<Expr>,
    /// The outer row within which rows are taken.
    pub per: Option<Path>,
}

/// `order by EXPR desc`
#[derive(Debug, Clone, PartialEq)]
pub struct OrderKey {
    /// By what.
    pub expr: Expr,
    /// `desc`
    pub descending: bool,
}

/// `show ...`
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Show {
    /// What is shown.
    pub shown: Vec<Shown>,
    /// Rows.
    pub by: Vec<AxisItem>,
    /// Columns.
    pub across: Vec<AxisItem>,
    /// `where`
    pub conditions: Vec<Condition>,
    /// `having`
    pub having: Option<Expr>,
    /// `order by`
    pub order: Vec<OrderKey>,
    /// `top` or `bottom`
    pub limit: Option<Limit>,
    /// `with totals`
    pub totals: bool,
    /// `with others`
    pub others: bool,
    /// `with empty`
    pub empty: bool,
    /// `show view NAME`: the saved question that this one goes on from.
    pub view: Option<ViewName>,
}

/// A saved question, by name.
#[derive(Debug, Clone)]
pub struct ViewName {
    /// Its name.
    pub name: Name,
    /// All of `show view NAME where ...`.
    pub span: Span,
}

/// An amount, absolute or a share.
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    /// `12`
    Absolute(Number),
    /// `20%`
    Share(Number),
}

/// What a change does.
#[derive(Debug, Clone, PartialEq)]
pub enum Verb {
    /// `set cost to 1.2M`
    Set {
        /// Of which measure.
        measure: Path,
        /// The new total.
        to: Number,
    },
    /// `add 5% to cost`
    Add {
        /// How much.
        amount: Amount,
        /// Of which measure.
        measure: Path,
    },
    /// `move 12 headcount from Legacy to Apollo`
    Move {
        /// How much.
        amount: Amount,
        /// Of which measure.
        measure: Path,
        /// From where.
        from: Vec<Condition>,
        /// To where.
        to: Vec<Condition>,
    },
    /// `copy revenue from actual, 2025 to plan, 2026 times 1.08`
    Copy {
        /// Of which measure.
        measure: Path,
        /// From where.
        from: Vec<Condition>,
        /// To where.
        to: Vec<Condition>,
        /// The factor.
        times: Option<Number>,
    },
    /// `clear cost`
    Clear {
        /// Of which measure.
        measure: Path,
    },
    /// `fill headcount with 1`
    Fill {
        /// Of which measure.
        measure: Path,
        /// The value of every leaf.
        with: Number,
    },
    /// `allocate cost from project.Shared across project`
    Allocate {
        /// Of which measure.
        measure: Path,
        /// What is emptied.
        from: Vec<Condition>,
        /// The dimensions over whose other members it goes.
        across: Vec<Path>,
    },
    /// `ramp revenue from 0 to 4M`
    Ramp {
        /// Of which measure.
        measure: Path,
        /// The total of the first period.
        from: Number,
        /// The total of the last period.
        to: Number,
    },
    /// `fit cost to by department (Engineering = 30M) and by quarter (2026-Q1 = 9M)`
    Fit {
        /// Of which measure.
        measure: Path,
        /// Sets of totals.
        margins: Vec<Margin>,
    },
    /// `solve headcount`, with what it has to meet in the change's demands.
    Solve {
        /// Of which measure.
        measure: Path,
    },
}

/// `by department (Engineering = 30M, Sales = 12M)`
#[derive(Debug, Clone, PartialEq)]
pub struct Margin {
    /// Level or dimension.
    pub by: Path,
    /// Members and the totals they get.
    pub targets: Vec<(Path, Number)>,
}

/// What a demand of `solve` is about.
#[derive(Debug, Clone, PartialEq)]
pub enum Demanded {
    /// `total where Engineering`: the slice, or a part of it.
    Part(Vec<Condition>),
    /// `each project where Engineering`: every member by itself.
    Each(Path, Vec<Condition>),
}

/// `Atlas in 2026-Q2..2026-Q3 >= 31`
#[derive(Debug, Clone)]
pub struct Demand {
    /// Of what.
    pub of: Demanded,
    /// How.
    pub comparison: Comparison,
    /// By which amount.
    pub value: Number,
    /// The whole of it.
    pub span: Span,
}

/// How a ramp gets from its first value to its last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// `linear`: the same step each period.
    Linear,
    /// `s-curve`: slowly at both ends.
    SCurve,
    /// `growth`: the same factor each period.
    Growth,
}

/// How an amount is laid over time before it finds its leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Phasing {
    /// `phased equally`
    Equally,
    /// `phased front`: falling evenly.
    Front,
    /// `phased back`: rising evenly.
    Back,
    /// `phased s-curve`
    SCurve,
    /// `phased growth 2%`: each period so much more than the one before.
    Growth(Number),
    /// `phased like actual, 2025`
    Like(Vec<Condition>),
    /// `phased by quarter (20, 24, 24, 32)`
    Weights(Path, Vec<Number>),
}

/// How an amount finds its leaves.
#[derive(Debug, Clone, PartialEq)]
pub enum Method {
    /// `proportionally`
    Proportionally,
    /// `equally`, `equally over existing` (false) or `equally over all` (true).
    Equally {
        /// Over the whole cross product.
        over_all: bool,
    },
    /// `by FORMULA`
    By(Expr),
    /// `like SELECTION`
    Like(Vec<Condition>),
    /// `unspread`: in the own leaf of the level named.
    Unspread,
}

/// A statement that changes numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What is done.
    pub verb: Verb,
    /// `where`
    pub conditions: Vec<Condition>,
    /// The method, where one is written, and where it is written.
    pub method: Option<(Method, Span)>,
    /// How a ramp rises, and where that is written.
    pub curve: Option<(Curve, Span)>,
    /// `phased ...`, and where it is written.
    pub phased: Option<(Phasing, Span)>,
    /// `so that ...`
    pub demands: Vec<Demand>,
    /// `holding`
    pub holding: Vec<Condition>,
    /// `step 1`
    pub step: Option<Number>,
    /// `allow negative`
    pub allow_negative: bool,
    /// `because 'text'`
    pub because: Option<String>,
}

/// `hold cost where Sales, EMEA because '...'`
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// Whether only the total is held: `hold total cost`.
    pub total: bool,
    /// Of which measure.
    pub measure: Path,
    /// Where.
    pub conditions: Vec<Condition>,
    /// The reason.
    pub because: Option<String>,
}

/// Which holds end.
#[derive(Debug, Clone, PartialEq)]
pub enum Release {
    /// `release 2`
    Number(u64),
    /// `release cost where Sales, EMEA`; all holds of the measure without `where`.
    Of(Path, Vec<Condition>),
}

/// `history where plan, Apollo by 'ada' like '%budget%'`
#[derive(Debug, Clone, PartialEq, Default)]
pub struct History {
    /// Operations that changed a cell of this.
    pub conditions: Vec<Condition>,
    /// Of this author.
    pub author: Option<String>,
    /// Whose statement or reason is like this.
    pub like: Option<String>,
}

/// `seek shift so that leads = 28_000 where plan, 2026`
#[derive(Debug, Clone, PartialEq)]
pub struct Seek {
    /// The named number whose value is sought.
    pub name: Name,
    /// What must hold: an equation.
    pub equation: Expr,
    /// Where the formulas are read.
    pub conditions: Vec<Condition>,
    /// Within which values it is sought.
    pub between: Option<(Number, Number)>,
}

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

impl PartialEq for ViewName {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.kind == other.kind
    }
}

impl PartialEq for Demand {
    fn eq(&self, other: &Self) -> bool {
        (&self.of, self.comparison, &self.value) == (&other.of, other.comparison, &other.value)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        (self.units, self.scale, self.percent) == (other.units, other.scale, other.percent)
    }
}

impl Comparison {
    /// Whether it holds between two values in this order.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Greater => order.is_gt(),
            Comparison::GreaterOrEqual => order.is_ge(),
        }
    }
}

impl Expr {
    /// Whether a test holds for it or for a formula within it.
    pub fn any(&self, test: &dyn Fn(&Expr) -> bool) -> bool {
        let within = |parts: &[&Expr]| parts.iter().any(|part| part.any(test));
        test(self)
            || match self {
                Expr::Number(_) | Expr::Reference { .. } | Expr::CountOf { .. } => false,
                Expr::Negate(inner, _) | Expr::Not(inner, _) => inner.any(test),
                Expr::Over { argument: inner, .. } | Expr::OverRows { operand: inner, .. } => inner.any(test),
                Expr::Binary { left, right, .. } => within(&[left, right]),
                Expr::If { condition, then, otherwise, .. } => within(&[condition, then, otherwise]),
                Expr::Call { arguments, .. } => arguments.iter().any(|argument| argument.any(test)),
            }
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        match self {
            Expr::Number(number) => number.span.clone(),
            Expr::Reference { span, .. }
            | Expr::Negate(_, span)
            | Expr::Not(_, span)
            | Expr::Binary { span, .. }
            | Expr::If { span, .. }
            | Expr::CountOf { span, .. }
            | Expr::Over { span, .. }
            | Expr::OverRows { span, .. }
            | Expr::Call { span, .. } => span.clone(),
        }
    }
}

impl Path {
    /// From the first name to the last.
    pub fn span(&self) -> Span {
        let start = self.names.first().map_or(0, |name| name.span.start);
        let end = self.names.last().map_or(start, |name| name.span.end);
        start..end
    }
}
