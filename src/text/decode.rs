//! Bytes in a given encoding → text with `\n` line ends.

use encoding_rs::{DecoderResult, ISO_2022_JP, UTF_16BE, UTF_16LE};

use super::control::{ControlFilter, FormFeeds};
use super::encoding::Encoding;
use super::resume::ResumePoint;
use super::utf32::{Utf32Decoder, Utf32Mark};

/// A byte that is invalid in the encoding.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BadByte {
    /// The encoding's name.
    pub(super) encoding: &'static str,
    /// Offset of the first invalid byte in the input, counted from 0.
    pub(super) offset: u64,
}

/// What becomes of bytes that are invalid in the encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Malformed {
    /// They are an error.
    #[default]
    Refuse,
    /// They are left out, and noted; but if more than a tenth is invalid, the text has
    /// another encoding or is none, and they are an error.
    LeaveOut,
}

/// How many invalid bytes of a read are no reason to doubt its encoding, besides a tenth
/// of it.
const FEW: usize = 8;

/// Decodes bytes that arrive in blocks of any size.
///
/// A byte order mark at the start overrides the given encoding, and is not part
/// of the text.
pub(super) struct Decoder {
    bytes: BytesDecoder,
    filter: ControlFilter,
    /// Decoded text before the filter; kept for its capacity.
    scratch: String,
    malformed: Malformed,
    /// Whether bytes were left out.
    has_left_out: bool,
}

/// Whether the input has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndOfInput {
    NotYet,
    Reached,
}

impl Decoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        Self::with_form_feeds(encoding, FormFeeds::Space)
    }

    pub(super) fn with_form_feeds(encoding: Encoding, form_feeds: FormFeeds) -> Self {
        Self {
            bytes: BytesDecoder::Start {
                encoding,
                bytes: Vec::new(),
            },
            filter: ControlFilter::new(form_feeds),
            scratch: String::new(),
            malformed: Malformed::Refuse,
            has_left_out: false,
        }
    }

    /// Decodes what follows a resume point.
    pub(super) fn resume(point: &ResumePoint) -> Self {
        let decoder = StandardDecoder {
            decoder: point.encoding.0.new_decoder_without_bom_handling(),
            offset: point.offset,
        };
        Self {
            bytes: BytesDecoder::Standard(decoder),
            filter: ControlFilter::default(),
            scratch: String::new(),
            malformed: Malformed::Refuse,
            has_left_out: false,
        }
    }

    pub(super) fn with_malformed(mut self, malformed: Malformed) -> Self {
        self.malformed = malformed;
        self
    }

    /// Returns what was wrong with the bytes since the last call, if anything was.
    pub(super) fn take_note(&mut self) -> Option<String> {
        let BytesDecoder::Standard(decoder) = &self.bytes else {
            return None;
        };
        let encoding = decoder.decoder.encoding().name();
        std::mem::take(&mut self.has_left_out)
            .then(|| format!("some bytes are not valid {encoding}, and are left out"))
    }

    /// Appends the last character of the text so far, which is held back in case a
    /// backspace follows.
    pub(super) fn release(&mut self, text: &mut String) {
        self.filter.release(text);
    }

    /// Returns where the last line ends in `bytes`, which are not decoded yet.
    /// Decoding can be resumed there. `None` if no line ends in them, or if the
    /// encoding cannot be resumed.
    pub(super) fn end_of_last_line(&self, bytes: &[u8]) -> Option<usize> {
        match &self.bytes {
            BytesDecoder::Standard(decoder) => decoder.end_of_last_line(bytes),
            BytesDecoder::Start { .. } | BytesDecoder::Utf32(_) => None,
        }
    }

    /// Returns the point that decoding has reached: the end that
    /// [`end_of_last_line`](Self::end_of_last_line) has found. `line` is the number
    /// of the line that begins there, and `text_offset` that of the decoded text.
    pub(super) fn resume_point(&self, line: u64, text_offset: u64) -> Option<ResumePoint> {
        match &self.bytes {
            BytesDecoder::Standard(decoder) => Some(ResumePoint {
                encoding: Encoding(decoder.decoder.encoding()),
                offset: decoder.offset,
                line,
                text_offset,
            }),
            BytesDecoder::Start { .. } | BytesDecoder::Utf32(_) => None,
        }
    }

    /// Appends the text of `bytes` to `text`.
    ///
    /// On an error, the text before the invalid byte is appended. Must not be
    /// called after [`EndOfInput::Reached`] or an error.
    pub(super) fn decode(
        &mut self,
        bytes: &[u8],
        end: EndOfInput,
        text: &mut String,
    ) -> Result<(), BadByte> {
        self.scratch.clear();
        let mut tolerance = match self.malformed {
            Malformed::Refuse => Tolerance::default(),
            Malformed::LeaveOut => Tolerance::of_few(bytes.len()),
        };
        let decoded = self
            .bytes
            .decode(bytes, end, &mut self.scratch, &mut tolerance);
        self.has_left_out |= tolerance.first.is_some();
        self.filter.append(&self.scratch, text);
        if end == EndOfInput::Reached || decoded.is_err() {
            self.filter.finish(text);
        }
        decoded
    }
}

