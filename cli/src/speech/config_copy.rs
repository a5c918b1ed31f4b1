//! A voice's config from a stream: read once, and kept in memory as a file that
//! can be read as often as loading a voice needs.

use std::path::PathBuf;

use piper_rs::fs::is_stream;

use crate::terminal::report::UsageError;

/// Returns a path with the content of the config at `path` that can be read
/// several times: `path` itself, or if it is a stream a copy of what it yields.
pub(crate) fn readable_again(path: PathBuf) -> Result<PathBuf, UsageError> {
    match is_stream(&path) {
        true => copy(&path),
        false => Ok(path),
    }
}

#[cfg(target_os = "linux")]
fn copy(path: &std::path::Path) -> Result<PathBuf, UsageError> {
    use std::fs::File;
    use std::io::{self, Read as _};
    use std::os::fd::{AsRawFd as _, IntoRawFd as _};

    use piper_rs::voice::config::MAX_CONFIG_BYTES;
    use rustix::fs::{MemfdFlags, memfd_create};

    let copy = || -> io::Result<PathBuf> {
        let mut memory = File::from(memfd_create("voice config", MemfdFlags::CLOEXEC)?);
        // One byte too many, so that reading it refuses a larger config.
        let mut stream = File::open(path)?.take(MAX_CONFIG_BYTES + 1);
        io::copy(&mut stream, &mut memory)?;
        let path = format!("/proc/self/fd/{}", memory.as_raw_fd());
        // It stays open to the end of the program: any voice may be loaded again.
        _ = memory.into_raw_fd();
        Ok(path.into())
    };
    copy().map_err(|error| {
        let path = path.display();
        UsageError(format!("cannot read the config {path}: {error}"))
    })
}

#[cfg(not(target_os = "linux"))]
fn copy(path: &std::path::Path) -> Result<PathBuf, UsageError> {
    let path = path.display();
    Err(UsageError(format!(
        "the config {path} is a pipe, which cannot be read twice: write it into a file first"
    )))
}
