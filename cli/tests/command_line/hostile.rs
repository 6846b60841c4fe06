//! Input made to break things: numbers, names, files and paths. Each is refused in a sentence, or does what is said.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use super::run::{Outcome, plancube};

const MODEL: &str =
    "create dimension team; create scenario plan; create measure cost decimal(2); create measure n decimal(0);";

/// A cube file with one fact: a cost of 5.
fn one_fact() -> Outcome {
    let script = format!("{MODEL} add member A to team; fill cost with 5 where plan, A");
    plancube(&["c.plancube", "-q", "-c", &script]).status(0)
}

/// Loads a file into a fresh cube, and is refused in these words; nothing is there then.
fn refused(content: impl AsRef<[u8]>, words: &str) {
    let load = ["--keep-going", "--format", "csv", "-c", MODEL, "-c", "load 'f.csv' creating members", "-c", "show n"];
    plancube(&load).file("f.csv", content).status(1).complains(words).answers("n\n\n");
}

#[test]
fn what_is_no_number_or_too_large_for_a_cell_is_refused() {
    for field in ["NaN", "inf", "-Infinity", "1e400", "0x10", "１２", "1,2,3", "--5", "٣"] {
        refused(format!("team,n\nA,\"{field}\"\n"), "is not a number");
    }
    refused("team,n\nA,9223372036854775808\n", "does not fit in a cell");
    refused(format!("team,n\nA,{}\n", "9".repeat(10_000)), "f.csv, line 2");
    refused("team,n\nA,9223372036854775807\nA,1\n", "does not fit in it");
}

#[test]
fn a_sum_of_cells_is_exact_and_a_cell_that_would_be_too_large_is_refused() {
    let facts = "team,n\nA,9223372036854775807\nB,9223372036854775807\nC,-9223372036854775808\n";
    let run = |statement: &str| {
        let loaded = format!("{MODEL} load 'f.csv' creating members;");
        plancube(&["-q", "--format", "csv", "-c", &loaded, "-c", statement]).file("f.csv", facts)
    };
    run("show n by team with totals").status(0).says("(total),9223372036854775806\n");
    run("show n * n").status(0).says("\n85070591730234615828950163710522949636\n");
    for statement in [
        "add 1 to n where plan, A",
        "copy n from A to B times 2 where plan",
        "fill n with 9223372036854775808 where plan",
        "set n to 99999999999999999999 where plan, A",
        "define much = n * n at leaves; show much",
    ] {
        run(statement).status(1).complains("does not fit in a cell");
    }
}

#[test]
fn long_numbers_and_deep_nesting_are_refused() {
    let asked =
        |expression: String| plancube(&["-c", MODEL, "-f", "deep.pcq"]).file("deep.pcq", format!("show {expression}"));
    asked("9".repeat(5000)).status(1).complains("the number has too many digits");
    asked(format!("cost * 0.{}", "1".repeat(5000))).status(1).complains("the number has too many digits");
    asked(format!("{}cost{}", "(".repeat(100_000), ")".repeat(100_000))).status(1).complains("nested too deeply");
    for repeated in ["not ", "if cost then ", "cost + ", "- ", "cost[cost = "] {
        asked(format!("{}cost", repeated.repeat(50_000))).status(1).complains("the statement ");
    }
}

