//! The parts of a zip archive: EPUB and DOCX are such.

use std::io::{Read as _, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use super::source::{self, MAX_WHOLE_MIB, ReadSeek, damaged};
use super::{BadDocument, Format, ReadError, too_large};
use crate::file_kind::FileKind;
use crate::text::{Encoding, Input};

const MAX_PART_BYTES: u64 = MAX_WHOLE_MIB * 1024 * 1024;
/// All parts that are read, together: text without pictures.
const MAX_TOTAL_MIB: u64 = 128;

/// An archive that is read part by part.
pub(super) struct Archive {
    zip: ZipArchive<Box<dyn ReadSeek>>,
    format: Format,
    /// The name of the archive, for errors.
    origin: String,
    /// That of parts that are not what they tell.
    encoding: Option<Encoding>,
    /// How many bytes may still be read.
    left: u64,
}

impl Archive {
    pub(super) fn open(
        input: Input,
        format: Format,
        encoding: Option<Encoding>,
    ) -> Result<Self, ReadError> {
        let origin = source::name(&input);
        let zip = opened(source::seekable(input)?, format)?;
        Ok(Self {
            zip,
            format,
            origin,
            encoding,
            left: MAX_TOTAL_MIB * 1024 * 1024,
        })
    }

    /// Returns a part as text; `None` if there is none of that name.
    pub(super) fn part(&mut self, name: &str) -> Result<Option<String>, ReadError> {
        let mut part = match self.zip.by_name(name) {
            Ok(part) => part,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(ZipError::InvalidPassword) => return Err(BadDocument::Encrypted.into()),
            Err(ZipError::UnsupportedArchive(why)) if why == ZipError::PASSWORD_REQUIRED => {
                return Err(BadDocument::Encrypted.into());
            }
            Err(error) => return Err(damaged(format!("the part {name}"), error).into()),
        };
        let mut bytes = Vec::new();
        // The size that the archive tells is not trusted.
        let read = part
            .by_ref()
            .take(MAX_PART_BYTES + 1)
            .read_to_end(&mut bytes);
        read.map_err(|error| damaged(format!("the part {name}"), error))?;
        if bytes.len() as u64 > MAX_PART_BYTES {
            return Err(too_large(&format!("the part {name}"), MAX_WHOLE_MIB).into());
        }
        match self.left.checked_sub(bytes.len() as u64) {
            Some(left) => self.left = left,
            None => return Err(too_large("the unpacked document", MAX_TOTAL_MIB).into()),
        }
        let origin = format!("{}: {name}", self.origin);
        source::part(&bytes, &origin, self.encoding).map(Some)
    }

    /// Returns a part without which the document cannot be read.
    pub(super) fn needed_part(&mut self, name: &str) -> Result<String, ReadError> {
        let missing = BadDocument::Incomplete {
            format: self.format.name(),
            missing: format!("the part {name}"),
        };
        self.part(name)?.ok_or(missing.into())
    }
}

fn opened(
    reader: Box<dyn ReadSeek>,
    format: Format,
) -> Result<ZipArchive<Box<dyn ReadSeek>>, BadDocument> {
    ZipArchive::new(reader).map_err(|error| match error {
        ZipError::InvalidArchive(_) => BadDocument::Incomplete {
            format: format.name(),
            missing: "the list of parts of a zip archive".to_owned(),
        },
        error => damaged("the zip archive", error),
    })
}

/// Returns the format of a zip archive.
pub(super) fn format(reader: Box<dyn ReadSeek>) -> Result<Format, BadDocument> {
    let mut zip = ZipArchive::new(reader).map_err(|error| damaged("the zip archive", error))?;
    let has = |zip: &ZipArchive<_>, name: &str| zip.index_for_name(name).is_some();
    if has(&zip, "META-INF/container.xml") {
        return Ok(Format::Epub);
    }
    if has(&zip, "word/document.xml") {
        return Ok(Format::Docx);
    }
    let kind = match mimetype(&mut zip) {
        Some(mimetype) if mimetype.contains("opendocument") => FileKind::OpenDocument,
        _ if has(&zip, "xl/workbook.xml") || has(&zip, "ppt/presentation.xml") => {
            FileKind::OfficeTable
        }
        _ => FileKind::Zip,
    };
    Err(BadDocument::WrongKind(kind))
}

fn mimetype<R: std::io::Read + Seek>(zip: &mut ZipArchive<R>) -> Option<String> {
    let mut mimetype = String::new();
    let part = zip.by_name("mimetype").ok()?;
    part.take(100).read_to_string(&mut mimetype).ok()?;
    Some(mimetype)
}

#[cfg(test)]
mod tests {
    use super::super::tests::archive;
    use super::*;

    #[test]
    fn all_parts_together_are_limited() {
        let bytes = archive(&[("a", "12345"), ("b", "12345")]);
        let input = Input::reader(std::io::Cursor::new(bytes), "a file");
        let mut archive = Archive::open(input, Format::Epub, None).unwrap();
        archive.left = 9;
        assert_eq!(archive.part("a").unwrap().unwrap(), "12345");
        assert_eq!(archive.part("missing").unwrap(), None);
        let error = archive.part("b").unwrap_err().into_error("a file");
        assert!(matches!(
            error,
            crate::Error::Document {
                source: BadDocument::TooLarge { .. },
                ..
            }
        ));
    }
}
