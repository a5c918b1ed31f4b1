//! Text → chunks: where a reader would breathe.
//!
//! A *chunk* is a piece of text that is worked on at once; its *sentences* are
//! spoken by one inference each. Concatenated chunks give back the text, and
//! so do concatenated sentences.
//!
//! [`split`] goes from the large to the small and back:
//!
//! ```text
//! text → stretch (line) → sentence (sentence) → piece (bound) → chunk (assembly)
//! ```

mod abbreviation;
mod assembly;
mod bound;
mod line;
mod mark;
mod raw;
mod sentence;
mod word;

pub(crate) use mark::is_terminal;
pub(crate) use raw::RawBlocks;

use abbreviation::Language;
use assembly::Chunks;
use bound::Pieces;
use line::{Stretch, Stretches};
use sentence::Sentences;
use word::Next;

/// Returns the chunks of `text`, each found when it is asked for.
///
/// The first chunk with words is the first sentence alone, or the first piece
/// of it where it is longer than a chunk may be. Later ones hold as many
/// sentences of a paragraph as fit. A `[[…]]` block (of up to 1000
/// characters) is never cut, even if it alone is longer than a chunk.
///
/// The cost grows with the length of the text, whatever is in it.
///
/// ```
/// use piper_rs::chunk::{ChunkOptions, split};
///
/// let text = "Dr. Smith is in. He will see you at 3 p.m. today. Wait here!";
/// let chunks: Vec<_> = split(text, &ChunkOptions::default()).collect();
/// assert_eq!(chunks[0].text, "Dr. Smith is in. ");
/// assert_eq!(chunks[1].sentences.len(), 2);
/// ```
pub fn split<'t>(
    text: &'t str,
    options: &ChunkOptions,
) -> impl Iterator<Item = Chunk<'t>> + Send + use<'t> {
    let language = Language::of(&options.language);
    let max_chars = options.max_chars;
    let pieces = Stretches::new(text, options)
        .flat_map(move |stretch| sentences(stretch, language))
        .flat_map(move |sentence| Pieces::new(sentence, max_chars));
    Chunks::new(text, pieces, options)
}

fn sentences<'t>(
    stretch: Stretch<'t>,
    language: &'static Language,
) -> impl Iterator<Item = Sentence<'t>> + Send {
    let mut left = stretch.text.len();
    Sentences::new(stretch.text, language).map(move |text| {
        left -= text.len();
        let boundary = match left {
            0 => stretch.boundary,
            _ => Boundary::Sentence,
        };
        Sentence { text, boundary }
    })
}

/// Returns whether the full stop behind `before` ends no sentence, in the
/// language of an espeak-ng voice, though a library may think so.
pub(crate) fn is_false_end(before: &str, after: &str, language: &str) -> bool {
    let next = Next::of(after);
    sentence::is_shortened(before, &next, Language::of(language))
}

/// How strongly the text is cut after a piece of it, which decides the pause.
///
/// Ordered: the larger one wins where several meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boundary {
    /// Inside a sentence too long for one inference: no pause of its own.
    Clause,
    /// The end of a sentence.
    Sentence,
    /// The end of a line, or of a text that does not end in a blank line:
    /// only the caller knows what comes behind it.
    Line,
    /// A blank line: only white space between two newlines.
    Paragraph,
}

/// A piece of text for one inference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence<'t> {
    /// The words with their marks, and the white space that follows them.
    pub text: &'t str,
    /// How the text goes on.
    pub boundary: Boundary,
}

/// Sentences that are worked on together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk<'t> {
    /// The slice of the text, white space included.
    pub text: &'t str,
    /// Its sentences, in order; none where the chunk is white space only.
    pub sentences: Vec<Sentence<'t>>,
}

/// Whether a kind of boundary is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Splitting {
    /// It ends a piece.
    #[default]
    On,
    /// It is ordinary text.
    Off,
}

/// What a single line break means. Blank lines are paragraphs' business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineBreaks {
    /// It ends a sentence: the habit of Piper, whose unit is the line.
    #[default]
    Keep,
    /// It is white space: the text is wrapped.
    Join,
    /// Wrapped prose is joined, all else kept apart: a line ends a sentence
    /// if it has fewer than 45 columns, or if it or the next is a heading
    /// (`#`), a table row (`|`, tabs, wide gaps) or a rule, or if the next is
    /// a list item or indented deeper.
    Auto,
}

/// How to cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkOptions {
    /// The most characters a chunk, and so an inference, may have. At least 1.
    pub max_chars: usize,
    /// Whether blank lines end a paragraph. If not, they are the line breaks
    /// that they consist of.
    pub paragraphs: Splitting,
    /// Whether sentences are spoken one by one. If not, a chunk is one
    /// [`Sentence`], cut at an end of a sentence where it has to be cut.
    pub sentences: Splitting,
    /// What a single line break means.
    pub line_breaks: LineBreaks,
    /// The text's language, as espeak-ng names it (`en-us`, `de`, `cmn`):
    /// it decides which abbreviations and ordinals do not end a sentence.
    pub language: String,
}

impl Default for ChunkOptions {
    fn default() -> Self {
        Self {
            max_chars: 500, // the original design's default
            paragraphs: Splitting::On,
            sentences: Splitting::On,
            line_breaks: LineBreaks::Keep,
            language: "en-us".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
