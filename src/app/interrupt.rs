//! Ctrl-C, SIGTERM, SIGHUP: the first stops the run, the second the program.

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
    _ = register(handler);
}

#[cfg(windows)]
fn register(handler: impl FnMut() + Send + 'static) -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(handler)
}

#[cfg(unix)]
fn register(mut handler: impl FnMut() + Send + 'static) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let mut heeded = vec![SIGINT, SIGTERM];
    // Under `nohup` a terminal that closes is no reason to stop. The other two
    // are heeded in any case: shells ignore SIGINT for what they start in the
    // background, and who sends it there by hand means it.
    if !is_ignored(SIGHUP) {
        heeded.push(SIGHUP);
    }
    // A byte for every signal: two in a row are two.
    let (mut signals, wake) = std::os::unix::net::UnixStream::pair()?;
    for signal in heeded {
        signal_hook::low_level::pipe::register(signal, wake.try_clone()?)?;
    }
    std::thread::spawn(move || {
        while std::io::Read::read_exact(&mut signals, &mut [0]).is_ok() {
            handler();
        }
    });
    Ok(())
}

/// Returns whether this process was started with `signal` ignored, where the
/// system tells: on Linux.
#[cfg(unix)]
fn is_ignored(signal: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}

/// Ends the program at once.
pub(super) fn exit() -> ! {
    // Not `std::process::exit`: it runs ONNX Runtime's destructors under the
    // feet of its threads, which crashes now and then.
    signal_hook::low_level::exit(INTERRUPTED)
}
