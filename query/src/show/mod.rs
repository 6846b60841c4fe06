//! Questions: from a bound axis and formulas to a cell set.
//!
//! ```text
//! axis      what `by` and `across` list: items and their elements
//! term      a measure under a selection of its own: what formulas are made of
//! binder    formulas to terms, definitions put in
//! cells     the values of terms by position
//! grid      the cells of terms at every position of the axes, through `engine::aggregate`
//! pivot     the value of any position: formulas over measures, then over members
//! layout    which rows and columns there are, in which order
//! weights   a formula read leaf by leaf, for the weights of a spread
//! ```

mod axis;
mod binder;
mod cells;
mod context;
mod explain;
mod grid;
mod layout;
mod pivot;
mod term;
mod unit;
mod weights;

pub(crate) use binder::refuse_definition;
pub(crate) use context::Context;
pub(crate) use explain::explain;
pub(crate) use layout::{scenario_note, show};
pub(crate) use weights::at_leaves;
