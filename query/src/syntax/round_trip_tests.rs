//! parse(print(tree)) = tree over generated trees, and no panic on any soup of tokens.

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::generated_trees::statement;
use super::{classify, is_complete, next_words, parse, split};

/// A tree's debug print without its spans, which are the only ranges of numbers in it.
fn without_spans(tree: &impl Debug) -> String {
    let text = format!("{tree:?}");
    let mut pieces = text.split("..").map(str::to_owned).collect::<Vec<_>>();
    let last = pieces.len() - 1;
    for (at, piece) in pieces.iter_mut().enumerate() {
        let digit = |c: char| c.is_ascii_digit();
        let mut kept = piece.as_str();
        kept = if at > 0 { kept.trim_start_matches(digit) } else { kept };
        kept = if at < last { kept.trim_end_matches(digit) } else { kept };
        *piece = kept.to_owned();
    }
    pieces.join("..")
}

/// Words, symbols and scraps, in no order.
fn soup() -> impl Strategy<Value = String> {
    let words = super::KEYWORDS.iter().map(|(word, _)| *word).collect::<Vec<_>>();
    let scraps = [
        "(",
        ")",
        "[",
        "]",
        ",",
        ";",
        ".",
        "..",
        "->",
        "+",
        "-",
        "*",
        "/",
        "=",
        "<",
        "!=",
        "x",
        "\"a b\"",
        "'t'",
        "\"",
        "'",
        "12",
        "2026",
        "2026-Q1",
        "FY2026",
        "1.5k",
        "15%",
        "-- c\n",
        "é",
        "§",
        "prev",
        "ytd",
        "trailing",
        "except",
        "abs(",
        "9999999999999999999999999999999999999999",
    ];
    let scrap = prop_oneof![select(words), select(scraps.to_vec())];
    vec((scrap, select(vec!["", " ", "\n"])), 0..25)
        .prop_map(|scraps| scraps.into_iter().map(|(scrap, space)| format!("{scrap}{space}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn printing_and_parsing_gives_the_tree_back(tree in statement()) {
        let text = tree.to_string();
        match parse(&text) {
            Ok(again) => prop_assert_eq!(without_spans(&again), without_spans(&tree), "{}", text),
            Err(error) => prop_assert!(false, "{}\n{:?}", text, error),
        }
    }

    #[test]
    fn no_soup_is_too_bad(text in soup(), place in 0.0..1.0_f64) {
        if let Ok(tree) = parse(&text) {
            prop_assert_eq!(parse(&tree.to_string()).map(|again| without_spans(&again)), Ok(without_spans(&tree)));
        } else if let Err(error) = parse(&text) {
            let span = error.span.unwrap_or_default();
            prop_assert!(span.end <= text.len() && text.get(span).is_some());
            prop_assert!(!error.message.is_empty() && !error.label.is_empty());
        }
        is_complete(&text);
        for span in split(&text) {
            prop_assert!(text.get(span).is_some());
        }
        let mut end = 0;
        for (span, _) in classify(&text) {
            prop_assert!(span.start >= end && text.get(span.clone()).is_some());
            end = span.end;
        }
        let next = next_words(&text, (text.len() as f64 * place) as usize);
        prop_assert!(text[next.start..].starts_with(&next.prefix));
    }

    #[test]
    fn no_characters_are_too_bad(text in "\\PC{0,40}") {
        let _ = parse(&text);
        let _ = split(&text);
        let _ = classify(&text);
    }
}
