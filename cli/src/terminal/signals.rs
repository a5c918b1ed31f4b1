//! Ctrl-C, SIGTERM and SIGHUP: the first stops the run, the second the program.
//! Other signals, such as SIGQUIT, end the program at once. Whichever it is, no
//! unfinished file is left.

#[cfg(unix)]
use std::sync::{Arc, atomic::AtomicBool};

use std::time::{Duration, Instant};

use piper_rs::fs::remove_temporary_files;
use piper_rs::{CancelToken, Error, Result};

use piper_rs::threads;

#[cfg(unix)]
use crate::system::ignores_signal;

/// The exit code that shells expect after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Signals that follow each other this soon are one request: `timeout` signals the
/// program and then its group.
const SAME_REQUEST: Duration = Duration::from_millis(500);

/// Tells new requests from repeated signals.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    last: Option<Instant>,
}

impl Requests {
    /// Returns whether a signal at `now` is a request of its own.
    pub(crate) fn is_new(&mut self, now: Instant) -> bool {
        let is_new = self
            .last
            .is_none_or(|last| now.duration_since(last) >= SAME_REQUEST);
        if is_new {
            self.last = Some(now);
        }
        is_new
    }
}

/// Cancels `token` at the first request and exits at the second. Exits at the
/// first while there is `nothing_to_save`: nothing else can interrupt the
/// loading of a voice.
pub(crate) fn cancel_on_signal(
    token: CancelToken,
    nothing_to_save: impl Fn() -> bool + Send + 'static,
) -> Result<()> {
    let mut requests = Requests::default();
    on_signal(move || {
        if !requests.is_new(Instant::now()) {
            return;
        }
        if token.is_cancelled() || nothing_to_save() {
            exit();
        }
        token.cancel();
    })
}

/// Calls `handler` at each Ctrl-C, SIGTERM or SIGHUP, on a separate thread.
pub(crate) fn on_signal(handler: impl FnMut() + Send + 'static) -> Result<()> {
    #[cfg(unix)]
    if ignores_signal(signal_hook::consts::SIGHUP) {
        return on_signal_but_hangup(handler);
    }
    match ctrlc::set_handler(handler) {
        Err(ctrlc::Error::System(source)) => Err(Error::Thread { source }),
        // Only a second call fails otherwise.
        _ => Ok(()),
    }
}

/// The same under `nohup`, which must survive the end of the terminal: `ctrlc`
/// cannot ignore single signals. It is not used for every run, because it checks
/// whether a pipe is a socket, and the program should make no network calls.
#[cfg(unix)]
fn on_signal_but_hangup(mut handler: impl FnMut() + Send + 'static) -> Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};

    let cannot_start = |source| Error::Thread { source };
    // One byte per signal, so that two in a row count as two.
    let (mut signals, wake) = std::io::pipe().map_err(cannot_start)?;
    for signal in [SIGINT, SIGTERM] {
        let wake = wake.try_clone().map_err(cannot_start)?;
        signal_hook::low_level::pipe::register(signal, wake).map_err(cannot_start)?;
    }
    threads::spawn("signals", move || {
        while std::io::Read::read_exact(&mut signals, &mut [0]).is_ok() {
            handler();
        }
    })?;
    Ok(())
}

/// Makes the other signals that end a program do so only after its unfinished files
/// are removed: a SIGQUIT still dumps core, and the exit code is still the signal's.
/// Call it before any thread starts.
pub(crate) fn remove_files_at_fatal_signals() {
    #[cfg(unix)]
    {
        use nix::sys::signal::{SigSet, Signal};

        let fatal = [
            Signal::SIGQUIT,
            Signal::SIGXCPU,
            Signal::SIGALRM,
            Signal::SIGVTALRM,
            Signal::SIGUSR1,
            Signal::SIGUSR2,
        ];
        let is_fatal = |signal: &Signal| !ignores_signal(*signal as i32);
        let fatal: SigSet = fatal.into_iter().filter(is_fatal).collect();
        // All threads inherit this, so that only `wait` gets them. A handler could
        // not remove files: it may interrupt any code.
        let blocked = fatal.thread_block();
        let waiting = threads::spawn("fatal signals", move || {
            if let Ok(signal) = fatal.wait() {
                let _no_new_files = remove_temporary_files();
                _ = signal_hook::low_level::emulate_default_handler(signal as i32);
            }
        });
        if blocked.is_err() || waiting.is_err() {
            // They end the program, as without this function.
            _ = fatal.thread_unblock();
        }
    }
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

/// Ends the program at once, without its unfinished files.
pub(crate) fn exit() -> ! {
    let _no_new_files = remove_temporary_files();
    // Not `std::process::exit`: it runs ONNX Runtime's destructors while its
    // threads are running, which sometimes crashes.
    signal_hook::low_level::exit(INTERRUPTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_within_half_a_second_are_one_request() {
        let (mut requests, start) = (Requests::default(), Instant::now());
        let times = [0, 1, 400, 499, 500, 700, 999, 1000, 5000];
        let new = times.map(|ms| requests.is_new(start + Duration::from_millis(ms)));
        let expected = [true, false, false, false, true, false, false, true, true];
        assert_eq!(new, expected, "counted from the last request");
    }
}
