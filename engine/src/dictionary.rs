//! Names to ids, without regard to case where that is unambiguous.

use std::collections::HashMap;

/// Which ids carry a name. One name may stand for several members under different parents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dictionary {
    folded: HashMap<String, Vec<(String, u32)>>,
}

impl Dictionary {
    /// Adds a name for an id.
    pub fn insert(&mut self, name: &str, id: u32) {
        self.folded.entry(name.to_lowercase()).or_default().push((name.to_owned(), id));
    }

    /// The ids of a name: those spelt exactly so, or else those that differ in case only.
    pub fn find(&self, name: &str) -> Vec<u32> {
        let Some(entries) = self.folded.get(&name.to_lowercase()) else {
            return Vec::new();
        };
        let exact: Vec<u32> = entries.iter().filter(|(spelt, _)| spelt == name).map(|(_, id)| *id).collect();
        if exact.is_empty() { entries.iter().map(|(_, id)| *id).collect() } else { exact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_spelling_wins_over_another_case() {
        let mut dictionary = Dictionary::default();
        dictionary.insert("Apollo", 1);
        dictionary.insert("apollo", 2);
        assert_eq!(dictionary.find("Apollo"), [1]);
        assert_eq!(dictionary.find("APOLLO"), [1, 2]);
        assert!(dictionary.find("Hermes").is_empty());
    }
}
