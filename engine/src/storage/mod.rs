//! Facts at rest: immutable column chunks, how a write makes new ones, and how they are added up.
//!
//! ```text
//! bits codes values   columns: bitmaps, member ids, cells
//! runs laid leaf_set  facts of a series side by side along time; leaves, as they are read and written
//! column chunk        the cells of a measure, and what differs from them; some 64 Ki facts
//! write patch merge   what is written; to facts that are there, and to others
//! cut partition       how facts become chunks; the chunks of a scenario
//! grouping tally      which group a fact belongs to; what groups come to
//! span counter lanes sink  from a chunk to sums
//! presence            which groups have any fact
//! scan                all chunks, in parallel
//! ```
//!
//! Owns the encodings and the layout of a scenario's facts. Knows coordinates and measures by
//! number only; which members they are, and what is asked of them, is decided above.

mod bits;
mod chunk;
mod codes;
mod column;
mod counter;
mod cut;
mod grouping;
mod laid;
mod lanes;
mod leaf_set;
mod merge;
mod partition;
mod patch;
mod presence;
mod runs;
mod scan;
mod search;
mod sink;
mod span;
mod tally;
mod tuning;
mod values;
mod write;

pub use bits::{Bits, ones};
pub use chunk::Chunk;
pub use codes::Codes;
pub use column::Column;
pub use grouping::{Axis, Grouping, OUTSIDE};
pub use laid::Laid;
pub use leaf_set::{Drawn, LeafSet, Stretch};
pub use partition::{Keyed, Partition, Settled, Written};
pub use runs::{Masks, Runs};
pub use scan::scan;
pub use tally::{Fold, Groups, Partial, Tally};
pub use tuning::Tuning;
pub use values::{Frame, Packed, Values};
pub use write::{Write, Writes};
