//! A measure column: scaled integers as offsets from the least of them (frame of reference,
//! Goldstein et al., ICDE 1998), with a bitmap of the rows that have a value.

use super::bits::Bits;

/// Offsets from the least value, in the narrowest integers that hold them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packed {
    /// All values are the same.
    Constant,
    /// Below 2^8.
    Bytes1(Vec<u8>),
    /// Below 2^16.
    Bytes2(Vec<u16>),
    /// Below 2^32.
    Bytes4(Vec<u32>),
    /// Any.
    Bytes8(Vec<u64>),
}

/// The cells of a chunk's rows in one measure; empty cells have a zero offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The least value.
    pub base: i64,
    /// The greatest value.
    pub most: i64,
    /// How many rows there are.
    pub rows: usize,
    /// The offsets.
    pub packed: Packed,
    /// Which rows have a value; all where none.
    pub validity: Option<Bits>,
}

impl Values {
    /// The narrowest column for these cells; none where no row has a value.
    pub fn encode(cells: &[Option<i64>]) -> Option<Self> {
        let base = cells.iter().flatten().copied().min()?;
        let most = cells.iter().flatten().copied().max()?;
        let offsets = cells.iter().map(|cell| cell.map_or(0, |value| value.wrapping_sub(base) as u64));
        let packed = match most.wrapping_sub(base) as u64 {
            0 => Packed::Constant,
            1..=0xFF => Packed::Bytes1(offsets.map(|offset| offset as u8).collect()),
            0x100..=0xFFFF => Packed::Bytes2(offsets.map(|offset| offset as u16).collect()),
            0x1_0000..=0xFFFF_FFFF => Packed::Bytes4(offsets.map(|offset| offset as u32).collect()),
            _ => Packed::Bytes8(offsets.collect()),
        };
        let full = cells.iter().all(Option::is_some);
        let validity = (!full).then(|| Bits::from_fn(cells.len(), |row| cells[row].is_some()));
        Some(Values { base, most, rows: cells.len(), packed, validity })
    }

    /// The cell of a row.
    pub fn get(&self, row: usize) -> Option<i64> {
        if row >= self.rows || self.validity.as_ref().is_some_and(|bits| !bits.get(row)) {
            return None;
        }
        let offset = match &self.packed {
            Packed::Constant => 0,
            Packed::Bytes1(offsets) => u64::from(offsets[row]),
            Packed::Bytes2(offsets) => u64::from(offsets[row]),
            Packed::Bytes4(offsets) => u64::from(offsets[row]),
            Packed::Bytes8(offsets) => offsets[row],
        };
        Some(self.base.wrapping_add(offset as i64))
    }

    /// All cells, unpacked.
    pub fn decode(&self) -> Vec<Option<i64>> {
        (0..self.rows).map(|row| self.get(row)).collect()
    }

    /// Calls back with the group and the value of each row from `start` that has both.
    pub fn for_each(&self, start: usize, offsets: &[i64], mut each: impl FnMut(usize, i64)) {
        fn run<T: Copy + Into<u64>>(
            values: &Values,
            packed: &[T],
            start: usize,
            offsets: &[i64],
            each: &mut impl FnMut(usize, i64),
        ) {
            for (row, (offset, value)) in offsets.iter().zip(&packed[start..]).enumerate() {
                let valid = values.validity.as_ref().is_none_or(|bits| bits.get(start + row));
                if *offset >= 0 && valid {
                    let value: u64 = (*value).into();
                    each(*offset as usize, values.base.wrapping_add(value as i64));
                }
            }
        }
        match &self.packed {
            Packed::Constant => {
                for (row, offset) in offsets.iter().enumerate() {
                    let valid = self.validity.as_ref().is_none_or(|bits| bits.get(start + row));
                    if *offset >= 0 && valid {
                        each(*offset as usize, self.base);
                    }
                }
            }
            Packed::Bytes1(packed) => run(self, packed, start, offsets, &mut each),
            Packed::Bytes2(packed) => run(self, packed, start, offsets, &mut each),
            Packed::Bytes4(packed) => run(self, packed, start, offsets, &mut each),
            Packed::Bytes8(packed) => run(self, packed, start, offsets, &mut each),
        }
    }

    /// The greatest magnitude.
    pub fn magnitude(&self) -> u64 {
        self.base.unsigned_abs().max(self.most.unsigned_abs())
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        let packed = match &self.packed {
            Packed::Constant => 0,
            Packed::Bytes1(packed) => packed.len(),
            Packed::Bytes2(packed) => packed.len() * 2,
            Packed::Bytes4(packed) => packed.len() * 4,
            Packed::Bytes8(packed) => packed.len() * 8,
        };
        packed + self.validity.as_ref().map_or(0, Bits::bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_cells_come_back(cells in prop::collection::vec(prop::option::of(prop_oneof![
            any::<i64>(), -300i64..300, Just(i64::MIN), Just(i64::MAX)]), 1..200)) {
            match Values::encode(&cells) {
                None => prop_assert!(cells.iter().all(Option::is_none)),
                Some(values) => {
                    prop_assert_eq!(values.decode(), cells.clone());
                    let mut seen = vec![None; cells.len() - 1];
                    let offsets: Vec<i64> = (0..cells.len() as i64 - 1).collect();
                    values.for_each(1, &offsets, |group, value| seen[group] = Some(value));
                    prop_assert_eq!(&seen[..], &cells[1..]);
                }
            }
        }

        #[test]
        fn any_codes_come_back(codes in prop::collection::vec(
            prop_oneof![0u32..4, 0u32..300, any::<u32>()], 0..100)) {
            prop_assert_eq!(super::super::Codes::encode(&codes).decode(), codes);
        }
    }
}
