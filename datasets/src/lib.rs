//! Where data comes from: readers of files, the plan of a made-up company, and a generator of cubes of any size.
//!
//! Everything leaves as one Arrow [`RecordBatch`](arrow_array::RecordBatch): text as dictionary-encoded columns,
//! numbers, dates and decimals typed. What the columns mean (which is a level, which a measure) is decided above.
//!
//! - [`read`] takes a `.csv`, `.tsv` or `.parquet` file; [`line_of_row`] finds a row in it again.
//! - [`demo`] is the company that `plancube demo` opens and the tutorial plans for.
//! - [`star`] makes as many facts as a benchmark asks for; [`write_csv`] writes them to a file.

mod apportion;
mod columns;
pub mod demo;
mod random;
mod read;
pub mod star;
mod write;

pub use read::{ReadError, line_of_row, read};
pub use write::write_csv;
