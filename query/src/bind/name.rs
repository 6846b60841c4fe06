//! What a name stands for, and which name is near where it stands for nothing.

use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Name, Path, Span};
use engine::dimension::LevelId;
use engine::id::{DimensionId, MeasureId, MemberId};
use engine::schema::Schema;

/// How alike two names must be for one to be suggested for the other.
const NEAR: f64 = 0.82;

/// What a path stands for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meaning {
    Dimension(DimensionId),
    Level(DimensionId, LevelId),
    Attribute(DimensionId, String),
    /// A member with all below it, or with `own` its own leaf alone.
    Member {
        dimension: DimensionId,
        member: MemberId,
        own: bool,
    },
}

/// Looks names up in a model.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub schema: &'a Schema,
}

impl<'a> Names<'a> {
    pub fn new(schema: &'a Schema) -> Self {
        Names { schema }
    }

    /// A measure.
    pub fn measure(&self, path: &Path) -> Result<MeasureId> {
        if let [name] = path.names.as_slice()
            && let Some(measure) = self.schema.find_measure(&name.text)
        {
            return Ok(measure);
        }
        Err(self.no_measure(path, &[]))
    }

    /// A dimension.
    pub fn dimension(&self, path: &Path) -> Result<DimensionId> {
        if let [name] = path.names.as_slice()
            && let Some(dimension) = self.schema.find_dimension(&name.text)
        {
            return Ok(dimension);
        }
        let known: Vec<String> = self.schema.dimensions().iter().map(|dimension| dimension.name.clone()).collect();
        Err(unknown("dimension", &text(path), path.span(), &known))
    }

    /// What stands before brackets or a comparison: a level, a dimension or an attribute.
    pub fn subject(&self, path: &Path) -> Result<Meaning> {
        self.find_subject(path).ok_or_else(|| self.no_subject(path))
    }

    pub(super) fn find_subject(&self, path: &Path) -> Option<Meaning> {
        match path.names.as_slice() {
            [name] => self
                .level(None, name)
                .or_else(|| self.hierarchy(None, name))
                .or_else(|| self.dimension_named(name))
                .or_else(|| self.attribute(None, name)),
            [first, second] => {
                let within = self.schema.find_dimension(&first.text);
                within.and_then(|within| {
                    self.level(Some(within), second)
                        .or_else(|| self.hierarchy(Some(within), second))
                        .or_else(|| self.attribute(Some(within), second))
                })
            }
            _ => None,
        }
    }

    fn no_subject(&self, path: &Path) -> Error {
        if let Ok(Meaning::Member { dimension, .. }) = self.member(path, None) {
            let dimension = &self.schema.dimension(dimension).name;
            return Error::new(
                ErrorKind::Name,
                format!("\"{}\" is a member of {dimension}, not a level", text(path)),
                Some(path.span()),
            )
            .labelled("expected a level, a dimension or an attribute")
            .helped(format!("as one row or column: {dimension}[{}]", text(path)));
        }
        if self.schema.find_measure(&text(path)).is_some() {
            return Error::new(ErrorKind::Name, format!("\"{}\" is a measure", text(path)), Some(path.span()))
                .labelled("expected a level, a dimension or an attribute")
                .helped(format!("measures come right after `show`: show {}", text(path)))
                .helped(format!("rows are kept by their values with `having`: having {} > 0", text(path)));
        }
        unknown("level, dimension or attribute", &text(path), path.span(), &self.subjects())
    }

    fn subjects(&self) -> Vec<String> {
        let mut known = Vec::new();
        for dimension in self.schema.dimensions() {
            known.push(dimension.name.clone());
            known.extend(dimension.hierarchies().iter().flat_map(|tree| tree.levels.clone()));
            known.extend(dimension.attributes().iter().map(|attribute| format!("{}.{attribute}", dimension.name)));
        }
        let mut seen = std::collections::HashSet::new();
        known.retain(|name| seen.insert(name.to_lowercase()));
        known
    }

    fn dimension_named(&self, name: &Name) -> Option<Meaning> {
        self.schema.find_dimension(&name.text).map(Meaning::Dimension)
    }

    /// A level by name; of several dimensions with one, the first.
    pub fn level(&self, within: Option<DimensionId>, name: &Name) -> Option<Meaning> {
        self.ids(within)
            .find_map(|id| self.schema.dimension(id).level(&name.text).map(|level| Meaning::Level(id, level)))
    }

