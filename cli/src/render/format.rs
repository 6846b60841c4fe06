//! Number formats such as `#,##0.00` and `0.0%`.

use super::number::Digits;

/// How people want to see a measure's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberFormat {
    grouped: bool,
    decimals: usize,
    percent: bool,
}

impl NumberFormat {
    /// Reads `0`, `0.00`, `#,##0`, `#,##0.0`, `0.0%`; none where it is written otherwise.
    pub fn parse(format: &str) -> Option<Self> {
        let (number, percent) = match format.trim().strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (format.trim(), false),
        };
        let (whole, fraction) = match number.split_once('.') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (number, ""),
        };
        let grouped = match whole {
            "#,##0" | "#,###" | "0,000" => true,
            "0" | "#" | "#0" | "##0" => false,
            _ => return None,
        };
        let zeros = fraction.bytes().all(|digit| digit == b'0');
        zeros.then_some(NumberFormat { grouped, decimals: fraction.len(), percent })
    }

    /// A share in percent with this many decimals.
    pub const fn percent(decimals: usize) -> Self {
        NumberFormat { grouped: true, decimals, percent: true }
    }

    /// The number as this format shows it.
    pub fn apply(self, digits: Digits) -> String {
        let digits = if self.percent { digits.percent() } else { digits };
        let digits = digits.rounded(self.decimals);
        let number = if self.grouped { digits.grouped() } else { digits.plain() };
        if self.percent { number + "%" } else { number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(format: &str, units: i128, scale: u8) -> String {
        NumberFormat::parse(format).unwrap().apply(Digits::exact(units, scale))
    }

    #[test]
    fn formats_show_numbers() {
        assert_eq!(shown("#,##0", 123_456_750, 2), "1,234,568");
        assert_eq!(shown("#,##0.0", 123_456_750, 2), "1,234,567.5");
        assert_eq!(shown("0", 123_450, 2), "1235");
        assert_eq!(shown("0.000", 5, 1), "0.500");
        assert_eq!(shown("0.0%", 1555, 4), "15.6%");
        assert_eq!(shown("0%", -1, 2), "-1%");
    }

    #[test]
    fn unknown_formats_are_left_aside() {
        for format in ["", "abc", "#,##0.##", "0.", "$0", "0.0x"] {
            assert_eq!(NumberFormat::parse(format), None, "{format}");
        }
    }
}
