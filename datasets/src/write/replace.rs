//! A file that is there whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::cube::refuse_cube;
use crate::folder::folder;

/// Writes a file under another name beside it, and gives it its own when it is complete; an earlier file of that
/// name stays as it is until then. What is no ordinary file, such as a pipe, is written to directly.
///
/// # Errors
///
/// If the file or its folder cannot be written, or `content` fails; nothing is left behind then. If a cube file is there.
pub fn replace(path: &Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    refuse_cube(&path)?;
    if fs::metadata(&path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return filled(OpenOptions::new().write(true).open(&path)?, content).map(|_| ());
    }
    let (file, beside) = beside(&path)?;
    let result = filled(file, content).and_then(|file| file.sync_all()).and_then(|()| fs::rename(&beside, &path));
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}

/// A new file with a name of its own in the same folder.
fn beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let Some(name) = path.file_name().filter(|_| !path.is_dir()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a folder"));
    };
    let mut attempt = 0;
    loop {
        let hidden = format!(".{}.{}-{attempt}.part", name.to_string_lossy(), std::process::id());
        let beside = path.with_file_name(hidden);
        match OpenOptions::new().write(true).create_new(true).open(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => attempt += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(no_folder(path, error)),
            made => return made.map(|file| (file, beside)),
        }
    }
}

fn no_folder(path: &Path, error: io::Error) -> io::Error {
    let folder = folder(path);
    match folder.is_dir() {
        true => error,
        false => io::Error::new(error.kind(), format!("there is no folder {}", folder.display())),
    }
}

fn filled(file: File, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<File> {
    let mut out = BufWriter::with_capacity(1 << 20, file);
    content(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)
}
