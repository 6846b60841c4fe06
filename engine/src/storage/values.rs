//! A measure column: scaled integers as multiples of a common unit above a base, in the narrowest
//! integers that hold them (frame of reference: Goldstein et al., ICDE 1998), with a bitmap of the
//! rows that have a value.

use super::bits::Bits;

/// How far values lie above the base, in units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Packed {
    /// All values are the base.
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

/// What is common to the values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// What is stored as nothing.
    pub base: i64,
    /// The greatest value.
    pub most: i64,
    /// Every value is the base and a multiple of this; at least 1.
    pub unit: u64,
}

/// The cells of a chunk's rows in one measure; empty cells have a zero offset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// Their common frame.
    pub frame: Frame,
    /// How many rows there are.
    pub rows: usize,
    /// The offsets.
    pub packed: Packed,
    /// Which rows have a value; all where none.
    pub validity: Option<Bits>,
}

impl Frame {
    /// The frame in which values between two bounds, all multiples of a unit, take the least room.
    ///
    /// Zero, or half of what an integer holds below it, is the base where that is no wider than the
    /// least value as a base: columns of like data then share their frame, and sums need no mending.
    pub fn around(least: i64, most: i64, unit: u64) -> Self {
        if least == most {
            return Frame { base: least, most, unit: 1 };
        }
        let width = |base: i64| width(most.wrapping_sub(base) as u64 / unit);
        let plain = [Some(0), biased(1, unit), biased(2, unit), biased(4, unit)];
        let narrowest = width(least);
        let fits = |base: &i64| *base <= least && most.checked_sub(*base).is_some() && width(*base) <= narrowest;
        let base = plain.into_iter().flatten().find(fits);
        match base {
            Some(base) => Frame { base, most, unit },
            None => Frame { base: least, most, unit },
        }
    }

    /// The frame of some values.
    fn of(values: impl Iterator<Item = i64> + Clone) -> Option<Self> {
        let (mut least, mut most, mut unit) = (i64::MAX, i64::MIN, Unit::default());
        for value in values {
            least = least.min(value);
            most = most.max(value);
            unit = unit.with(value.unsigned_abs());
        }
        (least <= most).then(|| Frame::around(least, most, unit.number.max(1)))
    }

    /// How far a value lies above the base, in units.
    fn offset(&self) -> impl Fn(i64) -> u64 + use<> {
        let (base, unit) = (self.base, Unit::of(self.unit));
        move |value| unit.of_multiple(value.wrapping_sub(base) as u64)
    }

    /// The value of an offset.
    pub fn value(&self, offset: u64) -> i64 {
        self.base.wrapping_add(offset.wrapping_mul(self.unit) as i64)
    }

    /// The greatest offset that stands for a value.
    pub fn span(&self) -> u64 {
        self.most.wrapping_sub(self.base) as u64 / self.unit
    }
}

/// Half of what so many bytes hold, in units below zero.
fn biased(bytes: u32, unit: u64) -> Option<i64> {
    i64::try_from(unit).ok()?.checked_mul(1i64 << (bytes * 8 - 1))?.checked_neg()
}

/// Bytes that an offset takes.
fn width(offset: u64) -> u32 {
    match offset {
        0..=0xFF => 1,
        0x100..=0xFFFF => 2,
        0x1_0000..=0xFFFF_FFFF => 4,
        _ => 8,
    }
}

/// What numbers are multiples of. Whether a number is one, and of what, is told by a multiplication with the inverse
/// modulo 2^64, which is several times cheaper than to divide (Granlund, Montgomery, PLDI 1994).
#[derive(Debug, Clone, Copy, Default)]
struct Unit {
    /// The unit; 0 as long as all numbers are.
    number: u64,
    /// How many zeros it ends with in binary, and the inverse of what is before them.
    zeros: u32,
    inverse: u64,
    /// The greatest multiple that there is.
    most: u64,
}

impl Unit {
    fn of(number: u64) -> Self {
        let Some(most) = u64::MAX.checked_div(number) else { return Unit::default() };
        let zeros = number.trailing_zeros();
        let odd = number >> zeros;
        // Newton's method: three bits are right at first, twice as many after each step.
        let inverse = (0..5).fold(odd, |inverse, _| inverse.wrapping_mul(2u64.wrapping_sub(odd.wrapping_mul(inverse))));
        Unit { number, zeros, inverse, most }
    }

