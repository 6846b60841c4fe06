//! Comparisons and merges of scenarios.

use std::fmt::{Display, Formatter, Result};

use super::name::Text;
use super::{clause, optional};
use crate::syntax::ast::{Compare, Merge};

impl Display for Compare {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "compare {} to {}", self.left, self.right)?;
        clause(f, "by", &self.by)?;
        clause(f, "where", &self.conditions)?;
        optional(f, "top", self.top)
    }
}

impl Display for Merge {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "merge {} into {}", self.from, self.into)?;
        clause(f, "where", &self.conditions)?;
        optional(f, "taking", self.taking.as_ref())?;
        optional(f, "because", self.because.as_deref().map(Text))
    }
}
