//! The queue of tasks and the thread that handles them.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use piper_rs::CancelToken;

use super::task::{QueueItem, Task};
use piper_rs::threads;

/// Maximum number of waiting tasks.
pub(super) const MAX_WAITING: usize = 100;

/// Handles the tasks of a queue on its thread, one at a time.
pub(super) trait TaskHandler: Send + 'static {
    /// Handles one task. Stops within 100 ms of a cancel. Returns `Break` if no
    /// further task can be handled.
    fn handle(&mut self, id: u64, task: &Task, cancel: &CancelToken) -> ControlFlow<()>;

    /// Finishes what was kept open between tasks.
    fn finish(&mut self);
}

/// What [`TaskQueue::enqueue`] does if the queue is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenFull {
    /// Return an error: a user can type the line again later.
    Refuse,
    /// Wait for room: a script would lose its text.
    Wait,
}

/// Why a task was not added to the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum EnqueueError {
    #[error("the queue is full ({MAX_WAITING} texts); `:stop` empties it")]
    Full,
    #[error("the session takes no more texts")]
    Closed,
}

/// A task that was added to the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Queued {
    pub(super) id: u64,
    /// Number of tasks before it, including the current one.
    pub(super) ahead: usize,
}

/// What [`TaskQueue::stop`] stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped {
    /// The id of the current task.
    pub(super) current: Option<u64>,
    /// Number of waiting tasks that were dropped.
    pub(super) dropped: usize,
}

/// A handle to the queue. Clones share it.
#[derive(Clone)]
pub(super) struct TaskQueue(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    last_id: u64,
    current: Option<Current>,
    waiting: VecDeque<(u64, Task)>,
    phase: Phase,
}

struct Current {
    item: QueueItem,
    cancel: CancelToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// Refuses new tasks and handles the waiting ones.
    Closing,
    /// The thread has ended.
    Ended,
}

impl TaskQueue {
    /// Starts the thread.
    pub(super) fn start(handler: impl TaskHandler) -> piper_rs::Result<Self> {
        let queue = Self(Arc::new(Shared {
            state: Mutex::new(State {
                last_id: 0,
                current: None,
                waiting: VecDeque::new(),
                phase: Phase::Open,
            }),
            changed: Condvar::new(),
        }));
        let threads_queue = queue.clone();
        threads::spawn("speech", move || threads_queue.run(handler))?;
        Ok(queue)
    }

    /// Adds a task at the end of the queue.
    pub(super) fn enqueue(&self, task: Task, when_full: WhenFull) -> Result<Queued, EnqueueError> {
        let mut state = self.state();
        if when_full == WhenFull::Wait {
            state = self.wait_while(state, |state| {
                state.phase == Phase::Open && state.waiting.len() >= MAX_WAITING
            });
        }
        if state.phase != Phase::Open {
            return Err(EnqueueError::Closed);
        }
        if state.waiting.len() >= MAX_WAITING {
            return Err(EnqueueError::Full);
        }
        state.last_id += 1;
        let id = state.last_id;
        let ahead = state.waiting.len() + usize::from(state.current.is_some());
        state.waiting.push_back((id, task));
        drop(state);
        self.0.changed.notify_all();
        Ok(Queued { id, ahead })
    }

    /// Cancels the current task and drops the waiting ones.
    pub(super) fn stop(&self) -> Stopped {
        let mut state = self.state();
        let dropped = state.waiting.len();
        state.waiting.clear();
        let current = state.cancel_current();
        drop(state);
        self.0.changed.notify_all();
        Stopped { current, dropped }
    }

    /// Cancels the current task. If it is already cancelled, drops the next one.
    /// Returns the id of the skipped task.
    pub(super) fn skip(&self) -> Option<u64> {
        let mut state = self.state();
        let skipped = state.cancel_current();
        let skipped = skipped.or_else(|| state.waiting.pop_front().map(|(id, _)| id));
        drop(state);
        self.0.changed.notify_all();
        skipped
    }

    /// Returns the current task and the waiting ones.
    pub(super) fn list(&self) -> (Option<QueueItem>, Vec<QueueItem>) {
        let state = self.state();
        let current = state.current.as_ref().map(|current| current.item.clone());
        let waiting = state.waiting.iter();
        let waiting = waiting.map(|(id, task)| item(*id, task)).collect();
        (current, waiting)
    }

    /// Returns whether the queue accepts tasks.
    pub(super) fn is_open(&self) -> bool {
        self.state().phase == Phase::Open
    }

    /// Returns whether there is a current or a waiting task.
    pub(super) fn is_busy(&self) -> bool {
        self.state().is_busy()
    }

    /// Waits until the queue is empty.
    pub(super) fn wait(&self) {
        drop(self.wait_while(self.state(), State::is_busy));
    }

    /// Closes the queue, and waits until all waiting tasks are handled.
    pub(super) fn finish(&self) {
        let mut state = self.state();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing;
        }
        self.0.changed.notify_all();
        drop(self.wait_while(state, |state| state.phase != Phase::Ended));
    }

    fn run(&self, mut handler: impl TaskHandler) {
        // Even if the handler panics, `finish` must return.
        let _guard = EndedGuard(self);
        while let Some((id, task, cancel)) = self.next() {
            let flow = handler.handle(id, &task, &cancel);
            self.state().current = None;
            self.0.changed.notify_all();
            if flow.is_break() {
                break;
            }
        }
        handler.finish();
        // When `finish` returns, the program may exit. Voices must be unloaded
        // before that.
        drop(handler);
    }

    fn next(&self) -> Option<(u64, Task, CancelToken)> {
        let idle = |state: &State| state.phase == Phase::Open && state.waiting.is_empty();
        let mut state = self.wait_while(self.state(), idle);
        let (id, task) = state.waiting.pop_front()?;
        let cancel = CancelToken::new();
        state.current = Some(Current {
            item: item(id, &task),
            cancel: cancel.clone(),
        });
        drop(state);
        self.0.changed.notify_all(); // there is room
        Some((id, task, cancel))
    }

    fn wait_while<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        condition: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        self.0
            .changed
            .wait_while(state, |state| condition(state))
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // No code under the lock can panic between two changes.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_busy(&self) -> bool {
        self.phase != Phase::Ended && (self.current.is_some() || !self.waiting.is_empty())
    }

    /// Cancels the current task, if it is not cancelled yet. Returns its id.
    fn cancel_current(&self) -> Option<u64> {
        let current = self.current.as_ref()?;
        if current.cancel.is_cancelled() {
            return None;
        }
        current.cancel.cancel();
        Some(current.item.id)
    }
}

