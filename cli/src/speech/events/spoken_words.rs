//! Blocks of an output → the events of what they say.

use std::collections::VecDeque;
use std::sync::Arc;

use piper_rs::AudioBlock;
use piper_rs::audio::SampleRate;
use piper_rs::sink::TrimCount;
use piper_rs::timing::{SourceSentence, TimedSentence, Timeline};

use super::place::Place;
use super::spoken_event::{SpokenEvent, SpokenSentence, SpokenWord};

/// Receives an event and the sample that it is heard with.
pub(crate) type Push<'a> = &'a mut dyn FnMut(u64, SpokenEvent);

/// Finds the sentences and words of an output, each as soon as it is known when it
/// will be heard: with the first block of its phrase.
pub(crate) struct SpokenWords {
    timeline: Timeline,
    trim: Option<Arc<TrimCount>>,
    /// The rate of the last block.
    last_rate: SampleRate,
    /// Where the next blocks come from.
    place: Option<Arc<Place>>,
    /// The sentence of the last block.
    sentence: Option<Arc<SourceSentence>>,
    /// Where the sentences come from that are not told yet.
    places: VecDeque<Option<Arc<Place>>>,
    /// The sentence that has begun, and how many of its words are told.
    open: Option<(Arc<SpokenSentence>, usize)>,
}

impl SpokenWords {
    /// An output of `rate`, for blocks that were made with
    /// [`WordTimes::On`](piper_rs::synth::WordTimes) and joined at one rate. `trim` counts
    /// what is trimmed, if it is.
    pub(crate) fn new(joined: SampleRate, rate: SampleRate, trim: Option<Arc<TrimCount>>) -> Self {
        let timeline = Timeline::new(joined, rate);
        Self {
            timeline: match trim {
                Some(_) => timeline.with_trim(),
                None => timeline,
            },
            trim,
            last_rate: joined,
            place: None,
            sentence: None,
            places: VecDeque::new(),
            open: None,
        }
    }

    /// Returns the rate of the output.
    pub(crate) fn rate(&self) -> SampleRate {
        self.timeline.rate()
    }

    /// Returns how many samples the output has.
    pub(crate) fn samples(&self) -> u64 {
        self.timeline.samples()
    }

    /// Notes that a sentence ends, and where the next blocks come from.
    pub(crate) fn begin_part(&mut self, place: Option<Arc<Place>>, push: Push<'_>) {
        self.timeline.push(0, self.last_rate, None);
        self.tell(push);
        self.place = place;
    }

    /// Counts a block.
    pub(crate) fn push(&mut self, block: &AudioBlock, push: Push<'_>) {
        self.last_rate = block.rate;
        let phrase = block.phrase.as_ref();
        if let Some(sentence) = phrase.map(|phrase| &phrase.sentence)
            && !(self.sentence.as_ref()).is_some_and(|last| Arc::ptr_eq(last, sentence))
        {
            self.sentence = Some(Arc::clone(sentence));
            self.places.push_back(self.place.clone());
        }
        self.timeline.push(block.samples.len(), block.rate, phrase);
        self.tell(push);
    }

    /// Ends the output.
    pub(crate) fn finish(&mut self, push: Push<'_>) {
        self.timeline.finish();
        self.tell(push);
    }

    /// Tells what is known since the last call. If the ends are trimmed, that is nothing
    /// until the first sound was written.
    pub(crate) fn tell(&mut self, push: Push<'_>) {
        if let Some(trim) = &self.trim {
            let Some((cut, written)) = trim.get() else {
                return;
            };
            self.timeline.note_trim(cut, written);
        }
        while let Some(complete) = self.timeline.next() {
            let words = complete.words.len();
            let sentence = self.tell_sentence(&complete, words, push);
            let end = complete.samples.end;
            push(
                end.saturating_sub(1),
                SpokenEvent::SentenceEnd(sentence, end),
            );
            self.open = None;
        }
        if let Some(current) = self.timeline.current() {
            // The words after the last phrase so far have no phonemes yet.
            let known = current
                .words
                .iter()
                .rposition(|word| !word.phonemes.is_empty());
            self.tell_sentence(&current, known.map_or(0, |last| last + 1), push);
        }
    }

    /// Tells that a sentence begins, and its first `known` words, unless they were told.
    /// Words that are not heard are not told.
    fn tell_sentence(
        &mut self,
        sentence: &TimedSentence,
        known: usize,
        push: Push<'_>,
    ) -> Arc<SpokenSentence> {
        let (begun, told) = self.open.take().unwrap_or_else(|| {
            let begun = Arc::new(SpokenSentence {
                text: sentence.text.clone(),
                source: sentence.source.clone(),
                start: sentence.samples.start,
                place: self.places.pop_front().flatten(),
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
