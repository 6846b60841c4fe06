//! `define`, `set NAME = VALUE`, and `drop` of a definition.

use super::changed::{Changed, at};
use crate::bind::Names;
use crate::error::{Error, ErrorKind, Result};
use crate::show::refuse_definition;
use crate::syntax::ast::{Define, Name, Number, Path, Statement};
use engine::cube::Draft;
use engine::id::DimensionId;
use engine::schema::{Definition, Schema};

/// Drafts a definition, or another meaning of one that is there.
pub(super) fn define(schema: &Schema, define: &Define, draft: &mut Draft) -> Result<Changed> {
    let (member_of, name) = place(Names::new(schema), &define.name)?;
    let definition =
        Definition { name: name.text.clone(), member_of, statement: Statement::Define(define.clone()).to_string() };
    refuse_taken(schema, member_of, name)?;
    let known = schema.definition(member_of, &name.text).is_some();
    let after = schema.with_definition(definition).map_err(|error| at(error, name))?;
    refuse_definition(Names::new(&after), define, member_of)?;
    draft.schema(after)?;
    Ok(Changed::noted(format!("{} {}", define.name, if known { "defined anew" } else { "defined" })))
}

/// Drafts a number with a name.
pub(super) fn set_number(schema: &Schema, name: &Name, value: &Number, draft: &mut Draft) -> Result<Changed> {
    if schema.find_measure(&name.text).is_some() {
        let message = format!("{} is a measure", name.text);
        return Err(Error::new(ErrorKind::Refused, message, Some(name.span.clone()))
            .labelled("expected another name")
            .helped(format!("to change the measure: set {name} to {value} where …")));
    }
    let statement = Statement::SetNumber { name: name.clone(), value: value.clone() }.to_string();
    let definition = Definition { name: name.text.clone(), member_of: None, statement };
    draft.schema(schema.with_definition(definition).map_err(|error| at(error, name))?)?;
    Ok(Changed::noted(format!("{name} is {value}")))
}

/// Drafts the end of a definition; none where the path names none.
pub(super) fn drop_definition(schema: &Schema, path: &Path, draft: &mut Draft) -> Result<Option<Changed>> {
    let Ok((member_of, name)) = place(Names::new(schema), path) else { return Ok(None) };
    let by_itself = schema.definition(member_of, &name.text).map(|known| known.member_of);
    let scenario = || {
        let member = schema.definition(Some(DimensionId::SCENARIO), &name.text)?;
        Some(member.member_of)
    };
    let Some(member_of) = by_itself.or_else(|| scenario().filter(|_| path.names.len() == 1)) else { return Ok(None) };
    let after = schema.without_definition(member_of, &name.text);
    draft.schema(after)?;
    Ok(Some(Changed::noted(format!("{path} dropped"))))
}

/// Which dimension a defined name belongs to, and the name by itself.
fn place<'p>(names: Names, path: &'p Path) -> Result<(Option<DimensionId>, &'p Name)> {
    match path.names.as_slice() {
        [name] => Ok((None, name)),
        [dimension, name] => {
            let of = Path { names: vec![dimension.clone()] };
            Ok((Some(names.dimension(&of)?), name))
        }
        _ => Err(Error::new(ErrorKind::Name, "this is no name for a definition", Some(path.span()))
            .labelled("expected NAME, or DIMENSION.NAME for a member")),
    }
}

/// Refuses the name of a measure or member that is there.
fn refuse_taken(schema: &Schema, member_of: Option<DimensionId>, name: &Name) -> Result<()> {
    let taken = match member_of {
        None => schema.find_measure(&name.text).map(|_| "a measure".to_owned()),
        Some(id) => {
            let dimension = schema.dimension(id);
            (!dimension.find(&name.text).is_empty()).then(|| format!("a member of {}", dimension.name))
        }
    };
    match taken {
        None => Ok(()),
        Some(what) => {
            Err(Error::new(ErrorKind::Refused, format!("{} is {what} already", name.text), Some(name.span.clone()))
                .labelled("expected another name"))
        }
    }
}
