//! `--max-duration`: how much audio a run may make.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use piper_rs::audio::{AudioBlock, BlockKind, duration_of};

/// Counts the audio of a run, and ends it after the sentence that crosses the limit.
#[derive(Debug, Default)]
pub(crate) struct TimeLimit {
    /// `None` for no limit.
    max: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    audio: Duration,
    /// The sentence that is being spoken.
    sentence: Option<u64>,
    is_over: bool,
}

impl TimeLimit {
    pub(crate) fn new(max: Option<Duration>) -> Self {
        Self {
            max,
            state: Mutex::default(),
        }
    }

    /// Returns the limit.
    pub(crate) fn max(&self) -> Option<Duration> {
        self.max
    }

    /// Counts a block of this sentence. Returns whether it may be heard: not if it comes
    /// after the last sentence.
    pub(crate) fn admits(&self, block: &AudioBlock, sentence: u64) -> bool {
        let Some(max) = self.max else {
            return true;
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A pause is of no sentence: no speech follows one that crosses the limit.
        let sentence = (block.kind == BlockKind::Speech).then_some(sentence);
        let is_same = sentence.is_some() && sentence == state.sentence;
        state.is_over |= state.audio >= max && !is_same;
        if !state.is_over {
            state.sentence = sentence;
            state.audio += duration_of(block.samples.len() as u64, block.rate);
        }
        !state.is_over
    }

    /// Notes that a text ends here, and with it its last sentence. Returns whether
    /// another text may be spoken.
    pub(crate) fn end_text(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.sentence = None;
        state.is_over |= self.max.is_some_and(|max| state.audio >= max);
        !state.is_over
    }

    /// Returns whether no more is spoken.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piper_rs::audio::{BufferPool, SampleRate};

    fn block(kind: BlockKind, milliseconds: usize) -> AudioBlock {
        let mut samples = BufferPool::default().acquire(milliseconds * 16);
        samples.resize(milliseconds * 16, 0.0);
        AudioBlock {
            samples,
            rate: SampleRate::new(16_000).unwrap(),
            kind,
            phrase: None,
        }
    }

    /// How many of these blocks are heard: sentence and milliseconds; `None` is a pause.
    fn admitted(max: Option<u64>, blocks: &[(Option<u64>, usize)]) -> usize {
        let limit = TimeLimit::new(max.map(Duration::from_millis));
        let heard = |(sentence, milliseconds): &&(Option<u64>, usize)| match sentence {
            Some(sentence) => limit.admits(&block(BlockKind::Speech, *milliseconds), *sentence),
            None => limit.admits(&block(BlockKind::Pause, *milliseconds), 0),
        };
        blocks.iter().take_while(heard).count()
    }

    #[test]
    fn the_sentence_that_crosses_the_limit_is_the_last() {
        let blocks = [
            (Some(0), 100),
            (Some(0), 100),
            (None, 50),
            (Some(1), 100),
            (Some(1), 100),
            (Some(2), 100),
        ];
        for (max, heard) in [
            (Some(1), 2),
            (Some(200), 2),
            (Some(201), 3), // in the pause
            (Some(251), 5),
            (Some(450), 5),
            (Some(451), 6),
            (None, 6),
        ] {
            assert_eq!(admitted(max, &blocks), heard, "{max:?}");
        }
    }

    #[test]
    fn the_end_of_a_text_is_the_end_of_a_sentence() {
        let limit = TimeLimit::new(Some(Duration::from_millis(100)));
        assert!(limit.admits(&block(BlockKind::Speech, 90), 0) && limit.end_text());
        assert!(limit.admits(&block(BlockKind::Speech, 90), 0) && !limit.is_over());
        assert!(!limit.end_text() && limit.is_over());
        assert!(TimeLimit::default().end_text());
    }
}
