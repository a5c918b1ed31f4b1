//! From a text to what is to be spoken and where the pauses are.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use super::Synthesizer;
use super::pieces::pieces;
use crate::chunk::{self, Boundary};
use crate::phoneme::Phonemes;
use crate::{Error, Result};

/// What a text comes to, in the order in which it is heard, found chunk by
/// chunk as it is asked for.
pub(super) struct Plan<'a> {
    synthesizer: &'a Synthesizer,
    text: String,
    chunks: std::vec::IntoIter<Vec<Part>>,
    found: VecDeque<Due>,
}

/// The next thing to be heard, or to be known.
pub(super) enum Due {
    /// One inference: a sentence, or a piece of a long one.
    Speech(Phonemes),
    /// Silence before the next speech.
    Silence(Duration),
    /// So many words of the speech that follows are a lexicon's.
    Replaced(u64),
    /// A chunk ends here.
    ChunkEnd,
    /// The text goes on, but nobody knows how.
    Failure(Error),
}

/// A sentence's place in the text, and how the text goes on.
type Part = (Range<usize>, Boundary);

impl<'a> Plan<'a> {
    pub(super) fn new(synthesizer: &'a Synthesizer, text: &str) -> Self {
        let options = &synthesizer.options;
        let chunks: Vec<_> = chunk::split(text, &options.chunks)
            .map(|c| parts(text, &c))
            .collect();
        let mut found = VecDeque::new();
        if chunks.iter().all(Vec::is_empty) {
            // Blank lines: nothing to say, but a reader would pause.
            found.push_back(Due::Silence(options.pauses.after(Boundary::Paragraph)));
        }
        Self {
            synthesizer,
            text: text.to_owned(),
            chunks: chunks.into_iter(),
            found,
        }
    }

    fn read_chunk(&mut self, parts: Vec<Part>) -> Result<()> {
        let pauses = self.synthesizer.options.pauses;
        for (range, boundary) in parts {
            let pronounced = self.synthesizer.pronouncer.pronounce(&self.text[range])?;
            self.found.push_back(Due::Replaced(pronounced.replaced));
            let mut spoken = pronounced.sentences;
            if boundary == Boundary::Clause {
                // Cut only for its length: its voice must not fall here.
                spoken = spoken.into_iter().map(Phonemes::open_ended).collect();
            }
            // The phonemizer may find several sentences in what we took for one.
            let last = spoken.len().saturating_sub(1);
            for (n, phonemes) in spoken.into_iter().enumerate() {
                self.read_sentence(&phonemes);
                let ends = if n == last {
                    boundary
                } else {
                    Boundary::Sentence
                };
                self.found.push_back(Due::Silence(pauses.after(ends)));
            }
        }
        Ok(())
    }

    fn read_sentence(&mut self, phonemes: &Phonemes) {
        for piece in pieces(phonemes, &self.synthesizer.options.phoneme_silence) {
            self.found.push_back(Due::Speech(piece.phonemes));
            self.found.push_back(Due::Silence(piece.pause));
        }
    }
}

impl Iterator for Plan<'_> {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        while self.found.is_empty() {
            let parts = self.chunks.next()?;
            match self.read_chunk(parts) {
                Ok(()) => self.found.push_back(Due::ChunkEnd),
                Err(error) => self.found.push_back(Due::Failure(error)),
            }
        }
        self.found.pop_front()
    }
}

/// Returns where each sentence of `chunk` stands in `text`.
fn parts(text: &str, chunk: &chunk::Chunk<'_>) -> Vec<Part> {
    let at = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    chunk
        .sentences
        .iter()
        .map(|s| (at(s.text)..at(s.text) + s.text.len(), s.boundary))
        .collect()
}
