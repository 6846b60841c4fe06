//! How many cells went into each lane of each group.
//!
//! Lanes are counted many at a time: a mask is added to numbers whose bits lie in planes, a bit of every
//! number in one word (positional population count: Klarqvist, Muła, Lemire 2021). Masks of one group that
//! follow each other are added up first, in few planes at hand.

use super::bits::ones;
use super::span::Span;

/// Planes at hand: they take so many masks before they are poured out.
const AT_HAND: usize = 5;
const MOST_AT_HAND: u32 = (1 << AT_HAND) - 1;

/// Counts by group and lane.
#[derive(Debug, Default)]
pub struct Counter {
    lanes: usize,
    words: usize,
    groups: usize,
    /// Where there is but one lane.
    flat: Vec<u64>,
    planes: Vec<Vec<u64>>,
    /// Only whether there is any.
    any: bool,
}

impl Counter {
    /// Counts of zero.
    pub fn reset(&mut self, lanes: usize, groups: usize, any: bool) {
        (self.lanes, self.words, self.groups, self.any) = (lanes, lanes.div_ceil(64), groups, any);
        self.flat.clear();
        self.flat.resize(if lanes == 1 { groups } else { 0 }, 0);
        self.planes.clear();
    }

    /// Counts the cells of spans, given the mask of each run.
    pub fn add(&mut self, spans: &[Span], mask: impl Fn(usize) -> u64) {
        match (self.lanes, self.any) {
            (1, _) => {
                for span in spans {
                    self.flat[span.group as usize] += u64::from(span.bits(mask(span.run as usize)).count_ones());
                }
            }
            (2..=64, false) => self.add_narrow(spans, mask),
            _ => self.add_wide(spans, mask),
        }
    }

    /// Where all lanes of a group are in one word.
    fn add_narrow(&mut self, spans: &[Span], mask: impl Fn(usize) -> u64) {
        let (mut group, mut masks, mut hand) = (0, 0, [0u64; AT_HAND]);
        for span in spans {
            if span.group != group || masks == MOST_AT_HAND {
                self.pour(group as usize, &mut hand);
                (group, masks) = (span.group, 0);
            }
            let mut carry = span.bits(mask(span.run as usize)) << span.lane;
            for plane in &mut hand {
                (*plane, carry) = (*plane ^ carry, *plane & carry);
            }
            masks += 1;
        }
        self.pour(group as usize, &mut hand);
    }

    fn pour(&mut self, at: usize, hand: &mut [u64; AT_HAND]) {
        for (plane, bits) in hand.iter_mut().enumerate().filter(|(_, bits)| **bits != 0) {
            self.carry(at, plane, std::mem::take(bits));
        }
    }

    fn add_wide(&mut self, spans: &[Span], mask: impl Fn(usize) -> u64) {
        for span in spans {
            let bits = span.bits(mask(span.run as usize));
            let (word, shift) = (span.lane as usize / 64, span.lane % 64);
            let at = span.group as usize * self.words + word;
            self.carry(at, 0, bits << shift);
            if shift > 0 && word + 1 < self.words {
                self.carry(at + 1, 0, bits >> (64 - shift));
            }
        }
    }

    fn carry(&mut self, at: usize, mut plane: usize, mut bits: u64) {
        while bits != 0 {
            while plane >= self.planes.len() {
                self.planes.push(vec![0; self.groups * self.words]);
            }
            let word = &mut self.planes[plane][at];
            if self.any {
                *word |= bits;
                return;
            }
            (*word, bits) = (*word ^ bits, *word & bits);
            plane += 1;
        }
    }

    /// Reads the counts of a group, one for each lane; false where all are zero.
    pub fn read(&self, group: usize, counts: &mut [u64]) -> bool {
        if self.lanes == 1 {
            counts[0] = self.flat[group];
            return counts[0] > 0;
        }
        let mut any = false;
        for (power, plane) in self.planes.iter().enumerate() {
            for word in 0..self.words {
                let bits = plane[group * self.words + word];
                if bits != 0 && !any {
                    counts.fill(0);
                    any = true;
                }
                ones(bits).for_each(|bit| counts[word * 64 + bit] += 1 << power);
            }
        }
        any
    }
}
