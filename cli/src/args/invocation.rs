//! What the arguments mean, once they make sense together.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::error::ErrorKind;
use clap_complete::Shell;

use super::cli::{Cli, Other};
use crate::output::Format;
use crate::target::{OpenOptions, Target};

/// What the program was started for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// What is done.
    pub task: Task,
    /// Whether colours are ruled out.
    pub no_color: bool,
    /// How many bytes a statement may take.
    pub memory: Option<NonZeroUsize>,
}

/// What is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// A cube file is verified.
    Check(PathBuf),
    /// What can be saved of a damaged cube file is saved.
    Repair(PathBuf),
    /// Completions are printed.
    Completions(Shell),
    /// Statements are run.
    Work(Work),
}

/// One `-c` or `-f`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// `-c STATEMENTS`
    Command(String),
    /// `-f SCRIPT`
    Script(PathBuf),
}

/// Statements run on a cube.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// The cube.
    pub target: Target,
    /// How it is opened.
    pub options: OpenOptions,
    /// What is run; statements come from standard input or the prompt where this is empty.
    pub steps: Vec<Step>,
    /// The statements of `--set`, run before all others.
    pub settings: Vec<String>,
    /// `--format`
    pub format: Option<Format>,
    /// `--output`
    pub output: Option<PathBuf>,
    /// `--keep-going`
    pub keep_going: bool,
    /// `--quiet`
    pub quiet: bool,
    /// `--timing`
    pub timing: bool,
}

/// Refuses arguments that do not make sense together.
pub fn validate(cli: Cli, steps: Vec<Step>) -> Result<Invocation, clap::Error> {
    let (no_color, memory) = (cli.no_color, cli.memory);
    let task = match cli.other {
        Some(Other::Check { file, repair: false }) => Task::Check(file),
        Some(Other::Check { file, repair: true }) => Task::Repair(file),
        Some(Other::Completions { shell }) => Task::Completions(shell),
        None => Task::Work(work(cli, steps)?),
    };
    Ok(Invocation { task, no_color, memory })
}

fn work(cli: Cli, steps: Vec<Step>) -> Result<Work, clap::Error> {
    let target = target(cli.what, cli.file)?;
    if let (Some(output), Some(cube)) = (&cli.output, target.cube_file())
        && same_file(output, cube)
    {
        return Err(refused("--output would overwrite the cube file".into()));
    }
    Ok(Work {
        target,
        options: OpenOptions { read_only: cli.read_only, threads: cli.threads, wait: cli.wait },
        steps,
        settings: cli.settings,
        format: cli.format,
        output: cli.output,
        keep_going: cli.keep_going,
        quiet: cli.quiet,
        timing: cli.timing,
    })
}

fn target(what: Option<PathBuf>, file: Option<PathBuf>) -> Result<Target, clap::Error> {
    match (what, file) {
        (None, _) => Ok(Target::Memory),
        (Some(what), file) if what.as_os_str() == "demo" => Ok(Target::Demo(file)),
        (Some(what), None) if what.as_os_str().is_empty() => Err(refused("the name of the cube file is empty".into())),
        (Some(what), None) => Ok(Target::of_path(what)),
        (Some(_), Some(file)) => {
            let file = file.display();
            Err(refused(format!("unexpected argument '{file}': a second file goes with demo only")))
        }
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

fn refused(message: String) -> clap::Error {
    Cli::command().error(ErrorKind::ArgumentConflict, message)
}
