//! The binary as a shell sees it: usage, exit statuses, formats, files, processes beside one another.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod hostile;
mod memory;
mod run;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use run::{Outcome, plancube, plancube_in};

#[test]
fn help_has_examples() {
    plancube(&["--help"]).status(0).says("plancube demo -c 'show cost by division'");
    plancube(&["--version"]).status(0).says(concat!("plancube ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_exits_with_two() {
    plancube(&["--formt", "csv"]).status(2).complains("--format").answers_nothing();
    plancube(&["a.plancube", "b"]).status(2).complains("a second file goes with demo only");
    plancube(&["demo", "--format", "yaml"]).status(2).complains("table, csv, tsv, json");
    plancube(&["demo", "-f", "none.pcq"]).status(2).complains("cannot read the script none.pcq");
    plancube(&["--output", "no/where.csv"]).status(2).complains("cannot write the output file");
}

#[test]
fn numbers_are_named_on_the_command_line() {
    plancube(&["--set", "slip", "-c", "describe"]).status(2).complains("expected a name and a number");
    plancube(&["--set", "rate=12%", "--set", "x=-3", "-c", "describe rate; describe x", "--format", "csv"])
        .status(0)
        .says("number,rate,12%")
        .says("number,x,-3");
}

#[test]
fn a_workbook_is_written_and_opened() {
    let show = "show cost by division across year where plan, 2026; show revenue by region where plan, 2026";
    plancube(&["demo", "--output", "a.xlsx", "-c", show]).status(1).complains("one answer");
    let statement = "show cost by division where plan, 2026";
    let written = plancube(&["demo", "--output", "a.xlsx", "-c", statement]).status(0);
    plancube_in(written.folder, &["a.xlsx", "-q", "-c", "show cost by division", "--format", "csv"])
        .status(0)
        .says("Sales,8779344")
        .says("Administration,3310380");
}

#[test]
fn what_cannot_be_opened_exits_with_three() {
    plancube(&["facts.xls"]).status(3).complains("save it as .xlsx, .csv or .parquet");
    plancube(&["facts.xlsx"]).status(3).complains("there is no file facts.xlsx");
    plancube(&["facts.xlsx"])
        .file("facts.xlsx", "no workbook")
        .status(3)
        .complains("damaged or not what its name says");
    plancube(&["facts.csv"]).status(3).complains("facts.csv");
    plancube(&["check", "none.plancube"]).status(3).complains("none.plancube").leaves_nothing();
}

#[test]
fn completions_are_printed() {
    for shell in ["bash", "zsh", "fish"] {
        plancube(&["completions", shell]).status(0).says("keep-going");
    }
}

#[test]
fn an_empty_script_does_nothing_and_leaves_nothing() {
    plancube(&[]).status(0).answers_nothing().leaves_nothing();
    plancube(&[]).input("-- nothing to do\n").status(0).answers_nothing().leaves_nothing();
    plancube(&["-f", "a"]).file("a", "\u{feff} ;;").status(0).answers_nothing();
}

#[test]
fn errors_show_the_place_in_the_script() {
    let outcome = plancube(&[]).input("-- first\n  nonsense here;\n").status(1);
    outcome.complains("<stdin>:2:3").answers_nothing();
    plancube(&["-c", "nonsense"]).status(1).complains("<command>:1:1");
    plancube(&["-f", "a.pcq"]).file("a.pcq", "\n\nnonsense").status(1).complains("a.pcq:3:1");
}

#[test]
fn a_script_stops_at_its_first_failure_unless_told_to_keep_going() {
    let stopped = plancube(&["-c", "wrong; worse", "-c", "worst"]).status(1);
    assert_eq!(String::from_utf8_lossy(&stopped.output.stderr).matches("error:").count(), 1);
    let kept = plancube(&["--keep-going", "-c", "wrong; worse", "-c", "worst"]).status(1);
    assert_eq!(String::from_utf8_lossy(&kept.output.stderr).matches("error:").count(), 3);
}

#[test]
fn commands_of_the_prompt_are_refused_in_scripts() {
    plancube(&[]).input(".format csv\n").status(1).complains("use the option --format");
}

#[test]
fn an_output_file_is_made_beside_the_cube_never_over_it() {
    let arguments = ["a.plancube", "--output", "a.plancube", "-c", "x"];
    plancube(&arguments).status(2).complains("overwrite").leaves_nothing();
    let outcome = plancube(&["--output", "out.csv", "-c", ""]).status(0).answers_nothing();
    assert!(Path::new(outcome.folder.path()).join("out.csv").exists());
}

#[test]
fn each_status_says_what_went_wrong() {
    plancube(&["demo", "-c", "show cost"]).status(0);
    plancube(&["demo", "-c", "show cots"]).status(1).complains("did you mean cost?");
    plancube(&["demo", "--fromat", "csv"]).status(2);
    plancube(&["a.plancube", "-c", "describe"]).file("a.plancube", "hello").status(3);
}

#[test]
fn a_misspelt_measure_gets_a_caret_and_the_nearest_name() {
    let outcome = plancube(&["demo"]).input("show headcont by project\n").status(1).answers_nothing();
    outcome.complains("show headcont by project").complains("     ^^^^^^^^ did you mean headcount?");
}

#[test]
fn the_demo_opens_and_is_kept_in_a_file_if_one_is_named() {
    let first = plancube(&["demo", "demo.plancube", "--format", "csv", "-c", "show cost by division"]).status(0);
    let answer = first.stdout();
    assert!(answer.starts_with("division,cost\n") && answer.lines().count() > 2, "{answer}");
    let second = first.then(&["demo.plancube", "--format", "csv", "-c", "show cost by division"]).status(0);
    second.answers(&answer).then(&["check", "demo.plancube"]).status(0);
}

/// The script that the first issue gives.
const ACCEPTANCE: &str = "\
create dimension department levels (division, department);
create dimension project;
create time dimension period months 2026-01..2026-12;
create scenario plan;
create measure headcount decimal(0) last over period unit 'heads';
create measure cost decimal(2) unit 'USD';
load 'facts.csv' creating members;      -- division,department,project,scenario,period,headcount,cost
show headcount by project across quarter where plan;
move 10 headcount from Comet to Atlas where plan, 2026-Q2..2026-Q3 because 'launch';
show headcount by project across month where plan, 2026;
set cost to 1000.00 where plan, Research, 2026-04 equally;
preview add 10% to cost where plan;
undo 2;
";

/// Atlas has 5 heads and Comet 20 from March to October; three projects cost 300.00 each in April.
fn acceptance_facts() -> String {
    let mut facts = "division,department,project,scenario,period,headcount,cost\n".to_owned();
    for month in 3..=10 {
        let cost = if month == 4 { "300.00" } else { "" };
        facts += &format!("Technology,Research,Atlas,plan,2026-{month:02},5,{cost}\n");
        facts += &format!("Technology,Research,Comet,plan,2026-{month:02},20,{cost}\n");
    }
    facts + "Technology,Research,Dune,plan,2026-04,2,300.00\n"
}

/// The records of headcounts that the script's questions answer with.
fn headcounts(axis: &str, columns: &[&str], rows: &[(&str, &[&str])]) -> String {
    let record = |project: &str, column: &str, heads: &str| {
        format!("{{\"project\":\"{project}\",\"{axis}\":\"{column}\",\"headcount\":{heads}}}")
    };
    let row = |(project, heads): &(&str, &[&str])| {
        let cells = columns.iter().zip(*heads).map(|(column, heads)| record(project, column, heads));
        cells.collect::<Vec<_>>().join(",")
    };
    format!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join(","))
}

#[test]
fn the_script_of_the_first_issue_answers_exactly() {
    let arguments = ["t.plancube", "-f", "script.pcq", "--format", "json"];
    let run = plancube(&arguments).file("script.pcq", ACCEPTANCE).file("facts.csv", acceptance_facts());
    let outcome = run.status(0);
    let text = outcome.stdout();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 7, "{text}");
    let load =
        concat!("{\"operation\":7,\"rows\":17,\"cells\":20,\"members_created\":5,", "\"duplicates\":0,\"rejected\":0}");
    assert_eq!(lines[0], load);
    let quarters = ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"];
    let rows: [(&str, &[&str]); 3] = [
        ("Atlas", &["5", "5", "5", "5"]),
        ("Comet", &["20", "20", "20", "20"]),
        ("Dune", &["null", "2", "null", "null"]),
    ];
    assert_eq!(lines[1], headcounts("quarter", &quarters, &rows));
    let moved = concat!(
        "{\"operation\":8,\"statement\":\"move 10 headcount from Comet to Atlas where plan, 2026-Q2..2026-Q3 ",
        "because 'launch'\",\"cells_touched\":12,\"cells_created\":0,\"before\":25,\"after\":25,\"conserved\":true}"
    );
    assert_eq!(lines[2], moved);
    let months = ["2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"];
    let rows: [(&str, &[&str]); 3] = [
        ("Atlas", &["5", "15", "15", "15", "15", "15", "15", "5"]),
        ("Comet", &["20", "10", "10", "10", "10", "10", "10", "20"]),
        ("Dune", &["null", "2", "null", "null", "null", "null", "null", "null"]),
    ];
    assert_eq!(lines[3], headcounts("month", &months, &rows));
    let set = concat!(
        "{\"operation\":9,\"statement\":\"set cost to 1000.00 where plan, Research, 2026-04 equally\",",
        "\"cells_touched\":3,\"cells_created\":0,\"before\":900.00,\"after\":1000.00,\"conserved\":false}"
    );
    assert_eq!(lines[4], set);
    preview_of_ten_percent(&outcome.documents()[5]);
    let undone = &outcome.documents()[6];
    assert_eq!((&undone["statement"], &undone["cells_touched"]), (&"undo 2".into(), &15.into()));
    after_the_script(outcome);
}

