//! Where answers and notes go: data to standard output or a file, all else to standard error.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use query::answer::Answer;

pub use crate::format::Format;
use crate::render::{self, Screen};
use crate::workbook::Workbook;

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
    path: Option<PathBuf>,
    workbook: Workbook,
    to_terminal: bool,
    answered: bool,
    /// Whether the file was not there before.
    made: bool,
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
        let workbook = Workbook::default();
        Output { data, path: None, made: false, workbook, to_terminal, answered: false, format, quiet }
    }

    /// A file, which is made at once and emptied when there is something to write.
    pub fn file(path: &Path, format: Option<Format>, quiet: bool) -> Result<Self> {
        let free = datasets::refuse_cube(path);
        let made = !path.exists();
        let file = free.and_then(|()| OpenOptions::new().write(true).create(true).truncate(false).open(path));
        let file = file.with_context(|| format!("cannot write the output file {}", path.display()))?;
        let format = format.or(Format::of_file(path)).unwrap_or(Format::Csv);
        let data = Box::new(BufWriter::new(Emptied { file, yet: false }));
        let path = Some(path.to_owned());
        let workbook = Workbook::default();
        Ok(Output { data, path, made, workbook, to_terminal: false, answered: false, format, quiet })
    }

    /// Anything that can be written to, as if it were a file.
    #[cfg(test)]
    pub fn to(data: Box<dyn Write>, format: Format) -> Self {
        Output {
            data,
            path: None,
            made: false,
            workbook: Workbook::default(),
            to_terminal: false,
            answered: false,
            format,
            quiet: true,
        }
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
        if self.format.is_binary() {
            return self.collect(answer);
        }
        let screen = self.screen();
        let out = &mut *self.data;
        if self.answered {
            self.format.between(out)?;
        } else {
            self.format.start(out)?;
        }
        self.answered = true;
        if self.format == Format::Table { render::people(out, answer, screen) } else { self.format.write(out, answer) }
    }

    /// Keeps an answer until the end of the run.
    fn collect(&mut self, answer: &Answer) -> io::Result<()> {
        if self.to_terminal {
            let name = self.format.name();
            return Err(io::Error::other(format!("{name} is for files, not for a terminal: add --output FILE")));
        }
        self.workbook.add(answer, self.format)
    }

    /// Writes what waits for the end of the run.
    pub fn finish(&mut self) -> io::Result<()> {
        let workbook = std::mem::take(&mut self.workbook);
        if workbook.is_empty() {
            return self.data.flush();
        }
        match &self.path {
            Some(path) => datasets::replace(path, |out| workbook.write(self.format, out)),
            None => workbook.write(self.format, &mut self.data).and_then(|()| self.data.flush()),
        }
    }

    /// From now on answers are written so.
    ///
    /// Errors: a sentence, where a terminal cannot take the format, or what was written is of another kind.
    pub fn set_format(&mut self, format: Format) -> std::result::Result<(), String> {
        if format.is_binary() && format != self.format {
            let name = format.name();
            return Err(format!(
                "{name} is for files: export (show ...) to 'out.{name}'; or start with --output out.{name}"
            ));
        }
        if self.format.is_binary() && format != self.format {
            return Err(format!("the output file is {}", self.format.name()));
        }
        self.format = format;
        Ok(())
    }

    /// Whether this answer is no data in this format.
    fn writes_nothing(&self, answer: &Answer) -> bool {
        match answer {
            Answer::Nothing { .. } | Answer::Warned { .. } => true,
            Answer::Change(_) | Answer::Load(_) => !self.format.has_receipts(),
            Answer::Cells(_) | Answer::List(_) => false,
        }
    }

    /// Says what belongs to the answer and is no data.
    fn say_beside(&self, answer: &Answer) {
        if self.quiet {
            return;
        }
        let receipt = matches!(answer, Answer::Change(_) | Answer::Load(_));
        if receipt && !self.format.has_receipts() {
            let mut text = Vec::new();
            if render::people(&mut text, answer, Screen::default()).is_ok() {
                say(String::from_utf8_lossy(&text).trim_end());
            }
        }
        let nothing = matches!(answer, Answer::Nothing { .. });
        if nothing && self.format != Format::Table && !io::stderr().is_terminal() {
            return;
        }
        render::notes(answer).iter().for_each(|note| say(&render::safe(note)));
    }

    fn screen(&self) -> Screen {
        if !self.to_terminal {
            return Screen::default();
        }
        let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Screen::terminal(width, coloured(&io::stdout()))
    }
}

/// A file of a binary format that was made for answers and got none would be none of that format.
impl Drop for Output {
    fn drop(&mut self) {
        let Some(path) = self.path.as_ref().filter(|_| self.made && self.format.is_binary()) else { return };
        if std::fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() == 0) {
            let _ = std::fs::remove_file(path);
        }
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
    fn lines_of_json_have_nothing_between_them() {
        assert_eq!(written(Format::Ndjson, &[list(), list()]), "{\"name\":\"cost\"}\n{\"name\":\"cost\"}\n");
    }

    #[test]
    fn tabs_part_fields_and_receipts_are_no_data() {
        assert_eq!(written(Format::Tsv, &[load(), list()]), "name\ncost\n");
    }

    #[test]
    fn a_page_has_one_start() {
        let text = written(Format::Html, &[list(), load(), list()]);
        assert!(text.starts_with("<!DOCTYPE html>"));
        assert_eq!(text.matches("<html>").count(), 1);
        assert_eq!(text.matches("<table>").count(), 2);
        assert_eq!(text.matches("<pre>operation 3").count(), 1);
    }

    #[test]
    fn a_file_of_columns_holds_one_answer() {
        let mut output = Output::to(Box::new(Written::default()), Format::Parquet);
        output.answer(&list()).unwrap();
        let error = output.answer(&list()).unwrap_err();
        assert!(error.to_string().contains("one answer"), "{error}");
    }

    #[test]
    fn columns_are_written_at_the_end() {
        let written = Written::default();
        let mut output = Output::to(Box::new(written.clone()), Format::Arrow);
        output.answer(&list()).unwrap();
        assert!(written.0.borrow().is_empty());
        output.finish().unwrap();
        assert!(written.0.borrow().starts_with(b"ARROW1"));
    }
}
