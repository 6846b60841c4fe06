//! `set` and `add`: a slice gets a new total.

use super::apportion::shares;
use super::effect::{Effect, steps};
use super::leaf::{Field, Leaf};
use super::outcome::outcome;
use super::request::{Amount, Method, Outcome};
use crate::decimal::divide_rounded;
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use crate::weight::Weight;
use rayon::prelude::*;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub(super) fn compute(field: &Field, amount: Amount, method: &Method) -> Result<Outcome> {
    let leaves = candidates(field, method)?;
    field.refuse_parts(&leaves)?;
    if !leaves.is_empty() && leaves.iter().all(|leaf| !leaf.free) {
        return Err(all_held(field, &leaves, amount));
    }
    let periods = field.by_period(&leaves);
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
pub(super) fn candidates(field: &Field, method: &Method) -> Result<Vec<Leaf>> {
    let subcube = &field.spread.subcube;
    match method {
        Method::Proportionally | Method::EquallyOverExisting => field.existing(subcube),
        Method::EquallyOverAll => {
            let mut leaves = field.all(subcube)?;
            let known: HashSet<u128> = leaves.iter().map(|leaf| leaf.key).collect();
            leaves.extend(field.existing(subcube)?.into_iter().filter(|leaf| !known.contains(&leaf.key)));
            Ok(field.sorted(leaves))
        }
        Method::Weights(weights) => {
            let mut leaves = field.existing(subcube)?;
            let known: HashSet<u128> = leaves.iter().map(|leaf| leaf.key).collect();
            let new = weights.iter().filter(|(key, weight)| **weight != 0 && !known.contains(key));
            leaves.extend(new.map(|(key, _)| field.leaf(subcube, *key, None)).filter(|leaf| !leaf.weight.is_zero()));
            Ok(field.sorted(leaves))
        }
        Method::Unspread(members) => {
            let key = field.snapshot.layout().pack(members.iter().map(|member| member.0));
            let found = field.existing(subcube)?.into_iter().find(|leaf| leaf.key == key);
            Ok(vec![found.unwrap_or_else(|| Leaf { weight: Weight::ONE, ..field.leaf(subcube, key, None) })])
        }
    }
}

/// Brings some leaves to an amount: the free ones take what the held ones leave.
pub(super) fn spread(
    field: &Field,
    period: Option<MemberId>,
    leaves: &[Leaf],
    amount: Amount,
    method: &Method,
    effect: &mut Effect,
) -> Result<()> {
    let before: i128 = leaves.iter().map(Leaf::signed).sum();
    let target = target(field, before, amount)?;
    let (apart, loose) = groups(field, leaves);
    let kept: i128 = apart.iter().flatten().map(Leaf::signed).sum();
    let held: i128 = leaves.iter().filter(|leaf| !leaf.free).map(Leaf::signed).sum::<i128>() + kept;
    let wish = Wish { period, method, target, held };
    // An amount more with stated weights is spread by them; what is there stays below it.
    let is_more = matches!(amount, Amount::By(_) | Amount::ByShare(_));
    let more = is_more && !matches!(method, Method::Proportionally | Method::Unspread(_));
    if !more {
        for group in &apart {
            within(field, group, method, effect)?;
        }
        if loose.iter().any(|leaf| leaf.value.is_some()) && loose.len() < leaves.len() {
            refuse_below_held(field, &wish, leaves)?;
        }
    }
    let base = |leaf: &Leaf| if more { leaf.signed() } else { 0 };
    let wanted = if more { target - before } else { target - held };
    let weights = weights(field, &loose, method)?;
    if wanted == 0 && weights.iter().sum::<i128>() == 0 && (more || loose.iter().all(|leaf| leaf.signed() == 0)) {
        return Ok(());
    }
    let shares = shares(steps(field, wanted)?, &weights).ok_or_else(|| no_basis(field, &wish, leaves))?;
    effect.raise(field, &loose, &shares, 1);
    effect.reserve(loose.len());
    for ((leaf, share), weight) in loose.iter().zip(shares.units).zip(&weights) {
        if *weight != 0 || leaf.value.is_some() {
            effect.put(field, leaf, base(leaf) + share * field.spread.step.max(1))?;
        }
    }
    Ok(())
}

/// The free leaves: those of held totals, set by set, and the others.
fn groups<'l>(field: &Field, leaves: &'l [Leaf]) -> (Vec<Vec<Leaf>>, Cow<'l, [Leaf]>) {
    if !field.has_held_totals() {
        return (Vec::new(), free(leaves));
    }
    let mut groups: BTreeMap<Vec<(u64, Weight)>, Vec<Leaf>> = BTreeMap::new();
    for leaf in leaves.iter().filter(|leaf| leaf.free) {
        groups.entry(field.totals_on(leaf)).or_default().push(*leaf);
    }
    let loose = groups.remove(&Vec::new()).unwrap_or_default();
    (groups.into_values().collect(), Cow::Owned(loose))
}

