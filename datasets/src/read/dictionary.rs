//! Dictionary encoding: each text once, in the order of first appearance, and a code for each row.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::types::UInt32Type;
use arrow_array::{ArrayRef, DictionaryArray, StringArray, UInt32Array};
use arrow_buffer::NullBufferBuilder;
use foldhash::fast::FixedState;

/// The codes and the texts that have one so far.
struct Encoder<'a> {
    codes: HashMap<&'a str, u32, FixedState>,
    texts: Vec<&'a str>,
    last: Option<(&'a str, u32)>,
}

impl<'a> Encoder<'a> {
    fn code(&mut self, text: &'a str) -> u32 {
        if let Some((last, code)) = self.last
            && last == text
        {
            return code;
        }
        let next = self.texts.len() as u32;
        let code = *self.codes.entry(text).or_insert(next);
        if code == next {
            self.texts.push(text);
        }
        self.last = Some((text, code));
        code
    }
}

/// A dictionary column of `rows` texts. Empty text is null.
///
/// Nothing where the distinct texts are too many or too long for one Arrow array (2 GiB).
pub(super) fn encode<'a>(rows: usize, values: impl Iterator<Item = Option<&'a str>>) -> Option<ArrayRef> {
    let mut encoder = Encoder { codes: HashMap::default(), texts: Vec::new(), last: None };
    let mut keys = Vec::with_capacity(rows);
    let mut nulls = NullBufferBuilder::new(rows);
    for value in values {
        let text = value.filter(|text| !text.is_empty());
        nulls.append(text.is_some());
        keys.push(text.map_or(0, |text| encoder.code(text)));
    }
    let bytes: usize = encoder.texts.iter().map(|text| text.len()).sum();
    i32::try_from(bytes.max(encoder.texts.len())).ok()?;
    let texts = StringArray::from_iter_values(encoder.texts);
    let keys = UInt32Array::new(keys.into(), nulls.finish());
    Some(Arc::new(DictionaryArray::<UInt32Type>::new(keys, Arc::new(texts))))
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use arrow_array::cast::AsArray;

    use super::*;

    #[test]
    fn texts_are_kept_once_in_order_of_appearance() {
        let values = [Some("b"), Some("b"), None, Some("a"), Some(""), Some("b")];
        let column = encode(values.len(), values.into_iter()).unwrap();
        let column = column.as_dictionary::<UInt32Type>();
        let texts: Vec<_> = column.values().as_string::<i32>().iter().flatten().collect();
        let keys: Vec<_> = column.keys().iter().collect();
        assert_eq!(texts, ["b", "a"]);
        assert_eq!(keys, [Some(0), Some(0), None, Some(1), None, Some(0)]);
        assert_eq!(column.null_count(), 2);
    }
}
