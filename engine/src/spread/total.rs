//! `set` and `add`: a slice gets a new total.

use super::apportion::apportion;
use super::effect::{Effect, outcome, steps};
use super::leaf::{Field, Leaf};
use super::request::{Amount, Method, Outcome};
use crate::decimal::divide_rounded;
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use crate::weight::Weight;
use std::collections::{HashMap, HashSet};

pub(super) fn compute(field: &Field, amount: Amount, method: &Method) -> Result<Outcome> {
    let leaves = candidates(field, method)?;
    field.refuse_parts(&leaves)?;
    if !leaves.is_empty() && leaves.iter().all(|leaf| !leaf.free) {
        return Err(nothing_free(field, &leaves));
    }
    let periods = field.by_period(leaves.clone());
    if *method == Method::Proportionally {
        refuse_bare_periods(field, &periods, amount)?;
    }
    let mut effect = Effect::default();
    for (period, leaves) in &periods {
        spread(field, *period, leaves, amount, method, &mut effect)?;
    }
    Ok(outcome(field, &leaves, effect))
}

/// The leaves that take part: those with a value, and those the method creates.
fn candidates(field: &Field, method: &Method) -> Result<Vec<Leaf>> {
    let subcube = &field.spread.subcube;
    match method {
        Method::Proportionally | Method::EquallyOverExisting => field.existing(subcube),
        Method::EquallyOverAll => {
            let mut leaves = field.all(subcube)?;
            let known: HashSet<u128> = leaves.iter().map(|leaf| leaf.key).collect();
            leaves.extend(field.existing(subcube)?.into_iter().filter(|leaf| !known.contains(&leaf.key)));
            field.sort(&mut leaves);
            Ok(leaves)
        }
        Method::Weights(weights) => {
            let mut leaves = field.existing(subcube)?;
            let known: HashSet<u128> = leaves.iter().map(|leaf| leaf.key).collect();
            let new = weights.iter().filter(|(key, weight)| **weight != 0 && !known.contains(key));
            leaves.extend(new.map(|(key, _)| field.leaf(subcube, *key, None)).filter(|leaf| !leaf.weight.is_zero()));
            field.sort(&mut leaves);
            Ok(leaves)
        }
        Method::Unspread(members) => {
            let key = field.snapshot.layout().pack(members.iter().map(|member| member.0));
            let found = field.existing(subcube)?.into_iter().find(|leaf| leaf.key == key);
            Ok(vec![found.unwrap_or_else(|| Leaf { weight: Weight::ONE, ..field.leaf(subcube, key, None) })])
        }
    }
}

fn spread(
    field: &Field,
    period: Option<MemberId>,
    leaves: &[Leaf],
    amount: Amount,
    method: &Method,
    effect: &mut Effect,
) -> Result<()> {
    let before: i128 = leaves.iter().map(Leaf::signed).sum();
    let target = target(field, before, amount)?;
    let held: i128 = leaves.iter().filter(|leaf| !leaf.free).map(Leaf::signed).sum();
    let free: Vec<Leaf> = leaves.iter().filter(|leaf| leaf.free).copied().collect();
    let wanted = target - held;
    let weights = weights(field, &free, method)?;
    if wanted == 0 && weights.iter().sum::<i128>() == 0 && free.iter().all(|leaf| leaf.value.unwrap_or(0) == 0) {
        return Ok(());
    }
    if free.iter().any(|leaf| leaf.value.is_some()) && free.len() < leaves.len() {
        refuse_below_held(field, period, target, held)?;
    }
    let shares = apportion(steps(field, wanted)?, &weights)
        .ok_or_else(|| no_basis(field, period, method, &free, target, held))?;
    for ((leaf, share), weight) in free.iter().zip(shares).zip(&weights) {
        if *weight != 0 || leaf.value.is_some() {
            effect.put(field, leaf, share * field.spread.step.max(1))?;
        }
    }
    Ok(())
}

fn target(field: &Field, before: i128, amount: Amount) -> Result<i128> {
    Ok(match amount {
        Amount::To(total) => total,
        Amount::By(more) => before + more,
        Amount::ByShare(share) => before + share_of(field, before, share)?,
    })
}

/// A share of an amount, rounded to a whole step, halves away from zero.
pub(super) fn share_of(field: &Field, amount: i128, share: crate::decimal::Decimal) -> Result<i128> {
    let overflow = || EngineError::Overflow(field.amount(amount));
    let step = field.spread.step.max(1);
    let denominator = crate::decimal::power_of_ten(share.scale).checked_mul(step).ok_or_else(overflow)?;
    let product = amount.checked_mul(share.units).ok_or_else(overflow)?;
    divide_rounded(product, denominator).and_then(|steps| steps.checked_mul(step)).ok_or_else(overflow)
}

