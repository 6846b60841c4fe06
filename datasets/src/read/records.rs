//! The records of separated text: where each begins, on which line, and how many fields it has.
//!
//! The columns are parsed elsewhere; this walk makes sure that they can be, and knows the lines of what cannot.
//! Quotes follow RFC 4180: a field is quoted as a whole or not at all, and a quote inside it is doubled.

use memchr::{memchr, memchr2};

/// One record: a header or a row. Blank lines are none.
#[derive(Debug, PartialEq)]
pub(super) struct Record {
    /// The line it begins on, counted from 1.
    pub(super) line: usize,
    /// Its first byte.
    pub(super) start: usize,
    /// The byte after its line break.
    pub(super) end: usize,
    /// How many fields it has.
    pub(super) fields: usize,
}

/// Quotes that leave a record without a clear reading.
#[derive(Debug, PartialEq)]
pub(super) struct Misquoted {
    /// The line on which the record begins.
    pub(super) line: usize,
    /// What is wrong.
    pub(super) problem: &'static str,
}

/// A walk over the records of a text. It ends at the first that has no clear reading.
pub(super) struct Records<'a> {
    text: &'a [u8],
    separator: u8,
    at: usize,
    line: usize,
}

impl<'a> Records<'a> {
    /// The records of `text`, whose fields are parted by `separator`.
    pub(super) fn new(text: &'a [u8], separator: u8) -> Self {
        Self { text, separator, at: 0, line: 1 }
    }

    /// The same records, where the text begins on another line than the first.
    pub(super) fn starting_on(self, line: usize) -> Self {
        Self { line, ..self }
    }

    /// Skips line breaks with nothing before them.
    fn skip_blank_lines(&mut self) {
        loop {
            let rest = &self.text[self.at..];
            let blank = if rest.starts_with(b"\r\n") { 2 } else { usize::from(rest.starts_with(b"\n")) };
            if blank == 0 {
                return;
            }
            self.at += blank;
            self.line += 1;
        }
    }

    /// A record without quotes: the line up to `end`.
    fn plain(&mut self, end: usize) -> Record {
        let bytes = &self.text[self.at..end];
        let separators = bytes.iter().filter(|&&byte| byte == self.separator).count();
        self.record(end, separators + 1, 1)
    }

    /// The record from here to `end`, with the walk moved behind it.
    fn record(&mut self, end: usize, fields: usize, lines: usize) -> Record {
        let record = Record { line: self.line, start: self.at, end, fields };
        self.at = end;
        self.line += lines;
        record
    }

    /// A record with quotes, field by field.
    fn quoted(&mut self) -> Result<Record, Misquoted> {
        let mut end = self.at;
        let mut fields = 0;
        loop {
            end = self.field_end(end).map_err(|problem| Misquoted { line: self.line, problem })?;
            fields += 1;
            let last = self.text.get(end).is_none_or(|&byte| byte != self.separator);
            end = (end + 1).min(self.text.len());
            if last {
                break;
            }
        }
        let breaks = self.text[self.at..end].iter().filter(|&&byte| byte == b'\n').count();
        Ok(self.record(end, fields, breaks))
    }

