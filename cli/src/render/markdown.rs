//! Answers as Markdown, in the dialect that has tables.

use std::io::{self, Write};

use query::answer::Answer;

use super::grid::{Grid, Side};
use super::screen::Screen;
use super::text::entity;

/// Writes a table, or a receipt as a block of text.
pub fn write(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    let Some((title, grid)) = super::whole_grid(answer) else {
        return receipt(out, answer);
    };
    if let Some(title) = title {
        writeln!(out, "**{}**\n", escaped(&title))?;
    }
    line(out, &headings(&grid))?;
    let sides = grid.frozen.iter().map(|_| Side::Left).chain(grid.sides.iter().copied());
    let rules = sides.map(|side| if side == Side::Left { "---".to_owned() } else { "--:".to_owned() });
    line(out, &rules.collect::<Vec<_>>())?;
    for row in &grid.lines {
        let fields = row.texts.iter().map(|text| field(text, row.strong));
        line(out, &fields.collect::<Vec<_>>())?;
    }
    Ok(())
}

fn receipt(out: &mut dyn Write, answer: &Answer) -> io::Result<()> {
    writeln!(out, "```")?;
    super::people(out, answer, Screen::default())?;
    writeln!(out, "```")
}

/// One heading for each column: the lines of headings over it joined with `/`.
fn headings(grid: &Grid) -> Vec<String> {
    let over = |column: usize| {
        let levels = grid.headings.iter();
        let texts = levels.filter_map(|level| level.iter().find(|heading| heading.over.contains(&column)));
        let texts = texts.map(|heading| heading.text.as_str()).filter(|text| !text.is_empty());
        texts.collect::<Vec<_>>().join(" / ")
    };
    let frozen = grid.frozen.iter().map(|text| escaped(text));
    frozen.chain((0..grid.sides.len()).map(|column| escaped(&over(column)))).collect()
}

fn field(text: &str, strong: bool) -> String {
    if strong && !text.is_empty() { format!("**{}**", escaped(text)) } else { escaped(text) }
}

fn line(out: &mut dyn Write, fields: &[String]) -> io::Result<()> {
    writeln!(out, "| {} |", fields.join(" | "))
}

/// The text without what Markdown would take for markup.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match (letter, entity(letter)) {
            (_, Some(entity)) => safe.push_str(entity),
            ('|' | '*' | '_' | '`' | '\\' | '[' | ']' | '~', _) => safe.extend(['\\', letter]),
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
        let expected = "\
**cost (USD)**

| division | department | 2026-Q1 | 2026-Q2 |
| --- | --- | --: | --: |
| Product | Engineering | 1,234.50 |  |
|  | Design | -0.05 | 200.00 |
|  | **Total** | **1,234.45** | **200.00** |
| **Total** |  | **1,234.45** | **200.00** |
";
        assert_eq!(drawn(&Answer::Cells(samples::pivot())), expected);
    }

    #[test]
    fn headings_of_several_lines_are_joined() {
        let text = drawn(&Answer::Cells(samples::two_measures()));
        assert!(text.starts_with("| project | actual / revenue (USD) | actual / margin |"), "{text}");
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escaped("a|b *c* <d> & e_f"), "a\\|b \\*c\\* &lt;d&gt; &amp; e\\_f");
    }
}
