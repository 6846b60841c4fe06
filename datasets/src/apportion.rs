//! Sharing an amount out by weights so that the parts add up to it exactly.

/// The parts of `total` by `weights`, in their order; they add up to `total` to the last unit.
///
/// Each part is the difference of two rounded running totals, so no part is off its exact share by a whole unit.
/// Nothing is shared out where all weights are zero.
pub(crate) fn apportion(total: i64, weights: &[u64]) -> Vec<i64> {
    let sum: i128 = weights.iter().copied().map(i128::from).sum();
    let mut running = 0;
    let mut given = 0;
    weights
        .iter()
        .map(|&weight| {
            running += i128::from(weight);
            let upto = (i128::from(total) * running / sum.max(1)) as i64;
            upto - std::mem::replace(&mut given, upto)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_and_follow_the_weights() {
        assert_eq!(apportion(100_000, &[1, 1, 1]), [33_333, 33_333, 33_334]);
        assert_eq!(apportion(30, &[14, 0, 8, 5, 3]), [14, 0, 8, 5, 3]);
        assert_eq!(apportion(-7, &[5, 3, 2]).iter().sum::<i64>(), -7);
        assert_eq!(apportion(5, &[0, 0]), [0, 0]);
        assert!(apportion(5, &[]).is_empty());
    }
}
