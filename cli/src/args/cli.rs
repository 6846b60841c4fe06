//! The arguments as they are typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueHint};
use clap_complete::Shell;

use crate::output::Format;

const EXAMPLES: &str = "\
Examples:
  plancube                                    the prompt, on a fresh cube in memory
  plancube demo                               the prompt, on the demo company
  plancube demo acme.plancube                 the same, written to a file
  plancube acme.plancube                      the prompt, on a cube file, made if it is not there
  plancube facts.csv                          the prompt, on a cube made from a file of facts
  plancube demo -c 'show cost by division'    run a statement and leave
  plancube acme.plancube -f plan.pcq          run a script and leave
  plancube demo --format json < ask.pcq       run statements from standard input

Exit status: 0 all went well, 1 a statement failed, 2 wrong usage,
3 the file cannot be opened or is damaged, 130 interrupted.";

/// A planning cube: ask by every cut, change at any level, keep what-ifs side by side.
#[derive(Debug, Parser)]
#[command(name = "plancube", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// Another task than running statements
    #[command(subcommand)]
    pub other: Option<Other>,

    /// `demo`, a cube file, or a file of facts (.csv, .parquet, .arrow, .xlsx); a fresh cube without it
    #[arg(value_hint = ValueHint::FilePath)]
    pub what: Option<PathBuf>,

    /// With `demo`: the cube file that the demo company is written to
    #[arg(value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,

    /// Run statements and leave; may be repeated
    #[arg(short = 'c', long = "command", value_name = "STATEMENTS", allow_hyphen_values = true)]
    pub commands: Vec<String>,

    /// Run a script and leave (`-` is standard input); may be repeated
    #[arg(short = 'f', long = "file", id = "script", value_name = "SCRIPT")]
    #[arg(value_hint = ValueHint::FilePath)]
    pub scripts: Vec<PathBuf>,

    /// How answers are written [default: table on a terminal, csv in a pipe]
    #[arg(long, value_name = "F")]
    pub format: Option<Format>,

    /// Write answers to a file instead of standard output
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,

    /// Give a number a name that statements may use, before the first of them; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting, allow_hyphen_values = true)]
    pub settings: Vec<String>,

    /// Refuse every change
    #[arg(long)]
    pub read_only: bool,

    /// Wait so long for another process that is writing to the cube file [default: 10]
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u32>,

    /// Let a statement take so much memory, such as 512M or 4G [default: half of the machine's]
    #[arg(long, value_name = "SIZE", value_parser = size)]
    pub memory: Option<NonZeroUsize>,

    /// Go on after a statement that failed
    #[arg(long)]
    pub keep_going: bool,

    /// Leave out notes; errors are still said
    #[arg(long, short)]
    pub quiet: bool,

    /// Say how long each statement took
    #[arg(long)]
    pub timing: bool,

    /// No colours (so does the variable NO_COLOR)
    #[arg(long)]
    pub no_color: bool,

    /// Threads to compute on [default: one for each core]
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
}

/// The statement that `--set NAME=VALUE` stands for.
fn setting(text: &str) -> Result<String, String> {
    let statement = text.split_once('=').map(|(name, value)| format!("set {name} = {value}"));
    let is_one =
        |text: &String| matches!(query::syntax::parse(text), Ok(query::syntax::ast::Statement::SetNumber { .. }));
    statement.filter(is_one).ok_or_else(|| "expected a name and a number, such as slip=3 or rate=12%".to_owned())
}

/// A size in bytes: a whole number, in `K`, `M`, `G` or `T` of 1024 each where one follows.
fn size(text: &str) -> Result<NonZeroUsize, String> {
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => Some(0),
        "K" => Some(10),
        "M" => Some(20),
        "G" => Some(30),
        "T" => Some(40),
        _ => None,
    };
    let number = digits.parse::<usize>().ok();
    let bytes = number.zip(shift).and_then(|(number, shift)| number.checked_mul(1 << shift));
    bytes.and_then(NonZeroUsize::new).ok_or_else(|| "expected a size, such as 512M or 4G".to_owned())
}

/// What is done instead of running statements.
#[derive(Debug, Subcommand)]
pub enum Other {
    /// Verify a cube file
    Check {
        /// The cube file
        #[arg(value_hint = ValueHint::FilePath)]
        file: PathBuf,

        /// Save what can be saved into FILE.repaired, and list what could not
        #[arg(long)]
        repair: bool,
    },
    /// Print completions for a shell
    Completions {
        /// bash, zsh, fish, ...
        shell: Shell,
    },
}
