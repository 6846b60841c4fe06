//! How a member counts in its parent: exact rationals, and exact sums of what they weigh.
//!
//! A weight of 1 is by far the most common, and is what everything here is quick for. Sums stay
//! rational until they are shown, so that nothing depends on the order of adding.

use crate::decimal::{Decimal, divide_rounded, power_of_ten};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A reduced fraction: `1`, `-1`, `0`, `3/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Weight {
    numerator: i64,
    denominator: i64,
}

/// A weight in a file: a whole number, or a fraction as text.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Whole(i64),
    Part(String),
}

impl TryFrom<Written> for Weight {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Whole(numerator) => Ok(Weight { numerator, denominator: 1 }),
            Written::Part(text) => Weight::parse(&text).ok_or_else(|| format!("{text} is no weight")),
        }
    }
}

impl From<Weight> for Written {
    fn from(weight: Weight) -> Self {
        match weight.denominator {
            1 => Written::Whole(weight.numerator),
            _ => Written::Part(format!("{}/{}", weight.numerator, weight.denominator)),
        }
    }
}

impl From<bool> for Weight {
    fn from(inside: bool) -> Self {
        if inside { Weight::ONE } else { Weight::ZERO }
    }
}

impl Weight {
    /// Counts for nothing, or lies outside.
    pub const ZERO: Weight = Weight { numerator: 0, denominator: 1 };
    /// Counts in full.
    pub const ONE: Weight = Weight { numerator: 1, denominator: 1 };
    /// Subtracts.
    pub const MINUS: Weight = Weight { numerator: -1, denominator: 1 };

    /// The product of weights that is too fine to be kept: sums with it are lost.
    pub const TOO_FINE: Weight = Weight { numerator: 1, denominator: 0 };

    /// A fraction; none for a denominator of zero or parts that do not fit.
    pub fn fraction(numerator: i128, denominator: i128) -> Option<Weight> {
        if denominator == 0 {
            return None;
        }
        let divisor = divisor(numerator, denominator) * denominator.signum();
        let (numerator, denominator) = (numerator / divisor, denominator / divisor);
        Some(Weight { numerator: i64::try_from(numerator).ok()?, denominator: i64::try_from(denominator).ok()? })
    }

    /// The weight of a decimal.
    pub fn of(decimal: Decimal) -> Option<Weight> {
        (decimal.scale <= crate::decimal::MAX_SCALE)
            .then(|| power_of_ten(decimal.scale))
            .and_then(|one| Weight::fraction(decimal.units, one))
    }

    /// Reads `+`, `-`, `~`, `0.6`, `-1` or `1/3`.
    pub fn parse(text: &str) -> Option<Weight> {
        match text.trim() {
            "+" => Some(Weight::ONE),
            "-" => Some(Weight::MINUS),
            "~" => Some(Weight::ZERO),
            text => match text.split_once('/') {
                Some((numerator, denominator)) => {
                    let part = |text: &str| Decimal::parse(text.trim()).ok().filter(|part| part.scale == 0);
                    Weight::fraction(part(numerator)?.units, part(denominator)?.units)
                }
                None => Weight::of(Decimal::parse(text).ok()?),
            },
        }
    }

    /// Whether it counts for nothing.
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// 1, -1 or 0 where it is that.
    pub fn sign(self) -> Option<i128> {
        (self.denominator == 1 && self.numerator.abs() <= 1).then_some(i128::from(self.numerator))
    }

    /// One weight within another; none where the product does not fit.
    pub fn times(self, other: Weight) -> Option<Weight> {
        if self == Weight::ONE {
            return Some(other);
        }
        if other == Weight::ONE {
            return Some(self);
        }
        let numerator = i128::from(self.numerator) * i128::from(other.numerator);
        Weight::fraction(numerator, i128::from(self.denominator) * i128::from(other.denominator))
    }

    /// As a decimal, where it is one exactly.
    pub fn decimal(self) -> Option<Decimal> {
        (0..=crate::decimal::MAX_SCALE).find_map(|scale| {
            let units = i128::from(self.numerator) * power_of_ten(scale);
            (units % i128::from(self.denominator) == 0)
                .then(|| Decimal::new(units / i128::from(self.denominator), scale))
        })
    }

    /// The larger of its parts, as a bound for products of it.
    pub(crate) fn size(self) -> i128 {
        i128::from(self.numerator).abs().max(i128::from(self.denominator))
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decimal() {
            Some(decimal) => write!(f, "{decimal}"),
            None => write!(f, "{}/{}", self.numerator, self.denominator),
        }
    }
}

/// An exact sum of weighted amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeightedSum {
    numerator: i128,
    /// 0 where the sum has left the range in which it is exact.
    denominator: i128,
}

impl Default for WeightedSum {
    fn default() -> Self {
        WeightedSum::whole(0)
    }
}

impl WeightedSum {
    /// A sum of one whole amount.
    pub fn whole(amount: i128) -> Self {
        WeightedSum { numerator: amount, denominator: 1 }
    }

    /// The sum with one more amount in it.
    pub fn plus(self, amount: i128, weight: Weight) -> Self {
        self.joined(WeightedSum::whole(amount), weight)
    }

    /// The sum with another in it, weighed.
    pub fn joined(self, other: WeightedSum, weight: Weight) -> Self {
        let lost = WeightedSum { numerator: 0, denominator: 0 };
        self.checked(other, weight).unwrap_or(lost)
    }

    fn checked(self, other: WeightedSum, weight: Weight) -> Option<Self> {
        if self.denominator == 0 || other.denominator == 0 {
            return None;
        }
        if weight.denominator == 0 {
            return None;
        }
        let more = other.numerator.checked_mul(i128::from(weight.numerator))?;
        let own = other.denominator.checked_mul(i128::from(weight.denominator))?;
        if own == self.denominator {
            return Some(WeightedSum { numerator: self.numerator.checked_add(more)?, denominator: own });
        }
        let divisor = divisor(own, self.denominator);
        let (left, right) = (own / divisor, self.denominator / divisor);
        let numerator = self.numerator.checked_mul(left)?.checked_add(more.checked_mul(right)?)?;
        Some(WeightedSum { numerator, denominator: self.denominator.checked_mul(left)? }.reduced())
    }

    fn reduced(self) -> Self {
        let divisor = divisor(self.numerator, self.denominator);
        WeightedSum { numerator: self.numerator / divisor, denominator: self.denominator / divisor }
    }

    /// The nearest whole amount, halves away from zero; none where the sum was too fine to be exact.
    pub fn rounded(self) -> Option<i128> {
        match self.denominator {
            1 => Some(self.numerator),
            denominator => divide_rounded(self.numerator, denominator),
        }
    }

    /// The nearest float, for means.
    pub fn to_f64(self) -> f64 {
        self.numerator as f64 / self.denominator as f64
    }

    /// Whether two sums are the same amount; none where one was too fine to be exact.
    pub fn equals(self, other: WeightedSum) -> Option<bool> {
        let difference = self.checked(other, Weight::MINUS)?;
        Some(difference.numerator == 0)
    }
}

/// The greatest common divisor; 1 for two zeros.
fn divisor(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::try_from(a.max(1)).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weight(text: &str) -> Weight {
        Weight::parse(text).unwrap()
    }

    #[test]
    fn weights_are_read_and_written() {
        for (text, shown) in
            [("+", "1"), ("-", "-1"), ("~", "0"), ("0.60", "0.6"), ("-.25", "-0.25"), ("1/3", "1/3"), ("2/-4", "-0.5")]
        {
            assert_eq!(weight(text).to_string(), shown);
            let json = serde_json::to_string(&weight(text)).unwrap();
            assert_eq!(serde_json::from_str::<Weight>(&json).unwrap(), weight(text));
        }
        assert_eq!(
            serde_json::from_str::<Vec<Weight>>("[1,-1,0]").unwrap(),
            [Weight::ONE, Weight::MINUS, Weight::ZERO]
        );
        for text in ["", "x", "1/0", "1/2/3", "0.5/2", "99999999999999999999"] {
            assert_eq!(Weight::parse(text), None, "{text}");
        }
    }

    #[test]
    fn products_are_reduced_or_refused() {
        assert_eq!(weight("0.6").times(weight("1/3")), Some(weight("0.2")));
        assert_eq!(weight("0.6").times(Weight::ZERO), Some(Weight::ZERO));
        let fine = weight("0.000000000000000001");
        assert_eq!(fine.times(fine), None);
    }

    #[test]
    fn sums_are_exact_until_they_are_rounded() {
        let third = weight("1/3");
        let sum = WeightedSum::default().plus(100, third).plus(100, third).plus(100, third);
        assert_eq!((sum.rounded(), sum.equals(WeightedSum::whole(100))), (Some(100), Some(true)));
        assert_eq!(WeightedSum::default().plus(1, weight("0.5")).rounded(), Some(1));
        assert_eq!(WeightedSum::default().plus(-1, weight("0.5")).rounded(), Some(-1));
        let fine = weight("1/999999999999999989");
        let lost = WeightedSum::whole(i128::MAX / 2).plus(1, fine);
        assert_eq!(lost.rounded(), None);
        assert_eq!(lost.plus(1, Weight::ONE).rounded(), None);
        assert_eq!(WeightedSum::default().plus(1, Weight::TOO_FINE).rounded(), None);
    }
}