/// 1000.00 over three leaves is 333.34, 333.33, 333.33; a tenth more is 366.68, 366.66, 366.66.
fn preview_of_ten_percent(preview: &Value) {
    assert_eq!(preview["operation"], Value::Null);
    assert_eq!(preview["statement"], "preview add 10% to cost where plan");
    assert_eq!((&preview["before"], &preview["after"]), (&1000.0.into(), &1100.0.into()));
    let largest = preview["largest"].as_array().unwrap();
    let changes: Vec<(f64, f64)> =
        largest.iter().map(|cell| (cell["before"].as_f64().unwrap(), cell["after"].as_f64().unwrap())).collect();
    assert_eq!(changes, [(333.34, 366.68), (333.33, 366.66), (333.33, 366.66)]);
}

/// A new process finds the cube as `undo 2` left it, and its operations.
fn after_the_script(outcome: Outcome) {
    let show = "show cost, headcount where plan, 2026-04";
    let outcome = outcome.then(&["t.plancube", "--format", "json", "-c", "history", "-c", show]).status(0);
    let [history, cells] = outcome.documents().try_into().unwrap();
    let statements: Vec<&str> =
        history.as_array().unwrap().iter().map(|operation| operation["statement"].as_str().unwrap()).collect();
    assert_eq!(statements[0], "create dimension department levels (division, department)");
    assert_eq!(statements[6], "load 'facts.csv' creating members");
    assert!(statements[7].starts_with("move 10 headcount") && statements[8].starts_with("set cost"), "{statements:?}");
    assert_eq!(history[7]["because"], "launch");
    assert_eq!(history[7]["author"], "tester");
    assert_eq!(history[8]["state"], "undone");
    assert_eq!(cells, serde_json::json!([{ "cost": 900.0, "headcount": 27 }]));
    outcome.then(&["check", "t.plancube"]).status(0);
}

