//! `move`: an amount leaves one part of a slice and arrives in another. What leaves at a coordinate
//! arrives at the same coordinate of the other dimensions, so that nothing but the moved
//! dimensions changes.

use super::apportion::{Shares, shares};
use super::effect::{Effect, steps};
use super::leaf::{Field, Leaf};
use super::outcome::outcome;
use super::request::{Amount, Method, Outcome};
use super::total::{share_of, weights};
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use crate::subcube::{Leaves, Subcube};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

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
    let periods = field.by_period(&sources);
    refuse_missing_periods(field, &periods, &source)?;
    for (period, leaves) in &periods {
        take(field, *period, leaves, amount, equally, &mut effect, &mut taken)?;
    }
    let arrival = Arrival::new(field, &target, to.iter().map(|(coordinate, _)| *coordinate), &Method::Proportionally);
    let created = arrival.give(field, &taken, &targets, &mut effect)?;
    let all: Vec<Leaf> = sources.into_iter().chain(targets).chain(created).collect();
    Ok(outcome(field, &all, effect))
}

/// Empties a part over the others of its dimensions, coordinate by coordinate.
pub(super) fn allocate(field: &Field, from: &Subcube, across: &[usize], method: &Method) -> Result<Outcome> {
    let mut target = field.spread.subcube.clone();
    for coordinate in across {
        without(field, &mut target, *coordinate, from);
    }
    refuse_outside(field, &target, "destination")?;
    let sources = field.existing(from)?;
    let mut targets = field.existing(&target)?;
    if *method == Method::EquallyOverExisting {
        targets.retain(|leaf| leaf.value.is_some());
    }
    field.refuse_parts(&sources)?;
    field.refuse_parts(&targets)?;
    let free: Vec<Leaf> = sources.iter().filter(|leaf| leaf.free).copied().collect();
    if free.is_empty() {
        return Err(nothing_to_allocate(field, &sources));
    }
    let mut effect = Effect::default();
    free.iter().try_for_each(|leaf| effect.put(field, leaf, 0))?;
    let taken: Vec<(u128, i128)> = free.iter().map(|leaf| (leaf.key, leaf.signed())).collect();
    let arrival = Arrival::new(field, &target, across.iter().copied(), method);
    let created = arrival.give(field, &taken, &targets, &mut effect)?;
    let all: Vec<Leaf> = sources.into_iter().chain(targets).chain(created).collect();
    Ok(outcome(field, &all, effect))
}

fn nothing_to_allocate(field: &Field, sources: &[Leaf]) -> EngineError {
    match sources.is_empty() {
        true => EngineError::refused(
            format!("there is no {} to allocate from there", field.measure()),
            "`show` the source to see what is there",
        ),
        false => super::total::nothing_free(field, sources),
    }
}

