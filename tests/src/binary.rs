//! The real binary, for tests that run it as a user would.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The workspace's root.
pub fn workspace() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Builds the binary where it is missing or older than its sources; gives its path.
///
/// It lies two folders above the test that runs, so that both are of one profile. The whole workspace is built for, as
/// by the tests: the binary alone would need its dependencies with other features, all over again.
pub fn plancube() -> io::Result<PathBuf> {
    let test = env::current_exe()?;
    let folder = test.parent().and_then(|deps| deps.parent()).map(PathBuf::from).unwrap_or_default();
    let mut build = Command::new(env!("CARGO"));
    build.args(["build", "--quiet", "--workspace", "--bin", "plancube"]).current_dir(workspace()).stdin(Stdio::null());
    if folder.ends_with("release") {
        build.arg("--release");
    }
    if !build.status()?.success() {
        return Err(io::Error::other("the binary does not build"));
    }
    Ok(folder.join(format!("plancube{}", env::consts::EXE_SUFFIX)))
}

/// A command that runs the binary in a folder and reads and writes nothing elsewhere.
pub fn command(binary: &std::path::Path, folder: &std::path::Path) -> Command {
    let mut command = Command::new(binary);
    command.current_dir(folder).env("HOME", folder).env("PLANCUBE_AUTHOR", "tester").env("NO_COLOR", "1");
    command.env_remove("XDG_STATE_HOME").env_remove("XDG_CONFIG_HOME").stdin(Stdio::null());
    command
}

/// The folder of a real data set, where it is; says loudly on standard error where it is not.
pub fn real_data(name: &str) -> Option<PathBuf> {
    let root = env::var_os("PLANCUBE_DATA").map_or_else(|| workspace().join("../shared/data"), PathBuf::from);
    let folder = root.join(name);
    if folder.is_dir() {
        return folder.canonicalize().ok();
    }
    eprintln!("SKIPPED: no data at {}", folder.display());
    None
}
