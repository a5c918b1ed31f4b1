//! From a text to its sentences and the pauses between them.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::phrase::phrases;
use super::sentence_words::SentenceWords;
use super::{SpeechSession, Synthesizer, TextEnd, WordTimes};
use crate::chunk::{self, Boundary};
use crate::lexicon::Pronounced;
use crate::phoneme::Phonemes;
use crate::timing::SourceSentence;
use crate::{Error, Result};

/// The items of a text in the order in which they are heard. The text is split
/// into chunks at once; a chunk is pronounced when its first item is requested.
pub(super) struct Plan<'a> {
    synthesizer: &'a Synthesizer,
    text: String,
    end: TextEnd,
    chunks: std::vec::IntoIter<PlannedChunk>,
    times: WordTimes,
    /// The pause at lines of marks within the text, if they are scene breaks.
    scene_pause: Option<Duration>,
    ready: VecDeque<PlanItem>,
}

/// What is heard or counted next.
pub(super) enum PlanItem {
    Speech(PlannedPhrase),
    /// Silence before the next speech.
    Silence(Duration),
    /// How many words of the following speech a lexicon replaced.
    ReplacedWords(u64),
    /// A chunk of this many characters ends here.
    ChunkEnd(u64),
    /// The rest of the text cannot be planned.
    Failure(Error),
}

/// One inference: a sentence, or a phrase of one.
pub(super) struct PlannedPhrase {
    pub(super) phonemes: Phonemes,
    /// `None` if the times of words are off.
    pub(super) words: Option<PhraseWords>,
}

/// The words of a phrase.
pub(super) struct PhraseWords {
    pub(super) sentence: Arc<SourceSentence>,
    pub(super) ends_sentence: bool,
    /// For each symbol of the phrase the number of its word.
    pub(super) symbols: Vec<Option<usize>>,
}

/// Returns whether two blank lines come before a text; the first blank line ended
/// the paragraph before.
fn follows_blank_lines(text: &str) -> bool {
    let blank = &text[..text.len() - text.trim_start().len()];
    blank.len() < text.len() && blank.matches('\n').count() >= 2
}

/// Returns whether what follows `before` is at the start of a line.
fn begins_line(before: &str) -> bool {
    let line = before.trim_end_matches([' ', '\t']);
    line.is_empty() || line.ends_with('\n')
}

/// Returns whether a text is only a row of marks, `* * *`, `---`, `⁂`, or one mark
/// with a blank line before or after it. One mark without them may be all that
/// was asked for.
fn is_scene_break(text: &str, after_blank_line: bool) -> bool {
    let after = &text[text.trim_end().len()..];
    let is_paragraph =
        after_blank_line || text.starts_with('\n') || after.matches('\n').count() >= 2;
    is_row_of_marks(text, if is_paragraph { 1 } else { 3 })
}

/// Returns whether a text is at least `min_marks` equal marks, or one ornament.
fn is_row_of_marks(text: &str, min_marks: usize) -> bool {
    let mut marks = text.chars().filter(|c| !c.is_whitespace());
    let Some(first) = marks.next() else {
        return false;
    };
    let others: Vec<_> = marks.by_ref().take(100).collect();
    let is_row = others.iter().all(|mark| *mark == first) && marks.next().is_none();
    let is_rule = "*-_~#=•·–—＊".contains(first) && others.len() + 1 >= min_marks;
    is_row && (is_rule || "⁂❦❧☙✻✽❖".contains(first))
}

/// Returns what separates the last sentence of a text from more of the same line.
fn open_end(sentence: &str, boundary: Boundary) -> Boundary {
    let words = sentence.trim_end();
    if boundary != Boundary::Line || sentence[words.len()..].contains('\n') {
        return boundary;
    }
    let is_closing = |c: char| !c.is_alphanumeric() && !chunk::is_terminal(c) && !",;:".contains(c);
    match words
        .trim_end_matches(is_closing)
        .ends_with(chunk::is_terminal)
    {
        true => Boundary::Sentence,
        false => Boundary::Clause,
    }
}

struct PlannedChunk {
    sentences: Vec<SentenceRange>,
    chars: u64,
}

/// A sentence's bytes in the text, and the boundary after it.
type SentenceRange = (Range<usize>, Boundary);

impl<'a> Plan<'a> {
    /// Plans a text for a `session`.
    pub(super) fn new(
        text: &str,
        end: TextEnd,
        synthesizer: &'a Synthesizer,
        session: &SpeechSession,
    ) -> Self {
        let options = &synthesizer.options;
        let mut chunks: Vec<_> = chunk::split(text, &options.chunks)
            .map(|chunk| PlannedChunk {
                sentences: sentence_ranges(text, &chunk),
                chars: chunk.text.chars().count() as u64,
            })
            .collect();
        let mut ready = VecDeque::new();
        if chunks.iter().all(|chunk| chunk.sentences.is_empty()) {
            // Blank lines have no speech, but a reader would pause.
            let pauses = options.pauses.at_speed(options.speed);
            ready.push_back(PlanItem::Silence(pauses.after(Boundary::Paragraph)));
        }
        let pauses = options.pauses.at_speed(options.speed);
        // A mark that is named is no scene break.
        let names_marks = synthesizer.pronouncer.names_marks();
        let scene_pause = pauses.scene.filter(|_| !names_marks);
        let is_break = scene_pause.is_some() && is_scene_break(text, session.after_blank_line);
        if is_break {
            chunks.iter_mut().for_each(|chunk| chunk.sentences.clear());
        }
        if let Some(pause) = pauses.scene
            && (is_break || follows_blank_lines(text))
        {
            ready.push_back(PlanItem::Silence(pause));
        }
        Self {
            synthesizer,
            times: session.options.times,
            scene_pause,
            text: text.to_owned(),
            end,
            chunks: chunks.into_iter(),
            ready,
        }
    }

