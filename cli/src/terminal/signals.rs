//! Ctrl-C, SIGTERM and SIGHUP: the first stops the run, the second the program.

#[cfg(unix)]
use std::sync::{Arc, atomic::AtomicBool};

use piper_rs::CancelToken;

#[cfg(unix)]
use crate::system::ignores_signal;

/// The exit code that shells expect after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Cancels `token` at the first signal and exits at the second. Exits at the
/// first while there is `nothing_to_save`: nothing else can interrupt the
/// loading of a voice.
///
/// If signals cannot be handled, Ctrl-C ends the program at once.
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

/// Calls `handler` at each signal, on a separate thread.
pub(crate) fn on_signal(handler: impl FnMut() + Send + 'static) {
    #[cfg(unix)]
    if ignores_signal(signal_hook::consts::SIGHUP) {
        _ = on_signal_but_hangup(handler);
        return;
    }
    _ = ctrlc::set_handler(handler);
}

/// The same under `nohup`, which must survive the end of the terminal: `ctrlc`
/// cannot ignore single signals. It is not used for every run, because it checks
/// whether a pipe is a socket, and the program should make no network calls.
#[cfg(unix)]
fn on_signal_but_hangup(mut handler: impl FnMut() + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};

    // One byte per signal, so that two in a row count as two.
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

/// Makes a write past the limit on file sizes (`ulimit -f`) fail, as on a full
/// disk. The signal for it would end the program in the middle of the file.
pub(crate) fn fail_at_file_size_limit() {
    // Handled, not ignored: programs started by this one would inherit that.
    #[cfg(unix)]
    {
        let limit_reached: Arc<AtomicBool> = Arc::default();
        // Without it, a limit ends the program at once.
        _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, limit_reached);
    }
}

/// Ends the program at once.
pub(crate) fn exit() -> ! {
    // Not `std::process::exit`: it runs ONNX Runtime's destructors while its
    // threads are running, which sometimes crashes.
    signal_hook::low_level::exit(INTERRUPTED)
}
