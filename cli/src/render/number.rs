//! Decimal digits: rounding half away from zero, grouping, without passing through floating point.

/// A finite number as its decimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digits {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Digits {
    /// `units / 10^scale`, with all `scale` digits after the point.
    pub fn exact(units: i128, scale: u8) -> Self {
        let scale = usize::from(scale);
        let digits = format!("{:0>width$}", units.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        Digits { negative: units < 0, whole: whole.into(), fraction: fraction.into() }
    }

    /// The shortest digits that read back as this number; none where it is not finite.
    pub fn ratio(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let text = value.abs().to_string();
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        Some(Digits { negative: value < 0.0, whole: whole.into(), fraction: fraction.into() })
    }

    /// A hundred times as much.
    pub fn percent(mut self) -> Self {
        let moved: String = self.fraction.chars().chain("00".chars()).take(2).collect();
        self.fraction = self.fraction.chars().skip(2).collect();
        let whole = format!("{}{moved}", self.whole);
        let trimmed = whole.trim_start_matches('0');
        self.whole = if trimmed.is_empty() { "0".into() } else { trimmed.into() };
        self
    }

    /// With exactly this many digits after the point, rounded half away from zero.
    pub fn rounded(mut self, decimals: usize) -> Self {
        let up = self.fraction.as_bytes().get(decimals).is_some_and(|digit| *digit >= b'5');
        self.fraction.truncate(decimals);
        while self.fraction.len() < decimals {
            self.fraction.push('0');
        }
        if up { self.up() } else { self }
    }

    /// One more in the last digit.
    fn up(self) -> Self {
        let mut digits = format!("{}{}", self.whole, self.fraction).into_bytes();
        let mut carry = true;
        for digit in digits.iter_mut().rev() {
            if !carry {
                break;
            }
            carry = *digit == b'9';
            *digit = if carry { b'0' } else { *digit + 1 };
        }
        let mut text: String = digits.into_iter().map(char::from).collect();
        if carry {
            text.insert(0, '1');
        }
        let (whole, fraction) = text.split_at(text.len() - self.fraction.len());
        Digits { negative: self.negative, whole: whole.into(), fraction: fraction.into() }
    }

    /// How many digits after the point are needed, trailing zeros left out.
    pub fn decimals(&self) -> usize {
        self.fraction.trim_end_matches('0').len()
    }

    /// Whether all digits are zero.
    pub fn is_zero(&self) -> bool {
        self.whole.bytes().chain(self.fraction.bytes()).all(|digit| digit == b'0')
    }

    /// `-1234.50`
    pub fn plain(&self) -> String {
        self.joined(&self.whole)
    }

    /// `-1,234.50`
    pub fn grouped(&self) -> String {
        let mut whole = String::new();
        for (at, digit) in self.whole.char_indices() {
            if at > 0 && (self.whole.len() - at).is_multiple_of(3) {
                whole.push(',');
            }
            whole.push(digit);
        }
        self.joined(&whole)
    }

    fn joined(&self, whole: &str) -> String {
        let sign = if self.negative && !self.is_zero() { "-" } else { "" };
        let point = if self.fraction.is_empty() { "" } else { "." };
        format!("{sign}{whole}{point}{}", self.fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_numbers_keep_their_scale() {
        assert_eq!(Digits::exact(33_334, 2).plain(), "333.34");
        assert_eq!(Digits::exact(100_000, 2).plain(), "1000.00");
        assert_eq!(Digits::exact(-5, 2).plain(), "-0.05");
        assert_eq!(Digits::exact(12, 0).plain(), "12");
        assert_eq!(Digits::exact(0, 2).plain(), "0.00");
        assert!(Digits::exact(i128::MIN, 2).plain().ends_with("1057.28"));
    }

    #[test]
    fn rounding_goes_half_away_from_zero() {
        let rounded = |value: f64, decimals| Digits::ratio(value).unwrap().rounded(decimals).plain();
        assert_eq!(rounded(0.125, 2), "0.13");
        assert_eq!(rounded(-0.125, 2), "-0.13");
        assert_eq!(rounded(1.005, 2), "1.01");
        assert_eq!(rounded(9.996, 2), "10.00");
        assert_eq!(rounded(-0.004, 2), "0.00");
        assert_eq!(rounded(0.5, 0), "1");
        assert_eq!(Digits::exact(250, 2).rounded(0).plain(), "3");
        assert_eq!(Digits::exact(99_999, 2).rounded(1).plain(), "1000.0");
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(Digits::exact(123_456_789, 2).grouped(), "1,234,567.89");
        assert_eq!(Digits::exact(-123_456, 0).grouped(), "-123,456");
        assert_eq!(Digits::exact(999, 0).grouped(), "999");
    }

    #[test]
    fn percent_moves_the_point() {
        let percent = |value: f64| Digits::ratio(value).unwrap().percent().rounded(1).plain();
        assert_eq!(percent(0.1234), "12.3");
        assert_eq!(percent(0.5), "50.0");
        assert_eq!(percent(12.0), "1200.0");
        assert_eq!(percent(0.0005), "0.1");
    }

    #[test]
    fn what_is_not_finite_has_no_digits() {
        assert_eq!(Digits::ratio(f64::NAN), None);
        assert_eq!(Digits::ratio(f64::INFINITY), None);
    }
}
