//! `load members of DIMENSION from …`: members with their place in the tree, weights and attributes.
//!
//! A file gives the tree by parents (`key`, `parent`) or by levels, a column for each. Members that are
//! there already get the parent, the weight, the caption and the attributes that the file says.

use super::column::text_of;
use super::nothing::without_nothings;
use crate::bind::{Meaning, Names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Load, Path};
use arrow_array::RecordBatch;
use engine::decimal::Decimal;
use engine::dimension::{Attribute, Dimension, Kind, NewMember};
use engine::error::EngineError;
use engine::id::{DimensionId, MemberId};
use engine::weight::Weight;
use std::collections::HashSet;

/// What a column says of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Role {
    Key,
    Parent,
    Weight,
    Caption,
    /// The member at a level, by the level's depth.
    Level(usize),
    Attribute(String),
}

/// Words that are roles wherever they are the name of a column.
const WORDS: [(&str, Role); 4] =
    [("key", Role::Key), ("parent", Role::Parent), ("weight", Role::Weight), ("caption", Role::Caption)];

/// What a load of members did.
#[derive(Debug, Default)]
pub(crate) struct LoadedMembers {
    pub added: u64,
    pub changed: u64,
}

/// Adds members to a dimension, and brings up to date those that are there.
///
/// Errors: a column that is not there, a row that names no member, a weight that is none, a circle.
pub(crate) fn load_members(
    names: Names,
    load: &Load,
    of: &Path,
    batch: &RecordBatch,
) -> Result<(DimensionId, Dimension, LoadedMembers)> {
    let batch = &without_nothings(load, batch)?;
    let id = names.dimension(of)?;
    let before = names.schema.dimension(id);
    if before.kind != Kind::Standard {
        let message = format!("members of {} are not loaded from files", before.name);
        return Err(Error::new(ErrorKind::Refused, message, Some(of.span())));
    }
    let roles = roles(names, id, load, batch)?;
    let mut rows = Rows { batch, load, roles, dimension: Dimension::clone(before), touched: HashSet::new(), added: 0 };
    rows.load()?;
    let changed = rows.touched.iter().filter(|member| rows.differs(before, **member)).count() as u64;
    Ok((id, rows.dimension, LoadedMembers { added: rows.added, changed }))
}

/// For each column its role, if it has one.
fn roles(names: Names, id: DimensionId, load: &Load, batch: &RecordBatch) -> Result<Vec<Option<Role>>> {
    let schema = batch.schema();
    let columns: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
    let mut roles: Vec<Option<Role>> = vec![None; columns.len()];
    for mapping in &load.mapping {
        let wanted = &mapping.column;
        let exact = columns.iter().position(|column| *column == wanted.text);
        let place = exact.or_else(|| columns.iter().position(|column| column.eq_ignore_ascii_case(&wanted.text)));
        let place = place.ok_or_else(|| crate::bind::unknown("column", &wanted.text, wanted.span.clone(), &columns))?;
        roles[place] = Some(role_of(names, id, &mapping.target));
    }
    let levels = roles.iter().any(|role| matches!(role, Some(Role::Level(_))));
    for (place, column) in columns.iter().enumerate().filter(|_| load.mapping.is_empty() || !levels) {
        let word = WORDS.iter().find(|(word, _)| column.eq_ignore_ascii_case(word)).map(|(_, role)| role.clone());
        let level = level_of(names, id, column).filter(|_| load.mapping.is_empty()).map(Role::Level);
        let role = word.or(level).filter(|role| !roles.contains(&Some(role.clone())));
        roles[place] = roles[place].take().or(role);
    }
    let has = |wanted: fn(&Role) -> bool| roles.iter().flatten().any(wanted);
    match has(|role| matches!(role, Role::Key | Role::Level(_))) {
        true => Ok(roles),
        false => Err(Error::new(ErrorKind::Refused, "no column gives the members' keys", Some(load.file_span.clone()))
            .helped("map one with (Column -> key), or one for each level: (Column -> LEVEL, ...)")),
    }
}

fn role_of(names: Names, id: DimensionId, target: &Path) -> Role {
    let text = target.names.last().map_or("", |name| &name.text);
    let word = WORDS.iter().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, role)| role.clone());
    let level = match names.subject(target) {
        Ok(Meaning::Level(of, level)) if of == id && level.hierarchy == 0 => Some(Role::Level(level.depth)),
        _ => level_of(names, id, text).map(Role::Level),
    };
    word.or(level).unwrap_or_else(|| Role::Attribute(text.to_owned()))
}

fn level_of(names: Names, id: DimensionId, text: &str) -> Option<usize> {
    let levels = &names.schema.dimension(id).hierarchies()[0].levels;
    levels.iter().position(|level| level.eq_ignore_ascii_case(text))
}

