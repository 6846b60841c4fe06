//! The sets of totals of `fit`.

use super::bind::Binder;
use crate::bind::Meaning;
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{self, Number, Path};
use engine::id::{DimensionId, MemberId};
use engine::spread::{Action, Group, Margin};

impl Binder<'_> {
    pub(super) fn fit(&self, written: &[ast::Margin]) -> Result<Action> {
        let margins: Result<Vec<Margin>> = written.iter().map(|margin| self.margin(margin)).collect();
        Ok(Action::Fit { margins: margins?, method: self.method()? })
    }

    fn margin(&self, written: &ast::Margin) -> Result<Margin> {
        let id = self.names.dimension_of(&written.by)?;
        let refused = |message: String| Err(Error::new(ErrorKind::Refused, message, Some(written.by.span())));
        if id == DimensionId::SCENARIO {
            return refused("a fit stays within one scenario".to_owned());
        }
        if self.measure()?.is_stock() && self.names.schema.time() == Some(id) {
            return refused(format!("{} is a stock: it is fitted in each period by itself", self.measure()?.name))
                .map_err(|error: Error| error.labelled("leave this out"));
        }
        let mut margin = Margin {
            name: written.by.to_string(),
            coordinate: id.index() - 1,
            groups: Vec::with_capacity(written.targets.len()),
        };
        for (path, total) in &written.targets {
            let group = self.group(id, path, total)?;
            if let Some(other) = margin.groups.iter().find(|other| overlap(&other.leaves, &group.leaves)) {
                let message = format!("{} and {} have leaves in common", other.name, group.name);
                return Err(Error::new(ErrorKind::Refused, message, Some(path.span()))
                    .labelled("expected members of one level"));
            }
            margin.groups.push(group);
        }
        Ok(margin)
    }

    /// The leaves of a member in the slice, and what they come to.
    fn group(&self, id: DimensionId, path: &Path, total: &Number) -> Result<Group> {
        let Meaning::Member { member, own, .. } = self.names.member(path, Some(id))? else {
            return Err(Error::new(ErrorKind::Name, "expected a member", Some(path.span())));
        };
        let dimension = self.names.schema.dimension(id);
        let mut leaves = vec![false; dimension.len()];
        let below: Vec<MemberId> = match own {
            true => vec![member],
            false => dimension.below(member).into_iter().map(|(member, _)| member).collect(),
        };
        for member in below.into_iter().filter(|member| !self.filter.weight(id, member.index()).is_zero()) {
            leaves[member.index()] = true;
        }
        if !leaves.contains(&true) {
            let message = format!("{path} lies outside of what `where` selects");
            return Err(Error::new(ErrorKind::Refused, message, Some(path.span())));
        }
        Ok(Group { name: path.to_string(), leaves, total: self.units(total)? })
    }
}

fn overlap(left: &[bool], right: &[bool]) -> bool {
    left.iter().zip(right).any(|(left, right)| *left && *right)
}
