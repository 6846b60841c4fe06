//! Conditions joined: which scenarios, and which leaves of each other dimension.

use super::definition::{Composite, DefinedMember, defined_by};
use super::name::Names;
use super::pick::Pick;
use super::relative::{Lead, Shift};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Comparison, Condition, NameKind, Path, Span, Value};
use engine::id::{DimensionId, MemberId};
use engine::schema::Schema;
use engine::subcube::{Leaves, Subcube, narrowed};
use engine::weight::Weight;
use std::sync::Arc;

/// A bound `where`, or the brackets behind a measure.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Selection {
    /// The scenarios named, in order; none where no condition names one.
    pub scenarios: Option<Vec<MemberId>>,
    /// For each coordinate the leaves selected; none where all are.
    pub leaves: Vec<Option<Leaves>>,
    /// The conditions as bound, in the order written.
    pub picks: Vec<Pick>,
    /// The scenario laid together from others that is named, if one is.
    pub composite: Option<Arc<Composite>>,
    /// What leads from a cell to others, in the order written.
    pub shifts: Vec<Shift>,
}

impl Selection {
    /// The whole cube.
    pub fn all(schema: &Schema) -> Self {
        let whole = |id| schema.dimension(id).total_weights().map(Arc::new);
        Selection {
            scenarios: None,
            leaves: schema.coordinates().map(whole).collect(),
            picks: Vec::new(),
            composite: None,
            shifts: Vec::new(),
        }
    }

    /// Binds conditions. Those on one dimension narrow each other.
    ///
    /// Errors: two that have nothing in common.
    pub fn bind(names: Names, conditions: &[Condition]) -> Result<Self> {
        let mut selection = Selection::all(names.schema);
        for condition in conditions {
            let pick = names.pick(condition, None)?;
            selection.narrow(names.schema, pick)?;
        }
        Ok(selection)
    }

    /// Binds conditions of a question, which may name defined scenarios and start from the cell asked for.
    pub fn bind_asked(names: Names, conditions: &[Condition]) -> Result<Self> {
        let mut selection = Selection::all(names.schema);
        for condition in conditions {
            if let Some(shift) = shift(names, condition)? {
                selection.shifts.push(shift);
            } else if let Some(composite) = composite(names, condition)? {
                selection.composite = Some(Arc::new(composite));
                selection.scenarios = None;
            } else {
                let pick = names.pick(condition, None)?;
                selection.narrow(names.schema, pick)?;
            }
        }
        Ok(selection)
    }

    fn narrow(&mut self, schema: &Schema, pick: Pick) -> Result<()> {
        let earlier = self.picks.iter().any(|other| other.dimension == pick.dimension);
        let nothing = || disjoint(schema, &pick);
        if pick.dimension == DimensionId::SCENARIO {
            let named = pick.scenarios();
            let named = if named == [MemberId::ROOT] { schema.scenarios().ordered() } else { named };
            let joined: Vec<MemberId> = match &self.scenarios {
                None => named,
                Some(before) => before.iter().copied().filter(|member| named.contains(member)).collect(),
            };
            if joined.is_empty() && earlier {
                return Err(nothing());
            }
            self.scenarios = Some(joined);
        } else if let Some(leaves) = &pick.leaves {
            let place = &mut self.leaves[pick.dimension.index() - 1];
            let joined: Vec<Weight> = match place.as_ref().filter(|_| earlier) {
                None => leaves.clone(),
                Some(before) => narrowed(before, leaves),
            };
            if earlier && joined.iter().all(|weight| weight.is_zero()) {
                return Err(nothing());
            }
            *place = Some(Arc::new(joined));
        }
        self.picks.push(pick);
        Ok(())
    }

    /// The same selection, with another laid over it: dimensions the other names are replaced.
    pub fn overlaid(&self, other: &Selection) -> Selection {
        let mut result = self.clone();
        result.picks.retain(|pick| !other.names(pick.dimension));
        result.picks.extend(other.picks.iter().cloned());
        if other.names(DimensionId::SCENARIO) {
            result.scenarios.clone_from(&other.scenarios);
            result.composite.clone_from(&other.composite);
        }
        for pick in other.picks.iter().filter(|pick| pick.dimension != DimensionId::SCENARIO) {
            let place = pick.dimension.index() - 1;
            result.leaves[place].clone_from(&other.leaves[place]);
        }
        // What is named outright does not depend on the cell.
        result.shifts.retain(|shift| !other.names(shift.along));
        result.shifts.extend(&other.shifts);
        result
    }

    /// The same selection without what it says of some coordinates.
    pub fn without(&self, coordinates: &[usize]) -> Selection {
        let mut result = self.clone();
        let named = |pick: &Pick| pick.dimension.index().checked_sub(1).is_some_and(|c| coordinates.contains(&c));
        result.picks.retain(|pick| !named(pick));
        for coordinate in coordinates {
            result.leaves[*coordinate] = None;
        }
        result
    }

