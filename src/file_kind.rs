//! Kinds of files that are not text, by their first bytes. [`text`](crate::text)
//! has the type; it is here because errors name it.

use std::fmt;

/// What a file is that is not text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileKind {
    /// A PDF.
    Pdf,
    /// A zip archive. EPUB, DOCX and OpenDocument files are such.
    Zip,
    /// A text of LibreOffice.
    OpenDocument,
    /// A table or presentation of Microsoft Office.
    OfficeTable,
    /// A `.doc` of Microsoft Word before 2007, or another file of that time.
    OldWord,
    /// Rich text.
    Rtf,
    /// A book for the Kindle.
    Mobi,
    /// DjVu.
    Djvu,
    /// A compressed file.
    Gzip,
    /// A picture.
    Picture,
    /// A sound file.
    Sound,
    /// A film.
    Video,
}

/// How many bytes are needed to know the kind of a file.
pub(crate) const HEAD_BYTES: usize = 68;

impl FileKind {
    /// Returns the kind of a file that begins with `head`, of which 68 bytes are
    /// enough; `None` if it may be text.
    pub fn of(head: &[u8]) -> Option<Self> {
        const STARTS: [(&[u8], FileKind); 14] = [
            (b"%PDF-", FileKind::Pdf),
            (b"PK\x03\x04", FileKind::Zip),
            (b"PK\x05\x06", FileKind::Zip),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FileKind::OldWord),
            (b"{\\rtf", FileKind::Rtf),
            (b"AT&TFORM", FileKind::Djvu),
            (b"\x1F\x8B\x08", FileKind::Gzip),
            (b"\x89PNG\r\n", FileKind::Picture),
            (b"\xFF\xD8\xFF", FileKind::Picture),
            (b"GIF87a", FileKind::Picture),
            (b"GIF89a", FileKind::Picture),
            (b"OggS\0", FileKind::Sound),
            (b"fLaC\0", FileKind::Sound),
            (b"\x1A\x45\xDF\xA3", FileKind::Video),
        ];
        let by_start = STARTS.iter().find(|(start, _)| head.starts_with(start));
        let has = |at: usize, mark: &[u8]| head.get(at..).is_some_and(|h| h.starts_with(mark));
        match by_start {
            Some((_, kind)) => Some(*kind),
            None if has(60, b"BOOKMOBI") => Some(Self::Mobi),
            None if has(0, b"RIFF") && has(8, b"WAVE") => Some(Self::Sound),
            None if has(0, b"RIFF") && has(8, b"WEBP") => Some(Self::Picture),
            None if has(0, b"RIFF") && has(8, b"AVI ") => Some(Self::Video),
            None if has(0, b"FORM") && (has(8, b"AIFF") || has(8, b"AIFC")) => Some(Self::Sound),
            None if has(4, b"ftyp") => Some(of_brand(head.get(8..).unwrap_or_default())),
            None if is_id3(head) || is_mpeg_audio(head) => Some(Self::Sound),
            None => None,
        }
    }

    /// Returns the kind of a file if it is certainly no text. Rich text is text, if
    /// somebody wants to hear it.
    pub(crate) fn of_no_text(head: &[u8]) -> Option<Self> {
        Self::of(head).filter(|kind| *kind != Self::Rtf)
    }
}

/// Returns the kind of a file of the MPEG-4 family.
fn of_brand(brand: &[u8]) -> FileKind {
    let is = |brands: &[&[u8]]| brands.iter().any(|known| brand.starts_with(known));
    if is(&[b"M4A", b"M4B", b"M4P"]) {
        FileKind::Sound
    } else if is(&[b"heic", b"heix", b"mif1", b"avif"]) {
        FileKind::Picture
    } else {
        FileKind::Video
    }
}

/// Returns whether a file begins with tags of ID3: `ID3`, then its version and flags,
/// which no text has.
fn is_id3(head: &[u8]) -> bool {
    let version = head.strip_prefix(b"ID3").and_then(|rest| rest.first());
    version.is_some_and(|version| (2..=4).contains(version))
}

/// Returns whether a file begins with a frame of MPEG audio (MP3), or of AAC (ADTS). The
/// byte order mark of UTF-16, `FF FE`, would be one of layer I without a checksum.
fn is_mpeg_audio(head: &[u8]) -> bool {
    let &[0xFF, second, third, ..] = head else {
        return false;
    };
    // The version, the layer and the checksum; the bit rate and the rate of samples.
    let is_layer_3 = matches!(second, 0xFA | 0xFB | 0xF2 | 0xF3 | 0xE2 | 0xE3)
        && !matches!(third >> 4, 0 | 15)
        && third >> 2 & 3 != 3;
    let is_adts = matches!(second, 0xF0 | 0xF1 | 0xF8 | 0xF9) && third >> 2 & 15 < 13;
    is_layer_3 || is_adts
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pdf => "a PDF",
            Self::Zip => "a zip archive",
            Self::OpenDocument => "an OpenDocument text",
            Self::OfficeTable => "a table or presentation of an office program",
            Self::OldWord => "a file of an old office program, such as .doc",
            Self::Rtf => "rich text (RTF)",
            Self::Mobi => "a book for the Kindle",
            Self::Djvu => "a DjVu file",
            Self::Gzip => "a compressed file",
            Self::Picture => "a picture",
            Self::Sound => "a sound file",
            Self::Video => "a film",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_first_bytes() {
        let mobi = [&[b'x'; 60][..], b"BOOKMOBI"].concat();
        let cases: [(&[u8], Option<FileKind>); 18] = [
            (b"", None),
            (b"PK\n", None),
            (b"Plain text.", None),
            (b"%PDF-1.7\n", Some(FileKind::Pdf)),
            (b"PK\x03\x04\x14\0", Some(FileKind::Zip)),
            (b"{\\rtf1\\ansi", Some(FileKind::Rtf)),
            (&mobi, Some(FileKind::Mobi)),
            (b"ID3 tags and so on", None),
            (b"ID3\x02\0", Some(FileKind::Sound)),
            (b"ID3\x04\0", Some(FileKind::Sound)),
            (b"\xFF\xFB\x90\x64", Some(FileKind::Sound)),
            (b"\xFF\xF1\x50\x80", Some(FileKind::Sound)),
            (b"\xFF\xFEh\0i\0", None),
            (b"\xFF\xFE\0\0h\0\0\0", None),
            (b"FORM\0\0\0\x08AIFFCOMM", Some(FileKind::Sound)),
            (b"\0\0\0\x20ftypM4A ", Some(FileKind::Sound)),
            (b"\0\0\0\x20ftypisom", Some(FileKind::Video)),
            (b"\0\0\0\x20ftypheic", Some(FileKind::Picture)),
        ];
        for (head, kind) in cases {
            assert_eq!(FileKind::of(head), kind, "{head:?}");
        }
    }
}
