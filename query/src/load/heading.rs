//! The headings of a wide file: which member each means, and which measure, where there are several.
//!
//! With one measure a heading is a member, as `2024-01`; or it names the measure as well, as
//! `cost 2024-01`. With several a heading that names one, before or behind the member, is a column of
//! that one alone, so that `cost 2024-01.. -> period as cost` leaves the columns of others out.

use super::column::Texts;
use super::members::{Coordinate, Resolved};
use crate::bind::{Meaning, Names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Load, Name, Path, Until, Wide};
use arrow_array::RecordBatch;
use engine::id::MemberId;

/// What parts a measure from a member in a heading.
const BETWEEN: [char; 7] = [' ', '_', '-', '/', ':', '.', ','];

/// One member that columns of a wide file are headed by.
pub(super) struct Heading {
    /// The member as the heading writes it.
    pub member: String,
    /// Which it is, where it is known by its name alone.
    id: Option<MemberId>,
    /// For each measure its column.
    columns: Vec<Option<usize>>,
}

impl Heading {
    /// The column of a measure.
    pub fn column(&self, measure: usize) -> Option<usize> {
        self.columns.get(measure).copied().flatten()
    }

    /// The first of its columns.
    pub fn first(&self) -> Option<usize> {
        self.columns.iter().flatten().min().copied()
    }

    /// Whether a column is one of its.
    pub fn has(&self, column: usize) -> bool {
        self.columns.contains(&Some(column))
    }
}

/// The headings of all columns that become rows, in the order of the file.
///
/// Errors: a column that is not there, or that two measures claim; no column for a measure.
pub(super) fn headings(names: Names, load: &Load, measures: &[Path], file: &RecordBatch) -> Result<Vec<Heading>> {
    let mut found: Vec<Heading> = Vec::new();
    for wide in &load.wide {
        let measure = measures.iter().position(|known| same(known, &wide.measure)).unwrap_or(0);
        let before = found.iter().filter(|heading| heading.column(measure).is_some()).count();
        for place in columns(load, wide, file)? {
            let text = file.schema().field(place).name().trim().to_owned();
            let (member, named) = parted(names, wide, measures, &text);
            if named.is_some_and(|named| named != measure) {
                continue;
            }
            let id = member_of(names, wide, &member);
            put(&mut found, measures, wide, (Heading { member, id, columns: Vec::new() }, measure, place))?;
        }
        if found.iter().filter(|heading| heading.column(measure).is_some()).count() == before {
            let message = format!("no column named here is one of {}", wide.measure);
            return Err(Error::new(ErrorKind::Refused, message, Some(wide.first.span.clone()))
                .labelled("its headings name other measures"));
        }
    }
    found.sort_by_key(Heading::first);
    Ok(found)
}

/// Puts a column under its heading.
fn put(
    found: &mut Vec<Heading>,
    measures: &[Path],
    wide: &Wide,
    (new, measure, place): (Heading, usize, usize),
) -> Result<()> {
    if let Some(other) =
        found.iter().find_map(|h| (0..measures.len()).find(|m| *m != measure && h.column(*m) == Some(place)))
    {
        let message = format!("column {} is given as {} and as {}", wide.first, measures[other], wide.measure);
        return Err(Error::new(ErrorKind::Refused, message, Some(wide.measure.span()))
            .labelled("its heading names neither")
            .helped("a column is one measure; where the heading names it, it goes to that one"));
    }
    let same_member = |known: &Heading| known.member == new.member || new.id.is_some() && known.id == new.id;
    let is_free = |known: &Heading| known.column(measure).is_none_or(|column| column == place);
    match found.iter_mut().find(|heading| same_member(heading) && is_free(heading)) {
        Some(heading) => heading.columns[measure] = Some(place),
        None => {
            let mut columns = vec![None; measures.len()];
            columns[measure] = Some(place);
            found.push(Heading { columns, ..new });
        }
    }
    Ok(())
}

