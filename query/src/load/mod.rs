//! Loading: from the columns of a file to cells, all or nothing.
//!
//! ```text
//! column     a file's column, as text codes or as scaled integers
//! target     which columns give which coordinate, scenario and measure
//! gather     each row's fields of one dimension as a number, part by part
//! members    the coordinate of each row; new members
//! tree       members loaded with their parents, levels, weights and attributes
//! nothing    texts that stand for nothing
//! heading    the headings of a wide file: member and measure
//! wide       columns that become rows
//! cells      rows to cells: duplicates, blanks
//! rejects    rows that cannot be loaded
//! subtotal   members that look like sums of others
//! infer      a model for a file that comes with none
//! ```

mod cells;
mod column;
mod gather;
mod heading;
mod infer;
mod members;
mod nothing;
mod rejects;
mod subtotal;
mod target;
mod tree;
mod wide;

pub(crate) use cells::load;
pub(crate) use infer::infer;
pub(crate) use tree::load_members;
