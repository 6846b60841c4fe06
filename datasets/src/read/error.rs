//! What can go wrong with a file, said so that it can be put right.

use std::io;
use std::path::{Path, PathBuf};

use crate::folder::folder;

/// How alike two file names must be for one to be suggested for the other.
const NEAR: f64 = 0.9;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("there is no file {}{}", .path.display(), .near.as_ref().map_or_else(String::new, |near| format!(": did you mean {near}?")))]
    NotFound {
        /// The file.
        path: PathBuf,
        /// The name of a file beside it that is nearly the same.
        near: Option<String>,
    },
    /// There is not even its folder.
    #[error("there is no file {}: there is no folder {}", .path.display(), .folder.display())]
    NoFolder {
        /// The file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// The operating system refuses it.
    #[error("cannot read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// The extension tells no format that is known.
    #[error("cannot tell what {} is: files to read end in .csv, .tsv, .parquet, .arrow or .xlsx", .path.display())]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// A line that cannot be taken as it stands.
    #[error("{}, line {line}: {problem}", .path.display())]
    BadLine {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A column of a kind that has no place in a cube.
    #[error("{}, column {column}: {problem}", .path.display())]
    BadColumn {
        /// The file.
        path: PathBuf,
        /// The column's name.
        column: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The file is not of the format its extension says, or is damaged.
    #[error("{} is damaged or not what its name says: {problem}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the reader of the format says.
        problem: String,
    },
}

impl ReadError {
    /// What the operating system says about `path`.
    pub(super) fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::not_found(path),
            _ => Self::Unreadable { path, source },
        }
    }

    fn not_found(path: PathBuf) -> Self {
        let folder = folder(&path);
        match folder.is_dir() {
            true => Self::NotFound { near: near(folder, &path), path },
            false => Self::NoFolder { folder: folder.to_owned(), path },
        }
    }

    /// A line of `path` that cannot be taken.
    pub(super) fn bad_line(path: &Path, line: usize, problem: impl Into<String>) -> Self {
        Self::BadLine { path: path.to_owned(), line, problem: problem.into() }
    }

    /// A column of `path` that cannot be taken.
    pub(super) fn bad_column(path: &Path, column: &str, problem: impl Into<String>) -> Self {
        Self::BadColumn { path: path.to_owned(), column: column.to_owned(), problem: problem.into() }
    }

    /// What the reader of a format says about `path`.
    pub(super) fn damaged(path: &Path, problem: impl ToString) -> Self {
        Self::Damaged { path: path.to_owned(), problem: problem.to_string() }
    }
}

/// The file of a folder whose name is most like that of a path; of several that are alike the first by name.
fn near(folder: &Path, path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_string_lossy().to_lowercase();
    let names = folder.read_dir().ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let likeness = |name: &String| strsim::jaro_winkler(&wanted, &name.to_lowercase());
    let alike = names.map(|name| (likeness(&name), name)).filter(|(likeness, _)| *likeness >= NEAR);
    alike.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(&a.1))).map(|(_, name)| name)
}
