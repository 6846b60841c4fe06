//! The facts of some chunks as runs that follow each other: what a record of them has in common with chunks.

use super::codes::Codes;
use super::runs::{Builder, Runs, periods_of};

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
        let periods = periods_of(parts.iter().map(|(runs, _)| *runs));
        let mut builder = Builder::default();
        let mut heads: Vec<(usize, usize)> = Vec::new();
        let mut series = 0;
        for (part, (runs, _)) in parts.iter().enumerate() {
            let slots = runs.slots_in(&periods);
            let slot = |slot: usize| slots.as_ref().map_or(slot as u32, |slots| slots[slot]);
            for run in 0..runs.len() {
                series += 1;
                for (own, _) in runs.facts_of(run) {
                    if builder.push(series, slot(own)) {
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
