//! A grid of texts: spanning headings, frozen row headings, columns split to fit a screen.

use std::io::{self, Write};
use std::ops::Range;

use super::screen::Screen;
use super::text::width;

const GAP: usize = 2;

/// A heading that stands over one or several neighbouring columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// What it says.
    pub text: String,
    /// Over which columns, the frozen ones not counted.
    pub over: Range<usize>,
}

/// To which side a column's texts are pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Texts.
    Left,
    /// Numbers.
    Right,
}

/// One line of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// A text for each frozen column, then one for each other column.
    pub texts: Vec<String>,
    /// Whether a rule is drawn above.
    pub rule_above: bool,
    /// Whether it is set off from the others.
    pub strong: bool,
}

/// What is drawn.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// Headings of the columns that every block repeats.
    pub frozen: Vec<String>,
    /// Lines of headings over the other columns, outermost first.
    pub headings: Vec<Vec<Heading>>,
    /// The side of each column that is not frozen.
    pub sides: Vec<Side>,
    /// The body.
    pub lines: Vec<Line>,
}

impl Grid {
    /// Draws the grid, in as many blocks of columns as the screen wants.
    pub fn write(&self, out: &mut dyn Write, screen: Screen) -> io::Result<()> {
        let widths = self.widths();
        for (at, block) in self.blocks(&widths, screen.width).into_iter().enumerate() {
            if at > 0 {
                writeln!(out)?;
            }
            Block::new(self, &widths, block, screen).write(out)?;
        }
        Ok(())
    }

    /// The width of the whole grid in one block.
    pub fn total_width(&self) -> usize {
        let widths = self.widths();
        widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
    }

    /// The width of each column by itself, frozen ones first.
    pub fn widths(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = self.frozen.iter().map(|text| width(text)).collect();
        widths.resize(self.frozen.len() + self.sides.len(), 0);
        for line in &self.lines {
            for (width_so_far, text) in widths.iter_mut().zip(&line.texts) {
                *width_so_far = (*width_so_far).max(width(text));
            }
        }
        for heading in self.headings.iter().flatten().filter(|heading| heading.over.len() == 1) {
            if let Some(column) = widths.get_mut(self.frozen.len() + heading.over.start) {
                *column = (*column).max(width(&heading.text));
            }
        }
        widths
    }

    /// The columns of each block; a block has at least one.
    fn blocks(&self, widths: &[usize], screen: Option<usize>) -> Vec<Range<usize>> {
        let (frozen, columns) = widths.split_at(self.frozen.len());
        let Some(screen) = screen else {
            return std::iter::once(0..columns.len()).collect();
        };
        let left: usize = frozen.iter().map(|width| width + GAP).sum();
        let mut blocks = Vec::new();
        let (mut start, mut used) = (0, left);
        for (at, column) in columns.iter().enumerate() {
            if at > start && used + column > screen {
                blocks.push(start..at);
                (start, used) = (at, left);
            }
            used += column + GAP;
        }
        blocks.push(start..columns.len());
        blocks
    }
}

/// Some neighbouring columns of a grid, with the frozen ones before them.
struct Block<'a> {
    grid: &'a Grid,
    columns: Range<usize>,
    frozen_widths: &'a [usize],
    widths: Vec<usize>,
    screen: Screen,
}

impl<'a> Block<'a> {
    fn new(grid: &'a Grid, widths: &'a [usize], columns: Range<usize>, screen: Screen) -> Self {
        let (frozen_widths, others) = widths.split_at(grid.frozen.len());
        let widths = others[columns.clone()].to_vec();
        let mut block = Block { grid, columns, frozen_widths, widths, screen };
        block.widen_for_headings();
        block
    }

    /// The part of a heading that stands over this block, counted from the block's first column.
    fn part(&self, heading: &Heading) -> Option<Range<usize>> {
        let start = heading.over.start.max(self.columns.start);
        let end = heading.over.end.min(self.columns.end);
        (start < end).then(|| start - self.columns.start..end - self.columns.start)
    }

