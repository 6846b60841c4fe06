//! Which rows and columns an answer has, and in which order: `show` from end to end.

use super::axis::{Item, Rule};
use super::binder::Asked;
use super::cells::Position;
use super::context::Context;
use super::grid::{self, Frame};
use super::pivot::Pivot;
use super::term::Terms;
use super::unit;
use crate::answer::{CellSet, Label, MeasureHeading, Value};
use crate::bind::{Names, Selection, defined_measure};
use crate::error::{Error, ErrorKind, Result};
use crate::formula::{Formula, order};
use crate::syntax::ast::{AxisItem, Define, Expr, Operator, Show, Shown};
use engine::error::EngineError;
use engine::id::DimensionId;
use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering as AtomicOrdering};

/// The most cells an answer may have.
const MOST_CELLS: usize = 20_000_000;

/// Answers a question: bind, ask the engine, lay out.
pub(crate) fn show(context: Context, show: &Show) -> Result<CellSet> {
    let names = Names::new(context.snapshot.schema());
    let question = Question::bind(names, show)?;
    let frame = Frame { context, items: &question.items, filter: &question.filter };
    let cells = grid::evaluate(&frame, question.terms.all())?;
    let assumed = question.assumed(&context);
    let by = question.by;
    let inside = question.items.iter().map(|item| item.inside(&question.filter)).collect();
    let pivot = Pivot { items: question.items, inside, favours: question.favours, cells, formulas: question.formulas };
    let layout = Layout { pivot: &pivot, show, by, ordering: &question.ordering, stop: context.stop };
    let mut cells = layout.cell_set(&question.headings)?;
    cells.notes.extend(assumed);
    Ok(cells)
}

/// A bound question.
pub(super) struct Question {
    pub items: Vec<Item>,
    /// How many of the items are rows.
    pub by: usize,
    pub filter: Selection,
    pub terms: Terms,
    pub formulas: Vec<Formula<usize>>,
    pub headings: Vec<MeasureHeading>,
    pub favours: Vec<Option<bool>>,
    ordering: RowOrder,
}

/// What rows are filtered and ordered by.
#[derive(Default)]
struct RowOrder {
    having: Option<Formula<Ordered>>,
    keys: Vec<(Formula<Ordered>, bool)>,
    limit: Option<(Formula<Ordered>, bool, usize)>,
}

/// What a name stands for in `having`, `order by` and `top`.
#[derive(Debug, Clone, PartialEq)]
enum Ordered {
    /// A formula over measures, at the row's total over the columns.
    Formula(usize),
    /// The first shown measure under a column's element.
    Column { item: usize, element: u32 },
}

impl Question {
    pub fn bind(names: Names, show: &Show) -> Result<Self> {
        let (conditions, member) = Asked::conditions(names, &show.conditions)?;
        let mut filter = Selection::bind_asked(names, &conditions)?;
        let shifts = std::mem::take(&mut filter.shifts);
        let ordered = show.having.is_some() || !show.order.is_empty() || show.limit.is_some();
        let mut items = Vec::new();
        for written in &show.by {
            items.push(Item::bind(names, written, show.totals)?);
        }
        for written in &show.across {
            items.push(Item::bind(names, written, show.totals || ordered)?);
        }
        refuse_repeated(&items, show.by.iter().chain(&show.across))?;
        let mut terms = Terms::default();
        let mut formulas = Vec::new();
        let mut headings = Vec::new();
        let aliases: Vec<String> = show.shown.iter().filter_map(|s| Some(s.alias.as_ref()?.text.clone())).collect();
        let base = Selection { shifts, ..Selection::all(names.schema) };
        let asked = Asked { names, base, member, others: &aliases };
        let mut favours = Vec::new();
        for shown in &show.shown {
            let formula = asked.formula(&mut terms, &shown.expr)?;
            let (heading, higher) = heading(names, &terms, shown, &formula)?;
            headings.push(heading);
            favours.push(higher);
            formulas.push(formula);
        }
        refuse_same_headings(&items, &headings, &show.shown)?;
        let mut question = Question {
            items,
            by: show.by.len(),
            filter,
            terms,
            formulas,
            headings,
            favours,
            ordering: RowOrder::default(),
        };
        question.bind_ordering(&asked, show)?;
        Ok(question)
    }