    /// Whether a condition names the dimension.
    pub fn names(&self, dimension: DimensionId) -> bool {
        let composed = dimension == DimensionId::SCENARIO && self.composite.is_some();
        composed || self.picks.iter().any(|pick| pick.dimension == dimension)
    }

    /// Whether a coordinate is in what the conditions select.
    pub fn selects(&self, dimension: DimensionId, code: usize) -> bool {
        match dimension {
            DimensionId::SCENARIO => {
                self.scenarios.as_ref().is_none_or(|named| named.contains(&MemberId::from_index(code)))
            }
            other => !self.names(other) || !self.weight(other, code).is_zero(),
        }
    }

    /// How a coordinate of a dimension counts, 0 outside.
    pub fn weight(&self, dimension: DimensionId, code: usize) -> Weight {
        match dimension.index().checked_sub(1).and_then(|place| self.leaves.get(place)) {
            Some(Some(leaves)) => leaves.get(code).copied().unwrap_or(Weight::ZERO),
            _ => Weight::ONE,
        }
    }

    /// The one scenario a change is about: the one named, or the session's.
    ///
    /// Errors: several are named, or none is and the session has none.
    pub fn scenario(&self, session: Option<MemberId>, whole: Option<Span>) -> Result<MemberId> {
        match (self.scenarios.as_deref(), session) {
            (Some([one]), _) => Ok(*one),
            (Some(_), _) => Err(Error::new(ErrorKind::Refused, "a change is about one scenario", whole)
                .helped("name one scenario in `where`")),
            (None, Some(session)) => Ok(session),
            (None, None) => Err(no_scenario(whole)),
        }
    }

    /// The slice of one scenario, as its total has it: members that count for nothing are outside.
    pub fn subcube(&self, scenario: MemberId) -> Subcube {
        Subcube { scenario, dimensions: self.leaves.clone() }
    }

    /// The cells of one scenario, for what is about cells and not about their total: all of a dimension that no
    /// condition names, members that count for nothing included, also below a member that is named.
    pub fn cells(&self, schema: &Schema, scenario: MemberId) -> Subcube {
        let named = |id| self.names(id).then(|| self.named_cells(schema, id)).flatten();
        Subcube { scenario, dimensions: schema.coordinates().map(named).collect() }
    }

    fn named_cells(&self, schema: &Schema, id: DimensionId) -> Option<Leaves> {
        let leaves = self.leaves[id.index() - 1].as_ref()?;
        let picks: Vec<&Pick> = self.picks.iter().filter(|pick| pick.dimension == id).collect();
        let idle: Vec<Vec<MemberId>> = picks.iter().map(|pick| pick.idle(schema.dimension(id))).collect();
        if idle.iter().all(Vec::is_empty) {
            return Some(Arc::clone(leaves));
        }
        let inside = |code: usize| {
            let counted = |pick: &Pick| pick.leaves.as_ref().is_none_or(|leaves| !leaves[code].is_zero());
            picks.iter().zip(&idle).all(|(pick, idle)| counted(pick) || idle.contains(&MemberId::from_index(code)))
        };
        let weight = |(code, weight): (usize, &Weight)| match weight.is_zero() && inside(code) {
            true => Weight::ONE,
            false => *weight,
        };
        Some(Arc::new(leaves.iter().enumerate().map(weight).collect()))
    }
}

/// What a condition leads to from the cell it is asked for: `prev year`, `department = parent`.
fn shift(names: Names, condition: &Condition) -> Result<Option<Shift>> {
    match condition {
        Condition::Relative(relative, span) => Shift::bind(names, relative, span).map(Some),
        Condition::Compare { subject, comparison: Comparison::Equal, value: Value::Path(path), .. }
            if is_parent(path) && names.dimension_of(subject).is_ok_and(|id| names.member(path, Some(id)).is_err()) =>
        {
            Ok(Some(Shift { along: names.dimension_of(subject)?, lead: Lead::Parent }))
        }
        _ => Ok(None),
    }
}

fn is_parent(path: &Path) -> bool {
    matches!(path.names.as_slice(), [name] if name.kind == NameKind::Bare && name.text.eq_ignore_ascii_case("parent"))
}

/// The scenario laid together from others that a condition names.
fn composite(names: Names, condition: &Condition) -> Result<Option<Composite>> {
    Ok(match defined_by(names, condition)? {
        Some((_, DefinedMember::Composite(composite))) => Some(composite),
        _ => None,
    })
}

/// The error where a scenario is needed and none is there.
pub(crate) fn no_scenario(span: Option<Span>) -> Error {
    Error::new(ErrorKind::Refused, "the cube has no scenario yet", span)
        .helped("`create scenario plan;` makes one; `load … into plan` fills it")
}

fn disjoint(schema: &Schema, pick: &Pick) -> Error {
    let dimension = schema.dimension(pick.dimension);
    Error::new(
        ErrorKind::Refused,
        format!("the conditions on {} have nothing in common", dimension.name),
        Some(pick.span.clone()),
    )
    .labelled("every condition must hold")
    .helped(format!("for one or the other write {} in (…, …)", dimension.name))
}
