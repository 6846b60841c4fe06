//! Which columns of a file give which coordinate, scenario and measure.

use crate::bind::{Meaning, Names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Load, Path};
use arrow_array::RecordBatch;
use engine::id::{DimensionId, MeasureId};
use engine::schema::Schema;
use std::collections::{BTreeMap, HashMap};

/// What a column is for.
#[derive(Debug, Clone, PartialEq)]
enum Target {
    /// A measure.
    Measure(MeasureId),
    /// A coordinate by any member's name.
    Dimension(DimensionId),
    /// A coordinate at one level: hierarchy and depth.
    Level(DimensionId, usize, usize),
}

/// A level's hierarchy and depth; none for a name at any level.
pub(super) type Level = Option<(usize, usize)>;

/// The columns of a file, by what they are for.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// For each dimension its columns, each with the level it names.
    pub coordinates: BTreeMap<usize, Vec<(Level, usize)>>,
    /// Column number of each measure.
    pub measures: Vec<(MeasureId, usize)>,
    /// Columns that are for nothing.
    pub unused: Vec<String>,
}

impl Targets {
    /// Matches columns by mapping, and by name where no mapping names them.
    ///
    /// Errors: a mapped column that is not there, a coordinate that no column gives.
    pub fn find(names: Names, load: &Load, batch: &RecordBatch) -> Result<Self> {
        let mut targets = Targets::default();
        let schema = batch.schema();
        let columns: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
        let mut mapped: HashMap<usize, &Path> = HashMap::new();
        for mapping in &load.mapping {
            let found = columns.iter().position(|column| column.eq_ignore_ascii_case(&mapping.column.text));
            let known: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
            let place = found.ok_or_else(|| {
                crate::bind::unknown("column", &mapping.column.text, mapping.column.span.clone(), &known)
            })?;
            mapped.insert(place, &mapping.target);
        }
        for (place, column) in columns.iter().enumerate() {
            let target = match mapped.get(&place) {
                Some(path) => Some(target_of(names, path)?),
                None => by_name(names.schema, column),
            };
            match target {
                Some(target) => targets.add(target, place),
                None => targets.unused.push((*column).to_owned()),
            }
        }
        targets.refuse_incomplete(names.schema, load, &columns)?;
        Ok(targets)
    }

    fn add(&mut self, target: Target, place: usize) {
        match target {
            Target::Measure(measure) => self.measures.push((measure, place)),
            Target::Dimension(id) => self.coordinates.entry(id.index()).or_default().push((None, place)),
            Target::Level(id, hierarchy, depth) => {
                self.coordinates.entry(id.index()).or_default().push((Some((hierarchy, depth)), place));
            }
        }
    }

    /// Refuses a measure beside the columns that became rows: it would be taken once for each of them.
    pub fn refuse_other_measures(&self, schema: &Schema, load: &Load) -> Result<()> {
        let mut of_wide: Vec<String> = load.wide.iter().map(|wide| wide.measure.to_string().to_lowercase()).collect();
        of_wide.sort();
        of_wide.dedup();
        let name = |measure: &MeasureId| schema.measure(*measure).map(|known| known.name.clone()).unwrap_or_default();
        let names: Vec<String> = self.measures.iter().map(|(measure, _)| name(measure)).collect();
        let other = names.iter().find(|name| !of_wide.contains(&name.to_lowercase()));
        match other {
            None if names.len() == of_wide.len() => Ok(()),
            other => {
                let name = other.or(names.first()).cloned().unwrap_or_default();
                let message = format!("{name} has a column of its own beside those that become rows");
                Err(Error::new(ErrorKind::Refused, message, Some(load.file_span.clone()))
                    .helped("it would be counted once for each of them; give it a file of its own"))
            }
        }
    }

    fn refuse_incomplete(&mut self, schema: &Schema, load: &Load, columns: &[&str]) -> Result<()> {
        let span = Some(load.file_span.clone());
        let there = columns.join(", ");
        if self.measures.is_empty() {
            let measures: Vec<&str> = schema.measures().iter().map(|measure| measure.name.as_str()).collect();
            return Err(Error::new(ErrorKind::Refused, "no column of the file is a measure", span)
                .helped(format!("columns: {there}"))
                .helped(format!("measures: {}; map one with (Column -> measure)", measures.join(", "))));
        }
        for (id, columns) in &mut self.coordinates {
            // A month says more than the fiscal year that it is given with.
            let is_time = schema.time().is_some_and(|time| time.index() == *id);
            let key = |(level, _): &(Level, usize)| {
                level.map(|(tree, depth)| if is_time { (depth, tree) } else { (tree, depth) })
            };
            columns.sort_by_key(|column| (key(column), column.1));
            if columns.iter().any(|(level, _)| level.is_some()) && columns.len() > 1 {
                columns.retain(|(level, _)| level.is_some());
            }
        }
        let missing = schema
            .coordinates()
            .find(|id| !self.coordinates.contains_key(&id.index()) && schema.dimension(*id).default.is_none());
        if let Some(id) = missing {
            let name = &schema.dimension(id).name;
            return Err(Error::new(ErrorKind::Refused, format!("no column of the file gives the {name}"), span)
                .helped(format!("columns: {there}"))
                .helped(format!("map one with (Column -> {name})")));
        }
        Ok(())
    }
}

fn by_name(schema: &Schema, column: &str) -> Option<Target> {
    if let Some(measure) = schema.find_measure(column) {
        return Some(Target::Measure(measure));
    }
    if let Some((dimension, level)) = column.split_once('.')
        && let Some(id) = schema.find_dimension(dimension).filter(|id| *id != DimensionId::SCENARIO)
        && let Some(level) = schema.dimension(id).level(level)
    {
        return Some(Target::Level(id, level.hierarchy, level.depth));
    }
    for place in 0..schema.dimensions().len() {
        let id = DimensionId::from_index(place);
        if let Some(level) = schema.dimension(id).level(column).filter(|_| id != DimensionId::SCENARIO) {
            return Some(Target::Level(id, level.hierarchy, level.depth));
        }
    }
    schema.find_dimension(column).map(Target::Dimension)
}

fn target_of(names: Names, path: &Path) -> Result<Target> {
    if let Ok(measure) = names.measure(path) {
        return Ok(Target::Measure(measure));
    }
    match names.subject(path)? {
        Meaning::Level(id, level) if id != DimensionId::SCENARIO => Ok(Target::Level(id, level.hierarchy, level.depth)),
        Meaning::Level(id, _) | Meaning::Dimension(id) => Ok(Target::Dimension(id)),
        _ => Err(Error::new(ErrorKind::Name, "expected a level, a dimension or a measure", Some(path.span()))),
    }
}
