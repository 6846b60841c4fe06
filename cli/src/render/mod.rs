//! How answers look: tables, Markdown and HTML for people, the others for programs.
//!
//! Each renderer writes one answer to a stream. None of them knows of terminals, files or exit
//! statuses: how wide the screen is, and whether there is one, comes in with [`Screen`].

mod change;
pub mod columns;
pub mod csv;
mod format;
mod grid;
pub mod html;
pub mod json;
mod list;
mod load;
pub mod markdown;
mod number;
#[cfg(test)]
mod samples;
mod screen;
mod sheet;
mod table;
mod text;

use std::io::{self, Write};

use query::answer::Answer;

use self::grid::Grid;

pub use self::screen::Screen;
pub use self::sheet::Sheet;
pub use self::text::safe;

/// Writes an answer as text for people.
pub fn people(out: &mut dyn Write, answer: &Answer, screen: Screen) -> io::Result<()> {
    match answer {
        Answer::Cells(cells) => table::write(out, cells, screen),
        Answer::List(list) => list::write(out, list, screen),
        Answer::Change(receipt) => change::write(out, receipt),
        Answer::Load(receipt) => load::write(out, receipt),
        Answer::Nothing { .. } | Answer::Warned { .. } => Ok(()),
    }
}

/// What is said beside an answer.
pub fn notes(answer: &Answer) -> &[String] {
    match answer {
        Answer::Cells(cells) => &cells.notes,
        Answer::List(list) => &list.notes,
        Answer::Change(receipt) => &receipt.notes,
        Answer::Load(receipt) => &receipt.notes,
        Answer::Warned { notes } => notes,
        Answer::Nothing { note } if note.is_empty() => &[],
        Answer::Nothing { note } => std::slice::from_ref(note),
    }
}

/// A pivot or a list as a grid with all its rows, and what stands above it; none for receipts.
fn whole_grid(answer: &Answer) -> Option<(Option<String>, Grid)> {
    match answer {
        Answer::Cells(cells) => {
            let title = table::title(cells).map(|measure| text::heading(&measure.name, measure.unit.as_deref()));
            Some((title, table::grid(cells, cells.rows.len())))
        }
        Answer::List(list) => Some((None, list::grid(list, list.rows.len()))),
        _ => None,
    }
}
