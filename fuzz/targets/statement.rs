//! Any text: it is a statement, which prints as one that reads back, or an error that points into the text.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use query::syntax::{classify, is_complete, next_words, parse, split};
use std::fmt::Debug;

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| { fuzz::by_words(data, size, most, seed) });

fuzz_target!(|text: &str| {
    for span in split(text) {
        let statement = text.get(span).expect("a statement of whole characters");
        match parse(statement) {
            Ok(tree) => {
                let printed = tree.to_string();
                let again = parse(&printed).unwrap_or_else(|error| panic!("{statement}\nprinted {printed}\n{error:?}"));
                assert_eq!(without_spans(&again), without_spans(&tree), "{statement}\nprinted {printed}");
                assert_eq!(again.to_string(), printed);
            }
            Err(error) => fuzz::points_into(&error, statement),
        }
    }
    is_complete(text);
    let mut end = 0;
    for (span, _) in classify(text) {
        assert!(span.start >= end && text.get(span.clone()).is_some(), "{span:?} of {text}");
        end = span.end;
    }
    for position in [text.len() / 3, text.len() / 2, text.len(), text.len() + 1] {
        let next = next_words(text, position);
        assert!(text[next.start..].starts_with(&next.prefix), "at {position} of {text}");
    }
});

/// A tree's debug print without its spans, which are the only ranges of numbers in it.
fn without_spans(tree: &impl Debug) -> String {
    let text = format!("{tree:?}");
    let digit = |c: char| c.is_ascii_digit();
    let pieces: Vec<&str> = text.split("..").collect();
    let last = pieces.len() - 1;
    let kept = pieces.iter().enumerate().map(|(at, piece)| {
        let start = if at > 0 { piece.trim_start_matches(digit) } else { piece };
        if at < last { start.trim_end_matches(digit) } else { start }
    });
    kept.collect::<Vec<_>>().join("..")
}
