//! The receipt of a load, for people.

use std::io::{self, Write};

use query::answer::LoadReceipt;

use super::number::Digits;
use super::text;

/// Writes what was read and what became of it.
pub fn write(out: &mut dyn Write, receipt: &LoadReceipt) -> io::Result<()> {
    let statement = text::statement(&receipt.statement);
    writeln!(out, "operation {}: {statement}", receipt.operation)?;
    let facts = [
        ("rows read", receipt.rows),
        ("cells written", receipt.cells),
        ("members created", receipt.members_created),
        ("duplicates", receipt.duplicates),
        ("rows rejected", receipt.rejected),
        ("blank fields", receipt.blanks),
    ];
    for (name, count) in facts {
        writeln!(out, "  {name:<17}{}", Digits::exact(i128::from(count), 0).grouped())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_counts_everything() {
        let receipt = LoadReceipt {
            operation: 3,
            statement: "load 'facts.csv'".into(),
            rows: 1000,
            cells: 998,
            members_created: 0,
            duplicates: 2,
            rejected: 0,
            blanks: 5,
            notes: Vec::new(),
        };
        let mut out = Vec::new();
        write(&mut out, &receipt).unwrap();
        let expected = "\
operation 3: load 'facts.csv'
  rows read        1,000
  cells written    998
  members created  0
  duplicates       2
  rows rejected    0
  blank fields     5
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
