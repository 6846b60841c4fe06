//! Everything that README and the pages in `docs` show is run, and must come out as shown.
//!
//! - A fence `` ```plancube `` holds statements behind `plancube> ` (further lines behind `     ... `), each with
//!   its output. Those of a section run in one session.
//! - A fence `` ```console `` holds commands of a shell behind `$ `, each with its output.
//! - A fence `` ```csv NAME `` is a file that the section's examples find beside them.
//!
//! `<!-- cube: empty -->`, `<!-- cube: demo -->` or `<!-- cube: FILE -->` begins a section: a fresh cube in a fresh
//! folder. With `UPDATE_GOLDEN=1` in the environment the outputs are written into the pages, to be reviewed as a diff.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use tests::binary;

const PROMPT: &str = "plancube> ";
const MORE: &str = "     ... ";
const SHELL: &str = "$ ";
const SECTION: &str = "<!-- cube: ";
/// A command that no script may hold: its error ends the output of the statement before.
const MARK: &str = ".mark";
/// Lines of that error.
const MARK_LINES: usize = 5;
/// Longer lines of output but JSON are cut off, in the page and in the comparison.
const WIDTH: usize = 150;

#[test]
fn readme() {
    check("README.md");
}

#[test]
fn tutorial() {
    check("docs/tutorial.md");
}

#[test]
fn cookbook() {
    check("docs/cookbook.md");
}

#[test]
fn language() {
    check("docs/language.md");
}

/// Runs the examples of a page and compares it with what it would be with their real output.
fn check(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(page);
    let written = fs::read_to_string(&path).unwrap();
    let real: String = sections(&written).iter().map(|section| with_output(section)).collect();
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, real).unwrap();
        return;
    }
    let lines = written.lines().zip(real.lines()).enumerate();
    if let Some((line, (shown, came))) = lines.into_iter().find(|(_, (shown, came))| shown != came) {
        panic!("{page}, line {}:\nshown: {shown}\ncame:  {came}\nUPDATE_GOLDEN=1 rewrites the page", line + 1);
    }
    assert_eq!(written, real, "{page}");
}

/// A page cut before each `<!-- cube: ... -->`.
fn sections(page: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    for line in page.split_inclusive('\n') {
        if line.starts_with(SECTION) {
            sections.push(String::new());
        }
        sections.last_mut().unwrap().push_str(line);
    }
    sections
}

/// A part of a section.
enum Part {
    Text(String),
    Statement(String),
    Command(String),
}

/// A section with the real output of its examples.
fn with_output(section: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let parts = parts(section, folder.path());
    let statements: Vec<&str> = parts
        .iter()
        .filter_map(|part| if let Part::Statement(statement) = part { Some(statement.as_str()) } else { None })
        .collect();
    let cube = section.strip_prefix(SECTION).and_then(|rest| rest.split_whitespace().next());
    let mut answers = answers(&statements, cube.unwrap_or("empty"), folder.path()).into_iter();
    let mut page = String::new();
    for part in &parts {
        let (input, output) = match part {
            Part::Text(text) => {
                page.push_str(text);
                continue;
            }
            Part::Statement(statement) => {
                let typed = statement.replace('\n', &format!("\n{MORE}"));
                (format!("{PROMPT}{typed}"), answers.next().unwrap())
            }
            Part::Command(command) => (format!("{SHELL}{command}"), shell(command, folder.path())),
        };
        if page.ends_with('\n') && !page.trim_end().ends_with("```plancube") && !page.trim_end().ends_with("```console")
        {
            page.push('\n');
        }
        page.push_str(&input);
        page.push('\n');
        page.push_str(&shown(&output));
    }
    page
}