    fn bind_ordering(&mut self, asked: &Asked, show: &Show) -> Result<()> {
        if let Some(having) = &show.having {
            refuse_no_condition(having)?;
            self.ordering.having = Some(self.ordered(asked, having, show)?);
        }
        for key in &show.order {
            let formula = self.ordered(asked, &key.expr, show)?;
            self.ordering.keys.push((formula, key.descending));
        }
        if let Some(limit) = &show.limit {
            let formula = match &limit.by {
                Some(by) => self.ordered(asked, by, show)?,
                None => Formula::Leaf(Ordered::Formula(0)),
            };
            self.ordering.limit = Some((formula, limit.bottom, limit.count as usize));
        }
        Ok(())
    }

    fn ordered(&mut self, asked: &Asked, expr: &Expr, show: &Show) -> Result<Formula<Ordered>> {
        Formula::bind(expr, &mut |leaf| {
            if let Expr::Reference { path, selection, .. } = leaf
                && let ([name], []) = (path.names.as_slice(), selection.as_slice())
            {
                let named = |shown: &Shown| {
                    shown.alias.as_ref().is_some_and(|alias| alias.text.eq_ignore_ascii_case(&name.text))
                };
                if let Some(place) = show.shown.iter().position(named) {
                    return Ok(Formula::Leaf(Ordered::Formula(place)));
                }
                if asked.names.schema.find_measure(&name.text).is_none()
                    && let Some(column) = self.column(&name.text)
                {
                    return Ok(Formula::Leaf(column));
                }
            }
            let formula = asked.formula(&mut self.terms, leaf)?;
            self.formulas.push(formula);
            Ok(Formula::Leaf(Ordered::Formula(self.formulas.len() - 1)))
        })
    }

    /// The element of a column item that carries a label.
    fn column(&self, label: &str) -> Option<Ordered> {
        self.items.iter().enumerate().skip(self.by).find_map(|(item, columns)| {
            let fits =
                |element: &super::axis::Element| element.visible && element.label.text.eq_ignore_ascii_case(label);
            let element = columns.elements.iter().position(fits)? as u32;
            Some(Ordered::Column { item, element })
        })
    }

    /// Says which scenario was meant, where the question named none.
    fn assumed(&self, context: &Context) -> Option<String> {
        let shown = self.items.iter().any(|item| item.dimension == DimensionId::SCENARIO);
        let named = self.filter.names(DimensionId::SCENARIO) || shown;
        let all_own = self.terms.all().iter().all(|term| term.selection.names(DimensionId::SCENARIO));
        let scenario = context.scenario.filter(|_| !named && !all_own)?;
        Some(scenario_note(context.snapshot.schema().scenarios(), scenario))
    }
}

/// How an answer says which scenario it assumed.
pub(crate) fn scenario_note(scenarios: &engine::dimension::Dimension, scenario: engine::id::MemberId) -> String {
    format!("scenario: {} (assumed; `use` or `where` names another)", scenarios.member(scenario).name)
}

fn refuse_no_condition(having: &Expr) -> Result<()> {
    let span = match having {
        Expr::Number(number) => number.span.clone(),
        Expr::Reference { .. } | Expr::Negate(..) | Expr::Call { .. } | Expr::CountOf { .. } | Expr::Over { .. } => {
            having.span()
        }
        Expr::Binary {
            operator: Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide,
            span,
            ..
        } => span.clone(),
        Expr::Binary { .. } | Expr::Not(..) | Expr::If { .. } => return Ok(()),
    };
    Err(Error::new(ErrorKind::Refused, "`having` needs a condition", Some(span))
        .labelled("expected a comparison, such as > 0"))
}

fn refuse_repeated<'a>(items: &[Item], written: impl Iterator<Item = &'a AxisItem>) -> Result<()> {
    for (place, (item, written)) in items.iter().zip(written).enumerate() {
        if items[..place].iter().any(|other| other.name.eq_ignore_ascii_case(&item.name)) {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("{} is listed twice", item.name),
                Some(written.span.clone()),
            )
            .labelled("an item of this name is there already")
            .helped("give one of them another name with `as`"));
        }
    }
    Ok(())
}

fn refuse_same_headings(items: &[Item], headings: &[MeasureHeading], shown: &[Shown]) -> Result<()> {
    for (place, heading) in headings.iter().enumerate() {
        let same = |name: &str| name.eq_ignore_ascii_case(&heading.name);
        let twice =
            headings[..place].iter().any(|other| same(&other.name)) || items.iter().any(|item| same(&item.name));
        if twice {
            let span = Some(shown[place].span.clone());
            return Err(Error::new(ErrorKind::Refused, format!("{} is shown twice", heading.name), span)
                .labelled("another column has this name")
                .helped("give one of them another name with `as`"));
        }
    }
    Ok(())
}

