//! Which groups have any fact: a bit for each.

use super::bits::{Bits, ones};
use super::chunk::Chunk;
use super::grouping::{Grouping, OUTSIDE};
use super::span::{Shape, Spans};
use super::tally::Groups;

/// The most groups that have a bit each.
const MOST_BITS: u64 = 1 << 26;

/// The groups that were met.
#[derive(Debug)]
pub struct Presence {
    times: u64,
    bits: Bits,
    spans: Spans,
}

impl Presence {
    /// Bytes that the bits of so many groups take; none where they are too many.
    pub fn bytes(grouping: &Grouping) -> Option<usize> {
        let groups = grouping.series * grouping.times;
        (groups <= MOST_BITS).then_some((groups / 8) as usize)
    }

    /// Nothing yet.
    pub fn new(grouping: &Grouping) -> Self {
        Presence { times: grouping.times, bits: Bits::default(), spans: Spans::default() }
    }

    /// Takes in the facts of a chunk.
    pub fn chunk(&mut self, chunk: &Chunk, grouping: &Grouping) {
        let Some(shape) = self.spans.select(chunk, grouping) else { return };
        match (&shape, self.spans.whole()) {
            (Shape::Flat(time), Some(series)) => self.bits.set((series * self.times + u64::from(*time)) as usize),
            _ => self.parts(chunk, &shape),
        }
    }

    fn parts(&mut self, chunk: &Chunk, shape: &Shape) {
        for span in &self.spans.list {
            let facts = span.bits(chunk.runs().mask(span.run as usize));
            let first = span.group * self.times;
            match shape {
                Shape::Flat(time) if facts != 0 => self.bits.set((first + u64::from(*time)) as usize),
                Shape::Flat(_) => {}
                Shape::Lanes(times) => {
                    let times = ones(facts).filter_map(|bit| times.get(span.lane as usize + bit));
                    let times = times.filter(|time| **time != OUTSIDE);
                    times.for_each(|time| self.bits.set((first + u64::from(*time)) as usize));
                }
            }
        }
    }

    /// All that any of some met, in the order of the coordinates.
    pub fn merged(all: Vec<Presence>, grouping: &Grouping) -> Groups {
        let mut bits = Bits::default();
        all.iter().for_each(|one| bits.add_all(&one.bits));
        let groups = bits.ones().map(|group| group as u64);
        let mut offsets: Vec<u64> = match grouping.is_in_order() {
            true => groups.collect(),
            false => groups.map(|group| grouping.in_order(group)).collect(),
        };
        if !grouping.is_in_order() {
            offsets.sort_unstable();
        }
        Groups { offsets, columns: Vec::new() }
    }
}
