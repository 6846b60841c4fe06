//! The generated retail cube: its shape, and the same rows every time.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use arrow_array::Array;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use datasets::retail::{self, Size};

#[test]
fn a_retail_cube_is_sparse_and_the_same_every_time() {
    let size = Size { channels: 1, density: 5_000 };
    let facts = retail::facts(size);
    assert_eq!(facts.num_rows() as u64, size.facts());
    assert_eq!(size.facts(), 900 * 90 * 5 / 1_000 * 36);
    assert_eq!(facts, retail::facts(size));
    let distinct = |name: &str| facts.column_by_name(name).unwrap().as_dictionary::<UInt32Type>().values().len();
    assert_eq!(["line", "family", "group", "class", "product", "store"].map(distinct), [2, 7, 25, 60, 900, 90]);
    assert!(facts.column_by_name("inventory").unwrap().null_count() > 0);
}
