//! How an amount lies over time: the curve of a ramp, the phasing of a total.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, value};

use super::basics::{PResult, Tokens, after, bracketed, hyphenated, number, path, word};
use super::selection::conditions;
use crate::syntax::ast::{Curve, Phasing};

/// `linear`, `s-curve`, `growth`
pub fn curve(i: Tokens<'_>) -> PResult<'_, Curve> {
    alt((value(Curve::Linear, word("linear")), value(Curve::SCurve, s_curve), value(Curve::Growth, word("growth"))))
        .parse(i)
}

/// `phased by quarter (20, 24, 24, 32)`, `phased like actual, 2025`, ...
pub fn phased(i: Tokens<'_>) -> PResult<'_, Phasing> {
    after("phased", cut(phasing)).parse(i)
}

fn phasing(i: Tokens<'_>) -> PResult<'_, Phasing> {
    alt((
        value(Phasing::Equally, word("equally")),
        value(Phasing::Front, word("front")),
        value(Phasing::Back, word("back")),
        value(Phasing::SCurve, s_curve),
        after("growth", number).map(Phasing::Growth),
        after("like", conditions).map(Phasing::Like),
        after("by", (path, bracketed(number))).map(|(level, weights)| Phasing::Weights(level, weights)),
    ))
    .parse(i)
}

/// `s-curve`, a keyword of two words and a minus; also `s_curve`.
fn s_curve(i: Tokens<'_>) -> PResult<'_, ()> {
    hyphenated("s_curve", ("s", "curve"), "s-curve")(i)
}
