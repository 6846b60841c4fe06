//! `move`: an amount leaves one part of a slice and arrives in another. What leaves at a coordinate
//! arrives at the same coordinate of the other dimensions, so that nothing but the moved
//! dimensions changes.

use super::apportion::apportion;
use super::effect::{Effect, outcome, steps};
use super::leaf::{Field, Leaf};
use super::request::{Amount, Outcome};
use super::total::share_of;
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use crate::subcube::{Leaves, Subcube};
use std::collections::BTreeMap;

pub(super) fn compute(
    field: &Field,
    amount: Amount,
    from: &[(usize, Leaves)],
    to: &[(usize, Leaves)],
    equally: bool,
) -> Result<Outcome> {
    let source = restricted(&field.spread.subcube, from);
    let target = restricted(&field.spread.subcube, to);
    refuse_outside(field, &source, "source")?;
    refuse_outside(field, &target, "destination")?;
    refuse_overlap(field, &source, &target)?;
    let sources = field.existing(&source)?;
    let targets = field.existing(&target)?;
    field.refuse_parts(&sources)?;
    field.refuse_parts(&targets)?;
    let mut effect = Effect::default();
    let mut taken: Vec<(u128, i128)> = Vec::new();
    let periods = field.by_period(sources.clone());
    refuse_missing_periods(field, &periods, &source)?;
    for (period, leaves) in &periods {
        take(field, *period, leaves, amount, equally, &mut effect, &mut taken)?;
    }
    let created = give(field, &target, to, &taken, &targets, &mut effect)?;
    let all: Vec<Leaf> = sources.into_iter().chain(targets).chain(created).collect();
    Ok(outcome(field, &all, effect))
}

fn restricted(subcube: &Subcube, part: &[(usize, Leaves)]) -> Subcube {
    let mut result = subcube.clone();
    for (coordinate, leaves) in part {
        result.restrict(crate::id::DimensionId::from_index(coordinate + 1), leaves.to_vec());
    }
    result
}

/// Both sides must lie in the slice that `where` leaves.
fn refuse_outside(field: &Field, part: &Subcube, side: &str) -> Result<()> {
    let outside = part.dimensions.iter().flatten().any(|leaves| leaves.iter().all(|weight| weight.is_zero()));
    if !outside {
        return Ok(());
    }
    Err(EngineError::refused(
        format!("the {side} of the {} lies outside of what `where` selects", field.measure()),
        "leave the moved dimension out of `where`",
    ))
}

fn refuse_overlap(field: &Field, source: &Subcube, target: &Subcube) -> Result<()> {
    let apart = |coordinate: usize| {
        let pair = (source.dimensions[coordinate].as_ref(), target.dimensions[coordinate].as_ref());
        matches!(pair, (Some(a), Some(b)) if a.iter().zip(b.iter()).all(|(a, b)| a.is_zero() || b.is_zero()))
    };
    if (0..source.dimensions.len()).any(apart) {
        return Ok(());
    }
    Err(EngineError::refused(
        format!("{} would move to where it is: the two sides overlap", field.measure()),
        "name two parts that have no leaf in common",
    ))
}

fn refuse_missing_periods(field: &Field, periods: &[(Option<MemberId>, Vec<Leaf>)], source: &Subcube) -> Result<()> {
    if periods.iter().all(|(_, leaves)| leaves.is_empty()) {
        return Err(EngineError::refused(
            format!("there is no {} to move from there", field.measure()),
            "`show` the source to see what is there",
        ));
    }
    let Some((time, coordinate)) = field.stock_time().filter(|_| field.spread.names_periods) else {
        return Ok(());
    };
    let bare = field.members(source, coordinate).into_iter().find(|month| {
        let covered = |period: MemberId| time.below(period).iter().any(|(member, _)| member == month);
        !periods.iter().any(|(period, _)| period.is_some_and(covered))
    });
    match bare {
        Some(month) => Err(EngineError::refused(
            format!("there is no {}{} to move from there", field.measure(), field.in_period(Some(month))),
            "name periods in which the source has data",
        )),
        None => Ok(()),
    }
}

