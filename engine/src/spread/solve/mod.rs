//! `solve`: the least change that meets several demands at once.
//!
//! Leaves that the same demands and held totals speak of are one variable: what they come to. The sum
//! of all changes, up or down, is made least by a linear program; where its answer is no whole number
//! of steps, by an integer program. Among equal changes those of earlier leaves are preferred. A
//! variable's amount finds its leaves in the proportions that are there. The answer is checked in
//! whole units before anything is written.
//!
//! Demands that cannot be met together are narrowed by leaving out one after another as long as the
//! rest cannot be met (deletion filtering, Chinneck and Dravnieks 1991): what remains conflicts, and
//! without any one of it would not.
//!
//! ```text
//! model     demands, holds and leaves as amounts and limits
//! program   the least change that meets limits, or none
//! ```

mod model;
mod program;

use super::apportion::shares;
use super::effect::Effect;
use super::leaf::{Field, Leaf};
use super::outcome::outcome;
use super::request::{Demand, Method, Outcome};
use super::total::{candidates, weights};
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use crate::memory::Claim;
use model::Model;

pub(super) fn compute(field: &Field, demands: &[Demand], method: &Method) -> Result<Outcome> {
    let leaves = candidates(field, method)?;
    field.refuse_parts(&leaves)?;
    let mut effect = Effect::default();
    for (period, leaves) in field.by_period(&leaves) {
        let heard = |demand: &&Demand| leaves.iter().any(|leaf| field.contains(&demand.part, leaf.key));
        let about = |demand: &&Demand| demand.is_about(period) && (!demand.optional || heard(demand));
        let demands: Vec<&Demand> = demands.iter().filter(about).collect();
        if demands.is_empty() {
            continue;
        }
        let model = Model::new(field, &demands, &leaves)?;
        let amounts = solved(field, &model, period)?;
        for (variable, amount) in model.variables.iter().zip(amounts) {
            put(field, &variable.leaves, amount, method, &mut effect)?;
        }
    }
    refuse_unheard(field, demands, &leaves)?;
    Ok(outcome(field, &leaves, effect))
}

/// What each variable comes to, in steps.
fn solved(field: &Field, model: &Model, period: Option<MemberId>) -> Result<Vec<i128>> {
    let all = vec![true; model.limits.len() + model.holds.len()];
    field.check_stop()?;
    let _claim = Claim::of("the program of the least change", model.bytes())?;
    match program::least_change(model, &all) {
        Ok(amounts) => Ok(amounts),
        Err(program::Failure::Infeasible) => Err(conflict(field, model, period)?),
        Err(program::Failure::NotWhole) => Err(EngineError::refused(
            "the least change found is in no whole units",
            "widen a demand by a unit, or take a finer step",
        )),
    }
}

/// The smallest set of demands and holds that cannot be met together.
fn conflict(field: &Field, model: &Model, period: Option<MemberId>) -> Result<EngineError> {
    let mut active = vec![true; model.limits.len() + model.holds.len()];
    for element in (0..active.len()).rev() {
        field.check_stop()?;
        active[element] = false;
        if !matches!(program::least_change(model, &active), Err(program::Failure::Infeasible)) {
            active[element] = true;
        }
    }
    let names = model.names();
    let mut left: Vec<String> =
        names.into_iter().zip(&active).filter(|(_, active)| **active).map(|(name, _)| name).collect();
    left.dedup();
    let (what, help) = match left.as_slice() {
        [one] => (format!("{one} cannot be met"), "what is there cannot reach it: name more leaves, or another amount"),
        several => (
            format!("these cannot be met together: {}", several.join("; ")),
            "without any one of them the others can be met: change one",
        ),
    };
    Ok(EngineError::refused(format!("{what}{}", field.in_period(period)), help))
}

/// A demand on leaves that are not there would be passed over in silence.
fn refuse_unheard(field: &Field, demands: &[Demand], leaves: &[Leaf]) -> Result<()> {
    let heard = |demand: &&Demand| leaves.iter().any(|leaf| field.contains(&demand.part, leaf.key));
    match demands.iter().find(|demand| !demand.optional && !heard(demand) && !demand.is_met(0)) {
        None => Ok(()),
        Some(demand) => Err(EngineError::refused(
            format!("{}: there is no {} there to change", demand.text, field.measure()),
            "`equally over all` lets every leaf of the slice take part",
        )),
    }
}

/// Brings some leaves to an amount.
fn put(field: &Field, leaves: &[Leaf], steps: i128, method: &Method, effect: &mut Effect) -> Result<()> {
    let step = field.spread.step.max(1);
    let before: i128 = leaves.iter().map(Leaf::signed).sum();
    if steps * step == before {
        return Ok(());
    }
    let own = weights(field, leaves, method)?;
    let equal = vec![1; leaves.len()];
    let shares = shares(steps, &own).or_else(|| shares(steps, &equal));
    let shares = shares.ok_or_else(|| EngineError::Overflow(field.amount(steps)))?;
    effect.place(field, leaves, shares)
}