    #[inline]
    fn divides(&self, number: u64) -> bool {
        number.wrapping_mul(self.inverse).rotate_right(self.zeros) <= self.most
    }

    /// What a multiple is a multiple by.
    #[inline]
    fn of_multiple(&self, multiple: u64) -> u64 {
        multiple.wrapping_mul(self.inverse) >> self.zeros
    }

    /// The unit of one number more.
    #[inline]
    fn with(self, number: u64) -> Self {
        if self.divides(number) && (self.number != 0 || number == 0) {
            return self;
        }
        Unit::of(common(self.number, number))
    }
}

/// The greatest common divisor (binary: Stein 1967); that of 0 and a number is the number.
fn common(left: u64, right: u64) -> u64 {
    if left == 0 || right == 0 {
        return left | right;
    }
    let shift = (left | right).trailing_zeros();
    let (mut a, mut b) = (left >> left.trailing_zeros(), right >> right.trailing_zeros());
    while a != b {
        if a < b {
            std::mem::swap(&mut a, &mut b);
        }
        a -= b;
        a >>= a.trailing_zeros();
    }
    a << shift
}

impl Values {
    /// The narrowest column for these cells; none where no row has a value.
    pub fn encode(cells: &[Option<i64>]) -> Option<Self> {
        let full = cells.iter().all(Option::is_some);
        let validity = (!full).then(|| Bits::from_fn(cells.len(), |row| cells[row].is_some()));
        Some(Values { validity, ..Values::of(cells)? })
    }

    /// The same, as if all rows had a value: those that have none have some.
    pub fn of(cells: &[Option<i64>]) -> Option<Self> {
        let frame = Frame::of(cells.iter().flatten().copied())?;
        let offset = frame.offset();
        let offsets = cells.iter().map(|cell| cell.map_or(0, &offset));
        let packed = Packed::encode(offsets, frame.span());
        Some(Values { frame, rows: cells.len(), packed, validity: None })
    }

    /// The cell of a row.
    pub fn get(&self, row: usize) -> Option<i64> {
        if row >= self.rows || self.validity.as_ref().is_some_and(|bits| !bits.get(row)) {
            return None;
        }
        Some(self.frame.value(self.packed.get(row)))
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.packed.bytes() + self.validity.as_ref().map_or(0, Bits::bytes)
    }

    /// All cells, unpacked.
    pub fn decode(&self) -> Vec<Option<i64>> {
        let mut cells = vec![None; self.rows];
        self.packed.gather(0..self.rows as u32, &mut cells, |offset| self.frame.value(offset));
        if let Some(validity) = &self.validity {
            cells.iter_mut().enumerate().filter(|(row, _)| !validity.get(*row)).for_each(|(_, cell)| *cell = None);
        }
        cells
    }

    /// The same column with other values at some rows that have values now; none where the frame does not hold them.
    pub fn patched(&self, patches: impl Iterator<Item = (u32, i64)> + Clone) -> Option<Self> {
        if self.packed == Packed::Constant {
            return None;
        }
        let (mut unit, mut most, mut least) = (Unit::of(self.frame.unit), self.frame.most, self.frame.base);
        for (_, value) in patches.clone() {
            (least, most) = (least.min(value), most.max(value));
            unit = unit.with(value.wrapping_sub(self.frame.base) as u64);
        }
        if least < self.frame.base {
            return None;
        }
        let frame = Frame { most, unit: unit.number, ..self.frame };
        let mut packed = self.packed.scaled(self.frame.unit / frame.unit, frame.span());
        let offset = frame.offset();
        packed.put_all(patches.map(|(row, value)| (row, offset(value))));
        Some(Values { frame, rows: self.rows, packed, validity: self.validity.clone() })
    }

    /// The narrowest column of so many rows with these cells at some places, each place once, and the others empty; none
    /// where no row has a value.
    pub fn placed(rows: usize, places: &[u32], cells: impl Iterator<Item = Option<i64>> + Clone) -> Option<Self> {
        let frame = Frame::of(cells.clone().flatten())?;
        let valued = || places.iter().zip(cells.clone()).filter_map(|(row, cell)| Some((*row, cell?)));
        let mut packed = Packed::zeros(rows, frame.span());
        let offset = frame.offset();
        packed.put_all(valued().map(|(row, value)| (row, offset(value))));
        let full = rows == places.len() && cells.clone().all(|cell| cell.is_some());
        let validity = (!full).then(|| {
            let mut bits = Bits::zeros(rows);
            valued().for_each(|(row, _)| bits.set(row as usize));
            bits
        });
        Some(Values { frame, rows, packed, validity })
    }

