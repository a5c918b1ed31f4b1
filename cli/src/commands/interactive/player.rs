//! The speaking thread and its queue.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use piper_rs::CancelToken;

use super::task::{Item, Task};

/// The most tasks that may wait.
pub(super) const MAX_WAITING: usize = 100;

/// Does tasks, one at a time.
pub(super) trait Perform: Send + 'static {
    /// Does one task, and stops within 100 ms of a cancel. `Break` where no
    /// further task makes sense.
    fn perform(&mut self, id: u64, task: &Task, cancel: &CancelToken) -> ControlFlow<()>;

    /// Ends what lasts from task to task.
    fn finish(&mut self);
}

/// What to do about a full queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WhenFull {
    /// Refuse: somebody sits there who can wait.
    Refuse,
    /// Wait for room: a script would lose its text.
    Wait,
}

/// Why a task was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotTaken {
    #[error("{MAX_WAITING} texts are waiting, and more do not fit; `:stop` drops them")]
    Full,
    #[error("nothing more can be said")]
    Closed,
}

/// A task that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) id: u64,
    /// How many come before it, the one being done included.
    pub(super) ahead: usize,
}

/// What a stop put an end to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped {
    /// The task being done.
    pub(super) current: Option<u64>,
    /// How many were waiting.
    pub(super) dropped: usize,
}

/// The queue's end of the speaking thread. Clones are the same.
#[derive(Clone)]
pub(super) struct Player(Arc<Shared>);

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
    item: Item,
    cancel: CancelToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// Nothing is taken any more; what waits is done.
    Closing,
    /// The thread is done.
    Ended,
}

impl Player {
    /// Starts the thread.
    pub(super) fn start(performer: impl Perform) -> std::io::Result<Self> {
        let player = Self(Arc::new(Shared {
            state: Mutex::new(State {
                last_id: 0,
                current: None,
                waiting: VecDeque::new(),
                phase: Phase::Open,
            }),
            changed: Condvar::new(),
        }));
        let own = player.clone();
        thread::Builder::new()
            .name("piper-rs speech".to_owned())
            .spawn(move || own.work(performer))?;
        Ok(player)
    }

    /// Puts a task at the end of the queue.
    pub(super) fn enqueue(&self, task: Task, when_full: WhenFull) -> Result<Ticket, NotTaken> {
        let mut state = self.state();
        if when_full == WhenFull::Wait {
            state = self.wait_while(state, |state| {
                state.phase == Phase::Open && state.waiting.len() >= MAX_WAITING
            });
        }
        if state.phase != Phase::Open {
            return Err(NotTaken::Closed);
        }
        if state.waiting.len() >= MAX_WAITING {
            return Err(NotTaken::Full);
        }
        state.last_id += 1;
        let id = state.last_id;
        let ahead = state.waiting.len() + usize::from(state.current.is_some());
        state.waiting.push_back((id, task));
        drop(state);
        self.0.changed.notify_all();
        Ok(Ticket { id, ahead })
    }

    /// Stops what is being done and forgets what waits.
    pub(super) fn stop(&self) -> Stopped {
        let mut state = self.state();
        let dropped = state.waiting.len();
        state.waiting.clear();
        let current = state.cancel_current();
        drop(state);
        self.0.changed.notify_all();
        Stopped { current, dropped }
    }

    /// Stops what is being done; if that is stopping already, drops what
    /// comes next. Returns what was skipped.
    pub(super) fn skip(&self) -> Option<u64> {
        let mut state = self.state();
        let skipped = state.cancel_current();
        let skipped = skipped.or_else(|| state.waiting.pop_front().map(|(id, _)| id));
        drop(state);
        self.0.changed.notify_all();
        skipped
    }

    /// Returns what is being done, and what waits.
    pub(super) fn list(&self) -> (Option<Item>, Vec<Item>) {
        let state = self.state();
        let current = state.current.as_ref().map(|current| current.item.clone());
        let waiting = state.waiting.iter();
        let waiting = waiting.map(|(id, task)| item(*id, task)).collect();
        (current, waiting)
    }

