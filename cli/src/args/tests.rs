//! What command lines mean.

use clap::CommandFactory;
use clap_complete::Shell;

use super::cli::Cli;
use super::{Invocation, Step, Task, Work, parse};
use crate::output::Format;
use crate::target::Target;

fn words(line: &str) -> Result<Invocation, clap::Error> {
    parse(line.split(' '))
}

fn work_of(line: &str) -> Work {
    match words(line).unwrap().task {
        Task::Work(work) => work,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_a_word_or_a_path() {
    assert_eq!(work_of("plancube").target, Target::Memory);
    assert_eq!(work_of("plancube demo").target, Target::Demo(None));
    assert_eq!(work_of("plancube demo a.cube").target, Target::Demo(Some("a.cube".into())));
    assert_eq!(work_of("plancube demo -c x").target, Target::Demo(None));
    assert_eq!(work_of("plancube a.plancube").target, Target::CubeFile("a.plancube".into()));
    assert_eq!(work_of("plancube a.csv").target, Target::FactFile("a.csv".into()));
    assert_eq!(work_of("plancube ./check").target, Target::CubeFile("./check".into()));
}

#[test]
fn other_tasks() {
    assert_eq!(words("plancube check a").unwrap().task, Task::Check("a".into()));
    assert_eq!(words("plancube check --repair a").unwrap().task, Task::Repair("a".into()));
    assert_eq!(work_of("plancube a.plancube --wait 3").options.wait, Some(3));
    let task = words("plancube completions zsh").unwrap().task;
    assert_eq!(task, Task::Completions(Shell::Zsh));
}

#[test]
fn steps_keep_their_order() {
    let steps = work_of("plancube demo -f a -c b -c -- -f c --command d").steps;
    let command = |text: &str| Step::Command(text.into());
    let script = |path: &str| Step::Script(path.into());
    let expected = [script("a"), command("b"), command("--"), script("c"), command("d")].to_vec();
    assert_eq!(steps, expected);
}

#[test]
fn options_are_read() {
    let work = work_of("plancube demo --format json --threads 2 --read-only --keep-going -q");
    assert_eq!(work.format, Some(Format::Json));
    assert_eq!(work.options.threads.map(std::num::NonZeroUsize::get), Some(2));
    assert!(work.options.read_only && work.keep_going && work.quiet && !work.timing);
}

#[test]
fn wrong_usage_is_status_two() {
    for line in [
        "plancube a.plancube b",
        "plancube demo --output demo.cube demo.cube",
        "plancube --format yaml",
        "plancube --threads 0",
        "plancube check",
        "plancube check a b",
        "plancube completions tcl",
        "plancube --wrong",
    ] {
        assert_eq!(words(line).unwrap_err().exit_code(), 2, "{line}");
    }
}

#[test]
fn the_command_is_well_formed() {
    Cli::command().debug_assert();
}
