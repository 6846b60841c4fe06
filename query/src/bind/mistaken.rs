//! Names that stand for something, only not for what is due where they stand.

use super::name::{Meaning, Names, text};
use crate::error::{Error, ErrorKind};
use crate::syntax::ast::{NameKind, Path};
use engine::calendar::{Grain, Written, read_period, weeks_of_year};
use engine::dimension::Kind;
use engine::id::DimensionId;

impl Names<'_> {
    /// The error for the name of something else where a measure is due.
    pub(super) fn not_a_measure(&self, path: &Path) -> Option<Error> {
        let name = text(path);
        let measure = self.schema.measures().first().map_or("cost", |measure| measure.name.as_str());
        let (what, help) = match self.of_member(path, None) {
            Some(dimension) => (
                format!("a member of {dimension}"),
                format!("select it with `where {name}`, or in brackets behind a measure: {measure}[{name}]"),
            ),
            None => (self.of_subject(path)?, format!("rows come after `by`: show {measure} by {name}")),
        };
        Some(self.mistaken(path, &what, "a measure").labelled("expected a measure").helped(help))
    }

    /// The error for the name of something else where a member is due, of one dimension or of any.
    pub(super) fn not_a_member(&self, path: &Path, within: Option<DimensionId>) -> Option<Error> {
        let name = text(path);
        let due = within.map(|id| format!("a member of {}", self.schema.dimension(id).name));
        let due = due.as_deref().unwrap_or("a member");
        if let Some(dimension) = within.and_then(|_| self.of_member(path, None)) {
            let error = self.mistaken(path, &format!("a member of {dimension}"), due);
            return Some(error.labelled(format!("expected {due}")));
        }
        if let Some(what) = self.of_subject(path) {
            let error = self.mistaken(path, &what, due).labelled(format!("expected {due}"));
            return Some(error.helped(format!("to see the members: members of {}", self.dimension_name(path)?)));
        }
        self.schema.find_measure(&name)?;
        let error = self.mistaken(path, "a measure", due).labelled(format!("expected {due}"));
        Some(error.helped(format!("rows are kept by their values with `having`: having {name} > 0")))
    }

    /// The error for a period that the calendar does not have.
    pub(super) fn no_period(&self, path: &Path, within: Option<DimensionId>) -> Option<Error> {
        let name = path.names.last().filter(|name| name.kind == NameKind::Period)?;
        let time = self.schema.time()?;
        let dimension = self.schema.dimension(time);
        let Kind::Time(calendar) = dimension.kind else { return None };
        if within.is_some_and(|within| within != time) {
            let due = format!("a member of {}", self.schema.dimension(within?).name);
            let error = self.mistaken(path, "a period", &due);
            return Some(error.labelled(format!("expected {due}")));
        }
        let fiscal = name.text.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("FY"));
        if fiscal && calendar.fiscal_start == 1 {
            let message = format!("{} has no fiscal years", dimension.name);
            return Some(
                Error::new(ErrorKind::Name, message, Some(path.span())).labelled("expected, for example, 2026"),
            );
        }
        let [first, last] = calendar.bounds();
        let (message, label) = match read_period(&name.text) {
            Some(Written::Part { grain: Grain::Week, .. }) if calendar.weeks.is_none() => {
                ("months, no weeks".to_owned(), format!("expected a period from {first} to {last}"))
            }
            Some(Written::Part { grain: Grain::Week, year, .. }) if calendar.read(&name.text).is_none() => {
                (format!("no {}", name.text), format!("{year} has {} weeks", weeks_of_year(year)))
            }
            _ => (format!("no {}", name.text), format!("the calendar runs from {first} to {last}")),
        };
        let message = format!("{} has {message}", dimension.name);
        Some(Error::new(ErrorKind::Name, message, Some(path.span())).labelled(label))
    }

    /// The error for `Q2` or `january`, a part of a year without it.
    pub(super) fn no_year(&self, path: &Path, within: Option<DimensionId>) -> Option<Error> {
        let [name] = path.names.as_slice() else { return None };
        let time = self.schema.time().filter(|time| within.is_none_or(|within| within == *time))?;
        let Kind::Time(calendar) = self.schema.dimension(time).kind else { return None };
        let [_, last] = calendar.bounds();
        let year = last.get(..4)?;
        let Written::Part { grain, number, fiscal: false, .. } = read_period(&format!("{} {year}", name.text))? else {
            return None;
        };
        let part = grain.part(number).filter(|_| grain != Grain::Week)?;
        let message = format!("\"{}\" is a part of a year, and no year is named", name.text);
        let label = format!("expected the period with its year: {year}-{part}");
        Some(Error::new(ErrorKind::Name, message, Some(path.span())).labelled(label))
    }

    fn mistaken(&self, path: &Path, what: &str, due: &str) -> Error {
        Error::new(ErrorKind::Name, format!("\"{}\" is {what}, not {due}", text(path)), Some(path.span()))
    }

    /// The dimension of the members of a name; none where there are none.
    fn of_member(&self, path: &Path, within: Option<DimensionId>) -> Option<&str> {
        let id = self.ids(within).find(|id| !self.members_in(path, *id).is_empty())?;
        Some(&self.schema.dimension(id).name)
    }

    /// What a name is if it is a dimension, a level or an attribute.
    fn of_subject(&self, path: &Path) -> Option<String> {
        let name = |id: DimensionId| self.schema.dimension(id).name.as_str();
        match self.find_subject(path)? {
            Meaning::Dimension(_) => Some("a dimension".to_owned()),
            Meaning::Level(id, _) if name(id).eq_ignore_ascii_case(&text(path)) => Some("a dimension".to_owned()),
            Meaning::Level(id, _) => Some(format!("a level of {}", name(id))),
            Meaning::Attribute(id, _) => Some(format!("an attribute of {}", name(id))),
            Meaning::Member { .. } => None,
        }
    }

    fn dimension_name(&self, path: &Path) -> Option<&str> {
        match self.find_subject(path)? {
            Meaning::Dimension(id) | Meaning::Level(id, _) | Meaning::Attribute(id, _) => {
                Some(&self.schema.dimension(id).name)
            }
            Meaning::Member { .. } => None,
        }
    }
}
