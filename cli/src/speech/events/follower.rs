//! A thread that follows the sound of a device, and says what is heard.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use piper_rs::cancel::CancelGuard;
use piper_rs::{CancelToken, PlaybackPosition, Result, threads};

use super::Schedule;

/// A clock that stands still is looked at this often: a device waits for samples.
const MIN_WAIT: Duration = Duration::from_millis(5);
/// How long the end of a cancelled run waits for an event that is being written.
const MAX_LAST_WAIT: Duration = Duration::from_millis(50);

/// How far the sound is.
pub(crate) trait Clock: Send + 'static {
    /// Returns how many samples were heard.
    fn samples(&self) -> u64;

    /// Returns the time until a sample is heard, at the earliest.
    fn time_until(&self, sample: u64) -> Duration;
}

impl Clock for PlaybackPosition {
    fn samples(&self) -> u64 {
        self.samples()
    }

    fn time_until(&self, sample: u64) -> Duration {
        self.time_until(sample)
    }
}

/// How the sound ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SoundEnd {
    /// All of it was heard.
    Heard,
    /// It was stopped, and what was not heard until then never is.
    Stopped,
}

/// Emits events when they are heard, on a thread of its own.
pub(crate) struct Follower<E> {
    shared: Arc<Shared<E>>,
    _stop_on_cancel: CancelGuard,
}

struct Shared<E> {
    state: Mutex<State<E>>,
    changed: Condvar,
}

struct State<E> {
    schedule: Schedule<E>,
    end: Option<SoundEnd>,
    /// Whether the thread has ended.
    is_done: bool,
    /// Why the last event was not emitted. No others are then.
    failure: Option<piper_rs::Error>,
}

impl<E: Send + 'static> Follower<E> {
    /// Follows `clock`. After a cancel, or an error of `emit`, nothing is emitted.
    pub(crate) fn start(
        clock: impl Clock,
        cancel: &CancelToken,
        emit: impl FnMut(E) -> Result<()> + Send + 'static,
    ) -> Result<Self> {
        let shared = Arc::new(Shared {
            state: Mutex::new(State {
                schedule: Schedule::default(),
                end: None,
                is_done: false,
                failure: None,
            }),
            changed: Condvar::new(),
        });
        let follows = Arc::clone(&shared);
        threads::spawn("events", move || follows.run(&clock, emit))?;
        let stops = Arc::clone(&shared);
        Ok(Self {
            shared,
            _stop_on_cancel: cancel.on_cancel(move || stops.end(SoundEnd::Stopped)),
        })
    }

    /// Adds an event that is heard with `sample`.
    pub(crate) fn push(&self, sample: u64, event: E) {
        self.shared.state().schedule.push(sample, event);
        self.shared.changed.notify_all();
    }

    /// Returns the error that an event could not be emitted for, once.
    pub(crate) fn check(&self) -> Result<()> {
        self.shared.state().failure.take().map_or(Ok(()), Err)
    }

    /// Waits until everything that was heard is emitted.
    pub(crate) fn finish(self, end: SoundEnd) -> Result<()> {
        self.shared.end(end);
        self.shared.wait_until_done();
        self.check()
    }
}

impl<E> Drop for Follower<E> {
    fn drop(&mut self) {
        self.shared.end(SoundEnd::Stopped);
    }
}

