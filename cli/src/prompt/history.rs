//! Where the prompt's history is kept: the place that XDG gives to state.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// The history's path, its folder made; none where there is no place for it.
pub fn prepare() -> Option<PathBuf> {
    let path = path(std::env::var_os("XDG_STATE_HOME"), std::env::var_os("HOME"))?;
    fs::create_dir_all(path.parent()?).ok()?;
    Some(path)
}

/// XDG wants absolute paths and others passed over.
fn path(state: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let state = state.map(PathBuf::from).filter(|path| path.is_absolute());
    let usual = || home.filter(|home| !home.is_empty()).map(|home| Path::new(&home).join(".local/state"));
    Some(state.or_else(usual)?.join("plancube").join("history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_lives_where_xdg_says() {
        let at = |state: &str, home: &str| path(Some(state.into()), Some(home.into()));
        assert_eq!(at("/s", "/h"), Some("/s/plancube/history".into()));
        assert_eq!(at("", "/h"), Some("/h/.local/state/plancube/history".into()));
        assert_eq!(at("relative", "/h"), Some("/h/.local/state/plancube/history".into()));
        assert_eq!(path(None, None), None);
    }
}
