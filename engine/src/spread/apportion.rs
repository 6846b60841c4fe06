//! Largest remainder (Hamilton's method): whole units that add up to the total exactly.

/// Shares in whole units.
pub(super) struct Shares {
    pub units: Vec<i128>,
    /// The places of those that got one of the units that were left, ascending, each with it: 1, or -1 where a negative
    /// amount was shared.
    pub raised: Vec<(usize, i128)>,
}

impl Shares {
    /// Units of which none was left.
    pub fn even(units: Vec<i128>) -> Self {
        Shares { units, raised: Vec::new() }
    }
}

/// Shares of a total in proportion to weights, in whole units.
///
/// Each share is the floor of `total * weight / sum`; the units left over go to the largest
/// remainders, ties to the first listed. A negative total is apportioned as its positive one, with
/// the signs turned. None where the weights sum to zero, or where a product does not fit.
pub fn apportion(total: i128, weights: &[i128]) -> Option<Vec<i128>> {
    shared(total, weights, |_, _| ())
}

/// The same, with where the units that were left went.
pub(super) fn shares(total: i128, weights: &[i128]) -> Option<Shares> {
    let mut raised = Vec::with_capacity(weights.len());
    let units = shared(total, weights, |place, unit| raised.push((place, unit)))?;
    Some(Shares { units, raised })
}

/// Shares; shows each place that got one of the units that were left, with what it got.
fn shared(total: i128, weights: &[i128], mut show: impl FnMut(usize, i128)) -> Option<Vec<i128>> {
    let sum = weights.iter().try_fold(0i128, |sum, weight| sum.checked_add(*weight))?;
    if sum == 0 {
        return None;
    }
    let turned = if total < 0 { -1 } else { 1 };
    let facing = if sum < 0 { -1 } else { 1 };
    let (total, sum) = (total * turned, sum * facing);
    let mut shares = match narrow(total, sum, facing, weights, |place| show(place, turned)) {
        Some(shares) => shares,
        None => wide(total, sum, facing, weights, |place| show(place, turned))?,
    };
    if turned < 0 {
        shares.iter_mut().for_each(|share| *share = -*share);
    }
    Some(shares)
}

fn wide(total: i128, sum: i128, facing: i128, weights: &[i128], show: impl FnMut(usize)) -> Option<Vec<i128>> {
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for weight in weights {
        let product = total.checked_mul(*weight * facing)?;
        shares.push(product.div_euclid(sum));
        remainders.push(product.rem_euclid(sum));
    }
    let left = usize::try_from(total - shares.iter().sum::<i128>()).ok()?;
    give_left(left, &mut shares, &remainders, show);
    Some(shares)
}

