//! Splits text into chunks, at the places where a reader would breathe.
//!
//! A *chunk* is the unit of work; each of its *sentences* is spoken by one
//! inference. The chunks of a text, concatenated, are the text, and so are the
//! sentences.
//!
//! [`split`] works in four steps, one per file:
//!
//! ```text
//! text → line_groups → sentences → segments → chunks
//! ```

mod chunks;
mod line_groups;
mod mark;
mod mark_run;
mod raw_phonemes;
mod segments;
mod sentence_rules;
mod sentences;
mod word;

pub(crate) use mark::{is_clause_mark, is_closer, is_terminal};
pub(crate) use raw_phonemes::RawPhonemes;

use chunks::Chunks;
use line_groups::{LineGroup, LineGroups};
use segments::Segments;
use sentence_rules::SentenceRules;
use sentences::Sentences;
use word::NextWord;

/// Returns the chunks of `text`. The iterator is lazy: it reads only as far as
/// the next chunk needs.
///
/// The first chunk with words is the first sentence alone, or its first segment
/// if it is longer than `max_chars`. Later chunks hold as many sentences of a
/// paragraph as fit. `[[…]]` phonemes (up to 1000 characters) are never split,
/// even if they are longer than `max_chars`.
///
/// The cost is linear in the length of the text, for any text.
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
    let rules = SentenceRules::of(&options.language);
    let max_chars = options.max_chars;
    let segments = LineGroups::new(text, options)
        .flat_map(move |group| sentences(group, rules))
        .flat_map(move |sentence| Segments::new(sentence, max_chars));
    Chunks::new(text, segments, options)
}

fn sentences<'t>(
    group: LineGroup<'t>,
    rules: &'static SentenceRules,
) -> impl Iterator<Item = Sentence<'t>> + Send {
    let mut left = group.text.len();
    Sentences::new(group.text, rules).map(move |text| {
        left -= text.len();
        let boundary = match left {
            0 => group.boundary,
            _ => Boundary::Sentence,
        };
        Sentence { text, boundary }
    })
}

/// Returns whether the full stop after `before` does not end a sentence.
/// espeak-ng may take it for an end. `language` is an espeak-ng voice.
pub(crate) fn is_false_end(before: &str, after: &str, language: &str) -> bool {
    let next = NextWord::of(after);
    sentences::is_abbreviated(before, &next, SentenceRules::of(language))
}

/// What separates a sentence from the next one; it decides the pause.
///
/// Ordered: if several meet, the largest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Boundary {
    /// The middle of a sentence that is too long for one inference: no pause.
    Clause,
    /// The end of a sentence.
    Sentence,
    /// The end of a line, or of a text that does not end in a blank line: only
    /// the caller knows what follows.
    Line,
    /// A blank line: two newlines with only white space between them.
    Paragraph,
}

/// The text of one inference: a sentence, or a part of a long one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence<'t> {
    /// The words with their punctuation, and the white space that follows.
    pub text: &'t str,
    /// What follows it.
    pub boundary: Boundary,
}

/// Sentences that are processed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk<'t> {
    /// A slice of the text, including white space.
    pub text: &'t str,
    /// Its sentences, in order; empty if the chunk is only white space.
    pub sentences: Vec<Sentence<'t>>,
}

/// Whether a kind of boundary splits the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Splitting {
    /// It does.
    #[default]
    On,
    /// It does not.
    Off,
}

/// What a single line break means. For blank lines, see
/// [`ChunkOptions::paragraphs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineBreaks {
    /// It ends a sentence, as in Piper, which reads line by line.
    #[default]
    Keep,
    /// It is white space: the text is hard-wrapped.
    Join,
    /// Wrapped prose is joined, other lines are not: a line ends a sentence if
    /// it has fewer than 45 columns, or if it or the next is a heading
    /// (`#`), a table row (`|`, tabs, wide gaps) or a rule, or if the next is
    /// a list item or indented deeper.
    Auto,
}

/// How to split a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkOptions {
    /// The most characters of a chunk, and so of an inference. At least 1.
    pub max_chars: usize,
    /// Whether blank lines end a paragraph. If not, they are ordinary line
    /// breaks.
    pub paragraphs: Splitting,
    /// Whether sentences are spoken one by one. If not, a chunk is one
    /// [`Sentence`], and long text is split at the ends of sentences.
    pub sentences: Splitting,
    /// What a single line break means.
    pub line_breaks: LineBreaks,
    /// The text's language, as espeak-ng names it (`en-us`, `de`, `cmn`). It
    /// decides which abbreviations and ordinals do not end a sentence.
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
