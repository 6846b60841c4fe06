//! One dimension's coordinate of every row, gathered part by part: rows are numbered by the combination of
//! texts that their fields are, each combination kept once.

use super::column::{BLANK, Texts};
use super::members::{Coordinate, Fields};
use std::collections::HashMap;

/// The combinations of all parts until now.
pub(super) struct Gathered {
    /// The columns, with the texts of all parts and no codes.
    pub coordinate: Coordinate,
    known: Vec<HashMap<String, u32>>,
    /// What each number stands for.
    pub combinations: Vec<Fields>,
    numbers: HashMap<Fields, u32>,
    /// How many rows have each number.
    pub rows: Vec<u64>,
    bytes: usize,
}

/// Bytes of a combination, of a text, and of the member that either may become, beside what they are made of.
const ENTRY_BYTES: usize = 512;

impl Gathered {
    /// Nothing yet, of columns at these levels.
    pub fn new(coordinate: Coordinate) -> Self {
        let known = coordinate.columns.iter().map(|_| HashMap::new()).collect();
        Gathered { coordinate, known, combinations: Vec::new(), numbers: HashMap::new(), rows: Vec::new(), bytes: 0 }
    }

    /// Bytes that all this takes, and takes once its members are made.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Takes the fields of a part; gives the number of each row.
    pub fn take(&mut self, rows: usize, texts: Vec<Texts>) -> Vec<u32> {
        let columns = self.coordinate.columns.iter().zip(texts).map(|((level, _), texts)| (*level, texts)).collect();
        let part = Coordinate { columns };
        let (combinations, mut numbers) = part.combinations(rows);
        let mut counts = vec![0; combinations.len()];
        numbers.iter().for_each(|number| counts[*number as usize] += 1);
        let used = combinations.iter().zip(&counts);
        let table: Vec<u32> = used
            .map(|(fields, count)| match count {
                0 => 0,
                count => self.number(&part, fields, *count),
            })
            .collect();
        numbers.iter_mut().for_each(|number| *number = table[*number as usize]);
        numbers
    }

    /// The number of a combination of a part's texts.
    fn number(&mut self, part: &Coordinate, fields: &Fields, rows: u64) -> u32 {
        let code = |column: usize| part.text(column, fields).map_or(BLANK, |text| self.code(column, text));
        let fields: Fields = (0..fields.len()).map(code).collect();
        let next = self.combinations.len() as u32;
        let number = *self.numbers.entry(fields.clone()).or_insert(next);
        if number == next {
            self.bytes += ENTRY_BYTES;
            self.combinations.push(fields);
            self.rows.push(0);
        }
        self.rows[number as usize] += rows;
        number
    }

    fn code(&mut self, column: usize, text: &str) -> u32 {
        if let Some(code) = self.known[column].get(text) {
            return *code;
        }
        let distinct = &mut self.coordinate.columns[column].1.distinct;
        let code = distinct.len() as u32;
        self.bytes += ENTRY_BYTES + 2 * text.len();
        distinct.push(text.to_owned());
        self.known[column].insert(text.to_owned(), code);
        code
    }
}
