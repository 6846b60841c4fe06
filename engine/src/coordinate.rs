//! The key of a leaf: its member ids packed into one integer that sorts as the store does.
//!
//! The order of significance is the sort order of the schema with the period last, so that the
//! months of one series lie beside each other. Widths follow the number of members; adding members
//! may widen a field but never changes the order of keys. What people are shown in order is put in
//! leaf order, which is that of the dimensions as they were made: see [`KeyLayout::listed`].

use crate::error::{EngineError, Result};
use crate::id::{DimensionId, MemberId};
use crate::schema::Schema;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Where each coordinate sits in a packed key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLayout {
    fields: Vec<Field>,
    /// The fields as they would be were facts sorted as dimensions were made; none where they are.
    listed: Option<Vec<Field>>,
    time: Option<usize>,
    /// The bits of the period, which are the lowest; none without time.
    period: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field {
    shift: u32,
    mask: u128,
}

impl KeyLayout {
    /// The layout for the members a schema has now.
    ///
    /// Errors: the coordinates do not fit in 128 bits.
    pub fn new(schema: &Schema) -> Result<Self> {
        let in_order = schema.coordinates().filter(|id| !schema.sort_order().contains(id));
        let order: Vec<DimensionId> = schema.sort_order().iter().copied().chain(in_order).collect();
        let (fields, shift) = packed(schema, order);
        let (listed, _) = packed(schema, schema.coordinates().collect());
        if shift > u128::BITS {
            return Err(EngineError::Model(format!(
                "the dimensions of the cube need {shift} bits for a cell's address; {} are there",
                u128::BITS
            )));
        }
        let time = schema.time().map(|id| id.index() - 1);
        let period = time.map_or(0, |time| fields[time].mask as u32);
        let listed = Some(listed).filter(|listed| *listed != fields);
        Ok(KeyLayout { fields, listed, time, period })
    }

    /// A number by which leaves are in leaf order: by the dimensions as they were made, the period last, whatever facts are
    /// sorted by.
    pub fn listed(&self, key: u128) -> u128 {
        let Some(listed) = &self.listed else { return key };
        let place = |coordinate| u128::from(self.unpack(key, coordinate));
        listed.iter().enumerate().fold(0, |number, (coordinate, field)| number | place(coordinate) << field.shift)
    }

    /// How many coordinates a key has.
    pub fn width(&self) -> usize {
        self.fields.len()
    }

    /// The coordinate by which keys are sorted first; that of time where there is no other.
    pub fn leading(&self) -> usize {
        self.order().first().copied().unwrap_or(0)
    }

    /// The coordinates, those by which keys are sorted first before the others.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.width()).collect();
        order.sort_by_key(|coordinate| Reverse(self.fields[*coordinate].shift));
        order
    }

    /// The dimensions of the coordinates, those by which facts are sorted first before the others.
    pub fn sort_order(&self) -> impl Iterator<Item = DimensionId> {
        self.order().into_iter().map(|coordinate| DimensionId::from_index(coordinate + 1))
    }

    /// Whether keys of this layout are sorted as those of one before it, which may have had fewer coordinates.
    pub fn sorts_as(&self, before: &KeyLayout) -> bool {
        let known = self.order().into_iter().filter(|coordinate| *coordinate < before.width());
        known.eq(before.order())
    }

    /// The coordinate whose bits are the lowest because its members follow each other: time.
    pub fn time(&self) -> Option<usize> {
        self.time
    }

    /// A key without its period: what all facts of one series share.
    pub fn series(&self, key: u128) -> u128 {
        key & !u128::from(self.period)
    }

    /// The period of a key; 0 without time.
    pub fn period(&self, key: u128) -> u32 {
        key as u32 & self.period
    }

    /// More than any period.
    pub fn most_periods(&self) -> usize {
        self.period as usize + 1
    }

    /// The key of coordinates given in the schema's order.
    pub fn pack(&self, codes: impl Iterator<Item = u32>) -> u128 {
        self.fields.iter().zip(codes).fold(0, |key, (field, code)| key | (u128::from(code) << field.shift))
    }

    /// One coordinate of a key.
    pub fn unpack(&self, key: u128, coordinate: usize) -> u32 {
        self.fields.get(coordinate).map_or(0, |field| ((key >> field.shift) & field.mask) as u32)
    }

    /// All coordinates of a key.
    pub fn members(&self, key: u128) -> Vec<MemberId> {
        (0..self.width()).map(|coordinate| MemberId(self.unpack(key, coordinate))).collect()
    }

    /// The key a leaf maps to: coordinates that have a mapping go where it says. None where it says nothing.
    pub fn mapped(&self, key: u128, mapping: &[Option<HashMap<u32, u32>>]) -> Option<u128> {
        mapping.iter().enumerate().try_fold(key, |key, (coordinate, map)| match map {
            None => Some(key),
            Some(map) => Some(self.with(key, coordinate, MemberId(*map.get(&self.unpack(key, coordinate))?))),
        })
    }

    /// A key with one coordinate replaced.
    pub fn with(&self, key: u128, coordinate: usize, code: MemberId) -> u128 {
        self.fields
            .get(coordinate)
            .map_or(key, |field| (key & !(field.mask << field.shift)) | (u128::from(code.0) << field.shift))
    }
}

/// The fields of a key, given the coordinates from the most significant on, time always the least; and how many bits they
/// take.
fn packed(schema: &Schema, mut order: Vec<DimensionId>) -> (Vec<Field>, u32) {
    order.sort_by_key(|id| Some(*id) == schema.time());
    let mut fields = vec![Field { shift: 0, mask: 0 }; order.len()];
    let mut shift = 0;
    for id in order.iter().rev() {
        let members = schema.dimension(*id).len() as u128;
        let bits = u128::BITS - members.leading_zeros();
        fields[id.index() - 1] = Field { shift, mask: (1 << bits) - 1 };
        shift += bits;
    }
    (fields, shift)
}

#[cfg(test)]
impl KeyLayout {
    /// That of teams, so many with the top, along some months.
    pub(crate) fn of_teams(members: u32, first: &str, last: &str) -> Self {
        use crate::calendar::{Calendar, read_month};
        use crate::dimension::{Dimension, NewMember};
        let mut teams = Dimension::with_levels("team", vec!["team".to_owned()]);
        for team in 1..members {
            teams.add(NewMember::named(format!("t{team}"), MemberId::ROOT, true)).unwrap();
        }
        teams.seal();
        let month = |text| read_month(text).unwrap();
        let time = Dimension::time("period", Calendar::of_months(month(first), month(last), 1)).unwrap();
        let schema = Schema::default().with_dimension(teams).unwrap().with_dimension(time).unwrap();
        KeyLayout::new(&schema).unwrap()
    }
}
