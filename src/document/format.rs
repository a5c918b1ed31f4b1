//! Formats of documents.

use std::path::Path;

/// A format of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// CommonMark with GitHub's tables, footnotes and task lists.
    Markdown,
    /// A web page.
    Html,
    /// A book, version 2 or 3.
    Epub,
    /// A text of Microsoft Word since 2007.
    Docx,
    /// Subtitles of SubRip.
    Srt,
    /// Subtitles of the web, WebVTT.
    Vtt,
    /// A table. Its first row has the names of the columns, unless it has numbers, dates
    /// or the same cell twice, or is the only row.
    Csv,
    /// What `pdftotext` makes of a PDF.
    PdfText,
    /// Marks for speech, as synthesizers take them.
    Ssml,
}

/// The suffixes of each format. Text of PDFs has none of its own.
const SUFFIXES: [(&str, Format); 16] = [
    ("md", Format::Markdown),
    ("markdown", Format::Markdown),
    ("mdown", Format::Markdown),
    ("mkd", Format::Markdown),
    ("html", Format::Html),
    ("htm", Format::Html),
    ("xhtml", Format::Html),
    ("epub", Format::Epub),
    ("docx", Format::Docx),
    ("docm", Format::Docx),
    ("srt", Format::Srt),
    ("vtt", Format::Vtt),
    ("csv", Format::Csv),
    ("tsv", Format::Csv),
    ("tab", Format::Csv),
    ("ssml", Format::Ssml),
];

impl Format {
    /// Returns the format that files with this suffix have.
    pub fn of_suffix(path: &Path) -> Option<Self> {
        let suffix = path.extension()?.to_str()?.to_ascii_lowercase();
        let mut suffixes = SUFFIXES.iter();
        suffixes
            .find(|(known, _)| *known == suffix)
            .map(|(_, format)| *format)
    }

    /// Returns the name, with its article.
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "Markdown",
            Self::Html => "HTML",
            Self::Epub => "an EPUB",
            Self::Docx => "a DOCX",
            Self::Srt => "SubRip subtitles",
            Self::Vtt => "WebVTT subtitles",
            Self::Csv => "CSV",
            Self::PdfText => "text of a PDF",
            Self::Ssml => "SSML",
        }
    }

    /// Returns whether its files are binary, so that no encoding applies.
    pub fn is_archive(self) -> bool {
        matches!(self, Self::Epub | Self::Docx)
    }
}
