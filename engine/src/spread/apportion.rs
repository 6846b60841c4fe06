//! Largest remainder (Hamilton's method): whole units that add up to the total exactly.

/// Shares of a total in proportion to weights, in whole units.
///
/// Each share is the floor of `total * weight / sum`; the units left over go to the largest
/// remainders, ties to the first listed. A negative total is apportioned as its positive one, with
/// the signs turned. None where the weights sum to zero, or where a product does not fit.
pub fn apportion(total: i128, weights: &[i128]) -> Option<Vec<i128>> {
    let sum = weights.iter().try_fold(0i128, |sum, weight| sum.checked_add(*weight))?;
    if sum == 0 {
        return None;
    }
    let turned = if total < 0 { -1 } else { 1 };
    let facing = if sum < 0 { -1 } else { 1 };
    let (total, sum) = (total * turned, sum * facing);
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for weight in weights {
        let product = total.checked_mul(*weight * facing)?;
        let (share, remainder) = divided(product, sum);
        shares.push(share);
        remainders.push(remainder);
    }
    let left = usize::try_from(total - shares.iter().sum::<i128>()).ok()?;
    let mut order: Vec<usize> = (0..weights.len()).collect();
    if left > 0 && left < order.len() {
        order.select_nth_unstable_by(left - 1, |a, b| remainders[*b].cmp(&remainders[*a]).then(a.cmp(b)));
    }
    order.iter().take(left).for_each(|place| shares[*place] += 1);
    shares.iter_mut().for_each(|share| *share *= turned);
    Some(shares)
}

/// Quotient and remainder, the remainder not negative; the divisor is positive. Most amounts fit in 64 bits, where
/// dividing is several times cheaper.
fn divided(number: i128, by: i128) -> (i128, i128) {
    match (u64::try_from(number), u64::try_from(by)) {
        (Ok(number), Ok(by)) => (i128::from(number / by), i128::from(number % by)),
        _ => (number.div_euclid(by), number.rem_euclid(by)),
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
