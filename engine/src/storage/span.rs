//! The part of a chunk that a scan is about: its runs with their groups, cut to the wanted periods.

use super::bits::low;
use super::chunk::Chunk;
use super::codes::{Codes, NO_GROUP};
use super::grouping::{Grouping, OUTSIDE};
use super::runs::Masks;

/// How the wanted periods of a chunk count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// All in one group of time, and they follow each other.
    Flat(u32),
    /// For each period from the first that is wanted to the last its group of time, or [`OUTSIDE`].
    Lanes(Vec<u32>),
}

impl Shape {
    /// How many sums a group of series has.
    pub fn lanes(&self) -> usize {
        match self {
            Shape::Flat(_) => 1,
            Shape::Lanes(groups) => groups.len(),
        }
    }

    /// The group of time of each lane.
    pub fn groups(&self) -> &[u32] {
        match self {
            Shape::Flat(group) => std::slice::from_ref(group),
            Shape::Lanes(groups) => groups,
        }
    }
}

/// The wanted part of a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// The group of its series.
    pub group: u64,
    /// Where it is in the measure columns.
    pub at: u32,
    /// How many slots it has.
    pub len: u32,
    /// The lane of its first slot; 0 where periods count alike.
    pub lane: u32,
    /// The run it is of.
    pub run: u32,
    /// How many of the run's slots are left out before it.
    pub skipped: u32,
}

impl Span {
    /// Of a run's bits those of the span, its first slot in the lowest.
    #[inline(always)]
    pub fn bits(&self, mask: u64) -> u64 {
        mask >> self.skipped & low(self.len as usize)
    }
}

/// The wanted parts of a chunk, in key order.
#[derive(Debug, Default)]
pub struct Spans {
    /// The spans.
    pub list: Vec<Span>,
    /// Once numbered, the group of series that each number stands for.
    pub series: Vec<u64>,
    whole: Option<u64>,
    groups: Vec<i64>,
    spare: Vec<Span>,
}

impl Spans {
    /// Takes in the part of a chunk that belongs to some group, and says how its periods count; none where nothing does.
    pub fn select(&mut self, chunk: &Chunk, grouping: &Grouping) -> Option<Shape> {
        let runs = chunk.runs();
        let slots: Vec<u32> =
            runs.periods.iter().map(|period| grouping.time_group(*period).unwrap_or(OUTSIDE)).collect();
        let low = slots.iter().position(|group| *group != OUTSIDE)?;
        let high = slots.iter().rposition(|group| *group != OUTSIDE)? + 1;
        let flat = slots[low..high].iter().all(|group| *group == slots[low]);
        let alike = self.group_runs(chunk, grouping)?;
        self.whole = alike.filter(|_| high - low == slots.len());
        if !(flat && self.whole.is_some()) {
            self.cut(chunk, low, high, flat);
        }
        match flat {
            true => Some(Shape::Flat(slots[low])),
            false => Some(Shape::Lanes(slots[low..high].to_vec())),
        }
    }

    /// The group of all series, where every run is wanted whole and of the same.
    pub fn whole(&self) -> Option<u64> {
        self.whole
    }

    /// Works out the group of each run; gives the one group where they have the same, and none where none is wanted.
    #[allow(clippy::option_option)]
    fn group_runs(&mut self, chunk: &Chunk, grouping: &Grouping) -> Option<Option<u64>> {
        let mut base = 0;
        let mut varying = Vec::new();
        for (coordinate, table) in &grouping.tables {
            match chunk.codes(*coordinate).map(|codes| &**codes) {
                Some(Codes::Constant(code, _)) => base += table.get(*code as usize).copied().unwrap_or(NO_GROUP),
                Some(codes) => varying.push((codes, table)),
                None => {}
            }
        }
        if base < 0 {
            return None;
        }
        self.groups.clear();
        self.groups.resize(chunk.runs().len(), base);
        varying.iter().for_each(|(codes, table)| codes.add_mapped(table, &mut self.groups));
        let first = self.groups.first().copied()?;
        let alike = self.groups.iter().all(|group| *group == first);
        match alike {
            true if first < 0 => None,
            true => Some(Some(first as u64)),
            false if self.groups.iter().all(|group| *group < 0) => None,
            false => Some(None),
        }
    }

