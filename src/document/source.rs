//! The bytes and the text of a document, within limits.

use std::fs::File;
use std::io::{Cursor, Read, Seek};

use super::{BadDocument, ReadError, too_large};
use crate::Error;
use crate::text::{
    Encoding, FormFeeds, GIVEN_TEXT, Input, PassageUnit, Passages, ReadOptions, cannot_read,
    decode_whole,
};

/// The largest document, and the largest part of one, that is held in memory.
pub(super) const MAX_WHOLE_MIB: u64 = 64;
const MAX_WHOLE_BYTES: u64 = MAX_WHOLE_MIB * 1024 * 1024;
/// Where a document may tell its encoding.
const DECLARATION_BYTES: usize = 1024;

/// Bytes that can be read in any order.
pub(super) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// Returns the name of the input in errors.
pub(super) fn name(input: &Input) -> String {
    match input {
        Input::Text(_) => GIVEN_TEXT.to_owned(),
        Input::File(path) => path.display().to_string(),
        Input::Reader { origin, .. } => origin.clone(),
    }
}

/// Opens a file as it is. What can only be read once is read into memory.
pub(super) fn seekable(input: Input) -> Result<Box<dyn ReadSeek>, ReadError> {
    if let Input::File(path) = &input {
        let origin = path.display().to_string();
        let failed = |error| ReadError::from(cannot_read(&origin, error));
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_file() {
            return Ok(Box::new(file));
        }
    }
    Ok(Box::new(Cursor::new(bytes(input)?)))
}

fn bytes(input: Input) -> Result<Vec<u8>, ReadError> {
    let (reader, origin) = input.open(0)?;
    let mut bytes = Vec::new();
    let mut limited = reader.take(MAX_WHOLE_BYTES + 1);
    let read = limited.read_to_end(&mut bytes);
    read.map_err(|error| cannot_read(&origin, error))?;
    match bytes.len() as u64 > MAX_WHOLE_BYTES {
        true => Err(too_large("the document", MAX_WHOLE_MIB).into()),
        false => Ok(bytes),
    }
}

/// Returns a whole text.
pub(super) fn whole(input: Input, encoding: Option<Encoding>) -> Result<String, ReadError> {
    read_whole(input, encoding, FormFeeds::Space)
}

/// Returns a whole text with its form feeds.
pub(super) fn pages(input: Input, encoding: Option<Encoding>) -> Result<String, ReadError> {
    read_whole(input, encoding, FormFeeds::Keep)
}

fn read_whole(
    input: Input,
    encoding: Option<Encoding>,
    form_feeds: FormFeeds,
) -> Result<String, ReadError> {
    if let Input::Text(text) = input {
        return Ok(text.as_ref().to_owned());
    }
    let origin = name(&input);
    Ok(decode_whole(&bytes(input)?, &origin, encoding, form_feeds)?)
}

/// Returns the lines of a text; very long ones in parts.
pub(super) fn lines(input: Input, encoding: Option<Encoding>) -> Result<Passages, ReadError> {
    let options = ReadOptions {
        unit: PassageUnit::Line,
        encoding,
        ..ReadOptions::default()
    };
    Ok(Passages::open(input, &options)?)
}

/// Returns the text of a web page. It may name its encoding at its start.
pub(super) fn html(input: Input, encoding: Option<Encoding>) -> Result<String, ReadError> {
    if let Input::Text(text) = input {
        return Ok(text.as_ref().to_owned());
    }
    let origin = name(&input);
    let bytes = bytes(input)?;
    let encoding = encoding.or_else(|| declared_encoding(&bytes));
    Ok(decode_whole(&bytes, &origin, encoding, FormFeeds::Space)?)
}

/// Decodes a part of an archive in the encoding that it tells, or else as UTF-8. If it is
/// not that, `encoding` applies, or windows-1252, which old programs wrote.
pub(super) fn part(
    bytes: &[u8],
    origin: &str,
    encoding: Option<Encoding>,
) -> Result<String, ReadError> {
    let told = declared_encoding(bytes);
    match decode_whole(bytes, origin, told, FormFeeds::Space) {
        Err(Error::NotText { .. }) => {
            let encoding = encoding.or_else(|| Encoding::from_label("windows-1252").ok());
            Ok(decode_whole(bytes, origin, encoding, FormFeeds::Space)?)
        }
        decoded => Ok(decoded?),
    }
}

/// Returns the encoding of `<meta charset="…">` or `<?xml encoding="…"?>`.
fn declared_encoding(bytes: &[u8]) -> Option<Encoding> {
    let head = &bytes[..bytes.len().min(DECLARATION_BYTES)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let after = |key: &str| head.find(key).map(|at| &head[at + key.len()..]);
    let value = after("charset=").or_else(|| {
        let declaration = head.strip_prefix("<?xml")?.split("?>").next()?;
        declaration.split_once("encoding=").map(|(_, value)| value)
    })?;
    let value = value.trim_start_matches(['"', '\'', ' ']);
    let label = value.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
    let encoding = Encoding::from_label(label.into_iter().next()?).ok()?;
    // What was found in bytes of ASCII is not UTF-16, whatever it says.
    (!encoding.name().starts_with("UTF-16")).then_some(encoding)
}

/// Returns the error of a part that is damaged.
pub(super) fn damaged(
    place: impl Into<String>,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> BadDocument {
    BadDocument::Damaged {
        place: place.into(),
        source: source.into(),
    }
}
