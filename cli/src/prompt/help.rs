//! Help by example, a topic a text.

use std::fmt::Write;

/// The topics, in the order in which they are listed.
pub const TOPICS: [&str; 9] =
    ["show", "selections", "formulas", "change", "load", "create", "branch", "history", "commands"];

/// What is said about a word, or which topics there are.
pub fn text(word: Option<&str>) -> String {
    let Some(word) = word else { return overview() };
    match topic(word) {
        Some(topic) => text_of(topic).to_string(),
        None => format!("there is no help on {word}\n\n{}", overview()),
    }
}

fn overview() -> String {
    let mut text = String::from(include_str!("topics/overview.txt"));
    for topic in TOPICS {
        let title = text_of(topic).lines().next().unwrap_or_default();
        // Writing to a text cannot fail.
        let _ = writeln!(text, "  .help {topic:<12}{title}");
    }
    text
}

fn text_of(topic: &str) -> &'static str {
    match topic {
        "show" => include_str!("topics/show.txt"),
        "selections" => include_str!("topics/selections.txt"),
        "formulas" => include_str!("topics/formulas.txt"),
        "change" => include_str!("topics/change.txt"),
        "load" => include_str!("topics/load.txt"),
        "create" => include_str!("topics/create.txt"),
        "branch" => include_str!("topics/branch.txt"),
        "history" => include_str!("topics/history.txt"),
        _ => include_str!("topics/commands.txt"),
    }
}

/// The topic that a word belongs to.
fn topic(word: &str) -> Option<&'static str> {
    let word = word.trim_start_matches('.');
    if let Some(topic) = TOPICS.into_iter().find(|topic| *topic == word) {
        return Some(topic);
    }
    match word {
        "by" | "across" | "top" | "bottom" | "order" | "having" | "totals" | "with" | "vs" | "explain" => Some("show"),
        "where" | "selection" | "children" | "leaves" | "descendants" | "level" | "like" | "in" | "periods" | "all"
        | "names" => Some("selections"),
        "formula" | "if" | "prev" | "next" | "ytd" | "count" => Some("formulas"),
        "set" | "add" | "move" | "copy" | "clear" | "fill" | "preview" | "spread" | "equally" | "proportionally"
        | "holding" | "unspread" | "because" => Some("change"),
        "replace" | "csv" | "parquet" => Some("load"),
        "dimension" | "measure" | "scenario" | "time" | "member" | "members" | "describe" | "model" => Some("create"),
        "scenarios" | "use" | "drop" | "lock" | "unlock" => Some("branch"),
        "undo" | "redo" | "begin" | "commit" | "rollback" => Some("history"),
        "help" | "format" | "formats" | "timing" | "run" | "open" | "save" | "quit" | "exit" | "json" | "table" => {
            Some("commands")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_has_a_title_and_examples() {
        for topic in TOPICS {
            let lines: Vec<&str> = text_of(topic).lines().collect();
            assert!(lines.len() > 5 && lines[0].len() < 70 && lines[1].is_empty(), "{topic}");
            assert!(text_of(topic).lines().all(|line| line.chars().count() <= 100), "{topic}");
        }
    }

    #[test]
    fn the_overview_lists_every_topic() {
        let overview = text(None);
        assert!(TOPICS.iter().all(|topic| overview.contains(&format!(".help {topic}"))));
    }

    #[test]
    fn words_of_the_language_lead_to_their_topic() {
        assert_eq!(text(Some("move")), text_of("change"));
        assert_eq!(text(Some(".format")), text_of("commands"));
        assert!(text(Some("nonsense")).starts_with("there is no help on nonsense"));
    }
}