    fn cut(&mut self, chunk: &Chunk, low: usize, high: usize, flat: bool) {
        let runs = chunk.runs();
        let cut = Cut { low: low as u32, high: high as u32, flat };
        match (&runs.firsts, &runs.masks) {
            (firsts, Masks::Points) => {
                let ends = (0..runs.len() as u32).map(|run| (run, run + 1));
                cut.runs(&self.groups, ends.enumerate().map(|(run, ends)| (firsts.get(run), ends)), &mut self.list);
            }
            (Codes::Narrow(firsts), Masks::Spans(_, starts)) => {
                let firsts = firsts.iter().map(|first| u32::from(*first));
                cut.runs(&self.groups, firsts.zip(ends(starts)), &mut self.list);
            }
            (firsts, Masks::Spans(_, starts)) => {
                let firsts = (0..runs.len()).map(|run| firsts.get(run));
                cut.runs(&self.groups, firsts.zip(ends(starts)), &mut self.list);
            }
        }
    }

    /// Puts the spans of each group beside each other, given how many groups there are: lanes are then near.
    pub fn sort(&mut self, groups: u64) {
        if self.list.is_sorted_by_key(|span| span.group) {
            return;
        }
        let mut ends = vec![0u32; groups as usize];
        self.list.iter().for_each(|span| ends[span.group as usize] += 1);
        let mut before = 0;
        for end in &mut ends {
            before += *end;
            *end = before;
        }
        self.spare.resize(self.list.len(), Span::default());
        for span in self.list.iter().rev() {
            let end = &mut ends[span.group as usize];
            *end -= 1;
            self.spare[*end as usize] = *span;
        }
        std::mem::swap(&mut self.list, &mut self.spare);
    }

    /// Numbers the groups of series as they follow each other; gives how many numbers that takes.
    pub fn number(&mut self) -> usize {
        self.series.clear();
        for span in &mut self.list {
            if self.series.last() != Some(&span.group) {
                self.series.push(span.group);
            }
            span.group = self.series.len() as u64 - 1;
        }
        self.series.len()
    }
}

/// Where runs begin and end in the measure columns, given where they begin and the last ends.
fn ends(starts: &[u32]) -> impl Iterator<Item = (u32, u32)> + '_ {
    starts.iter().copied().zip(starts.iter().skip(1).copied())
}

/// The slots that are wanted, and whether they count alike.
struct Cut {
    low: u32,
    high: u32,
    flat: bool,
}

impl Cut {
    /// The wanted parts of runs, given the group of each, its first slot, and where it begins and ends in the columns.
    #[inline(always)]
    fn runs(&self, groups: &[i64], runs: impl Iterator<Item = (u32, (u32, u32))>, list: &mut Vec<Span>) {
        let spans = (0..).zip(groups.iter().zip(runs)).map(|(run, (group, place))| self.span(run, *group, place));
        if groups.iter().filter(|group| **group >= 0).count() < groups.len() / 4 {
            list.clear();
            list.extend(spans.filter(|(_, wanted)| *wanted).map(|(span, _)| span));
            return;
        }
        // Which of many are wanted cannot be foreseen: each is put down, and the next over it where it is not.
        list.resize(groups.len(), Span::default());
        let mut kept = 0;
        for (span, wanted) in spans {
            list[kept] = span;
            kept += usize::from(wanted);
        }
        list.truncate(kept);
    }

    /// The part of a run, and whether it is wanted.
    #[inline(always)]
    fn span(&self, run: u32, group: i64, (first, (start, end)): (u32, (u32, u32))) -> (Span, bool) {
        let (from, to) = (first.max(self.low), (first + end - start).min(self.high));
        let span = Span {
            group: group as u64,
            at: start + (from - first),
            len: to.wrapping_sub(from),
            lane: if self.flat { 0 } else { from - self.low },
            run,
            skipped: from - first,
        };
        (span, group >= 0 && from < to)
    }
}
