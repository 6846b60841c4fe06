//! Questions: from a bound axis and formulas to a cell set.
//!
//! ```text
//! axis      what `by` and `across` list: items and their elements
//! term      a measure under a selection of its own: what formulas are made of
//! binder    formulas to terms, definitions put in
//! cells     the values of terms by position
//! order     what rows are filtered, ordered and cut off by
//! question  a bound question
//! grid      the cells of terms at every position of the axes, through `engine::aggregate`
//! pivot     the value of any position: formulas over measures, then over members
//! axes      the positions along the rows and the columns
//! rows      which rows are chosen, and how they are arranged
//! named     `as` names in the formulas behind them
//! merged    rows that are added up into one: what `top` left out
//! unplaced  what is in a total and in no row
//! closings  stocks set against each other at different closings
//! over_rows functions that look at other rows: `rank`, `running`
//! view      saved questions put in the place of their names
//! plan      how a question is answered, for `explain`
//! layout    from a question to the cells of its answer
//! weights   a formula read leaf by leaf, for the weights of a spread
//! ```

mod axes;
mod axis;
mod binder;
mod cells;
mod closings;
mod context;
mod early;
mod explain;
mod grid;
mod layout;
mod merged;
mod named;
mod order;
mod over_rows;
mod pivot;
mod plan;
mod question;
mod row;
mod rows;
mod term;
mod unit;
mod unplaced;
mod view;
mod weights;

pub(crate) use binder::refuse_definition;
pub(crate) use context::Context;
pub(crate) use explain::explain;
pub(crate) use layout::show;
pub(crate) use question::{refuse_question, scenario_note};
pub(crate) use view::{expanded, view};
pub(crate) use weights::at_leaves;
