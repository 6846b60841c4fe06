//! The binary as a shell sees it: usage, help, exit statuses that need no cube's content.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

/// One run of the binary, built up fluently.
struct Run {
    command: Command,
    folder: TempDir,
}

/// What came of it.
struct Outcome {
    output: Output,
    folder: TempDir,
}

fn plancube(arguments: &[&str]) -> Run {
    let folder = TempDir::new().unwrap();
    let mut command = Command::cargo_bin("plancube").unwrap();
    command.args(arguments).current_dir(folder.path()).env("HOME", folder.path());
    command.env_remove("XDG_STATE_HOME").write_stdin("");
    Run { command, folder }
}

impl Run {
    fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    fn input(mut self, text: &str) -> Self {
        self.command.write_stdin(text.to_string());
        self
    }

    fn status(mut self, expected: i32) -> Outcome {
        let output = self.command.output().unwrap();
        assert_eq!(output.status.code(), Some(expected), "{output:?}");
        Outcome { output, folder: self.folder }
    }
}

impl Outcome {
    fn says(self, text: &str) -> Self {
        let stdout = String::from_utf8_lossy(&self.output.stdout);
        assert!(stdout.contains(text), "no {text:?} in {stdout}");
        self
    }

    fn complains(self, text: &str) -> Self {
        let stderr = String::from_utf8_lossy(&self.output.stderr);
        assert!(stderr.contains(text), "no {text:?} in {stderr}");
        self
    }

    fn answers_nothing(self) -> Self {
        assert!(self.output.stdout.is_empty(), "{:?}", self.output);
        self
    }

    fn leaves_nothing(self) -> Self {
        let left = std::fs::read_dir(self.folder.path()).unwrap().count();
        assert_eq!(left, 0);
        self
    }
}

#[test]
fn help_has_examples() {
    plancube(&["--help"]).status(0).says("plancube demo -c 'show cost by division'");
    plancube(&["--version"]).status(0).says(concat!("plancube ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_usage_exits_with_two() {
    plancube(&["--formt", "csv"]).status(2).complains("--format").answers_nothing();
    plancube(&["a.plancube", "b"]).status(2).complains("a second file goes with demo only");
    plancube(&["demo", "--format", "yaml"]).status(2).complains("table, csv, json");
    plancube(&["demo", "-f", "none.pcq"]).status(2).complains("cannot read the script none.pcq");
    plancube(&["--output", "no/where.csv"]).status(2).complains("cannot write the output file");
}

#[test]
fn what_cannot_be_opened_exits_with_three() {
    plancube(&["facts.xlsx"]).status(3).complains("save it as .csv or .parquet");
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
