//! Wide files: columns whose headings are members become rows.
//!
//! `(Dept -> department, 2024.. -> period as cost)` makes of each row one row for each column from `2024` on, with
//! the heading in a column of its own and the field in another. What comes after sees a long file only;
//! [`Source`] finds the rows and columns of the file again for messages.

use super::column::{BLANK, Texts, text_of, texts};
use super::heading::{Heading, headings, same};
use super::members::{Coordinate, Resolved, unknown_member};
use super::nothing::stands_for_nothing;
use crate::bind::{Meaning, Names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Load, Mapping, Name, NameKind, Path, Wide};
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{Schema, SchemaRef};
use std::sync::Arc;

/// What the columns that are made are called; no file's column can be, as brackets need quotes.
const HEADING: &str = "(heading)";

/// What the rows of a file are made of.
pub(super) struct Source {
    names: SchemaRef,
    /// What became rows; none where the file is long already.
    wide: Vec<Heading>,
    /// How many columns each row keeps.
    kept: usize,
}

impl Source {
    /// A file that is long already.
    pub fn long(file: &RecordBatch) -> Self {
        Source { names: file.schema(), wide: Vec::new(), kept: file.num_columns() }
    }

    /// The names of the file's columns.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.names.fields().iter().map(|field| field.name())
    }

    /// How many rows one row of the file becomes.
    pub fn times(&self) -> usize {
        self.wide.len().max(1)
    }

    /// The row of the file that a row was made of.
    pub fn row(&self, row: usize) -> usize {
        row / self.times()
    }

    /// The name of the file's column that a field was taken from.
    pub fn column(&self, batch: &Schema, row: usize, column: usize) -> String {
        match self.wide.get(row % self.times()) {
            Some(heading) if column >= self.kept => {
                let own = column.checked_sub(self.kept + 1).and_then(|measure| heading.column(measure));
                let place = own.or_else(|| heading.first());
                place.map_or_else(String::new, |place| self.names.field(place).name().clone())
            }
            _ => batch.field(column).name().clone(),
        }
    }

    /// Whether the file has a field for a column of a row: a heading may name one measure and not another.
    pub fn has(&self, row: usize, column: usize) -> bool {
        let measure = column.checked_sub(self.kept + 1);
        match (self.wide.get(row % self.times()), measure) {
            (Some(heading), Some(measure)) => heading.column(measure).is_some(),
            _ => true,
        }
    }

    /// Whether columns became rows.
    pub fn is_wide(&self) -> bool {
        !self.wide.is_empty()
    }
}

fn name_of(batch: &RecordBatch, column: usize) -> String {
    batch.schema().field(column).name().clone()
}

/// The long form of a wide file: its rows, the load that takes them, and where they come from. `file` is
/// the file as it is, `fields` the same without what stands for nothing.
///
/// Errors: a column that is not there, a heading that is no member, two targets.
pub(super) fn lengthen(
    names: Names,
    load: &Load,
    file: &RecordBatch,
    fields: &RecordBatch,
) -> Result<Option<(RecordBatch, Load, Source)>> {
    let Some(first) = load.wide.first() else { return Ok(None) };
    if let Some(other) = load.wide.iter().find(|wide| !same(&wide.target, &first.target)) {
        let message = "all columns that become rows have one dimension";
        return Err(Error::new(ErrorKind::Refused, message, Some(other.target.span()))
            .helped("load the file once for each dimension"));
    }
    let measures = measures(load);
    let wide = headings(names, load, &measures, file)?;
    check_headings(names, load, first, file, &wide)?;
    let kept: Vec<usize> = (0..file.num_columns()).filter(|place| !wide.iter().any(|w| w.has(*place))).collect();
    let source = Source { names: file.schema(), kept: kept.len(), wide };
    let batch = rows(load, &source, &kept, &measures, fields)?;
    let made = |column: String, target: &Path| Mapping {
        column: Name { text: column, kind: NameKind::Quoted, span: first.first.span.clone() },
        target: target.clone(),
        unless: Vec::new(),
    };
    let mut load = load.clone();
    load.mapping.push(made(HEADING.to_owned(), &first.target));
    load.mapping.extend(measures.iter().map(|measure| made(field_of(measure), measure)));
    Ok(Some((batch, load, source)))
}

