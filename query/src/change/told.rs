//! A dimension as the receipt of a change tells it, part by part.

use crate::answer::{Breakdown, CellChange, Value};
use crate::formula::exact;
use engine::spread::Part;

/// A dimension and the names of its parts, in the order of the outcome's.
pub(crate) struct Told {
    pub dimension: String,
    pub names: Vec<String>,
}

impl Told {
    /// The parts that hold something, before and after; none where fewer than two do.
    pub fn breakdown(&self, parts: &[Part], scale: u8) -> Option<Breakdown> {
        let amount = |units: Option<i128>| units.map_or(Value::Empty, |units| exact(units, scale));
        let change = |(name, part): (&String, &Part)| CellChange {
            cell: name.clone(),
            before: amount(part.before),
            after: amount(part.after),
        };
        let held = self.names.iter().zip(parts).filter(|(_, part)| **part != Part::default());
        let parts: Vec<CellChange> = held.map(change).collect();
        (parts.len() > 1).then(|| Breakdown { dimension: self.dimension.clone(), parts })
    }
}
