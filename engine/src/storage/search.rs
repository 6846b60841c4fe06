//! Looking for where a condition ends that holds for a first part of some items.

use std::ops::Range;

/// The first of some numbers for which a condition does not hold that holds for all before it.
pub fn partition_point(numbers: Range<usize>, before: impl Fn(usize) -> bool) -> usize {
    let Range { start: mut low, end: mut high } = numbers;
    while low < high {
        let middle = (low + high) / 2;
        if before(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// How many of some items from the first satisfy a condition that holds for a first part of them: looked for near the
/// first.
pub fn gallop(items: usize, before: impl Fn(usize) -> bool) -> usize {
    let mut bound = 1;
    while bound <= items && before(bound - 1) {
        bound *= 2;
    }
    partition_point(bound / 2..(bound - 1).min(items), before)
}
