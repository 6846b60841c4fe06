//! A written formula read leaf by leaf, for the weights of a spread.

use super::binder::Asked;
use super::context::Context;
use super::grid::LeafGrid;
use super::term::Terms;
use crate::bind::{Names, Selection};
use crate::error::Result;
use crate::syntax::ast::Expr;

/// Reads a formula at the leaves of a slice.
pub(crate) fn at_leaves(context: Context, names: Names, slice: &Selection, expr: &Expr) -> Result<LeafGrid> {
    let mut terms = Terms::default();
    let formula = Asked::plainly(names).formula(&mut terms, expr)?;
    LeafGrid::of(context, slice, terms.all(), formula)
}
