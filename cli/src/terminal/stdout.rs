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
