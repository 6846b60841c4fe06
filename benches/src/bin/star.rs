//! The star cube against the clock.
//!
//! ```text
//! star write FILE ROWS          the facts, as CSV
//! star retail FILE N DENSITY    those of a retail cube of N channels, and so many of a million combinations
//! star script FILE              the statements that load them, for plancube
//! star run FILE [REPS] [WHERE]  load, show, move and undo, timed; WHERE is memory, file or (without it) both
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use benches::{Facts, MOVE, Result, SHOW, load, run, star_session, told};
use datasets::{retail, star, write_csv};
use engine::cube::Cube;
use engine::file::{self, Access};
use query::answer::{Answer, Value};
use query::session::Session;
use tempfile::TempDir;

/// How often the pivot is asked again after each change.
const AGAIN: usize = 5;
const AUTHOR: &str = "star";
const USAGE: &str =
    "usage: star write FILE ROWS | star retail FILE N DENSITY | star script FILE | star run FILE [REPS] [memory|file]";

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["write", path, rows] => Ok(write_csv(&star::facts(rows.parse()?), Path::new(path))?),
        ["retail", path, channels, density] => {
            let size = retail::Size { channels: channels.parse()?, density: density.parse()? };
            println!("{}{};", retail::MODEL, load(path));
            Ok(write_csv(&retail::facts(size), Path::new(path))?)
        }
        ["script", path] => {
            println!("{}{};", star::MODEL, load(path));
            Ok(())
        }
        ["run", path] => time(path, 3, &[Place::Memory, Place::File]),
        ["run", path, reps] => time(path, reps.parse()?, &[Place::Memory, Place::File]),
        ["run", path, reps, "memory"] => time(path, reps.parse()?, &[Place::Memory]),
        ["run", path, reps, "file"] => time(path, reps.parse()?, &[Place::File]),
        _ => Err(USAGE.into()),
    }
}

/// Where the cube lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Memory,
    File,
}

/// The steps, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// The file's columns alone, without a cube.
    Read,
    Load,
    Show,
    ShowAgain,
    Move,
    ShowMoved,
    ShowMovedAgain,
    Undo,
    ShowUndone,
    Open,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Step::Read => "read the file only",
            Step::Load => "load",
            Step::Show => "show",
            Step::ShowAgain => "show again",
            Step::Move => "move",
            Step::ShowMoved => "show after move",
            Step::ShowMovedAgain => "show again after move",
            Step::Undo => "undo",
            Step::ShowUndone => "show after undo",
            Step::Open => "open",
        }
    }
}

/// Milliseconds of each step, in one place.
type Samples = BTreeMap<Step, Vec<f64>>;

/// What is said below the table, by name: the last repetition's.
type Facets = BTreeMap<&'static str, String>;

fn time(path: &str, reps: usize, places: &[Place]) -> Result<()> {
    let mut samples: Vec<Samples> = vec![Samples::new(); places.len()];
    let mut facets = Facets::new();
    for _ in 0..reps {
        for (place, samples) in places.iter().zip(&mut samples) {
            repetition(path, *place, samples, &mut facets)?;
        }
    }
    print(places, &samples, &facets);
    Ok(())
}

/// One life of a cube.
fn repetition(path: &str, place: Place, samples: &mut Samples, facets: &mut Facets) -> Result<()> {
    let folder = TempDir::new()?;
    let cube_file = (place == Place::File).then(|| folder.path().join("star.plancube"));
    let cube = match &cube_file {
        Some(file) => file::open(file, Access::Write, AUTHOR)?,
        None => Cube::in_memory(AUTHOR)?,
    };
    let mut session = star_session(cube, Facts::Files)?;
    let mut clock = Clock { session: &mut session, samples };
    clock.time(Step::Load, &load(path))?;
    note_size(facets, "file after load", cube_file.as_ref())?;
    let before = clock.time(Step::Show, SHOW)?;
    clock.again(Step::ShowAgain)?;
    let moved = clock.time(Step::Move, MOVE)?;
    note_size(facets, "file after move", cube_file.as_ref())?;
    clock.time(Step::ShowMoved, SHOW)?;
    clock.again(Step::ShowMovedAgain)?;
    facets.insert("storage", storage(clock.session)?);
    clock.time(Step::Undo, "undo")?;
    note_size(facets, "file after undo", cube_file.as_ref())?;
    let after = clock.time(Step::ShowUndone, SHOW)?;
    if after != before {
        return Err("undo did not bring the pivot back".into());
    }
    if let Answer::Change(receipt) = moved {
        let (touched, created) = (receipt.cells_touched, receipt.cells_created);
        facets.insert("moved", format!("{touched} cells, {created} of them created; conserved: {}", receipt.conserved));
    }
    drop(session);
    note_size(facets, "file when closed", cube_file.as_ref())?;
    if let Some(file) = cube_file {
        let start = Instant::now();
        let cube = file::open(&file, Access::Write, AUTHOR)?;
        samples.entry(Step::Open).or_default().push(milliseconds(start));
        drop(cube);
    }
    // Last, so that the load is the first work of a process, as it is for the peers.
    let start = Instant::now();
    drop(datasets::read(Path::new(path))?);
    samples.entry(Step::Read).or_default().push(milliseconds(start));
    Ok(())
}

/// Runs statements and keeps how long they took.
struct Clock<'a> {
    session: &'a mut Session,
    samples: &'a mut Samples,
}

impl Clock<'_> {
    fn time(&mut self, step: Step, statement: &str) -> Result<Answer> {
        let start = Instant::now();
        let answer = run(self.session, statement)?;
        self.samples.entry(step).or_default().push(milliseconds(start));
        Ok(answer)
    }

    fn again(&mut self, step: Step) -> Result<()> {
        (0..AGAIN).try_for_each(|_| self.time(step, SHOW).map(|_| ()))
    }
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1_000.0
}

/// What `describe` says of the facts.
fn storage(session: &mut Session) -> Result<String> {
    let Answer::List(list) = run(session, "describe")? else { return Err("describe answered no list".into()) };
    let Some([.., Value::Text(details)]) = list.rows.last().map(Vec::as_slice) else {
        return Err("describe has no line of storage".into());
    };
    let numbers: Vec<f64> = details.split(' ').filter_map(|word| word.parse().ok()).collect();
    match numbers.as_slice() {
        [facts, _, bytes] => Ok(format!("{details}: {:.1} bytes per fact", bytes / facts)),
        _ => Ok(details.clone()),
    }
}

fn note_size(facets: &mut Facets, name: &'static str, file: Option<&PathBuf>) -> Result<()> {
    if let Some(file) = file {
        let folder = file.parent().unwrap_or(Path::new("."));
        let bytes: u64 = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum();
        facets.insert(name, format!("{bytes} bytes"));
    }
    Ok(())
}

/// The table: medians in milliseconds, with the least and the greatest.
fn print(places: &[Place], samples: &[Samples], facets: &Facets) {
    let heading: Vec<String> = places.iter().map(|place| format!("{place:?}").to_lowercase()).collect();
    println!("| step (ms) | {} |", heading.join(" | "));
    println!("|---|{}", "--:|".repeat(places.len()));
    let steps: std::collections::BTreeSet<Step> = samples.iter().flat_map(BTreeMap::keys).copied().collect();
    for step in steps {
        let cells: Vec<String> =
            samples.iter().map(|samples| told(samples.get(&step).map_or(&[], Vec::as_slice), 2)).collect();
        println!("| {} | {} |", step.name(), cells.join(" | "));
    }
    println!();
    facets.iter().for_each(|(name, value)| println!("{name}: {value}"));
}