/// The column that a measure's fields are put into.
fn field_of(measure: &Path) -> String {
    format!("(field {measure})")
}

/// The measures of the columns that become rows, each once.
fn measures(load: &Load) -> Vec<Path> {
    let mut found: Vec<Path> = Vec::new();
    for wide in &load.wide {
        if !found.iter().any(|known| same(known, &wide.measure)) {
            found.push(wide.measure.clone());
        }
    }
    found
}

/// Refuses headings that are no members, unless the load may make them. Headings at a level may need
/// other columns to be understood, as `Jan` a year: they are left to the rows.
fn check_headings(names: Names, load: &Load, wide: &Wide, file: &RecordBatch, headings: &[Heading]) -> Result<()> {
    let Ok(Meaning::Dimension(id)) = names.subject(&wide.target) else { return Ok(()) };
    let dimension = names.schema.dimension(id);
    let is_time = matches!(dimension.kind, engine::dimension::Kind::Time(_));
    if load.creating_members && !is_time {
        return Ok(());
    }
    let distinct: Vec<String> = headings.iter().map(|heading| heading.member.clone()).collect();
    let codes = (0..distinct.len() as u32).collect();
    let coordinate = Coordinate { columns: vec![(None, Texts { codes, distinct })] };
    let unknown = |code: &usize| matches!(coordinate.resolve(dimension, &vec![*code as u32]), Resolved::Unknown(_));
    let bad: Vec<&Heading> = (0..headings.len()).filter(unknown).filter_map(|code| headings.get(code)).collect();
    let Some(first) = bad.first() else { return Ok(()) };
    let problem = unknown_member(dimension, Some(&first.member));
    let column = first.first().map_or_else(String::new, |place| name_of(file, place));
    let span = wide.first.span.start..wide.measure.span().end;
    let message = format!("{}, column {}: \"{}\" {problem}", load.file, column.trim(), first.member);
    let mut error = Error::new(ErrorKind::Refused, message, Some(span)).labelled(match bad.len() {
        1 => "one heading is none; nothing was loaded".to_owned(),
        count => format!("{count} headings are none; nothing was loaded"),
    });
    if bad.len() > 1 {
        let others: Vec<&str> = bad.iter().skip(1).map(|heading| heading.member.as_str()).collect();
        error = error.helped(format!("nor are: {}", others.join(", ")));
    }
    Err(error.helped(format!("name the last column too: FIRST..LAST -> {} as {}", wide.target, wide.measure)))
}

/// One row for each row of the file and each heading.
fn rows(load: &Load, source: &Source, kept: &[usize], measures: &[Path], fields: &RecordBatch) -> Result<RecordBatch> {
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for place in kept {
        columns.push((name_of(fields, *place), repeated(fields.column(*place), source.wide.len())));
    }
    let each = || (0..fields.num_rows()).flat_map(|row| source.wide.iter().map(move |heading| (row, heading)));
    let members: DictionaryArray<UInt32Type> = each().map(|(_, heading)| Some(heading.member.as_str())).collect();
    columns.push((HEADING.to_owned(), Arc::new(members)));
    for (place, measure) in measures.iter().enumerate() {
        let nothing: Vec<_> =
            load.wide.iter().filter(|wide| same(&wide.measure, measure)).flat_map(|wide| &wide.unless).collect();
        let field = |(row, heading): (usize, &Heading)| {
            let text = text_of(fields.column(heading.column(place)?), row)?;
            (!stands_for_nothing(&nothing, &text)).then_some(text)
        };
        let texts: Vec<Option<String>> = each().map(field).collect();
        let texts: DictionaryArray<UInt32Type> = texts.iter().map(Option::as_deref).collect();
        columns.push((field_of(measure), Arc::new(texts)));
    }
    let named = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(named)
        .map_err(|error| Error::new(ErrorKind::Refused, format!("the file cannot be turned: {error}"), None))
}

/// Each field of a column so many times.
fn repeated(column: &ArrayRef, times: usize) -> ArrayRef {
    let texts = texts(column);
    let code = |code: u32| (code != BLANK && !column.is_empty()).then_some(code);
    let codes: UInt32Array = texts.codes.iter().flat_map(|known| std::iter::repeat_n(code(*known), times)).collect();
    Arc::new(DictionaryArray::<UInt32Type>::new(codes, Arc::new(StringArray::from_iter_values(texts.distinct))))
}
