//! The tree of a statement, with names and spans: what the parser makes and the binder reads.
//!
//! ```text
//! name       names, paths, numbers and texts
//! expr       formulas and selections
//! question   `show`
//! change     what changes cells, holds them, seeks
//! model      dimensions, measures, definitions
//! transfer   loads and exports
//! branch     scenarios compared and merged
//! statement  all statements
//! ```
//!
//! Nothing here knows what a name stands for. Printing a tree (`Display`) and parsing the print
//! gives the same tree back, spans apart.

mod branch;
mod change;
mod expr;
mod model;
mod name;
mod question;
mod statement;
mod transfer;

pub use branch::{Compare, Merge};
pub use change::{
    Amount, Change, Curve, Demand, Demanded, History, Hold, Margin, Method, Phasing, Release, Seek, Verb,
};
pub use expr::{Below, Comparison, Condition, Count, Expr, Operator, Relative, RowFunction, TimeUnit, Value};
pub use model::{Arrangement, Body, Define, Described, MemberOrder, OverTime, Rollup};
pub use name::{Literal, Name, NameKind, Number, Path, Span};
pub use question::{AxisItem, Element, Limit, OrderKey, Show, Shown, Take, ViewName};
pub use statement::Statement;
pub use transfer::{Export, Exported, Load, Mapping, OnDuplicate, Until, Wide};
