//! The cube of plancube: model, storage, aggregation, spreading, scenarios, history.
//!
//! ```text
//! id decimal weight error     dense ids, exact numbers, what can go wrong
//! freed                       what is freed goes back to the system
//! memory                      how much a statement may take
//! dictionary calendar         names and periods
//! dimension measure           members and how numbers add up
//! schema                      the model of a cube
//! coordinate subcube          a leaf's key, any selection
//! storage                     immutable column chunks
//! change rollup              what an operation does; answers kept up with it
//! snapshot settling journal cube   versions, operations, the one door for changes
//! merge                       what two branches changed since they parted
//! aggregate                   the one door to numbers
//! content                     a hash of what a cube holds
//! spread                      from an amount to leaves: pure
//! file                        the cube file
//! ```
//!
//! Modules import from those above them only. The engine knows no text of the language and no
//! terminal.

pub mod aggregate;
pub mod calendar;
pub mod change;
pub mod content;
pub mod coordinate;
pub mod cube;
pub mod decimal;
pub mod dictionary;
pub mod dimension;
pub mod error;
pub mod file;
pub mod freed;
pub mod id;
pub mod intake;
pub mod journal;
pub mod lineage;
pub mod measure;
pub mod memory;
pub mod merge;
pub mod rollup;
pub mod schema;
mod settling;
pub mod snapshot;
pub mod spread;
mod storage;
pub mod subcube;
pub mod weight;

pub use storage::{Drawn, Groups, LeafSet, Stretch, Tally, Tuning, Write, Writes};
