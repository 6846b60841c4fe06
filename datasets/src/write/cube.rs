//! Cube files are never written over by what is no cube.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// How a SQLite file begins, which every cube file is.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// What SQLite keeps beside a file of its own, by what is added to its name.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Refuses a path where a cube file stands, or a part of one.
///
/// # Errors
///
/// If a cube file, or any file of SQLite, is there, or its log.
pub fn refuse_cube(path: &Path) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let owners = BESIDE.iter().filter_map(|added| name.strip_suffix(added));
    let owner = owners.map(|owner| path.with_file_name(OsStr::new(owner))).find(|owner| is_cube(owner));
    match owner.or_else(|| is_cube(path).then(|| PathBuf::from(path))) {
        None => Ok(()),
        Some(cube) => {
            let problem = format!("it would destroy the cube file {}", cube.display());
            Err(io::Error::new(io::ErrorKind::AlreadyExists, problem))
        }
    }
}

fn is_cube(path: &Path) -> bool {
    let mut start = [0; MAGIC.len()];
    let is_file = fs::metadata(path).is_ok_and(|there| there.is_file());
    is_file && File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && start == *MAGIC
}
