//! Blocks of an output → the sentences that are complete, with their times.

use std::sync::Arc;

use piper_rs::AudioBlock;
use piper_rs::audio::SampleRate;
use piper_rs::sink::TrimCount;
use piper_rs::timing::{TimedSentence, Timeline};

/// The sentences of an output that are complete, in order.
pub(crate) struct TimedSentences {
    timeline: Timeline,
    trim: Option<Arc<TrimCount>>,
}

impl TimedSentences {
    /// An output of blocks that were made with
    /// [`WordTimes::On`](piper_rs::synth::WordTimes) and joined at one rate. `trim` counts
    /// what is trimmed, if it is.
    pub(crate) fn new(joined: SampleRate, trim: Option<Arc<TrimCount>>) -> Self {
        let timeline = Timeline::new(joined, joined);
        Self {
            timeline: match trim {
                Some(_) => timeline.with_trim(),
                None => timeline,
            },
            trim,
        }
    }

    /// Returns the rate of the times.
    pub(crate) fn rate(&self) -> SampleRate {
        self.timeline.rate()
    }

    /// Counts a block that was written.
    pub(crate) fn push(&mut self, block: &AudioBlock) {
        let phrase = block.phrase.as_ref();
        self.timeline.push(block.samples.len(), block.rate, phrase);
    }

    /// Ends the output, after it was finished.
    pub(crate) fn finish(&mut self) {
        self.timeline.finish();
    }
}

impl Iterator for TimedSentences {
    type Item = TimedSentence;

    fn next(&mut self) -> Option<TimedSentence> {
        if let Some((cut, written)) = self.trim.as_ref().and_then(|trim| trim.get()) {
            self.timeline.note_trim(cut, written);
        }
        self.timeline.next()
    }
}
