//! Time that passes while all wait, for tests.

/// Runs a test on this thread. Its clock stands still while any task has work, and goes on
/// to the next timer when all of them wait.
pub(super) fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    runtime.unwrap().block_on(test);
}
