//! The only place that starts threads, for the library and the program. The system
//! may refuse one: a limit on processes is common in containers.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use crate::{Error, Result};

/// Starts a thread. Its `name` is for debuggers.
///
/// # Errors
/// [`Error::Thread`] if the system refuses it.
pub fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>> {
    builder(name).spawn(run).map_err(refused)
}

/// Starts a thread that ends before `scope` does.
///
/// # Errors
/// [`Error::Thread`] if the system refuses it.
pub fn spawn_scoped<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    run: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>> {
    builder(name).spawn_scoped(scope, run).map_err(refused)
}

/// Runs `beside` on a thread called `name` while `here` runs on this one. Returns both
/// results when both have ended.
///
/// # Errors
/// [`Error::Thread`] if the system refuses the thread; then neither runs.
pub(crate) fn run_both<A: Send, B>(
    name: &str,
    beside: impl FnOnce() -> A + Send,
    here: impl FnOnce() -> B,
) -> Result<(A, B)> {
    std::thread::scope(|scope| {
        let beside = spawn_scoped(scope, name, beside)?;
        let here = here();
        Ok((
            beside.join().unwrap_or_else(|panic| resume_unwind(panic)),
            here,
        ))
    })
}

/// Fails if the system refuses this many threads now: for libraries that end the
/// process then.
pub(crate) fn check(threads: usize) -> Result<()> {
    let (release, released) = mpsc::channel::<()>();
    let released = Mutex::new(released);
    std::thread::scope(|scope| {
        let released = &released;
        let wait = || {
            // Only the lock is awaited by all but one: they all end together.
            let channel = released.lock().unwrap_or_else(PoisonError::into_inner);
            _ = channel.recv();
        };
        let mut started = (0..threads).map(|_| spawn_scoped(scope, "check", wait).map(drop));
        let result = started.try_for_each(|one| one);
        drop(release);
        result
    })
}

fn builder(name: &str) -> Builder {
    Builder::new().name(format!("piper-rs {name}"))
}

fn refused(source: std::io::Error) -> Error {
    Error::Thread { source }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn both_run_at_the_same_time() {
        let met = Barrier::new(2);
        let meet = |result| {
            met.wait();
            result
        };
        assert_eq!(run_both("test", || meet(1), || meet(2)).unwrap(), (1, 2));
    }

    #[test]
    fn a_panic_on_the_other_thread_is_passed_on() {
        let run = || run_both("test", || panic!("beside"), || ());
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"beside"));
    }
}
