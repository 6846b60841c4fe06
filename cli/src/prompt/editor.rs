//! The line editor: several lines to a statement, completion, colours, history.

use std::borrow::Cow;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use query::syntax::{self, Class};
use rustyline::completion::{Candidate, Completer, FilenameCompleter};
use rustyline::config::Configurer;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Behavior, CompletionType, Config, Context, Editor, Helper};

use super::command::{self, Entry};
use super::{help, history};
use crate::run::SharedSession;

/// Reads entries from a terminal.
pub struct LineEditor {
    editor: Editor<Assistant, FileHistory>,
    history: Option<PathBuf>,
}

impl LineEditor {
    /// An editor that completes with the session's names; it loads the history of earlier ones.
    pub fn new(session: SharedSession, coloured: bool) -> rustyline::Result<Self> {
        let screen = io::stdout().is_terminal();
        let behavior = if screen { Behavior::Stdio } else { Behavior::PreferTerm };
        let config = Config::builder()
            .completion_type(CompletionType::List)
            .history_ignore_space(true)
            .behavior(behavior)
            .build();
        let mut editor = Editor::with_config(config)?;
        editor.set_helper(Some(Assistant { session, coloured, files: FilenameCompleter::new() }));
        editor.set_auto_add_history(false);
        let history = history::prepare();
        if let Some(path) = &history {
            // The first time there is nothing to load.
            let _ = editor.load_history(path);
        }
        Ok(LineEditor { editor, history })
    }

    /// The next entry, of one or several lines.
    pub fn read(&mut self, prompt: &str) -> Result<String, ReadlineError> {
        let typed = self.editor.readline(prompt)?;
        let entry = typed.trim_end();
        if !entry.is_empty() && self.editor.add_history_entry(entry)? {
            self.keep_history();
        }
        Ok(typed)
    }

    /// Writes new entries to the history; a prompt without one works as well.
    fn keep_history(&mut self) {
        if let Some(path) = &self.history
            && self.editor.append_history(path).is_err()
        {
            self.history = None;
        }
    }
}

/// What the editor asks while someone types.
struct Assistant {
    session: SharedSession,
    coloured: bool,
    files: FilenameCompleter,
}

impl Helper for Assistant {}

impl Hinter for Assistant {
    type Hint = String;
}

/// One way to go on with a word.
struct Completion {
    shown: String,
    text: String,
}

impl Completion {
    fn new(text: impl Into<String>, description: &str) -> Self {
        let text = text.into();
        let shown = match description {
            "" => text.clone(),
            description => format!("{text}  ({description})"),
        };
        Completion { shown, text }
    }
}

impl Candidate for Completion {
    fn display(&self) -> &str {
        &self.shown
    }

    fn replacement(&self) -> &str {
        &self.text
    }
}

impl Completer for Assistant {
    type Candidate = Completion;

    fn complete(
        &self,
        line: &str,
        position: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Completion>)> {
        if line.trim_start().starts_with('.') {
            return self.complete_command(line, position, context);
        }
        let (start, found) = self.session.borrow().complete(line, position);
        let found = found.into_iter().map(|one| Completion::new(one.text, &one.description));
        Ok((start, found.collect()))
    }
}

impl Assistant {
    fn complete_command(
        &self,
        line: &str,
        position: usize,
        context: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Completion>)> {
        let head = &line[..position];
        let start = head.rfind(char::is_whitespace).map_or(0, |at| at + 1);
        let words: &[&str] = match head[..start].trim() {
            "" => &command::NAMES,
            ".format" => &["table", "csv", "json"],
            ".timing" => &["on", "off"],
            ".help" => &help::TOPICS,
            _ => {
                let (start, files) = self.files.complete(line, position, context)?;
                let files = files.into_iter().map(|file| Completion::new(file.replacement, ""));
                return Ok((start, files.collect()));
            }
        };
        let fitting = words.iter().filter(|word| word.starts_with(&head[start..]));
        Ok((start, fitting.map(|word| Completion::new(*word, "")).collect()))
    }
}

impl Validator for Assistant {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(match runs(context.input()) {
            true => ValidationResult::Valid(None),
            false => ValidationResult::Incomplete,
        })
    }
}

/// Whether Enter runs the input: it is complete, or its last line is empty.
fn runs(input: &str) -> bool {
    let last_is_empty = input.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
    last_is_empty || Entry::parse(input) != Entry::Statements || syntax::is_complete(input)
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _position: usize) -> Cow<'l, str> {
        if self.coloured && !line.trim_start().starts_with('.') {
            Cow::Owned(painted(line))
        } else {
            Cow::Borrowed(line)
        }
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        if self.coloured {
            let style = Style::new().bold();
            Cow::Owned(format!("{style}{prompt}{style:#}"))
        } else {
            Cow::Borrowed(prompt)
        }
    }

    fn highlight_char(&self, _line: &str, _position: usize, kind: CmdKind) -> bool {
        self.coloured && kind != CmdKind::MoveCursor
    }
}

fn painted(line: &str) -> String {
    let mut painted = String::with_capacity(line.len() * 2);
    let mut at = 0;
    for (range, class) in syntax::classify(line) {
        let (Some(between), Some(piece)) = (line.get(at..range.start), line.get(range.clone())) else {
            continue;
        };
        let style = style(class);
        painted.push_str(between);
        painted.push_str(&format!("{style}{piece}{style:#}"));
        at = range.end;
    }
    painted.push_str(line.get(at..).unwrap_or_default());
    painted
}

fn style(class: Class) -> Style {
    match class {
        Class::Keyword => AnsiColor::Blue.on_default().bold(),
        Class::Text => AnsiColor::Green.on_default(),
        Class::Number | Class::Period => AnsiColor::Cyan.on_default(),
        Class::Comment => Style::new().dimmed(),
        Class::Error => AnsiColor::Red.on_default().underline(),
        Class::Name | Class::QuotedName | Class::Symbol => Style::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enter_runs_what_is_complete() {
        assert!(runs("show cost;"));
        assert!(runs("help"));
        assert!(runs(".format csv"));
        assert!(runs(""));
        assert!(!runs("show cost by"));
        assert!(runs("show cost by\n"));
    }

    #[test]
    fn painting_changes_no_letter() {
        let line = "show \"größe\", 'text' -- why\n  by project";
        let plain = anstream::adapter::strip_str(&painted(line)).to_string();
        assert_eq!(plain, line);
        assert!(painted(line).contains('\u{1b}'));
    }
}