/// A small cube: one measure, two projects of 100 each.
const SMALL: &str = "\
create dimension project;
create scenario plan;
create measure cost decimal(2);
add member A to project;
add member B to project;
fill cost with 100 where plan;
";

/// A folder with the small cube in `c.plancube`.
fn small() -> Outcome {
    plancube(&["c.plancube", "-q", "-f", "s.pcq"]).file("s.pcq", SMALL).status(0)
}

#[test]
fn a_bad_number_on_line_seven_leaves_the_cube_as_it_was() {
    let rows = "project,cost\nA,1\nA,1\nA,1\nA,1\nB,1\nB,many\nB,1\n";
    let run = small().then(&["c.plancube", "-c", "load 'f.csv'", "-c", "show cost"]).file("f.csv", rows);
    let outcome = run.status(1).complains("f.csv, line 7, column cost: \"many\" is not a number").answers_nothing();
    outcome.then(&["c.plancube", "--format", "csv", "-c", "show cost"]).status(0).answers("cost\n200.00\n");
}

#[test]
fn steps_run_in_the_order_given() {
    let arguments = ["-c", "create dimension project", "-f", "a.pcq", "-c", "show cost", "--format", "csv", "-q"];
    let script = SMALL.trim_start_matches("create dimension project;");
    plancube(&arguments).file("a.pcq", script).status(0).says("cost\n200.00\n");
    let reversed = ["-f", "a.pcq", "-c", "create dimension project"];
    plancube(&reversed).file("a.pcq", "add member A to project;").status(1);
}

