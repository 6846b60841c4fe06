//! Formulas, by climbing precedence: `or`, `and`, `not`, comparison, `+ -`, `* /`, minus.

use nom::Parser;
use nom::branch::alt;
use nom::combinator::{cut, opt};
use nom::sequence::delimited;

use super::basics::{
    PResult, Tokens, after, list, name, nested, path, quiet_symbol, quiet_word, refuse, symbol, unsigned,
};
use super::selection::{comparison_operator, conditions};
use crate::syntax::ast::{Condition, Expr, Name, Operator, Path, RowFunction};
use crate::syntax::failure::{Failure, What};
use crate::syntax::keywords::{FUNCTIONS, among, nearest};
use crate::syntax::precedence::{self, COMPARE, LOWEST, NEGATE, NOT};
use crate::syntax::token::{Class, Kind};

const A_FORMULA: What = What::Thing("a formula");

/// A formula.
pub fn formula(i: Tokens<'_>) -> PResult<'_, Expr> {
    climb(i, LOWEST)
}

/// A formula of operators that bind at least so tightly.
fn climb(i: Tokens<'_>, floor: u8) -> PResult<'_, Expr> {
    let (mut rest, mut left) = i.labelled(A_FORMULA, |i| operand(i, floor))?;
    let mut ceiling = u8::MAX;
    while let Ok((next, operator)) = infix(rest) {
        let level = precedence::of(operator);
        if level < floor || level > ceiling {
            break;
        }
        let (next, right) = cut(|next| climb(next, level + 1)).parse(next)?;
        let span = i.span_to(&next);
        left = Expr::Binary { operator, left: left.into(), right: right.into(), span };
        ceiling = if level == COMPARE { COMPARE - 1 } else { u8::MAX };
        rest = next;
    }
    Ok((rest, left))
}

/// The operator between two operands.
fn infix(i: Tokens<'_>) -> PResult<'_, Operator> {
    let operator = match i.peek(0).map(|token| token.kind) {
        Some(Kind::Symbol("+")) => Operator::Add,
        Some(Kind::Symbol("-")) => Operator::Subtract,
        Some(Kind::Symbol("*")) => Operator::Multiply,
        Some(Kind::Symbol("/")) => Operator::Divide,
        Some(Kind::Word) | None => return logic(i),
        _ => return comparison_operator.map(Operator::Compare).parse(i),
    };
    i.accept(Class::Symbol, operator)
}

fn logic(i: Tokens<'_>) -> PResult<'_, Operator> {
    alt((quiet_word("and").map(|_| Operator::And), quiet_word("or").map(|_| Operator::Or))).parse(i)
}

/// What operators stand between.
fn operand(i: Tokens<'_>, floor: u8) -> PResult<'_, Expr> {
    if floor <= NOT
        && let Ok((rest, _)) = quiet_word("not")(i)
    {
        return negation(i, rest);
    }
    alt((negative, conditional, group, unsigned.map(Expr::Number), count_of, over_rows, call, reference)).parse(i)
}

/// `not x`
fn negation<'a>(i: Tokens<'a>, rest: Tokens<'a>) -> PResult<'a, Expr> {
    let (rest, inner) = cut(|rest| nested(rest, |i| climb(i, NOT))).parse(rest)?;
    let span = i.span_to(&rest);
    Ok((rest, Expr::Not(inner.into(), span)))
}

/// `-x`
fn negative(i: Tokens<'_>) -> PResult<'_, Expr> {
    let (rest, ()) = quiet_symbol("-")(i)?;
    let (rest, inner) = cut(|rest| nested(rest, |i| climb(i, NEGATE))).parse(rest)?;
    let span = i.span_to(&rest);
    Ok((rest, Expr::Negate(inner.into(), span)))
}

/// `if c then a else b`
fn conditional(i: Tokens<'_>) -> PResult<'_, Expr> {
    let part = |i| nested(i, formula);
    let (rest, condition) = after("if", part).parse(i)?;
    let (rest, then) = cut(after("then", part)).parse(rest)?;
    let (rest, otherwise) = cut(after("else", part)).parse(rest)?;
    let span = i.span_to(&rest);
    let (condition, then, otherwise) = (condition.into(), then.into(), otherwise.into());
    Ok((rest, Expr::If { condition, then, otherwise, span }))
}

/// `(x)`
fn group(i: Tokens<'_>) -> PResult<'_, Expr> {
    delimited(symbol("("), cut(|i| nested(i, formula)), cut(symbol(")"))).parse(i)
}

/// `abs(x)`
fn call(i: Tokens<'_>) -> PResult<'_, Expr> {
    // A name is read as any other; that these would do is kept for completion.
    for function in FUNCTIONS {
        let _expected = quiet_word(function)(i);
    }
    let (rest, function) = name(i)?;
    if rest.is_symbol(0, "(") {
        check_function(i)?;
    }
    let (rest, ()) = quiet_symbol("(")(rest)?;
    let (rest, arguments) = cut(|rest| nested(rest, |i| list(formula).parse(i))).parse(rest)?;
    if let ([argument], Ok((rest, item))) = (arguments.as_slice(), after("over", path).parse(rest)) {
        return over(i, rest, function, argument, item);
    }
    let (rest, ()) = cut(symbol(")")).parse(rest)?;
    let span = i.span_to(&rest);
    Ok((rest, Expr::Call { function, arguments, span }))
}

/// `median(cost over project)`, from its closing bracket on.
fn over<'a>(start: Tokens<'a>, rest: Tokens<'a>, function: Name, argument: &Expr, item: Path) -> PResult<'a, Expr> {
    let (rest, ()) = cut(symbol(")")).parse(rest)?;
    let span = start.span_to(&rest);
    Ok((rest, Expr::Over { function, argument: argument.clone().into(), item, span }))
}

/// `rank(cost) per division`
fn over_rows(i: Tokens<'_>) -> PResult<'_, Expr> {
    let function = match i.peek(0) {
        Some(token) if token.is_word("rank") => RowFunction::Rank,
        Some(token) if token.is_word("running") => RowFunction::Running,
        _ => return i.fail(Failure::new(i.at(), A_FORMULA, true)),
    };
    let (rest, _) = name(i)?;
    let (rest, ()) = quiet_symbol("(")(rest)?;
    let (rest, operand) = cut(|rest| nested(rest, formula)).parse(rest)?;
    let (rest, ()) = cut(symbol(")")).parse(rest)?;
    let (rest, per) = opt(alt((after("per", path), after("within", path)))).parse(rest)?;
    let (operand, span) = (operand.into(), i.span_to(&rest));
    Ok((rest, Expr::OverRows { function, operand, per, span }))
}

/// `count of project[actual]`
fn count_of(i: Tokens<'_>) -> PResult<'_, Expr> {
    let (rest, _) = quiet_word("count")(i)?;
    let (rest, _) = quiet_word("of")(rest)?;
    let (rest, subject) = cut(path).parse(rest)?;
    let (rest, selection) = opt(own_selection).parse(rest)?;
    let (selection, span) = (selection.unwrap_or_default(), i.span_to(&rest));
    Ok((rest, Expr::CountOf { subject, selection, span }))
}

/// Refuses a call of what is no function.
fn check_function(i: Tokens<'_>) -> PResult<'_, ()> {
    let Some(token) = i.peek(0) else {
        return Ok((i, ()));
    };
    if token.kind == Kind::Word && among(token.text, &FUNCTIONS) {
        return Ok((i, ()));
    }
    let label = match nearest(token.text, FUNCTIONS.into_iter()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("the functions are {}", FUNCTIONS.join(", ")),
    };
    refuse(token.span.clone(), format!("there is no function \"{}\"", token.unquoted()), label)
}

/// `cost[project = all]`
fn reference(i: Tokens<'_>) -> PResult<'_, Expr> {
    let (rest, path) = path(i)?;
    let (rest, selection) = opt(own_selection).parse(rest)?;
    let (selection, span) = (selection.unwrap_or_default(), i.span_to(&rest));
    Ok((rest, Expr::Reference { path, selection, span }))
}

/// `[plan, 2026]`
fn own_selection(i: Tokens<'_>) -> PResult<'_, Vec<Condition>> {
    let (i, ()) = quiet_symbol("[")(i)?;
    let (i, conditions) = cut(|i| nested(i, conditions)).parse(i)?;
    let (i, ()) = cut(symbol("]")).parse(i)?;
    Ok((i, conditions))
}
