//! Ctrl-C, SIGTERM, SIGHUP: the first stops the run, the second the program.

use piper_rs::CancelToken;

#[cfg(unix)]
use crate::system::ignores_signal;

/// What a shell expects of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Cancels `token` at the first signal, exits at the second; at the first, too,
/// while there is `nothing_to_save`: a voice that is being loaded cannot be
/// stopped otherwise.
///
/// Does nothing where signals cannot be handled: Ctrl-C then just kills.
pub(crate) fn cancel_on_signal(
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
pub(crate) fn on_signal(handler: impl FnMut() + Send + 'static) {
    #[cfg(unix)]
    if ignores_signal(signal_hook::consts::SIGHUP) {
        _ = on_signal_but_hangup(handler);
        return;
    }
    _ = ctrlc::set_handler(handler);
}

/// The same under `nohup`, where a terminal that closes is no reason to stop:
/// `ctrlc` cannot leave a signal out. Not the way of every run, because it
/// begins by trying whether a pipe is a socket: whoever watches us for use of
/// the network should see none.
#[cfg(unix)]
fn on_signal_but_hangup(mut handler: impl FnMut() + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};

    // A byte for every signal: two in a row are two.
    let (mut signals, wake) = std::io::pipe()?;
    for signal in [SIGINT, SIGTERM] {
        signal_hook::low_level::pipe::register(signal, wake.try_clone()?)?;
    }
    std::thread::spawn(move || {
        while std::io::Read::read_exact(&mut signals, &mut [0]).is_ok() {
            handler();
        }
    });
    Ok(())
}

/// Ends the program at once.
pub(crate) fn exit() -> ! {
    // Not `std::process::exit`: it runs ONNX Runtime's destructors under the
    // feet of its threads, which crashes now and then.
    signal_hook::low_level::exit(INTERRUPTED)
}
