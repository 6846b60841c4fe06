//! Numbers that have names, and definitions read back from their statements.

use super::name::Names;
use crate::syntax::ast::{Number, Statement};
use crate::syntax::parse;
use engine::id::DimensionId;

/// A definition of a measure or number by name.
pub(super) fn statement(names: Names, member_of: Option<DimensionId>, name: &str) -> Option<Statement> {
    parse(&names.schema.definition(member_of, name)?.statement).ok()
}

/// The number of a name.
pub(crate) fn named_number(names: Names, name: &str) -> Option<Number> {
    match statement(names, None, name)? {
        Statement::SetNumber { value, .. } => Some(value),
        _ => None,
    }
}

/// The names of all numbers.
pub(crate) fn number_names(names: Names) -> Vec<String> {
    let numbers = names.schema.definitions().iter().filter(|known| named_number(names, &known.name).is_some());
    numbers.map(|known| known.name.clone()).collect()
}
