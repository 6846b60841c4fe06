//! The text of statements: from characters to tokens, from tokens to a tree, and back to text.
//!
//! This part owns what a statement looks like: where it ends ([`split`]), what each word of it is
//! ([`classify`]), what could come next ([`next_words`]), which tree it is ([`parse`]) and how a
//! tree is written (`Display`). All of them rest on one lexer.
//!
//! It must not know what a name stands for, what a statement does, or that there is an engine.

mod advice;
pub mod ast;
mod character;
mod classify;
mod complete;
mod failure;
#[cfg(test)]
mod generated_trees;
mod input;
mod keywords;
mod lexer;
mod number;
mod parser;
mod period;
mod precedence;
mod print;
#[cfg(test)]
mod round_trip_tests;
mod split;
mod token;

pub use classify::classify;
pub use complete::{Next, next_words};
pub use keywords::KEYWORDS;
pub use parser::parse;
pub use split::{is_complete, split};
pub use token::Class;
