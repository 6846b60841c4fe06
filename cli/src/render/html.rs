//! Answers as HTML tables, to be opened in a browser or pasted into a page.

use std::io::{self, Write};

use query::answer::Answer;

use super::grid::{Grid, Line, Side};
use super::screen::Screen;
use super::text::entity;

/// What stands before the first answer.
const START: &str = "<!DOCTYPE html>
<html>
<head>
<meta charset=\"utf-8\">
<title>plancube</title>
<style>
table { border-collapse: collapse; font-family: sans-serif; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: bold; }
th, td { padding: 0.2em 0.7em; text-align: left; border-bottom: 1px solid #ddd; }
.number { text-align: right; }
.total { font-weight: bold; }
</style>
</head>
";

/// Writes what stands before the first answer.
pub fn start(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(START.as_bytes())
}

/// Writes a table, or a receipt as text.
pub fn write(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    let Some((title, grid)) = super::whole_grid(answer) else {
        return receipt(out, answer);
    };
    writeln!(out, "<table>")?;
    if let Some(title) = title {
        writeln!(out, "<caption>{}</caption>", escaped(&title))?;
    }
    writeln!(out, "<thead>")?;
    headings(out, &grid)?;
    writeln!(out, "</thead>\n<tbody>")?;
    for line in &grid.lines {
        body_line(out, &grid, line)?;
    }
    writeln!(out, "</tbody>\n</table>")
}

fn receipt(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    let mut text = Vec::new();
    super::people(&mut text, answer, Screen::default())?;
    writeln!(out, "<pre>{}</pre>", escaped(String::from_utf8_lossy(&text).trim_end()))
}

/// A line for each level of headings; those of the rows stand in the last.
fn headings(out: &mut dyn Write, grid: &Grid) -> io::Result<()> {
    let last = grid.headings.len().saturating_sub(1);
    for (level, headings) in grid.headings.iter().enumerate() {
        write!(out, "<tr>")?;
        for text in &grid.frozen {
            write!(out, "<th>{}</th>", escaped(if level == last { text } else { "" }))?;
        }
        for heading in headings {
            let side = if heading.over.len() == 1 { class(grid, heading.over.start) } else { "" };
            let span = match heading.over.len() {
                1 => String::new(),
                columns => format!(" colspan=\"{columns}\""),
            };
            write!(out, "<th{span}{side}>{}</th>", escaped(&heading.text))?;
        }
        writeln!(out, "</tr>")?;
    }
    Ok(())
}

fn body_line(out: &mut dyn Write, grid: &Grid, line: &Line) -> io::Result<()> {
    write!(out, "<tr{}>", if line.strong { " class=\"total\"" } else { "" })?;
    for (place, text) in line.texts.iter().enumerate() {
        match place.checked_sub(grid.frozen.len()) {
            None => write!(out, "<td>{}</td>", escaped(text))?,
            Some(column) => write!(out, "<td{}>{}</td>", class(grid, column), escaped(text))?,
        }
    }
    writeln!(out, "</tr>")
}

fn class(grid: &Grid, column: usize) -> &'static str {
    match grid.sides.get(column) {
        Some(Side::Right) => " class=\"number\"",
        _ => "",
    }
}

/// The text without what HTML would take for markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match (letter, entity(letter)) {
            (_, Some(entity)) => safe.push_str(entity),
            ('"', _) => safe.push_str("&quot;"),
            (other, _) => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn drawn(answer: &Answer) -> String {
        let mut out = Vec::new();
        write(&mut out, answer).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_pivot_is_a_table() {
        let text = drawn(&Answer::Cells(samples::pivot()));
        assert!(text.starts_with("<table>\n<caption>cost (USD)</caption>\n<thead>\n<tr><th>division</th>"), "{text}");
        assert!(text.contains("<td class=\"number\">1,234.50</td><td class=\"number\"></td></tr>"), "{text}");
        assert!(text.contains("<tr class=\"total\"><td>Total</td>"), "{text}");
    }

    #[test]
    fn a_heading_spans_its_measures() {
        let text = drawn(&Answer::Cells(samples::two_measures()));
        assert!(text.contains("<th colspan=\"2\">actual</th>"), "{text}");
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escaped("<b> & \"c\""), "&lt;b&gt; &amp; &quot;c&quot;");
    }
}
