//! Cancelling a run from any thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A flag that requests the end of a run. All parts of the run share it.
///
/// Clones are the same token. Code that blocks for long (an inference, a write
/// to a device) registers a hook that wakes it, so that audio stops within
/// 100 ms.
#[derive(Clone, Default)]
pub struct CancelToken(Arc<Inner>);

#[derive(Default)]
struct Inner {
    cancelled: AtomicBool,
    next_id: AtomicU64,
    hooks: Mutex<Vec<Hook>>,
}

struct Hook {
    id: u64,
    call: Box<dyn Fn() + Send>,
}

impl CancelToken {
    /// Returns a token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels the token and runs every registered hook. Further calls do
    /// nothing.
    ///
    /// Hooks run on the calling thread. Must not be called in a signal handler,
    /// because it takes a lock.
    pub fn cancel(&self) {
        if self.0.cancelled.swap(true, Ordering::SeqCst) {
            return;
        }
        for hook in self.hooks().iter() {
            (hook.call)();
        }
    }

    /// Returns whether the token is cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::SeqCst)
    }

    /// Calls `hook` when the token is cancelled, or immediately if it already
    /// is.
    ///
    /// Dropping the returned guard removes the hook. A hook must not register or
    /// remove hooks of the same token.
    pub fn on_cancel(&self, hook: impl Fn() + Send + 'static) -> CancelGuard {
        let id = self.0.next_id.fetch_add(1, Ordering::Relaxed);
        let mut hooks = self.hooks();
        // Under the lock, so that a cancel from another thread either sees
        // this hook in the list or has set the flag before we look.
        if self.is_cancelled() {
            hook();
        }
        hooks.push(Hook {
            id,
            call: Box::new(hook),
        });
        CancelGuard {
            token: self.clone(),
            id,
        }
    }

    fn hooks(&self) -> std::sync::MutexGuard<'_, Vec<Hook>> {
        // A hook that panics does not damage the list.
        self.0.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for CancelToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CancelToken")
            .field("cancelled", &self.is_cancelled())
            .finish()
    }
}

/// Keeps a hook registered; dropping it removes the hook.
#[must_use = "dropping the guard removes the hook"]
#[derive(Debug)]
pub struct CancelGuard {
    token: CancelToken,
    id: u64,
}

impl Drop for CancelGuard {
    fn drop(&mut self) {
        self.token.hooks().retain(|hook| hook.id != self.id);
    }
}

/// Cancels a token when it is dropped.
#[derive(Debug)]
pub struct CancelOnDrop(CancelToken);

impl CancelOnDrop {
    /// Cancels `token` then.
    pub fn new(token: CancelToken) -> Self {
        Self(token)
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn counter() -> (Arc<AtomicUsize>, impl Fn() + Send + 'static) {
        let calls = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&calls);
        (calls, move || {
            seen.fetch_add(1, Ordering::SeqCst);
        })
    }

    #[test]
    fn a_hook_runs_once_however_often_the_token_is_cancelled() {
        let token = CancelToken::new();
        let (calls, hook) = counter();
        let _guard = token.on_cancel(hook);
        token.clone().cancel();
        token.cancel();
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert!(token.is_cancelled());
    }

    #[test]
    fn a_hook_registered_after_the_cancel_runs_immediately() {
        let token = CancelToken::new();
        token.cancel();
        let (calls, hook) = counter();
        let _guard = token.on_cancel(hook);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn dropping_the_guard_removes_the_hook() {
        let token = CancelToken::new();
        let (calls, hook) = counter();
        drop(token.on_cancel(hook));
        token.cancel();
        assert_eq!(calls.load(Ordering::SeqCst), 0);
    }
}
