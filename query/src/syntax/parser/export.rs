//! `export`: an answer or facts, and the file they go to.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::cut;
use nom::sequence::delimited;

use super::basics::{PResult, Tokens, after, file_name, quiet_word, symbol, word};
use super::selection::conditions;
use super::show::show;
use crate::syntax::ast::{Export, Exported, Statement};
use crate::syntax::failure::What;

/// `journal`, right before `to`
fn journal(i: Tokens<'_>) -> PResult<'_, Exported> {
    let (rest, _) = quiet_word("journal")(i)?;
    match rest.is_word(0, "to") {
        true => Ok((rest, Exported::Journal)),
        false => rest.miss(What::Word("to")),
    }
}

/// `backup to 'plan-may.plancube'`
pub fn backup(i: Tokens<'_>) -> PResult<'_, Statement> {
    let (i, _) = word("backup")(i)?;
    let (i, (file, file_span)) = cut(after("to", file_name)).parse(i)?;
    Ok((i, Statement::Backup { file, file_span }))
}

/// `export (show cost by team) to 'costs.csv'`, `export plan, 2026 to 'plan.parquet'`
pub fn export(i: Tokens<'_>) -> PResult<'_, Export> {
    let (i, _) = word("export")(i)?;
    let question = delimited(symbol("("), cut(show), cut(symbol(")"))).map(|show| Exported::Answer(Box::new(show)));
    let (i, what) = cut(alt((journal, question, conditions.map(Exported::Facts)))).parse(i)?;
    let (i, (file, file_span)) = cut(after("to", file_name)).parse(i)?;
    Ok((i, Export { what, file, file_span }))
}
