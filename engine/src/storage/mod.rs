//! Facts at rest: immutable column chunks, and how a write makes new ones.
//!
//! Owns the encodings and the layout of a scenario's facts. Knows coordinates and measures by
//! number only; which members they are, and what is asked of them, is decided above.

mod bits;
mod chunk;
mod codes;
mod partition;
mod scan;
mod tuning;
mod values;

pub use bits::Bits;
pub use chunk::Chunk;
pub use codes::Codes;
pub use partition::{Partition, Write, Writes};
pub use scan::{Fold, Grouping, NO_GROUP, Partial, scan};
pub use tuning::Tuning;
pub use values::{Packed, Values};
