//! A list for people.

use std::io::{self, Write};

use query::answer::{List, Value};

use super::format::NumberFormat;
use super::grid::{Grid, Heading, Line, Side};
use super::number::Digits;
use super::screen::Screen;
use super::text;

/// The narrowest that a column of texts is folded to.
const FOLDED: usize = 20;

/// Writes the list; on a screen too narrow for it, its widest column of texts is folded.
pub fn write(out: &mut dyn Write, list: &List, screen: Screen) -> io::Result<()> {
    let shown = screen.rows.map_or(list.rows.len(), |rows| rows.min(list.rows.len()));
    let mut grid = grid(list, shown);
    if let Some(width) = screen.width {
        fold(&mut grid, width);
    }
    grid.write(out, Screen { width: None, ..screen })?;
    match list.rows.len() - shown {
        0 if list.rows.is_empty() => writeln!(out, "(none)"),
        0 => Ok(()),
        hidden => writeln!(out, "… {hidden} more rows; --output FILE or .format csv shows all"),
    }
}

/// The list's first rows as a grid.
pub fn grid(list: &List, shown: usize) -> Grid {
    let headings = list.columns.iter().enumerate();
    let headings = headings.map(|(at, name)| Heading { text: text::one_line(name), over: at..at + 1 });
    Grid {
        frozen: Vec::new(),
        headings: vec![headings.collect()],
        sides: (0..list.columns.len()).map(|at| side(list, at)).collect(),
        lines: list.rows.iter().take(shown).map(|row| line(list, row)).collect(),
    }
}

fn line(list: &List, row: &[Value]) -> Line {
    let show = |(column, value): (&String, &Value)| text::one_line(&shown_in(column, value));
    Line { texts: list.columns.iter().zip(row).map(show).collect(), ..Line::default() }
}

/// A value under the name of its column: `gap %` holds shares.
fn shown_in(column: &str, value: &Value) -> String {
    match value {
        Value::Ratio(ratio) if column.ends_with('%') => {
            Digits::ratio(*ratio).map(|digits| NumberFormat::percent(1).apply(digits)).unwrap_or_default()
        }
        other => text::people(other),
    }
}

/// Numbers stand to the right.
fn side(list: &List, column: usize) -> Side {
    let text = |row: &Vec<Value>| matches!(row.get(column), Some(Value::Text(_) | Value::Flag(_)));
    let number = |row: &Vec<Value>| matches!(row.get(column), Some(Value::Exact { .. } | Value::Ratio(_)));
    if list.rows.iter().any(number) && !list.rows.iter().any(text) { Side::Right } else { Side::Left }
}

/// Breaks the widest column of texts into lines so that the whole fits the screen.
fn fold(grid: &mut Grid, screen: usize) {
    let excess = grid.total_width().saturating_sub(screen);
    let widths = grid.widths();
    let texts = widths.iter().enumerate().filter(|(at, _)| grid.sides[*at] == Side::Left);
    let Some((column, widest)) = texts.max_by_key(|(_, width)| **width) else {
        return;
    };
    let room = widest.saturating_sub(excess);
    if excess == 0 || room < FOLDED {
        return;
    }
    let lines = std::mem::take(&mut grid.lines);
    grid.lines = lines.into_iter().flat_map(|line| folded(line, column, room)).collect();
}

fn folded(line: Line, column: usize, room: usize) -> Vec<Line> {
    let parts = broken(line.texts.get(column).map_or("", String::as_str), room);
    let mut lines = Vec::new();
    for (at, part) in parts.into_iter().enumerate() {
        let mut texts = match at {
            0 => line.texts.clone(),
            _ => vec![String::new(); line.texts.len()],
        };
        if let Some(text) = texts.get_mut(column) {
            *text = part;
        }
        lines.push(Line { texts, ..line });
    }
    lines
}

/// The text in lines of at most this width, broken between words where there are any.
fn broken(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_inclusive(' ') {
        for piece in pieces(word, room) {
            let current = lines.last().map_or(0, |line| text::width(line));
            if current > 0 && current + text::width(piece.trim_end()) > room {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.push_str(piece);
            }
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_string()).collect()
}

/// A word cut where it is wider than the room.
fn pieces(word: &str, room: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut used) = (0, 0);
    for (at, c) in word.char_indices() {
        let wide = text::width(&word[at..at + c.len_utf8()]);
        if used + wide > room && c != ' ' {
            pieces.push(&word[start..at]);
            (start, used) = (at, 0);
        }
        used += wide;
    }
    pieces.push(&word[start..]);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> List {
        let row = |operation, statement: &str| {
            vec![Value::Exact { units: operation, scale: 0 }, Value::Text(statement.into())]
        };
        List {
            columns: vec!["operation".into(), "statement".into()],
            rows: vec![row(1, "load 'facts.csv'"), row(12, "set cost to 1.2M\nwhere plan, Marketing")],
            notes: Vec::new(),
        }
    }

    fn drawn(list: &List, screen: Screen) -> String {
        let mut out = Vec::new();
        write(&mut out, list, screen).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lists_are_aligned() {
        let expected = "\
operation  statement
─────────────────────────────────────────────────
        1  load 'facts.csv'
       12  set cost to 1.2M where plan, Marketing
";
        assert_eq!(drawn(&list(), Screen::default()), expected);
    }

    #[test]
    fn a_narrow_screen_folds_the_widest_text() {
        let screen = Screen { width: Some(36), ..Screen::default() };
        let expected = "\
operation  statement
─────────────────────────────────
        1  load 'facts.csv'
       12  set cost to 1.2M where
           plan, Marketing
";
        assert_eq!(drawn(&list(), screen), expected);
    }

    #[test]
    fn an_empty_list_says_so() {
        let list = List { rows: Vec::new(), ..list() };
        assert!(drawn(&list, Screen::default()).ends_with("(none)\n"));
    }

    #[test]
    fn long_lists_say_what_is_hidden() {
        let screen = Screen { rows: Some(1), ..Screen::default() };
        assert!(drawn(&list(), screen).contains("… 1 more rows"));
    }
}
