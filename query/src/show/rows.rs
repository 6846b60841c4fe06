//! Which rows an answer has, and in which order.
//!
//! Rows are first chosen (`having`, then `top`), then arranged: each group of rows stands under its
//! outer row, groups in the order of their own values, what `top` left out behind the rows of its
//! group, and totals last.

use super::axes::Axes;
use super::cells::Position;
use super::order::{Key, Limit, Ordered, RowOrder};
use super::row::{Row, RowKind};
use crate::answer::Value;
use crate::error::{Error, ErrorKind, Result};
use crate::formula::{Formula, add, constant, exact, multiply, order};
use crate::syntax::ast::Take;
use std::cmp::Ordering;
use std::collections::HashMap;

/// Chooses and arranges rows.
pub(super) struct Rows<'a> {
    pub axes: Axes<'a>,
    pub order: &'a RowOrder,
    /// The formulas, by number, of which one must have a value in a row that is shown.
    pub seen: &'a [usize],
}

/// The rows chosen.
pub(super) struct Chosen {
    pub kept: Vec<Position>,
    pub left: Vec<Left>,
    pub totals: Vec<Position>,
}

/// What `top` left out in one group of rows.
pub(super) struct Left {
    /// The elements of the outer items that the group has in common.
    pub held: Position,
    pub rows: Vec<Position>,
    /// The row that stands for them, where one is wanted.
    pub row: Option<Position>,
}