#[test]
fn names_may_hold_any_character_and_steer_no_terminal() {
    let facts = "team,cost\n\"A\u{1b}[31mred\",1\n\"B\nline\",2\n\u{202e}der,3\nApollo,7\n\u{410}pollo,8\ncafe\u{301},9\ncaf\u{e9},10\n";
    let run = |format: &str| {
        let statement = format!("{MODEL} load 'f.csv' creating members;");
        plancube(&["-q", "--format", format, "-c", &statement, "-c", "show cost by team"])
            .file("f.csv", facts)
            .status(0)
    };
    let table = run("table").stdout();
    assert!(table.contains("A\u{fffd}[31mred") && table.contains("B line") && table.contains("\u{fffd}der"), "{table}");
    // Programs get the names as they are. Names that only look alike are two.
    let csv = run("csv").stdout();
    for row in [
        "A\u{1b}[31mred,1.00",
        "\"B\nline\",2.00",
        "Apollo,7.00",
        "\u{410}pollo,8.00",
        "cafe\u{301},9.00",
        "caf\u{e9},10.00",
    ] {
        assert!(csv.contains(row), "{row} in {csv}");
    }
    let named = "add member \"x\u{1b}[2J\" to team; show cost where \"y\u{1b}[2J\"; move member \"x\u{1b}[2J\" under \"x\u{1b}[2J\"";
    let told = plancube(&["--keep-going", "--format", "table", "-c", MODEL, "-c", named]).status(1);
    let told = format!("{}{}", told.stdout(), told.stderr());
    assert!(!told.contains('\u{1b}'), "{told:?}");
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_line() {
    refused(b"team,n\nM\xfcnchen,1\n", "f.csv, line 2: not UTF-8");
    refused(b"\xff\xfet\0e\0a\0m\0", "f.csv, line 1: not UTF-8");
    plancube(&["-f", "s.pcq"]).file("s.pcq", b"show \xff\xfe").status(2).complains("it is not UTF-8 text");
}

#[test]
fn a_file_has_so_many_columns_at_most_and_a_receipt_names_a_few_that_are_not_used() {
    let header = |columns: usize| (0..columns).map(|column| format!(",c{column}")).collect::<String>();
    refused(
        format!("team,n{}\nA,1{}\n", header(70_000), ",x".repeat(70_000)),
        "70002 columns, where 65536 can be read",
    );
    let load = format!("{MODEL} load 'f.csv' creating members");
    let some = format!("team,n{}\nA,1{}\n", header(100), ",x".repeat(100));
    plancube(&["-c", &load]).file("f.csv", some).status(0).complains("c28, c29 and 70 more");
}

#[test]
fn no_statement_writes_over_a_cube_file() {
    let cube = one_fact();
    let whole = fs::read(cube.folder.path().join("c.plancube")).unwrap();
    symlink("c.plancube", cube.folder.path().join("link.csv")).unwrap();
    let mut cube = cube.then(&["-c", "history"]).file("bad.csv", "team,n\nA,x\n").status(0);
    for statement in [
        "export journal to 'c.plancube'",
        "export journal to './c.plancube'",
        "export plan to 'link.csv'",
        "load 'bad.csv' skipping errors to 'c.plancube'",
        "backup to 'c.plancube'",
    ] {
        cube = cube.then(&["c.plancube", "-c", statement]).status(1).complains("c.plancube");
        assert_eq!(fs::read(cube.folder.path().join("c.plancube")).unwrap(), whole, "{statement}");
    }
    cube = cube.then(&["demo", "--output", "c.plancube", "-c", "show cost"]).status(2).complains("would destroy");
    fs::write(cube.folder.path().join("c.plancube-wal"), "").unwrap();
    cube = cube.then(&["-c", "export journal to 'c.plancube-wal'"]).status(1).complains("would destroy the cube file");
    assert_eq!(fs::read(cube.folder.path().join("c.plancube")).unwrap(), whole);
    let kept = cube.then(&["c.plancube", "-c", "load './bad.csv' skipping errors to 'bad.csv'"]).status(1);
    assert_eq!(kept.complains("over ./bad.csv itself").read("bad.csv"), "team,n\nA,x\n");
}

#[test]
fn a_cube_file_may_be_a_link_and_a_link_to_nothing_is_replaced() {
    let cube = one_fact();
    let folder = cube.folder.path().to_owned();
    fs::create_dir(folder.join("other")).unwrap();
    symlink("../c.plancube", folder.join("other/link.plancube")).unwrap();
    let linked = cube.then(&["other/link.plancube", "-q", "-c", "fill cost with 6 where plan, A"]).status(0);
    let read = linked.then(&["c.plancube", "--format", "csv", "-c", "show cost"]).status(0).answers("cost\n6.00\n");
    assert_eq!(fs::read_dir(folder.join("other")).unwrap().count(), 1, "the log stands beside the file itself");
    symlink("loop.plancube", folder.join("loop.plancube")).unwrap();
    let made = read.then(&["loop.plancube", "-q", "-c", MODEL]).status(0);
    assert!(fs::symlink_metadata(folder.join("loop.plancube")).unwrap().is_file());
    fs::write(folder.join("victim"), "mine").unwrap();
    symlink("victim", folder.join("copy.plancube")).unwrap();
    let refused = made.then(&["c.plancube", "-c", "backup to 'copy.plancube'"]).status(1).complains("is there already");
    assert_eq!(refused.read("victim"), "mine");
}

#[test]
fn paths_lead_where_they_say() {
    let cube = one_fact();
    let inner = cube.folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(cube.folder.path().join("up.csv"), "team,cost\nA,9\n").unwrap();
    let script = "load '../up.csv' into plan; export plan to '../out.csv'";
    let binary = assert_cmd::cargo::cargo_bin!("plancube");
    let run = Command::new(binary).args(["../c.plancube", "-c", script]).current_dir(&inner).output().unwrap();
    assert!(run.status.success(), "{run:?}");
    assert!(cube.read("out.csv").contains("plan,A,9.00"));
    assert_eq!(fs::read_dir(&inner).unwrap().count(), 0);
    let nowhere = cube.then(&["c.plancube", "-c", "export plan to 'no/such.csv'"]).status(1);
    nowhere.complains("there is no folder no");
}

#[test]
fn what_is_no_ordinary_file_is_no_cube() {
    let folder = one_fact();
    assert!(Command::new("mkfifo").arg(folder.folder.path().join("pipe.plancube")).status().unwrap().success());
    fs::create_dir(folder.folder.path().join("dir.plancube")).unwrap();
    let pipe = folder.then(&["pipe.plancube", "-c", "history"]).status(3).complains("is no ordinary file");
    pipe.then(&["dir.plancube", "-c", "history"]).status(3).complains("cannot be opened");
}

/// Runs the binary as one whom permissions bind; none where this test cannot become such a one.
fn bound_by_permissions(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let binary = assert_cmd::cargo::cargo_bin!("plancube");
    let probe = folder.join("probe");
    fs::write(&probe, "").unwrap();
    let mut permissions = fs::metadata(&probe).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&probe, permissions).unwrap();
    let mut command = match fs::OpenOptions::new().write(true).open(&probe) {
        Err(_) => Command::new(binary),
        // Permissions do not bind this user: as nobody, then.
        Ok(_) => {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(binary);
            command
        }
    };
    let output = command.args(arguments).current_dir(folder).env("HOME", folder).output().ok();
    let output = output.filter(|output| output.status.code().is_some_and(|code| code < 126 && code != 127));
    if output.is_none() {
        eprintln!("SKIPPED: cannot become a user whom permissions bind (setpriv)");
    }
    output
}

