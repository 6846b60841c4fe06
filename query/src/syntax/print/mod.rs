//! From a tree back to text, with as few quotes and brackets as reading it again allows.

mod branch;
mod formula;
mod name;
mod question;
mod selection;
mod statement;
mod update;

use std::fmt::{Display, Formatter, Result};

/// Items with something between them.
struct Joined<'a, T>(&'a [T], &'static str);

impl<T: Display> Display for Joined<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (at, item) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str(self.1)?;
            }
            item.fmt(f)?;
        }
        Ok(())
    }
}

/// Items with commas between them.
fn list<T: Display>(items: &[T]) -> Joined<'_, T> {
    Joined(items, ", ")
}

/// A keyword and what follows it, if there is anything.
fn optional<T: Display>(f: &mut Formatter<'_>, keyword: &str, value: Option<T>) -> Result {
    match value {
        Some(value) => write!(f, " {keyword} {value}"),
        None => Ok(()),
    }
}

/// A keyword and its items, if there are any.
fn clause<T: Display>(f: &mut Formatter<'_>, keyword: &str, items: &[T]) -> Result {
    optional(f, keyword, (!items.is_empty()).then(|| list(items)))
}