/// The heading of a shown formula, and whether more of it is better.
fn heading(
    names: Names,
    terms: &Terms,
    shown: &Shown,
    formula: &Formula<usize>,
) -> Result<(MeasureHeading, Option<bool>)> {
    let define = defined(names, &shown.expr);
    let measure = |term: &usize| names.schema.measure(terms.all()[*term].measure()?);
    let plain = match &shown.expr {
        Expr::Reference { path, .. } => names.measure(path).ok().and_then(|id| names.schema.measure(id)),
        _ => None,
    };
    let name = match (&shown.alias, &shown.expr) {
        (Some(alias), _) => alias.text.clone(),
        (None, Expr::Reference { selection, .. }) if selection.is_empty() => {
            plain.map_or_else(|| shown.expr.to_string(), |measure| measure.name.clone())
        }
        _ => shown.expr.to_string(),
    };
    let unit = unit::check(names, &shown.expr)?.and_then(|unit| unit.text());
    let own = define.as_ref().and_then(|define| define.format.clone());
    let format = own.or_else(|| common_format(names, terms, formula, unit.as_deref()));
    let said = define.and_then(|define| define.favours_higher);
    let first = || formula.leaves().first().and_then(|term| measure(term)).and_then(|measure| measure.favours_higher);
    Ok((MeasureHeading { name, format, unit }, said.or_else(first)))
}

fn defined(names: Names, expr: &Expr) -> Option<Define> {
    let Expr::Reference { path, .. } = expr else { return None };
    let [name] = path.names.as_slice() else { return None };
    defined_measure(names, &name.text).filter(|_| names.measure(path).is_err())
}

/// The format of a formula that keeps a unit: that of its measures, where they have the same.
fn common_format(names: Names, terms: &Terms, formula: &Formula<usize>, unit: Option<&str>) -> Option<String> {
    let measure = |term: &usize| names.schema.measure(terms.all()[*term].measure()?);
    let measures: Option<Vec<_>> = formula.leaves().into_iter().map(measure).collect();
    let measures = measures?;
    let first = measures.first()?;
    let alike = measures.iter().all(|measure| measure.format == first.format && measure.unit.as_deref() == unit);
    if alike { first.format.clone() } else { None }
}

struct Layout<'a> {
    pivot: &'a Pivot,
    show: &'a Show,
    by: usize,
    ordering: &'a RowOrder,
    stop: &'a AtomicBool,
}

