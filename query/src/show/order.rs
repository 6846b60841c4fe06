//! What rows are filtered, ordered and cut off by.

use super::axis::{Element, Item};
use super::binder::Asked;
use super::over_rows::ShownFormula;
use super::term::Terms;
use crate::bind::unknown;
use crate::error::{Error, ErrorKind, Result};
use crate::formula::Formula;
use crate::syntax::ast::{Condition, Expr, Limit as Written, Operator, Path, Show, Shown, Take};

/// What rows are filtered, ordered and cut off by.
#[derive(Debug, Default)]
pub(super) struct RowOrder {
    pub having: Option<Formula<Ordered>>,
    pub keys: Vec<Key>,
    pub limit: Option<Limit>,
}

/// One key of an order.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub formula: Formula<Ordered>,
    pub descending: bool,
}

/// Which rows `top` and `bottom` take.
#[derive(Debug)]
pub(super) struct Limit {
    /// By what; descending for `top`.
    pub key: Key,
    pub take: Take,
    /// Rows are taken anew within so many outer items.
    pub per: usize,
}

/// What a name stands for in `having`, `order by` and `top`: a formula over measures, under some
/// elements of columns, and at the row's total over the others.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ordered {
    pub formula: usize,
    pub columns: Vec<(usize, u32)>,
}

/// Binds what rows are ordered by; formulas that are not shown are added to those that are.
pub(super) struct Ordering<'a> {
    pub asked: &'a Asked<'a>,
    pub show: &'a Show,
    pub items: &'a [Item],
    pub shown: &'a [ShownFormula],
    pub terms: &'a mut Terms,
    pub formulas: &'a mut Vec<Formula<usize>>,
}

impl Ordering<'_> {
    pub fn bind(&mut self) -> Result<RowOrder> {
        let show = self.show;
        let mut order = RowOrder::default();
        if let Some(having) = &show.having {
            refuse_no_condition(having)?;
            order.having = Some(self.formula(having)?);
        }
        for key in &show.order {
            order.keys.push(Key { formula: self.formula(&key.expr)?, descending: key.descending });
        }
        if let Some(limit) = &show.limit {
            order.limit = Some(self.limit(limit)?);
        }
        Ok(order)
    }

    fn limit(&mut self, written: &Written) -> Result<Limit> {
        let formula = match &written.by {
            Some(by) => self.formula(by).map_err(|error| self.by_rows(by, error))?,
            None => Formula::Leaf(self.under(self.first()?, Vec::new())),
        };
        let per = match &written.per {
            Some(path) => outer_items(&self.items[..self.show.by.len()], path, &self.items[self.show.by.len()..])?,
            None => 0,
        };
        let key = Key { formula, descending: !written.bottom };
        Ok(Limit { key, take: written.take.clone(), per })
    }

    /// `top 3 by division`, where `by division` was meant as the rows.
    fn by_rows(&self, by: &Expr, error: Error) -> Error {
        match by {
            Expr::Reference { path, .. } if self.asked.names.subject(path).is_ok() => {
                error.helped(format!("`by` behind `top` says by which value; for the rows write `by {path}` before it"))
            }
            _ => error,
        }
    }

    fn formula(&mut self, expr: &Expr) -> Result<Formula<Ordered>> {
        Formula::bind(expr, &mut |leaf| self.leaf(leaf).map(Formula::Leaf))
    }

    fn leaf(&mut self, leaf: &Expr) -> Result<Ordered> {
        let Expr::Reference { path, selection, span } = leaf else { return self.unshown(leaf, Vec::new()) };
        if selection.is_empty()
            && let Some(column) = self.column(path)
            && self.shown_as(path).is_none()
            && self.asked.names.measure(path).is_err()
        {
            return Ok(self.under(self.first()?, vec![column]));
        }
        let (columns, rest) = self.columns_in(selection, self.shown_as(path).is_some());
        match self.shown_as(path).filter(|_| rest.is_empty()) {
            Some(ShownFormula::Plain(formula)) => Ok(self.under(*formula, columns)),
            Some(ShownFormula::OverRows(_)) => Err(over_rows(path)),
            None => self.unshown(&Expr::Reference { path: path.clone(), selection: rest, span: span.clone() }, columns),
        }
    }

    /// A formula that is only ordered by.
    fn unshown(&mut self, leaf: &Expr, columns: Vec<(usize, u32)>) -> Result<Ordered> {
        let formula = self.asked.formula(self.terms, leaf)?;
        self.formulas.push(formula);
        Ok(self.under(self.formulas.len() - 1, columns))
    }

    fn under(&self, formula: usize, columns: Vec<(usize, u32)>) -> Ordered {
        Ordered { formula, columns }
    }

    /// The first shown formula that does not itself look at the order of the rows.
    fn first(&self) -> Result<usize> {
        let plain = self.shown.iter().find_map(|shown| match shown {
            ShownFormula::Plain(formula) => Some(*formula),
            ShownFormula::OverRows(_) => None,
        });
        plain.ok_or_else(|| {
            Error::new(ErrorKind::Refused, "nothing is shown that rows could be taken by", None)
                .helped("say it: top N by FORMULA")
        })
    }

    fn shown_as(&self, path: &Path) -> Option<&ShownFormula> {
        let [name] = path.names.as_slice() else { return None };
        let named =
            |shown: &Shown| shown.alias.as_ref().is_some_and(|alias| alias.text.eq_ignore_ascii_case(&name.text));
        self.shown.get(self.show.shown.iter().position(named)?)
    }

    /// Tells names of columns in brackets from conditions: `cost[gap]`. Behind an `as` name there can
    /// only be columns; behind a measure, a member's name is a selection.
    fn columns_in(&self, selection: &[Condition], shown: bool) -> (Vec<(usize, u32)>, Vec<Condition>) {
        let mut columns = Vec::new();
        let mut rest = Vec::new();
        for condition in selection {
            match condition {
                Condition::Named(path) if shown || self.asked.names.pick(condition, None).is_err() => {
                    match self.column(path) {
                        Some(column) => columns.push(column),
                        None => rest.push(condition.clone()),
                    }
                }
                other => rest.push(other.clone()),
            }
        }
        (columns, rest)
    }

    /// The element of a column item that carries a label, perhaps behind the item's name.
    fn column(&self, path: &Path) -> Option<(usize, u32)> {
        let (of, label) = match path.names.as_slice() {
            [label] => (None, label),
            [of, label] => (Some(of), label),
            _ => return None,
        };
        let fits = |element: &Element| element.visible && element.label.text.eq_ignore_ascii_case(&label.text);
        let columns = self.items.iter().enumerate().skip(self.show.by.len());
        columns
            .filter(|(_, item)| of.is_none_or(|of| item.name.eq_ignore_ascii_case(&of.text)))
            .find_map(|(place, item)| Some((place, item.elements.iter().position(fits)? as u32)))
    }
}

