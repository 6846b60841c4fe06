//! Names to ids. After this stage nothing is looked up by name again.

mod name;
mod pick;
mod selection;

pub(crate) use name::{Meaning, Names, nearest, unknown};
pub(crate) use pick::Pick;
pub(crate) use selection::{Selection, no_scenario};