/// Takes what another slice covers in a dimension out of a slice.
fn without(field: &Field, slice: &mut Subcube, coordinate: usize, other: &Subcube) {
    let id = crate::id::DimensionId::from_index(coordinate + 1);
    let size = field.snapshot.schema().dimension(id).len();
    let weight = |code: usize| match other.weight(coordinate, code as u32).is_zero() {
        true => slice.weight(coordinate, code as u32),
        false => crate::weight::Weight::ZERO,
    };
    let kept = (0..size).map(weight).collect();
    slice.dimensions[coordinate] = Some(std::sync::Arc::new(kept));
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

fn refuse_missing_periods(field: &Field, periods: &[(Option<MemberId>, Cow<[Leaf]>)], source: &Subcube) -> Result<()> {
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
        0 => Shares::even(vec![0; free.len()]),
        _ => shares(steps(field, amount)?, &weights).ok_or_else(|| short(field, period, amount, movable, there))?,
    };
    effect.raise(field, &free, &shares, -1);
    for (leaf, share) in free.iter().zip(shares.units) {
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

/// Where an amount arrives: the slice, the coordinates it moves along, and how it is spread there.
struct Arrival<'a> {
    target: &'a Subcube,
    members: Vec<(usize, Vec<MemberId>)>,
    method: &'a Method,
}

impl<'a> Arrival<'a> {
    fn new(field: &Field, target: &'a Subcube, coordinates: impl Iterator<Item = usize>, method: &'a Method) -> Self {
        Arrival { target, members: coordinates.map(|c| (c, field.members(target, c))).collect(), method }
    }

    /// A key without the coordinates moved along.
    fn place(&self, field: &Field, key: u128) -> u128 {
        let layout = field.snapshot.layout();
        self.members.iter().fold(key, |key, (coordinate, _)| layout.with(key, *coordinate, MemberId::ROOT))
    }

    /// Spreads what was taken over the target, coordinate by coordinate; gives the leaves created.
    fn give(&self, field: &Field, taken: &[(u128, i128)], targets: &[Leaf], effect: &mut Effect) -> Result<Vec<Leaf>> {
        let mut arriving: HashMap<u128, i128> = HashMap::new();
        for (key, amount) in taken {
            *arriving.entry(self.place(field, *key)).or_default() += amount;
        }
        let mut present: HashMap<u128, Vec<Leaf>> = HashMap::new();
        for leaf in targets {
            present.entry(self.place(field, leaf.key)).or_default().push(*leaf);
        }
        let mut arriving: Vec<(u128, i128)> = arriving.into_iter().filter(|(_, amount)| *amount != 0).collect();
        arriving.sort_by_key(|(place, _)| field.snapshot.layout().listed(*place));
        let mut created = Vec::new();
        for (place, amount) in arriving {
            let there = present.remove(&place).unwrap_or_default();
            let new = self.put(field, place, amount, &there, effect)?;
            created.extend(new);
        }
        Ok(created)
    }

    /// Puts an amount at one place; gives the leaves created.
    fn put(&self, field: &Field, place: u128, amount: i128, there: &[Leaf], effect: &mut Effect) -> Result<Vec<Leaf>> {
        let mut free: Vec<Leaf> = there.iter().filter(|leaf| leaf.free).copied().collect();
        let mut created = Vec::new();
        let spreads_anew = matches!(self.method, Method::EquallyOverAll | Method::Weights(_));
        let proportional = *self.method == Method::Proportionally;
        let idle = proportional && free.iter().map(Leaf::signed).sum::<i128>() <= 0;
        if spreads_anew || (idle && free.is_empty()) {
            created = self.new_leaves(field, place, there);
            field.refuse_parts(&created)?;
            free.extend(&created);
            free = field.sorted(free);
        }
        let weights = if idle { vec![1; free.len()] } else { weights(field, &free, self.method)? };
        let shares = shares(steps(field, amount)?, &weights).ok_or_else(|| self.nowhere(field, place, amount))?;
        effect.raise(field, &free, &shares, 1);
        for ((leaf, share), weight) in free.iter().zip(shares.units).zip(&weights) {
            if *weight != 0 {
                effect.put(field, leaf, leaf.signed() + share * field.spread.step.max(1))?;
            }
        }
        Ok(created)
    }

    fn nowhere(&self, field: &Field, place: u128, amount: i128) -> EngineError {
        let moved: Vec<usize> = self.members.iter().map(|(coordinate, _)| *coordinate).collect();
        let (place, amount, measure) = (field.place_without(place, &moved), field.amount(amount), field.measure());
        match self.method {
            Method::Weights(_) => EngineError::refused(
                format!("{amount} of {measure} has nowhere to go at {place}: the weights there are all empty or zero"),
                "choose a formula that has values there, or spread `equally over all`",
            ),
            _ => EngineError::refused(
                format!("{measure} has no free leaf at {place} to arrive at"),
                "hold less on the receiving side, or spread `equally over all`",
            ),
        }
    }

    /// Every leaf of the target at one place that is not there yet.
    fn new_leaves(&self, field: &Field, place: u128, there: &[Leaf]) -> Vec<Leaf> {
        let target = self.target;
        let layout = field.snapshot.layout();
        let mut keys = vec![place];
        for (coordinate, members) in &self.members {
            keys = keys.iter().flat_map(|key| members.iter().map(|m| layout.with(*key, *coordinate, *m))).collect();
        }
        let known: HashSet<u128> = there.iter().map(|leaf| leaf.key).collect();
        let leaves: Vec<Leaf> = keys
            .into_iter()
            .filter(|key| !known.contains(key))
            .map(|key| field.leaf(target, key, None))
            .filter(|leaf| leaf.free && !leaf.weight.is_zero())
            .collect();
        field.sorted(leaves)
    }
}
