//! Input made to break things, from the command line.
