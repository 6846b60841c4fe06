//! What a write does to some facts of a chunk, and where they are.

use super::write::Write;

/// A fact's place in a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The run.
    pub run: u32,
    /// The place in the measure columns.
    pub at: u32,
}

impl Place {
    /// That of no fact.
    pub const NOWHERE: Place = Place { run: u32::MAX, at: u32::MAX };

    pub fn new(run: usize, at: usize) -> Self {
        Place { run: run as u32, at: at as u32 }
    }
}

/// What is written to some facts of a chunk in one measure.
#[derive(Clone, Copy)]
pub struct Patch<'a> {
    /// Where they are; nowhere where there is none, and there nothing is put.
    pub places: &'a [Place],
    /// What is written to each.
    pub writes: &'a [Write],
    /// The cell that each had.
    pub before: &'a [Option<i64>],
}

impl<'a> Patch<'a> {
    /// The cells that become others: where they are, what was there, what comes.
    pub fn changes(self) -> impl Iterator<Item = (u32, Option<i64>, Option<i64>)> + Clone + 'a {
        let cells = self.places.iter().zip(self.writes).zip(self.before);
        let after =
            |((place, write), before): ((&Place, &Write), &Option<i64>)| (place.at, *before, write.onto(*before));
        cells.map(after).filter(|(_, before, after)| before != after)
    }

    /// What it does to the chunk's facts.
    pub fn extent(self) -> Extent {
        let mut extent = Extent::default();
        for (at, _, after) in self.changes() {
            extent.changes = true;
            extent.clears |= after.is_none();
            extent.adds_facts |= at == Place::NOWHERE.at;
        }
        extent
    }
}

/// What a patch does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extent {
    /// Whether any cell becomes another.
    pub changes: bool,
    /// Whether any becomes empty.
    pub clears: bool,
    /// Whether any stands where there is no fact.
    pub adds_facts: bool,
}