fn weights(field: &Field, free: &[Leaf], method: &Method) -> Result<Vec<i128>> {
    match method {
        Method::Proportionally => Ok(free.iter().map(Leaf::signed).collect()),
        Method::EquallyOverExisting | Method::EquallyOverAll | Method::Unspread(_) => Ok(vec![1; free.len()]),
        Method::Weights(weights) => {
            if let Some((key, _)) = weights.iter().filter(|(_, weight)| **weight < 0).min_by_key(|(key, _)| **key) {
                return Err(EngineError::refused(
                    format!("the weight at {} is negative", field.place(*key)),
                    "weights are zero or more; `abs(...)` makes them so",
                ));
            }
            Ok(free.iter().map(|leaf| weights.get(&leaf.key).copied().unwrap_or(0)).collect())
        }
    }
}

/// A stock set in proportion needs something to be proportional to in every period the statement names.
fn refuse_bare_periods(field: &Field, periods: &[(Option<MemberId>, Vec<Leaf>)], amount: Amount) -> Result<()> {
    let idle = matches!(amount, Amount::To(0) | Amount::By(0) | Amount::ByShare(_));
    let Some((time, coordinate)) = field.stock_time().filter(|_| field.spread.names_periods && !idle) else {
        return match (amount, periods.iter().any(|(_, leaves)| !leaves.is_empty())) {
            (Amount::To(total) | Amount::By(total), false) if total != 0 => {
                Err(no_basis(field, None, &Method::Proportionally, &[], total, 0))
            }
            _ => Ok(()),
        };
    };
    let there: HashMap<MemberId, ()> = periods.iter().filter_map(|(period, _)| Some(((*period)?, ()))).collect();
    for month in field.members(&field.spread.subcube, coordinate) {
        let mut covering = Some(month);
        while let Some(at) = covering.filter(|at| !there.contains_key(at)) {
            covering = time.hierarchies()[0].parent(at);
        }
        if covering.is_none() {
            return Err(no_basis(field, Some(month), &Method::Proportionally, &[], 1, 0));
        }
    }
    Ok(())
}

fn refuse_below_held(field: &Field, period: Option<MemberId>, target: i128, held: i128) -> Result<()> {
    if field.spread.allow_negative || held < 0 || target >= held || target < 0 {
        return Ok(());
    }
    Err(EngineError::refused(
        format!(
            "{} of {}{} is held or locked, {} more than the new total {}",
            field.amount(held),
            field.measure(),
            field.in_period(period),
            field.amount(held - target),
            field.amount(target)
        ),
        "name a total that is not below what is held, or hold less",
    ))
}

fn no_basis(
    field: &Field,
    period: Option<MemberId>,
    method: &Method,
    free: &[Leaf],
    target: i128,
    held: i128,
) -> EngineError {
    let (measure, period) = (field.measure(), field.in_period(period));
    let help = || {
        vec![
            "`equally over all` creates the same value on every leaf of the slice".to_owned(),
            "`by FORMULA` or `like SELECTION` spreads by other figures".to_owned(),
            "`unspread` keeps the amount at the level named".to_owned(),
        ]
    };
    match method {
        Method::Weights(_) => EngineError::refused(
            format!("the weights{period} are all empty or zero"),
            "choose a formula that has values in this slice, or spread `equally`",
        ),
        _ if held != 0 => EngineError::refused(
            format!(
                "{} of {measure}{period} is held and no other leaf can absorb the difference of {}",
                field.amount(held),
                field.amount(target - held)
            ),
            "hold less, or spread `equally over all`",
        ),
        Method::EquallyOverExisting => {
            EngineError::Refused { message: format!("no leaf of the slice has {measure}{period}"), help: help() }
        }
        _ if free.iter().any(|leaf| leaf.value.is_some()) => EngineError::Refused {
            message: format!("{measure}{period} is 0 here: there is nothing to be proportional to"),
            help: std::iter::once("`equally` spreads over the leaves that are there".to_owned())
                .chain(help())
                .collect(),
        },
        _ => EngineError::Refused {
            message: format!("there is no {measure}{period} in this slice to be proportional to"),
            help: help(),
        },
    }
}

fn nothing_free(field: &Field, leaves: &[Leaf]) -> EngineError {
    let lock = leaves.iter().find_map(|leaf| field.snapshot.lock_on(field.spread.subcube.scenario, leaf.key));
    match lock {
        Some(lock) => crate::snapshot::locked(lock),
        None => EngineError::refused("every leaf of the slice is held", "hold less"),
    }
}
