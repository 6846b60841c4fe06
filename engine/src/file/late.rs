//! Facts that are read when they are first asked for: a question of one scenario reads that one.
//!
//! Another process may replace the chunks meanwhile, so they are read through a connection of their own, which sees
//! the file as it was when the cube was opened. It is held for about a second: what nobody has asked for by then is
//! read in the background, and the connection closed.

use super::database::{Database, Stored};
use crate::error::{EngineError, Result};
use crate::rollup::{Facts, Outline, Source};
use crate::storage::Partition;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a session is left to its first questions before the rest is read.
const PATIENCE: Duration = Duration::from_secs(1);

/// A connection that sees the file as it was, and the chunks that were read through it.
#[derive(Debug)]
pub(super) struct Late {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// Closed once all is read.
    database: Option<Database>,
    stored: Stored,
}

/// The facts of one scenario in the file.
#[derive(Debug)]
struct Place {
    late: Arc<Late>,
    scenario: usize,
    outline: Outline,
}

impl Late {
    /// Reads through a connection on which reading has begun.
    pub fn new(database: Database) -> Arc<Self> {
        Arc::new(Late { inner: Mutex::new(Inner { database: Some(database), stored: Vec::new() }) })
    }

    /// The facts of each scenario, to be read when they are asked for.
    pub fn facts(self: &Arc<Self>, outlines: Vec<Outline>) -> Vec<Arc<Facts>> {
        let place = |(scenario, outline)| {
            let source = Place { late: Arc::clone(self), scenario, outline };
            Arc::new(Facts::in_source(Box::new(source)))
        };
        outlines.into_iter().enumerate().map(place).collect()
    }

    /// Reads in the background what nobody has asked for after a while.
    pub fn read_rest(self: &Arc<Self>, facts: Vec<Arc<Facts>>) {
        let late = Arc::clone(self);
        let read = move || {
            std::thread::sleep(PATIENCE);
            if facts.iter().all(|facts| facts.partition().is_ok()) {
                late.lock().database = None;
            }
        };
        // Without a thread, all is read when it is asked for.
        let _ = std::thread::Builder::new().name("read the rest".into()).spawn(read);
    }

    /// The chunks read until now, with their row ids.
    pub fn stored(&self) -> Stored {
        self.lock().stored.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Source for Place {
    fn outline(&self) -> Outline {
        self.outline
    }

    fn read(&self) -> Result<Partition> {
        let mut inner = self.late.lock();
        let database = inner.database.as_ref().ok_or_else(|| EngineError::File("the cube file is closed".into()))?;
        let (partition, stored) = database.partition(self.scenario)?;
        if Outline::of(&partition) != self.outline {
            return Err(EngineError::Damaged(format!("scenario {} is not as long as was recorded", self.scenario)));
        }
        inner.stored.extend(stored);
        Ok(partition)
    }
}