    fn plan_chunk(&mut self, sentences: Vec<SentenceRange>) -> Result<()> {
        let options = &self.synthesizer.options;
        let pauses = options.pauses.at_speed(options.speed);
        for (range, boundary) in sentences {
            let sentence = &self.text[range.clone()];
            let boundary = match self.end {
                TextEnd::Open if range.end == self.text.len() => open_end(sentence, boundary),
                TextEnd::Open | TextEnd::Line => boundary,
            };
            if let Some(pause) = self.scene_pause
                && sentence.trim().len() < self.text.trim().len()
                && boundary >= Boundary::Line
                && begins_line(&self.text[..range.start])
                && is_row_of_marks(sentence, 1)
            {
                self.ready.push_back(PlanItem::Silence(pause));
                continue;
            }
            let pronounced = self
                .synthesizer
                .pronouncer
                .pronounce_in(&self.text, sentence.trim())?;
            self.ready
                .push_back(PlanItem::ReplacedWords(pronounced.replaced));
            let words = match self.times {
                WordTimes::Off => None,
                WordTimes::On => Some(self.words(range, &pronounced)?),
            };
            // The phonemizer may find several sentences in one of ours.
            let last = pronounced.sentences.len().saturating_sub(1);
            let mut first_symbol = 0;
            for (n, spoken) in pronounced.sentences.into_iter().enumerate() {
                let n_symbols = spoken.symbols();
                let phonemes = match boundary {
                    // Split only because of its length: the pitch must not fall here.
                    Boundary::Clause => spoken.without_full_stop(),
                    _ => spoken,
                };
                let words = words.as_ref().map(|words| PartWords {
                    words,
                    first_symbol,
                    ends_sentence: n == last,
                });
                self.plan_sentence(&phonemes, words);
                first_symbol += n_symbols;
                let end = if n == last {
                    boundary
                } else {
                    Boundary::Sentence
                };
                self.ready.push_back(PlanItem::Silence(pauses.after(end)));
            }
        }
        Ok(())
    }

    /// Finds the words of the sentence at `range`.
    fn words(&self, range: Range<usize>, pronounced: &Pronounced) -> Result<SentenceWords> {
        let sentence = &self.text[range.clone()];
        let start = range.end - sentence.trim_start().len();
        let source = start..start + sentence.trim().len();
        SentenceWords::of(&self.synthesizer.pronouncer, &self.text, source, pronounced)
    }

    fn plan_sentence(&mut self, phonemes: &Phonemes, words: Option<PartWords<'_>>) {
        let options = &self.synthesizer.options;
        let phrases = phrases(phonemes, &options.phoneme_silence);
        let last = phrases.len().saturating_sub(1);
        let mut first_symbol = 0;
        for (n, phrase) in phrases.into_iter().enumerate() {
            let symbols = first_symbol..first_symbol + phrase.phonemes.symbols();
            first_symbol = symbols.end;
            let words = words.as_ref();
            self.ready.push_back(PlanItem::Speech(PlannedPhrase {
                words: words.map(|words| words.of_phrase(symbols, n == last)),
                phonemes: phrase.phonemes,
            }));
            self.ready
                .push_back(PlanItem::Silence(options.speed.duration(phrase.pause)));
        }
    }
}

/// The words of what the phonemizer takes for a sentence.
struct PartWords<'w> {
    words: &'w SentenceWords,
    /// The number of its first symbol in our sentence.
    first_symbol: usize,
    ends_sentence: bool,
}

impl PartWords<'_> {
    fn of_phrase(&self, symbols: Range<usize>, is_last: bool) -> PhraseWords {
        let symbols = symbols.start + self.first_symbol..symbols.end + self.first_symbol;
        PhraseWords {
            sentence: Arc::clone(&self.words.sentence),
            ends_sentence: self.ends_sentence && is_last,
            symbols: self.words.symbols[symbols].to_vec(),
        }
    }
}

impl Iterator for Plan<'_> {
    type Item = PlanItem;

    fn next(&mut self) -> Option<PlanItem> {
        while self.ready.is_empty() {
            let PlannedChunk { sentences, chars } = self.chunks.next()?;
            match self.plan_chunk(sentences) {
                Ok(()) => self.ready.push_back(PlanItem::ChunkEnd(chars)),
                Err(error) => self.ready.push_back(PlanItem::Failure(error)),
            }
        }
        self.ready.pop_front()
    }
}

/// Returns the range of each sentence of `chunk` in `text`.
fn sentence_ranges(text: &str, chunk: &chunk::Chunk<'_>) -> Vec<SentenceRange> {
    let offset = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    chunk
        .sentences
        .iter()
        .map(|s| (offset(s.text)..offset(s.text) + s.text.len(), s.boundary))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_marks_and_blank_lines_break_scenes() {
        let breaks = [
            "* * *\n\n",
            "***",
            "---\n",
            "⁂",
            "- - - -",
            "# # #",
            "\n\nText.",
        ];
        let begins_scene = |text: &str| is_scene_break(text, false) || follows_blank_lines(text);
        for text in breaks {
            assert!(begins_scene(text), "{text:?}");
        }
        for text in ["*\n\n", "—\n \n", "•\n\n", "#\n\n", "\n*\n"] {
            assert!(begins_scene(text), "{text:?}");
        }
        assert!(is_scene_break("*", true) && is_scene_break("—\n", true));
        assert!(!is_scene_break("a", true) && !is_scene_break("?", true));
        let others = [
            "*", "*\n", "--", "", "\n\n\n", "\nText.", "* a *", "*-*", "...", "?\n\n",
        ];
        for text in others {
            assert!(!begins_scene(text), "{text:?}");
        }
    }
}
