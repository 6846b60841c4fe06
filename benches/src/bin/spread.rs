//! Spreads on the star cube against the clock, in memory.
//!
//! ```text
//! spread run ROWS [REPS]        a proportional spread over all of the plan but one division, which is held, to the last
//!                               unit; its undo; a fit of a quarter to two sets of totals; its undo. 2,800,000 rows make
//!                               a million leaves to spread over and 100,000 to fit
//! ```
//!
//! Printed are the medians, with the least and the greatest. `peers/spread.py` times an update of as many rows.

use std::time::Instant;

use benches::{Facts, Result, load, run, star_session, told};
use engine::cube::Cube;
use query::answer::{Answer, Value};
use query::session::Session;

const AUTHOR: &str = "spread";
const SPREAD: &str = "add 3.3333% to cost where plan holding D1";
const QUARTER: &str = "plan, 2025-Q1";
const USAGE: &str = "usage: spread run ROWS [REPS]";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["run", rows] => time(rows.parse()?, 5),
        ["run", rows, reps] => time(rows.parse()?, reps.parse()?),
        _ => Err(USAGE.into()),
    }
}

fn time(rows: usize, reps: usize) -> Result<()> {
    let mut session = star_session(Cube::in_memory(AUTHOR)?, Facts::Generated(rows))?;
    run(&mut session, &load("star"))?;
    let fit = fit(&mut session)?;
    println!("| step | leaves | ms, median (least..most) |\n|---|--:|--:|");
    for (name, statement) in [("spread", SPREAD), ("fit", fit.as_str())] {
        let (mut done, mut undone, mut leaves) = (Vec::new(), Vec::new(), 0);
        for _ in 0..reps {
            leaves = clocked(&mut session, statement, &mut done)?;
            clocked(&mut session, "undo", &mut undone)?;
        }
        println!("| {name} | {leaves} | {} |", told(&done, 1));
        println!("| undo of the {name} | {leaves} | {} |", told(&undone, 1));
    }
    Ok(())
}

/// Runs a change and keeps its milliseconds; gives the cells it touched.
fn clocked(session: &mut Session, statement: &str, samples: &mut Vec<f64>) -> Result<u64> {
    let start = Instant::now();
    let answer = run(session, statement)?;
    samples.push(start.elapsed().as_secs_f64() * 1_000.0);
    match answer {
        Answer::Change(receipt) => Ok(receipt.cells_touched),
        _ => Err(format!("{statement} is no change").into()),
    }
}

/// A fit of a quarter by division and by month: in each, a twentieth of the first goes to the second.
fn fit(session: &mut Session) -> Result<String> {
    let margins = ["division", "month"].map(|level| margin(session, level));
    let margins = margins.into_iter().collect::<Result<Vec<String>>>()?;
    Ok(format!("fit cost to {} where {QUARTER}", margins.join(" and ")))
}

fn margin(session: &mut Session, level: &str) -> Result<String> {
    let Answer::Cells(cells) = run(session, &format!("show cost by {level} where {QUARTER}"))? else {
        return Err("show answered no cells".into());
    };
    let units = |value: &Value| if let Value::Exact { units, .. } = value { *units } else { 0 };
    let mut totals: Vec<i128> = cells.cells.iter().map(units).collect();
    let [first, second, ..] = totals.as_mut_slice() else { return Err("the star is too small to fit".into()) };
    let moved = *first / 20;
    *first -= moved;
    *second += moved;
    let named = cells.rows.iter().zip(&totals);
    let total = named.filter_map(|(labels, units)| {
        Some(format!("{} = {}.{:02}", labels.first()?.plain()?, units / 100, units % 100))
    });
    Ok(format!("by {level} ({})", total.collect::<Vec<_>>().join(", ")))
}
