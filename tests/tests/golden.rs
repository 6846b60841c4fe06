//! Golden scripts: each `golden/**/*.pcq` is run by the real binary, and what every statement answers
//! is compared with the `.out` file beside it.
//!
//! A script runs over every [`Storage`]: in memory, in one process, with all facts in one chunk, in
//! many small chunks, and written leaf by leaf; and on a cube file that is opened anew for every
//! statement, where the facts are in the operations alone, and where each operation leaves them in
//! chunks. All must answer the same. `UPDATE_GOLDEN=1` writes the `.out` files.
//!
//! A script begins with comments: first its idea, then what it needs.
//!
//! | line | meaning |
//! |---|---|
//! | `-- format: json` | how answers are written; `table` without it |
//! | `-- cube: company` | starts on `golden/company.model`; `empty` without it, or `demo` |
//! | `-- storage: memory` | is not run on a cube file: it is about one session |
//! | `-- file: facts.csv` | the comments that follow are the lines of that file |

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;
use tests::binary;

/// A statement that fails in the same words always: it parts what the others answer.
const MARK: &str = "@";

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let binary = binary::plancube().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let mut scripts = Vec::new();
    find_scripts(&root, &mut scripts);
    scripts.sort();
    let trial = |path: PathBuf| {
        let name = path.strip_prefix(&root).unwrap().with_extension("").display().to_string();
        let binary = binary.clone();
        Trial::test(name, move || compare(&binary, &path))
    };
    libtest_mimic::run(&arguments, scripts.into_iter().map(trial).collect()).exit_code()
}

fn find_scripts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find_scripts(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "pcq") {
            found.push(path);
        }
    }
}

/// How the facts of a run are kept.
#[derive(Debug, Clone, Copy)]
struct Storage {
    name: &'static str,
    /// A process for every statement, on one cube file.
    on_file: bool,
    /// Rows of a chunk, rows written at a time, cells between checkpoints.
    tuning: [usize; 3],
}

const UNCUT: usize = 1 << 16;

/// The first is what the `.out` files are written from.
const STORAGES: [Storage; 5] = [
    Storage { name: "one chunk", on_file: false, tuning: [UNCUT, usize::MAX, UNCUT] },
    Storage { name: "many small chunks", on_file: false, tuning: [4, usize::MAX, UNCUT] },
    Storage { name: "facts written leaf by leaf", on_file: false, tuning: [UNCUT, 1, UNCUT] },
    Storage { name: "a file of operations", on_file: true, tuning: [UNCUT, usize::MAX, UNCUT] },
    Storage { name: "a file of small chunks", on_file: true, tuning: [4, 3, 0] },
];

impl Storage {
    /// The demo has too many facts for the smallest pieces.
    fn variable(self, cube: &str) -> String {
        let least = if cube == "demo" { 5_000 } else { 1 };
        let [chunk, batch, cells] = self.tuning;
        format!("{} {} {cells}", chunk.max(least), batch.max(least))
    }
}

/// A script and what it asks for in its first comments.
struct Script {
    statements: Vec<String>,
    format: String,
    cube: String,
    file_too: bool,
    files: Vec<(String, String)>,
}

impl Script {
    fn read(text: &str) -> Self {
        let directive = |name: &str| {
            let start = format!("-- {name}: ");
            text.lines().find_map(|line| line.strip_prefix(start.as_str()).map(|value| value.trim().to_owned()))
        };
        let statements = query::syntax::split(text).into_iter().map(|span| without_comments(&text[span]));
        Script {
            statements: statements.filter(|statement| !statement.is_empty()).collect(),
            format: directive("format").unwrap_or_else(|| "table".into()),
            cube: directive("cube").unwrap_or_else(|| "empty".into()),
            file_too: directive("storage").is_none(),
            files: files(text),
        }
    }

    fn write_files(&self, folder: &Path) {
        for (name, text) in &self.files {
            fs::write(folder.join(name), text).unwrap();
        }
    }
}

/// The files that stand in a script's comments.
fn files(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("-- file: ") {
            found.push((name.trim().into(), String::new()));
            open = true;
        } else if let Some(row) = line.strip_prefix("--").filter(|_| open) {
            let (_, text) = found.last_mut().unwrap();
            text.push_str(row.strip_prefix(' ').unwrap_or(row));
            text.push('\n');
        } else {
            open = false;
        }
    }
    found
}

/// A statement without the comments before it.
fn without_comments(statement: &str) -> String {
    let lines = statement.trim().lines().skip_while(|line| line.trim().is_empty() || line.starts_with("--"));
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// Runs of the binary for one script.
struct Run<'a> {
    storage: Storage,
    binary: &'a Path,
    script: &'a Script,
    folder: TempDir,
    prelude: Option<PathBuf>,
}

impl<'a> Run<'a> {
    fn new(binary: &'a Path, script: &'a Script, storage: Storage) -> Self {
        let folder = TempDir::new().unwrap();
        let prelude = (!["demo", "empty"].contains(&script.cube.as_str())).then(|| {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
            let path = root.join(&script.cube).with_extension("model");
            Script::read(&fs::read_to_string(&path).unwrap()).write_files(folder.path());
            path
        });
        script.write_files(folder.path());
        Run { storage, binary, script, folder, prelude }
    }

    fn answers(&self) -> Vec<String> {
        if self.storage.on_file { self.on_file() } else { self.in_memory() }
    }

