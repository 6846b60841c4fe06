//! The prompt: reads what is typed, runs it, and goes on until told to leave.

mod command;
mod editor;
mod help;
mod history;

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use rustyline::error::ReadlineError;

use self::command::{Command, Entry};
use self::editor::LineEditor;
use crate::exit::{Exit, Failure};
use crate::output::{self, Format};
use crate::run::Runner;
use crate::script::Script;
use crate::target::{self, OpenOptions, Target};

/// A conversation with one session.
pub struct Prompt {
    runner: Runner,
    editor: LineEditor,
    target: Target,
    options: OpenOptions,
    /// What `Enter` ran that did not end with a semicolon.
    unended: Option<Unended>,
}

/// A statement that ended with its line; the last operation after it, where it was one.
#[derive(Debug, Clone, Copy)]
struct Unended {
    operation: Option<u64>,
}

/// How the second line of a statement begins.
const CLAUSES: [&str; 16] = [
    "where",
    "by",
    "across",
    "with",
    "holding",
    "equally",
    "proportionally",
    "like",
    "phased",
    "because",
    "order",
    "top",
    "having",
    "times",
    "into",
    "taking",
];

/// Whether the conversation goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Ask,
    Leave,
}

impl Prompt {
    /// A prompt on what was opened.
    pub fn new(runner: Runner, target: Target, options: OpenOptions) -> Result<Self, Failure> {
        let coloured = output::coloured(&io::stdout());
        let editor = LineEditor::new(std::rc::Rc::clone(&runner.session), coloured)
            .map_err(|error| Failure { exit: Exit::Failed, error: error.into() })?;
        runner.interrupts.return_to_prompt();
        Ok(Prompt { runner, editor, target, options, unended: None })
    }

    /// Asks and answers until Ctrl-D or `.quit`.
    pub fn talk(mut self, banner: &[String]) -> Result<Exit, Failure> {
        self.greet(banner);
        loop {
            match self.editor.read(&self.text()) {
                Ok(typed) => {
                    if self.answer(&typed)? == Next::Leave {
                        break;
                    }
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => break,
                Err(error) => {
                    return Err(Failure { exit: Exit::Failed, error: error.into() });
                }
            }
        }
        self.runner.output.finish()?;
        Ok(Exit::Success)
    }

    fn greet(&self, banner: &[String]) {
        if !self.runner.output.quiet {
            banner.iter().for_each(|line| output::say(line));
        }
    }

    /// `plancube demo> `
    fn text(&self) -> String {
        match self.target.name() {
            Some(name) => format!("plancube {name}> "),
            None => "plancube> ".into(),
        }
    }

    fn answer(&mut self, typed: &str) -> io::Result<Next> {
        self.runner.interrupts.forget();
        match Entry::parse(typed) {
            Entry::Nothing => {}
            Entry::Command(command) => return self.command(command),
            Entry::Mistake(message) => output::say(&format!("error: {message}")),
            Entry::Statements => self.statements(typed)?,
        }
        Ok(Next::Ask)
    }

    fn statements(&mut self, typed: &str) -> io::Result<()> {
        let before = self.operation();
        let exit = self.runner.run(&Script::typed(typed))?;
        let after = self.operation();
        let goes_on =
            typed.split_whitespace().next().is_some_and(|word| CLAUSES.contains(&word.to_lowercase().as_str()));
        match self.unended.take().filter(|_| goes_on && exit != Exit::Success) {
            Some(Unended { operation: Some(operation) }) => output::say(&format!(
                "`Enter` has run the line before as it stood, as operation {operation}: `undo;` takes it back. Type a statement in one line, or end a line with a comma to go on"
            )),
            Some(Unended { operation: None }) => output::say(
                "`Enter` has run the line before as it stood. Type a statement in one line, or end a line with a comma to go on",
            ),
            None => {}
        }
        if exit == Exit::Success && !typed.trim_end().ends_with(';') {
            self.unended = Some(Unended { operation: (after > before).then_some(after) });
        }
        Ok(())
    }

    /// The number of the last operation.
    fn operation(&self) -> u64 {
        self.runner.session.borrow_mut().cube().snapshot().sequence
    }

    fn command(&mut self, command: Command) -> io::Result<Next> {
        match command {
            Command::Help(word) => say_help(word.as_deref())?,
            Command::Format(format) => self.format(format),
            Command::Timing(state) => self.timing(state),
            Command::Run(path) => self.run(&path)?,
            Command::Open(target) => self.open(target),
            Command::Save(path) => self.save(&path),
            Command::Quit => return Ok(Next::Leave),
        }
        Ok(Next::Ask)
    }

    fn format(&mut self, format: Option<Format>) {
        match format {
            Some(format) => {
                if let Err(message) = self.runner.output.set_format(format) {
                    output::say(&format!("error: {message}"));
                }
            }
            None => output::say(&format!("format {}", self.runner.output.format.name())),
        }
    }

    fn timing(&mut self, state: Option<bool>) {
        self.runner.timing = state.unwrap_or(!self.runner.timing);
        output::say(if self.runner.timing { "timing on" } else { "timing off" });
    }

    fn run(&mut self, path: &Path) -> io::Result<()> {
        match Script::from_file(path) {
            Ok(script) => self.runner.run(&script).map(|_| ()),
            Err(error) => {
                output::say(&format!("error: {error:#}"));
                Ok(())
            }
        }
    }

    fn open(&mut self, target: Target) {
        match target::open(&target, self.options) {
            Ok(opened) => {
                self.runner.replace_session(opened.session);
                self.target = target;
                self.greet(&opened.banner);
            }
            Err(error) => output::say(&format!("error: {error}")),
        }
    }

    fn save(&self, path: &Path) {
        match target::save(&mut self.runner.session.borrow_mut(), path) {
            Ok(()) => output::say(&format!("saved to {}", path.display())),
            Err(error) => output::say(&format!("error: {error}")),
        }
    }
}

/// Help is read at the prompt, not by programs: it goes where the eyes are.
fn say_help(word: Option<&str>) -> io::Result<()> {
    let text = help::text(word);
    if io::stdout().is_terminal() {
        writeln!(io::stdout(), "{}", text.trim_end())
    } else {
        output::say(text.trim_end());
        Ok(())
    }
}
