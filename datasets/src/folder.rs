//! The folder of a file.

use std::path::Path;

/// The folder that a file is in: the current one where its name says none.
pub(crate) fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
