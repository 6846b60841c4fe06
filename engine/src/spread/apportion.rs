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
    shares(total, weights).map(|shares| shares.units)
}

/// The same, with where the units that were left went.
pub(super) fn shares(total: i128, weights: &[i128]) -> Option<Shares> {
    let sum = weights.iter().try_fold(0i128, |sum, weight| sum.checked_add(*weight))?;
    if sum == 0 {
        return None;
    }
    let turned = if total < 0 { -1 } else { 1 };
    let facing = if sum < 0 { -1 } else { 1 };
    let (total, sum) = (total * turned, sum * facing);
    let mut shares = match narrow(total, sum, facing, weights) {
        Some(shares) => shares,
        None => wide(total, sum, facing, weights)?,
    };
    if turned < 0 {
        shares.units.iter_mut().for_each(|share| *share = -*share);
        shares.raised.iter_mut().for_each(|(_, unit)| *unit = -*unit);
    }
    Some(shares)
}

fn wide(total: i128, sum: i128, facing: i128, weights: &[i128]) -> Option<Shares> {
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for weight in weights {
        let product = total.checked_mul(*weight * facing)?;
        shares.push(product.div_euclid(sum));
        remainders.push(product.rem_euclid(sum));
    }
    let left = usize::try_from(total - shares.iter().sum::<i128>()).ok()?;
    let raised = give_left(left, &mut shares, &remainders);
    Some(Shares { units: shares, raised })
}

/// The same where weights are not negative and all fits in 64 bits, as most amounts do: dividing is several times
/// cheaper there.
fn narrow(total: i128, sum: i128, facing: i128, weights: &[i128]) -> Option<Shares> {
    let (total, sum) = (u64::try_from(total).ok()?, u64::try_from(sum).ok()?);
    if weights.iter().any(|weight| *weight * facing < 0) || total.checked_mul(sum).is_none() {
        return None;
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = total;
    for weight in weights {
        let product = total * weight.unsigned_abs() as u64;
        let share = product / sum;
        shares.push(i128::from(share));
        remainders.push(product - share * sum);
        left -= share;
    }
    let raised = give_left(left as usize, &mut shares, &remainders);
    Some(Shares { units: shares, raised })
}

/// Gives one unit each to the largest remainders, ties to the first listed; says to which.
fn give_left<R: Copy + Ord>(left: usize, shares: &mut [i128], remainders: &[R]) -> Vec<(usize, i128)> {
    let mut raised = Vec::with_capacity(left);
    if left == 0 {
        return raised;
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
            raised.push((place, 1));
        }
    }
    raised
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
