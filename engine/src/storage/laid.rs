//! The facts of some chunks as runs that follow each other: what a record of them has in common with chunks.

use super::codes::Codes;
use super::runs::{Builder, Runs};

/// Facts as runs of periods, with their members.
pub struct Laid {
    /// How they lie along time.
    pub runs: Runs,
    /// For each coordinate the member ids of the runs; none for time.
    pub codes: Vec<Option<Codes>>,
}

impl Laid {
    /// Lays out the facts of some runs, one part after the other, each with the codes of so many coordinates.
    pub fn of_runs(parts: &[(&Runs, Vec<Option<&Codes>>)], width: usize) -> Self {
        let mut periods: Vec<u32> = parts.iter().flat_map(|(runs, _)| runs.periods.iter().copied()).collect();
        periods.sort_unstable();
        periods.dedup();
        let mut builder = Builder::default();
        let mut heads: Vec<(usize, usize)> = Vec::new();
        let mut series = 0;
        for (part, (runs, _)) in parts.iter().enumerate() {
            let slot = |period: &u32| periods.partition_point(|known| known < period) as u32;
            let slots: Vec<u32> = runs.periods.iter().map(slot).collect();
            for run in 0..runs.len() {
                series += 1;
                for (slot, _) in runs.facts_of(run) {
                    if builder.push(series, slots[slot]) {
                        heads.push((part, run));
                    }
                }
            }
        }
        let codes = (0..width).map(|coordinate| {
            let code = |(part, run): &(usize, usize)| Some(parts[*part].1[coordinate]?.get(*run));
            heads.iter().map(code).collect::<Option<Vec<u32>>>().map(|codes| Codes::encode(&codes))
        });
        Laid { codes: codes.collect(), runs: builder.finish(periods) }
    }
}
