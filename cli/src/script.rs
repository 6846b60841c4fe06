//! Texts of statements, and where they come from.

use std::fs;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, anyhow};

use crate::args::Step;

/// Statements, with the name that errors give for their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// A file's path, `<stdin>`, `<command>`; none at the prompt.
    pub name: Option<String>,
    /// The whole text.
    pub text: String,
}

impl Script {
    /// What was typed at the prompt.
    pub fn typed(text: impl Into<String>) -> Self {
        Script { name: None, text: text.into() }
    }

    /// What a `-c` or a `-f` stands for.
    pub fn of_step(step: &Step) -> Result<Self> {
        match step {
            Step::Command(text) => Ok(Script { name: Some("<command>".into()), text: text.clone() }),
            Step::Script(path) if path.as_os_str() == "-" => Script::from_input(),
            Step::Script(path) => Script::from_file(path),
        }
    }

    /// A file's text.
    pub fn from_file(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let bytes = fs::read(path).with_context(|| format!("cannot read the script {name}"))?;
        Script::from_bytes(name, bytes)
    }

    /// Everything from standard input.
    pub fn from_input() -> Result<Self> {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).context("cannot read standard input")?;
        Script::from_bytes("<stdin>".into(), bytes)
    }

    fn from_bytes(name: String, bytes: Vec<u8>) -> Result<Self> {
        let text =
            String::from_utf8(bytes).map_err(|_| anyhow!("cannot read the script {name}: it is not UTF-8 text"))?;
        let text = text.strip_prefix('\u{feff}').map(str::to_string).unwrap_or(text);
        Ok(Script { name: Some(name), text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_script() {
        let script = Script::from_bytes("a".into(), b"\xef\xbb\xbfshow cost;".to_vec()).unwrap();
        assert_eq!(script.text, "show cost;");
    }

    #[test]
    fn other_encodings_are_refused() {
        let error = Script::from_bytes("a".into(), vec![0xff, 0xfe]).unwrap_err();
        assert_eq!(error.to_string(), "cannot read the script a: it is not UTF-8 text");
    }
}
