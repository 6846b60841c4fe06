//! From a question to the cells of its answer: `show` from end to end.

use super::axes::Axes;
use super::cells::Position;
use super::context::Context;
use super::early::{self, Screen};
use super::grid::{self, Frame};
use super::merged::Merged;
use super::over_rows::{RowLeaf, ShownFormula, Window};
use super::pivot::Pivot;
use super::question::Question;
use super::row::{Row, RowKind};
use super::rows::{Chosen, Rows};
use super::term::Term;
use super::{closings, unplaced, view};
use crate::answer::{CellSet, Label, MeasureHeading, Value};
use crate::bind::{Names, Selection};
use crate::error::Result;
use crate::syntax::ast::Show;
use engine::error::EngineError;
use engine::memory::{Claim, bytes};
use engine::schema::Schema;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of a cell of the answer: worked out, again where its row is laid out, and as text when it is written.
const CELL_BYTES: usize = 2 * size_of::<Value>() + size_of::<String>() + 24;

/// Bytes of a row beside its cells: its labels.
const ROW_BYTES: usize = 256;

/// Answers a question: bind, ask the engine, choose and arrange rows, lay out.
pub(crate) fn show(context: Context, show: &Show) -> Result<CellSet> {
    let schema = context.snapshot.schema();
    let asked = view::expanded(schema, show)?;
    answer(context, &asked).map_err(|error| view::pointed(error, schema, show))
}

fn answer(context: Context, show: &Show) -> Result<CellSet> {
    let schema = context.snapshot.schema();
    let names = Names::new(schema);
    let question = Question::bind(names, show)?;
    let assumed = question.assumed(&context);
    let frame = Frame { context, items: &question.items, filter: &question.filter, merged: None };
    let cells = grid::evaluate(&frame, question.terms.all())?;
    let Question { items, by, filter, terms, formulas, headings, favours, shown, windows, order } = question;
    let seen = seen(&shown, &windows);
    let inside = items.iter().map(|item| item.inside(&filter)).collect();
    let mut pivot = Pivot { items, inside, favours, cells, formulas };
    let mut chosen = Rows { axes: axes(&pivot, by, show), order: &order, seen: &seen }.choose()?;
    if show.others {
        add_others(context, &mut pivot, by, &filter, terms.all(), &mut chosen)?;
    }
    let axes = axes(&pivot, by, show);
    let rows = Rows { axes, order: &order, seen: &seen }.arranged(chosen);
    let layout = Layout { schema, axes, shown: &shown, windows: &windows, stop: context.stop };
    let mut cells = layout.cell_set(rows, headings)?;
    if show.totals {
        cells.notes.extend(unplaced::notes(&pivot, &shown, &cells.measures, schema.time()));
    }
    cells.notes.extend(closings::notes(schema, &pivot, &shown, &cells.measures));
    cells.notes.extend(assumed);
    Ok(cells)
}

fn axes<'a>(pivot: &'a Pivot, by: usize, show: &Show) -> Axes<'a> {
    Axes { pivot, by, totals: show.totals, empty: show.empty }
}

/// The formulas of which one must have a value in a row that is shown.
fn seen(shown: &[ShownFormula], windows: &[Window]) -> Vec<usize> {
    let plain = shown.iter().filter_map(|shown| match shown {
        ShownFormula::Plain(formula) => Some(*formula),
        ShownFormula::OverRows(_) => None,
    });
    plain.chain(windows.iter().map(|window| window.operand)).collect()
}

/// Asks for what `top` left out, as rows of their own.
fn add_others(
    context: Context,
    pivot: &mut Pivot,
    by: usize,
    filter: &Selection,
    terms: &[Term],
    chosen: &mut Chosen,
) -> Result<()> {
    let merged = Merged::new(pivot, by, &mut chosen.left);
    let frame = Frame { context, items: &pivot.items, filter, merged: Some(&merged) };
    let cells = grid::evaluate(&frame, terms)?;
    for (all, more) in pivot.cells.iter_mut().zip(cells) {
        all.values.extend(more.values);
    }
    Ok(())
}

/// Lays rows, columns and cells out.
struct Layout<'a> {
    schema: &'a Schema,
    axes: Axes<'a>,
    shown: &'a [ShownFormula],
    windows: &'a [Window],
    stop: &'a AtomicBool,
}