    /// The lowest consolidations of a further hierarchy, by its name.
    fn hierarchy(&self, within: Option<DimensionId>, name: &Name) -> Option<Meaning> {
        self.ids(within).find_map(|id| {
            let trees = self.schema.dimension(id).hierarchies().iter().enumerate();
            let mut made = trees.filter(|(_, tree)| tree.by_attributes);
            let (hierarchy, tree) = made.find(|(_, tree)| tree.name.eq_ignore_ascii_case(&name.text))?;
            Some(Meaning::Level(id, LevelId { hierarchy, depth: tree.levels.len().checked_sub(2)? }))
        })
    }

    fn attribute(&self, within: Option<DimensionId>, name: &Name) -> Option<Meaning> {
        self.ids(within).find_map(|id| {
            let dimension = self.schema.dimension(id);
            let found = dimension.attributes().into_iter().find(|known| known.eq_ignore_ascii_case(&name.text))?;
            Some(Meaning::Attribute(id, found.to_owned()))
        })
    }

    pub(super) fn ids(&self, within: Option<DimensionId>) -> impl Iterator<Item = DimensionId> + use<> {
        let count = self.schema.dimensions().len();
        (0..count).map(DimensionId::from_index).filter(move |id| within.is_none_or(|within| within == *id))
    }

    /// A member, in one dimension or in any.
    ///
    /// Errors: none of that name, or several, listed as paths.
    pub fn member(&self, path: &Path, within: Option<DimensionId>) -> Result<Meaning> {
        let mut found: Vec<(DimensionId, MemberId, bool)> = Vec::new();
        for id in self.ids(within) {
            found.extend(self.members_in(path, id));
        }
        match found.as_slice() {
            [] => Err(self.no_member(path, within)),
            [(dimension, member, own)] => Ok(Meaning::Member { dimension: *dimension, member: *member, own: *own }),
            several => Err(self.ambiguous(path, several)),
        }
    }

    pub(super) fn members_in(&self, path: &Path, id: DimensionId) -> Vec<(DimensionId, MemberId, bool)> {
        let dimension = self.schema.dimension(id);
        let Some((last, qualifiers)) = path.names.split_last() else {
            return Vec::new();
        };
        let plain = dimension.find(&last.text).into_iter().map(|member| (member, false));
        let own = dimension.find_own(&last.text).into_iter().map(|member| (member, true));
        let fits = |member: MemberId| {
            qualifiers.iter().enumerate().all(|(place, qualifier)| {
                let is = |name: &str| name.eq_ignore_ascii_case(&qualifier.text);
                (place == 0 && (is(&dimension.name) || dimension.level_name(member).is_some_and(is)))
                    || self
                        .ancestors(id, member)
                        .iter()
                        .any(|name| name.to_lowercase() == qualifier.text.to_lowercase())
            })
        };
        plain.chain(own).filter(|(member, _)| fits(*member)).map(|(member, own)| (id, member, own)).collect()
    }

    fn ancestors(&self, id: DimensionId, member: MemberId) -> Vec<String> {
        let dimension = self.schema.dimension(id);
        let mut names = Vec::new();
        for tree in dimension.hierarchies() {
            let mut at = member;
            while let Some(parent) = tree.parent(at).filter(|parent| *parent != MemberId::ROOT) {
                names.push(dimension.member(parent).name.clone());
                at = parent;
            }
        }
        names
    }

    fn ambiguous(&self, path: &Path, found: &[(DimensionId, MemberId, bool)]) -> Error {
        let paths: Vec<String> = found
            .iter()
            .map(|(id, member, _)| {
                let dimension = self.schema.dimension(*id);
                let same_dimension = found.iter().filter(|(other, ..)| other == id).count() > 1;
                let path = dimension.path(*member);
                let short = dimension.member(*member).name.clone();
                match dimension.level_name(*member).filter(|_| same_dimension && !path.contains('.')) {
                    Some(level) => format!("{level}.{short}"),
                    None if same_dimension => path,
                    None => format!("{}.{short}", dimension.name),
                }
            })
            .collect();
        Error::new(ErrorKind::Name, format!("\"{}\" stands for several members", text(path)), Some(path.span()))
            .labelled(format!("one of {}", paths.join(", ")))
            .helped(format!("write, for example, {}", paths[0]))
    }

    fn no_member(&self, path: &Path, within: Option<DimensionId>) -> Error {
        let known = self.is_defined(path).or_else(|| self.no_qualified(path));
        let known = known.or_else(|| self.no_period(path, within)).or_else(|| self.no_year(path, within));
        if let Some(error) = known.or_else(|| self.not_a_member(path, within)) {
            return error;
        }
        let mut known: Vec<String> = Vec::new();
        for id in self.ids(within) {
            let dimension = self.schema.dimension(id);
            known.extend(dimension.ordered().iter().map(|member| dimension.member(*member).name.clone()));
            known.extend(self.defined(|member_of| member_of == Some(id)));
        }
        match within {
            Some(id) => {
                let what = format!("member of {}", self.schema.dimension(id).name);
                unknown(&what, &text(path), path.span(), &known)
            }
            None if is_half_a_period(path) => {
                Error::new(ErrorKind::Name, format!("\"{}\" needs a length of time", text(path)), Some(path.span()))
                    .labelled(format!("expected, for example, {} 3 months", text(path)))
            }
            None => {
                known.extend(self.subjects());
                known.extend(self.schema.measures().iter().map(|measure| measure.name.clone()));
                known.extend(self.defined(|_| true));
                unknown("member", &text(path), path.span(), &known)
            }
        }
    }