impl Rows<'_> {
    /// The rows that `having` and `top` leave, and what `top` left out.
    pub fn choose(&self) -> Result<Chosen> {
        let (mut rows, totals) = self.axes.rows()?;
        if let Some(having) = &self.order.having {
            rows.retain(|row| self.value(having, row) == Value::Flag(true));
        }
        let mut chosen = Chosen { kept: Vec::new(), left: Vec::new(), totals };
        match &self.order.limit {
            None => chosen.kept = rows,
            Some(limit) => {
                self.leave_out_unseen(&mut rows)?;
                for (held, group) in grouped(rows, limit.per) {
                    self.cut(limit, held, group, &mut chosen)?;
                }
            }
        }
        Ok(chosen)
    }

    /// A row whose data all lie outside of the columns is not shown, and takes no place among the first.
    fn leave_out_unseen(&self, rows: &mut Vec<Position>) -> Result<()> {
        if self.axes.empty || self.axes.by == self.axes.pivot.items.len() {
            return Ok(());
        }
        let columns = self.axes.columns()?;
        let is_there = |row: &Position, column: &Position, formula: usize| {
            self.axes.pivot.value(formula, &[row.as_slice(), column].concat()) != Value::Empty
        };
        rows.retain(|row| columns.iter().any(|column| self.seen.iter().any(|seen| is_there(row, column, *seen))));
        Ok(())
    }

    /// Keeps the first rows of a group.
    fn cut(&self, limit: &Limit, held: Position, group: Vec<Position>, chosen: &mut Chosen) -> Result<()> {
        let mut sorted = self.sorted(group, std::slice::from_ref(&limit.key));
        let count = match &limit.take {
            Take::Rows(count) => usize::try_from(*count).unwrap_or(usize::MAX).min(sorted.len()),
            Take::Share(share) => {
                let values: Vec<Value> = sorted.iter().map(|row| self.value(&limit.key.formula, row)).collect();
                fewest(&values, &constant(share))?
            }
        };
        let rows = sorted.split_off(count);
        chosen.kept.extend(sorted);
        if !rows.is_empty() {
            chosen.left.push(Left { held, rows, row: None });
        }
        Ok(())
    }

    /// All rows in the order they are shown in.
    pub fn arranged(&self, chosen: Chosen) -> Vec<Row> {
        let Chosen { mut kept, left, totals } = chosen;
        let ranked = self.order.keys.is_empty() && self.order.limit.is_some();
        let flat = ranked && !self.axes.totals && self.order.limit.as_ref().is_some_and(|limit| limit.per == 0);
        let mut rows = Vec::new();
        if flat || self.axes.by == 0 {
            rows.extend(kept.into_iter().map(|position| Row { position, kind: RowKind::Plain }));
            others(&left, &[], &mut rows);
            return rows;
        }
        if !ranked {
            kept.sort();
        }
        self.group(0, kept, &left, &totals, &mut rows);
        rows
    }

    /// Puts the rows of a group under their outer rows, and its total behind them.
    fn group(&self, depth: usize, rows: Vec<Position>, left: &[Left], totals: &[Position], shown: &mut Vec<Row>) {
        let held = rows.first().map(|first| first[..depth].to_vec());
        if depth + 1 < self.axes.by {
            for (_, part) in self.outer(rows, depth) {
                self.group(depth + 1, part, left, totals, shown);
            }
        } else {
            let keys = self.keys(depth);
            let sorted = self.sorted(rows, keys).into_iter();
            shown.extend(sorted.map(|position| Row { position, kind: RowKind::Plain }));
        }
        let held = held.unwrap_or_default();
        others(left, &held, shown);
        let closes = |total: &&Position| total[..depth.min(held.len())] == held && self.is_total_from(depth, total);
        let closing = totals.iter().filter(closes).filter(|_| held.len() == depth);
        shown.extend(closing.map(|position| Row { position: position.clone(), kind: RowKind::Total }));
    }

    /// The groups of an outer item, in the order of their own values.
    fn outer(&self, rows: Vec<Position>, depth: usize) -> Vec<(Position, Vec<Position>)> {
        let mut groups = grouped(rows, depth + 1);
        let keys = self.keys(depth);
        if keys.is_empty() {
            return groups;
        }
        let whole = |held: &Position| {
            let inner = self.axes.row_items()[depth + 1..].iter().map(super::axis::Item::whole);
            held.iter().copied().chain(inner).collect::<Position>()
        };
        let by_whole: HashMap<Position, usize> =
            self.sorted(groups.iter().map(|(held, _)| whole(held)).collect(), keys).into_iter().zip(0..).collect();
        groups.sort_by_key(|(held, _)| by_whole.get(&whole(held)).copied());
        groups
    }

    /// What the rows at a depth are ordered by: the keys of the question, or what `top` takes them by
    /// within the groups it takes them in.
    fn keys(&self, depth: usize) -> &[Key] {
        match &self.order.limit {
            Some(limit) if self.order.keys.is_empty() && depth >= limit.per => std::slice::from_ref(&limit.key),
            _ => &self.order.keys,
        }
    }

    /// Whether a row is a total over all items from one on, as far as they have totals.
    fn is_total_from(&self, depth: usize, row: &[u32]) -> bool {
        let inner = row.iter().zip(self.axes.row_items()).skip(depth);
        let mut inner = inner.map(|(element, item)| item.total.is_none_or(|total| total == *element));
        inner.all(|total| total)
    }

    /// Sorts rows by some keys, each worked out once a row; rows that are alike stay in their order.
    fn sorted(&self, rows: Vec<Position>, keys: &[Key]) -> Vec<Position> {
        if keys.is_empty() {
            return rows;
        }
        let value = |row: &Position| keys.iter().map(|key| self.value(&key.formula, row)).collect();
        let mut valued: Vec<(Vec<Value>, Position)> = rows.into_iter().map(|row| (value(&row), row)).collect();
        valued.sort_by(|(left, _), (right, _)| {
            let pairs = left.iter().zip(right).zip(keys);
            let mut orders = pairs.map(|((left, right), key)| compare(left, right, key.descending));
            orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        valued.into_iter().map(|(_, row)| row).collect()
    }

    /// A value of a row, at its total over the columns but for those named.
    fn value(&self, formula: &Formula<Ordered>, row: &[u32]) -> Value {
        let pivot = self.axes.pivot;
        formula.evaluate(&|leaf| {
            let columns = pivot.items[self.axes.by..].iter().map(super::axis::Item::whole);
            let mut position: Position = row.iter().copied().chain(columns).collect();
            leaf.columns.iter().for_each(|(item, element)| position[*item] = *element);
            pivot.value(leaf.formula, &position)
        })
    }
}

/// Rows by their outermost elements, groups in the order in which they appear.
fn grouped(rows: Vec<Position>, depth: usize) -> Vec<(Position, Vec<Position>)> {
    let mut places: HashMap<Position, usize> = HashMap::new();
    let mut groups: Vec<(Position, Vec<Position>)> = Vec::new();
    for row in rows {
        let held = row[..depth].to_vec();
        let place = *places.entry(held.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(row),
            None => groups.push((held, vec![row])),
        }
    }
    groups
}

/// The row of what was left out in a group.
fn others(left: &[Left], held: &[u32], shown: &mut Vec<Row>) {
    let found = left.iter().filter(|left| left.held == held).filter_map(|left| left.row.clone());
    shown.extend(found.map(|position| Row { position, kind: RowKind::Others { held: held.len() } }));
}

/// How many of some values, from the first on, reach a share of all.
fn fewest(values: &[Value], share: &Value) -> Result<usize> {
    let whole = values.iter().cloned().fold(Value::Empty, add);
    if whole == Value::Empty {
        return Ok(0);
    }
    if order(&whole, &exact(0, 0)) != Some(Ordering::Greater) {
        return Err(Error::new(
            ErrorKind::Refused,
            "the rows together are not above zero: there is no share of them",
            None,
        )
        .helped("take rows by an amount that is above zero, such as abs(FORMULA), or so many: top 10"));
    }
    let goal = multiply(&whole, share);
    let mut reached = exact(0, 0);
    for (count, value) in values.iter().enumerate() {
        if order(&reached, &goal).is_none_or(Ordering::is_ge) {
            return Ok(count);
        }
        reached = add(reached, value.clone());
    }
    Ok(values.len())
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