/// How many invalid bytes may be left out.
#[derive(Default)]
struct Tolerance {
    left: usize,
    first: Option<BadByte>,
}

impl Tolerance {
    /// Returns the tolerance for a read of so many bytes.
    fn of_few(length: usize) -> Self {
        Self {
            left: FEW + length / 10,
            first: None,
        }
    }

    /// Leaves a byte out. If it is one too many, the first one is the error.
    fn leave_out(&mut self, bad: BadByte) -> Result<(), BadByte> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(self.first.take().unwrap_or(bad));
        };
        self.left = left;
        self.first.get_or_insert(bad);
        Ok(())
    }
}

/// Bytes → characters.
enum BytesDecoder {
    /// The first bytes, which may become the byte order mark of UTF-32.
    Start {
        encoding: Encoding,
        bytes: Vec<u8>,
    },
    Standard(StandardDecoder),
    Utf32(Utf32Decoder),
}

impl BytesDecoder {
    fn decode(
        &mut self,
        bytes: &[u8],
        end: EndOfInput,
        to: &mut String,
        tolerance: &mut Tolerance,
    ) -> Result<(), BadByte> {
        match self {
            Self::Standard(decoder) => decoder.decode(bytes, end, to, tolerance),
            Self::Utf32(decoder) => {
                let mut decoded = decoder.decode(bytes, to);
                if end == EndOfInput::Reached {
                    decoded = decoded.and_then(|()| decoder.finish());
                }
                decoded.map_err(|bad| BadByte {
                    encoding: decoder.name(),
                    offset: bad.offset,
                })
            }
            Self::Start {
                encoding,
                bytes: start,
            } => {
                start.extend_from_slice(bytes);
                let start = std::mem::take(start);
                *self = match Utf32Mark::of(&start) {
                    Utf32Mark::Found(decoder) => Self::Utf32(decoder),
                    Utf32Mark::Possible if end == EndOfInput::NotYet => {
                        let encoding = *encoding;
                        *self = Self::Start {
                            encoding,
                            bytes: start,
                        };
                        return Ok(());
                    }
                    _ => Self::Standard(StandardDecoder::new(*encoding)),
                };
                self.decode(&start, end, to, tolerance)
            }
        }
    }
}

/// Decodes an encoding of the standard.
struct StandardDecoder {
    decoder: encoding_rs::Decoder,
    /// Bytes decoded so far.
    offset: u64,
}

impl StandardDecoder {
    fn new(encoding: Encoding) -> Self {
        Self {
            decoder: encoding.0.new_decoder(),
            offset: 0,
        }
    }

    fn end_of_last_line(&self, bytes: &[u8]) -> Option<usize> {
        const LONGEST_MARK: u64 = 3;
        let encoding = self.decoder.encoding();
        // Until the byte order mark was read, the encoding is not known. In
        // ISO-2022-JP, what a byte means depends on the bytes before it.
        if self.offset < LONGEST_MARK || encoding == ISO_2022_JP {
            return None;
        }
        // In the other encodings, no part of a longer character is a line feed.
        let line_feed: &[u8] = if encoding == UTF_16LE {
            b"\n\0"
        } else if encoding == UTF_16BE {
            b"\0\n"
        } else {
            b"\n"
        };
        let partial = (self.offset % line_feed.len() as u64) as usize;
        let start = if partial == 0 {
            0
        } else {
            line_feed.len() - partial
        };
        let mut units = bytes.get(start..)?.chunks_exact(line_feed.len());
        let last = units.rposition(|unit| unit == line_feed)?;
        Some(start + (last + 1) * line_feed.len())
    }

