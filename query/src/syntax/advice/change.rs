//! Changes whose selection has no `where`, and changes by a share that are said as a new total.

use super::{Place, can_be_part};
use crate::syntax::keywords::among;
use crate::syntax::token::Token;

/// Verbs of changes that a selection follows.
const VERBS: [&str; 6] = ["set", "add", "fill", "clear", "ramp", "hold"];

/// Words that say that an amount is more than what is there, or less.
const MORE: [&str; 5] = ["more", "higher", "up", "above", "extra"];
const LESS: [&str; 5] = ["less", "lower", "down", "below", "fewer"];

/// Whether a word says that an amount is more or less than what is there.
pub fn is_comparison(word: &Token<'_>) -> bool {
    among(word.text, &MORE) || among(word.text, &LESS)
}

/// The advice for a word behind a change that is whole without it.
pub fn change(place: Place<'_, '_>) -> Option<String> {
    let first = place.tokens.first().filter(|first| among(first.text, &VERBS))?;
    let found = place.found().filter(|_| place.whole)?;
    let is_less = among(found.text, &LESS);
    if first.is_word("set") && (is_less || among(found.text, &MORE)) {
        let [_, measure, to, amount @ ..] = place.before() else { return None };
        let amount: String = amount.iter().map(|token| token.text).collect();
        let sign = if is_less { "-" } else { "" };
        return to
            .is_word("to")
            .then(|| format!("`set` names the new total; for a change: add {sign}{amount} to {}", measure.text));
    }
    (!place.has_where() && can_be_part(found)).then(|| format!("a slice is named after `where`: where {}", found.text))
}

/// The advice for weights that are given member by member: `add 6 to cost by (Sales = 2, Platform = 4)`.
pub fn weights(place: Place<'_, '_>) -> Option<String> {
    place.tokens.first().filter(|first| among(first.text, &["set", "add", "move"]))?;
    let by = place.before().windows(2).position(|pair| pair[0].is_word("by") && pair[1].text == "(")?;
    let given = place.before()[by..].iter().any(|token| token.text == "=");
    given.then(|| {
        "weights are a formula over measures, as `by headcount`; amounts member by member: fit MEASURE to by ITEM (MEMBER = AMOUNT, …)".to_owned()
    })
}
