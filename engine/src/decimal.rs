//! Exact decimals: scaled integers, their text, and their rounding.
//!
//! A cell is an `i64` in units of its measure's scale; sums and amounts on the way are `i128`.
//! Wherever a value must be rounded to a coarser scale, halves go away from zero.

use std::fmt;

/// The most digits after the point that a measure or a literal may have.
pub const MAX_SCALE: u8 = 18;

/// `units / 10^scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    /// The scaled integer.
    pub units: i128,
    /// Digits after the point, at most [`MAX_SCALE`] where parsed.
    pub scale: u8,
}

/// Why a text is not a decimal of the scale wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalProblem {
    /// Not a number at all.
    Unreadable,
    /// More digits after the point than the scale keeps.
    TooManyDigits,
    /// Beyond the range of a cell.
    TooLarge,
}

/// `10^scale`.
pub fn power_of_ten(scale: u8) -> i128 {
    10i128.pow(u32::from(scale.min(38)))
}

impl Decimal {
    /// A decimal of given units and scale.
    pub fn new(units: i128, scale: u8) -> Self {
        Decimal { units, scale }
    }

    /// Reads `-1234.50`, with an optional sign and no separators.
    pub fn parse(text: &str) -> Result<Self, DecimalProblem> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let mut units: i128 = 0;
        let mut scale: Option<u8> = None;
        let mut any = false;
        for &byte in digits {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    units = units
                        .checked_mul(10)
                        .and_then(|u| u.checked_add(i128::from(byte - b'0')))
                        .ok_or(DecimalProblem::TooLarge)?;
                    scale = scale.map(|s| s.saturating_add(1));
                }
                b'.' if scale.is_none() => scale = Some(0),
                _ => return Err(DecimalProblem::Unreadable),
            }
        }
        if !any {
            return Err(DecimalProblem::Unreadable);
        }
        Ok(Decimal::new(if negative { -units } else { units }, scale.unwrap_or(0)))
    }

    /// The units at another scale, where nothing is lost.
    pub fn units_at(self, scale: u8) -> Result<i128, DecimalProblem> {
        if scale >= self.scale {
            return self.units.checked_mul(power_of_ten(scale - self.scale)).ok_or(DecimalProblem::TooLarge);
        }
        let divisor = power_of_ten(self.scale - scale);
        if self.units % divisor != 0 {
            return Err(DecimalProblem::TooManyDigits);
        }
        Ok(self.units / divisor)
    }

    /// The cell of a measure of this scale, where it is one exactly.
    pub fn cell(self, scale: u8) -> Result<i64, DecimalProblem> {
        let units = self.units_at(scale)?;
        i64::try_from(units).map_err(|_| DecimalProblem::TooLarge)
    }

    /// As text with thousands separated, for sentences.
    pub fn grouped(self) -> String {
        let text = self.to_string();
        let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
        let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, f)| (whole, Some(f)));
        let mut grouped = String::new();
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        match fraction {
            Some(fraction) => format!("{sign}{grouped}.{fraction}"),
            None => format!("{sign}{grouped}"),
        }
    }

    /// The nearest float, for ratios.
    pub fn to_f64(self) -> f64 {
        self.units as f64 / power_of_ten(self.scale) as f64
    }
}

/// `numerator / denominator` to the nearest integer, halves away from zero; none for a zero denominator.
pub fn divide_rounded(numerator: i128, denominator: i128) -> Option<i128> {
    let quotient = numerator.checked_div(denominator)?;
    let remainder = (numerator % denominator).unsigned_abs();
    let up = remainder >= denominator.unsigned_abs() - remainder;
    let away = if (numerator < 0) == (denominator < 0) { 1 } else { -1 };
    Some(if up && remainder != 0 { quotient + away } else { quotient })
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = self.units.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for text in ["0", "-1", "12.50", "-0.05", "1234567890123456789.01"] {
            assert_eq!(Decimal::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Decimal::parse("1,5"), Err(DecimalProblem::Unreadable));
        assert_eq!(Decimal::parse("."), Err(DecimalProblem::Unreadable));
        assert_eq!(Decimal::parse(""), Err(DecimalProblem::Unreadable));
        assert_eq!(Decimal::parse(&"9".repeat(60)), Err(DecimalProblem::TooLarge));
    }

    #[test]
    fn sentences_have_separators() {
        let grouped = |units, scale| Decimal::new(units, scale).grouped();
        assert_eq!([grouped(-123_456_789, 2), grouped(100, 0), grouped(1000, 0)], ["-1,234,567.89", "100", "1,000"]);
    }

    #[test]
    fn scale_loses_nothing() {
        assert_eq!(Decimal::parse("12.50").unwrap().cell(1), Ok(125));
        assert_eq!(Decimal::parse("12.55").unwrap().cell(1), Err(DecimalProblem::TooManyDigits));
        assert_eq!(Decimal::parse("99999999999999999999").unwrap().cell(0), Err(DecimalProblem::TooLarge));
    }

    #[test]
    fn halves_go_away_from_zero() {
        let rounded: Vec<_> = [(5, 2), (-5, 2), (5, -2), (4, 3), (5, 3), (-5, 3), (6, 3)]
            .map(|(n, d)| divide_rounded(n, d).unwrap())
            .to_vec();
        assert_eq!(rounded, [3, -3, -3, 1, 2, -2, 2]);
        assert_eq!(divide_rounded(1, 0), None);
    }
}
