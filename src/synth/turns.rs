//! Sharing the processor between sessions: who may compute next.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::{CancelToken, Error, Result};

/// Lets only some jobs of all sessions run at a time. A job is a step of a sentence or
/// a window of it: a session that waits for its listener takes part in nothing.
///
/// The session whose listener runs out of sound first is the first to go on. So a new
/// session, which has made no sound yet, waits for little more than one job, and none
/// waits for ever. Clones are the same turns.
#[derive(Debug, Clone)]
pub struct Turns(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    at_once: usize,
    n_free: usize,
    next_ticket: u64,
    /// Sorted: the first is next.
    waiting: VecDeque<Waiting>,
}

/// A session in the queue.
#[derive(Debug)]
struct Waiting {
    /// Of those that are due at the same time, the older ticket is first.
    due: Instant,
    ticket: u64,
    /// Notified when it may be this session's turn, and when one is cancelled.
    changed: Arc<Condvar>,
}

/// The place of one session among others.
#[derive(Debug, Clone)]
pub struct Place {
    turns: Turns,
    started: Instant,
    /// How long the sound lasts that the listener has, in nanoseconds.
    sound_ns: Arc<AtomicU64>,
}

/// A turn; dropping it ends it.
#[derive(Debug)]
pub struct Turn(Turns);