fn take(
    field: &Field,
    period: Option<MemberId>,
    leaves: &[Leaf],
    amount: Amount,
    equally: bool,
    effect: &mut Effect,
    taken: &mut Vec<(u128, i128)>,
) -> Result<()> {
    let free: Vec<Leaf> = leaves.iter().filter(|leaf| leaf.free).copied().collect();
    let there: i128 = leaves.iter().map(Leaf::signed).sum();
    let movable: i128 = free.iter().map(Leaf::signed).sum();
    let amount = match amount {
        Amount::To(units) | Amount::By(units) => units,
        Amount::ByShare(share) => share_of(field, there, share)?,
    };
    if amount < 0 {
        return Err(EngineError::refused("a negative amount cannot be moved", "swap `from` and `to`"));
    }
    if amount > movable && !field.spread.allow_negative {
        return Err(short(field, period, amount, movable, there));
    }
    let weights: Vec<i128> = free.iter().map(|leaf| if equally { 1 } else { leaf.signed() }).collect();
    let shares = match amount {
        0 => vec![0; free.len()],
        _ => apportion(steps(field, amount)?, &weights).ok_or_else(|| short(field, period, amount, movable, there))?,
    };
    for (leaf, share) in free.iter().zip(shares) {
        let share = share * field.spread.step.max(1);
        effect.put(field, leaf, leaf.signed() - share)?;
        if share != 0 {
            taken.push((leaf.key, share));
        }
    }
    Ok(())
}

fn short(field: &Field, period: Option<MemberId>, amount: i128, movable: i128, there: i128) -> EngineError {
    let held =
        if movable < there { format!(" ({} is held or locked)", field.amount(there - movable)) } else { String::new() };
    EngineError::refused(
        format!(
            "{} of {}{} cannot be moved: {} is there{held}",
            field.amount(amount),
            field.measure(),
            field.in_period(period),
            field.amount(movable)
        ),
        format!("move at most {}, or add `allow negative`", field.amount(movable)),
    )
}

/// Spreads what was taken over the target, coordinate by coordinate; gives the leaves created.
fn give(
    field: &Field,
    target: &Subcube,
    to: &[(usize, Leaves)],
    taken: &[(u128, i128)],
    targets: &[Leaf],
    effect: &mut Effect,
) -> Result<Vec<Leaf>> {
    let layout = field.snapshot.layout();
    let outside = |key: u128| to.iter().fold(key, |key, (coordinate, _)| layout.with(key, *coordinate, MemberId::ROOT));
    let mut arriving: BTreeMap<u128, i128> = BTreeMap::new();
    for (key, amount) in taken {
        *arriving.entry(outside(*key)).or_default() += amount;
    }
    let mut present: BTreeMap<u128, Vec<Leaf>> = BTreeMap::new();
    for leaf in targets {
        present.entry(outside(leaf.key)).or_default().push(*leaf);
    }
    let mut created = Vec::new();
    let members: Vec<(usize, Vec<MemberId>)> = to.iter().map(|(c, _)| (*c, field.members(target, *c))).collect();
    for (place, amount) in arriving {
        let there = present.remove(&place).unwrap_or_default();
        let mut free: Vec<Leaf> = there.iter().filter(|leaf| leaf.free).copied().collect();
        let mut weights: Vec<i128> = free.iter().map(Leaf::signed).collect();
        if weights.iter().sum::<i128>() <= 0 {
            if free.is_empty() {
                free = new_leaves(field, target, &members, place, &there);
                field.refuse_parts(&free)?;
                created.extend(free.iter().copied());
            }
            weights = vec![1; free.len()];
        }
        let shares = apportion(steps(field, amount)?, &weights).ok_or_else(|| {
            EngineError::refused(
                format!("{} has no free leaf at {} to arrive at", field.measure(), field.place(place)),
                "hold less on the receiving side",
            )
        })?;
        for (leaf, share) in free.iter().zip(shares) {
            effect.put(field, leaf, leaf.signed() + share * field.spread.step.max(1))?;
        }
    }
    Ok(created)
}

/// Every leaf of the target at one coordinate outside the moved dimensions.
fn new_leaves(
    field: &Field,
    target: &Subcube,
    moved: &[(usize, Vec<MemberId>)],
    place: u128,
    there: &[Leaf],
) -> Vec<Leaf> {
    let layout = field.snapshot.layout();
    let mut keys = vec![place];
    for (coordinate, members) in moved {
        keys = keys.iter().flat_map(|key| members.iter().map(|m| layout.with(*key, *coordinate, *m))).collect();
    }
    let known = |key: &u128| there.iter().any(|leaf| leaf.key == *key);
    let mut leaves: Vec<Leaf> = keys
        .into_iter()
        .filter(|key| !known(key))
        .map(|key| field.leaf(target, key, None))
        .filter(|leaf| leaf.free && !leaf.weight.is_zero())
        .collect();
    field.sort(&mut leaves);
    leaves
}