#[test]
fn a_pipe_gets_csv_and_any_format_that_is_asked_for() {
    let show = "show cost by project";
    let outcome = small().then(&["c.plancube", "-c", show]).status(0).answers("project,cost\nA,100.00\nB,100.00\n");
    let outcome = outcome.then(&["c.plancube", "--format", "json", "-c", show]).status(0);
    let outcome = outcome.answers("[{\"project\":\"A\",\"cost\":100.00},{\"project\":\"B\",\"cost\":100.00}]\n");
    outcome.then(&["c.plancube", "--format", "table", "-c", show]).status(0).says("project    cost\n");
}

#[test]
fn notes_go_to_standard_error_and_quiet_leaves_them_out() {
    let outcome = small().then(&["c.plancube", "-c", "show cost"]).status(0).answers("cost\n200.00\n");
    let outcome = outcome.complains("scenario: plan");
    let quiet = outcome.then(&["c.plancube", "-q", "-c", "show cost"]).status(0).answers("cost\n200.00\n");
    assert_eq!(quiet.stderr(), "");
    let timed = quiet.then(&["c.plancube", "--timing", "-c", "show cost"]).status(0).answers("cost\n200.00\n");
    timed.complains("time: ");
}

#[test]
fn answers_go_to_a_file() {
    let run = small().then(&["c.plancube", "--output", "out.csv", "-c", "show cost"]);
    let outcome = run.status(0).answers_nothing();
    assert_eq!(fs::read_to_string(outcome.folder.path().join("out.csv")).unwrap(), "cost\n200.00\n");
}

#[test]
fn a_file_of_facts_is_opened_with_no_model() {
    let facts = "team,month,cost\nA,2026-01,1.50\nB,2026-02,2.25\n";
    let run = plancube(&["facts.csv", "--format", "csv", "-c", "show cost by team"]).file("facts.csv", facts);
    let outcome = run.status(0).answers("team,cost\nA,1.50\nB,2.25\n");
    assert_eq!(fs::read_to_string(outcome.folder.path().join("facts.csv")).unwrap(), facts);
}

#[test]
fn read_only_refuses_changes_and_makes_no_file() {
    let outcome = small();
    let before = fs::read(outcome.folder.path().join("c.plancube")).unwrap();
    let run = outcome.then(&["c.plancube", "--read-only", "-c", "show cost", "-c", "clear cost where plan"]);
    let outcome = run.status(1).complains("reading only").answers("cost\n200.00\n");
    assert_eq!(fs::read(outcome.folder.path().join("c.plancube")).unwrap(), before);
    plancube(&["none.plancube", "--read-only", "-c", "describe"]).status(3).leaves_nothing();
}