    /// The error where a member of its own is due, and the name is that of a definition.
    fn is_defined(&self, path: &Path) -> Option<Error> {
        let name = &path.names.last()?.text;
        let mut dimensions = (0..self.schema.dimensions().len()).map(DimensionId::from_index);
        let of = dimensions.find(|id| self.schema.definition(Some(*id), name).is_some())?;
        let of = &self.schema.dimension(of).name;
        let message = format!("{name} is a definition, not a member that {of} holds facts for");
        Some(Error::new(ErrorKind::Refused, message, Some(path.span())).labelled("expected a member"))
    }

    /// The error for `project.Hermse`: the nearest name of that dimension.
    fn no_qualified(&self, path: &Path) -> Option<Error> {
        let [first, .., last] = path.names.as_slice() else { return None };
        let id = self.schema.find_dimension(&first.text)?;
        let dimension = self.schema.dimension(id);
        let known: Vec<String> =
            dimension.ordered().iter().map(|member| dimension.member(*member).name.clone()).collect();
        let error = unknown(&format!("member of {}", dimension.name), &last.text, path.span(), &known);
        Some(match nearest(&last.text, &known) {
            Some(near) => error.labelled(format!("did you mean {}.{near}?", dimension.name)),
            None => error,
        })
    }

    /// The names that definitions give.
    fn defined(&self, of: impl Fn(Option<DimensionId>) -> bool) -> Vec<String> {
        let definitions = self.schema.definitions().iter();
        definitions.filter(|known| of(known.member_of)).map(|known| known.name.clone()).collect()
    }

    /// The error for a name in a formula that is no measure.
    pub fn no_measure(&self, path: &Path, others: &[String]) -> Error {
        let mut known: Vec<String> = self.schema.measures().iter().map(|measure| measure.name.clone()).collect();
        known.extend(others.iter().cloned());
        known.extend(self.defined(|member_of| member_of.is_none()));
        if let Some(error) = self.not_a_measure(path).or_else(|| named_later(path, others)) {
            return error;
        }
        unknown("measure", &text(path), path.span(), &known)
    }
}

/// The error for an `as` name that is used where it is not known yet, or with a selection of its own.
fn named_later(path: &Path, others: &[String]) -> Option<Error> {
    others.iter().find(|other| other.eq_ignore_ascii_case(&text(path)))?;
    let message = format!("\"{}\" is a name that this question gives", text(path));
    Some(
        Error::new(ErrorKind::Name, message, Some(path.span()))
            .labelled("known only behind the formula it names, and without brackets")
            .helped(format!("`define {path} = …;` makes a measure of it")),
    )
}

/// `prev` alone, where `prev month` was meant.
fn is_half_a_period(path: &Path) -> bool {
    let [name] = path.names.as_slice() else { return false };
    ["prev", "next", "trailing"].iter().any(|word| name.text.eq_ignore_ascii_case(word))
}

/// A path as written, without quotes.
pub(super) fn text(path: &Path) -> String {
    path.names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".")
}

/// The error for a name that stands for nothing.
pub(crate) fn unknown(what: &str, name: &str, span: Span, known: &[String]) -> Error {
    let error = Error::new(ErrorKind::Name, format!("there is no {what} \"{name}\""), Some(span));
    match nearest(name, known) {
        Some(near) => error.labelled(format!("did you mean {near}?")),
        None if known.is_empty() => error.labelled("there is none yet"),
        None if known.len() <= 12 => error.labelled("not known here").helped(format!("known: {}", known.join(", "))),
        None => error.labelled("not known here"),
    }
}

/// The known name most like another, if one is near.
pub(crate) fn nearest<'n>(name: &str, known: &'n [String]) -> Option<&'n String> {
    let wanted = name.to_lowercase();
    let likeness = |known: &String| {
        let known = known.to_lowercase();
        let last = known.rsplit('.').next().unwrap_or_default().to_owned();
        strsim::jaro_winkler(&wanted, &known).max(strsim::jaro_winkler(&wanted, &last))
    };
    known
        .iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, known)| known)
}
