//! What it costs: the star cube in a session, for the `star` program and the criterion benches.
//!
//! - `star` (a program) times load, show, move and undo in process; `peers/star.py` runs it in turn with DuckDB and
//!   Polars.
//! - `spread` (a program) times a spread over a million leaves and a fit; `peers/spread.py` times DuckDB's update.
//! - `kernels` (a criterion bench) times scan, apportionment and write by themselves.
//!
//! `docs/benchmarks.md` holds the numbers.

use std::error::Error;
use std::path::Path;

use arrow_array::RecordBatch;
use datasets::star;
use engine::cube::Cube;
use query::answer::Answer;
use query::session::Session;
use query::tables::{Parts, Tables};

/// What goes wrong in a benchmark is told and ends it.
pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The pivot: two dimensions, one scenario.
pub const SHOW: &str = "show cost by department across quarter where plan";

/// The move: a division hands a tenth of its plan to another; what arrives at a project, channel and month is spread
/// over the leaves there.
pub const MOVE: &str = "move 10% cost from D1 to D2 where plan";

/// Where the facts come from.
pub enum Facts {
    /// Files, by their path.
    Files,
    /// So many rows of the generator, whatever the path.
    Generated(usize),
}

impl Tables for Facts {
    fn read(&self, path: &str) -> std::result::Result<RecordBatch, String> {
        match self {
            Facts::Files => datasets::read(Path::new(path)).map_err(|error| error.to_string()),
            Facts::Generated(rows) => Ok(star::facts(*rows)),
        }
    }

    fn parts(&self, path: &str) -> std::result::Result<Parts, String> {
        match self {
            Facts::Files => {
                let parts = datasets::parts(Path::new(path)).map_err(|error| error.to_string())?;
                Ok(Box::new(parts.map(|part| part.map_err(|error| error.to_string()))))
            }
            Facts::Generated(_) => Ok(Box::new(std::iter::once(self.read(path)))),
        }
    }

    fn write(&self, path: &str, _: &[String], _: &[Vec<String>]) -> std::result::Result<(), String> {
        Err(format!("cannot write {path}: a benchmark puts no rows aside"))
    }

    fn line(&self, _: &str, row: usize) -> Option<usize> {
        Some(row + 2)
    }
}

/// A session on `cube` with the star's dimensions and measures, and no facts yet.
pub fn star_session(cube: Cube, facts: Facts) -> Result<Session> {
    let mut session = Session::new(cube, Box::new(facts));
    for span in query::syntax::split(star::MODEL) {
        run(&mut session, star::MODEL.get(span).unwrap_or_default())?;
    }
    Ok(session)
}

/// The statement that loads a file of facts.
pub fn load(path: &str) -> String {
    format!("load '{path}' creating members")
}

/// Runs one statement.
pub fn run(session: &mut Session, statement: &str) -> Result<Answer> {
    session.execute(statement).map_err(|error| format!("{statement}: {}", error.message).into())
}

/// `12.5 (12.1..13.0)`: the median of some samples, with the least and the greatest; nothing where there are none.
pub fn told(samples: &[f64], decimals: usize) -> String {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    match (sorted.first(), sorted.get(sorted.len() / 2), sorted.last()) {
        (Some(least), Some(median), Some(most)) => {
            format!("{median:.decimals$} ({least:.decimals$}..{most:.decimals$})")
        }
        _ => String::new(),
    }
}
