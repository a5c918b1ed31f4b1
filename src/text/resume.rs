//! Where the reading of an input can begin again.

use encoding_rs::{UTF_16BE, UTF_16LE};

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

impl ResumePoint {
    /// Returns a point in a file that begins with `head`, with the encoding of its byte
    /// order mark, or else `encoding`. Lines and text are counted from there.
    pub(super) fn in_file(head: &[u8], encoding: Option<Encoding>, offset: u64) -> Self {
        let (encoding, mark) = match encoding_rs::Encoding::for_bom(head) {
            Some((encoding, mark)) => (Encoding(encoding), mark as u64),
            None => (encoding.unwrap_or_default(), 0),
        };
        let unit = match [UTF_16LE, UTF_16BE].contains(&encoding.0) {
            true => 2,
            false => 1,
        };
        Self {
            encoding,
            offset: (offset - offset % unit).max(mark),
            line: 1,
            text_offset: 0,
        }
    }
}
