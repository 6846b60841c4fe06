//! Terms: what formulas of a question are made of, each read from leaves under a selection of its own.

use super::axis::Item;
use crate::bind::Selection;
use crate::formula::{Formula, Function};
use engine::id::{DimensionId, MeasureId};
use std::sync::Arc;

/// Something read under a selection laid over the question's: `cost[project = all]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Term {
    pub kind: Kind,
    pub selection: Selection,
}

/// What is read.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// A measure.
    Measure(MeasureId),
    /// How many members have data: for each coordinate the member it counts as, or [`UNCOUNTED`].
    Count(DimensionId, Arc<Vec<u32>>),
    /// A function of a formula's values at the members of an item.
    Over(Arc<Over>),
    /// A formula worked out leaf by leaf and added up.
    AtLeaves(Arc<AtLeaves>),
}

/// A coordinate that counts as no member.
pub(crate) const UNCOUNTED: u32 = u32::MAX;

/// `median(cost over project)`
#[derive(Debug)]
pub(crate) struct Over {
    pub function: Function,
    pub item: Item,
    pub formula: Formula<usize>,
    pub terms: Vec<Term>,
}

/// `define payroll = headcount * rate at leaves`
#[derive(Debug)]
pub(crate) struct AtLeaves {
    pub name: String,
    pub formula: Formula<usize>,
    pub terms: Vec<Term>,
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Kind::Measure(a), Kind::Measure(b)) => a == b,
            (Kind::Count(a, of), Kind::Count(b, as_of)) => a == b && of == as_of,
            (Kind::Over(a), Kind::Over(b)) => Arc::ptr_eq(a, b),
            (Kind::AtLeaves(a), Kind::AtLeaves(b)) => Arc::ptr_eq(a, b) || a.name == b.name,
            _ => false,
        }
    }
}

impl Term {
    /// The measure, where it is one.
    pub fn measure(&self) -> Option<MeasureId> {
        match self.kind {
            Kind::Measure(measure) => Some(measure),
            _ => None,
        }
    }
}

/// The terms of a question, each once.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    all: Vec<Term>,
}

impl Terms {
    /// The number of a term.
    pub fn number(&mut self, term: Term) -> usize {
        match self.all.iter().position(|known| *known == term) {
            Some(place) => place,
            None => {
                self.all.push(term);
                self.all.len() - 1
            }
        }
    }

    /// All terms, by number.
    pub fn all(&self) -> &[Term] {
        &self.all
    }
}
