//! The positions along the rows or along the columns, in the order of the model.

use super::axis::{Item, Rule};
use super::cells::Position;
use super::pivot::Pivot;
use crate::error::Result;
use std::collections::BTreeSet;
use std::ops::Range;

/// What positions there are.
#[derive(Clone, Copy)]
pub(super) struct Axes<'a> {
    pub pivot: &'a Pivot,
    /// How many of the items are rows.
    pub by: usize,
    /// Whether totals are shown.
    pub totals: bool,
    /// Whether combinations without data are.
    pub empty: bool,
}

impl<'a> Axes<'a> {
    /// The items along the rows.
    pub fn row_items(&self) -> &'a [Item] {
        &self.pivot.items[..self.by]
    }

    /// The positions along the rows, those that are totals apart.
    pub fn rows(&self) -> Result<(Vec<Position>, Vec<Position>)> {
        Ok(self.positions(0..self.by)?.into_iter().partition(|row| !self.is_total(row)))
    }

    /// The positions along the columns.
    pub fn columns(&self) -> Result<Vec<Position>> {
        self.positions(self.by..self.pivot.items.len())
    }

    /// Whether a row is a total over some item.
    pub fn is_total(&self, row: &[u32]) -> bool {
        row.iter().zip(self.row_items()).any(|(element, item)| item.total == Some(*element))
    }

    /// Combinations with data, with formulas over members put in, without what is hidden.
    fn positions(&self, items: Range<usize>) -> Result<Vec<Position>> {
        if items.is_empty() {
            return Ok(vec![Vec::new()]);
        }
        let mut found = match self.empty {
            true => self.pivot.every_combination(items.clone())?,
            false => self.pivot.combinations(items.clone())?,
        };
        for item in items.clone() {
            let more = self.with_computed(&found, item, item - items.start);
            found.extend(more);
        }
        if items.len() == 1 && items.start >= self.by {
            found.extend(self.listed(items.start));
        }
        Ok(found.into_iter().filter(|position| self.is_shown(items.start, position)).collect())
    }

    /// The positions again, with what is worked out from an item's elements in its place.
    fn with_computed(&self, found: &BTreeSet<Position>, item: usize, place: usize) -> BTreeSet<Position> {
        let elements = self.pivot.items[item].elements.iter().enumerate();
        let computed: Vec<u32> = elements
            .filter(|(_, element)| !matches!(element.rule, Rule::Leaves))
            .map(|(element, _)| element as u32)
            .collect();
        let put = |position: &Position, element: u32| {
            let mut position = position.clone();
            position[place] = element;
            position
        };
        found.iter().flat_map(|position| computed.iter().map(move |element| put(position, *element))).collect()
    }

    /// A single column item in brackets keeps all its columns.
    fn listed(&self, item: usize) -> Vec<Position> {
        let item = &self.pivot.items[item];
        let all = if item.listed { item.elements.len() as u32 } else { 0 };
        (0..all).map(|element| vec![element]).collect()
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
            if total && !self.totals || summed && !total && item.total.is_some() {
                return false;
            }
            summed |= total;
        }
        true
    }
}
