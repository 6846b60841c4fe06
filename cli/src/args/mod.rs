//! Arguments: as they are typed ([`cli`]), then as they are meant ([`invocation`]).

mod cli;
mod invocation;

use std::ffi::OsString;

use clap::{ArgMatches, CommandFactory, FromArgMatches};
use clap_complete::Shell;

use self::cli::Cli;
pub use self::invocation::{Invocation, Step, Task, Work};

/// Reads and validates arguments, the program's name first.
pub fn parse(arguments: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Invocation, clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    let mut cli = Cli::from_arg_matches(&matches)?;
    let steps = steps(&matches, &mut cli);
    invocation::validate(cli, steps)
}

/// `-c` and `-f` in the order given.
fn steps(matches: &ArgMatches, cli: &mut Cli) -> Vec<Step> {
    let places = |id| matches.indices_of(id).into_iter().flatten();
    let commands = std::mem::take(&mut cli.commands).into_iter().map(Step::Command);
    let scripts = std::mem::take(&mut cli.scripts).into_iter().map(Step::Script);
    let mut steps: Vec<(usize, Step)> = places("commands").zip(commands).chain(places("script").zip(scripts)).collect();
    steps.sort_by_key(|(place, _)| *place);
    steps.into_iter().map(|(_, step)| step).collect()
}

/// Writes completions for a shell.
pub fn completions(shell: Shell, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "plancube", &mut text);
    out.write_all(&text)
}

#[cfg(test)]
mod tests;
