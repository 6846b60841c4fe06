//! What tells whether a file is still the one that was read.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use xxhash_rust::xxh3::Xxh3Default;

/// How many bytes are read at a time.
const READ_BYTES: usize = 1 << 20;

/// The length of a file in bytes and the xxh3 hash of 128 bits of all of them; none for what is no ordinary file and
/// may not be there a second time, as a pipe.
///
/// # Errors
///
/// If the file is not there or cannot be read.
pub fn stamp(path: &Path) -> io::Result<Option<(u64, u128)>> {
    // A pipe is not even opened: that would wait for whoever writes to it.
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut file = File::open(path)?;
    let (mut hash, mut bytes) = (Xxh3Default::new(), 0);
    let mut part = vec![0; READ_BYTES];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(Some((bytes, hash.digest128()))),
            read => {
                hash.update(&part[..read]);
                bytes += read as u64;
            }
        }
    }
}
