//! Bytes → text, as it arrives.
//!
//! [`Passages`] reads an [`Input`] and returns its text line by line or
//! paragraph by paragraph, each as soon as it is complete: a line of a pipe is
//! available with its newline, not at the end of the file. Memory use is bounded
//! for lines, paragraphs and inputs of any length. [`Follow`] does the same for a file
//! that is still being written.

mod control;
mod decode;
mod encoding;
mod follow;
mod growing_file;
mod input;
mod passage_splitter;
mod passages;
mod printable;
mod resume;
mod utf32;
#[cfg(feature = "documents")]
mod whole;

pub use crate::file_kind::FileKind;
#[cfg(feature = "documents")]
pub(crate) use control::FormFeeds;
pub use control::{ControlFilter, plain};
pub use decode::Malformed;
pub use encoding::Encoding;
pub use follow::{Follow, FollowFrom, FollowOptions, Followed};
#[cfg(feature = "documents")]
pub(crate) use input::cannot_read;
pub use input::{GIVEN_TEXT, Input};
pub use passage_splitter::PassageUnit;
pub use passages::{Passage, Passages, ReadOptions, Step};
pub use printable::printable;
pub use resume::ResumePoint;
#[cfg(feature = "documents")]
pub(crate) use whole::decode_whole;
