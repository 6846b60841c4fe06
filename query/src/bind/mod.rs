//! Names to ids. After this stage nothing is looked up by name again.

mod circle;
mod definition;
mod except;
mod mistaken;
mod name;
mod number;
mod pick;
mod relative;
mod selection;

pub(crate) use circle::refuse_circle;
pub(crate) use definition::{
    Composite, DefinedMember, Source, defined_by, defined_measure, defined_member, inside, member as define_member,
};
pub(crate) use name::{Meaning, Names, nearest, unknown};
pub(crate) use number::{named_number, number_names};
pub(crate) use pick::{Pick, matches};
pub(crate) use relative::{Distance, Lead, Shift, later};
pub(crate) use selection::{Selection, no_scenario};