    fn width_of(&self, columns: &Range<usize>) -> usize {
        let gaps = GAP * columns.len().saturating_sub(1);
        self.widths[columns.clone()].iter().sum::<usize>() + gaps
    }

    fn widen_for_headings(&mut self) {
        for heading in self.grid.headings.iter().rev().flatten() {
            let Some(part) = self.part(heading) else {
                continue;
            };
            let missing = width(&heading.text).saturating_sub(self.width_of(&part));
            if let Some(last) = self.widths[part].last_mut() {
                *last += missing;
            }
        }
    }

    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let last = self.grid.headings.len().saturating_sub(1);
        for (level, headings) in self.grid.headings.iter().enumerate() {
            let line = self.heading_line(headings, level == last);
            self.put(out, &line, true)?;
        }
        self.rule(out)?;
        for line in &self.grid.lines {
            if line.rule_above {
                self.rule(out)?;
            }
            self.put(out, &self.body_line(line), line.strong)?;
        }
        Ok(())
    }

    fn heading_line(&self, headings: &[Heading], last: bool) -> String {
        let mut pieces = Vec::new();
        for (text, width) in self.grid.frozen.iter().zip(self.frozen_widths) {
            pieces.push(padded(if last { text } else { "" }, *width, Side::Left));
        }
        for heading in headings {
            let Some(part) = self.part(heading) else {
                continue;
            };
            let room = self.width_of(&part);
            if part.len() > 1 {
                pieces.push(centred(&heading.text, room));
            } else {
                let side = self.side(part.start);
                pieces.push(padded(&heading.text, room, side));
            }
        }
        joined(&pieces)
    }

    fn body_line(&self, line: &Line) -> String {
        let (frozen, others) = line.texts.split_at(self.grid.frozen.len().min(line.texts.len()));
        let mut pieces = Vec::new();
        for (text, width) in frozen.iter().zip(self.frozen_widths) {
            pieces.push(padded(text, *width, Side::Left));
        }
        for (at, width) in self.widths.iter().enumerate() {
            let text = others.get(self.columns.start + at).map_or("", String::as_str);
            pieces.push(padded(text, *width, self.side(at)));
        }
        joined(&pieces)
    }

    fn side(&self, column: usize) -> Side {
        self.grid.sides.get(self.columns.start + column).copied().unwrap_or(Side::Left)
    }

    fn rule(&self, out: &mut dyn Write) -> io::Result<()> {
        let frozen: usize = self.frozen_widths.iter().map(|width| width + GAP).sum();
        let columns = self.width_of(&(0..self.widths.len()));
        let all = if columns == 0 { frozen.saturating_sub(GAP) } else { frozen + columns };
        self.put(out, &"─".repeat(all), false)
    }

    fn put(&self, out: &mut dyn Write, line: &str, strong: bool) -> io::Result<()> {
        if strong && self.screen.styled && !line.is_empty() {
            let style = anstyle::Style::new().bold();
            writeln!(out, "{style}{line}{style:#}")
        } else {
            writeln!(out, "{line}")
        }
    }
}

fn joined(pieces: &[String]) -> String {
    pieces.join(&" ".repeat(GAP)).trim_end().to_string()
}

fn padded(text: &str, room: usize, side: Side) -> String {
    let blanks = " ".repeat(room.saturating_sub(width(text)));
    match side {
        Side::Left => format!("{text}{blanks}"),
        Side::Right => format!("{blanks}{text}"),
    }
}

/// The text in the middle of a line that shows how far it reaches.
fn centred(text: &str, room: usize) -> String {
    let free = room.saturating_sub(width(text));
    if free < 4 || text.is_empty() {
        return padded(text, room, Side::Left);
    }
    let left = free / 2 - 1;
    let right = free - free / 2 - 1;
    format!("{} {text} {}", "─".repeat(left), "─".repeat(right))
}
