//! The forms of statements whose parts come in one order.

use super::Place;
use crate::error::Error;
use crate::syntax::token::Token;

/// The first words of a statement, and its form; longer beginnings first.
const FORMS: &[(&str, &str)] = &[
    ("add member", "add member NAME to DIMENSION under PARENT"),
    ("add dimension", "add dimension NAME levels (OUTER, INNER) default MEMBER"),
    ("add level", "add level LEVEL to DIMENSION above LEVEL default MEMBER"),
    ("add", "add AMOUNT to MEASURE where SELECTION"),
    ("allocate", "allocate MEASURE from MEMBER across DIMENSION by FORMULA where SELECTION"),
    ("backup", "backup to 'FILE'"),
    ("branch", "branch NAME from SCENARIO"),
    ("clear", "clear MEASURE where SELECTION"),
    ("compare", "compare SCENARIO to SCENARIO by LEVEL where SELECTION top N"),
    ("copy", "copy MEASURE from SELECTION to SELECTION times FACTOR"),
    ("create dimension", "create dimension NAME levels (OUTER, INNER)"),
    ("create hierarchy", "create hierarchy NAME on DIMENSION levels (ATTRIBUTE, …)"),
    ("create measure", "create measure NAME decimal(DIGITS) unit 'UNIT'"),
    ("create scenario", "create scenario NAME, NAME"),
    ("create time", "create time dimension NAME months 2026-01..2026-12 fiscal start 2"),
    ("define", "define NAME = FORMULA"),
    ("drop view", "drop view NAME"),
    ("drop", "drop NAME"),
    ("export", "export (show …) to 'FILE', or export SELECTION to 'FILE'"),
    ("fill", "fill MEASURE with VALUE where SELECTION"),
    ("fit", "fit MEASURE to by LEVEL (MEMBER = AMOUNT, …) and by LEVEL (MEMBER = AMOUNT, …) where SELECTION"),
    ("hold", "hold MEASURE where SELECTION"),
    ("load members", "load members of DIMENSION from 'FILE' (COLUMN -> ROLE, …)"),
    ("load", "load 'FILE' into SCENARIO (COLUMN -> NAME, …) creating members"),
    ("merge", "merge SCENARIO into SCENARIO where SELECTION taking SCENARIO"),
    ("move member", "move member MEMBER to DIMENSION under PARENT"),
    ("move", "move AMOUNT MEASURE from SELECTION to SELECTION where SELECTION"),
    ("order members", "order members of DIMENSION by name"),
    ("ramp", "ramp MEASURE from AMOUNT to AMOUNT where SELECTION"),
    ("rename", "rename MEMBER to NAME"),
    ("save", "save view NAME as show …"),
    ("seek", "seek NAME so that FORMULA = AMOUNT where SELECTION"),
    ("set", "set MEASURE to AMOUNT where SELECTION"),
    ("show", "show MEASURE by LEVEL across LEVEL where SELECTION"),
    ("solve", "solve MEASURE where SELECTION so that total = AMOUNT, MEMBER <= AMOUNT changing least"),
];

/// Words that begin a statement without parts in an order.
const SHORT: [&str; 17] = [
    "begin", "commit", "rollback", "undo", "redo", "hash", "history", "describe", "members", "views", "use", "lock",
    "unlock", "explain", "preview", "create", "order",
];

/// The form of the statement, where it broke off before it was whole and nothing nearer is known.
pub fn form(error: &Error, place: Place<'_, '_>) -> Option<String> {
    if place.at == 0 {
        return (place.found().is_some() && !is_guess(error)).then(verbs);
    }
    let (beginning, form) = FORMS.iter().find(|(beginning, _)| begins(place.tokens, beginning))?;
    let shown = *beginning != "show" || place.at == 1;
    (shown && !place.whole && !is_guess(error)).then(|| format!("the order is: {form}"))
}

/// Whether some tokens begin as a statement does.
pub fn begins_statement(tokens: &[Token<'_>]) -> bool {
    let short = || tokens.first().is_some_and(|first| SHORT.iter().any(|word| first.is_word(word)));
    FORMS.iter().any(|(beginning, _)| begins(tokens, beginning)) || short()
}

/// Whether tokens begin with some words.
pub fn begins(tokens: &[Token<'_>], beginning: &str) -> bool {
    beginning.split(' ').enumerate().all(|(at, word)| tokens.get(at).is_some_and(|token| token.is_word(word)))
}

fn is_guess(error: &Error) -> bool {
    error.label.starts_with("did you mean")
}

fn verbs() -> String {
    "a statement begins with what is done: show, set, add, move, copy, fill, clear, load, create, define, branch, undo …"
        .into()
}
