//! What a statement answers: cells, lists and receipts, with nothing of how they are drawn.

/// The value of one shown cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// No data.
    #[default]
    Empty,
    /// Exact: `units / 10^scale`.
    Exact {
        /// The scaled integer.
        units: i128,
        /// Digits after the point.
        scale: u8,
    },
    /// A ratio or an average.
    Ratio(f64),
    /// A text, such as `F` or `U`.
    Text(String),
    /// True or false.
    Flag(bool),
}

/// What a row or column label stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelKind {
    /// A member, group or formula.
    Member,
    /// A total over the item; its text is `(total)`.
    Total,
    /// What `top` left out; its text is `(others)`.
    Others,
    /// What skips the level of the item; its text is `(no LEVEL)` for people, blank for programs.
    Blank,
}

/// One label of one item on an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What is shown.
    pub text: String,
    /// What it stands for.
    pub kind: LabelKind,
}

impl Label {
    /// The text for programs; none where the label is a blank.
    pub fn plain(&self) -> Option<&str> {
        (self.kind != LabelKind::Blank).then_some(self.text.as_str())
    }
}

/// The heading of a shown measure or formula.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasureHeading {
    /// The measure's name, the `as` name, or the formula as written.
    pub name: String,
    /// `USD`, `heads`; none for a ratio.
    pub unit: Option<String>,
    /// `#,##0.00`, `0.0%`: how people want to see it in a table.
    pub format: Option<String>,
}

/// A pivot: rows × columns × measures.
#[derive(Debug, Clone, PartialEq)]
pub struct CellSet {
    /// One name for each `by` item, as written.
    pub row_items: Vec<String>,
    /// One name for each `across` item, as written.
    pub column_items: Vec<String>,
    /// What is shown.
    pub measures: Vec<MeasureHeading>,
    /// For each row, a label for each row item. One row without labels where there is no `by`.
    pub rows: Vec<Vec<Label>>,
    /// For each column position, a label for each column item. One without labels where there is no `across`.
    pub columns: Vec<Vec<Label>>,
    /// Row by row, in it column by column, in it measure by measure.
    pub cells: Vec<Value>,
    /// Said beside the answer: `scenario: plan (the session's)`.
    pub notes: Vec<String>,
}

/// Named columns and rows of values: `history`, `members of`, `describe`, `explain`.
#[derive(Debug, Clone, PartialEq)]
pub struct List {
    /// The columns' names.
    pub columns: Vec<String>,
    /// Each as long as `columns`.
    pub rows: Vec<Vec<Value>>,
    /// Said beside the answer.
    pub notes: Vec<String>,
}

/// A leaf or a part of a dimension before and after a change.
#[derive(Debug, Clone, PartialEq)]
pub struct CellChange {
    /// The leaf, as member names joined by `, `, or the part's member.
    pub cell: String,
    /// The value before.
    pub before: Value,
    /// The value after.
    pub after: Value,
}

/// A dimension that a statement names, in parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Breakdown {
    /// Its name.
    pub dimension: String,
    /// The parts that hold something, before and after.
    pub parts: Vec<CellChange>,
}

/// The units that were left after shares were cut to whole units.
#[derive(Debug, Clone, PartialEq)]
pub struct Rounding {
    /// The rule that placed them: `largest remainder`, `controlled rounding`.
    pub rule: &'static str,
    /// How many leaves got a unit.
    pub leaves: u64,
    /// What a unit is.
    pub unit: Value,
    /// The first of these leaves.
    pub first: Vec<String>,
}

/// What a change did, or would do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ChangeReceipt {
    /// The operation's number; none for a preview.
    pub operation: Option<u64>,
    /// The statement as written.
    pub statement: String,
    /// Leaf cells whose value changed.
    pub cells_touched: u64,
    /// Of these, cells that were empty before.
    pub cells_created: u64,
    /// The total of the slice before (of a stock, in the last period that changed).
    pub before: Value,
    /// The same after.
    pub after: Value,
    /// Whether the total of everything stayed what it was.
    pub conserved: bool,
    /// The unit of `before` and `after`.
    pub unit: Option<String>,
    /// The total that was held, where something was.
    pub held: Option<Value>,
    /// The dimensions that the statement names, part by part.
    pub parts: Vec<Breakdown>,
    /// Where units of rounding went; none where all shares were whole.
    pub rounding: Option<Rounding>,
    /// The largest changes; filled for a preview.
    pub largest: Vec<CellChange>,
    /// Said beside the answer: the scenario assumed, what `before` means for a stock.
    pub notes: Vec<String>,
}

/// What a load did.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadReceipt {
    /// The operation's number.
    pub operation: u64,
    /// The statement as written.
    pub statement: String,
    /// Rows read.
    pub rows: u64,
    /// Cells written.
    pub cells: u64,
    /// Members created.
    pub members_created: u64,
    /// Rows that fell on a cell another row had given.
    pub duplicates: u64,
    /// Rows put aside.
    pub rejected: u64,
    /// Empty measure fields.
    pub blanks: u64,
    /// Said beside the answer: rows that look like subtotals of others, created members.
    pub notes: Vec<String>,
}

/// What a statement answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// A pivot.
    Cells(CellSet),
    /// A list.
    List(List),
    /// A change's receipt.
    Change(ChangeReceipt),
    /// A load's receipt.
    Load(LoadReceipt),
    /// Nothing to tell programs; a note for people.
    Nothing {
        /// `scenario plan created`
        note: String,
    },
    /// Nothing to tell programs, and something that has to be known.
    Warned {
        /// What was done and what is to be known, a line each.
        notes: Vec<String>,
    },
}