    /// Returns whether tasks are taken.
    pub(super) fn is_open(&self) -> bool {
        self.state().phase == Phase::Open
    }

    /// Returns whether there is something to do.
    pub(super) fn is_busy(&self) -> bool {
        self.state().is_busy()
    }

    /// Waits until there is nothing to do.
    pub(super) fn wait(&self) {
        drop(self.wait_while(self.state(), State::is_busy));
    }

    /// Takes nothing more, and waits until all that waits is done.
    pub(super) fn finish(&self) {
        let mut state = self.state();
        if state.phase == Phase::Open {
            state.phase = Phase::Closing;
        }
        self.0.changed.notify_all();
        drop(self.wait_while(state, |state| state.phase != Phase::Ended));
    }

    fn work(&self, mut performer: impl Perform) {
        // However the thread ends, nobody waits for it for ever.
        let _ended = Ended(self);
        while let Some((id, task, cancel)) = self.next() {
            let flow = performer.perform(id, &task, &cancel);
            self.state().current = None;
            self.0.changed.notify_all();
            if flow.is_break() {
                break;
            }
        }
        performer.finish();
        // Whoever waits for the end may end the program: no voice is to be
        // let go of while it does.
        drop(performer);
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
        // Nothing under the lock panics half-way through a change.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_busy(&self) -> bool {
        self.phase != Phase::Ended && (self.current.is_some() || !self.waiting.is_empty())
    }

    /// Cancels the current task, if it is not cancelled yet.
    fn cancel_current(&self) -> Option<u64> {
        let current = self.current.as_ref()?;
        if current.cancel.is_cancelled() {
            return None;
        }
        current.cancel.cancel();
        Some(current.item.id)
    }
}

fn item(id: u64, task: &Task) -> Item {
    Item {
        id,
        what: task.label(),
    }
}

/// Says, when it is dropped, that the thread is done.
struct Ended<'a>(&'a Player);