impl Turns {
    /// Lets `at_once` jobs run at a time, at least one.
    pub fn new(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            at_once: at_once.max(1),
            n_free: at_once.max(1),
            next_ticket: 0,
            waiting: VecDeque::new(),
        })))
    }

    /// Returns the place of a session that starts now.
    pub fn place(&self) -> Place {
        Place {
            turns: self.clone(),
            started: Instant::now(),
            sound_ns: Arc::default(),
        }
    }

    /// Returns the place of a session whose listener has this much sound already.
    pub fn place_after(&self, sound: Duration) -> Place {
        let place = self.place();
        place.add_sound(sound);
        place
    }

    /// Lets those that wait look whether they are cancelled.
    pub(super) fn wake(&self) {
        let state = self.state();
        state.waiting.iter().for_each(Waiting::wake);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Notes that the listener has got more sound.
    pub(super) fn add_sound(&self, length: Duration) {
        let ns = u64::try_from(length.as_nanos()).unwrap_or(u64::MAX);
        self.sound_ns.fetch_add(ns, Ordering::Relaxed);
    }

    /// Waits for a turn. Fails with [`Error::Cancelled`] when `cancel` is cancelled.
    pub fn turn(&self, cancel: &CancelToken) -> Result<Turn> {
        let turns = self.turns.clone();
        let _guard = cancel.on_cancel(move || turns.wake());
        self.turn_unless(|| cancel.is_cancelled())
    }

    /// Waits for a turn until [`wake`](Self::wake) finds it cancelled.
    pub(super) fn turn_unless(&self, is_cancelled: impl Fn() -> bool) -> Result<Turn> {
        let mut state = self.turns.state();
        let (mine, changed) = self.join(&mut state);
        loop {
            if is_cancelled() {
                state.waiting.retain(|waiting| waiting.ticket != mine);
                // This may have been the next.
                state.wake_next();
                return Err(Error::Cancelled);
            }
            let next = state.waiting.front();
            if next.is_some_and(|next| next.ticket == mine) && state.n_free > 0 {
                state.n_free -= 1;
                state.waiting.pop_front();
                state.wake_next();
                return Ok(Turn(self.turns.clone()));
            }
            let woken = changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn wake(&self) {
        self.turns.wake();
    }

    /// Whether no other session computes or waits, as far as one turn can tell: a job may
    /// then use more than one processor.
    pub(super) fn is_alone(&self) -> bool {
        let state = self.turns.state();
        state.waiting.is_empty() && state.n_free == state.at_once
    }

    /// Enters the queue. Returns the ticket, and what is notified.
    fn join(&self, state: &mut State) -> (u64, Arc<Condvar>) {
        let sound = Duration::from_nanos(self.sound_ns.load(Ordering::Relaxed));
        let (due, ticket) = (self.started + sound, state.next_ticket);
        let changed = Arc::new(Condvar::new());
        let waiting = Waiting {
            due,
            ticket,
            changed: Arc::clone(&changed),
        };
        state.next_ticket += 1;
        let before = |other: &Waiting| (other.due, other.ticket) < (due, ticket);
        let at = state.waiting.partition_point(before);
        state.waiting.insert(at, waiting);
        (ticket, changed)
    }
}

impl State {
    /// Wakes the next session alone, if it can go on: with many in the queue, waking all
    /// of them at the end of each job would cost more than some jobs.
    fn wake_next(&self) {
        if self.n_free > 0 {
            self.waiting.front().iter().for_each(|next| next.wake());
        }
    }
}

impl Waiting {
    fn wake(&self) {
        // One thread waits for it.
        self.changed.notify_one();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.n_free += 1;
        state.wake_next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// Waits until this many are in the queue.
    fn until_waiting(turns: &Turns, count: usize) {
        while turns.state().waiting.len() < count {
            std::thread::yield_now();
        }
    }

    #[test]
    fn who_runs_out_of_sound_first_goes_first() {
        let turns = Turns::new(1);
        let places: Vec<_> = (0..4).map(|_| turns.place()).collect();
        for (place, seconds) in places.iter().zip([3, 1, 2, 0]) {
            place.add_sound(Duration::from_secs(seconds));
        }
        let first = places[0].turn(&CancelToken::new()).unwrap();
        let (order, in_order) = mpsc::channel();
        std::thread::scope(|scope| {
            for (n, place) in places.iter().enumerate() {
                let order = order.clone();
                scope.spawn(move || {
                    let _turn = place.turn(&CancelToken::new()).unwrap();
                    order.send(n).unwrap();
                });
            }
            until_waiting(&turns, 4);
            drop(first);
        });
        assert_eq!(in_order.try_iter().collect::<Vec<_>>(), [3, 1, 2, 0]);
    }

    #[test]
    fn equals_go_in_the_order_of_their_requests() {
        let turns = Turns::new(1);
        let place = turns.place();
        let first = place.turn(&CancelToken::new()).unwrap();
        let (order, in_order) = mpsc::channel();
        std::thread::scope(|scope| {
            for n in 0..3 {
                let (place, order) = (&place, order.clone());
                scope.spawn(move || {
                    let _turn = place.turn(&CancelToken::new()).unwrap();
                    order.send(n).unwrap();
                });
                until_waiting(&turns, n + 1);
            }
            drop(first);
        });
        assert_eq!(in_order.try_iter().collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn who_is_cancelled_leaves_the_queue_and_the_next_goes_on() {
        let turns = Turns::new(1);
        let held = turns.place().turn(&CancelToken::new()).unwrap();
        let (cancel, place) = (CancelToken::new(), turns.place());
        std::thread::scope(|scope| {
            let cancelled = scope.spawn(|| place.turn(&cancel).map(drop));
            until_waiting(&turns, 1);
            let after = scope.spawn(|| turns.place().turn(&CancelToken::new()).map(drop));
            until_waiting(&turns, 2);
            cancel.cancel();
            assert!(matches!(cancelled.join().unwrap(), Err(Error::Cancelled)));
            drop(held);
            after.join().unwrap().unwrap();
        });
        assert_eq!(turns.state().n_free, 1);
        assert!(turns.state().waiting.is_empty());
    }

    #[test]
    fn as_many_as_allowed_run_at_once() {
        let turns = Turns::new(2);
        let place = turns.place();
        let one = place.turn(&CancelToken::new()).unwrap();
        let two = place.turn(&CancelToken::new()).unwrap();
        assert_eq!(turns.state().n_free, 0);
        drop((one, two));
        assert_eq!(turns.state().n_free, 2);
    }
}
