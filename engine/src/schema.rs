//! The dimensions and measures of a cube, looked up by name, and what is locked.

use crate::dimension::{Dimension, Kind};
use crate::error::{EngineError, Result};
use crate::id::{DimensionId, MeasureId, MemberId};
use crate::measure::Measure;
use crate::weight::Weight;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

/// A part of a scenario that refuses every change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    /// As written: `plan, 2026-Q1`.
    pub text: String,
    /// The scenario.
    pub scenario: MemberId,
    /// For each restricted dimension the coordinates it covers, sorted; all of the scenario where empty.
    pub members: Vec<(DimensionId, Vec<MemberId>)>,
}

/// A place in the record: after so many changes of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// The number of the operation.
    pub operation: u64,
    /// How many of its changes stand before.
    pub position: usize,
}

/// Where a scenario was branched from, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// The branch.
    pub branch: MemberId,
    /// The scenario whose facts it began with.
    pub from: MemberId,
    /// From this moment on they differ.
    pub at: Moment,
}

/// What was merged from one scenario into another, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// Whose changes were taken over.
    pub from: MemberId,
    /// Where they went.
    pub into: MemberId,
    /// From this moment on the two are told apart anew.
    pub at: Moment,
    /// For each restricted dimension the coordinates that were looked at, sorted; all where empty.
    pub members: Vec<(DimensionId, Vec<MemberId>)>,
}

/// A part of a measure in one scenario that no spread moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its number, from 1; never given twice while it stands.
    pub number: u64,
    /// As written: `plan, Sales`.
    pub text: String,
    /// Which measure.
    pub measure: MeasureId,
    /// The scenario.
    pub scenario: MemberId,
    /// For each restricted dimension the coordinates it covers, sorted, each with how it counts; all
    /// of the scenario where empty.
    pub members: Vec<(DimensionId, Vec<(MemberId, Weight)>)>,
    /// Whether only the total is held, and leaves may move within it.
    pub total: bool,
    /// Why.
    pub reason: Option<String>,
}

/// `hold 1 (plan, Sales)`
impl Display for Hold {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "hold {} ({})", self.number, self.text)
    }
}

impl Hold {
    /// How a leaf counts in what is held, 0 outside; `code` gives its coordinate in a dimension.
    pub fn weight(&self, code: impl Fn(DimensionId) -> u32) -> Weight {
        let one = |(dimension, members): &(DimensionId, Vec<(MemberId, Weight)>)| {
            let found = members.binary_search_by_key(&MemberId(code(*dimension)), |(member, _)| *member);
            found.map_or(Weight::ZERO, |place| members[place].1)
        };
        self.members.iter().try_fold(Weight::ONE, |weight, part| weight.times(one(part))).unwrap_or(Weight::TOO_FINE)
    }
}

/// A name for a formula or a number. What it means is for the language to say; here it is a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// The dimension whose member it is; none where it stands for a measure or a number.
    pub member_of: Option<DimensionId>,
    /// The statement that made it.
    pub statement: String,
}

/// A question kept under a name. What it asks is for the language to say; here it is a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Its name.
    pub name: String,
    /// The question.
    pub question: String,
}

/// The model of a cube.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    dimensions: Vec<Arc<Dimension>>,
    measures: Vec<Measure>,
    /// What refuses changes, in the order of the statements.
    pub locks: Vec<Lock>,
    /// Where scenarios were branched from, in the order of the statements.
    #[serde(default)]
    pub origins: Vec<Origin>,
    /// What was merged, in the order of the statements.
    #[serde(default)]
    pub merged: Vec<Merged>,
    /// What spreads leave as it is, in the order of the statements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    #[serde(default)]
    definitions: Vec<Definition>,
    #[serde(default)]
    views: Vec<View>,
    /// The coordinates by which facts are sorted before all others; see [`Schema::sorted_by`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sort_order: Vec<DimensionId>,
}

impl Default for Schema {
    fn default() -> Self {
        Schema {
            dimensions: vec![Arc::new(Dimension::scenarios())],
            measures: Vec::new(),
            locks: Vec::new(),
            origins: Vec::new(),
            merged: Vec::new(),
            holds: Vec::new(),
            definitions: Vec::new(),
            views: Vec::new(),
            sort_order: Vec::new(),
        }
    }
}

impl Schema {
    /// All dimensions, the scenario first.
    pub fn dimensions(&self) -> &[Arc<Dimension>] {
        &self.dimensions
    }

    /// All measures in order of creation.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    /// A dimension. The scenario for an id of another schema.
    pub fn dimension(&self, id: DimensionId) -> &Arc<Dimension> {
        self.dimensions.get(id.index()).unwrap_or(&self.dimensions[0])
    }