fn item(id: u64, task: &Task) -> QueueItem {
    QueueItem {
        id,
        what: task.label(),
    }
}

/// Marks the thread as ended when it is dropped.
struct EndedGuard<'a>(&'a TaskQueue);

impl Drop for EndedGuard<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.phase = Phase::Ended;
        state.current = None;
        state.waiting.clear();
        drop(state);
        self.0.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake_task_handler::{FakeQueue, Report};
    use super::*;
    use std::thread;

    fn enqueue(fake: &FakeQueue, name: &str) -> Result<Queued, EnqueueError> {
        let task = Task::Save(name.into(), piper_rs::encode::Encoding::default());
        fake.queue.enqueue(task, WhenFull::Refuse)
    }

    /// Adds a task and waits until it is the current one.
    fn start(fake: &FakeQueue, name: &str) -> u64 {
        let id = enqueue(fake, name).unwrap().id;
        fake.expect(started(id, name));
        id
    }

    fn started(id: u64, name: &str) -> Report {
        Report::Started(id, format!(":save {name}"))
    }

    #[test]
    fn tasks_are_handled_in_order_and_listed() {
        let fake = FakeQueue::start();
        let first = start(&fake, "a");
        let queued = ["b", "c"].map(|name| enqueue(&fake, name).unwrap());
        assert_eq!(queued.map(|q| (q.id, q.ahead)), [(2, 1), (3, 2)]);
        let (current, waiting) = fake.queue.list();
        assert_eq!((current.unwrap().id, waiting.len()), (first, 2));
        assert_eq!(waiting[1].what, ":save c");
        for (id, next) in [(1, Some("b")), (2, Some("c")), (3, None)] {
            fake.end_task();
            fake.expect(Report::Ended(id));
            if let Some(name) = next {
                fake.expect(started(id + 1, name));
            }
        }
        fake.queue.wait();
        assert!(!fake.queue.is_busy());
    }

    #[test]
    fn stop_cancels_the_current_task_and_drops_the_rest() {
        let fake = FakeQueue::start();
        let first = start(&fake, "a");
        enqueue(&fake, "b").unwrap();
        let stopped = fake.queue.stop();
        assert_eq!((stopped.current, stopped.dropped), (Some(first), 1));
        fake.expect(Report::Cancelled(first));
        fake.queue.wait();
        let stopped = fake.queue.stop();
        assert_eq!((stopped.current, stopped.dropped), (None, 0));
        assert_eq!(start(&fake, "c"), 3, "the queue goes on");
        fake.end_task();
        fake.expect(Report::Ended(3));
    }

    #[test]
    fn skip_starts_the_next_task() {
        let fake = FakeQueue::start();
        start(&fake, "a");
        enqueue(&fake, "b").unwrap();
        assert_eq!(fake.queue.skip(), Some(1));
        fake.expect(Report::Cancelled(1));
        fake.expect(started(2, "b"));
        assert_eq!(fake.queue.skip(), Some(2));
        fake.expect(Report::Cancelled(2));
        fake.queue.wait();
        assert_eq!(fake.queue.skip(), None);
    }

    #[test]
    fn a_full_queue_refuses_or_waits() {
        let fake = FakeQueue::start();
        start(&fake, "a");
        for _ in 0..MAX_WAITING {
            enqueue(&fake, "b").unwrap();
        }
        assert_eq!(enqueue(&fake, "c"), Err(EnqueueError::Full));
        let queue = fake.queue.clone();
        let waiting = thread::spawn(move || queue.enqueue(Task::Repeat, WhenFull::Wait));
        fake.end_task();
        let queued = waiting.join().unwrap().unwrap();
        assert_eq!(queued.id as usize, MAX_WAITING + 2);
        assert_eq!(fake.queue.list().1.len(), MAX_WAITING);
        fake.queue.stop();
    }

    #[test]
    fn finish_handles_the_waiting_tasks_and_refuses_new_ones() {
        let fake = FakeQueue::start();
        start(&fake, "a");
        enqueue(&fake, "b").unwrap();
        let queue = fake.queue.clone();
        let finishing = thread::spawn(move || queue.finish());
        for _ in 0..2 {
            fake.end_task();
        }
        finishing.join().unwrap();
        let expected = [
            Report::Ended(1),
            started(2, "b"),
            Report::Ended(2),
            Report::Finished,
        ];
        assert_eq!(fake.reports(), expected);
        assert_eq!(enqueue(&fake, "c"), Err(EnqueueError::Closed));
        fake.queue.finish();
    }

    #[test]
    fn a_handler_that_breaks_closes_the_queue() {
        let fake = FakeQueue::start();
        start(&fake, "broken");
        enqueue(&fake, "b").unwrap();
        fake.end_task();
        fake.queue.finish();
        assert_eq!(enqueue(&fake, "c"), Err(EnqueueError::Closed));
        assert!(!fake.queue.is_busy());
    }
}
