//! What the targets share: changes of texts word by word, and what every error must be.

mod cube;

pub use cube::{Company, company, company_on, folder, hash, hash_of, try_hash};

use query::error::Error;
use std::sync::LazyLock;

/// The words and scraps of the language, as libFuzzer reads them too.
const DICTIONARY: &str = include_str!("../language.dict");

static WORDS: LazyLock<Vec<String>> = LazyLock::new(|| DICTIONARY.lines().filter_map(word).collect());

/// The word of a line of the dictionary, `"..."` with bytes as `\xHH`.
fn word(line: &str) -> Option<String> {
    let quoted = line.strip_prefix('"')?.strip_suffix('"')?;
    let mut pieces = quoted.split("\\x");
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (number, rest) = piece.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(number, 16).ok()?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

/// Panics where an error says nothing, or points at no characters of its statement.
pub fn points_into(error: &Error, statement: &str) {
    assert!(!error.message.is_empty(), "an error without a message: {statement}");
    if let Some(span) = error.span.clone() {
        assert!(statement.get(span.clone()).is_some(), "{span:?} of {statement:?}: {}", error.message);
    }
}

/// Changes a text by whole words in three of four cases; else as libFuzzer does, byte by byte.
///
/// `data` holds `size` bytes, and has room for `most`; gives how many there are afterwards.
pub fn by_words(data: &mut [u8], size: usize, most: usize, seed: u32) -> usize {
    let mut random = Random(u64::from(seed));
    let text = match str::from_utf8(&data[..size]) {
        Ok(text) if random.below(4) > 0 => text,
        _ => return libfuzzer_sys::fuzzer_mutate(data, size, most),
    };
    let mut words = pieces(text);
    for _ in 0..=random.below(3) {
        change(&mut words, &mut random);
    }
    let mut bytes = words.concat().into_bytes();
    let room = most.min(data.len());
    if bytes.len() > room {
        let end = (0..=room).rev().find(|end| bytes[*end] & 0xC0 != 0x80).unwrap_or(0);
        bytes.truncate(end);
    }
    data[..bytes.len()].copy_from_slice(&bytes);
    bytes.len()
}

/// A text cut into words, runs of space, and single other characters; quoted names and texts stay whole.
fn pieces(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut open = None;
    let mut last = ' ';
    for character in text.chars() {
        let joins = |a: char, b: char| (a.is_alphanumeric() || a == '_') && (b.is_alphanumeric() || b == '_');
        let joined = open.is_some() || joins(last, character) || last == ' ' && character == ' ';
        match found.last_mut().filter(|_| joined) {
            Some(word) => word.push(character),
            None => found.push(character.into()),
        }
        match open {
            Some(quote) if quote == character => {
                open = None;
                last = '\0';
                continue;
            }
            None if character == '\'' || character == '"' => open = Some(character),
            _ => {}
        }
        last = character;
    }
    found
}

/// One change of a text: a word or a run of words is replaced, dropped, doubled, moved or put in.
fn change(words: &mut Vec<String>, random: &mut Random) {
    let at = random.below(words.len() + 1);
    let word = WORDS[random.below(WORDS.len())].clone();
    let end = (at + 1 + random.below(6)).min(words.len());
    match random.below(8) {
        0 | 1 if at < words.len() => words[at] = word,
        2 if at < words.len() => drop(words.drain(at..end)),
        3 if at < words.len() => {
            let run: Vec<String> = words[at..end].to_vec();
            let to = random.below(words.len() + 1);
            words.splice(to..to, run);
        }
        4 if at < words.len() => {
            let run: Vec<String> = words.drain(at..end).collect();
            let to = random.below(words.len() + 1);
            words.splice(to..to, run);
        }
        5 if at < words.len() => {
            // A word that is there already, in another place.
            let from = random.below(words.len());
            words[at] = words[from].clone();
        }
        _ => drop(words.splice(at..at, [" ".to_owned(), word, " ".to_owned()])),
    }
}

/// Random numbers, the same for a seed on every machine (splitmix64, Steele, Lea and Flood 2014).
pub struct Random(pub u64);

impl Random {
    /// A number below `end`; 0 where that is 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % end.max(1) as u64) as usize
    }
}