    /// What is said on both streams, in order.
    fn said(&self, arguments: &[&str]) -> String {
        let mut both = tempfile::tempfile().unwrap();
        let mut command = binary::command(self.binary, self.folder.path());
        command.args(arguments).args(["--keep-going", "--format", &self.script.format]);
        command.env("PLANCUBE_STORAGE", self.storage.variable(&self.script.cube));
        let status = command.stdout(both.try_clone().unwrap()).stderr(both.try_clone().unwrap()).status().unwrap();
        both.seek(SeekFrom::Start(0)).unwrap();
        let mut text = String::new();
        both.read_to_string(&mut text).unwrap();
        match status.code() {
            Some(0 | 1) => text,
            code => format!("{text}ended with {code:?}\n"),
        }
    }

    /// Every statement in one process.
    fn in_memory(&self) -> Vec<String> {
        let mark = tidy(&self.said(&["-c", MARK]));
        let mut arguments = Vec::new();
        if self.script.cube == "demo" {
            arguments.push("demo");
        }
        if let Some(prelude) = &self.prelude {
            arguments.extend(["-f", prelude.to_str().unwrap()]);
        }
        arguments.extend(["-c", MARK]);
        for statement in &self.script.statements {
            arguments.extend(["-c", statement, "-c", MARK]);
        }
        let said = tidy(&self.said(&arguments));
        let mut parts: Vec<String> = said.split(&mark).map(str::to_owned).collect();
        assert_eq!(parts.len(), self.script.statements.len() + 2, "the mark is not there each time in:\n{said}");
        parts.remove(0);
        parts.truncate(self.script.statements.len());
        parts
    }

    /// A process for every statement.
    fn on_file(&self) -> Vec<String> {
        let cube = "cube.plancube";
        match self.script.cube.as_str() {
            "demo" => self.said(&["demo", cube, "-c", ""]),
            _ => self.said(&[cube, "-c", ""]),
        };
        if let Some(prelude) = &self.prelude {
            self.said(&[cube, "-f", prelude.to_str().unwrap()]);
        }
        self.script.statements.iter().map(|statement| tidy(&self.said(&[cube, "-c", statement]))).collect()
    }
}

/// Without empty lines between answers, spaces at the ends of lines, and what no two runs share.
fn tidy(said: &str) -> String {
    let lines = said.lines().map(|line| steady(line.trim_end())).filter(|line| !line.is_empty());
    lines.map(|line| line + "\n").collect()
}

/// A line with a fixed time in place of the time of day, and no numbers and sizes of chunks.
fn steady(line: &str) -> String {
    let fixed = "2000-01-01 00:00:00";
    let is_time = |place: usize| {
        let here = line.get(place..place + fixed.len());
        here.is_some_and(|here| {
            here.bytes().zip(fixed.bytes()).all(|(c, like)| match like {
                b'0'..=b'9' => c.is_ascii_digit(),
                other => c == other,
            })
        })
    };
    let mut text = line.to_owned();
    for place in (0..line.len()).filter(|place| is_time(*place)) {
        text.replace_range(place..place + fixed.len(), fixed);
    }
    if line.starts_with("note: answered in") || line.starts_with("answered in") {
        return "answered by some means".to_owned();
    }
    match (text.find(" facts in "), text.find(" bytes")) {
        (Some(from), Some(to)) if from < to => format!("{} facts in some chunks, some{}", &text[..from], &text[to..]),
        _ => text,
    }
}

fn compare(binary: &Path, path: &Path) -> Result<(), Failed> {
    let script = Script::read(&fs::read_to_string(path).unwrap());
    let run = |storage| report(&script, &Run::new(binary, &script, storage).answers());
    let [first, others @ ..] = STORAGES;
    let report = run(first);
    let out = path.with_extension("out");
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|update| update == "1") {
        fs::write(&out, &report).unwrap();
    }
    let expected = fs::read_to_string(&out).unwrap_or_default().replace("\r\n", "\n");
    if expected != report {
        let what = format!("{} differs; UPDATE_GOLDEN=1 accepts it", out.display());
        return Err(format!("{what}\n{}", difference(&expected, &report)).into());
    }
    for storage in others.into_iter().filter(|storage| script.file_too || !storage.on_file) {
        let other = run(storage);
        if other != report {
            let what = format!("{} answers otherwise (+) than {} (-)", storage.name, first.name);
            return Err(format!("{what}\n{}", difference(&report, &other)).into());
        }
    }
    Ok(())
}

/// Statements and what they answered.
fn report(script: &Script, answers: &[String]) -> String {
    let part = |(statement, answer): (&String, &String)| {
        let quoted: String = statement.lines().map(|line| format!("> {line}\n")).collect();
        format!("{quoted}{answer}")
    };
    script.statements.iter().zip(answers).map(part).collect::<Vec<_>>().join("\n")
}

/// The lines in which two texts differ, with the lines around them.
fn difference(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), actual.lines().collect());
    let same_start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let rest = old.len().min(new.len()) - same_start;
    let same_end = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(old, new)| old == new).count();
    let around = same_start.saturating_sub(3);
    let lines = |sign: char, lines: &[&str]| lines.iter().map(|line| format!("{sign} {line}\n")).collect::<String>();
    let after = old.len() - same_end;
    [
        lines(' ', &old[around..same_start]),
        lines('-', &old[same_start..after]),
        lines('+', &new[same_start..new.len() - same_end]),
        lines(' ', &old[after..old.len().min(after + 3)]),
    ]
    .concat()
}
