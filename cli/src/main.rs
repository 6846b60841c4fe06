//! The command line of plancube: a planning cube with a small language.
//!
//! A run's life: [`args`] reads what was typed and what it means; [`target`] opens the cube;
//! [`script`] gathers the statements, or [`prompt`] asks for them; [`run`] runs them one by one;
//! [`mod@output`] writes the answers in a [`mod@format`] as [`render`] draws them, and [`diagnostic`] draws the errors.

mod args;
mod diagnostic;
mod exit;
mod files;
mod format;
mod interrupt;
mod loading;
mod output;
mod prompt;
mod render;
mod run;
mod script;
mod target;
mod tuning;
mod workbook;

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use crate::args::{Invocation, Task, Work};
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupts;
use crate::output::Output;
use crate::prompt::Prompt;
use crate::run::Runner;
use crate::script::Script;

fn main() -> ExitCode {
    let invocation = match args::parse(std::env::args_os()) {
        Ok(invocation) => invocation,
        Err(error) => error.exit(),
    };
    match perform(invocation) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            if failure.exit != Exit::Success {
                output::say(&format!("error: {:#}", failure.error));
            }
            failure.exit.into()
        }
    }
}

fn perform(invocation: Invocation) -> Result<Exit, Failure> {
    if invocation.no_color {
        anstream::ColorChoice::Never.write_global();
    }
    tuning::install(invocation.memory);
    match invocation.task {
        Task::Check(file) => check(&file),
        Task::Repair(file) => repair(&file),
        Task::Completions(shell) => {
            args::completions(shell, &mut io::stdout())?;
            Ok(Exit::Success)
        }
        Task::Work(work) => perform_work(work),
    }
}

fn check(file: &Path) -> Result<Exit, Failure> {
    for line in target::check(file)? {
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(Exit::Success)
}

fn repair(file: &Path) -> Result<Exit, Failure> {
    let (report, whole) = target::repair(file)?;
    for line in report {
        writeln!(io::stdout(), "{line}")?;
    }
    Ok(if whole { Exit::Success } else { Exit::Failed })
}

/// Scripts are read before anything is opened or made, so that wrong usage leaves no trace.
fn perform_work(work: Work) -> Result<Exit, Failure> {
    let interrupts = Interrupts::install()
        .context("cannot listen to Ctrl-C")
        .map_err(|error| Failure { exit: Exit::Failed, error })?;
    let scripts = scripts(&work).map_err(Failure::usage)?;
    let output = output(&work).map_err(Failure::usage)?;
    let opened = target::open(&work.target, work.options)?;
    let mut runner = Runner::new(opened.session, output, interrupts);
    runner.keep_going = work.keep_going;
    runner.timing = work.timing;
    for setting in &work.settings {
        let script = Script { name: Some("--set".into()), text: setting.clone() };
        match runner.run(&script)? {
            Exit::Success => {}
            exit => return Ok(exit),
        }
    }
    match scripts {
        Some(scripts) => {
            if opened.news && !work.quiet {
                output::say(&opened.banner.join("; "));
            }
            let exit = run_all(&mut runner, &scripts);
            let failed = !matches!(exit, Ok(Exit::Success));
            if let Some(made) = opened.made.filter(|_| failed) {
                undo_making(runner, &made)?;
            }
            exit
        }
        None => Prompt::new(runner, work.target, work.options)?.talk(&opened.banner),
    }
}

/// A cube file that was made for statements that failed before they did anything is not kept: its name was mistyped, most
/// likely.
fn undo_making(runner: Runner, made: &Path) -> Result<(), Failure> {
    let is_empty = runner.session.borrow_mut().cube().operations().is_empty();
    drop(runner);
    if is_empty {
        std::fs::remove_file(made)?;
        output::say(&format!("nothing was done in {}, which was not there before: it is not kept", made.display()));
    }
    Ok(())
}

/// What is run; none where a prompt asks for it.
fn scripts(work: &Work) -> anyhow::Result<Option<Vec<Script>>> {
    if !work.steps.is_empty() {
        return work.steps.iter().map(Script::of_step).collect::<anyhow::Result<_>>().map(Some);
    }
    if io::stdin().is_terminal() {
        return Ok(None);
    }
    Ok(Some(vec![Script::from_input()?]))
}

fn output(work: &Work) -> anyhow::Result<Output> {
    match &work.output {
        Some(path) => Output::file(path, work.format, work.quiet),
        None => Ok(Output::standard(work.format, work.quiet)),
    }
}

fn run_all(runner: &mut Runner, scripts: &[Script]) -> Result<Exit, Failure> {
    let mut worst = Exit::Success;
    for script in scripts {
        let exit = runner.run(script)?;
        worst = worst.max(exit);
        if exit == Exit::Interrupted || (exit != Exit::Success && !runner.keep_going) {
            break;
        }
    }
    runner.output.finish()?;
    Ok(worst.max(runner.end()))
}
