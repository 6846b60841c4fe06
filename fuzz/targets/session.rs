//! Any script on a small cube: whatever a statement answers, one that fails changes nothing, all totals are the sums
//! of their children, a file holds what memory holds, and all of it can be taken back and done again.

#![no_main]

use fuzz::{company, hash};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use query::session::Session;
use query::syntax::ast::Statement;
use query::syntax::{parse, split};

/// More statements than this only take longer.
const STATEMENTS: usize = 40;

fuzz_mutator!(|data: &mut [u8], size: usize, most: usize, seed: u32| { fuzz::by_words(data, size, most, seed) });

fuzz_target!(|script: &str| {
    let mut session = company();
    let before = session.operations().len();
    let first = hash(&mut session);
    for span in split(script).into_iter().take(STATEMENTS) {
        run(&mut session, &script[span]);
    }
    if session.pending().is_some() {
        session.execute("rollback").expect("what was begun can be dropped");
    }
    check(&mut session);
    take_back(&mut session, before, first);
});

/// Runs a statement, unless it would write a file of its own choice.
fn run(session: &mut Session, statement: &str) {
    if let Ok(Statement::Backup { .. }) = parse(statement) {
        return;
    }
    let (operations, pending, held) = (session.operations().len(), session.pending(), hash(session));
    if let Err(error) = session.execute(statement) {
        fuzz::points_into(&error, statement);
        assert_eq!(session.operations().len(), operations, "it failed, and is in the record: {statement}");
        assert_eq!(session.pending(), pending, "it failed, and is in the draft: {statement}");
        assert_eq!(hash(session), held, "it failed, and changed something: {statement}");
    }
}

/// What is saved passes `check`, and is what it was.
fn check(session: &mut Session) {
    let folder = fuzz::folder();
    let path = folder.path().join("t.plancube");
    engine::file::save(session.cube(), &path).expect("a cube can be saved");
    engine::file::check(&path).expect("a cube that adds up");
    let opened = engine::file::open(&path, engine::file::Access::Read, "fuzz").expect("a saved cube opens");
    assert_eq!(fuzz::hash_of(&opened), hash(session), "the file holds something else");
}

/// Takes back every operation of the script that is in force, and does them again.
fn take_back(session: &mut Session, before: usize, first: u128) {
    let last = hash(session);
    let done = session.cube().stack().done.clone();
    let own = done.iter().take_while(|number| **number <= before as u64).count();
    let steps = done.len() - own;
    // The script may have taken back some of those before.
    if own < before || steps == 0 {
        return;
    }
    session.execute(&format!("undo {steps}")).expect("what was done can be undone");
    assert_eq!(hash(session), first, "all is undone, and something is different");
    session.execute(&format!("redo {steps}")).expect("what was undone can be done again");
    assert_eq!(hash(session), last, "all is done again, and something is different");
}
