//! Text encodings by their names.

use encoding_rs::UTF_8;

use crate::{Error, Result};

/// A text encoding of the WHATWG Encoding Standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Encoding(pub(super) &'static encoding_rs::Encoding);

impl Encoding {
    /// Returns the encoding with this label: `utf-8`, `latin1`, `shift_jis`, …
    ///
    /// As on the web, `latin1` and `ascii` mean windows-1252.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownEncoding`] if no encoding has this label.
    pub fn from_label(label: &str) -> Result<Self> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())
            .map(Self)
            .ok_or_else(|| Error::UnknownEncoding {
                label: label.to_owned(),
            })
    }

    /// Returns the encoding's name in the standard.
    pub fn name(self) -> &'static str {
        self.0.name()
    }
}

impl Default for Encoding {
    /// UTF-8.
    fn default() -> Self {
        Self(UTF_8)
    }
}