    /// The scenario dimension.
    pub fn scenarios(&self) -> &Arc<Dimension> {
        &self.dimensions[0]
    }

    /// A measure, if the id is of this schema.
    pub fn measure(&self, id: MeasureId) -> Option<&Measure> {
        self.measures.get(id.index())
    }

    /// Ids of all dimensions but the scenario: the coordinates of a fact, in storage order.
    pub fn coordinates(&self) -> impl Iterator<Item = DimensionId> + use<> {
        (1..self.dimensions.len()).map(DimensionId::from_index)
    }

    /// Ids of all dimensions, the scenario first.
    pub fn all_dimensions(&self) -> impl Iterator<Item = DimensionId> + use<> {
        (0..self.dimensions.len()).map(DimensionId::from_index)
    }

    /// The coordinates by which facts are sorted first; the others follow in their order, and time comes last.
    pub fn sort_order(&self) -> &[DimensionId] {
        &self.sort_order
    }

    /// The same schema with facts sorted by some coordinates before all others. Facts that are there already are not
    /// sorted anew by this.
    pub fn sorted_by(&self, order: Vec<DimensionId>) -> Schema {
        Schema { sort_order: order, ..self.clone() }
    }

    /// How many coordinates a fact has.
    pub fn width(&self) -> usize {
        self.dimensions.len() - 1
    }

    /// Where facts stand that were made before a dimension was added: for each coordinate its default member.
    pub fn defaults(&self) -> Vec<u32> {
        self.coordinates().map(|id| self.dimension(id).default.unwrap_or(MemberId::ROOT).0).collect()
    }

    /// The time dimension.
    pub fn time(&self) -> Option<DimensionId> {
        let place = self.dimensions.iter().position(|dimension| matches!(dimension.kind, Kind::Time(_)))?;
        Some(DimensionId::from_index(place))
    }

    /// The dimension of a name, without regard to case.
    pub fn find_dimension(&self, name: &str) -> Option<DimensionId> {
        let place = self.dimensions.iter().position(|dimension| dimension.name.eq_ignore_ascii_case(name))?;
        Some(DimensionId::from_index(place))
    }

    /// The measure of a name, without regard to case.
    pub fn find_measure(&self, name: &str) -> Option<MeasureId> {
        let place = self.measures.iter().position(|measure| measure.name.eq_ignore_ascii_case(name))?;
        Some(MeasureId::from_index(place))
    }

    /// All views in the order in which they were first saved.
    pub fn views(&self) -> &[View] {
        &self.views
    }

