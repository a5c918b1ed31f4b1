//! The entries of the input that are kept in memory.

use piper_rs::document::Metadata;

use super::entry::Entry;

/// The entries of the input, in order.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// All of them, unless they are in a list that can be read again.
    pub(super) kept: Option<Vec<Entry>>,
    /// What each document says about itself, if it says anything.
    pub(super) documents: Vec<Metadata>,
}

impl Entries {
    /// Adds one.
    pub(super) fn keep(&mut self, entry: Entry) {
        self.kept.get_or_insert_default().push(entry);
    }

    /// Returns whether there are several chapters or files; of a list it is not known.
    pub(super) fn are_several(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.len() > 1)
    }
}

/// What is done with an entry, and its number from 1.
pub(super) type EachEntry<'a> = dyn FnMut(u32, Entry) -> anyhow::Result<()> + 'a;
