//! Buffers that are kept for the next run.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The buffers of runs that are complete: each thread takes one of them.
#[derive(Debug, Default)]
pub(crate) struct Workspaces<W>(Mutex<Vec<W>>);

impl<W: Default> Workspaces<W> {
    pub(crate) fn with<R>(&self, run: impl FnOnce(&mut W) -> R) -> R {
        let mut workspace = self.take();
        let result = run(&mut workspace);
        self.put(workspace);
        result
    }

    /// Takes buffers, with any values.
    pub(crate) fn take(&self) -> W {
        self.kept().pop().unwrap_or_default()
    }

    /// Keeps buffers for the next run.
    pub(crate) fn put(&self, workspace: W) {
        self.kept().push(workspace);
    }

    fn kept(&self) -> MutexGuard<'_, Vec<W>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
