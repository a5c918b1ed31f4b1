//! The text of bytes that are all there.

use super::control::FormFeeds;
use super::decode::{Decoder, EndOfInput};
use super::encoding::Encoding;
use crate::file_kind::FileKind;
use crate::{BadDocument, Error, Result};

/// Decodes all bytes of the input called `origin`. `None` is UTF-8; a byte order mark
/// overrides the encoding.
///
/// # Errors
/// [`Error::NotText`], and [`Error::Document`] if it is of a kind that is not text.
pub(crate) fn decode_whole(
    bytes: &[u8],
    origin: &str,
    encoding: Option<Encoding>,
    form_feeds: FormFeeds,
) -> Result<String> {
    if let Some(kind) = FileKind::of_no_text(bytes) {
        return Err(Error::Document {
            origin: origin.to_owned(),
            source: BadDocument::WrongKind(kind),
        });
    }
    let mut decoder = Decoder::with_form_feeds(encoding.unwrap_or_default(), form_feeds);
    let mut text = String::new();
    // In pieces: the decoder holds each twice.
    let pieces = bytes
        .chunks(64 * 1024)
        .map(|piece| (piece, EndOfInput::NotYet));
    for (piece, end) in pieces.chain([(&[][..], EndOfInput::Reached)]) {
        let decoded = decoder.decode(piece, end, &mut text);
        decoded.map_err(|bad| Error::NotText {
            origin: origin.to_owned(),
            encoding: bad.encoding,
            offset: bad.offset,
        })?;
    }
    Ok(text)
}