impl Layout<'_> {
    fn cell_set(&self, headings: &[MeasureHeading]) -> Result<CellSet> {
        let items = &self.pivot.items;
        self.refuse_vast()?;
        let mut rows = self.rows();
        let columns = self.columns();
        if rows.len().saturating_mul(columns.len()).saturating_mul(headings.len()) > MOST_CELLS {
            return Err(vast());
        }
        let mut cells: Vec<Vec<Value>> = Vec::with_capacity(rows.len());
        let mut stopped = false;
        rows.retain(|row| {
            stopped |= self.stop.load(AtomicOrdering::Relaxed);
            if stopped {
                return false;
            }
            let values = self.row(row, &columns, headings.len());
            let kept = self.show.empty || self.by == 0 || values.iter().any(|value| *value != Value::Empty);
            if kept {
                cells.push(values);
            }
            kept
        });
        if stopped {
            return Err(EngineError::Interrupted.into());
        }
        let kept = self.kept_columns(&columns, &cells, headings.len());
        let cells = cells.into_iter().flat_map(|row| pick(row, &kept, headings.len())).collect();
        Ok(CellSet {
            row_items: items[..self.by].iter().map(|item| item.name.clone()).collect(),
            column_items: items[self.by..].iter().map(|item| item.name.clone()).collect(),
            measures: headings.to_vec(),
            rows: rows.iter().map(|row| self.labels(0, row)).collect(),
            columns: kept.iter().map(|place| self.labels(self.by, &columns[*place])).collect(),
            cells,
            notes: Vec::new(),
        })
    }

    /// Refuses a cross product before it is built.
    fn refuse_vast(&self) -> Result<()> {
        let size = |item: &Item| item.elements.len().max(1);
        let cells = self.pivot.items.iter().fold(1usize, |cells, item| cells.saturating_mul(size(item)));
        if self.show.empty && cells > MOST_CELLS { Err(vast()) } else { Ok(()) }
    }

    fn row(&self, row: &[u32], columns: &[Position], measures: usize) -> Vec<Value> {
        let at = |column: &Position, measure| self.pivot.value(measure, &[row, column.as_slice()].concat());
        columns.iter().flat_map(|column| (0..measures).map(move |measure| at(column, measure))).collect()
    }

    /// Columns without any value disappear, but for those listed in brackets.
    fn kept_columns(&self, columns: &[Position], cells: &[Vec<Value>], measures: usize) -> Vec<usize> {
        let listed = self.pivot.items[self.by..].iter().all(|item| item.listed);
        let filled = |place: usize| {
            let part = place * measures..(place + 1) * measures;
            cells.iter().any(|row| row[part.clone()].iter().any(|value| *value != Value::Empty))
        };
        let single = self.by == self.pivot.items.len();
        (0..columns.len()).filter(|place| single || listed || self.show.empty || filled(*place)).collect()
    }

    fn labels(&self, start: usize, position: &[u32]) -> Vec<Label> {
        position
            .iter()
            .enumerate()
            .map(|(place, element)| self.pivot.items[start + place].elements[*element as usize].label.clone())
            .collect()
    }

    /// Combinations with data, with formulas over members put in, without what is hidden.
    fn positions(&self, items: Range<usize>) -> Vec<Position> {
        if items.is_empty() {
            return vec![Vec::new()];
        }
        let mut found = match self.show.empty {
            true => self.pivot.every_combination(items.clone()),
            false => self.pivot.combinations(items.clone()),
        };
        for item in items.clone() {
            let computed = self.computed(item);
            let place = item - items.start;
            let more: BTreeSet<Position> = found
                .iter()
                .flat_map(|position| {
                    computed.iter().map(move |element| {
                        let mut position = position.clone();
                        position[place] = *element;
                        position
                    })
                })
                .collect();
            found.extend(more);
        }
        if items.len() == 1 && items.start >= self.by {
            found.extend(self.listed(items.start));
        }
        found.into_iter().filter(|position| self.is_shown(items.start, position)).collect()
    }

    /// The elements of an item that are worked out from others.
    fn computed(&self, item: usize) -> Vec<u32> {
        let elements = self.pivot.items[item].elements.iter().enumerate();
        elements.filter(|(_, element)| !matches!(element.rule, Rule::Leaves)).map(|(place, _)| place as u32).collect()
    }

    /// A single column item in brackets keeps all its columns.
    fn listed(&self, item: usize) -> Vec<Position> {
        let item = &self.pivot.items[item];
        if !item.listed {
            return Vec::new();
        }
        (0..item.elements.len() as u32).map(|element| vec![element]).collect()
    }

    /// Hidden elements are left out, and so are totals that hold a finer item fixed.
    fn is_shown(&self, start: usize, position: &[u32]) -> bool {
        let mut summed = false;
        for (place, element) in position.iter().enumerate() {
            let item = &self.pivot.items[start + place];
            if !item.elements[*element as usize].visible {
                return false;
            }
            let total = item.total == Some(*element);
            if total && !self.show.totals || summed && !total && item.total.is_some() {
                return false;
            }
            summed |= total;
        }
        true
    }

    fn columns(&self) -> Vec<Position> {
        self.positions(self.by..self.pivot.items.len())
    }

    fn is_total(&self, row: &[u32]) -> bool {
        row.iter().enumerate().any(|(item, element)| self.pivot.items[item].total == Some(*element))
    }

    fn rows(&self) -> Vec<Position> {
        let (totals, mut rows): (Vec<Position>, Vec<Position>) =
            self.positions(0..self.by).into_iter().partition(|row| self.by > 0 && self.is_total(row));
        if let Some(having) = &self.ordering.having {
            rows.retain(|row| self.ordered_value(having, row) == Value::Flag(true));
        }
        if let Some((by, bottom, count)) = &self.ordering.limit {
            rows = self.sorted(rows, &[(by, !bottom)]);
            rows.truncate(*count);
            if !self.ordering.keys.is_empty() {
                rows.sort();
            }
        }
        let keys: Vec<_> = self.ordering.keys.iter().map(|(formula, descending)| (formula, *descending)).collect();
        let rows = self.sorted(rows, &keys);
        if totals.is_empty() { rows } else { self.with_totals(rows, &totals) }
    }

    /// Sorts rows by some keys, each worked out once a row; rows that are alike stay in their order.
    fn sorted(&self, rows: Vec<Position>, keys: &[(&Formula<Ordered>, bool)]) -> Vec<Position> {
        if keys.is_empty() {
            return rows;
        }
        let value = |row: &Position| keys.iter().map(|(formula, _)| self.ordered_value(formula, row)).collect();
        let mut valued: Vec<(Vec<Value>, Position)> = rows.into_iter().map(|row| (value(&row), row)).collect();
        valued.sort_by(|(left, _), (right, _)| {
            let pairs = left.iter().zip(right).zip(keys);
            let orders = pairs.map(|((left, right), (_, descending))| compare(left, right, *descending));
            orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        valued.into_iter().map(|(_, row)| row).collect()
    }

    /// Puts each subtotal behind its rows: groups in the order of their subtotals.
    fn with_totals(&self, rows: Vec<Position>, totals: &[Position]) -> Vec<Position> {
        let mut result = Vec::with_capacity(rows.len() + totals.len());
        self.group(0, &rows, totals, &mut result);
        result
    }

    fn group(&self, depth: usize, rows: &[Position], totals: &[Position], result: &mut Vec<Position>) {
        if depth + 1 < self.by {
            let mut outer: Vec<u32> = Vec::new();
            for row in rows {
                if !outer.contains(&row[depth]) {
                    outer.push(row[depth]);
                }
            }
            let subtotal = |element: &u32| {
                totals.iter().find(|total| {
                    rows.iter().any(|row| {
                        row[depth] == *element
                            && total[..=depth] == row[..=depth]
                            && self.is_total(&total[depth + 1..=depth + 1])
                    })
                })
            };
            let keys = self.outer_keys();
            if !keys.is_empty() {
                let totals: Vec<Position> = outer.iter().filter_map(|element| subtotal(element).cloned()).collect();
                if totals.len() == outer.len() {
                    outer = self.sorted(totals, &keys).into_iter().map(|total| total[depth]).collect();
                }
            }
            for element in outer {
                let part: Vec<Position> = rows.iter().filter(|row| row[depth] == element).cloned().collect();
                self.group(depth + 1, &part, totals, result);
            }
        } else {
            result.extend(rows.iter().cloned());
        }
        let Some(first) = rows.first() else {
            result.extend(totals.iter().filter(|total| self.is_grand(total)).cloned());
            return;
        };
        let closes = |total: &&Position| {
            total[..depth] == first[..depth]
                && total.iter().enumerate().skip(depth).all(|(item, element)| {
                    let item = &self.pivot.items[item];
                    item.total.is_none_or(|total| total == *element)
                })
        };
        result.extend(totals.iter().filter(closes).cloned());
    }

    fn is_grand(&self, row: &[u32]) -> bool {
        row.iter().enumerate().all(|(item, element)| self.pivot.items[item].total.is_none_or(|total| total == *element))
    }

    /// What groups of rows are ordered by: as the rows are, or by what `top` takes them.
    fn outer_keys(&self) -> Vec<(&Formula<Ordered>, bool)> {
        match &self.ordering.limit {
            Some((by, bottom, _)) if self.ordering.keys.is_empty() => vec![(by, !bottom)],
            _ => self.ordering.keys.iter().map(|(formula, descending)| (formula, *descending)).collect(),
        }
    }

    fn ordered_value(&self, formula: &Formula<Ordered>, row: &[u32]) -> Value {
        let over_columns = || -> Position {
            self.pivot.items[self.by..]
                .iter()
                .map(|item| {
                    let first = item.elements.iter().position(|element| element.visible).unwrap_or(0);
                    item.total.unwrap_or(first as u32)
                })
                .collect()
        };
        formula.evaluate(&|leaf| {
            let mut columns = over_columns();
            let formula = match leaf {
                Ordered::Formula(formula) => *formula,
                Ordered::Column { item, element } => {
                    columns[*item - self.by] = *element;
                    0
                }
            };
            self.pivot.value(formula, &[row, columns.as_slice()].concat())
        })
    }
}

/// Empty values come last either way.
fn compare(left: &Value, right: &Value, descending: bool) -> Ordering {
    match (*left == Value::Empty, *right == Value::Empty) {
        (false, false) => {
            let order = order(left, right).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
        (left, right) => left.cmp(&right),
    }
}

fn vast() -> Error {
    Error::new(ErrorKind::Refused, "the answer would have more than 20 million cells", None)
        .helped("narrow it with `where`, or ask for fewer levels at once")
}

fn pick(row: Vec<Value>, columns: &[usize], measures: usize) -> Vec<Value> {
    columns.iter().flat_map(|column| row[column * measures..(column + 1) * measures].to_vec()).collect()
}
