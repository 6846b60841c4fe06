//! Readers beside a writer: each sees a whole version, and never waits for long.

use super::{make, number, rounds};
use engine::file::{Access, open};
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;
use tests::MemoryTables;

const READERS: usize = 10;

#[test]
fn readers_beside_a_writer_see_whole_versions_only() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    make(&path);
    let done = AtomicBool::new(false);
    let writes = rounds(60).len() as i64;
    let reads: usize = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..READERS)
            .map(|reader| {
                let (path, done) = (&path, &done);
                scope.spawn(move || {
                    let mut cube = open(path, Access::Read, "reader").unwrap();
                    let (mut reads, mut last) = (0, 0);
                    while !done.load(Ordering::Relaxed) {
                        cube.refresh().unwrap();
                        let found = number(&cube, reader);
                        assert!(found >= last, "reader {reader} went back from {last} to {found}");
                        last = found;
                        reads += 1;
                    }
                    cube.refresh().unwrap();
                    assert_eq!(number(&cube, reader), writes, "reader {reader} did not see the last version");
                    reads
                })
            })
            .collect();
        let cube = open(&path, Access::Write, "writer").unwrap();
        let mut session = query::session::Session::new(cube, Box::new(MemoryTables::default()));
        for write in 1..=writes {
            session.execute(&format!("fill n with {write} where plan")).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum()
    });
    println!("{writes} statements beside {READERS} readers, {reads} reads, each of a whole version");
}

#[test]
fn two_writers_take_turns() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("t.plancube");
    make(&path);
    let mut session =
        query::session::Session::new(open(&path, Access::Write, "writer").unwrap(), Box::new(MemoryTables::default()));
    session.execute("fill n with 1 where plan").unwrap();
    let writes = rounds(20).len() as i64;
    std::thread::scope(|scope| {
        for writer in 0..2 {
            let path = &path;
            scope.spawn(move || {
                let cube = open(path, Access::Write, "writer").unwrap();
                let mut session = query::session::Session::new(cube, Box::new(MemoryTables::default()));
                for _ in 0..writes {
                    session
                        .execute("add 40 to n where plan")
                        .unwrap_or_else(|error| panic!("writer {writer}: {error}"));
                }
            });
        }
    });
    // A stale draft would have lost one of the other's.
    assert_eq!(number(&open(&path, Access::Read, "tester").unwrap(), 0), 1 + 2 * writes);
}
