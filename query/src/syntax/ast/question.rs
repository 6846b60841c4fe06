//! `show`: what is shown, along which axes, in which order.

use super::expr::{Condition, Expr};
use super::name::{Name, Number, Path, Span};

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

impl PartialEq for ViewName {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}
