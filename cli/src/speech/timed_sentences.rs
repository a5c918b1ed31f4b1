//! Blocks of an output → the sentences that are complete, with their times.

use std::collections::VecDeque;
use std::sync::Arc;

use piper_rs::AudioBlock;
use piper_rs::audio::SampleRate;
use piper_rs::sink::TrimCount;
use piper_rs::timing::{SourceSentence, TimedSentence, Timeline};

use super::place::Place;

/// The sentences of an output that are complete, in order.
pub(crate) struct TimedSentences {
    timeline: Timeline,
    trim: Option<Arc<TrimCount>>,
    /// The rate of the last block.
    last_rate: SampleRate,
    /// Where the next blocks come from.
    place: Option<Arc<Place>>,
    /// The sentence of the last block.
    last: Option<Arc<SourceSentence>>,
    /// Where the sentences come from that are not complete.
    places: VecDeque<Option<Arc<Place>>>,
}

/// A sentence, and the place of the text that it is in.
pub(crate) type PlacedSentence = (TimedSentence, Option<Arc<Place>>);

impl TimedSentences {
    /// An output of blocks that were made with
    /// [`WordTimes::On`](piper_rs::synth::WordTimes) and joined at one rate, then
    /// converted to `rate`. `trim` counts what is trimmed, if it is.
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
            last: None,
            places: VecDeque::new(),
        }
    }

    /// Returns the rate of the times.
    pub(crate) fn rate(&self) -> SampleRate {
        self.timeline.rate()
    }

    /// Returns how many samples the output has.
    pub(crate) fn samples(&self) -> u64 {
        self.timeline.samples()
    }

    /// Notes that a sentence ends, and where the next blocks come from.
    pub(crate) fn begin_part(&mut self, place: Option<Arc<Place>>) {
        self.timeline.push(0, self.last_rate, None);
        self.place = place;
    }

    /// Counts a block that was written.
    pub(crate) fn push(&mut self, block: &AudioBlock) {
        self.last_rate = block.rate;
        let phrase = block.phrase.as_ref();
        if let Some(sentence) = phrase.map(|phrase| &phrase.sentence)
            && !(self.last.as_ref()).is_some_and(|last| Arc::ptr_eq(last, sentence))
        {
            self.last = Some(Arc::clone(sentence));
            self.places.push_back(self.place.clone());
        }
        self.timeline.push(block.samples.len(), block.rate, phrase);
    }

    /// Ends the output, after it was finished.
    pub(crate) fn finish(&mut self) {
        self.note_trim();
        self.timeline.finish();
    }

    /// Returns whether it is known which sample is the first of the output: that what is
    /// before the first sound is not trimmed, or has been.
    pub(crate) fn is_start_known(&self) -> bool {
        self.trim.as_ref().is_none_or(|trim| trim.get().is_some())
    }

    /// Returns the sentence of the last block as far as it is known, if all before it were
    /// returned: see [`Timeline::current`].
    pub(crate) fn current(&mut self) -> Option<PlacedSentence> {
        self.note_trim();
        let sentence = self.timeline.current()?;
        Some((sentence, self.places.front().cloned().flatten()))
    }

    fn note_trim(&mut self) {
        if let Some((cut, written)) = self.trim.as_ref().and_then(|trim| trim.get()) {
            self.timeline.note_trim(cut, written);
        }
    }
}

impl Iterator for TimedSentences {
    type Item = PlacedSentence;

    fn next(&mut self) -> Option<PlacedSentence> {
        self.note_trim();
        let sentence = self.timeline.next()?;
        Some((sentence, self.places.pop_front().flatten()))
    }
}