    /// A view by name, without regard to case.
    pub fn view(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|view| same(&view.name, name))
    }

    /// The same schema with one more view, or with another in the place of one of this name.
    pub fn with_view(&self, view: View) -> Schema {
        let mut schema = self.clone();
        match schema.views.iter().position(|known| same(&known.name, &view.name)) {
            Some(place) => schema.views[place] = view,
            None => schema.views.push(view),
        }
        schema
    }

    /// The same schema without a view.
    pub fn without_view(&self, name: &str) -> Schema {
        let mut schema = self.clone();
        schema.views.retain(|view| !same(&view.name, name));
        schema
    }

    /// All definitions in the order of their statements.
    pub fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// A definition by name, of a member of a dimension or of a measure or number.
    pub fn definition(&self, member_of: Option<DimensionId>, name: &str) -> Option<&Definition> {
        self.definitions.iter().find(|known| known.member_of == member_of && same(&known.name, name))
    }

    /// The same schema with one more definition, or with another in the place of one of this name.
    pub fn with_definition(&self, definition: Definition) -> Result<Schema> {
        let known = self.definition(definition.member_of, &definition.name).is_some();
        if !known && definition.member_of.is_none() {
            self.name_is_free(&definition.name)?;
        }
        let mut schema = self.clone();
        let place = |known: &Definition| known.member_of == definition.member_of && same(&known.name, &definition.name);
        match schema.definitions.iter().position(place) {
            Some(place) => schema.definitions[place] = definition,
            None => schema.definitions.push(definition),
        }
        Ok(schema)
    }

    /// The same schema without a definition.
    pub fn without_definition(&self, member_of: Option<DimensionId>, name: &str) -> Schema {
        let mut schema = self.clone();
        schema.definitions.retain(|known| known.member_of != member_of || !same(&known.name, name));
        schema
    }

    /// The same schema with one more dimension.
    pub fn with_dimension(&self, dimension: Dimension) -> Result<Schema> {
        self.name_is_free(&dimension.name)?;
        for level in dimension.hierarchies().iter().flat_map(|tree| &tree.levels) {
            if !level.eq_ignore_ascii_case(&dimension.name) {
                self.name_is_free(level)?;
            }
        }
        if matches!(dimension.kind, Kind::Time(_)) && self.time().is_some() {
            return Err(EngineError::Model("the cube has a time dimension already".into()));
        }
        let mut schema = self.clone();
        schema.dimensions.push(Arc::new(dimension));
        Ok(schema)
    }

    /// The same schema with one dimension changed.
    pub fn replacing(&self, id: DimensionId, dimension: Dimension) -> Schema {
        let mut schema = self.clone();
        if let Some(place) = schema.dimensions.get_mut(id.index()) {
            *place = Arc::new(dimension);
        }
        schema
    }

    /// The same schema with a further hierarchy of a dimension, by attributes of its leaves, outermost first.
    ///
    /// Errors: a name that is taken; a dimension that takes no such hierarchy.
    pub fn with_hierarchy(&self, id: DimensionId, name: &str, attributes: Vec<String>) -> Result<Schema> {
        self.name_is_free(name)?;
        attributes.iter().try_for_each(|attribute| self.name_is_free(attribute))?;
        let mut dimension = Dimension::clone(self.dimension(id));
        dimension.add_attribute_tree(name, attributes)?;
        dimension.seal();
        Ok(self.replacing(id, dimension))
    }

    /// The same schema with one more level of a dimension, at a depth from 0, the top; see [`Dimension::add_level`].
    /// Gives how many members were added.
    ///
    /// Errors: a name that is taken; what [`Dimension::add_level`] refuses.
    pub fn with_level(
        &self,
        id: DimensionId,
        name: &str,
        depth: usize,
        default: Option<&str>,
    ) -> Result<(Schema, usize)> {
        self.name_is_free(name)?;
        let mut dimension = Dimension::clone(self.dimension(id));
        let added = dimension.add_level(name, depth, default)?;
        dimension.seal();
        Ok((self.replacing(id, dimension), added))
    }

    /// The same schema with one more measure.
    pub fn with_measure(&self, measure: Measure) -> Result<Schema> {
        self.name_is_free(&measure.name)?;
        if measure.scale > crate::decimal::MAX_SCALE {
            return Err(EngineError::Model(format!(
                "a measure keeps at most {} digits after the point",
                crate::decimal::MAX_SCALE
            )));
        }
        let mut schema = self.clone();
        schema.measures.push(measure);
        Ok(schema)
    }

    /// Refuses a name that a dimension, level, measure or definition has.
    pub fn name_is_free(&self, name: &str) -> Result<()> {
        let taken = if self.find_dimension(name).is_some() {
            Some("dimension")
        } else if self.dimensions.iter().any(|dimension| dimension.level(name).is_some()) {
            Some("level")
        } else if self.find_measure(name).is_some() {
            Some("measure")
        } else if self.definition(None, name).is_some() {
            Some("definition")
        } else {
            None
        };
        match taken {
            Some(what) => Err(EngineError::Model(format!("there is a {what} \"{name}\" already"))),
            None => Ok(()),
        }
    }

    /// Refuses members that take the name of a definition, which from then on could not be reached.
    pub(crate) fn refuse_shadowed(&self, before: &Schema) -> Result<()> {
        let is_there = |schema: &Schema, id: DimensionId, name: &str| {
            schema.dimensions.get(id.index()).is_some_and(|dimension| !dimension.find(name).is_empty())
        };
        let mut defined = self.definitions.iter().filter_map(|known| Some((known.member_of?, &known.name)));
        match defined.find(|(id, name)| is_there(self, *id, name) && !is_there(before, *id, name)) {
            None => Ok(()),
            Some((id, name)) => Err(EngineError::refused(
                format!("{name} is a definition of {}: no member can take its name", self.dimension(id).name),
                format!("drop {}.{name}; removes the definition", self.dimension(id).name),
            )),
        }
    }

    /// Checks what a file cannot be trusted with, and rebuilds what is derived.
    pub fn restore(mut self) -> Result<Schema> {
        let dimensions: Result<Vec<_>> = self
            .dimensions
            .iter()
            .map(|dimension| Dimension::restore(Dimension::clone(dimension)).map(Arc::new))
            .collect();
        self.dimensions = dimensions?;
        if self.dimensions.first().is_none_or(|first| first.kind != Kind::Scenario) {
            return Err(EngineError::Damaged("the schema has no scenario dimension".into()));
        }
        let coordinates: HashSet<DimensionId> = self.coordinates().collect();
        let named: HashSet<DimensionId> = self.sort_order.iter().copied().collect();
        if named.len() < self.sort_order.len() || !named.is_subset(&coordinates) {
            return Err(EngineError::Damaged("the schema sorts facts by what it has not".into()));
        }
        Ok(self)
    }
}

fn same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}