/// A heading's member, and the measure that it names beside it.
fn parted(names: Names, wide: &Wide, measures: &[Path], heading: &str) -> (String, Option<usize>) {
    let whole = || (heading.to_owned(), None);
    if member_of(names, wide, heading).is_some() {
        return whole();
    }
    let rest = |measure: &Path| Some(beside(heading, &measure.names.last()?.text)?.to_owned());
    let named = measures.iter().enumerate().filter_map(|(place, measure)| Some((rest(measure)?, Some(place))));
    // The longest name counts: what it leaves is the shortest.
    let Some(found) = named.min_by_key(|(rest, _)| rest.len()) else { return whole() };
    if measures.len() > 1 || member_of(names, wide, &found.0).is_some() { found } else { whole() }
}

/// What stands before or behind a name in a heading.
fn beside<'h>(heading: &'h str, name: &str) -> Option<&'h str> {
    let is_name = |part: Option<&str>| part.is_some_and(|part| part.eq_ignore_ascii_case(name));
    let behind = heading.get(name.len()..).filter(|_| is_name(heading.get(..name.len())));
    let end = heading.len().checked_sub(name.len());
    let before = end.and_then(|end| heading.get(..end).filter(|_| is_name(heading.get(end..))));
    let rest = behind.filter(|rest| rest.starts_with(BETWEEN)).or(before.filter(|rest| rest.ends_with(BETWEEN)));
    rest.map(|rest| rest.trim_matches(BETWEEN)).filter(|rest| !rest.is_empty())
}

/// The member that a text names, where headings are members of a dimension.
fn member_of(names: Names, wide: &Wide, text: &str) -> Option<MemberId> {
    let Ok(Meaning::Dimension(id)) = names.subject(&wide.target) else { return None };
    let texts = Texts { codes: vec![0], distinct: vec![text.to_owned()] };
    let coordinate = Coordinate { columns: vec![(None, texts)] };
    match coordinate.resolve(names.schema.dimension(id), &vec![0]) {
        Resolved::Member(member) => Some(member),
        Resolved::Unknown(_) => None,
    }
}

/// The places of the columns that an entry names.
fn columns(load: &Load, wide: &Wide, file: &RecordBatch) -> Result<Vec<usize>> {
    let first = place(file, &wide.first)?;
    let last = match &wide.until {
        Until::Itself => first,
        Until::End => file.num_columns() - 1,
        Until::Column(last) => place(file, last)?,
    };
    if last < first {
        let span = wide.first.span.start..wide.target.span().start;
        return Err(Error::new(ErrorKind::Refused, "the last column stands before the first", Some(span)));
    }
    let schema = file.schema();
    let mapped = |place: &usize| {
        load.mapping.iter().any(|mapping| mapping.column.text.eq_ignore_ascii_case(schema.field(*place).name()))
    };
    Ok((first..=last).filter(|place| !mapped(place)).collect())
}

fn place(file: &RecordBatch, name: &Name) -> Result<usize> {
    let schema = file.schema();
    let found = schema.fields().iter().position(|field| field.name().eq_ignore_ascii_case(&name.text));
    found.ok_or_else(|| {
        let known: Vec<String> = schema.fields().iter().map(|field| field.name().clone()).collect();
        crate::bind::unknown("column", &name.text, name.span.clone(), &known)
    })
}

/// Whether two paths are the same words, in any case.
pub(super) fn same(one: &Path, other: &Path) -> bool {
    one.to_string().eq_ignore_ascii_case(&other.to_string())
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn a_measure_is_parted_from_the_member_beside_it() {
        for heading in ["cost 2024-01", "Cost_2024-01", "2024-01 cost", "cost: 2024-01", "2024-01/COST"] {
            assert_eq!(beside(heading, "cost"), Some("2024-01"), "{heading}");
        }
        for heading in ["costs 2024-01", "2024-01", "cost", "cost ", "Größe 2024", ""] {
            assert_eq!(beside(heading, "cost"), None, "{heading}");
        }
    }
}
