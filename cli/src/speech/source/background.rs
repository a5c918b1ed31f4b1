//! Reading on another thread, so that it never blocks Ctrl-C.

use std::ops::ControlFlow;
use std::sync::mpsc::{self, Receiver, SyncSender};

use piper_rs::text::Passage;
use piper_rs::{CancelToken, Result, threads};

/// How many items are read ahead of the one that is spoken.
const READ_AHEAD: usize = 2;

enum ReadEvent<T> {
    Item(Result<T>),
    End,
    Cancelled,
}

/// Items from another thread. The iterator ends when the run is cancelled.
pub(crate) struct Background<T> {
    events: Receiver<ReadEvent<T>>,
    wake: SyncSender<ReadEvent<T>>,
    cancel: CancelToken,
}

/// Passages from another thread.
pub(crate) type BackgroundPassages = Background<Passage>;

impl<T: Send + 'static> Background<T> {
    /// Calls `read` on another thread, with a function that takes its items until it
    /// breaks. After a cancellation, that thread is abandoned: nothing can interrupt
    /// the read of a pipe without data.
    pub(super) fn start(
        read: impl FnOnce(&dyn Fn(Result<T>) -> ControlFlow<()>) + Send + 'static,
        cancel: CancelToken,
    ) -> Self {
        let (sender, events) = mpsc::sync_channel(READ_AHEAD);
        let (wake, failed) = (sender.clone(), sender.clone());
        let started = threads::spawn("reader", move || {
            read(&|item| match sender.send(ReadEvent::Item(item)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_) => ControlFlow::Break(()),
            });
            _ = sender.send(ReadEvent::End);
        });
        if let Err(error) = started {
            // There is room for both.
            _ = failed.try_send(ReadEvent::Item(Err(error)));
            _ = failed.try_send(ReadEvent::End);
        }
        Self {
            events,
            wake,
            cancel,
        }
    }
}

impl<T: Send + 'static> Iterator for Background<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let wake = self.wake.clone();
        // With a full queue, `recv` does not block.
        let _guard = self
            .cancel
            .on_cancel(move || _ = wake.try_send(ReadEvent::Cancelled));
        match self.events.recv().ok()? {
            _ if self.cancel.is_cancelled() => None,
            ReadEvent::Item(item) => Some(item),
            ReadEvent::End | ReadEvent::Cancelled => None,
        }
    }
}
