//! Texts that a spreadsheet would take for formulas.
//!
//! A field that begins with `=`, `+`, `-` or `@` is worked out when a separated file is opened in a spreadsheet.
//! Written, such a text gets an apostrophe before it, which spreadsheets take for "this is text"; read, it loses it
//! again, so that what was written comes back.

use std::borrow::Cow;

/// The text as a field that no spreadsheet works out. Numbers and single signs stay as they are.
pub fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text.trim_start_matches('\'')) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// What a guarded field says.
pub(crate) fn unguarded(field: &str) -> &str {
    match field.strip_prefix('\'') {
        Some(text) if is_formula(text.trim_start_matches('\'')) => text,
        _ => field,
    }
}

fn is_formula(text: &str) -> bool {
    text.len() > 1 && text.starts_with(['=', '+', '-', '@']) && text.parse::<f64>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_come_back() {
        for (text, field) in [("=1+1", "'=1+1"), ("@x", "'@x"), ("-a", "'-a"), ("+x", "'+x"), ("'=1", "''=1")] {
            assert_eq!(guarded(text), field);
            assert_eq!(unguarded(field), text);
        }
    }

    #[test]
    fn all_else_stays() {
        for text in ["", "-", "+", "-5", "+1.5", "a=b", "'quoted'", "o'clock", "''"] {
            assert_eq!(guarded(text), text);
            assert_eq!(unguarded(text), text);
        }
    }
}
