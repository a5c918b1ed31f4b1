//! How inputs are read.

use piper_rs::document::Code;
use piper_rs::text::Encoding;
use piper_rs::{PiperMode, Result};

use crate::args::{DocumentArgs, FormatArg, ReadingArgs};
use crate::terminal::report::UsageError;

/// How inputs are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(super) encoding: Option<Encoding>,
    pub(super) format: FormatArg,
    pub(super) code: Code,
}

impl Reading {
    pub(crate) fn from_args(args: &ReadingArgs) -> Result<Self> {
        let encoding = encoding(args.encoding.as_deref())?;
        Ok(Self::of_document(encoding, args.document))
    }

    pub(crate) fn of_document(encoding: Option<Encoding>, args: DocumentArgs) -> Self {
        Self {
            encoding,
            format: args.format,
            code: args.code.into(),
        }
    }

    /// Returns how lists and scripts are read: as they are.
    pub(crate) fn plain(encoding: Option<Encoding>) -> Self {
        Self {
            encoding,
            format: FormatArg::Text,
            code: Default::default(),
        }
    }

    /// Returns the same for a mode: Piper's programs know only plain text.
    pub(crate) fn in_mode(self, mode: PiperMode) -> Self {
        match (mode, self.format) {
            (PiperMode::Strict, FormatArg::Auto) => self.as_plain(),
            _ => self,
        }
    }

    pub(crate) fn encoding(self) -> Option<Encoding> {
        self.encoding
    }

    /// Returns the same for the format of this name.
    pub(crate) fn with_format(self, name: &str) -> std::result::Result<Self, UsageError> {
        let format = FormatArg::named(name).ok_or_else(|| {
            UsageError(format!(
                "format `{name}` is not known; the formats are {}",
                FormatArg::names()
            ))
        })?;
        Ok(Self { format, ..self })
    }

    /// Returns the same for plain text.
    pub(crate) fn as_plain(self) -> Self {
        Self::plain(self.encoding)
    }
}

/// Returns the encoding with that label, if there is one.
pub(crate) fn encoding(label: Option<&str>) -> Result<Option<Encoding>> {
    label.map(Encoding::from_label).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_format_is_told_all_that_are_known() {
        let error = Reading::plain(None).with_format("pdf").unwrap_err();
        let expected = "format `pdf` is not known; the formats are auto, text, markdown, html, \
                        epub, docx, srt, vtt, csv, pdftext, ssml";
        assert_eq!(error.to_string(), expected);
    }
}
