//! Runs of the binary in folders of their own, and what comes of them.

use std::fs;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// One run of the binary, built up fluently.
pub struct Run {
    command: Command,
    folder: TempDir,
}

/// What came of it.
pub struct Outcome {
    pub output: Output,
    pub folder: TempDir,
}

/// A run in a folder of its own.
pub fn plancube(arguments: &[&str]) -> Run {
    plancube_in(TempDir::new().unwrap(), arguments)
}

/// A run in the folder of an earlier one.
pub fn plancube_in(folder: TempDir, arguments: &[&str]) -> Run {
    let mut command = Command::cargo_bin("plancube").unwrap();
    command.args(arguments).current_dir(folder.path()).env("HOME", folder.path());
    command.env("PLANCUBE_AUTHOR", "tester").env_remove("XDG_STATE_HOME").write_stdin("");
    Run { command, folder }
}

impl Run {
    pub fn file(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    pub fn input(mut self, text: &str) -> Self {
        self.command.write_stdin(text.to_string());
        self
    }

    pub fn output(mut self) -> Outcome {
        Outcome { output: self.command.output().unwrap(), folder: self.folder }
    }

    pub fn status(self, expected: i32) -> Outcome {
        let outcome = self.output();
        assert_eq!(outcome.output.status.code(), Some(expected), "{:?}", outcome.output);
        outcome
    }
}

impl Outcome {
    pub fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).unwrap()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).unwrap()
    }

    pub fn says(self, text: &str) -> Self {
        let stdout = self.stdout();
        assert!(stdout.contains(text), "no {text:?} in {stdout}");
        self
    }

    pub fn answers(self, text: &str) -> Self {
        assert_eq!(self.stdout(), text, "{}", self.stderr());
        self
    }

    pub fn complains(self, text: &str) -> Self {
        let stderr = self.stderr();
        assert!(stderr.contains(text), "no {text:?} in {stderr}");
        self
    }

    /// One JSON document from each line.
    pub fn documents(&self) -> Vec<Value> {
        self.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub fn last_line(&self) -> String {
        self.stdout().lines().last().unwrap_or_default().to_owned()
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap()
    }

    /// Another run in the same folder.
    pub fn then(self, arguments: &[&str]) -> Run {
        plancube_in(self.folder, arguments)
    }

    pub fn answers_nothing(self) -> Self {
        assert!(self.output.stdout.is_empty(), "{:?}", self.output);
        self
    }

    pub fn leaves_nothing(self) -> Self {
        let left = fs::read_dir(self.folder.path()).unwrap().count();
        assert_eq!(left, 0);
        self
    }
}
