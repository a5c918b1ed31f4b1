//! Results on standard output. An error names it, so that a closed pipe is
//! recognized in one place.

use std::io::{self, Write as _};

use piper_rs::{Error, Result};
use serde::Serialize;

/// How messages call standard output.
pub(crate) const NAME: &str = "standard output";

/// Writes `bytes` as they are, and flushes.
pub(crate) fn print(bytes: impl AsRef<[u8]>) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(bytes.as_ref())
        .and_then(|()| stdout.flush());
    written.map_err(|source| Error::Output {
        target: NAME.to_owned(),
        source,
    })
}

/// Lets a pipe hold about so many bytes that its reader has not read, if the system
/// can do that: what is written later then waits for less.
pub(crate) fn limit_pipe(bytes: usize) {
    #[cfg(target_os = "linux")]
    {
        // A file or a terminal holds nothing back.
        _ = rustix::pipe::fcntl_setpipe_size(io::stdout(), bytes);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = bytes;
}

/// Lets the reader of a pipe see its end. What is written later goes nowhere.
pub(crate) fn close() {
    #[cfg(unix)]
    {
        let nowhere = std::fs::File::options().write(true).open("/dev/null");
        // Otherwise the end of the program is the end of the pipe.
        _ = nowhere.map(rustix::stdio::dup2_stdout);
    }
}

/// Writes `line` and a line break, in one write, and flushes.
pub(crate) fn print_line(line: &str) -> Result<()> {
    print(format!("{line}\n"))
}

/// Writes `value` as one line of JSON, and flushes.
pub(crate) fn print_json(value: &impl Serialize) -> Result<()> {
    let json = serde_json::to_string(value).map_err(|error| Error::Output {
        target: NAME.to_owned(),
        source: error.into(),
    })?;
    print_line(&json)
}