/// The parts of a section, without the outputs it shows; files are written into the folder.
fn parts(section: &str, folder: &Path) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut fence: Option<String> = None;
    let mut file = String::new();
    for line in section.split_inclusive('\n') {
        let bare = line.trim_end();
        match fence.as_deref() {
            None => {
                fence = bare.strip_prefix("```").map(str::to_owned);
                file.clear();
            }
            Some(kind) if bare == "```" => {
                if let Some(name) = kind.strip_prefix("csv ") {
                    fs::write(folder.join(name), &file).unwrap();
                }
                fence = None;
            }
            Some("plancube" | "console") => {
                example(bare, &mut parts);
                continue;
            }
            Some(_) => file.push_str(line),
        }
        match parts.last_mut() {
            Some(Part::Text(text)) => text.push_str(line),
            _ => parts.push(Part::Text(line.to_owned())),
        }
    }
    parts
}

/// A line of an example; lines of output are left out.
fn example(line: &str, parts: &mut Vec<Part>) {
    if let Some(statement) = line.strip_prefix(PROMPT) {
        parts.push(Part::Statement(statement.to_owned()));
    } else if let Some(command) = line.strip_prefix(SHELL) {
        parts.push(Part::Command(command.to_owned()));
    } else if let (Some(more), Some(Part::Statement(statement))) = (line.strip_prefix(MORE), parts.last_mut()) {
        statement.push('\n');
        statement.push_str(more);
    }
}

/// What each statement answers, in one session that goes on after errors.
fn answers(statements: &[&str], cube: &str, folder: &Path) -> Vec<String> {
    if statements.is_empty() {
        return Vec::new();
    }
    let mut command = Command::new("sh");
    command.args(["-c", "exec plancube \"$@\" 2>&1", "sh"]).args((cube != "empty").then_some(cube));
    command.args(["--format", "table", "--keep-going"]);
    for statement in statements {
        command.args(["-c", statement, "-c", MARK]);
    }
    let output = output(command, folder);
    let mark = format!("error: {MARK} is a command of the prompt, not in a script");
    let mut answers = vec![String::new()];
    let mut lines = output.lines();
    while let Some(line) = lines.next() {
        if line == mark {
            lines.nth(MARK_LINES - 2);
            answers.push(String::new());
        } else {
            let answer = answers.last_mut().unwrap();
            answer.push_str(line);
            answer.push('\n');
        }
    }
    assert_eq!(answers.len(), statements.len() + 1, "{output}");
    answers
}

fn shell(line: &str, folder: &Path) -> String {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("{{ {line}\n}} 2>&1")]);
    output(command, folder)
}

fn output(mut command: Command, folder: &Path) -> String {
    let paths = env::split_paths(&env::var_os("PATH").unwrap()).collect::<Vec<_>>();
    let path = env::join_paths(std::iter::once(folder_of_binary().to_owned()).chain(paths)).unwrap();
    command.current_dir(folder).env("PATH", path).env("HOME", folder).stdin(Stdio::null());
    command.env("PLANCUBE_AUTHOR", "ada").env("NO_COLOR", "1");
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// The folder of the binary.
fn folder_of_binary() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| binary::plancube().unwrap().parent().unwrap().to_owned())
}

/// Output as a page shows it: without empty lines around it, one moment for all, long lines cut off.
fn shown(output: &str) -> String {
    let lines = output.trim_matches('\n').lines().map(|line| {
        let line = steady(line.trim_end());
        match line.char_indices().nth(WIDTH) {
            Some((at, _)) if !line.starts_with(['{', '[']) => format!("{}…\n", line[..at].trim_end()),
            _ => format!("{line}\n"),
        }
    });
    lines.collect()
}

/// A line with one moment in the place of any other.
fn steady(line: &str) -> String {
    const MOMENT: &str = "2026-01-05 09:00:00";
    let is_moment = |text: &str| {
        text.bytes().zip(MOMENT.bytes()).all(|(found, known)| match known.is_ascii_digit() {
            true => found.is_ascii_digit(),
            false => found == known,
        })
    };
    let places = (0..line.len()).filter(|at| line.get(*at..at + MOMENT.len()).is_some_and(is_moment));
    let mut result = line.to_owned();
    places.for_each(|at| result.replace_range(at..at + MOMENT.len(), MOMENT));
    match (result.find("answered in "), result.find(" ms: ")) {
        (Some(from), Some(to)) if from < to => format!("{}answered in 0.10{}", &result[..from], &result[to..]),
        _ => result,
    }
}
