//! The language of plancube: from the text of a statement to its answer.
//!
//! ```text
//! count answer error tables   numbers of things; what goes in and out
//! syntax                   text to tree and back
//! bind                     names to ids: members, selections
//! formula                  arithmetic over cells
//! show                     questions: axes, terms, grid, layout
//! change load export       changes, loads and exports: bound, worked out, receipted
//! session                  one user's session: a statement's life
//! ```
//!
//! Knows no terminal and no file format: whoever runs a [`session::Session`] draws the answers and
//! reads the files.

pub mod answer;
mod bind;
mod change;
mod count;
pub mod error;
mod export;
mod formula;
mod load;
pub mod session;
mod show;
pub mod syntax;
pub mod tables;
