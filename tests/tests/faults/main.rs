//! What a cube file survives: killed writers, damaged bytes, a full disk, calls that fail, readers beside a writer.
//!
//! Each test runs a short form here; `PLANCUBE_FAULTS=10000 cargo test --workspace --test faults` runs so many rounds
//! of each, and `PLANCUBE_FAULTS=2000..4000` those of a part. Where a round fails, the message names its number: the
//! rounds are the same every time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

mod calls;
mod damage;
mod disk;
mod floats;
mod kills;
mod readers;

use engine::aggregate::leaves;
use engine::content::content;
use engine::cube::Cube;
use engine::id::{MeasureId, MemberId};
use engine::subcube::Subcube;
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The rounds a test runs: the short form, unless the environment says otherwise.
fn rounds(short: usize) -> Range<usize> {
    let text = std::env::var("PLANCUBE_FAULTS").unwrap_or_default();
    match text.split_once("..") {
        Some((from, to)) => from.parse().unwrap()..to.parse().unwrap(),
        None => 0..text.parse().unwrap_or(short),
    }
}

/// Random numbers, the same for a seed on every machine (splitmix64, Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// How many leaves the workload fills.
const ITEMS: usize = 40;

/// A cube whose every leaf has the same number: that of the last statement done.
fn model() -> String {
    let members: String = (0..ITEMS).map(|item| format!("add member i{item} to item;")).collect();
    format!(
        "create dimension item; create scenario plan; create measure n decimal(0);
         {members} fill n with 0 where plan;"
    )
}

/// Statements that each give all leaves one number more.
fn statements(after: i64, count: i64) -> String {
    (after + 1..=after + count).map(|number| format!("fill n with {number} where plan;\n")).collect()
}

/// The number that all leaves have.
///
/// Panics where they differ: a statement was half done.
fn number(cube: &Cube, round: usize) -> i64 {
    let snapshot = cube.snapshot();
    let plan = snapshot.schema().scenarios().child(MemberId::ROOT, "plan").unwrap();
    let all = Subcube::all(snapshot.schema(), plan);
    let cells = leaves(&snapshot, &all, MeasureId(0), &AtomicBool::new(false)).unwrap();
    assert_eq!(cells.values.len(), ITEMS, "round {round}");
    let first = cells.values[0];
    assert!(cells.values.iter().all(|value| *value == first), "round {round}: half done: {:?}", cells.values);
    first
}

/// The hash of everything a cube holds.
fn hash(cube: &Cube) -> u128 {
    let snapshot = cube.snapshot();
    let schema = snapshot.schema();
    let slices: Vec<Subcube> =
        schema.scenarios().ordered().into_iter().map(|scenario| Subcube::all(schema, scenario)).collect();
    content(&snapshot, &slices, &AtomicBool::new(false)).unwrap().hash
}

/// Has files take a checkpoint in the midst of their record: both are read. The first test of a process to open a file
/// decides for all, so each begins with this.
fn tune() {
    engine::Tuning { checkpoint_cells: 300, ..engine::Tuning::default() }.install();
}

/// Makes the cube of the workload in a file.
fn make(path: &Path) {
    tune();
    let cube = engine::file::open(path, engine::file::Access::Write, "tester").unwrap();
    let mut session = query::session::Session::new(cube, Box::new(tests::MemoryTables::default()));
    tests::run(&mut session, &model()).unwrap();
}
