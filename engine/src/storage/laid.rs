//! Sorted leaves laid out along time: what chunks and records of changes have in common.

use super::codes::Codes;
use super::runs::{Builder, Runs};
use super::values::Values;
use crate::coordinate::KeyLayout;

/// Sorted leaves as runs of periods.
pub struct Laid {
    /// How they lie along time.
    pub runs: Runs,
    /// For each coordinate the member ids of the runs; none for time.
    pub codes: Vec<Option<Codes>>,
    /// Where in a column of slots each leaf is.
    pub places: Vec<u32>,
}

impl Laid {
    /// Lays out sorted keys.
    pub fn of(layout: &KeyLayout, keys: &[u128]) -> Self {
        let (periods, slots) = periods(layout, keys);
        let mut builder = Builder::default();
        let mut heads = Vec::new();
        let mut places = Vec::with_capacity(keys.len());
        for key in keys {
            let (series, slot) = (layout.series(*key), slots[layout.period(*key) as usize]);
            let (place, begins) = builder.push(series, slot);
            places.push(place);
            if begins {
                heads.push(series);
            }
        }
        let codes = (0..layout.width()).map(|coordinate| {
            let column = || heads.iter().map(|key| layout.unpack(*key, coordinate)).collect::<Vec<u32>>();
            (layout.time() != Some(coordinate)).then(|| Codes::encode(&column()))
        });
        Laid { codes: codes.collect(), runs: builder.finish(periods), places }
    }

    /// Lays out the facts of some runs, one part after the other, each with the codes of so many coordinates.
    pub fn of_runs(parts: &[(&Runs, Vec<Option<&Codes>>)], width: usize) -> Self {
        let mut periods: Vec<u32> = parts.iter().flat_map(|(runs, _)| runs.periods.iter().copied()).collect();
        periods.sort_unstable();
        periods.dedup();
        let mut builder = Builder::default();
        let mut heads: Vec<(usize, usize)> = Vec::new();
        let mut places = Vec::with_capacity(parts.iter().map(|(runs, _)| runs.facts).sum());
        let mut series = 0;
        for (part, (runs, _)) in parts.iter().enumerate() {
            let slot = |period: &u32| periods.partition_point(|known| known < period) as u32;
            let slots: Vec<u32> = runs.periods.iter().map(slot).collect();
            for run in 0..runs.len() {
                series += 1;
                for (slot, _) in runs.facts_of(run) {
                    let (place, begins) = builder.push(series, slots[slot]);
                    places.push(place);
                    if begins {
                        heads.push((part, run));
                    }
                }
            }
        }
        let codes = (0..width).map(|coordinate| {
            let code = |(part, run): &(usize, usize)| Some(parts[*part].1[coordinate]?.get(*run));
            heads.iter().map(code).collect::<Option<Vec<u32>>>().map(|codes| Codes::encode(&codes))
        });
        Laid { codes: codes.collect(), runs: builder.finish(periods), places }
    }

    /// The narrowest column of slots, given what stands at each leaf; none where all are empty.
    pub fn values(&self, cells: impl Iterator<Item = Option<i64>> + Clone) -> Option<Values> {
        Values::placed(self.runs.slots(), self.places.iter().copied().zip(cells))
    }

    /// A column of slots, given what stands at each leaf; empty where no leaf is.
    pub fn column(&self, cells: impl Iterator<Item = Option<i64>>) -> Vec<Option<i64>> {
        let mut slots = vec![None; self.runs.slots()];
        self.places.iter().zip(cells).for_each(|(place, cell)| slots[*place as usize] = cell);
        slots
    }
}

/// The periods of some keys, ascending, and the slot number of each; one that stands for nothing where the cube has no
/// time.
fn periods(layout: &KeyLayout, keys: &[u128]) -> (Vec<u32>, Vec<u32>) {
    let mut seen = vec![false; layout.most_periods()];
    keys.iter().for_each(|key| seen[layout.period(*key) as usize] = true);
    let periods: Vec<u32> = (0..).zip(&seen).filter(|(_, seen)| **seen).map(|(period, _)| period).collect();
    let mut slots = vec![0; seen.len()];
    periods.iter().zip(0..).for_each(|(period, slot)| slots[*period as usize] = slot);
    (if periods.is_empty() { vec![0] } else { periods }, slots)
}
