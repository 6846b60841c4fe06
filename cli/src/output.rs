//! Where answers and notes go: data to standard output or a file, all else to standard error.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use anyhow::{Context, Result};
use clap::ValueEnum;
use query::answer::Answer;

use crate::render::{self, Screen};

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// For programs: the pivot as it is laid out
    Csv,
    /// For programs: one document a line
    Json,
}

impl Format {
    /// The format that a file's ending asks for; CSV where it asks for none.
    fn of_file(path: &Path) -> Self {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => Format::Json,
            Some("txt") => Format::Table,
            _ => Format::Csv,
        }
    }
}

/// A file that is emptied before the first write, so that a run that answers nothing leaves it as it was.
struct Emptied {
    file: File,
    yet: bool,
}

impl Write for Emptied {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.yet {
            self.file.set_len(0)?;
            self.yet = true;
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Answers go here.
pub struct Output {
    data: Box<dyn Write>,
    to_terminal: bool,
    answered: bool,
    /// How answers are written.
    pub format: Format,
    /// Whether notes are left out.
    pub quiet: bool,
}

impl Output {
    /// Standard output.
    pub fn standard(format: Option<Format>, quiet: bool) -> Self {
        let to_terminal = io::stdout().is_terminal();
        let usual = if to_terminal { Format::Table } else { Format::Csv };
        let format = format.unwrap_or(usual);
        let data = Box::new(BufWriter::new(io::stdout()));
        Output { data, to_terminal, answered: false, format, quiet }
    }

    /// A file, which is made at once and emptied when there is something to write.
    pub fn file(path: &Path, format: Option<Format>, quiet: bool) -> Result<Self> {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path);
        let file = file.with_context(|| format!("cannot write the output file {}", path.display()))?;
        let format = format.unwrap_or(Format::of_file(path));
        let data = Box::new(BufWriter::new(Emptied { file, yet: false }));
        Ok(Output { data, to_terminal: false, answered: false, format, quiet })
    }

    /// Anything that can be written to, as if it were a file.
    #[cfg(test)]
    pub fn to(data: Box<dyn Write>, format: Format) -> Self {
        Output { data, to_terminal: false, answered: false, format, quiet: true }
    }

    /// Writes an answer, then what is said beside it.
    pub fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        self.write(answer)?;
        self.data.flush()?;
        self.say_beside(answer);
        Ok(())
    }

    fn write(&mut self, answer: &Answer) -> io::Result<()> {
        if self.writes_nothing(answer) {
            return Ok(());
        }
        if self.answered && self.format != Format::Json {
            writeln!(self.data)?;
        }
        self.answered = true;
        let screen = self.screen();
        let out = &mut *self.data;
        match (self.format, answer) {
            (Format::Csv, Answer::Cells(cells)) => render::csv::cells(out, cells),
            (Format::Csv, Answer::List(list)) => render::csv::list(out, list),
            (Format::Json, Answer::Cells(cells)) => render::json::cells(out, cells),
            (Format::Json, Answer::List(list)) => render::json::list(out, list),
            (Format::Json, Answer::Change(receipt)) => render::json::change(out, receipt),
            (Format::Json, Answer::Load(receipt)) => render::json::load(out, receipt),
            _ => render::people(out, answer, screen),
        }
    }

    /// Whether this answer is no data in this format.
    fn writes_nothing(&self, answer: &Answer) -> bool {
        match answer {
            Answer::Nothing { .. } => true,
            Answer::Change(_) | Answer::Load(_) => self.format == Format::Csv,
            Answer::Cells(_) | Answer::List(_) => false,
        }
    }

    /// Says what belongs to the answer and is no data.
    fn say_beside(&self, answer: &Answer) {
        if self.quiet {
            return;
        }
        let receipt = matches!(answer, Answer::Change(_) | Answer::Load(_));
        if receipt && self.format == Format::Csv {
            let mut text = Vec::new();
            if render::people(&mut text, answer, Screen::default()).is_ok() {
                say(String::from_utf8_lossy(&text).trim_end());
            }
        }
        let nothing = matches!(answer, Answer::Nothing { .. });
        if nothing && self.format != Format::Table && !io::stderr().is_terminal() {
            return;
        }
        render::notes(answer).iter().for_each(|note| say(note));
    }

    fn screen(&self) -> Screen {
        if !self.to_terminal {
            return Screen::default();
        }
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Screen::terminal(width, coloured(&io::stdout()))
    }
}

/// Says something to people, on standard error; where nobody listens, nothing is lost.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Whether a stream takes colours: it is a terminal, and neither `--no-color` nor `NO_COLOR` nor
/// the terminal itself speaks against it.
pub fn coloured(stream: &impl anstream::stream::RawStream) -> bool {
    anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::cell::RefCell;
    use std::rc::Rc;

    use query::answer::{List, LoadReceipt, Value};

    /// What was written, seen from outside the output.
    #[derive(Clone, Default)]
    struct Written(Rc<RefCell<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn list() -> Answer {
        Answer::List(List {
            columns: vec!["name".into()],
            rows: vec![vec![Value::Text("cost".into())]],
            notes: Vec::new(),
        })
    }

    fn load() -> Answer {
        Answer::Load(LoadReceipt {
            operation: 3,
            statement: "load 'a.csv'".into(),
            rows: 1,
            cells: 1,
            members_created: 0,
            duplicates: 0,
            rejected: 0,
            blanks: 0,
            notes: Vec::new(),
        })
    }

    fn written(format: Format, answers: &[Answer]) -> String {
        let written = Written::default();
        let mut output = Output::to(Box::new(written.clone()), format);
        for answer in answers {
            output.answer(answer).unwrap();
        }
        String::from_utf8(written.0.take()).unwrap()
    }

    #[test]
    fn csv_has_data_alone_and_an_empty_line_between_answers() {
        let answers = [load(), list(), load(), list()];
        assert_eq!(written(Format::Csv, &answers), "name\ncost\n\nname\ncost\n");
    }

    #[test]
    fn json_has_a_line_for_each_statement_that_answers() {
        let nothing = Answer::Nothing { note: "scenario plan created".into() };
        let text = written(Format::Json, &[nothing, load(), list()]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("{\"operation\":3,\"rows\":1,"));
        assert_eq!(lines[1], "[{\"name\":\"cost\"}]");
    }

    #[test]
    fn a_table_has_receipts_too() {
        assert!(written(Format::Table, &[load()]).starts_with("operation 3: load 'a.csv'\n"));
    }

    #[test]
    fn a_file_is_csv_unless_its_ending_says_otherwise() {
        assert_eq!(Format::of_file(Path::new("a.json")), Format::Json);
        assert_eq!(Format::of_file(Path::new("a.csv")), Format::Csv);
        assert_eq!(Format::of_file(Path::new("a")), Format::Csv);
    }
}
