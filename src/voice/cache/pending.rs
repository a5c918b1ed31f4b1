//! A load that several threads can wait for.

use std::sync::{Arc, OnceLock};

use super::identity::Stamp;
use crate::Error;
use crate::voice::Voice;

/// The outcome of a load, the same for every thread that waited for it.
pub(super) type LoadResult = Result<Arc<Voice>, Arc<Error>>;

/// A load in progress: one thread loads, the others wait.
#[derive(Debug)]
pub(super) struct PendingLoad {
    /// What the files looked like when it started.
    stamp: Stamp,
    /// `None` inside if the loader panicked.
    outcome: OnceLock<Option<LoadResult>>,
}

impl PendingLoad {
    pub(super) fn new(stamp: Stamp) -> Self {
        Self {
            stamp,
            outcome: OnceLock::new(),
        }
    }

    /// Sets the outcome, unless it is set, and wakes the waiting threads.
    pub(super) fn done(&self, outcome: Option<LoadResult>) {
        _ = self.outcome.set(outcome);
    }

    /// Waits for the outcome. Returns `None` if it is unusable and the caller
    /// must retry: the loader panicked, or the files have changed since the
    /// load started.
    pub(super) fn wait(&self, stamp: &Stamp) -> Option<LoadResult> {
        let outcome = self.outcome.wait().clone()?;
        (self.stamp == *stamp).then_some(outcome)
    }
}
