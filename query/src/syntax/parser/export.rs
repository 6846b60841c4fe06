//! `export`: an answer or facts, and the file they go to.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::cut;
use nom::sequence::delimited;

use super::basics::{PResult, Tokens, after, spanned_text, symbol, word};
use super::selection::conditions;
use super::show::show;
use crate::syntax::ast::{Export, Exported};

/// `export (show cost by team) to 'costs.csv'`, `export plan, 2026 to 'plan.parquet'`
pub fn export(i: Tokens<'_>) -> PResult<'_, Export> {
    let (i, _) = word("export")(i)?;
    let question = delimited(symbol("("), cut(show), cut(symbol(")"))).map(|show| Exported::Answer(Box::new(show)));
    let (i, what) = cut(alt((question, conditions.map(Exported::Facts)))).parse(i)?;
    let (i, (file, file_span)) = cut(after("to", spanned_text)).parse(i)?;
    Ok((i, Export { what, file, file_span }))
}
