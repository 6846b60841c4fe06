//! What could come next: keywords where the grammar allows them, names where a name could stand.

use crate::syntax::ast::{Name, NameKind};
use crate::syntax::{KEYWORDS, next_words};
use engine::dimension::Dimension;
use engine::schema::Schema;

/// The most candidates offered.
const MOST: usize = 200;

/// Something that could stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What is inserted.
    pub text: String,
    /// What it is.
    pub description: String,
}

pub(super) fn complete(schema: &Schema, text: &str, position: usize) -> (usize, Vec<Candidate>) {
    let next = next_words(text, position);
    let describe = |keyword: &str| KEYWORDS.iter().find(|(known, _)| *known == keyword).map_or("", |(_, what)| *what);
    let mut candidates: Vec<Candidate> = next
        .keywords
        .iter()
        .map(|keyword| Candidate { text: (*keyword).to_owned(), description: describe(keyword).to_owned() })
        .collect();
    if next.names {
        candidates.extend(names(schema, next.prefix.trim_start_matches('"')));
    }
    if next.views {
        candidates.extend(views(schema, next.prefix.trim_start_matches('"')));
    }
    candidates.truncate(MOST);
    (next.start, candidates)
}

fn views(schema: &Schema, prefix: &str) -> impl Iterator<Item = Candidate> {
    let prefix = prefix.to_lowercase();
    let fits = schema.views().iter().filter(move |view| view.name.to_lowercase().starts_with(&prefix));
    fits.map(|view| Candidate { text: written(&view.name), description: view.question.clone() })
}

fn names(schema: &Schema, prefix: &str) -> Vec<Candidate> {
    let prefix = prefix.to_lowercase();
    let mut found = Vec::new();
    let mut offer = |name: &str, description: String| {
        if name.to_lowercase().starts_with(&prefix) {
            found.push(Candidate { text: written(name), description });
        }
    };
    for measure in schema.measures() {
        offer(&measure.name, "measure".into());
    }
    for definition in schema.definitions() {
        offer(&definition.name, "definition".into());
    }
    for dimension in schema.dimensions() {
        offer(&dimension.name, "dimension".into());
        for level in dimension.hierarchies().iter().flat_map(|tree| &tree.levels) {
            if !level.eq_ignore_ascii_case(&dimension.name) {
                offer(level, format!("level of {}", dimension.name));
            }
        }
        for member in dimension.ordered() {
            offer(&dimension.member(member).name, member_text(dimension, member));
        }
    }
    found
}

fn member_text(dimension: &Dimension, member: engine::id::MemberId) -> String {
    match dimension.level_name(member) {
        Some(level) if !level.eq_ignore_ascii_case(&dimension.name) => format!("{level} of {}", dimension.name),
        _ => dimension.name.clone(),
    }
}

/// A name as it is written in a statement: quoted where it must be.
fn written(name: &str) -> String {
    let period = name.chars().next().is_some_and(|first| first.is_ascii_digit());
    let plain = period && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    let kind = if plain { NameKind::Period } else { NameKind::Bare };
    Name { text: name.to_owned(), kind, span: 0..0 }.to_string()
}