#[test]
fn a_damaged_file_is_refused_in_a_sentence() {
    let outcome = small();
    let whole = fs::read(outcome.folder.path().join("c.plancube")).unwrap();
    for length in [100, 4096, whole.len() / 2, whole.len() - 1] {
        let cut = &whole[..length];
        for arguments in [["d.plancube", "-c", "show cost"].as_slice(), &["check", "d.plancube"]] {
            let outcome = plancube(arguments).file("d.plancube", cut).status(3).answers_nothing();
            let said = outcome.complains("error: ").stderr();
            assert_eq!(said.trim_end().lines().count(), 1, "{said}");
        }
    }
}

#[test]
fn a_file_of_another_kind_is_refused_and_left_as_it_is() {
    for arguments in [["f.plancube", "-c", "create dimension a"].as_slice(), &["check", "f.plancube"]] {
        let outcome = plancube(arguments).file("f.plancube", "hello").status(3).complains("is not a cube file");
        assert_eq!(fs::read_to_string(outcome.folder.path().join("f.plancube")).unwrap(), "hello");
    }
}

#[test]
fn a_newer_format_is_refused_and_left_as_it_is() {
    let outcome = small();
    let mut bytes = fs::read(outcome.folder.path().join("c.plancube")).unwrap();
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    let run = plancube(&["n.plancube", "-c", "create dimension a"]).file("n.plancube", &bytes);
    let outcome = run.status(3).complains("newer plancube (format 99");
    assert_eq!(fs::read(outcome.folder.path().join("n.plancube")).unwrap(), bytes);
}

#[test]
fn check_says_what_it_verified() {
    small().then(&["check", "c.plancube"]).status(0).says("6 operations").says("every checksum right");
}

#[test]
fn a_statement_that_is_done_is_on_disk() {
    let outcome = small().then(&["c.plancube", "-c", "set cost to 50 where plan", "-c", "wrong"]).status(1);
    outcome.then(&["c.plancube", "--format", "csv", "-c", "show cost"]).status(0).answers("cost\n50.00\n");
}

#[test]
fn what_is_not_committed_is_not_kept() {
    let outcome = small().then(&["c.plancube", "-c", "begin; set cost to 50 where plan"]).output();
    outcome.then(&["c.plancube", "--format", "csv", "-c", "show cost"]).status(0).answers("cost\n200.00\n");
}

/// Starts the binary in a folder; its answers come through a pipe.
fn start(folder: &Path, arguments: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("plancube"));
    command.args(arguments).current_dir(folder).env("HOME", folder).stdin(Stdio::null());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let stdout = BufReader::new(child.stdout.take().unwrap());
    (child, stdout)
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let folder = TempDir::new().unwrap();
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("plancube"));
    let show = "show cost by team, project, channel across month";
    command.args(["demo", "-q", "-c", show, "-c", show]).current_dir(folder.path()).env("HOME", folder.path());
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("team,project"), "{line}");
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_second_process_reads_while_one_writes() {
    let outcome = small();
    let folder = outcome.folder.path();
    let moves = "move 1 cost from A to B where plan;\nmove 1 cost from B to A where plan;\n".repeat(100);
    fs::write(folder.join("moves.pcq"), moves).unwrap();
    let (mut writer, mut done) = start(folder, &["c.plancube", "--format", "json", "-f", "moves.pcq"]);
    let mut first = String::new();
    done.read_line(&mut first).unwrap();
    assert!(first.contains("\"operation\":7"), "{first}");
    let mut read = 0;
    while writer.try_wait().unwrap().is_none() {
        let arguments =
            ["c.plancube", "-q", "--read-only", "--format", "csv", "-c", "show cost by project with totals"];
        let (mut reader, mut answer) = start(folder, &arguments);
        let mut text = String::new();
        std::io::Read::read_to_string(&mut answer, &mut text).unwrap();
        assert_eq!(reader.wait().unwrap().code(), Some(0));
        let a_state = ["A,100.00\nB,100.00\n", "A,99.00\nB,101.00\n"].iter().any(|state| text.contains(state));
        assert!(a_state && text.ends_with("(total),200.00\n"), "{text}");
        read += 1;
    }
    assert!(writer.wait().unwrap().success() && read > 0);
    outcome.then(&["check", "c.plancube"]).status(0).says("206 operations");
}

