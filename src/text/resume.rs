//! Where the reading of an input can begin again.

use super::encoding::Encoding;

/// The start of a line of an input, from which
/// [`Passages::resume`](super::Passages::resume) can read: only the bytes after it
/// are read and decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumePoint {
    /// The one that was found: a byte order mark overrides the given one.
    pub(super) encoding: Encoding,
    /// In bytes, counted from 0.
    pub(super) offset: u64,
    /// The number of the line, counted from 1.
    pub(super) line: u64,
    /// How many bytes of decoded text are before it.
    pub(super) text_offset: u64,
}
