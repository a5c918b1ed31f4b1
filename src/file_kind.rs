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
            (b"ID3\x03", FileKind::Sound),
            (b"OggS\0", FileKind::Sound),
            (b"fLaC\0", FileKind::Sound),
        ];
        let by_start = STARTS.iter().find(|(start, _)| head.starts_with(start));
        let has = |at: usize, mark: &[u8]| head.get(at..).is_some_and(|h| h.starts_with(mark));
        match by_start {
            Some((_, kind)) => Some(*kind),
            None if has(60, b"BOOKMOBI") => Some(Self::Mobi),
            None if has(0, b"RIFF") && has(8, b"WAVE") => Some(Self::Sound),
            None => None,
        }
    }
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
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_known_by_their_first_bytes() {
        let mobi = [&[b'x'; 60][..], b"BOOKMOBI"].concat();
        let cases: [(&[u8], Option<FileKind>); 7] = [
            (b"", None),
            (b"PK\n", None),
            (b"Plain text.", None),
            (b"%PDF-1.7\n", Some(FileKind::Pdf)),
            (b"PK\x03\x04\x14\0", Some(FileKind::Zip)),
            (b"{\\rtf1\\ansi", Some(FileKind::Rtf)),
            (&mobi, Some(FileKind::Mobi)),
        ];
        for (head, kind) in cases {
            assert_eq!(FileKind::of(head), kind, "{head:?}");
        }
    }
}
