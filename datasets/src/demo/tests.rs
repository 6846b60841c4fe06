//! The model's text agrees with the tables, and its names are clear.

use std::collections::HashSet;
use std::fmt::Write;
use std::{env, fs};

use super::*;
use dimension::{Dimension, Member, dimensions};

const HEAD: &str = "\
-- Quillmarsh Instruments: the model of the demo. Made from the tables beside it (UPDATE_GOLDEN=1 cargo test).

create time dimension period months 2024-01..2026-12;
create scenario actual, plan, forecast, target;
create measure headcount decimal(0) last over period unit 'heads';
create measure hires decimal(0) unit 'heads';
create measure cost decimal(2) unit 'USD' format '#,##0' favours lower;
create measure revenue decimal(2) unit 'USD' format '#,##0' favours higher;
create measure leads decimal(0) unit 'leads' favours higher;
";

/// The dimensions with levels, in the order of the tables.
const DIMENSIONS: [&str; 5] = ["department", "project", "channel", "campaign", "region"];

fn name(text: &str) -> String {
    if text.contains(' ') { format!("\"{text}\"") } else { text.to_owned() }
}

fn priority(project: &str) -> Option<u8> {
    let projects = market::PORTFOLIOS.iter().flat_map(|portfolio| portfolio.projects);
    projects.filter(|(name, _)| *name == project).find_map(|(_, priority)| *priority)
}

fn member(dimension: &Dimension, member: &Member) -> String {
    let mut text = format!("add member {} to {}", name(member.name), dimension.levels[member.level]);
    if let Some(parent) = member.parent {
        write!(text, " under {}", name(parent)).unwrap();
    }
    if let Some(priority) = priority(member.name) {
        write!(text, " with priority = {priority}").unwrap();
    }
    text + ";\n"
}

fn model() -> String {
    let mut text = HEAD.to_owned();
    for (named, dimension) in DIMENSIONS.into_iter().zip(dimensions()) {
        let levels = dimension.levels.join(", ");
        write!(text, "\ncreate dimension {named} levels ({levels});\n").unwrap();
        text.extend(dimension.members.iter().map(|one| member(&dimension, one)));
    }
    text
}

#[test]
fn the_model_is_what_the_tables_say() {
    if env::var_os("UPDATE_GOLDEN").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/demo/model.pcq");
        fs::write(path, model()).unwrap();
    } else {
        assert!(MODEL == model(), "the tables have changed: run with UPDATE_GOLDEN=1");
    }
}

#[test]
fn no_two_members_share_a_name() {
    let mut seen = HashSet::new();
    let levels = ["division", "department", "team", "portfolio", "project", "kind", "channel", "campaign", "region"];
    for dimension in dimensions() {
        for member in dimension.members {
            assert!(seen.insert(member.name), "{}", member.name);
            assert!(!levels.contains(&member.name.to_lowercase().as_str()), "{}", member.name);
        }
    }
}
