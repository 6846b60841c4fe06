//! A level more in a dimension that has members.

use super::changed::{Changed, at};
use crate::bind::{Names, unknown};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Name, Path, Statement};
use engine::cube::Draft;
use engine::dimension::{Dimension, Kind};
use engine::schema::Schema;

/// Drafts `add level`.
pub(super) fn add(schema: &Schema, statement: &Statement, draft: &mut Draft) -> Result<Changed> {
    let Statement::AddLevel { level, to, above, beside, default } = statement else { return Ok(Changed::default()) };
    let id = Names::new(schema).dimension(to)?;
    let dimension = schema.dimension(id);
    let depth = depth_beside(dimension, to, *above, beside)?;
    let lowest = depth == dimension.hierarchies()[0].levels.len();
    if let Some(default) = default.as_ref().filter(|_| lowest) {
        let message = format!("nothing stands below {beside} that could go under {default}");
        return Err(Error::new(ErrorKind::Refused, message, Some(default.span.clone()))
            .labelled("a default takes what is below the new level")
            .helped(format!("add the level without it; then add member … to {to} under …")));
    }
    schema.name_is_free(&level.text).map_err(|error| at(error, level))?;
    let blamed = |error| at(error, default.as_ref().unwrap_or(level));
    let name = default.as_ref().map(|default| default.text.as_str());
    let (changed, added) = schema.with_level(id, &level.text, depth, name).map_err(blamed)?;
    let note = match (default, lowest) {
        (Some(default), _) if added > 0 => format!("members called {default}: {added}"),
        (_, true) => format!("facts stay where they are; members go below with add member … to {to} under …"),
        _ => format!("it has no members yet: add member … to {level}, then move member … under …"),
    };
    draft.schema(changed)?;
    let side = if *above { "above" } else { "below" };
    Ok(Changed::noted(format!("level {level} added to {} {side} {beside}; {note}", dimension.name)))
}

/// The depth of a level beside one that is there.
fn depth_beside(dimension: &Dimension, to: &Path, above: bool, beside: &Name) -> Result<usize> {
    let refused = |message: String| Error::new(ErrorKind::Refused, message, Some(to.span()));
    let levels = &dimension.hierarchies()[0].levels;
    match dimension.kind {
        Kind::Time(_) => return Err(refused("the calendar makes its own levels".into())),
        Kind::Scenario => return Err(refused("scenarios have no levels".into())),
        Kind::Standard if levels.is_empty() => {
            return Err(refused(format!("{} is parent-child: it has no levels", dimension.name))
                .helped("members go above and below others with move member"));
        }
        Kind::Standard => {}
    }
    let found = levels.iter().position(|level| level.eq_ignore_ascii_case(&beside.text));
    let depth = found
        .ok_or_else(|| unknown(&format!("level of {}", dimension.name), &beside.text, beside.span.clone(), levels))?;
    Ok(if above { depth } else { depth + 1 })
}
