//! How much memory a statement may take.
//!
//! What grows with the facts or with a question claims its bytes before it takes them, or piece by piece as it
//! grows, never cell by cell; a [`Claim`] is given back when it is dropped. What is claimed at the same time counts
//! together, whatever the thread. Facts at rest and kept roll-ups claim nothing: they are what the cube is, and have
//! a bound of their own.

use crate::error::{EngineError, Result};
use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};

static MOST: AtomicUsize = AtomicUsize::new(usize::MAX);
static CLAIMED: AtomicUsize = AtomicUsize::new(0);

/// From now on statements of this process may take so many bytes; without this, as many as there are.
pub fn allow(bytes: usize) {
    MOST.store(bytes, Ordering::Relaxed);
}

/// Refuses what would take more bytes than are left, before anything is taken.
///
/// Errors: as [`Claim::hold`].
pub fn afford(what: impl Into<Cow<'static, str>>, bytes: usize) -> Result<()> {
    Claim::new(what).hold(bytes)
}

/// How many bytes so many things of a size take; as many as can be counted where that is more.
pub fn bytes(count: usize, each: usize) -> usize {
    count.saturating_mul(each)
}

/// Bytes that a part of a statement takes, until it is dropped.
#[derive(Debug)]
pub struct Claim {
    what: Cow<'static, str>,
    bytes: usize,
}

impl Claim {
    /// Nothing yet; `what` names the part in an error: "the rows of the answer".
    pub fn new(what: impl Into<Cow<'static, str>>) -> Self {
        Claim { what: what.into(), bytes: 0 }
    }

    /// A claim of so many bytes.
    ///
    /// Errors: as [`Claim::hold`].
    pub fn of(what: impl Into<Cow<'static, str>>, bytes: usize) -> Result<Self> {
        let mut claim = Claim::new(what);
        claim.hold(bytes)?;
        Ok(claim)
    }

    /// The part takes so many bytes from now on.
    ///
    /// Errors: a refusal where all claims together would be more than is allowed; the claim stays what it was.
    pub fn hold(&mut self, bytes: usize) -> Result<()> {
        if bytes > self.bytes {
            let more = bytes - self.bytes;
            let most = MOST.load(Ordering::Relaxed);
            let fits = |claimed: usize| claimed.checked_add(more).filter(|claimed| *claimed <= most);
            if let Err(claimed) = CLAIMED.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits) {
                return Err(too_much(&self.what, claimed.saturating_add(more), most));
            }
        } else {
            CLAIMED.fetch_sub(self.bytes - bytes, Ordering::Relaxed);
        }
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        CLAIMED.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

fn too_much(what: &str, wanted: usize, most: usize) -> EngineError {
    EngineError::Refused {
        message: format!(
            "{what} would bring this statement to {} of memory; it may take {}",
            spelled(wanted),
            spelled(most)
        ),
        help: vec![
            "make it smaller: name more in `where`, or ask for fewer levels at once".into(),
            "or allow more when plancube is started: --memory SIZE".into(),
        ],
    }
}

/// `1.5 GiB`, rounded to the nearest tenth.
fn spelled(bytes: usize) -> String {
    const UNITS: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    let mut unit = 0;
    let mut scaled = bytes as f64;
    while scaled >= 1024.0 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    let tenths = (scaled * 10.0).round() / 10.0;
    format!("{tenths} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_count_together_until_they_are_dropped() {
        // Another test of this process may claim a little meanwhile.
        let half = usize::MAX / 2 + 1;
        let one = Claim::of("one", half).unwrap();
        let refused = Claim::of("the other", half).unwrap_err().to_string();
        assert!(refused.starts_with("the other would bring this statement to 16 EiB of memory"), "{refused}");
        let mut other = Claim::new("the other");
        assert!(other.hold(half).is_err());
        drop(one);
        other.hold(half).unwrap();
        other.hold(0).unwrap();
        afford("a third", half).unwrap();
    }

    #[test]
    fn sizes_are_spelled_in_the_largest_unit_that_fits() {
        let spelled: Vec<String> = [0, 1023, 1024, 1_600_000, 3 << 30].map(spelled).to_vec();
        assert_eq!(spelled, ["0 bytes", "1023 bytes", "1 KiB", "1.5 MiB", "3 GiB"]);
    }
}
