//! The flow of a whole sentence, on a thread of its own.

use std::panic::resume_unwind;
use std::thread::JoinHandle;

use super::frame_tensor::FrameTensor;
use crate::cancel::{CancelGuard, CancelOnDrop};
use crate::{CancelToken, Result, threads};

/// A flow that is being computed. Dropping it stops the thread, soon.
pub(super) struct WholeFlow {
    thread: JoinHandle<Result<FrameTensor>>,
    _cancel: CancelOnDrop,
    /// Its own token is cancelled with that of the session.
    _linked: CancelGuard,
}

impl WholeFlow {
    /// Starts a thread. Fails if the system refuses it.
    pub(super) fn spawn(
        cancel: &CancelToken,
        run: impl FnOnce(&CancelToken) -> Result<FrameTensor> + Send + 'static,
    ) -> Result<Self> {
        let own = CancelToken::new();
        let (linked, of_thread) = (own.clone(), own.clone());
        Ok(Self {
            _linked: cancel.on_cancel(move || linked.cancel()),
            thread: threads::spawn("flow", move || run(&of_thread))?,
            _cancel: CancelOnDrop::new(own),
        })
    }

    /// Waits for the latent of all frames.
    pub(super) fn latent(self) -> Result<FrameTensor> {
        let latent = self.thread.join();
        latent.unwrap_or_else(|panic| resume_unwind(panic))
    }
}
