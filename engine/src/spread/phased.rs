//! Totals laid over time: the slice comes to an amount in each of several spans.

use super::effect::Effect;
use super::leaf::{Field, Leaf};
use super::outcome::outcome;
use super::request::{Amount, Method, Outcome, Span};
use super::total::{candidates, nothing_free, nothing_there, spread};
use crate::error::{EngineError, Result};
use crate::id::MemberId;
use std::collections::{BTreeMap, HashMap, HashSet};

pub(super) fn compute(field: &Field, spans: &[Span], method: &Method, clearing: bool) -> Result<Outcome> {
    let time = field.snapshot.layout().time().ok_or_else(|| {
        EngineError::refused("the cube has no time dimension to lay an amount over", "leave `phased` out")
    })?;
    let leaves = candidates(field, method)?;
    field.refuse_parts(&leaves)?;
    if !leaves.is_empty() && leaves.iter().all(|leaf| !leaf.free) {
        return Err(nothing_free(field, &leaves));
    }
    let place = span_of(spans);
    let mut by_span: Vec<Vec<Leaf>> = vec![Vec::new(); spans.len()];
    let mut outside = Vec::new();
    for leaf in &leaves {
        match place.get(&field.snapshot.layout().unpack(leaf.key, time)) {
            Some(span) => by_span[*span].push(*leaf),
            None => outside.push(*leaf),
        }
    }
    let profile = Profile::of(field, &leaves, time);
    let mut effect = Effect::default();
    let mut created = Vec::new();
    for (span, mut there) in spans.iter().zip(by_span) {
        let idle =
            matches!(span.amount, Amount::By(0)) || span.amount == Amount::To(0) && (clearing || !there.is_empty());
        let (method, new) = profile.method(field, span, &there, method, idle)?;
        there.extend(&new);
        let there = field.sorted(there);
        created.extend(new);
        spread(field, single(span), &there, span.amount, &method, &mut effect)?;
    }
    if clearing {
        outside.iter().filter(|leaf| leaf.free).for_each(|leaf| effect.clear(leaf));
    }
    let leaves: Vec<Leaf> = leaves.into_iter().chain(created).collect();
    Ok(outcome(field, &leaves, effect))
}

/// The period of a span that has just one.
fn single(span: &Span) -> Option<MemberId> {
    span.periods.first().copied().filter(|_| span.periods.len() == 1)
}

fn span_of(spans: &[Span]) -> HashMap<u32, usize> {
    let periods = |(place, span): (usize, &Span)| span.periods.clone().into_iter().map(move |period| (period.0, place));
    spans.iter().enumerate().flat_map(periods).collect()
}

/// What the slice has at each coordinate apart from time, over all its periods: what a span without
/// figures of its own follows.
struct Profile {
    time: usize,
    places: BTreeMap<u128, i128>,
}

impl Profile {
    fn of(field: &Field, leaves: &[Leaf], time: usize) -> Self {
        let mut places: BTreeMap<u128, i128> = BTreeMap::new();
        for leaf in leaves.iter().filter(|leaf| leaf.free) {
            *places.entry(field.snapshot.layout().with(leaf.key, time, MemberId::ROOT)).or_default() += leaf.signed();
        }
        places.retain(|_, amount| *amount > 0);
        Profile { time, places }
    }

    /// How a span's amount is spread where it has nothing to be proportional to, and the leaves this creates.
    fn method(
        &self,
        field: &Field,
        span: &Span,
        there: &[Leaf],
        method: &Method,
        idle: bool,
    ) -> Result<(Method, Vec<Leaf>)> {
        let sum: i128 = there.iter().filter(|leaf| leaf.free).map(Leaf::signed).sum();
        if *method != Method::Proportionally || sum != 0 || idle {
            return Ok((method.clone(), Vec::new()));
        }
        let layout = field.snapshot.layout();
        let periods = span.periods.iter().filter(|period| field.is_lowest(**period));
        let at = |(place, amount): (&u128, &i128)| {
            periods.clone().map(|period| (layout.with(*place, self.time, *period), *amount)).collect::<Vec<_>>()
        };
        let mut weights: HashMap<u128, i128> = self.places.iter().flat_map(at).collect();
        if weights.is_empty() {
            weights = self.only_leaf(field, span)?;
        }
        let known: HashSet<u128> = there.iter().map(|leaf| leaf.key).collect();
        let new = weights.keys().filter(|key| !known.contains(key));
        let new: Vec<Leaf> = new.map(|key| field.leaf(&field.spread.subcube, *key, None)).collect();
        field.refuse_parts(&new)?;
        Ok((Method::Weights(weights), new))
    }

    /// Where nothing is there at all, an amount still has one place to go if a period has a single leaf.
    fn only_leaf(&self, field: &Field, span: &Span) -> Result<HashMap<u128, i128>> {
        let refused = || {
            let total = match span.amount {
                Amount::To(total) | Amount::By(total) => total,
                Amount::ByShare(_) => 0,
            };
            nothing_there(field, single(span), total)
        };
        let coordinates = (0..field.spread.subcube.dimensions.len()).filter(|coordinate| *coordinate != self.time);
        let mut place = 0u128;
        for coordinate in coordinates {
            match field.members(&field.spread.subcube, coordinate).as_slice() {
                [one] => place = field.snapshot.layout().with(place, coordinate, *one),
                _ => return Err(refused()),
            }
        }
        let periods = span.periods.iter().filter(|period| field.is_lowest(**period));
        Ok(periods.map(|period| (field.snapshot.layout().with(place, self.time, *period), 1)).collect())
    }
}
