//! Wide files: columns whose headings are members become rows.
//!
//! `(Dept -> department, 2024.. -> period as cost)` makes of each row one row for each column from `2024` on, with
//! the heading in a column of its own and the field in another. What comes after sees a long file only;
//! [`Source`] finds the rows and columns of the file again for messages.

use super::column::{BLANK, Texts, text_of, texts};
use super::members::{Coordinate, Resolved, unknown_member};
use crate::bind::{Meaning, Names};
use crate::error::{Error, ErrorKind, Result};
use crate::syntax::ast::{Load, Mapping, Name, NameKind, Path, Until, Wide};
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt32Array};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the columns that are made are called; no file's column can be, as brackets need quotes.
const HEADING: &str = "(heading)";
const FIELD: &str = "(field)";

/// The file as it is, beside the rows made of it.
pub(super) struct Source<'a> {
    file: &'a RecordBatch,
    /// The columns that became rows; none where the file is long already.
    wide: Vec<usize>,
    /// How many columns each row keeps.
    kept: usize,
}

impl<'a> Source<'a> {
    /// A file that is long already.
    pub fn long(file: &'a RecordBatch) -> Self {
        Source { file, wide: Vec::new(), kept: file.num_columns() }
    }

    /// The file's batch.
    pub fn file(&self) -> &'a RecordBatch {
        self.file
    }

    /// The row of the file that a row was made of.
    pub fn row(&self, row: usize) -> usize {
        row / self.wide.len().max(1)
    }

    /// The name of the file's column that a field was taken from.
    pub fn column(&self, batch: &RecordBatch, row: usize, column: usize) -> String {
        match self.wide.get(row % self.wide.len().max(1)) {
            Some(place) if column >= self.kept => self.file.schema().field(*place).name().clone(),
            _ => batch.schema().field(column).name().clone(),
        }
    }

    /// Whether columns became rows.
    pub fn is_wide(&self) -> bool {
        !self.wide.is_empty()
    }
}

/// The long form of a wide file: its rows, the load that takes them, and where they come from.
///
/// Errors: a column that is not there, a heading that is no member, two targets.
pub(super) fn lengthen<'a>(
    names: Names,
    load: &Load,
    file: &'a RecordBatch,
) -> Result<Option<(RecordBatch, Load, Source<'a>)>> {
    let Some(first) = load.wide.first() else { return Ok(None) };
    if let Some(other) =
        load.wide.iter().find(|wide| !same(&wide.target, &first.target) || !same(&wide.measure, &first.measure))
    {
        let message = "all columns that become rows have one dimension and one measure";
        return Err(Error::new(ErrorKind::Refused, message, Some(other.target.span()))
            .helped("load the file once for each measure"));
    }
    let mut places = BTreeSet::new();
    for wide in &load.wide {
        places.extend(columns(load, wide, file)?);
    }
    let wide: Vec<usize> = places.into_iter().collect();
    check_headings(names, load, first, file, &wide)?;
    let kept: Vec<usize> = (0..file.num_columns()).filter(|place| !wide.contains(place)).collect();
    let source = Source { file, kept: kept.len(), wide };
    let batch = rows(&source, &kept)?;
    let made = |column: &str, target: &Path| Mapping {
        column: Name { text: column.to_owned(), kind: NameKind::Quoted, span: first.first.span.clone() },
        target: target.clone(),
    };
    let mut load = load.clone();
    load.mapping.push(made(HEADING, &first.target));
    load.mapping.push(made(FIELD, &first.measure));
    Ok(Some((batch, load, source)))
}

fn same(one: &Path, other: &Path) -> bool {
    one.to_string().eq_ignore_ascii_case(&other.to_string())
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

/// Refuses headings that are no members, unless the load may make them. Headings at a level may need
/// other columns to be understood, as `Jan` a year: they are left to the rows.
fn check_headings(names: Names, load: &Load, wide: &Wide, file: &RecordBatch, places: &[usize]) -> Result<()> {
    let Ok(Meaning::Dimension(id)) = names.subject(&wide.target) else { return Ok(()) };
    let dimension = names.schema.dimension(id);
    let is_time = matches!(dimension.kind, engine::dimension::Kind::Time(_));
    if load.creating_members && !is_time {
        return Ok(());
    }
    let schema = file.schema();
    let distinct: Vec<String> = places.iter().map(|place| schema.field(*place).name().trim().to_owned()).collect();
    let codes = (0..distinct.len() as u32).collect();
    let coordinate = Coordinate { columns: vec![(None, Texts { codes, distinct: distinct.clone() })] };
    let unknown = |code: &usize| matches!(coordinate.resolve(dimension, &vec![*code as u32]), Resolved::Unknown(_));
    let bad: Vec<&String> = (0..distinct.len()).filter(unknown).filter_map(|code| distinct.get(code)).collect();
    let Some(first) = bad.first() else { return Ok(()) };
    let problem = unknown_member(dimension, Some(first));
    let span = wide.first.span.start..wide.measure.span().end;
    let mut error =
        Error::new(ErrorKind::Refused, format!("{}, column {first}: \"{first}\" {problem}", load.file), Some(span))
            .labelled(match bad.len() {
                1 => "one heading is none; nothing was loaded".to_owned(),
                count => format!("{count} headings are none; nothing was loaded"),
            });
    if bad.len() > 1 {
        let others: Vec<&str> = bad.iter().skip(1).map(|text| text.as_str()).collect();
        error = error.helped(format!("nor are: {}", others.join(", ")));
    }
    Err(error.helped(format!("name the last column too: FIRST..LAST -> {} as {}", wide.target, wide.measure)))
}

/// One row for each row of the file and each wide column.
fn rows(source: &Source, kept: &[usize]) -> Result<RecordBatch> {
    let file = source.file;
    let schema = file.schema();
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    for place in kept {
        columns.push((schema.field(*place).name().clone(), repeated(file.column(*place), source.wide.len())));
    }
    let each = || (0..file.num_rows()).flat_map(|row| source.wide.iter().map(move |place| (row, *place)));
    let headings: DictionaryArray<UInt32Type> =
        each().map(|(_, place)| Some(schema.field(place).name().as_str())).collect();
    columns.push((HEADING.to_owned(), Arc::new(headings)));
    let fields: Vec<Option<String>> = each().map(|(row, place)| text_of(file.column(place), row)).collect();
    let fields: DictionaryArray<UInt32Type> = fields.iter().map(Option::as_deref).collect();
    columns.push((FIELD.to_owned(), Arc::new(fields)));
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