    /// Puts the values of the rows from `start` on whose bits are set into the places of these bits.
    pub fn read(&self, start: usize, mask: u64, into: &mut [i64; 64]) {
        fn read<P: Copy + Into<u64>>(packed: &[P], start: usize, mask: u64, frame: Frame, into: &mut [i64; 64]) {
            let rows = packed.get(start..).unwrap_or_default();
            let length = (u64::BITS - mask.leading_zeros()) as usize;
            for (into, offset) in into.iter_mut().zip(rows).take(length) {
                *into = frame.value((*offset).into());
            }
        }
        match &self.packed {
            Packed::Constant => into.fill(self.frame.base),
            Packed::Bytes1(packed) => read(packed, start, mask, self.frame, into),
            Packed::Bytes2(packed) => read(packed, start, mask, self.frame, into),
            Packed::Bytes4(packed) => read(packed, start, mask, self.frame, into),
            Packed::Bytes8(packed) => read(packed, start, mask, self.frame, into),
        }
    }

    /// Which of up to 64 rows from `start` on have a value, of those whose bits are set.
    pub fn valid(&self, start: usize, mask: u64) -> u64 {
        self.validity.as_ref().map_or(mask, |bits| bits.window(start) & mask)
    }

    /// The greatest magnitude.
    pub fn magnitude(&self) -> u64 {
        self.frame.base.unsigned_abs().max(self.frame.most.unsigned_abs())
    }
}

impl Packed {
    /// Offsets in the narrowest integers, given the greatest.
    fn encode(offsets: impl Iterator<Item = u64>, most: u64) -> Self {
        match (most, width(most)) {
            (0, _) => Packed::Constant,
            (_, 1) => Packed::Bytes1(offsets.map(|offset| offset as u8).collect()),
            (_, 2) => Packed::Bytes2(offsets.map(|offset| offset as u16).collect()),
            (_, 4) => Packed::Bytes4(offsets.map(|offset| offset as u32).collect()),
            _ => Packed::Bytes8(offsets.collect()),
        }
    }

    /// The offset of a row.
    pub fn get(&self, row: usize) -> u64 {
        match self {
            Packed::Constant => 0,
            Packed::Bytes1(offsets) => u64::from(offsets[row]),
            Packed::Bytes2(offsets) => u64::from(offsets[row]),
            Packed::Bytes4(offsets) => u64::from(offsets[row]),
            Packed::Bytes8(offsets) => offsets[row],
        }
    }

    /// What the offsets at some rows stand for, put into `values`; none beyond the last row.
    pub fn gather<T>(&self, rows: impl Iterator<Item = u32>, values: &mut [Option<T>], value: impl Fn(u64) -> T) {
        fn from<T, P: Copy + Into<u64>>(
            packed: &[P],
            rows: impl Iterator<Item = u32>,
            values: &mut [Option<T>],
            value: impl Fn(u64) -> T,
        ) {
            rows.zip(values)
                .for_each(|(row, into)| *into = packed.get(row as usize).map(|offset| value((*offset).into())));
        }
        match self {
            Packed::Constant => {
                rows.zip(values).filter(|(row, _)| *row != u32::MAX).for_each(|(_, into)| *into = Some(value(0)));
            }
            Packed::Bytes1(packed) => from(packed, rows, values, value),
            Packed::Bytes2(packed) => from(packed, rows, values, value),
            Packed::Bytes4(packed) => from(packed, rows, values, value),
            Packed::Bytes8(packed) => from(packed, rows, values, value),
        }
    }

    /// Zero offsets, in integers that hold `most`.
    fn zeros(rows: usize, most: u64) -> Self {
        match (most, width(most)) {
            (0, _) => Packed::Constant,
            (_, 1) => Packed::Bytes1(vec![0; rows]),
            (_, 2) => Packed::Bytes2(vec![0; rows]),
            (_, 4) => Packed::Bytes4(vec![0; rows]),
            _ => Packed::Bytes8(vec![0; rows]),
        }
    }

