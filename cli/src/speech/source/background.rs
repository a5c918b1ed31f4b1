//! Reading on another thread, so that it never blocks Ctrl-C.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use piper_rs::document::Block;
use piper_rs::text::Passage;
use piper_rs::{CancelToken, Result, threads};

/// How many items are read ahead of the one that is spoken.
const READ_AHEAD: usize = 2;

/// What becomes of items that are read faster than they are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenFull {
    /// Reading waits.
    Wait,
    /// The oldest are dropped, until so many are left. One is always kept.
    DropOldest { max_items: usize, max_bytes: usize },
}

impl WhenFull {
    /// Returns whether a passage may wait: a blank line must not take the place of words.
    pub(super) fn keeps(self, passage: &Result<Passage>) -> bool {
        let is_blank = |passage: &Passage| passage.text.trim().is_empty();
        self == Self::Wait || !passage.as_ref().is_ok_and(is_blank)
    }
}

/// What is read.
pub(crate) trait ReadItem: Send + 'static {
    /// How much memory it takes, about.
    fn bytes(&self) -> usize;
}

impl ReadItem for Passage {
    fn bytes(&self) -> usize {
        self.text.len()
    }
}

impl ReadItem for Block {
    fn bytes(&self) -> usize {
        self.text.len()
    }
}

/// Items from another thread. The iterator ends when the run is cancelled.
pub(crate) struct Background<T> {
    queue: Arc<Queue<T>>,
    cancel: CancelToken,
    note_dropped: Box<dyn Fn(u64) + Send>,
}

/// Passages from another thread.
pub(crate) type BackgroundPassages = Background<Passage>;

/// What was read and is not spoken yet.
struct Queue<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Condvar,
}

struct Waiting<T> {
    items: VecDeque<Result<T>>,
    /// How many items were dropped since the last one was taken.
    dropped: u64,
    /// Whether no more will come.
    has_ended: bool,
    /// Whether nobody takes more.
    is_abandoned: bool,
}

/// Ends the queue, even if the reader panics.
struct EndOnDrop<T>(Arc<Queue<T>>);

impl<T> Queue<T> {
    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Waiting<T>)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    /// Waits while a condition holds.
    fn wait_while(
        &self,
        mut condition: impl FnMut(&Waiting<T>) -> bool,
    ) -> MutexGuard<'_, Waiting<T>> {
        let waiting = self.lock();
        self.changed
            .wait_while(waiting, |waiting| condition(waiting))
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: ReadItem> Queue<T> {
    fn push(&self, item: Result<T>, when_full: WhenFull) -> ControlFlow<()> {
        let mut waiting = self.wait_while(|waiting| {
            let is_full = when_full == WhenFull::Wait && waiting.items.len() >= READ_AHEAD;
            is_full && !waiting.is_abandoned
        });
        if waiting.is_abandoned {
            return ControlFlow::Break(());
        }
        waiting.items.push_back(item);
        if let WhenFull::DropOldest {
            max_items,
            max_bytes,
        } = when_full
        {
            waiting.drop_oldest(max_items, max_bytes);
        }
        drop(waiting);
        self.changed.notify_all();
        ControlFlow::Continue(())
    }
}

impl<T: ReadItem> Waiting<T> {
    fn drop_oldest(&mut self, max_items: usize, max_bytes: usize) {
        let bytes = |item: &Result<T>| item.as_ref().map_or(0, T::bytes);
        let mut sum: usize = self.items.iter().map(bytes).sum();
        while self.items.len() > 1 && (self.items.len() > max_items || sum > max_bytes) {
            sum -= self.items.pop_front().as_ref().map_or(0, bytes);
            self.dropped += 1;
        }
    }
}

impl<T> Drop for EndOnDrop<T> {
    fn drop(&mut self) {
        self.0.change(|waiting| waiting.has_ended = true);
    }
}

impl<T: ReadItem> Background<T> {
    /// Calls `read` on another thread, with a function that takes its items until it
    /// breaks. After a cancellation, that thread is abandoned: nothing can interrupt
    /// the read of a pipe without data.
    pub(super) fn start(
        read: impl FnOnce(&dyn Fn(Result<T>) -> ControlFlow<()>) + Send + 'static,
        when_full: WhenFull,
        cancel: CancelToken,
    ) -> Self {
        let queue = Arc::new(Queue {
            waiting: Mutex::new(Waiting {
                items: VecDeque::new(),
                dropped: 0,
                has_ended: false,
                is_abandoned: false,
            }),
            changed: Condvar::new(),
        });
        let end = EndOnDrop(Arc::clone(&queue));
        let started = threads::spawn("reader", move || {
            read(&|item| end.0.push(item, when_full));
        });
        if let Err(error) = started {
            queue.change(|waiting| waiting.items.push_back(Err(error)));
        }
        Self {
            queue,
            cancel,
            note_dropped: Box::new(|_| {}),
        }
    }

    /// Calls `note` with the number of items that were dropped, before the next one.
    pub(super) fn noting_dropped(mut self, note: impl Fn(u64) + Send + 'static) -> Self {
        self.note_dropped = Box::new(note);
        self
    }
}

impl<T: ReadItem> Iterator for Background<T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let queue = Arc::clone(&self.queue);
        let _guard = self
            .cancel
            .on_cancel(move || queue.change(|waiting| waiting.is_abandoned = true));
        let mut waiting = self.queue.wait_while(|waiting| {
            waiting.items.is_empty() && !waiting.has_ended && !waiting.is_abandoned
        });
        if waiting.is_abandoned {
            return None;
        }
        let item = waiting.items.pop_front();
        let dropped = std::mem::take(&mut waiting.dropped);
        drop(waiting);
        self.queue.changed.notify_all();
        if dropped > 0 {
            (self.note_dropped)(dropped);
        }
        item
    }
}

impl<T> Drop for Background<T> {
    fn drop(&mut self) {
        self.queue.change(|waiting| waiting.is_abandoned = true);
    }
}