/// The leaves that may change.
fn free(leaves: &[Leaf]) -> Cow<'_, [Leaf]> {
    match leaves.iter().all(|leaf| leaf.free) {
        true => Cow::Borrowed(leaves),
        false => Cow::Owned(leaves.par_iter().filter(|leaf| leaf.free).copied().collect()),
    }
}

/// Leaves of a held total move among one another: together they stay what they are.
fn within(field: &Field, group: &[Leaf], method: &Method, effect: &mut Effect) -> Result<()> {
    let together: i128 = group.iter().map(Leaf::signed).sum();
    if *method == Method::Proportionally || together % field.spread.step.max(1) != 0 {
        return Ok(());
    }
    let Some(shares) = shares(steps(field, together)?, &weights(field, group, method)?) else { return Ok(()) };
    effect.place(field, group, shares)
}

/// What is wanted of some leaves, for what is said where it cannot be.
struct Wish<'a> {
    period: Option<MemberId>,
    method: &'a Method,
    target: i128,
    held: i128,
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

pub(super) fn weights(field: &Field, free: &[Leaf], method: &Method) -> Result<Vec<i128>> {
    match method {
        Method::Proportionally => Ok(free.iter().map(Leaf::signed).collect()),
        Method::EquallyOverExisting | Method::EquallyOverAll | Method::Unspread(_) => Ok(vec![1; free.len()]),
        Method::Weights(weights) => {
            if let Some((key, _)) = weights
                .iter()
                .filter(|(_, weight)| **weight < 0)
                .min_by_key(|(key, _)| field.snapshot.layout().listed(**key))
            {
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
fn refuse_bare_periods(field: &Field, periods: &[(Option<MemberId>, Cow<[Leaf]>)], amount: Amount) -> Result<()> {
    let idle = matches!(amount, Amount::To(0) | Amount::By(0) | Amount::ByShare(_));
    let Some((time, coordinate)) = field.stock_time().filter(|_| field.spread.names_periods && !idle) else {
        return match (amount, periods.iter().any(|(_, leaves)| !leaves.is_empty())) {
            (Amount::To(total) | Amount::By(total), false) if total != 0 => Err(nothing_there(field, None, total)),
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
            return Err(nothing_there(field, Some(month), 1));
        }
    }
    Ok(())
}

fn refuse_below_held(field: &Field, wish: &Wish, leaves: &[Leaf]) -> Result<()> {
    let (target, held) = (wish.target, wish.held);
    if field.spread.allow_negative || held < 0 || target >= held || target < 0 {
        return Ok(());
    }
    let message = format!(
        "{} of {}{} is held or locked, {} more than the new total {}",
        field.amount(held),
        field.measure(),
        field.in_period(wish.period),
        field.amount(held - target),
        field.amount(target)
    );
    let mut help = vec!["name a total that is not below what is held, or hold less".to_owned()];
    let in_the_way = in_the_way(field, leaves, target);
    if !in_the_way.starts_with('`') {
        help.push(format!("in the way: {in_the_way}"));
    }
    Err(EngineError::Refused { message, help })
}

/// The fewest holds and locks that alone go beyond a total, the largest first.
fn in_the_way(field: &Field, leaves: &[Leaf], target: i128) -> String {
    let mut kept: BTreeMap<String, i128> = BTreeMap::new();
    for leaf in leaves {
        let totals = field.totals_on(leaf);
        let keeper = match totals.first().filter(|_| leaf.free) {
            Some((number, _)) => format!("hold {number} (a total)"),
            None if leaf.free => continue,
            None => field.keeper(leaf.key),
        };
        *kept.entry(keeper).or_default() += leaf.signed();
    }
    let mut kept: Vec<(String, i128)> = kept.into_iter().collect();
    kept.sort_by_key(|(_, amount)| std::cmp::Reverse(*amount));
    let (mut sum, mut named) = (0, Vec::new());
    for (keeper, amount) in kept {
        if sum <= target {
            named.push(format!("{keeper} keeps {}", field.amount(amount)));
        }
        sum += amount;
    }
    named.join(", ")
}

fn no_basis(field: &Field, wish: &Wish, leaves: &[Leaf]) -> EngineError {
    let (measure, period) = (field.measure(), field.in_period(wish.period));
    let help = || {
        vec![
            "`equally over all` creates the same value on every leaf of the slice".to_owned(),
            "`by FORMULA` or `like SELECTION` spreads by other figures".to_owned(),
            "`unspread` keeps the amount at the level named".to_owned(),
        ]
    };
    match wish.method {
        Method::Weights(_) => EngineError::refused(
            format!("the weights{period} are all empty or zero"),
            "choose a formula that has values in this slice, or spread `equally`",
        ),
        _ if wish.held != 0 => EngineError::refused(
            format!(
                "{} of {measure}{period} is held and no other leaf can absorb the difference of {}",
                field.amount(wish.held),
                field.amount(wish.target - wish.held)
            ),
            "hold less, or spread `equally over all`",
        ),
        Method::EquallyOverExisting => {
            EngineError::Refused { message: format!("no leaf of the slice has {measure}{period}"), help: help() }
        }
        _ if leaves.iter().any(|leaf| leaf.free && leaf.value.is_some()) => EngineError::Refused {
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

/// The refusal of a total where nothing is there to be proportional to.
pub(super) fn nothing_there(field: &Field, period: Option<MemberId>, target: i128) -> EngineError {
    no_basis(field, &Wish { period, method: &Method::Proportionally, target, held: 0 }, &[])
}

/// The refusal of a new total where nothing may change, with how much is short.
fn all_held(field: &Field, leaves: &[Leaf], amount: Amount) -> EngineError {
    let held: i128 = leaves.iter().map(Leaf::signed).sum();
    match (nothing_free(field, leaves), amount) {
        (EngineError::Refused { message, help }, Amount::To(total))
            if field.stock_time().is_none() && total != held =>
        {
            let (side, apart) = if held > total { ("more", held - total) } else { ("less", total - held) };
            let (held, apart, total) = (field.amount(held), field.amount(apart), field.amount(total));
            EngineError::Refused { message: format!("{message}: {held} stays, {apart} {side} than {total}"), help }
        }
        (error, _) => error,
    }
}

pub(super) fn nothing_free(field: &Field, leaves: &[Leaf]) -> EngineError {
    let lock = leaves.iter().find_map(|leaf| field.snapshot.lock_on(field.spread.subcube.scenario, leaf.key));
    match lock {
        Some(lock) => crate::snapshot::locked(lock),
        None => {
            let keepers: BTreeSet<String> = leaves.iter().map(|leaf| field.keeper(leaf.key)).collect();
            let keepers: Vec<String> = keepers.into_iter().collect();
            EngineError::Refused {
                message: "every leaf of the slice is held".to_owned(),
                help: vec![format!("hold less: all are kept by {}", keepers.join(", "))],
            }
        }
    }
}
