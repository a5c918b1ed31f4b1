//! Refuses files that cannot be a model, before they are read.

use std::fs;
use std::io;
use std::path::Path;

/// The maximum size of a model: far above the largest public one (137 MB).
pub const MAX_MODEL_BYTES: u64 = 1 << 30;

/// Fails if there is no regular file at `path`, since a device or a pipe may
/// have no end, or if it is larger than [`MAX_MODEL_BYTES`].
pub(super) fn check_model_file(path: &Path) -> io::Result<()> {
    let file = fs::metadata(path)?;
    match file.len() {
        _ if !file.is_file() => Err(io::Error::other("it is not a file")),
        bytes if bytes > MAX_MODEL_BYTES => Err(io::Error::other(format!(
            "{bytes} bytes are too many for a model"
        ))),
        _ => Ok(()),
    }
}