impl Layout<'_> {
    fn cell_set(&self, mut rows: Vec<Row>, headings: Vec<MeasureHeading>) -> Result<CellSet> {
        let (items, by) = (&self.axes.pivot.items, self.axes.by);
        let columns = self.axes.columns()?;
        let row = bytes(columns.len().saturating_mul(headings.len()), CELL_BYTES).saturating_add(ROW_BYTES);
        let _claim = Claim::of(format!("an answer of {} rows", rows.len()), bytes(rows.len(), row))?;
        let mut cells = self.plain_cells(&mut rows, &columns)?;
        if !self.windows.is_empty() {
            self.put_over_rows(&rows, &columns, &mut cells)?;
        }
        let kept = self.kept_columns(&columns, &cells);
        let cells = cells.into_iter().flat_map(|row| pick(row, &kept, self.shown.len())).collect();
        let columns: Vec<Position> = kept.iter().map(|place| columns[*place].clone()).collect();
        let screen = Screen { rows: &rows, columns: &columns, totals: self.axes.totals };
        let notes = early::notes(self.schema, self.axes.pivot, self.shown, &headings, &screen);
        Ok(CellSet {
            row_items: items[..by].iter().map(|item| item.name.clone()).collect(),
            column_items: items[by..].iter().map(|item| item.name.clone()).collect(),
            measures: headings,
            rows: rows.iter().map(|row| self.labels(0, &row.position)).collect(),
            columns: columns.iter().map(|column| self.labels(by, column)).collect(),
            cells,
            notes,
        })
    }

    /// The cells that need no other row; rows where there is nothing are dropped.
    fn plain_cells(&self, rows: &mut Vec<Row>, columns: &[Position]) -> Result<Vec<Vec<Value>>> {
        let mut cells: Vec<Vec<Value>> = Vec::with_capacity(rows.len());
        let mut stopped = false;
        rows.retain(|row| {
            stopped |= self.stop.load(Ordering::Relaxed);
            if stopped {
                return false;
            }
            let values = self.row(row, columns);
            let filled = || values.iter().any(|value| *value != Value::Empty) || self.is_looked_at(row, columns);
            let kept = self.axes.empty || self.axes.by == 0 || filled();
            if kept {
                cells.push(values);
            }
            kept
        });
        if stopped { Err(EngineError::Interrupted.into()) } else { Ok(cells) }
    }

    fn row(&self, row: &Row, columns: &[Position]) -> Vec<Value> {
        let value = |column: &Position, shown: &ShownFormula| match shown {
            ShownFormula::Plain(formula) => self.value(*formula, row, column),
            ShownFormula::OverRows(_) => Value::Empty,
        };
        columns.iter().flat_map(|column| self.shown.iter().map(move |shown| value(column, shown))).collect()
    }

    fn value(&self, formula: usize, row: &Row, column: &[u32]) -> Value {
        self.axes.pivot.value(formula, &[row.position.as_slice(), column].concat())
    }

    /// Whether a function over rows has something to look at in a row.
    fn is_looked_at(&self, row: &Row, columns: &[Position]) -> bool {
        let there = |window: &Window, column: &Position| self.value(window.operand, row, column) != Value::Empty;
        self.windows.iter().any(|window| columns.iter().any(|column| there(window, column)))
    }

    /// Puts in what looks at other rows of the same column.
    fn put_over_rows(&self, rows: &[Row], columns: &[Position], cells: &mut [Vec<Value>]) -> Result<()> {
        for (place, column) in columns.iter().enumerate() {
            if self.stop.load(Ordering::Relaxed) {
                return Err(EngineError::Interrupted.into());
            }
            let operands = |window: &Window| rows.iter().map(|row| self.value(window.operand, row, column)).collect();
            let found: Vec<Vec<Value>> =
                self.windows.iter().map(|window| window.values(rows, operands(window))).collect();
            for (number, row) in rows.iter().enumerate() {
                self.put_row(place, column, (number, row), &found, cells);
            }
        }
        Ok(())
    }

    fn put_row(
        &self,
        place: usize,
        column: &[u32],
        (number, row): (usize, &Row),
        found: &[Vec<Value>],
        cells: &mut [Vec<Value>],
    ) {
        for (measure, shown) in self.shown.iter().enumerate() {
            let ShownFormula::OverRows(formula) = shown else { continue };
            if row.kind == RowKind::Total {
                continue;
            }
            cells[number][place * self.shown.len() + measure] = formula.evaluate(&|leaf| match leaf {
                RowLeaf::Value(formula) => self.value(*formula, row, column),
                RowLeaf::Window(window) => found[*window][number].clone(),
            });
        }
    }

    /// Columns without any value disappear, but for those listed in brackets.
    fn kept_columns(&self, columns: &[Position], cells: &[Vec<Value>]) -> Vec<usize> {
        let (items, measures) = (&self.axes.pivot.items[self.axes.by..], self.shown.len());
        let listed = items.iter().all(|item| item.listed);
        let filled = |place: usize| {
            let part = place * measures..(place + 1) * measures;
            cells.iter().any(|row| row[part.clone()].iter().any(|value| *value != Value::Empty))
        };
        (0..columns.len()).filter(|place| items.is_empty() || listed || self.axes.empty || filled(*place)).collect()
    }

    fn labels(&self, start: usize, position: &[u32]) -> Vec<Label> {
        position
            .iter()
            .enumerate()
            .map(|(place, element)| self.axes.pivot.items[start + place].elements[*element as usize].label.clone())
            .collect()
    }
}

fn pick(row: Vec<Value>, columns: &[usize], measures: usize) -> Vec<Value> {
    columns.iter().flat_map(|column| row[column * measures..(column + 1) * measures].to_vec()).collect()
}