    /// Where the field that begins at `start` ends: at a separator, a line feed or the end of the text.
    fn field_end(&self, start: usize) -> Result<usize, &'static str> {
        match self.text.get(start) {
            Some(b'"') => self.quoted_field_end(start + 1),
            _ => self.plain_field_end(start),
        }
    }

    fn plain_field_end(&self, start: usize) -> Result<usize, &'static str> {
        let rest = &self.text[start..];
        let end = memchr2(self.separator, b'\n', rest).unwrap_or(rest.len());
        match memchr(b'"', &rest[..end]) {
            Some(_) => Err("a quote inside a field; put the whole field in quotes and write the quote twice"),
            None => Ok(start + end),
        }
    }

    fn quoted_field_end(&self, mut at: usize) -> Result<usize, &'static str> {
        loop {
            let rest = &self.text[at..];
            let quote = memchr(b'"', rest).ok_or("a quote opens here and is never closed")?;
            at += quote + 1;
            match (self.text.get(at), self.text.get(at + 1)) {
                (Some(b'"'), _) => at += 1,
                (None | Some(b'\n'), _) => return Ok(at),
                (Some(b'\r'), None | Some(b'\n')) => return Ok(at + 1),
                (Some(byte), _) if *byte == self.separator => return Ok(at),
                _ => return Err("text after a closing quote; write a quote inside quotes twice"),
            }
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Misquoted>;

    fn next(&mut self) -> Option<Self::Item> {
        self.skip_blank_lines();
        let rest = &self.text[self.at..];
        if rest.is_empty() {
            return None;
        }
        let length = memchr(b'\n', rest).map_or(rest.len(), |feed| feed + 1);
        match memchr(b'"', &rest[..length]) {
            None => Some(Ok(self.plain(self.at + length))),
            Some(_) => Some(self.quoted().inspect_err(|_| self.at = self.text.len())),
        }
    }
}

/// The fields of one record's bytes, without their quotes.
pub(super) fn fields(record: &[u8], separator: u8) -> Vec<String> {
    let mut fields = vec![Vec::new()];
    let mut quoted = false;
    let mut bytes = trim_break(record).iter().peekable();
    while let Some(&byte) = bytes.next() {
        match byte {
            b'"' if quoted && bytes.next_if_eq(&&b'"').is_some() => push(&mut fields, byte),
            b'"' => quoted = !quoted,
            _ if byte == separator && !quoted => fields.push(Vec::new()),
            _ => push(&mut fields, byte),
        }
    }
    fields.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect()
}

fn push(fields: &mut [Vec<u8>], byte: u8) {
    if let Some(field) = fields.last_mut() {
        field.push(byte);
    }
}

fn trim_break(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (line, fields) of each record.
    fn walk(text: &str) -> Vec<Result<(usize, usize), usize>> {
        let records = Records::new(text.as_bytes(), b',');
        records.map(|record| record.map(|r| (r.line, r.fields)).map_err(|m| m.line)).collect()
    }

    #[test]
    fn plain_records() {
        assert_eq!(walk("a,b\n1,2\n3,4"), [Ok((1, 2)), Ok((2, 2)), Ok((3, 2))]);
        assert_eq!(walk("a,b\r\n1,2\r\n"), [Ok((1, 2)), Ok((2, 2))]);
        assert_eq!(walk(""), []);
        assert_eq!(walk(",\n"), [Ok((1, 2))]);
    }

    #[test]
    fn blank_lines_are_counted_and_left_out() {
        assert_eq!(walk("\n\na,b\n\r\n1,2\n\n"), [Ok((3, 2)), Ok((5, 2))]);
    }

    #[test]
    fn quotes_hold_separators_and_line_breaks() {
        assert_eq!(walk("a,b\n\"1,5\",\"x\ny\"\n3,4\n"), [Ok((1, 2)), Ok((2, 2)), Ok((4, 2))]);
        assert_eq!(walk("\"say \"\"hi\"\"\",b\r\n1,\"\"\r\n2,3"), [Ok((1, 2)), Ok((2, 2)), Ok((3, 2))]);
        assert_eq!(walk("\"a\",\"b\""), [Ok((1, 2))]);
        assert_eq!(walk("\"a\","), [Ok((1, 2))]);
    }

    #[test]
    fn stray_quotes_are_told() {
        assert_eq!(walk("a\n5\" pipe\n")[1], Err(2));
        assert_eq!(walk("a\n\"x\"y\n")[1], Err(2));
        assert_eq!(walk("a\n1\n\"open\n2\n")[2], Err(3));
    }

    #[test]
    fn fields_lose_their_quotes() {
        assert_eq!(fields(b"a,\"b,\"\"c\"\"\",\"\"\r\n", b','), ["a", "b,\"c\"", ""]);
        assert_eq!(fields(b"a\t\n", b'\t'), ["a", ""]);
    }
}
