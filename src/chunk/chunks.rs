//! Segments → chunks.

use std::iter::Peekable;

use super::{Boundary, Chunk, ChunkOptions, Sentence, Splitting};

/// Groups the segments of a text into chunks.
///
/// The first sentence is a chunk of its own, so that its audio starts early.
pub(super) struct Chunks<'t, I: Iterator> {
    text: &'t str,
    segments: Peekable<I>,
    /// The start of the next chunk.
    start: usize,
    max_chars: usize,
    sentences: Splitting,
    /// Whether a chunk with words has been returned.
    started: bool,
}

impl<'t, I: Iterator<Item = Sentence<'t>>> Chunks<'t, I> {
    /// `segments` must be those of `text`, none longer than `max_chars`.
    pub(super) fn new(text: &'t str, segments: I, options: &ChunkOptions) -> Self {
        Self {
            text,
            segments: segments.peekable(),
            start: 0,
            max_chars: options.max_chars,
            sentences: options.sentences,
            started: false,
        }
    }

    /// Adds the segments that fit into one chunk with the first of `sentences`.
    fn fill(&mut self, sentences: &mut Vec<Sentence<'t>>) {
        // If sentences are not spoken one by one, a chunk is one inference; it
        // ends at a line's or paragraph's end at the latest.
        let end = match self.sentences {
            Splitting::On if !self.started => return,
            Splitting::On => Boundary::Paragraph,
            Splitting::Off => Boundary::Line,
        };
        let mut n_chars = n_chars(sentences);
        while sentences.last().is_some_and(|last| last.boundary < end) {
            let fits = |segment: &Sentence| {
                !is_blank(segment) && n_chars + segment.text.chars().count() <= self.max_chars
            };
            let Some(segment) = self.segments.next_if(fits) else {
                break;
            };
            n_chars += segment.text.chars().count();
            sentences.push(segment);
        }
    }
}

impl<'t, I: Iterator<Item = Sentence<'t>>> Iterator for Chunks<'t, I> {
    type Item = Chunk<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut sentences = vec![self.segments.next()?];
        let blank = sentences.iter().all(is_blank);
        if !blank {
            self.fill(&mut sentences);
            self.started = true;
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

fn is_blank(segment: &Sentence) -> bool {
    segment.text.trim_start().is_empty()
}

fn n_chars(segments: &[Sentence]) -> usize {
    segments
        .iter()
        .map(|segment| segment.text.chars().count())
        .sum()
}