    fn put_all(&mut self, offsets: impl Iterator<Item = (u32, u64)>) {
        match self {
            Packed::Constant => offsets.for_each(drop),
            Packed::Bytes1(packed) => offsets.for_each(|(row, offset)| packed[row as usize] = offset as u8),
            Packed::Bytes2(packed) => offsets.for_each(|(row, offset)| packed[row as usize] = offset as u16),
            Packed::Bytes4(packed) => offsets.for_each(|(row, offset)| packed[row as usize] = offset as u32),
            Packed::Bytes8(packed) => offsets.for_each(|(row, offset)| packed[row as usize] = offset),
        }
    }

    /// Every offset times a factor, in integers that hold `most`.
    fn scaled(&self, factor: u64, most: u64) -> Packed {
        let bytes = match self {
            Packed::Constant => return Packed::Constant,
            Packed::Bytes1(_) => 1,
            Packed::Bytes2(_) => 2,
            Packed::Bytes4(_) => 4,
            Packed::Bytes8(_) => 8,
        };
        if factor == 1 && width(most) <= bytes {
            return self.clone();
        }
        let most = most.max(1);
        match self {
            Packed::Constant => Packed::Constant,
            Packed::Bytes1(old) => widened(old, factor, most),
            Packed::Bytes2(old) => widened(old, factor, most),
            Packed::Bytes4(old) => widened(old, factor, most),
            Packed::Bytes8(old) => Packed::encode(old.iter().map(|offset| offset.wrapping_mul(factor)), most),
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        match self {
            Packed::Constant => 0,
            Packed::Bytes1(packed) => packed.len(),
            Packed::Bytes2(packed) => packed.len() * 2,
            Packed::Bytes4(packed) => packed.len() * 4,
            Packed::Bytes8(packed) => packed.len() * 8,
        }
    }
}

/// Offsets times a factor in integers that hold `most`, worked out in 32 bits where these are enough.
fn widened<T: Copy + Into<u32>>(old: &[T], factor: u64, most: u64) -> Packed {
    match (width(most), u32::try_from(factor)) {
        (4, Ok(factor)) => Packed::Bytes4(old.iter().map(|offset| (*offset).into().wrapping_mul(factor)).collect()),
        _ => Packed::encode(old.iter().map(|offset| u64::from((*offset).into()) * factor), most),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell() -> impl Strategy<Value = i64> {
        prop_oneof![any::<i64>(), -300i64..300, (-300i64..300).prop_map(|x| x * 2500), Just(i64::MIN), Just(i64::MAX)]
    }

    proptest! {
        #[test]
        fn any_cells_come_back(cells in prop::collection::vec(prop::option::of(cell()), 1..200)) {
            match Values::encode(&cells) {
                None => prop_assert!(cells.iter().all(Option::is_none)),
                Some(values) => prop_assert_eq!(values.decode(), cells.clone()),
            }
        }

        #[test]
        fn a_unit_divides_what_it_divides(number in 1u64.., multiple: u64, other: u64) {
            for number in [number, number >> 40, number << 50, 1, 1 << 63].into_iter().filter(|number| *number > 0) {
                let unit = Unit::of(number);
                let multiple = multiple % (u64::MAX / number).max(1);
                prop_assert_eq!(unit.of_multiple(multiple * number), multiple);
                for number in [other, multiple * number, 0] {
                    prop_assert_eq!(unit.divides(number), number.is_multiple_of(unit.number));
                }
            }
        }

        #[test]
        fn patched_cells_come_back(
            cells in prop::collection::vec(prop::option::of((-300i64..300).prop_map(|x| x * 50)), 1..50),
            patches in prop::collection::vec((any::<prop::sample::Index>(), cell()), 1..20),
        ) {
            let Some(values) = Values::encode(&cells) else { return Ok(()) };
            let mut expected = cells.clone();
            let mut rows = std::collections::BTreeMap::new();
            for (index, value) in &patches {
                let row = index.index(cells.len());
                if cells[row].is_some() {
                    expected[row] = Some(*value);
                    rows.insert(row as u32, *value);
                }
            }
            let patches: Vec<(u32, i64)> = rows.into_iter().collect();
            if let Some(patched) = values.patched(patches.into_iter()) {
                prop_assert_eq!(patched.decode(), expected);
            }
        }

        #[test]
        fn any_codes_come_back(codes in prop::collection::vec(
            prop_oneof![0u32..4, 0u32..300, any::<u32>()], 0..100)) {
            prop_assert_eq!(super::super::Codes::encode(&codes).decode(), codes);
        }
    }
}