    fn decode(
        &mut self,
        mut bytes: &[u8],
        end: EndOfInput,
        to: &mut String,
        tolerance: &mut Tolerance,
    ) -> Result<(), BadByte> {
        let last = end == EndOfInput::Reached;
        loop {
            // The decoder needs room for at least one character.
            to.reserve(bytes.len() + 16);
            let (outcome, read) = self
                .decoder
                .decode_to_string_without_replacement(bytes, to, last);
            self.offset += read as u64;
            bytes = &bytes[read..];
            match outcome {
                DecoderResult::InputEmpty => return Ok(()),
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(bad, good_after) => {
                    tolerance.leave_out(BadByte {
                        encoding: self.decoder.encoding().name(),
                        offset: self
                            .offset
                            .saturating_sub(u64::from(bad) + u64::from(good_after)),
                    })?;
                    to.push(' ');
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decode_in_pieces(
        encoding: Encoding,
        bytes: &[u8],
        piece: usize,
    ) -> Result<String, (String, BadByte)> {
        let mut decoder = Decoder::new(encoding);
        let mut text = String::new();
        for piece in bytes.chunks(piece) {
            if let Err(bad) = decoder.decode(piece, EndOfInput::NotYet, &mut text) {
                return Err((text, bad));
            }
        }
        match decoder.decode(&[], EndOfInput::Reached, &mut text) {
            Ok(()) => Ok(text),
            Err(bad) => Err((text, bad)),
        }
    }

    fn label(label: &str) -> Encoding {
        Encoding::from_label(label).unwrap()
    }

    #[test]
    fn text_is_decoded_the_same_in_pieces_of_any_size() {
        let cases: &[(&str, &[u8], &str)] = &[
            ("utf-8", "Grüße, 世界 🎉\n".as_bytes(), "Grüße, 世界 🎉\n"),
            ("utf-8", b"\xEF\xBB\xBFhi", "hi"),
            ("utf-8", b"\xFF\xFEh\0i\0", "hi"),
            ("utf-8", b"\xFE\xFF\0h\0i", "hi"),
            ("utf-8", b"\xFF\xFE\x3D\xD8\x89\xDE", "\u{1F689}"),
            ("utf-8", b"", ""),
            ("utf-8", b"\xEF\xBB\xBF", ""),
            ("utf-8", "\u{FFFD} stays".as_bytes(), "\u{FFFD} stays"),
            ("utf-8", b"\xFF\xFE\0\0h\0\0\0\x89\xF6\x01\0", "h\u{1F689}"),
            ("utf-8", b"\0\0\xFE\xFF\0\0\0h\0\x01\xF6\x89", "h\u{1F689}"),
            ("latin1", b"\0\0\xFE\xFF\0\0\0h", "h"),
            ("utf-8", b"\0\0\xFE\xFF", ""),
            ("utf-8", b"\0\0h", "  h"),
            ("utf-8", b"\0", " "),
            ("utf-8", b"\xFF\xFE", ""),
            ("utf-8", b"\xFF\xFE\0h", "\u{6800}"),
            ("utf-16", b"\xFE\xFF\0h\0i", "hi"),
            ("utf-16", b"h\0i\0", "hi"),
            ("utf-16be", b"\0h\0i", "hi"),
            ("latin1", b"Gr\xFC\xDFe", "Grüße"),
            ("latin1", b"\xEF\xBB\xBFGr\xC3\xBC", "Grü"),
            ("shift_jis", b"\x93\xFA\x96\x7B", "日本"),
            ("koi8-r", b"\xF0\xF2\xE9", "ПРИ"),
            ("gb18030", b"\xC4\xE3\xBA\xC3", "你好"),
        ];
        for (name, bytes, text) in cases {
            for piece in 1..=bytes.len().max(1) {
                let decoded = decode_in_pieces(label(name), bytes, piece);
                assert_eq!(decoded.as_deref(), Ok(*text), "{name}, pieces of {piece}");
            }
        }
    }

    #[test]
    fn the_offset_of_the_first_invalid_byte_is_exact_in_pieces_of_any_size() {
        let cases: &[(&str, &[u8], &str, u64)] = &[
            ("utf-8", b"abc\xFFdef", "UTF-8", 3),
            ("utf-8", b"Gr\xFC\xDFe", "UTF-8", 2),
            ("utf-8", b"ab\xE2\x82", "UTF-8", 2),
            ("utf-8", b"ab\xE2\x82Z", "UTF-8", 2),
            ("utf-8", b"\xF0\x9F\x8E", "UTF-8", 0),
            ("utf-8", b"\xEF\xBB\xBFab\x80", "UTF-8", 5),
            ("utf-8", b"\xEF\xBBab", "UTF-8", 0),
            ("utf-8", b"\xED\xA0\x80", "UTF-8", 0),
            ("utf-8", b"\xFFab", "UTF-8", 0),
            ("utf-8", b"\xFF\xFEh\0\x00\xDC", "UTF-16LE", 4),
            ("utf-8", b"\xFF\xFEh\0\x3D\xD8h\0", "UTF-16LE", 4),
            ("utf-8", b"\xFF\xFEh\0i", "UTF-16LE", 4),
            ("utf-8", b"\xFE\xFF\0h\xDC\x00", "UTF-16BE", 4),
            ("utf-8", b"\xFF\xFE\0\0h\0\0\0\0\xD8\0\0", "UTF-32LE", 8),
            ("utf-8", b"\0\0\xFE\xFF\0\0\0h\0\x11\0\0", "UTF-32BE", 8),
            ("utf-8", b"\0\0\xFE\xFF\0\0h", "UTF-32BE", 4),
            ("shift_jis", b"a\x93\xFA\x81", "Shift_JIS", 3),
            ("iso-2022-jp", b"ab\x1B$B\x46\x7Cc", "ISO-2022-JP", 7),
        ];
        for (name, bytes, encoding, offset) in cases {
            for piece in 1..=bytes.len() {
                let (_, bad) = decode_in_pieces(label(name), bytes, piece).unwrap_err();
                let wanted = BadByte {
                    encoding,
                    offset: *offset,
                };
                assert_eq!(bad, wanted, "{bytes:x?} in pieces of {piece}");
            }
        }
    }

    #[test]
    fn line_ends_become_line_feeds_and_control_characters_become_spaces() {
        let cases = [
            ("a\r\nb\rc\nd\r\r\ne\n\r", "a\nb\nc\nd\n\ne\n\n"),
            ("a\0b\x07c\td\x1B[1me", "a b c\tde"),
            ("\u{85}\u{2028}\u{7F}", " \u{2028} "),
        ];
        for (from, to) in cases {
            for piece in 1..=from.len() {
                let decoded = decode_in_pieces(Encoding::default(), from.as_bytes(), piece);
                assert_eq!(decoded.as_deref(), Ok(to), "pieces of {piece}");
            }
        }
    }

    #[test]
    fn a_carriage_return_ends_its_line_at_once() {
        let mut decoder = Decoder::new(Encoding::default());
        let mut text = String::new();
        decoder
            .decode(b"a\r", EndOfInput::NotYet, &mut text)
            .unwrap();
        assert_eq!(text, "a\n");
    }

    #[test]
    fn labels_are_those_of_the_standard() {
        assert_eq!(label("Latin1").name(), "windows-1252");
        assert_eq!(label(" UTF8 ").name(), "UTF-8");
        for unknown in ["", "klingon", "hz-gb-2312", "utf-32"] {
            let error = Encoding::from_label(unknown).unwrap_err();
            assert_eq!(error.to_string(), format!("unknown encoding `{unknown}`"));
        }
    }

    proptest! {
        #[test]
        fn utf8_agrees_with_the_standard_library(
            bytes in prop::collection::vec(
                prop_oneof![any::<u8>(), Just(b'a'), 0x80..=0xBFu8, 0xC2..=0xF4u8], 0..40),
            piece in 1usize..9,
        ) {
            // A byte order mark would change the encoding.
            prop_assume!(!bytes.starts_with(b"\xFF\xFE") && !bytes.starts_with(b"\xFE\xFF"));
            let decoded = decode_in_pieces(Encoding::default(), &bytes, piece);
            match (std::str::from_utf8(&bytes), decoded) {
                (Ok(_), Ok(_)) => {}
                (Err(wanted), Err((_, bad))) => {
                    prop_assert_eq!(bad.offset, wanted.valid_up_to() as u64);
                }
                (wanted, got) => prop_assert!(false, "{wanted:?} but {got:?}"),
            }
        }

        #[test]
        fn utf16_errors_name_the_first_unpaired_surrogate(
            units in prop::collection::vec(
                prop_oneof![any::<u16>(), 0xD800..=0xDFFFu16, Just(0x61u16)], 0..20),
            piece in 1usize..9,
        ) {
            let mut bytes = b"\xFF\xFE".to_vec();
            bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
            let mut bad_at = None;
            let mut at = 2u64;
            for decoded in char::decode_utf16(units.iter().copied()) {
                match decoded {
                    Ok(c) => at += 2 * c.len_utf16() as u64,
                    Err(_) => { bad_at = Some(at); break; }
                }
            }
            let got = decode_in_pieces(Encoding::default(), &bytes, piece);
            prop_assert_eq!(got.err().map(|(_, bad)| bad.offset), bad_at);
        }
    }
}
