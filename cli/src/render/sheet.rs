//! An answer as one flat table: a heading for each column, and rows of values.

use query::answer::{Answer, CellSet, Label, List, Value};

use super::text;

/// One column of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// Whether it holds texts where it holds nothing.
    pub texts: bool,
}

/// An answer as programs take it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// The columns.
    pub columns: Vec<Column>,
    /// Rows, each as long as the columns.
    pub rows: Vec<Vec<Value>>,
}

impl Sheet {
    /// The data of an answer; none where it is a receipt or a note.
    pub fn of(answer: &Answer) -> Option<Self> {
        match answer {
            Answer::Cells(cells) => Some(Sheet::of_cells(cells)),
            Answer::List(list) => Some(Sheet::of_list(list)),
            _ => None,
        }
    }

    /// The pivot as it is laid out: row labels, then one column for each column position.
    pub fn of_cells(cells: &CellSet) -> Self {
        let labels = cells.row_items.iter().map(|item| Column { name: item.clone(), texts: true });
        let numbers = headings(cells).map(|name| Column { name, texts: false });
        Sheet {
            columns: labels.chain(numbers).collect(),
            rows: (0..cells.rows.len()).map(|row| row_of(cells, row)).collect(),
        }
    }

    /// Rows of texts under a heading.
    pub fn of_texts(heading: &[String], rows: &[Vec<String>]) -> Self {
        let column = |name: &String| Column { name: name.clone(), texts: true };
        let row = |texts: &Vec<String>| texts.iter().cloned().map(Value::Text).collect();
        Sheet { columns: heading.iter().map(column).collect(), rows: rows.iter().map(row).collect() }
    }

    fn of_list(list: &List) -> Self {
        let column = |name: &String| Column { name: name.clone(), texts: true };
        Sheet { columns: list.columns.iter().map(column).collect(), rows: list.rows.clone() }
    }
}

fn row_of(cells: &CellSet, row: usize) -> Vec<Value> {
    let text = |label: &Label| label.plain().map_or(Value::Empty, |text| Value::Text(text.to_owned()));
    let labels = cells.rows[row].iter().map(text);
    let measures = cells.measures.len();
    let at = |place: usize| text::cell(cells, row, place / measures, place % measures).clone();
    labels.chain((0..cells.columns.len() * measures).map(at)).collect()
}

/// One heading for each column position: its labels joined with `/`, the measure's name last.
fn headings(cells: &CellSet) -> impl Iterator<Item = String> {
    let named = text::names_measures(cells);
    cells.columns.iter().flat_map(move |labels| {
        cells.measures.iter().map(move |measure| heading(labels, named.then_some(&measure.name)))
    })
}

fn heading(labels: &[Label], measure: Option<&String>) -> String {
    let labels = labels.iter().map(|label| label.plain().unwrap_or_default());
    labels.chain(measure.map(String::as_str)).collect::<Vec<_>>().join("/")
}
