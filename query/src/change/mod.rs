//! Changes: from a bound statement to a spread request, and from its outcome to a receipt.

mod bind;
mod demands;
mod mapping;
mod margins;
mod net;
mod parts;
mod phasing;
mod ratio;
mod receipt;
mod told;
mod weights;

pub(crate) use bind::{Bound, blamed};
pub(crate) use net::Net;
pub(crate) use receipt::{is_conserved, largest, place, receipt, record};
