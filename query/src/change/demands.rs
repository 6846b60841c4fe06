//! What `solve` has to meet.

use super::bind::Binder;
use crate::bind::{Meaning, Selection};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{self, Comparison, Condition, Demanded, Path};
use engine::id::{DimensionId, MemberId};
use engine::spread::{Action, Demand, Method, Sense};
use engine::subcube::{Leaves, covered};
use std::sync::Arc;

impl Binder<'_> {
    pub(super) fn solve(&self) -> Result<Action> {
        if self.change.demands.is_empty() {
            return Err(Error::new(ErrorKind::Refused, "there is nothing to solve for", None)
                .helped("say what must hold: so that total where Engineering <= 20, each project >= 2"));
        }
        let mut demands = Vec::new();
        for written in &self.change.demands {
            match &written.of {
                Demanded::Part(conditions) => demands.push(self.demand(written, conditions, None)?),
                Demanded::Each(item, conditions) => demands.extend(self.each(written, item, conditions)?),
            }
        }
        match self.method()? {
            Method::Unspread(_) => {
                Err(Error::new(ErrorKind::Refused, "`solve` changes leaves", self.method_span())
                    .labelled("leave this out"))
            }
            method => Ok(Action::Solve { demands, method }),
        }
    }

    /// One demand for each member of a level that the slice has leaves of.
    fn each(&self, written: &ast::Demand, item: &Path, conditions: &[Condition]) -> Result<Vec<Demand>> {
        let (id, members) = match self.names.subject(item)? {
            Meaning::Level(id, level) => (id, self.names.schema.dimension(id).members_of_level(level)),
            Meaning::Dimension(id) => (id, self.names.schema.dimension(id).leaves(MemberId::ROOT)),
            _ => {
                return Err(Error::new(ErrorKind::Name, "expected a level or a dimension", Some(item.span())));
            }
        };
        if id == DimensionId::SCENARIO {
            return Err(Error::new(ErrorKind::Refused, "a change is about one scenario", Some(item.span())));
        }
        let dimension = self.names.schema.dimension(id);
        let mut demands = Vec::new();
        for member in members {
            let leaves = covered(dimension, &[member]);
            let inside = |code: &usize| !leaves[*code].is_zero() && !self.filter.weight(id, *code).is_zero();
            if (0..leaves.len()).any(|code| inside(&code)) {
                demands.push(self.demand(written, conditions, Some((id, member, Arc::new(leaves))))?);
            }
        }
        Ok(demands)
    }

    fn demand(
        &self,
        written: &ast::Demand,
        conditions: &[Condition],
        member: Option<(DimensionId, MemberId, Leaves)>,
    ) -> Result<Demand> {
        let part = Selection::bind(self.names, conditions)?;
        if let Some(pick) = part.picks.iter().find(|pick| pick.dimension == DimensionId::SCENARIO) {
            return Err(Error::new(ErrorKind::Refused, "a change is about one scenario", Some(pick.span.clone()))
                .helped("name the scenario in `where`"));
        }
        let mut slice = self.filter.subcube(self.scenario);
        for id in self.names.schema.coordinates().filter(|id| part.names(*id)) {
            if let Some(leaves) = &part.leaves[id.index() - 1] {
                slice.restrict(id, leaves.to_vec());
            }
        }
        let (mut text, optional) = (written.to_string(), member.is_some());
        if let Some((id, member, leaves)) = member {
            slice.restrict(id, leaves.to_vec());
            let name = &self.names.schema.dimension(id).member(member).name;
            text = format!("{name} {} {} ({})", written.comparison, written.value, written.of);
        }
        let sense = match written.comparison {
            Comparison::LessOrEqual => Sense::AtMost,
            Comparison::GreaterOrEqual => Sense::AtLeast,
            _ => Sense::Just,
        };
        let periods = self.demanded_periods(&slice);
        Ok(Demand { part: slice, periods, optional, sense, amount: self.units(&written.value)?, text })
    }

    /// For a stock, the periods that a demand speaks of.
    fn demanded_periods(&self, slice: &engine::subcube::Subcube) -> Option<Vec<MemberId>> {
        let schema = self.names.schema;
        let time = schema.time()?;
        let stock = self.measure().is_ok_and(|measure| measure.is_stock());
        let inside = |member: &MemberId| !slice.weight(time.index() - 1, member.0).is_zero();
        stock.then(|| (0..schema.dimension(time).len()).map(MemberId::from_index).filter(inside).collect())
    }
}
