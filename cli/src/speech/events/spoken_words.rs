//! Blocks of an output → the events of what they say.

use std::sync::Arc;

use piper_rs::AudioBlock;
use piper_rs::audio::SampleRate;
use piper_rs::timing::TimedSentence;

use super::spoken_event::{SpokenEvent, SpokenSentence, SpokenWord};
use crate::speech::place::Place;
use crate::speech::timed_sentences::TimedSentences;

/// Receives an event and the sample that it is heard with.
pub(crate) type Push<'a> = &'a mut dyn FnMut(u64, SpokenEvent);

/// Finds the sentences and words of an output, each as soon as it is known when it
/// will be heard: with the first block of its phrase.
pub(crate) struct SpokenWords {
    sentences: TimedSentences,
    /// The sentence that has begun, and how many of its words are told.
    open: Option<(Arc<SpokenSentence>, usize)>,
}

impl SpokenWords {
    /// The words of an output that has these `sentences`.
    pub(crate) fn new(sentences: TimedSentences) -> Self {
        Self {
            sentences,
            open: None,
        }
    }

    /// Returns the rate of the output.
    pub(crate) fn rate(&self) -> SampleRate {
        self.sentences.rate()
    }

    /// Returns how many samples the output has.
    pub(crate) fn samples(&self) -> u64 {
        self.sentences.samples()
    }

    /// Notes that a sentence ends, and where the next blocks come from.
    pub(crate) fn begin_part(&mut self, place: Option<Arc<Place>>, push: Push<'_>) {
        self.sentences.begin_part(place);
        self.tell(push);
    }

    /// Counts a block.
    pub(crate) fn push(&mut self, block: &AudioBlock, push: Push<'_>) {
        self.sentences.push(block);
        self.tell(push);
    }

    /// Ends the output.
    pub(crate) fn finish(&mut self, push: Push<'_>) {
        self.sentences.finish();
        self.tell(push);
    }

    /// Tells what is known since the last call. If the ends are trimmed, that is nothing
    /// until the first sound was written.
    pub(crate) fn tell(&mut self, push: Push<'_>) {
        if !self.sentences.is_start_known() {
            return;
        }
        while let Some((complete, place)) = self.sentences.next() {
            let words = complete.words.len();
            let sentence = self.tell_sentence(&complete, place, words, push);
            let end = complete.samples.end;
            push(
                end.saturating_sub(1),
                SpokenEvent::SentenceEnd(sentence, end),
            );
            self.open = None;
        }
        if let Some((current, place)) = self.sentences.current() {
            // The words after the last phrase so far have no phonemes yet.
            let known = current
                .words
                .iter()
                .rposition(|word| !word.phonemes.is_empty());
            let known = known.map_or(0, |last| last + 1);
            self.tell_sentence(&current, place, known, push);
        }
    }

    /// Tells that a sentence begins, and its first `known` words, unless they were told.
    /// Words that are not heard are not told.
    fn tell_sentence(
        &mut self,
        sentence: &TimedSentence,
        place: Option<Arc<Place>>,
        known: usize,
        push: Push<'_>,
    ) -> Arc<SpokenSentence> {
        let (begun, told) = self.open.take().unwrap_or_else(|| {
            let begun = Arc::new(SpokenSentence {
                text: sentence.text.clone(),
                source: sentence.source.clone(),
                start: sentence.samples.start,
                place,
            });
            push(begun.start, SpokenEvent::Sentence(Arc::clone(&begun)));
            (begun, 0)
        });
        let words = sentence.words.get(told..known).unwrap_or_default();
        for word in words.iter().filter(|word| !word.samples.is_empty()) {
            let spoken = SpokenWord {
                text: word.text.clone(),
                source: word.source.clone(),
                samples: word.samples.clone(),
                precision: sentence.precision,
            };
            push(
                word.samples.start,
                SpokenEvent::Word(Arc::clone(&begun), spoken),
            );
        }
        self.open = Some((Arc::clone(&begun), told.max(known)));
        begun
    }
}
