//! Commands of the prompt: `.help`, `.format`, `.quit` and the like.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::output::Format;
use crate::target::Target;

/// The commands, for completion and for guessing what was meant.
pub const NAMES: [&str; 7] = [".help", ".format", ".timing", ".run", ".open", ".save", ".quit"];

/// What was typed, as far as the prompt itself understands it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// White space.
    Nothing,
    /// Something for the prompt itself.
    Command(Command),
    /// A command that cannot be followed, and why.
    Mistake(String),
    /// Something for the session.
    Statements,
}

/// Something for the prompt itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// `.help [WORD]`
    Help(Option<String>),
    /// `.format [F]`
    Format(Option<Format>),
    /// `.timing [on|off]`
    Timing(Option<bool>),
    /// `.run FILE`
    Run(PathBuf),
    /// `.open FILE`
    Open(Target),
    /// `.save FILE`
    Save(PathBuf),
    /// `.quit`
    Quit,
}

impl Entry {
    /// Reads what was typed.
    pub fn parse(typed: &str) -> Self {
        let line = typed.trim();
        if line.is_empty() {
            return Entry::Nothing;
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if word.starts_with('.') {
            return command(word, unquoted(rest.trim_end_matches(';').trim()));
        }
        bare(line.trim_end_matches(';').trim_end())
    }
}

/// `help`, `quit` and `exit` need no dot.
fn bare(line: &str) -> Entry {
    match line.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>()[..] {
        ["help"] => Entry::Command(Command::Help(None)),
        ["help", word] => Entry::Command(Command::Help(Some(word.into()))),
        ["quit" | "exit"] => Entry::Command(Command::Quit),
        _ => Entry::Statements,
    }
}

fn command(word: &str, rest: &str) -> Entry {
    let name = word.trim_end_matches(';').to_ascii_lowercase();
    let result = match name.as_str() {
        ".help" => Ok(Command::Help((!rest.is_empty()).then(|| rest.to_ascii_lowercase()))),
        ".format" => format(rest).map(Command::Format),
        ".timing" => timing(rest).map(Command::Timing),
        ".run" => file(".run", rest).map(Command::Run),
        ".open" => file(".open", rest).map(target).map(Command::Open),
        ".save" => file(".save", rest).map(Command::Save),
        ".quit" | ".exit" => Ok(Command::Quit),
        _ => Err(unknown(&name)),
    };
    result.map_or_else(Entry::Mistake, Entry::Command)
}

fn format(rest: &str) -> Result<Option<Format>, String> {
    if rest.is_empty() {
        return Ok(None);
    }
    let unknown = |_| format!("there is no format {rest}; formats: {}", Format::names());
    Format::from_str(rest, true).map(Some).map_err(unknown)
}

fn timing(rest: &str) -> Result<Option<bool>, String> {
    match rest.to_ascii_lowercase().as_str() {
        "" => Ok(None),
        "on" => Ok(Some(true)),
        "off" => Ok(Some(false)),
        other => Err(format!(".timing is on or off, not {other}")),
    }
}

fn file(command: &str, rest: &str) -> Result<PathBuf, String> {
    if rest.is_empty() { Err(format!("{command} needs a file")) } else { Ok(rest.into()) }
}

fn target(path: PathBuf) -> Target {
    if path.as_os_str() == "demo" { Target::Demo(None) } else { Target::of_path(path) }
}

fn unknown(name: &str) -> String {
    let distance = |known: &str| strsim::damerau_levenshtein(name, known);
    match NAMES.into_iter().min_by_key(|known| distance(known)) {
        Some(near) if distance(near) <= 3 => {
            format!("there is no command {name}; did you mean {near}?")
        }
        _ => format!("there is no command {name}; commands: {}", NAMES.join(" ")),
    }
}

/// A file's name without the quotes around it.
fn unquoted(text: &str) -> &str {
    let inside = |quote| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    inside('\'').or_else(|| inside('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(typed: &str) -> Command {
        match Entry::parse(typed) {
            Entry::Command(command) => command,
            other => panic!("{other:?}"),
        }
    }

    fn mistake(typed: &str) -> String {
        match Entry::parse(typed) {
            Entry::Mistake(message) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn commands_are_read() {
        assert_eq!(parsed(".help"), Command::Help(None));
        assert_eq!(parsed(".help Show"), Command::Help(Some("show".into())));
        assert_eq!(parsed(".format JSON;"), Command::Format(Some(Format::Json)));
        assert_eq!(parsed(".timing on"), Command::Timing(Some(true)));
        assert_eq!(parsed(".timing"), Command::Timing(None));
        assert_eq!(parsed(".run 'my plan.pcq'"), Command::Run("my plan.pcq".into()));
        assert_eq!(parsed(".open demo"), Command::Open(Target::Demo(None)));
        assert_eq!(parsed(".save a.plancube"), Command::Save("a.plancube".into()));
        assert_eq!(parsed(".quit;"), Command::Quit);
    }

    #[test]
    fn help_quit_and_exit_need_no_dot() {
        assert_eq!(parsed("help"), Command::Help(None));
        assert_eq!(parsed("help show;"), Command::Help(Some("show".into())));
        assert_eq!(parsed("quit"), Command::Quit);
        assert_eq!(parsed("EXIT;"), Command::Quit);
    }

    #[test]
    fn all_else_is_for_the_session() {
        assert_eq!(Entry::parse("show cost"), Entry::Statements);
        assert_eq!(Entry::parse(" \n"), Entry::Nothing);
    }

    #[test]
    fn mistakes_name_what_is_near() {
        assert_eq!(mistake(".fromat csv"), "there is no command .fromat; did you mean .format?");
        assert!(mistake(".tables everything").starts_with("there is no command .tables"));
        assert!(mistake(".format yaml").starts_with("there is no format yaml; formats: table, csv, tsv, json, "));
        assert_eq!(mistake(".run"), ".run needs a file");
        assert_eq!(mistake(".timing maybe"), ".timing is on or off, not maybe");
    }
}
