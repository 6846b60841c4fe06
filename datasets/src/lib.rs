//! Where data comes from: readers of files, the plan of a made-up company, and a generator of cubes of any size.
//!
//! Everything leaves as one Arrow [`RecordBatch`](arrow_array::RecordBatch): text as dictionary-encoded columns,
//! numbers, dates and decimals typed. What the columns mean (which is a level, which a measure) is decided above.
//!
//! - [`read`] takes a `.csv`, `.tsv`, `.parquet` or `.arrow` file, [`parts`] takes it some rows at a time;
//!   [`line_of_row`] finds a row in it again, [`stamp`] tells whether it is still the same.
//! - [`fn@write`] writes such files; [`replace`] makes sure that a file is there whole or not at all, and
//!   [`refuse_cube`] that it is no cube file that is written over.
//! - [`demo`] is the company that `plancube demo` opens and the tutorial plans for.
//! - [`star`] makes as many facts as a benchmark asks for; [`write_csv`] writes them to a file.
//! - [`retail`] makes a cube of deep hierarchies and few facts of many possible.

mod apportion;
mod columns;
pub mod demo;
mod folder;
mod guard;
mod random;
mod read;
pub mod retail;
pub mod star;
mod write;

pub use guard::guarded;
pub use read::{NOTE, Parts, ReadError, line_of_row, parts, read, stamp};
pub use write::{FileFormat, refuse_cube, replace, write, write_csv};
