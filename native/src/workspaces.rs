//! Buffers that are kept for the next run.

use std::sync::{Mutex, PoisonError};

/// The buffers of runs that are complete: each thread takes one of them.
#[derive(Debug, Default)]
pub(crate) struct Workspaces<W>(Mutex<Vec<W>>);

impl<W: Default> Workspaces<W> {
    pub(crate) fn with<R>(&self, run: impl FnOnce(&mut W) -> R) -> R {
        let take = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut workspace = take().pop().unwrap_or_default();
        let result = run(&mut workspace);
        take().push(workspace);
        result
    }
}
