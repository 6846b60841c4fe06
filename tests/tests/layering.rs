//! Modules import downwards only: crates by their manifests, modules by their `use` lines.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot be set up has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each crate with those it may depend on.
const CRATES: [(&str, &[&str]); 6] = [
    ("engine", &[]),
    ("query", &["engine"]),
    ("datasets", &[]),
    ("cli", &["engine", "query", "datasets"]),
    ("benches", &["engine", "query", "datasets"]),
    ("tests", &["engine", "query", "datasets"]),
];

/// The engine's modules from the bottom up.
const ENGINE: [&str; 26] = [
    "freed",
    "id",
    "decimal",
    "weight",
    "error",
    "memory",
    "dictionary",
    "calendar",
    "dimension",
    "measure",
    "schema",
    "coordinate",
    "subcube",
    "storage",
    "intake",
    "change",
    "rollup",
    "snapshot",
    "settling",
    "journal",
    "cube",
    "merge",
    "aggregate",
    "content",
    "spread",
    "lineage",
];

/// The language's rooms from the bottom up.
const QUERY: [&str; 12] =
    ["count", "answer", "error", "tables", "syntax", "bind", "formula", "show", "change", "load", "export", "session"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn crates_depend_downwards() {
    for (name, allowed) in CRATES {
        let manifest = fs::read_to_string(root().join(name).join("Cargo.toml")).unwrap();
        for (other, _) in CRATES {
            let depends = manifest.lines().any(|line| line.starts_with(&format!("{other}.workspace")));
            assert!(!depends || allowed.contains(&other), "{name} may not depend on {other}");
        }
    }
}

#[test]
fn modules_of_the_engine_import_downwards() {
    check_order("engine", &[ENGINE.as_slice(), &["file"]].concat());
}

#[test]
fn rooms_of_the_language_import_downwards() {
    check_order("query", &QUERY);
}

fn check_order(package: &str, order: &[&str]) {
    let place = |module: &str| order.iter().position(|known| *known == module);
    for (module, imports) in imports_by_module(&root().join(package).join("src")) {
        if module == "lib" {
            continue;
        }
        let own = place(&module).unwrap_or_else(|| panic!("{package}: {module} has no place in the order"));
        for import in imports {
            let other =
                place(&import).unwrap_or_else(|| panic!("{package}: {module} imports {import}, which has no place"));
            assert!(other <= own, "{package}: {module} imports {import}, which stands above it");
        }
    }
}

#[test]
fn no_folder_has_a_cycle() {
    for package in ["engine", "query", "datasets", "cli"] {
        let mut folders = vec![root().join(package).join("src")];
        while let Some(folder) = folders.pop() {
            folders.extend(entries(&folder).into_iter().filter(|path| path.is_dir()));
            let graph = siblings(&folder);
            for start in graph.keys() {
                let mut seen = BTreeSet::new();
                let mut stack: Vec<&String> = graph[start].iter().collect();
                while let Some(at) = stack.pop() {
                    assert_ne!(at, start, "{}: {start} is in a cycle", folder.display());
                    if seen.insert(at) {
                        stack.extend(graph.get(at).into_iter().flatten());
                    }
                }
            }
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

fn sources(path: &Path) -> Vec<PathBuf> {
    match path.is_dir() {
        true => entries(path).iter().flat_map(|path| sources(path)).collect(),
        false => vec![path.to_owned()].into_iter().filter(|p| p.extension().is_some_and(|e| e == "rs")).collect(),
    }
}

fn module(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// The text of a file without its tests.
fn production(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default().to_owned()
}

/// The first segments behind a prefix: `crate::a::b` gives `a`, `super::{c, d::e}` gives `c` and `d`.
fn segments(text: &str, prefix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices(prefix) {
        if text[..at].ends_with("super::") || text[..at].ends_with(|letter: char| letter.is_alphanumeric()) {
            continue;
        }
        let rest = &text[at + prefix.len()..];
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        match rest.strip_prefix('{') {
            None => {
                found.insert(word(rest));
            }
            Some(group) => {
                let mut depth = 0;
                let mut item = String::new();
                for letter in group.chars() {
                    match letter {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => {
                            found.insert(word(item.trim()));
                            item.clear();
                            continue;
                        }
                        _ => {}
                    }
                    item.push(letter);
                }
                found.insert(word(item.trim()));
            }
        }
    }
    found.retain(|name| name.chars().next().is_some_and(char::is_lowercase));
    found
}

fn imports_by_module(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in entries(folder) {
        for source in sources(&entry) {
            imports.entry(module(&entry)).or_default().extend(segments(&production(&source), "crate::"));
        }
    }
    imports
}

/// Which siblings in a folder each module imports, by `super::` or by its full path.
fn siblings(folder: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let is_root = folder.ends_with("src");
    let names: BTreeSet<String> = entries(folder).iter().map(|path| module(path)).collect();
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in entries(folder) {
        let own = module(&entry);
        if own == "mod" || own == "lib" || own == "main" || own.contains("test") || own == "generated_trees" {
            continue;
        }
        for source in sources(&entry) {
            let text = production(&source);
            let up = "super::".repeat(
                source.components().count() - folder.components().count() - usize::from(module(&source) == "mod"),
            );
            let mut found = segments(&text, if is_root { "crate::" } else { &up });
            found.retain(|name| names.contains(name) && *name != own);
            graph.entry(own.clone()).or_default().extend(found);
        }
    }
    graph
}
