//! The units of what formulas name.

use crate::bind::{Names, defined_measure};
use crate::error::Result;
use crate::formula::{Unit, unit_of};
use crate::syntax::ast::{Body, Define, Expr, Path};

/// How deep definitions lie in one another, at most.
const MOST_DEPTH: usize = 64;

/// The unit of a formula.
///
/// Errors: different units are added or compared.
pub(super) fn check(names: Names, expr: &Expr) -> Result<Option<Unit>> {
    unit_at(names, expr, 0)
}

fn unit_at(names: Names, expr: &Expr, depth: usize) -> Result<Option<Unit>> {
    unit_of(expr, &mut |leaf| match leaf {
        Expr::Reference { path, .. } => Ok(reference(names, path, depth)),
        Expr::Over { function, argument, .. } => {
            let unit = unit_at(names, argument, depth)?;
            Ok(unit.filter(|_| !function.text.eq_ignore_ascii_case("count")))
        }
        _ => Ok(None),
    })
}

/// Names that stand for nothing are told elsewhere; a definition was checked when it was made.
fn reference(names: Names, path: &Path, depth: usize) -> Option<Unit> {
    if let Ok(measure) = names.measure(path) {
        return names.schema.measure(measure)?.unit.as_deref().map(Unit::named);
    }
    let [name] = path.names.as_slice() else { return None };
    let define = defined_measure(names, &name.text).filter(|_| depth < MOST_DEPTH)?;
    of_definition(names, &define, depth + 1)
}

fn of_definition(names: Names, define: &Define, depth: usize) -> Option<Unit> {
    match (&define.unit, &define.body) {
        (Some(unit), _) => Some(Unit::named(unit)),
        (None, Body::Formula(expr)) => unit_at(names, expr, depth).ok().flatten(),
        _ => None,
    }
}
