//! Demands, holds and leaves as amounts and limits on their sums.

use super::super::leaf::{Field, Leaf};
use super::super::request::{Demand, Sense};
use crate::error::{EngineError, Result};
use crate::memory::bytes;
use std::collections::BTreeMap;

const SQUARE_BYTES: usize = 16;
const ENTRY_BYTES: usize = 200;

/// Leaves that all demands and holds speak of alike.
pub(super) struct Variable {
    pub leaves: Vec<Leaf>,
    /// What they come to now, in steps.
    pub before: i128,
    /// The hold that keeps them as they are, by place; the lock where it is past the last.
    pub kept: Option<usize>,
    /// By which limits they are counted.
    limits: Vec<usize>,
}

/// A sum that must be at least, at most or just an amount.
pub(super) struct Limit {
    pub sense: Sense,
    pub amount: i128,
    text: String,
}

/// What a least change is sought for; amounts in steps.
pub(super) struct Model {
    pub variables: Vec<Variable>,
    pub limits: Vec<Limit>,
    /// The names of what keeps leaves as they are and may be left out.
    pub holds: Vec<String>,
    pub allow_negative: bool,
}

/// What tells variables apart: demands, held totals, what keeps them.
type Signature = (Vec<usize>, Vec<(u64, crate::weight::Weight)>, Option<String>);

impl Model {
    pub fn new(field: &Field, demands: &[&Demand], leaves: &[Leaf]) -> Result<Self> {
        let step = field.spread.step.max(1);
        let mut grouped: BTreeMap<Signature, Vec<Leaf>> = BTreeMap::new();
        for leaf in leaves {
            let about = |demand: &&Demand| field.contains(&demand.part, leaf.key);
            let counted = (0..demands.len()).filter(|place| about(&demands[*place])).collect();
            let kept = (!leaf.free).then(|| field.keeper(leaf.key));
            let totals = if leaf.free { field.totals_on(leaf) } else { Vec::new() };
            grouped.entry((counted, totals, kept)).or_default().push(*leaf);
        }
        let mut model = Model {
            variables: Vec::new(),
            limits: demands.iter().map(|demand| limit(field, demand)).collect::<Result<Vec<_>>>()?,
            holds: Vec::new(),
            allow_negative: field.spread.allow_negative,
        };
        let mut totals: BTreeMap<Vec<(u64, crate::weight::Weight)>, usize> = BTreeMap::new();
        for ((mut counted, held, kept), leaves) in grouped {
            let before: i128 = leaves.iter().map(Leaf::signed).sum();
            if before % step != 0 && kept.is_none() {
                return Err(off_step(field, before));
            }
            let before = before.div_euclid(step);
            if !held.is_empty() {
                let place = *totals.entry(held.clone()).or_insert_with(|| model.total(&held));
                model.limits[place].amount += before;
                counted.push(place);
            }
            let kept = kept.map(|keeper| model.hold(keeper));
            model.variables.push(Variable { leaves, before, kept, limits: counted });
        }
        Ok(model)
    }

    /// A held total as a limit.
    fn total(&mut self, held: &[(u64, crate::weight::Weight)]) -> usize {
        let numbers: Vec<String> = held.iter().map(|(number, _)| number.to_string()).collect();
        let text = format!("hold {} (a total)", numbers.join(" and "));
        self.limits.push(Limit { sense: Sense::Just, amount: 0, text });
        self.limits.len() - 1
    }

    /// The place of a hold by its name.
    fn hold(&mut self, keeper: String) -> usize {
        match self.holds.iter().position(|known| *known == keeper) {
            Some(place) => place,
            None => {
                self.holds.push(keeper);
                self.holds.len() - 1
            }
        }
    }

    /// Bytes that the solver takes, as measured: a table of all limits by all, and for each variable two unknowns that are
    /// entered in each limit that counts it.
    pub fn bytes(&self) -> usize {
        let entries = self.variables.iter().map(|variable| 2 * (1 + variable.limits.len())).sum();
        let table = bytes(self.limits.len().saturating_mul(self.limits.len()), SQUARE_BYTES);
        table.saturating_add(bytes(entries, ENTRY_BYTES))
    }

    /// Whether a variable is counted by a limit.
    pub fn counts(&self, variable: &Variable, limit: usize) -> bool {
        variable.limits.contains(&limit)
    }

    /// What may be left out, in the order of `least_change`'s flags.
    pub fn names(&self) -> Vec<String> {
        self.limits.iter().map(|limit| limit.text.clone()).chain(self.holds.iter().cloned()).collect()
    }
}

fn limit(field: &Field, demand: &Demand) -> Result<Limit> {
    let step = field.spread.step.max(1);
    // What is at most an amount is at most the steps below it.
    let amount = match demand.sense {
        Sense::AtMost => demand.amount.div_euclid(step),
        Sense::AtLeast => -(-demand.amount).div_euclid(step),
        Sense::Just => super::super::effect::steps(field, demand.amount)?,
    };
    Ok(Limit { sense: demand.sense, amount, text: demand.text.clone() })
}

fn off_step(field: &Field, amount: i128) -> EngineError {
    let (amount, step) = (field.amount(amount), field.amount(field.spread.step));
    EngineError::refused(
        format!("{amount} of {} is there, which is no whole number of {step}", field.measure()),
        "take a finer step, or make what is there whole first",
    )
}
