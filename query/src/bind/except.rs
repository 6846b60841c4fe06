//! `except`: what a condition selects, without what is taken out of it.

use super::name::Names;
use super::pick::Pick;
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Condition, Span};
use engine::dimension::Dimension;
use engine::id::MemberId;
use engine::weight::Weight;

impl Names<'_> {
    /// Leaves that are taken out count no more; a member is taken out when all below it is.
    ///
    /// Errors: what is taken out is of another dimension; nothing is left.
    pub(super) fn pick_except(
        &self,
        base: &Condition,
        out: &[Condition],
        within: Option<engine::id::DimensionId>,
        span: &Span,
    ) -> Result<Pick> {
        let mut pick = self.pick(base, within)?;
        let dimension = self.schema.dimension(pick.dimension);
        let mut gone = vec![false; dimension.len()];
        for condition in out {
            let taken = self.pick(condition, Some(pick.dimension))?;
            if taken.dimension != pick.dimension {
                return Err(other_dimension(dimension, &taken));
            }
            mark(dimension, &taken, &mut gone);
        }
        pick.members.retain(|(member, own)| !is_gone(dimension, *member, *own, &gone));
        let whole = || dimension.total_weights().unwrap_or_else(|| vec![Weight::ONE; dimension.len()]);
        let mut leaves = pick.leaves.take().unwrap_or_else(whole);
        leaves.iter_mut().zip(&gone).filter(|(_, gone)| **gone).for_each(|(weight, _)| *weight = Weight::ZERO);
        if leaves.iter().all(|weight| weight.is_zero()) {
            return Err(Error::new(ErrorKind::Refused, "nothing is left", Some(span.clone()))
                .labelled("all of it is taken out"));
        }
        Ok(Pick { leaves: Some(leaves), span: span.clone(), ..pick })
    }

    /// Refuses exceptions that take no member from a list.
    pub fn refuse_idle_exception(&self, condition: &Condition, left: &Pick) -> Result<()> {
        let Condition::Except { base, span, .. } = condition else { return Ok(()) };
        let listed = self.pick(base, Some(left.dimension))?.members.len();
        if left.members.len() < listed {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Refused, "`except` takes none of the listed members out", Some(span.clone()))
            .labelled("all of them stay")
            .helped("a part of a member is taken out of a group: [SELECTION except MEMBER as NAME]"))
    }
}

fn other_dimension(dimension: &Dimension, taken: &Pick) -> Error {
    Error::new(ErrorKind::Refused, format!("this is not of {}", dimension.name), Some(taken.span.clone()))
        .labelled(format!("expected what is of {}", dimension.name))
}

fn mark(dimension: &Dimension, taken: &Pick, gone: &mut [bool]) {
    for (member, own) in &taken.members {
        codes(dimension, *member, *own).for_each(|code| gone[code] = true);
    }
    match &taken.leaves {
        Some(leaves) => gone.iter_mut().zip(leaves).for_each(|(gone, weight)| *gone |= !weight.is_zero()),
        None => gone.fill(true),
    }
}

fn is_gone(dimension: &Dimension, member: MemberId, own: bool, gone: &[bool]) -> bool {
    codes(dimension, member, own).all(|code| gone[code])
}

/// The coordinates of a member: with all below it, or its own leaf alone.
fn codes(dimension: &Dimension, member: MemberId, own: bool) -> impl Iterator<Item = usize> {
    let below = if own { vec![(member, Weight::ONE)] } else { dimension.below(member) };
    below.into_iter().map(|(code, _)| code.index())
}
