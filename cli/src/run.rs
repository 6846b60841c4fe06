//! Runs scripts, statement by statement.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use query::error::{Error, ErrorKind};
use query::session::Session;
use query::syntax;

use crate::diagnostic;
use crate::exit::Exit;
use crate::interrupt::Interrupts;
use crate::output::{self, Output};
use crate::script::Script;

/// The session, shared by who runs statements and who completes words.
pub type SharedSession = Rc<RefCell<Session>>;

/// Runs statements and says what they answer.
pub struct Runner {
    /// Where statements run.
    pub session: SharedSession,
    /// Where answers go.
    pub output: Output,
    /// How a statement is stopped.
    pub interrupts: Interrupts,
    /// Whether a script goes on after a failure.
    pub keep_going: bool,
    /// Whether it is said how long a statement took.
    pub timing: bool,
}

impl Runner {
    /// A runner on a session.
    pub fn new(session: Session, output: Output, interrupts: Interrupts) -> Self {
        interrupts.watch(session.interrupt_flag());
        let session = Rc::new(RefCell::new(session));
        Runner { session, output, interrupts, keep_going: false, timing: false }
    }

    /// Goes on with another session.
    pub fn replace_session(&mut self, session: Session) {
        self.interrupts.watch(session.interrupt_flag());
        *self.session.borrow_mut() = session;
    }

    /// Runs a script's statements, up to the first failure unless told to keep going.
    pub fn run(&mut self, script: &Script) -> io::Result<Exit> {
        let mut worst = Exit::Success;
        for span in syntax::split(&script.text) {
            let exit = match self.statement(&script.text[span.clone()], script)? {
                Ok(()) => Exit::Success,
                Err(error) => self.failed(&error, script, span.start),
            };
            worst = worst.max(exit);
            let goes_on = exit == Exit::Success || (self.keep_going && exit != Exit::Interrupted);
            if !goes_on {
                break;
            }
        }
        Ok(worst)
    }

    /// Ends the run: statements that still wait for a `commit` are lost, and that is said.
    pub fn end(&self) -> Exit {
        match self.session.borrow().pending() {
            None => Exit::Success,
            Some(count) => {
                output::say(&format!("error: `begin` without `commit`: {count} statements were dropped"));
                Exit::Failed
            }
        }
    }

    /// Runs one statement; the outer result is that of writing the answer.
    fn statement(&mut self, text: &str, script: &Script) -> io::Result<Result<(), Error>> {
        if self.interrupts.seen() {
            return Ok(Err(Error::new(ErrorKind::Interrupted, "interrupted", None)));
        }
        if let Some(error) = dot_command(text, script) {
            return Ok(Err(error));
        }
        let start = Instant::now();
        let answer = self.interrupts.during(|| self.session.borrow_mut().execute(text));
        let took = start.elapsed();
        let result = match answer {
            Ok(answer) => self.output.answer(&answer).map(Ok),
            Err(error) => Ok(Err(error)),
        };
        if self.timing {
            output::say(&format!("time: {}", duration(took)));
        }
        result
    }

    fn failed(&self, error: &Error, script: &Script, statement: usize) -> Exit {
        let coloured = output::coloured(&io::stderr());
        output::say(&diagnostic::draw(error, script, statement, coloured));
        match error.kind {
            ErrorKind::Interrupted => Exit::Interrupted,
            ErrorKind::Storage => Exit::Unopened,
            ErrorKind::Syntax | ErrorKind::Name | ErrorKind::Refused | ErrorKind::Stale => Exit::Failed,
        }
    }
}

/// The error of a command of the prompt that stands in a script.
fn dot_command(text: &str, script: &Script) -> Option<Error> {
    let start = text.len() - text.trim_start().len();
    let word = text[start..].split_whitespace().next()?;
    if !word.starts_with('.') || !word[1..].starts_with(char::is_alphabetic) {
        return None;
    }
    let place = if script.name.is_some() { "not in a script" } else { "alone on its line" };
    let message = format!("{word} is a command of the prompt, {place}");
    let error = Error::new(ErrorKind::Syntax, message, Some(start..start + word.len()));
    let help = match word {
        ".format" => "use the option --format",
        ".timing" => "use the option --timing",
        ".run" => "use -f SCRIPT; it may be repeated",
        ".open" => "name the cube on the command line",
        _ => return Some(error),
    };
    Some(error.helped(help))
}

fn duration(took: Duration) -> String {
    if took < Duration::from_secs(1) {
        format!("{:.1} ms", took.as_secs_f64() * 1000.0)
    } else {
        format!("{:.2} s", took.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_commands_in_scripts_are_refused() {
        let script = Script { name: Some("a.pcq".into()), text: String::new() };
        let error = dot_command("\n.format csv\nshow cost", &script).unwrap();
        assert_eq!(error.message, ".format is a command of the prompt, not in a script");
        assert_eq!(error.span, Some(1..8));
        assert_eq!(dot_command("show cost", &script), None);
    }

    #[test]
    fn durations_are_short() {
        assert_eq!(duration(Duration::from_micros(1234)), "1.2 ms");
        assert_eq!(duration(Duration::from_millis(2500)), "2.50 s");
    }
}
