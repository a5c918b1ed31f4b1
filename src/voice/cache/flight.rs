//! A load that several threads may wait for.

use std::sync::{Arc, OnceLock};

use super::identity::Stamp;
use crate::Error;
use crate::voice::Voice;

/// What a load comes to, for everybody who waited for it.
pub(super) type Outcome = Result<Arc<Voice>, Arc<Error>>;

/// A load under way. One thread does it, the others wait.
#[derive(Debug)]
pub(super) struct Flight {
    /// What the files looked like when it began.
    stamp: Stamp,
    /// How many flights had begun, this one included.
    pub(super) nth: u64,
    /// Whether no other flight was under way when it began.
    pub(super) is_alone: bool,
    /// `None` inside: the loader panicked.
    outcome: OnceLock<Option<Outcome>>,
}

impl Flight {
    pub(super) fn new(stamp: Stamp, nth: u64, is_alone: bool) -> Self {
        Self {
            stamp,
            nth,
            is_alone,
            outcome: OnceLock::new(),
        }
    }

    /// Wakes those who wait. Only the first outcome counts.
    pub(super) fn end(&self, outcome: Option<Outcome>) {
        _ = self.outcome.set(outcome);
    }

    /// Waits for the end; `None` where it is of no use to who asks, and he
    /// should look again: the loader panicked, or the files have changed
    /// since it began.
    pub(super) fn wait(&self, stamp: &Stamp) -> Option<Outcome> {
        let outcome = self.outcome.wait().clone()?;
        (self.stamp == *stamp).then_some(outcome)
    }
}
