//! The only place of the program that starts threads. A refused one is an error.

use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

use piper_rs::{Error, Result};

/// Starts a thread. Its `name` is for debuggers.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>> {
    builder(name).spawn(run).map_err(refused)
}

/// Starts a thread that ends before `scope` does.
pub(crate) fn spawn_scoped<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    run: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>> {
    builder(name).spawn_scoped(scope, run).map_err(refused)
}

fn builder(name: &str) -> Builder {
    Builder::new().name(format!("piper-rs {name}"))
}

fn refused(source: std::io::Error) -> Error {
    Error::Thread { source }
}