/// The same where weights are not negative and all fits in 64 bits, as most amounts do: dividing is several times
/// cheaper there.
fn narrow(total: i128, sum: i128, facing: i128, weights: &[i128], show: impl FnMut(usize)) -> Option<Vec<i128>> {
    let (total, sum) = (u64::try_from(total).ok()?, u64::try_from(sum).ok()?);
    total.checked_mul(sum)?;
    let negative = |weight: &i128| if facing < 0 { *weight > 0 } else { *weight < 0 };
    if weights.iter().any(negative) {
        return None;
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = total;
    let divisor = Divisor::new(sum);
    for weight in weights {
        let (share, remainder) = divisor.divide(total * weight.unsigned_abs() as u64);
        shares.push(i128::from(share));
        remainders.push(remainder);
        left -= share;
    }
    give_left(left as usize, &mut shares, &remainders, show);
    Some(shares)
}

/// A few weights by which many totals are apportioned, each by itself.
pub struct Proportion {
    weights: Vec<u64>,
    sum: Divisor,
    /// The greatest total whose products fit.
    most: u64,
}

impl Proportion {
    /// Weights that are not negative; none where they sum to zero or do not fit.
    pub fn new(weights: &[u64]) -> Option<Self> {
        let sum = weights.iter().try_fold(0u64, |sum, weight| sum.checked_add(*weight))?;
        let most = u64::MAX.checked_div(sum).filter(|_| i64::try_from(sum).is_ok())?;
        Some(Proportion { weights: weights.to_vec(), sum: Divisor::new(sum), most })
    }

    /// Puts the shares of a total, which [`apportion`] gives too, into as many places as there are weights.
    pub fn split(&self, total: i64, shares: &mut [i64]) {
        let amount = total.unsigned_abs();
        if amount > self.most {
            let weights: Vec<i128> = self.weights.iter().map(|weight| i128::from(*weight)).collect();
            let wide = apportion(i128::from(total), &weights).unwrap_or_default();
            shares.iter_mut().zip(wide).for_each(|(share, units)| *share = units as i64);
            return;
        }
        let mut left = amount;
        for (share, weight) in shares.iter_mut().zip(&self.weights) {
            let units = self.sum.divide(amount * weight).0;
            *share = units as i64;
            left -= units;
        }
        for _ in 0..left {
            // Who has got a unit is below zero, so it is not the greatest again.
            let rest = |(share, weight): (&i64, &u64)| {
                amount.wrapping_mul(*weight).wrapping_sub((*share as u64).wrapping_mul(self.sum.number)) as i64
            };
            let mut greatest = None;
            for (place, rest) in shares.iter().zip(&self.weights).map(rest).enumerate() {
                if greatest.is_none_or(|(_, most)| rest > most) {
                    greatest = Some((place, rest));
                }
            }
            if let Some((place, _)) = greatest {
                shares[place] += 1;
            }
        }
        if total < 0 {
            shares.iter_mut().for_each(|share| *share = share.wrapping_neg());
        }
    }
}

/// A number that many others are divided by: multiplying by its reciprocal is several times cheaper (Granlund,
/// Montgomery, PLDI 1994).
struct Divisor {
    number: u64,
    /// 2^64 divided by it, rounded down.
    reciprocal: u64,
}

impl Divisor {
    fn new(number: u64) -> Self {
        Divisor { number, reciprocal: u64::try_from((1u128 << 64) / u128::from(number)).unwrap_or(u64::MAX) }
    }

    /// The quotient and the remainder. What the reciprocal gives is too small by two at most.
    fn divide(&self, product: u64) -> (u64, u64) {
        let mut quotient = ((u128::from(product) * u128::from(self.reciprocal)) >> 64) as u64;
        let mut remainder = product - quotient * self.number;
        while remainder >= self.number {
            quotient += 1;
            remainder -= self.number;
        }
        (quotient, remainder)
    }
}

/// Gives one unit each to the largest remainders, ties to the first listed; shows which.
fn give_left<R: Copy + Ord>(left: usize, shares: &mut [i128], remainders: &[R], mut show: impl FnMut(usize)) {
    if left == 0 {
        return;
    }
    let mut sorted = remainders.to_vec();
    let (_, least, _) = sorted.select_nth_unstable_by(left.min(shares.len()) - 1, |a, b| b.cmp(a));
    let least = *least;
    let mut tied = left - remainders.iter().filter(|remainder| **remainder > least).count();
    for (place, (share, remainder)) in shares.iter_mut().zip(remainders).enumerate() {
        let wins = *remainder > least || (*remainder == least && tied > 0);
        tied -= usize::from(wins && *remainder == least);
        *share += i128::from(wins);
        if wins {
            show(place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_figures_a_finance_lead_checks() {
        assert_eq!(apportion(100_000, &[1, 1, 1]), Some(vec![33_334, 33_333, 33_333]));
        assert_eq!(apportion(7, &[5, 3, 2]), Some(vec![4, 2, 1]));
        assert_eq!(apportion(-7, &[5, 3, 2]), Some(vec![-4, -2, -1]));
        assert_eq!(apportion(5, &[0, 0]), None);
        assert_eq!(apportion(5, &[]), None);
        assert_eq!(apportion(0, &[2, 3]), Some(vec![0, 0]));
        assert_eq!(apportion(10, &[-1, -1]), Some(vec![5, 5]));
    }

    proptest! {
        #[test]
        fn a_proportion_splits_as_apportion_does(
            total: i64,
            small in -1_000i64..1_000,
            weights in prop::collection::vec(0u64..50, 1..6),
        ) {
            let wide: Vec<i128> = weights.iter().map(|weight| i128::from(*weight)).collect();
            for total in [total, small] {
                let expected = apportion(i128::from(total), &wide);
                let found = Proportion::new(&weights).map(|proportion| {
                    let mut shares = vec![0; weights.len()];
                    proportion.split(total, &mut shares);
                    shares.into_iter().map(i128::from).collect::<Vec<i128>>()
                });
                prop_assert_eq!(found, expected);
            }
        }

        #[test]
        fn shares_add_up_and_lie_within_a_unit(total in -10_000i128..10_000,
                weights in prop::collection::vec(-50i128..500, 1..40)) {
            let sum: i128 = weights.iter().sum();
            match apportion(total, &weights) {
                None => prop_assert_eq!(sum, 0),
                Some(shares) => {
                    prop_assert_eq!(shares.iter().sum::<i128>(), total);
                    for (share, weight) in shares.iter().zip(&weights) {
                        prop_assert!((share * sum - total * weight).abs() < sum.abs());
                    }
                }
            }
        }
    }
}