impl<E> Shared<E> {
    fn state(&self) -> MutexGuard<'_, State<E>> {
        // The lock is not held while events are emitted.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, end: SoundEnd) {
        let mut state = self.state();
        // A cancel also ends the wait for the reader of the last events.
        if state.end != Some(SoundEnd::Stopped) {
            state.end = Some(end);
        }
        drop(state);
        self.changed.notify_all();
    }

    fn run(&self, clock: &impl Clock, mut emit: impl FnMut(E) -> Result<()>) {
        while let Some(event) = self.next(clock) {
            if let Err(failure) = emit(event) {
                self.state().failure = Some(failure);
                break;
            }
        }
        self.state().is_done = true;
        self.changed.notify_all();
    }

    /// Waits for the next event; `None` after the last one.
    fn next(&self, clock: &impl Clock) -> Option<E> {
        let mut state = self.state();
        loop {
            let heard = match state.end {
                Some(SoundEnd::Heard) => u64::MAX,
                _ => clock.samples(),
            };
            let due = state.schedule.take_due(heard);
            if due.is_some() || state.end.is_some() {
                return due;
            }
            let changed = &self.changed;
            state = match state.schedule.next_sample() {
                None => changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(sample) => {
                    let wait = clock.time_until(sample).max(MIN_WAIT);
                    let waited = changed.wait_timeout(state, wait);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }

    fn wait_until_done(&self) {
        let mut state = self.state();
        while !state.is_done {
            state = match state.end {
                // Nobody may be reading.
                Some(SoundEnd::Stopped) => {
                    let is_running = |state: &mut State<E>| !state.is_done;
                    let waited =
                        (self.changed).wait_timeout_while(state, MAX_LAST_WAIT, is_running);
                    drop(waited);
                    return;
                }
                _ => self
                    .changed
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::mpsc::{Receiver, channel};
    use std::time::Instant;

    /// A clock that the test sets. It wakes nobody, as a device does not.
    #[derive(Clone, Default)]
    struct SetClock(Arc<AtomicU64>);

    impl Clock for SetClock {
        fn samples(&self) -> u64 {
            self.0.load(Ordering::SeqCst)
        }

        fn time_until(&self, _: u64) -> Duration {
            Duration::ZERO
        }
    }

    /// A clock of a sample per millisecond.
    struct RealClock(Instant);

    impl Clock for RealClock {
        fn samples(&self) -> u64 {
            self.0.elapsed().as_millis() as u64
        }

        fn time_until(&self, sample: u64) -> Duration {
            Duration::from_millis(sample + 1).saturating_sub(self.0.elapsed())
        }
    }

    fn follow(
        clock: impl Clock,
        cancel: &CancelToken,
    ) -> (Follower<u32>, Receiver<(u32, Instant)>) {
        let (emitted, events) = channel();
        let emit = move |event| {
            emitted.send((event, Instant::now())).unwrap();
            Ok(())
        };
        (Follower::start(clock, cancel, emit).unwrap(), events)
    }

    fn rest(events: &Receiver<(u32, Instant)>) -> Vec<u32> {
        events.iter().map(|(event, _)| event).collect()
    }

    #[test]
    fn events_are_emitted_in_order_when_the_clock_passes_them() {
        let clock = SetClock::default();
        let (follower, events) = follow(clock.clone(), &CancelToken::new());
        for event in 0..4 {
            follower.push(100 * u64::from(event), event);
        }
        clock.0.store(101, Ordering::SeqCst);
        assert_eq!([0; 2].map(|_| events.recv().unwrap().0), [0, 1]);
        clock.0.store(200, Ordering::SeqCst);
        assert!(
            events.try_recv().is_err(),
            "200 samples end before the next"
        );
        clock.0.store(201, Ordering::SeqCst);
        assert_eq!(events.recv().unwrap().0, 2);
        follower.finish(SoundEnd::Heard).unwrap();
        assert_eq!(rest(&events), [3], "all was heard");
    }

    #[test]
    fn events_that_were_not_heard_are_not_emitted() {
        for is_cancelled in [false, true] {
            let (clock, cancel) = (SetClock::default(), CancelToken::new());
            let (follower, events) = follow(clock.clone(), &cancel);
            clock.0.store(15, Ordering::SeqCst);
            follower.push(10, 1);
            assert_eq!(events.recv().unwrap().0, 1);
            follower.push(20, 2);
            match is_cancelled {
                true => cancel.cancel(),
                false => follower.shared.end(SoundEnd::Stopped),
            }
            // All was heard, says somebody who does not know of the cancel.
            follower.finish(SoundEnd::Heard).unwrap();
            assert!(rest(&events).is_empty());
        }
    }

    #[test]
    fn an_event_is_emitted_at_its_time_and_not_before() {
        let started = Instant::now();
        let (follower, events) = follow(RealClock(started), &CancelToken::new());
        for event in (10..200).step_by(19) {
            follower.push(u64::from(event), event);
        }
        for (event, at) in events.iter().take(10) {
            assert!(
                at - started > Duration::from_millis(event.into()),
                "{event}"
            );
        }
        follower.finish(SoundEnd::Stopped).unwrap();
    }

    #[test]
    fn an_error_stops_the_events_and_is_returned_once() {
        let clock = SetClock::default();
        clock.0.store(9, Ordering::SeqCst);
        let (called, calls) = channel();
        let emit = move |event: u32| {
            called.send(event).unwrap();
            Err(piper_rs::Error::Cancelled)
        };
        let follower = Follower::start(clock, &CancelToken::new(), emit).unwrap();
        (1..4).for_each(|event| follower.push(1, event));
        assert_eq!(calls.iter().collect::<Vec<_>>(), [1]);
        assert!(follower.check().is_err());
        follower.finish(SoundEnd::Heard).unwrap();
    }

    #[test]
    fn a_reader_that_does_not_read_does_not_hold_up_a_cancel() {
        let clock = SetClock::default();
        clock.0.store(9, Ordering::SeqCst);
        let cancel = CancelToken::new();
        let (begun, begins) = channel();
        let (release, released) = channel::<()>();
        let emit = move |event: u32| {
            begun.send(event).unwrap();
            _ = released.recv();
            Ok(())
        };
        let follower = Follower::start(clock, &cancel, emit).unwrap();
        follower.push(1, 1);
        begins.recv().unwrap();
        cancel.cancel();
        follower.finish(SoundEnd::Heard).unwrap();
        drop(release);
    }
}
