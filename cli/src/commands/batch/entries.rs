//! The entries of the input, as far as they are known before they are read.

use piper_rs::document::Metadata;

use super::entry::Entry;
use crate::speech::source::Source;

/// The entries of the input, in order.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// Those of files.
    pub(super) kept: Vec<Entry>,
    /// The lines of a list, which can be read several times.
    pub(super) list: Option<Source>,
    /// What each document says about itself, if it says anything.
    pub(super) documents: Vec<Metadata>,
}

/// What is done with an entry, and its number from 1.
pub(super) type EachEntry<'a> = dyn FnMut(u32, Entry) -> anyhow::Result<()> + 'a;
