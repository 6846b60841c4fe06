//! Members and what is known of each.

use crate::calendar::Period;
use crate::weight::Weight;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A property of a member: `priority = 1`, `location = 'Berlin'`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Attribute {
    /// A decimal: units and scale.
    Number(i128, u8),
    /// A text.
    Text(String),
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Attribute::Number(units, scale) => write!(f, "{}", crate::decimal::Decimal::new(*units, *scale)),
            Attribute::Text(text) => f.write_str(text),
        }
    }
}

/// A member of a dimension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name as shown, unique among the children of its parent.
    pub name: String,
    /// The name it is found by as well, where that is another: a code, or what it was called before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its place among those created by a statement; members that loads created come after them, by name.
    pub declared: Option<u32>,
    /// Its attributes by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
    /// The period it stands for, in a time dimension.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
}

impl Member {
    /// What identifies it: its key, or else its name.
    pub fn key(&self) -> &str {
        self.key.as_deref().unwrap_or(&self.name)
    }
}

/// A member to be added.
#[derive(Debug, Clone)]
pub struct NewMember {
    /// Its name.
    pub name: String,
    /// Another name to find it by.
    pub key: Option<String>,
    /// How many levels lie between it and its parent.
    pub skips: usize,
    /// Its parent in the first hierarchy.
    pub parent: crate::id::MemberId,
    /// How it counts in its parent.
    pub weight: Weight,
    /// Whether a statement created it, so that it keeps its place in the order of statements.
    pub declared: bool,
    /// Its attributes.
    pub attributes: BTreeMap<String, Attribute>,
    /// Its period, in a time dimension.
    pub period: Option<Period>,
}

impl NewMember {
    /// A member that counts in full and has no attributes.
    pub fn named(name: impl Into<String>, parent: crate::id::MemberId, declared: bool) -> Self {
        NewMember {
            name: name.into(),
            key: None,
            skips: 0,
            parent,
            weight: Weight::ONE,
            declared,
            attributes: BTreeMap::new(),
            period: None,
        }
    }
}