#[test]
fn what_a_killed_writer_has_said_is_there() {
    let mut outcome = small();
    let mut acknowledged = 6;
    let adds = "add 1 to cost where plan;\n".repeat(500);
    fs::write(outcome.folder.path().join("adds.pcq"), adds).unwrap();
    for kill in 0..20 {
        let (mut writer, mut done) =
            start(outcome.folder.path(), &["c.plancube", "--format", "json", "-f", "adds.pcq"]);
        let mut line = String::new();
        for _ in 0..=kill {
            line.clear();
            done.read_line(&mut line).unwrap();
        }
        writer.kill().unwrap();
        writer.wait().unwrap();
        for last in done.lines().map(Result::unwrap).filter(|last| last.ends_with('}')) {
            line = last;
        }
        let receipt: Value = serde_json::from_str(&line).unwrap();
        let told = receipt["operation"].as_u64().unwrap();
        assert!(told > acknowledged, "{told} after {acknowledged}");
        let run = outcome.then(&["c.plancube", "--format", "json", "-q", "-c", "history", "-c", "show cost"]);
        let asked = run.status(0);
        let [history, cost] = asked.documents().try_into().unwrap();
        acknowledged = history.as_array().unwrap().len() as u64;
        assert!(acknowledged >= told, "{told} was said, {acknowledged} are there");
        assert_eq!(cost[0]["cost"].as_f64(), Some((200 + acknowledged - 6) as f64));
        outcome = asked.then(&["check", "c.plancube"]).status(0);
    }
}

/// A script with all that a record has to keep: loads, titles, the session's scenario, several statements as one,
/// branches, merges, and what was taken back.
const YEAR: &str = "
    create dimension team; create time dimension month months 2026-01..2026-12; create scenario plan, actual;
    create measure heads decimal(0) last over month; create measure cost decimal(2) unit 'USD';
    load 'facts.csv' into plan creating members;
    load 'facts.csv' into actual; use actual;
    add 10% to cost where Core because 'it''s dearer';
    begin; set cost to 5 where plan, Labs; set heads to 9 where plan, Labs; commit;
    branch upside from plan; use upside; set cost to 777.77 where 2026-01; undo; redo; undo;
    fill heads with 4 where Core, 2026-03;
    merge upside into plan; lock plan, 2026-01; define share = cost / cost[team = all];
    set slip = 3; add member New to team; rename New to Newer; drop upside;
";

const YEAR_FACTS: &str = "team,month,heads,cost\nCore,2026-01,5,500.10\nCore,2026-02,5,500.20\nLabs,2026-01,2,260\n";

#[test]
fn a_record_exported_makes_the_same_cube_again() {
    let script = format!("{YEAR} export journal to 'year.pcq'; hash;");
    let made = plancube(&["year.plancube", "-c", &script]).file("facts.csv", YEAR_FACTS).status(0);
    let (hash, text) = (made.last_line(), made.read("year.pcq"));
    assert!(
        text.contains("-- It reads facts.csv.") && text.contains("use actual;\nadd 10% to cost where Core"),
        "{text}"
    );
    assert!(text.contains(hash.split(',').next().unwrap()), "{hash} in {text}");
    let again =
        made.then(&["again.plancube", "-f", "year.pcq", "-c", "hash; export journal to 'second.pcq'"]).status(0);
    assert_eq!(again.last_line(), hash);
    assert_eq!(again.read("second.pcq"), text);
}

