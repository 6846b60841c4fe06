//! Pivots that the renderers' tests share.

use query::answer::{CellSet, Label, LabelKind, MeasureHeading, Value};

pub fn member(text: &str) -> Label {
    Label { text: text.into(), kind: LabelKind::Member }
}

pub fn total() -> Label {
    Label { text: "(total)".into(), kind: LabelKind::Total }
}

pub fn exact(units: i128) -> Value {
    Value::Exact { units, scale: 2 }
}

pub fn measure(name: &str, unit: Option<&str>, format: Option<&str>) -> MeasureHeading {
    MeasureHeading { name: name.into(), unit: unit.map(Into::into), format: format.map(Into::into) }
}

/// One measure by two items across one, with totals.
pub fn pivot() -> CellSet {
    CellSet {
        row_items: vec!["division".into(), "department".into()],
        column_items: vec!["quarter".into()],
        measures: vec![measure("cost", Some("USD"), None)],
        rows: vec![
            vec![member("Product"), member("Engineering")],
            vec![member("Product"), member("Design")],
            vec![member("Product"), total()],
            vec![total(), total()],
        ],
        columns: vec![vec![member("2026-Q1")], vec![member("2026-Q2")]],
        cells: vec![
            exact(123_450),
            Value::Empty,
            exact(-5),
            exact(20_000),
            exact(123_445),
            exact(20_000),
            exact(123_445),
            exact(20_000),
        ],
        notes: Vec::new(),
    }
}

/// Two measures, one of them a ratio, across scenarios.
pub fn two_measures() -> CellSet {
    CellSet {
        row_items: vec!["project".into()],
        column_items: vec!["scenario".into()],
        measures: vec![measure("revenue", Some("USD"), Some("#,##0")), measure("margin", None, Some("0.0%"))],
        rows: vec![vec![member("Apollo")]],
        columns: vec![vec![member("actual")], vec![member("plan")]],
        cells: vec![exact(1000), Value::Ratio(0.1), exact(2000), Value::Ratio(1.0 / 3.0)],
        notes: Vec::new(),
    }
}
