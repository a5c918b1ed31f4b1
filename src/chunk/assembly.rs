//! Pieces → chunks.

use std::iter::Peekable;

use super::{Boundary, Chunk, ChunkOptions, Sentence, Splitting};

/// Gathers pieces of one text into chunks.
///
/// The first sentence goes alone, so that its sound is not kept waiting.
pub(super) struct Chunks<'t, I: Iterator> {
    text: &'t str,
    pieces: Peekable<I>,
    /// Where the next chunk begins.
    start: usize,
    max_chars: usize,
    sentences: Splitting,
    /// Whether a chunk with words has been handed out.
    begun: bool,
}

impl<'t, I: Iterator<Item = Sentence<'t>>> Chunks<'t, I> {
    /// `pieces` must be those of `text`, none above the options' bound.
    pub(super) fn new(text: &'t str, pieces: I, options: &ChunkOptions) -> Self {
        Self {
            text,
            pieces: pieces.peekable(),
            start: 0,
            max_chars: options.max_chars,
            sentences: options.sentences,
            begun: false,
        }
    }

    /// Adds the pieces that go with the first of `sentences`.
    fn gather(&mut self, sentences: &mut Vec<Sentence<'t>>) {
        // Where sentences are not spoken one by one, a chunk is one inference,
        // which only the lines' and paragraphs' ends part.
        let end = match self.sentences {
            Splitting::On if !self.begun => return,
            Splitting::On => Boundary::Paragraph,
            Splitting::Off => Boundary::Line,
        };
        let mut n_chars = n_chars(sentences);
        while sentences.last().is_some_and(|last| last.boundary < end) {
            let fits = |piece: &Sentence| {
                !is_blank(piece) && n_chars + piece.text.chars().count() <= self.max_chars
            };
            let Some(piece) = self.pieces.next_if(fits) else {
                break;
            };
            n_chars += piece.text.chars().count();
            sentences.push(piece);
        }
    }
}

impl<'t, I: Iterator<Item = Sentence<'t>>> Iterator for Chunks<'t, I> {
    type Item = Chunk<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut sentences = vec![self.pieces.next()?];
        let blank = sentences.iter().all(is_blank);
        if !blank {
            self.gather(&mut sentences);
            self.begun = true;
        }
        let length: usize = sentences.iter().map(|sentence| sentence.text.len()).sum();
        let text = &self.text[self.start..self.start + length];
        self.start += length;
        if blank {
            sentences.clear();
        } else if self.sentences == Splitting::Off {
            merge(&mut sentences, text);
        }
        Some(Chunk { text, sentences })
    }
}

fn merge<'t>(sentences: &mut Vec<Sentence<'t>>, text: &'t str) {
    if let Some(last) = sentences.last() {
        let boundary = last.boundary;
        *sentences = vec![Sentence { text, boundary }];
    }
}

fn is_blank(piece: &Sentence) -> bool {
    piece.text.trim_start().is_empty()
}

fn n_chars(pieces: &[Sentence]) -> usize {
    pieces.iter().map(|piece| piece.text.chars().count()).sum()
}
