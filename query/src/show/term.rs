//! Terms: a measure under a selection of its own, as `cost[project = all]`.

use crate::bind::{Names, Selection};
use crate::error::Result;
use crate::formula::Formula;
use crate::syntax::ast::{Condition, Expr, Path};
use engine::id::MeasureId;

/// A measure read under a selection laid over the question's.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Term {
    pub measure: MeasureId,
    pub selection: Selection,
}

/// The terms of a question, each once.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    all: Vec<Term>,
}

impl Terms {
    /// The number of a measure under a selection.
    pub fn of(&mut self, names: Names, path: &Path, selection: &[Condition], others: &[String]) -> Result<usize> {
        let measure = names.measure(path).map_err(|_| names.no_measure(path, others))?;
        let term = Term { measure, selection: Selection::bind(names, selection)? };
        Ok(match self.all.iter().position(|known| *known == term) {
            Some(place) => place,
            None => {
                self.all.push(term);
                self.all.len() - 1
            }
        })
    }

    /// Binds a formula over measures.
    pub fn formula(&mut self, names: Names, expr: &Expr, others: &[String]) -> Result<Formula<usize>> {
        Formula::bind(expr, &mut |path, selection, _| self.of(names, path, selection, others))
    }

    /// All terms, by number.
    pub fn all(&self) -> &[Term] {
        &self.all
    }
}