impl Drop for Ended<'_> {
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
    use super::*;
    use std::sync::mpsc::{self, Receiver, Sender};

    #[derive(Debug, PartialEq, Eq)]
    enum Did {
        Begun(u64, String),
        Ended(u64),
        Cancelled(u64),
        Finished,
    }

    /// Does each task until it is told to go on, or cancelled.
    struct Fake {
        did: Sender<Did>,
        wake: Sender<bool>,
        woken: Receiver<bool>,
    }

    impl Perform for Fake {
        fn perform(&mut self, id: u64, task: &Task, cancel: &CancelToken) -> ControlFlow<()> {
            self.did.send(Did::Begun(id, task.label())).unwrap();
            let wake = self.wake.clone();
            let _guard = cancel.on_cancel(move || wake.send(false).unwrap());
            if self.woken.recv().unwrap() {
                self.did.send(Did::Ended(id)).unwrap();
            } else {
                self.did.send(Did::Cancelled(id)).unwrap();
            }
            match task.label().as_str() {
                ":save broken" => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }

        fn finish(&mut self) {
            self.did.send(Did::Finished).unwrap();
        }
    }

    struct Stage {
        player: Player,
        did: Receiver<Did>,
        go_on: Sender<bool>,
    }

    impl Stage {
        fn new() -> Self {
            let (did, seen) = mpsc::channel();
            let (wake, woken) = mpsc::channel();
            let go_on = wake.clone();
            let player = Player::start(Fake { did, wake, woken }).unwrap();
            Self {
                player,
                did: seen,
                go_on,
            }
        }

        fn enqueue(&self, name: &str) -> Result<Ticket, NotTaken> {
            self.player
                .enqueue(Task::Save(name.into()), WhenFull::Refuse)
        }

        /// Enqueues a task and waits until it has begun.
        fn begin(&self, name: &str) -> u64 {
            let id = self.enqueue(name).unwrap().id;
            self.expect(Did::Begun(id, format!(":save {name}")));
            id
        }

        fn expect(&self, did: Did) {
            assert_eq!(self.did.recv().unwrap(), did);
        }

        fn waiting(&self) -> Vec<u64> {
            self.player.list().1.iter().map(|item| item.id).collect()
        }
    }

    #[test]
    fn tasks_are_done_in_order_and_the_queue_is_listed() {
        let stage = Stage::new();
        let first = stage.begin("a");
        let tickets = ["b", "c"].map(|name| stage.enqueue(name).unwrap());
        assert_eq!(tickets.map(|t| (t.id, t.ahead)), [(2, 1), (3, 2)]);
        let (current, waiting) = stage.player.list();
        assert_eq!((current.unwrap().id, waiting.len()), (first, 2));
        assert_eq!(waiting[1].what, ":save c");
        for id in 1..=3 {
            stage.go_on.send(true).unwrap();
            stage.expect(Did::Ended(id));
            if id < 3 {
                let name = if id == 1 { "b" } else { "c" };
                stage.expect(Did::Begun(id + 1, format!(":save {name}")));
            }
        }
        stage.player.wait();
        assert!(!stage.player.is_busy());
    }

    #[test]
    fn stop_ends_the_current_task_and_forgets_the_rest() {
        let stage = Stage::new();
        let first = stage.begin("a");
        stage.enqueue("b").unwrap();
        let stopped = stage.player.stop();
        assert_eq!((stopped.current, stopped.dropped), (Some(first), 1));
        stage.expect(Did::Cancelled(first));
        stage.player.wait();
        let stopped = stage.player.stop();
        assert_eq!((stopped.current, stopped.dropped), (None, 0));
        assert_eq!(stage.begin("c"), 3, "and the next is spoken");
        stage.go_on.send(true).unwrap();
        stage.expect(Did::Ended(3));
    }

    #[test]
    fn skip_goes_on_with_the_next() {
        let stage = Stage::new();
        stage.begin("a");
        stage.enqueue("b").unwrap();
        assert_eq!(stage.player.skip(), Some(1));
        stage.expect(Did::Cancelled(1));
        stage.expect(Did::Begun(2, ":save b".into()));
        assert_eq!(stage.player.skip(), Some(2));
        stage.expect(Did::Cancelled(2));
        stage.player.wait();
        assert_eq!(stage.player.skip(), None);
    }

    #[test]
    fn a_full_queue_refuses_or_waits() {
        let stage = Stage::new();
        stage.begin("a");
        for _ in 0..MAX_WAITING {
            stage.enqueue("b").unwrap();
        }
        assert_eq!(stage.enqueue("c"), Err(NotTaken::Full));
        let player = stage.player.clone();
        let patient = thread::spawn(move || player.enqueue(Task::Repeat, WhenFull::Wait));
        stage.go_on.send(true).unwrap();
        let ticket = patient.join().unwrap().unwrap();
        assert_eq!(ticket.id as usize, MAX_WAITING + 2);
        assert_eq!(stage.waiting().len(), MAX_WAITING);
        stage.player.stop();
    }

    #[test]
    fn finishing_does_what_waits_and_takes_nothing_more() {
        let stage = Stage::new();
        stage.begin("a");
        stage.enqueue("b").unwrap();
        let player = stage.player.clone();
        let finishing = thread::spawn(move || player.finish());
        for _ in 0..2 {
            stage.go_on.send(true).unwrap();
        }
        finishing.join().unwrap();
        let did: Vec<_> = stage.did.try_iter().collect();
        let expected = [
            Did::Ended(1),
            Did::Begun(2, ":save b".into()),
            Did::Ended(2),
        ];
        assert_eq!(did[..3], expected);
        assert_eq!(did[3..], [Did::Finished]);
        assert_eq!(stage.enqueue("c"), Err(NotTaken::Closed));
        stage.player.finish();
    }

    #[test]
    fn a_performer_that_gives_up_closes_the_queue() {
        let stage = Stage::new();
        stage.begin("broken");
        stage.enqueue("b").unwrap();
        stage.go_on.send(true).unwrap();
        stage.player.finish();
        assert_eq!(stage.enqueue("c"), Err(NotTaken::Closed));
        assert!(!stage.player.is_busy());
    }
}
