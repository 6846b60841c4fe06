//! Numbers of things as people write them. Knows nothing of what is counted.

use std::fmt::Display;

/// `1 member`, `2 members`.
pub(crate) fn counted<N: Display + PartialEq + From<u8>>(count: N, one: &str, many: &str) -> String {
    let noun = if count == N::from(1) { one } else { many };
    format!("{count} {noun}")
}