#[test]
fn a_record_says_what_was_loaded_and_its_export_tells_of_files_that_have_changed() {
    let script = format!("{YEAR} export journal to 'year.pcq'");
    let made = plancube(&["year.plancube", "-c", &script]).file("facts.csv", YEAR_FACTS).status(0);
    assert!(!made.stderr().contains("warning"), "{}", made.stderr());
    let text = made.read("year.pcq");
    let bytes = YEAR_FACTS.len();
    let line = format!("-- loaded facts.csv: {bytes} bytes, xxh3 ");
    assert_eq!(
        text.lines().filter(|said| said.starts_with(&line) && said.len() == line.len() + 32).count(),
        2,
        "{text}"
    );
    let again = ["year.plancube", "-c", "export journal to 'again.pcq'"];
    let changed = made.then(&again).file("facts.csv", YEAR_FACTS.replace("260", "261")).status(0);
    let changed = changed.complains("warning: facts.csv has changed since operation 7 loaded it: it has other bytes");
    let changed = changed.complains("warning: facts.csv has changed since operation 6 loaded it");
    let longer = changed.then(&again).file("facts.csv", YEAR_FACTS.replace("260", "2600")).status(0);
    let longer = longer.complains(&format!("it has {} bytes where it had {bytes}", bytes + 1));
    assert_eq!(longer.read("again.pcq"), text);
    fs::remove_file(longer.folder.path().join("facts.csv")).unwrap();
    longer.then(&again).status(0).complains("facts.csv, which operation 6 loaded, cannot be read now");
}

#[test]
fn the_record_of_an_inferred_model_and_of_the_demo_make_them_again() {
    for what in ["facts.csv", "demo"] {
        let made = plancube(&[what, "-c", "export journal to 'all.pcq'; hash"]).file("facts.csv", YEAR_FACTS).status(0);
        let hash = made.last_line();
        assert_eq!(made.then(&["-f", "all.pcq", "-c", "hash"]).status(0).last_line(), hash);
    }
}

#[test]
fn a_backup_is_a_cube_of_its_own() {
    let script = format!("{YEAR} hash; backup to 'copy.plancube'; set cost to 1 where plan, Core, 2026-02");
    let made = plancube(&["year.plancube", "-c", &script]).file("facts.csv", YEAR_FACTS).status(0);
    let hash = made.last_line();
    let copy = made.then(&["copy.plancube", "-c", "hash"]).status(0);
    assert_eq!(copy.last_line(), hash);
    let checked = copy.then(&["check", "copy.plancube"]).status(0).says("each linked to the one before");
    let refused = checked.then(&["year.plancube", "-c", "backup to 'copy.plancube'"]).status(1);
    let refused = refused.complains("copy.plancube is there already");
    refused.then(&["-c", "backup to 'no/such/folder.plancube'"]).status(1).complains("there is no folder");
}

#[test]
fn a_file_that_is_whole_is_repaired_to_the_same_cube() {
    let script = format!("{YEAR} hash;");
    let made = plancube(&["year.plancube", "-c", &script]).file("facts.csv", YEAR_FACTS).status(0);
    let hash = made.last_line();
    let repaired =
        made.then(&["check", "--repair", "year.plancube"]).status(0).says("written to year.plancube.repaired");
    let again = repaired.then(&["check", "--repair", "year.plancube"]).status(3).complains("is there already");
    assert_eq!(again.then(&["year.plancube.repaired", "-c", "hash"]).status(0).last_line(), hash);
    plancube(&["check", "--repair", "none.plancube"]).status(3).complains("no such file");
}

#[test]
fn a_cube_file_that_was_made_for_a_failure_is_not_kept() {
    let outcome = plancube(&["typo.plancube", "-c", "show cost where plan"]).status(1);
    assert!(outcome.stderr().contains("nothing was done in typo.plancube"));
    assert!(!outcome.folder.path().join("typo.plancube").exists());
    let outcome = plancube(&["new.plancube", "-c", "create dimension team; show cost"]).status(1);
    assert!(outcome.folder.path().join("new.plancube").exists());
}

#[test]
fn a_workbook_that_got_no_answer_is_not_left_empty() {
    let outcome = plancube(&["--output", "out.xlsx", "-c", "show cost"]).status(1);
    assert!(!outcome.folder.path().join("out.xlsx").exists());
    let earlier = plancube(&["--output", "out.xlsx", "-c", "show cost"]).file("out.xlsx", "mine").status(1);
    assert_eq!(fs::read_to_string(earlier.folder.path().join("out.xlsx")).unwrap(), "mine");
}
