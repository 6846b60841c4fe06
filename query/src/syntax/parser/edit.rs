//! Changes of a model that is there: a dimension more, members moved, renamed, dropped, put in order.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt, value};

use super::basics::{PResult, Tokens, after, name, path, word, words};
use super::model::arrangement;
use crate::syntax::ast::{MemberOrder, Statement};

/// Any of them.
pub fn edit(i: Tokens<'_>) -> PResult<'_, Statement> {
    alt((add_dimension, add_level, move_member, rename, drop_member, order)).parse(i)
}

/// `add dimension channel levels (kind, channel) default Direct`
fn add_dimension(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = words("add", "dimension")(i)?;
    let (i, name) = cut(name).parse(i)?;
    let (i, (arrangement, leaves_only)) = arrangement(i, &name)?;
    let (i, default) = opt(after("default", super::basics::name)).parse(i)?;
    Ok((i, Statement::AddDimension { name, arrangement, leaves_only, default }))
}

/// `add level region to location above country default "Unassigned"`
fn add_level(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = words("add", "level")(i)?;
    let (i, level) = cut(name).parse(i)?;
    let (i, to) = cut(after("to", path)).parse(i)?;
    let (i, above) = cut(alt((value(true, word("above")), value(false, word("below"))))).parse(i)?;
    let (i, beside) = cut(name).parse(i)?;
    let (i, default) = opt(after("default", name)).parse(i)?;
    Ok((i, Statement::AddLevel { level, to, above, beside, default }))
}

/// `move member Core to department under Labs`
fn move_member(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = words("move", "member")(i)?;
    let (i, member) = cut(path).parse(i)?;
    let (i, to) = opt(after("to", path)).parse(i)?;
    let under = after("under", path);
    let (i, under) = if to.is_some() { opt(under).parse(i)? } else { cut(under).map(Some).parse(i)? };
    Ok((i, Statement::MoveMember { member, to, under }))
}

/// `rename Core to "Core team"`, also `rename member Core to ...`
fn rename(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = word("rename")(i)?;
    let is_path = i.is_word(0, "member") && (i.is_word(1, "to") || i.is_symbol(1, "."));
    let (i, _) = if is_path { (i, None) } else { opt(word("member")).parse(i)? };
    let (i, member) = cut(path).parse(i)?;
    let (i, name) = cut(after("to", name)).parse(i)?;
    Ok((i, Statement::RenameMember { member, name }))
}

/// `drop member Core`
fn drop_member(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = words("drop", "member")(i)?;
    path.map(Statement::DropMember).parse(i)
}

/// `order members of department by name`
fn order(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = words("order", "members")(i)?;
    let (i, of) = cut(after("of", path)).parse(i)?;
    let by = alt((
        value(MemberOrder::Loaded, word("loaded")),
        value(MemberOrder::Name, word("name")),
        value(MemberOrder::Key, word("key")),
    ));
    let (i, by) = cut(after("by", by)).parse(i)?;
    Ok((i, Statement::OrderMembers { of, by }))
}
