//! How tightly operators bind, for reading formulas and for printing them.

use super::ast::Operator;

/// Any formula.
pub const LOWEST: u8 = 1;
/// `not`
pub const NOT: u8 = 3;
/// Comparisons, which do not chain.
pub const COMPARE: u8 = 4;
/// Minus before its operand.
pub const NEGATE: u8 = 7;
/// What needs no brackets anywhere.
pub const ATOM: u8 = 8;

/// How tightly an operator between two operands binds.
pub fn of(operator: Operator) -> u8 {
    match operator {
        Operator::Or => LOWEST,
        Operator::And => 2,
        Operator::Compare(_) => COMPARE,
        Operator::Add | Operator::Subtract => 5,
        Operator::Multiply | Operator::Divide => 6,
    }
}
