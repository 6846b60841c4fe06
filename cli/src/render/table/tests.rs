//! Tables as people see them.

use super::super::samples::{exact, measure, member, pivot, total, two_measures};
use super::*;

fn drawn_on(cells: &CellSet, screen: Screen) -> String {
    let mut out = Vec::new();
    write(&mut out, cells, screen).unwrap();
    String::from_utf8(out).unwrap()
}

fn drawn(cells: &CellSet) -> String {
    drawn_on(cells, Screen::default())
}

#[test]
fn a_pivot_with_totals() {
    let expected = "\
cost (USD)
division  department    2026-Q1  2026-Q2
────────────────────────────────────────
Product   Engineering  1,234.50
          Design          -0.05   200.00
          Total        1,234.45   200.00
────────────────────────────────────────
Total                  1,234.45   200.00
";
    assert_eq!(drawn(&pivot()), expected);
}

#[test]
fn several_measures_stand_under_spanning_headings() {
    let expected = concat!(
        "         ────── actual ───────  ─────── plan ────────\n",
        "project  revenue (USD)  margin  revenue (USD)  margin\n",
        "─────────────────────────────────────────────────────\n",
        "Apollo              10   10.0%             20   33.3%\n",
    );
    assert_eq!(drawn(&two_measures()), expected);
}

#[test]
fn without_an_across_the_measures_are_the_headings() {
    let mut cells = two_measures();
    cells.column_items.clear();
    cells.columns = vec![Vec::new()];
    let expected = "\
project  revenue (USD)  margin
──────────────────────────────
Apollo              10   10.0%
";
    assert_eq!(drawn(&cells), expected);
}

#[test]
fn a_single_number_needs_no_rows() {
    let mut cells = two_measures();
    cells.row_items.clear();
    cells.rows = vec![Vec::new()];
    cells.column_items.clear();
    cells.columns = vec![Vec::new()];
    cells.measures.truncate(1);
    assert_eq!(drawn(&cells), "revenue (USD)\n─────────────\n           10\n");
}

#[test]
fn variances_of_an_exact_measure_do_not_take_its_format() {
    let columns = ["actual", "plan", "variance", "variance %", "F/U", "ratio"];
    let cells = CellSet {
        row_items: vec!["department".into()],
        column_items: vec!["scenario".into()],
        measures: vec![measure("cost", None, Some("#,##0"))],
        rows: vec![vec![member("Sales")]],
        columns: columns.iter().map(|name| vec![member(name)]).collect(),
        cells: vec![
            exact(11_000),
            exact(10_000),
            exact(1_000),
            Value::Ratio(0.1),
            Value::Text("U".into()),
            Value::Ratio(1.25),
        ],
        notes: Vec::new(),
    };
    let expected = "\
cost
department  actual  plan  variance  variance %  F/U  ratio
──────────────────────────────────────────────────────────
Sales          110   100        10       10.0%    U   1.25
";
    assert_eq!(drawn(&cells), expected);
}

#[test]
fn a_narrow_screen_splits_the_columns_and_repeats_the_rows() {
    let screen = Screen { width: Some(32), ..Screen::default() };
    let expected = "\
cost (USD)
division  department    2026-Q1
───────────────────────────────
Product   Engineering  1,234.50
          Design          -0.05
          Total        1,234.45
───────────────────────────────
Total                  1,234.45

division  department   2026-Q2
──────────────────────────────
Product   Engineering
          Design        200.00
          Total         200.00
──────────────────────────────
Total                   200.00
";
    assert_eq!(drawn_on(&pivot(), screen), expected);
}

#[test]
fn a_long_table_says_what_is_hidden_on_a_screen_only() {
    let screen = Screen { rows: Some(2), ..Screen::default() };
    let shown = drawn_on(&pivot(), screen);
    assert!(shown.ends_with("… 2 more rows; --output FILE or .format csv shows all\n"), "{shown}");
    assert!(!drawn(&pivot()).contains('…'));
}

#[test]
fn wide_letters_are_aligned() {
    let mut cells = pivot();
    cells.rows[1] = vec![member("Product"), member("設計")];
    assert!(drawn(&cells).contains("          設計            -0.05   200.00\n"));
}

#[test]
fn a_total_in_the_first_row_has_no_rule_above() {
    let mut cells = pivot();
    cells.rows.rotate_right(1);
    assert_eq!(drawn(&cells).matches('─').count(), 40);
}

#[test]
fn column_totals_are_labelled() {
    let mut cells = pivot();
    cells.columns[1] = vec![total()];
    assert!(drawn(&cells).contains("2026-Q1   Total\n"));
}

#[test]
fn nothing_to_show_says_so() {
    let mut cells = pivot();
    cells.rows.clear();
    cells.cells.clear();
    assert!(drawn(&cells).ends_with("(no rows)\n"));
}

#[test]
fn styles_only_where_they_are_wanted() {
    let screen = Screen { styled: true, ..Screen::default() };
    assert!(drawn_on(&pivot(), screen).contains("\u{1b}[1m"));
    assert!(!drawn(&pivot()).contains('\u{1b}'));
}