struct Rows<'a> {
    batch: &'a RecordBatch,
    load: &'a Load,
    roles: Vec<Option<Role>>,
    dimension: Dimension,
    /// Members that rows have given so far.
    touched: HashSet<MemberId>,
    added: u64,
}

impl Rows<'_> {
    fn load(&mut self) -> Result<()> {
        let levels = self.levels();
        match levels.is_empty() {
            true => self.load_by_parents()?,
            false => {
                for row in 0..self.batch.num_rows() {
                    self.load_by_levels(row, &levels)?;
                }
            }
        }
        self.dimension.check().map_err(|error| self.refused(error))?;
        self.dimension.seal();
        Ok(())
    }

    /// The columns of levels from the top, each with its depth.
    fn levels(&self) -> Vec<(usize, usize)> {
        let level = |(place, role): (usize, &Option<Role>)| match role {
            Some(Role::Level(depth)) => Some((*depth, place)),
            _ => None,
        };
        let mut levels: Vec<(usize, usize)> = self.roles.iter().enumerate().filter_map(level).collect();
        levels.sort_unstable();
        levels
    }

    fn column(&self, role: &Role) -> Option<usize> {
        self.roles.iter().position(|known| known.as_ref() == Some(role))
    }

    fn text(&self, role: &Role, row: usize) -> Option<String> {
        text_of(self.batch.column(self.column(role)?), row)
    }

    fn refused(&self, error: EngineError) -> Error {
        Error { span: Some(self.load.file_span.clone()), ..error.into() }
    }

    fn bad(&self, row: usize, column: usize, message: &str) -> Error {
        let value = text_of(self.batch.column(column), row).unwrap_or_default();
        let name = self.batch.schema().field(column).name().clone();
        Error::new(
            ErrorKind::Refused,
            format!("{}, line {}, column {name}: \"{value}\" {message}", self.load.file, row + 2),
            Some(self.load.file_span.clone()),
        )
    }

    /// Adds parents before children, whatever the order of the rows.
    fn load_by_parents(&mut self) -> Result<()> {
        let mut waiting: Vec<usize> = (0..self.batch.num_rows()).collect();
        while !waiting.is_empty() {
            let before = waiting.len();
            let mut later = Vec::new();
            for row in waiting {
                match self.parent(row) {
                    Some(parent) => self.load_row(row, parent)?,
                    None => later.push(row),
                }
            }
            if let Some(row) = later.first().filter(|_| later.len() == before) {
                let column = self.column(&Role::Parent).unwrap_or(0);
                return Err(self.bad(*row, column, "is no member, and no row gives it"));
            }
            waiting = later;
        }
        Ok(())
    }

    fn parent(&self, row: usize) -> Option<MemberId> {
        match self.text(&Role::Parent, row) {
            None => Some(MemberId::ROOT),
            Some(key) => self.keyed(&key).first().copied(),
        }
    }

    /// Members of a key; of a name where none has that key.
    fn keyed(&self, key: &str) -> Vec<MemberId> {
        let found = self.dimension.find(key);
        let keyed: Vec<MemberId> =
            found.iter().copied().filter(|member| self.dimension.member(*member).key() == key).collect();
        if keyed.is_empty() { found } else { keyed }
    }

    fn load_row(&mut self, row: usize, parent: MemberId) -> Result<()> {
        let Some(key) = self.text(&Role::Key, row) else {
            return Err(self.bad(row, self.column(&Role::Key).unwrap_or(0), "is no name"));
        };
        let tree = |rows: &Self, member: &MemberId| rows.dimension.hierarchies()[0].parent(*member);
        let known = self.keyed(&key);
        let here = known.iter().copied().find(|member| tree(self, member) == Some(parent));
        let elsewhere = known.iter().copied().find(|member| !self.touched.contains(member));
        let member = match here.or(elsewhere) {
            Some(member) => {
                if self.column(&Role::Parent).is_some() {
                    self.dimension.move_to(member, parent).map_err(|error| self.refused(error))?;
                }
                self.update(member, row)?;
                member
            }
            None => self.add_named(row, None, &key, parent, 0)?,
        };
        self.touched.insert(member);
        Ok(())
    }

    /// Brings a member that is there up to date.
    fn update(&mut self, member: MemberId, row: usize) -> Result<()> {
        if let Some(caption) = self.text(&Role::Caption, row) {
            self.dimension.rename(member, &caption).map_err(|error| self.refused(error))?;
        }
        if let Some(weight) = self.weight(row)? {
            self.dimension.set_weight(member, weight);
        }
        self.set_attributes(member, row);
        Ok(())
    }

    /// The member of a name where no column gives the levels above it: the one that stands at this level already.
    ///
    /// Errors: several do.
    fn standing(&self, row: usize, levels: &[(usize, usize)], depth: usize, name: &str) -> Result<Option<MemberId>> {
        if levels.first().is_none_or(|(highest, _)| *highest == 0) {
            return Ok(None);
        }
        let tree = &self.dimension.hierarchies()[0];
        let standing = self.dimension.find(name).into_iter().filter(|member| tree.rung(*member) == Some(depth + 1));
        match standing.collect::<Vec<_>>().as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(*one)),
            _ => {
                let column = levels.iter().find(|(at, _)| *at == depth).map_or(0, |(_, column)| *column);
                Err(self.bad(row, column, "stands for several members: a column for the level above tells them apart"))
            }
        }
    }

    /// The members of a row from the top; levels that are blank are skipped.
    fn load_by_levels(&mut self, row: usize, levels: &[(usize, usize)]) -> Result<()> {
        let named = |(depth, place): &(usize, usize)| Some((*depth, text_of(self.batch.column(*place), row)?));
        let path: Vec<(usize, String)> = levels.iter().filter_map(named).collect();
        let Some((lowest, above)) = path.split_last() else {
            return Err(self.bad(row, levels[levels.len() - 1].1, "is no name, and no level above it has one"));
        };
        let mut parent = MemberId::ROOT;
        for (depth, name) in above {
            let standing = if parent == MemberId::ROOT { self.standing(row, levels, *depth, name)? } else { None };
            parent = match standing.or_else(|| self.dimension.child(parent, name)) {
                Some(member) => member,
                None => {
                    let new = NewMember { skips: self.skips(parent, *depth), ..NewMember::named(name, parent, true) };
                    self.added += 1;
                    self.dimension.add(new).map_err(|error| self.refused(error))?
                }
            };
        }
        let (depth, name) = lowest;
        if above.is_empty()
            && let Some(standing) = self.standing(row, levels, *depth, name)?
        {
            parent = self.dimension.hierarchies()[0].parent(standing).unwrap_or(MemberId::ROOT);
        }
        let key = self.text(&Role::Key, row);
        let known = match &key {
            Some(key) => self.keyed(key).into_iter().find(|member| self.dimension.member(*member).key() == *key),
            None => self.dimension.child_spelt(parent, name),
        };
        let member = match known {
            Some(member) => {
                self.dimension.move_to(member, parent).map_err(|error| self.refused(error))?;
                if key.is_some() && self.column(&Role::Caption).is_none() {
                    self.dimension.rename(member, name).map_err(|error| self.refused(error))?;
                }
                self.update(member, row)?;
                member
            }
            None => self.add_named(row, key, name, parent, self.skips(parent, *depth))?,
        };
        self.touched.insert(member);
        Ok(())
    }

    fn add_named(
        &mut self,
        row: usize,
        key: Option<String>,
        name: &str,
        parent: MemberId,
        skips: usize,
    ) -> Result<MemberId> {
        let caption = self.text(&Role::Caption, row).unwrap_or_else(|| name.to_owned());
        let weight = self.weight(row)?.unwrap_or(Weight::ONE);
        let key = Some(key.unwrap_or_else(|| name.to_owned()));
        let new = NewMember { key, skips, weight, ..NewMember::named(caption, parent, true) };
        let member = self.dimension.add(new).map_err(|error| self.refused(error))?;
        self.added += 1;
        self.set_attributes(member, row);
        Ok(member)
    }

    /// How many levels lie between a parent and one at a depth.
    fn skips(&self, parent: MemberId, depth: usize) -> usize {
        let rung = self.dimension.hierarchies()[0].rung(parent).unwrap_or(0);
        depth.saturating_sub(rung)
    }

    fn weight(&self, row: usize) -> Result<Option<Weight>> {
        let Some(text) = self.text(&Role::Weight, row) else { return Ok(None) };
        let column = self.column(&Role::Weight).unwrap_or(0);
        let no_weight = || self.bad(row, column, "is no weight such as 1, -1, 0, 0.6, +, - or ~");
        Weight::parse(&text).map(Some).ok_or_else(no_weight)
    }

    fn set_attributes(&mut self, member: MemberId, row: usize) {
        for (place, role) in self.roles.iter().enumerate() {
            let Some(Role::Attribute(name)) = role else { continue };
            if let Some(text) = text_of(self.batch.column(place), row) {
                let value = match Decimal::parse(&text) {
                    Ok(number) if !text.starts_with('0') || text == "0" => {
                        Attribute::Number(number.units, number.scale)
                    }
                    _ => Attribute::Text(text),
                };
                self.dimension.set_attribute(member, name, value);
            }
        }
    }

    /// Whether a member that was there before is another now.
    fn differs(&self, before: &Dimension, member: MemberId) -> bool {
        let tree = |dimension: &Dimension| {
            let tree = &dimension.hierarchies()[0];
            (tree.parent(member), tree.weight(member))
        };
        member.index() < before.len()
            && (before.member(member) != self.dimension.member(member) || tree(before) != tree(&self.dimension))
    }
}
