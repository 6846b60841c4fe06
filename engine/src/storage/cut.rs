//! How many facts go into a chunk.

use super::chunk::Chunk;
use super::tuning::Tuning;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// Cuts facts into chunks of equal size, no more than needed.
pub fn cut(facts: usize, chunk: &(dyn Fn(Range<usize>) -> Chunk + Sync)) -> Vec<Arc<Chunk>> {
    let most = Tuning::current().chunk_rows;
    let pieces = if facts < most.saturating_mul(2) { 1 } else { facts.div_ceil(most) };
    let size = facts.div_ceil(pieces).max(1);
    let rows = |piece: usize| piece * size..((piece + 1) * size).min(facts);
    (0..facts.div_ceil(size)).into_par_iter().map(|piece| Arc::new(chunk(rows(piece)))).collect()
}