/// How many items stand fixed in each group of `per ITEM`.
pub(super) fn outer_items(rows: &[Item], path: &Path, columns: &[Item]) -> Result<usize> {
    let written = path.names.iter().map(|name| name.text.as_str()).collect::<Vec<_>>().join(".");
    let place = rows.iter().position(|item| item.name.eq_ignore_ascii_case(&written));
    let refused = |message: String| Error::new(ErrorKind::Refused, message, Some(path.span()));
    match place {
        Some(place) if place + 1 < rows.len() => Ok(place + 1),
        Some(_) => Err(refused(format!("{written} is the innermost row: there is one row for each"))
            .labelled("expected an outer row")
            .helped(format!("`by` lists the outer row first: by OUTER, {written}"))),
        None if columns.iter().any(|item| item.name.eq_ignore_ascii_case(&written)) => {
            Err(refused(format!("{written} lies along the columns")).labelled("expected an outer row"))
        }
        None => {
            let known: Vec<String> = rows.iter().map(|item| item.name.clone()).collect();
            Err(unknown("row", &written, path.span(), &known))
        }
    }
}

fn over_rows(path: &Path) -> Error {
    Error::new(ErrorKind::Refused, format!("{path} is worked out over the rows in their order"), Some(path.span()))
        .labelled("rows cannot be chosen or ordered by it")
        .helped("take the value it looks at")
}

fn refuse_no_condition(having: &Expr) -> Result<()> {
    let holds = match having {
        Expr::Binary { operator, .. } => {
            !matches!(operator, Operator::Add | Operator::Subtract | Operator::Multiply | Operator::Divide)
        }
        Expr::Not(..) | Expr::If { .. } => true,
        _ => false,
    };
    if holds {
        return Ok(());
    }
    Err(Error::new(ErrorKind::Refused, "`having` needs a condition", Some(having.span()))
        .labelled("expected a comparison, such as > 0"))
}
