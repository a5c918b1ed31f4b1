//! The blocks of a document, kept for its chapters.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use piper_rs::Result;
use piper_rs::document::{Block, Cues};

use super::Reading;
use super::text_input::TextInput;

/// The blocks of the document that was read last. Its chapters are read one after the
/// other, and each would read the document from its start again. Only one document is
/// kept: its text may be large.
#[derive(Debug, Clone, Default)]
pub(crate) struct LastDocument(Arc<Mutex<Option<ReadDocument>>>);

#[derive(Debug)]
struct ReadDocument {
    input: TextInput,
    reading: Reading,
    blocks: Arc<[Block]>,
}

/// A part of a document.
#[derive(Debug, Clone)]
pub(super) struct BlockRange {
    /// Counted from 0. The end may be after that of the document.
    pub(super) blocks: Range<usize>,
    pub(super) document: LastDocument,
}

impl LastDocument {
    /// Returns all blocks of a document. An error is not kept.
    fn blocks(&self, input: &TextInput, reading: Reading) -> Result<Arc<[Block]>> {
        // Locked while it is read, so that two chapters do not both read it.
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.as_ref()
            && (&last.input, last.reading) == (input, reading)
        {
            return Ok(Arc::clone(&last.blocks));
        }
        // The old one goes before the new one comes.
        *last = None;
        let blocks: Arc<[Block]> = match input.document(&reading, Cues::Join)? {
            Some((_, document)) => document.collect::<Result<_>>()?,
            None => Arc::default(),
        };
        *last = Some(ReadDocument {
            input: input.clone(),
            reading,
            blocks: Arc::clone(&blocks),
        });
        Ok(blocks)
    }
}

impl BlockRange {
    /// Reads these blocks of an input.
    pub(super) fn read(
        &self,
        input: &TextInput,
        reading: Reading,
    ) -> Result<impl Iterator<Item = Block> + use<>> {
        let blocks = self.document.blocks(input, reading)?;
        let end = self.blocks.end.min(blocks.len());
        let range = self.blocks.start..end;
        Ok(range.filter_map(move |n| blocks.get(n).cloned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{DocumentArgs, FormatArg};
    use crate::speech::source::Source;

    #[test]
    fn the_chapters_of_a_document_read_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            let input = TextInput::of(&path);
            let args = DocumentArgs {
                format: FormatArg::Markdown,
                code: Default::default(),
            };
            (
                Source::new(vec![input], Reading::of_document(None, args)),
                path,
            )
        };
        let (source, path) = file("a.md", "One.\n\nTwo.\n\nThree.\n");
        let (other, _) = file("b.md", "Other.");
        let last = LastDocument::default();
        let read = |source: &Source, blocks| -> Result<Vec<String>> {
            let passages = source.blocks(blocks, &last);
            passages.read().map(|passage| Ok(passage?.text)).collect()
        };
        assert_eq!(read(&source, 0..1).unwrap(), ["One.\n\n"]);
        // What is read again would be missing.
        std::fs::remove_file(path).unwrap();
        let rest = read(&source, 1..usize::MAX).unwrap();
        assert_eq!(rest, ["Two.\n\n", "Three.\n\n"]);
        assert_eq!(read(&other, 0..9).unwrap(), ["Other.\n\n"]);
        assert!(read(&source, 0..1).is_err());
    }
}