#[test]
fn a_file_that_may_not_be_written_answers_questions_and_refuses_changes() {
    use std::os::unix::fs::PermissionsExt;
    for (file, folder) in [(0o444, 0o755), (0o444, 0o777), (0o444, 0o555), (0o666, 0o555)] {
        let cube = one_fact();
        let path = cube.folder.path();
        let before = fs::read(path.join("c.plancube")).unwrap();
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        set(path, 0o755);
        set(&path.join("c.plancube"), file);
        let run = |statement: &str, more: &[&str]| {
            set(path, 0o755);
            fs::remove_file(path.join("probe")).unwrap_or_default();
            let ready = fs::write(path.join("probe"), "");
            ready.unwrap();
            set(path, folder);
            bound_by_permissions(path, &[&["c.plancube", "--format", "csv", "-c", statement], more].concat())
        };
        for more in [&["--read-only"][..], &[]] {
            let Some(asked) = run("show cost", more) else { return };
            assert_eq!(String::from_utf8_lossy(&asked.stdout), "cost\n5.00\n", "{file:o} {folder:o}: {asked:?}");
        }
        let changed = run("fill cost with 7 where plan, A", &[]).unwrap();
        let said = String::from_utf8_lossy(&changed.stderr);
        let words = [
            "c.plancube may not be written: it answers questions and refuses changes",
            "error: the cube is open for reading only",
        ];
        assert!(words.iter().all(|words| said.contains(words)), "{file:o} {folder:o}: {said}");
        assert_eq!(changed.status.code(), Some(1), "{file:o} {folder:o}: {said}");
        set(path, 0o755);
        assert_eq!(fs::read(path.join("c.plancube")).unwrap(), before);
    }
}
