//! Characters that belong to no word of the language, and what people mean by them.

/// Each with what stands under the caret.
const CHARACTERS: [(&str, &str); 11] = [
    ("“”„«»", "names stand in straight double quotes: \""),
    ("‘’‚`´", "texts stand in straight single quotes: '"),
    ("$€£¥", "amounts are written without a currency: 500"),
    ("%", "write the sign at once behind the number: 5%"),
    ("&|", "conditions are joined by a comma, and formulas by `and` and `or`"),
    ("{}", "lists stand in round brackets, members on an axis in square ones"),
    (":", "a range is written with two dots: 2026-Q1..2026-Q3"),
    ("!", "not equal is written != or <>"),
    ("−–—", "minus is written -, and a comment begins with --"),
    ("×·÷", "times is written *, and divided by is written /"),
    ("≤≥≠", "comparisons are written <=, >= and !="),
];

/// What to say of a character that is no word of the language.
pub fn character(found: &str) -> &'static str {
    let known = CHARACTERS.iter().find(|(characters, _)| characters.contains(found));
    known.map_or("not a character of the language", |(_, label)| label)
}
