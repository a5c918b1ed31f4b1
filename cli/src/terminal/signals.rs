//! Ctrl-C, SIGTERM and SIGHUP: the first stops the run, the second the program.
//! Other signals, such as SIGQUIT, end the program at once. None of them leaves an
//! unfinished file; only SIGKILL and crashes do.

#[cfg(unix)]
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::time::{Duration, Instant};

#[cfg(unix)]
use nix::sys::signal::{SigSet, Signal};
#[cfg(target_os = "linux")]
use nix::sys::signalfd::SignalFd;
use piper_rs::fs::remove_temporary_files;
use piper_rs::{CancelToken, Error, Result};

use piper_rs::threads;

#[cfg(unix)]
use crate::system::{ignores_signal, signals_in_use};

/// The exit code that shells expect after Ctrl-C.
const INTERRUPTED: i32 = 130;

/// How a signal ends the program.
static EXIT_CODE: AtomicI32 = AtomicI32::new(INTERRUPTED);

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
        if token.is_cancelled() || nothing_to_save() || is_run_over() {
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
/// are removed: a SIGQUIT still dumps core, and the program still ends by the signal.
/// Signals of a crash, such as SIGSEGV, are not among them: after a crash, no code of
/// the program can be trusted. Call it before any thread starts.
pub(crate) fn remove_files_at_fatal_signals() {
    #[cfg(unix)]
    {
        let fatal = fatal_signals(signals_in_use());
        // All threads inherit this, so that only `wait` gets them. A handler could
        // not remove files: it may interrupt any code.
        let blocked = fatal.thread_block();
        let waiting = threads::spawn("fatal signals", move || {
            if let Some(signal) = wait(&fatal) {
                let _no_new_files = remove_temporary_files();
                // It has no handler, so that it ends the program.
                _ = fatal.thread_unblock();
                _ = signal_hook::low_level::raise(signal);
            }
        });
        if blocked.is_err() || waiting.is_err() {
            // They end the program, as without this function.
            _ = fatal.thread_unblock();
        }
    }
}

/// Returns the signals that end a program that runs without a fault, except those
/// `in_use` (bit 0 is signal 1): a profiler may handle SIGPROF.
#[cfg(unix)]
fn fatal_signals(in_use: u64) -> SigSet {
    const FATAL: &[Signal] = &[
        Signal::SIGQUIT,
        Signal::SIGXCPU,
        Signal::SIGALRM,
        Signal::SIGVTALRM,
        Signal::SIGPROF,
        Signal::SIGUSR1,
        Signal::SIGUSR2,
        // Other systems ignore it.
        #[cfg(target_os = "linux")]
        Signal::SIGIO,
        #[cfg(target_os = "linux")]
        Signal::SIGPWR,
        #[cfg(all(
            target_os = "linux",
            any(target_arch = "x86_64", target_arch = "aarch64")
        ))]
        Signal::SIGSTKFLT,
    ];
    /// The first real-time signal: the C library uses those before it.
    const FIRST_REAL_TIME: u32 = 34;
    let is_fatal =
        |signal: &Signal| FATAL.contains(signal) && in_use >> (*signal as i32 - 1) & 1 == 0;
    let others = Signal::iterator().filter(|signal| !is_fatal(signal));
    match in_use >> (FIRST_REAL_TIME - 1) {
        // All without the others, so that those without a name are in the set.
        0 => {
            let mut fatal = SigSet::all();
            others.for_each(|signal| fatal.remove(signal));
            fatal
        }
        // Single signals without a name cannot be left out.
        _ => Signal::iterator().filter(is_fatal).collect(),
    }
}

/// Waits for one of these signals, which are blocked.
#[cfg(target_os = "linux")]
fn wait(signals: &SigSet) -> Option<i32> {
    // `SigSet::wait` returns an error instead of a real-time signal.
    let info = SignalFd::new(signals).ok()?.read_signal().ok()??;
    i32::try_from(info.ssi_signo).ok()
}

#[cfg(all(unix, not(target_os = "linux")))]
fn wait(signals: &SigSet) -> Option<i32> {
    signals.wait().ok().map(|signal| signal as i32)
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

/// Whether the end of the program must not wait for all threads.
static ABANDONS_THREADS: AtomicBool = AtomicBool::new(false);

/// Lets the end of the program not wait for threads that are still running.
pub(crate) fn abandon_threads() {
    ABANDONS_THREADS.store(true, Ordering::SeqCst);
}

/// Returns whether [`leave`] must end the program.
pub(crate) fn abandons_threads() -> bool {
    ABANDONS_THREADS.load(Ordering::SeqCst)
}

/// Lets a signal end the program as after a success: all that was asked for is done.
pub(crate) fn run_is_over() {
    EXIT_CODE.store(0, Ordering::SeqCst);
}

fn is_run_over() -> bool {
    EXIT_CODE.load(Ordering::SeqCst) != INTERRUPTED
}

/// Ends the program at once, as interrupted unless its run is over, without its unfinished
/// files.
pub(crate) fn exit() -> ! {
    leave(EXIT_CODE.load(Ordering::SeqCst))
}

/// Ends the program at once, without its unfinished files, whatever its threads do.
pub(crate) fn leave(code: i32) -> ! {
    let _no_new_files = remove_temporary_files();
    // Not `std::process::exit`: it runs ONNX Runtime's destructors while its
    // threads are running, which sometimes crashes.
    signal_hook::low_level::exit(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn signals_in_use_are_left_alone() {
        let is_in = |set: SigSet, signal: Signal| set.contains(signal);
        let all = fatal_signals(0);
        assert!(is_in(all, Signal::SIGPROF) && is_in(all, Signal::SIGSTKFLT));
        for other in [
            Signal::SIGINT,
            Signal::SIGCHLD,
            Signal::SIGSEGV,
            Signal::SIGTSTP,
        ] {
            assert!(!is_in(all, other), "{other}");
        }
        let without = fatal_signals(1 << (Signal::SIGPROF as i32 - 1));
        assert!(!is_in(without, Signal::SIGPROF) && is_in(without, Signal::SIGQUIT));
        let real_time_in_use = fatal_signals(1 << 40);
        assert!(is_in(real_time_in_use, Signal::SIGPROF));
        assert!(!is_in(real_time_in_use, Signal::SIGCHLD));
    }

    #[test]
    fn signals_within_half_a_second_are_one_request() {
        let (mut requests, start) = (Requests::default(), Instant::now());
        let times = [0, 1, 400, 499, 500, 700, 999, 1000, 5000];
        let new = times.map(|ms| requests.is_new(start + Duration::from_millis(ms)));
        let expected = [true, false, false, false, true, false, false, true, true];
        assert_eq!(new, expected, "counted from the last request");
    }
}
