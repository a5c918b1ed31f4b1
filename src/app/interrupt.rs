//! Ctrl-C and SIGTERM: the first stops the run, the second the program.

use piper_rs::CancelToken;

/// What a shell expects of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Cancels `token` at the first signal, exits at the second; at the first, too,
/// while there is `nothing_to_save`: a voice that is being loaded cannot be
/// stopped otherwise.
///
/// Does nothing where signals cannot be handled: Ctrl-C then just kills.
pub(super) fn cancel_on_signal(
    token: CancelToken,
    nothing_to_save: impl Fn() -> bool + Send + 'static,
) {
    on_signal(move || {
        if token.is_cancelled() || nothing_to_save() {
            exit();
        }
        token.cancel();
    });
}

/// Calls `handler` at every signal, on a thread of its own.
pub(super) fn on_signal(handler: impl FnMut() + Send + 'static) {
    _ = ctrlc::set_handler(handler);
}

/// Ends the program at once.
pub(super) fn exit() -> ! {
    // Not `std::process::exit`: it runs ONNX Runtime's destructors under the
    // feet of its threads, which crashes now and then.
    signal_hook::low_level::exit(INTERRUPTED)
}
