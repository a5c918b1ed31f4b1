//! Why a document cannot be read.

use super::Cause;
use crate::file_kind::FileKind;

/// Why a document cannot be read. Messages continue `cannot read FILE: `.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BadDocument {
    /// The file is of a kind that no reader here understands.
    #[error("it is {0}, not text")]
    WrongKind(FileKind),
    /// The file is not of the requested format.
    #[error("it is not {format}: {missing} is missing")]
    Incomplete {
        /// The format's name.
        format: &'static str,
        /// The part that every document of the format has.
        missing: String,
    },
    /// The content is encrypted, as books with a copy protection are.
    #[error("it is encrypted")]
    Encrypted,
    /// A limit protects memory and time.
    #[error("{place} is larger than {limit_mib} MiB, the limit for documents")]
    TooLarge {
        /// The part, or `the document`.
        place: String,
        /// The limit.
        limit_mib: u64,
    },
    /// It has more parts of a kind than its reader holds in memory.
    #[error("it has more than {limit} {parts}, the limit for documents")]
    TooMany {
        /// What it has too many of: `pages`.
        parts: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Elements are nested too deeply.
    #[error("{place}: elements are nested more than {limit} deep")]
    TooDeep {
        /// Line and part.
        place: String,
        /// The limit.
        limit: usize,
    },
    /// A tag of HTML has too many attributes.
    #[error("{place}: a tag has more than {limit} attributes")]
    TooManyAttributes {
        /// Line and part.
        place: String,
        /// The limit.
        limit: usize,
    },
    /// A part is not valid in its format.
    #[error("{place} is damaged")]
    Damaged {
        /// Line or offset, and part.
        place: String,
        /// The parser's error.
        source: Cause,
    },
}
