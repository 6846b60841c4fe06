//! A coordinate column: member ids in the narrowest integers that hold them.

/// In a table from id to number: this id has none. Sums of several stay negative.
pub const NO_GROUP: i64 = i64::MIN / 64;

/// The member ids of a chunk's rows in one dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    /// Every row has the same id; and how many rows there are.
    Constant(u32, usize),
    /// Ids below 2^8.
    Narrow(Vec<u8>),
    /// Ids below 2^16.
    Medium(Vec<u16>),
    /// Any ids.
    Wide(Vec<u32>),
}

/// Rows of a column, ascending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// The first so many.
    All(usize),
    /// These.
    Some(Vec<u32>),
}

impl Rows {
    /// Shows each.
    pub fn each(&self, mut show: impl FnMut(usize)) {
        match self {
            Rows::All(rows) => (0..*rows).for_each(show),
            Rows::Some(rows) => rows.iter().for_each(|row| show(*row as usize)),
        }
    }
}

impl Codes {
    /// The narrowest column for these ids.
    pub fn encode(codes: &[u32]) -> Self {
        let first = codes.first().copied().unwrap_or(0);
        let most = codes.iter().copied().max().unwrap_or(0);
        if codes.iter().all(|code| *code == first) {
            Codes::Constant(first, codes.len())
        } else if most <= u32::from(u8::MAX) {
            Codes::Narrow(codes.iter().map(|code| *code as u8).collect())
        } else if most <= u32::from(u16::MAX) {
            Codes::Medium(codes.iter().map(|code| *code as u16).collect())
        } else {
            Codes::Wide(codes.to_vec())
        }
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        match self {
            Codes::Constant(_, rows) => *rows,
            Codes::Narrow(codes) => codes.len(),
            Codes::Medium(codes) => codes.len(),
            Codes::Wide(codes) => codes.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The id of a row; 0 beyond the last.
    pub fn get(&self, row: usize) -> u32 {
        match self {
            Codes::Constant(code, _) => *code,
            Codes::Narrow(codes) => codes.get(row).map_or(0, |code| u32::from(*code)),
            Codes::Medium(codes) => codes.get(row).map_or(0, |code| u32::from(*code)),
            Codes::Wide(codes) => codes.get(row).copied().unwrap_or(0),
        }
    }

    /// All ids, unpacked.
    pub fn decode(&self) -> Vec<u32> {
        match self {
            Codes::Constant(code, rows) => vec![*code; *rows],
            Codes::Narrow(codes) => codes.iter().map(|code| u32::from(*code)).collect(),
            Codes::Medium(codes) => codes.iter().map(|code| u32::from(*code)).collect(),
            Codes::Wide(codes) => codes.clone(),
        }
    }

    /// Adds `table[id]` of every row to the numbers.
    pub fn add_mapped(&self, table: &[i64], numbers: &mut [i64]) {
        fn add<T: Copy + Into<u32>>(codes: &[T], table: &[i64], numbers: &mut [i64]) {
            for (number, code) in numbers.iter_mut().zip(codes) {
                let code: u32 = (*code).into();
                *number += table.get(code as usize).copied().unwrap_or(NO_GROUP);
            }
        }
        match self {
            Codes::Constant(code, _) => {
                let mapped = table.get(*code as usize).copied().unwrap_or(NO_GROUP);
                numbers.iter_mut().for_each(|number| *number += mapped);
            }
            Codes::Narrow(codes) => add(codes, table, numbers),
            Codes::Medium(codes) => add(codes, table, numbers),
            Codes::Wide(codes) => add(codes, table, numbers),
        }
    }

    /// Keeps of some rows, which ascend, those whose id is inside.
    pub fn keep(&self, inside: &[bool], rows: Rows) -> Rows {
        fn keep<T: Copy + Into<u32>>(codes: &[T], inside: &[bool], rows: Rows) -> Rows {
            let is_inside = |code: T| inside.get(code.into() as usize).copied().unwrap_or(false);
            match rows {
                Rows::All(_) => {
                    let kept = codes.iter().zip(0u32..).filter(|(code, _)| is_inside(**code));
                    Rows::Some(kept.map(|(_, row)| row).collect())
                }
                Rows::Some(mut rows) => {
                    rows.retain(|row| codes.get(*row as usize).is_some_and(|code| is_inside(*code)));
                    Rows::Some(rows)
                }
            }
        }
        match self {
            Codes::Constant(code, _) if inside.get(*code as usize).copied().unwrap_or(false) => rows,
            Codes::Constant(..) => Rows::Some(Vec::new()),
            Codes::Narrow(codes) => keep(codes, inside, rows),
            Codes::Medium(codes) => keep(codes, inside, rows),
            Codes::Wide(codes) => keep(codes, inside, rows),
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        match self {
            Codes::Constant(..) => 0,
            Codes::Narrow(codes) => codes.len(),
            Codes::Medium(codes) => codes.len() * 2,
            Codes::Wide(codes) => codes.len() * 4,
        }
    }
}
