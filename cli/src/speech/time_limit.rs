//! `--max-duration`: how much audio a run may make.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use piper_rs::audio::{AudioBlock, BlockKind, duration_of};
use piper_rs::timing::SpokenPhrase;

/// Counts the audio of a run, and ends it after the sentence that crosses the limit.
#[derive(Debug, Default)]
pub(crate) struct TimeLimit {
    /// `None` for no limit.
    max: Option<Duration>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    audio: Duration,
    /// What was spoken last, unless its sentence has ended.
    phrase: Option<Arc<SpokenPhrase>>,
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

    /// Counts a block. Returns whether it may be heard: not if it comes after the last
    /// sentence. Speech must have its phrase if there is a limit.
    pub(crate) fn admits(&self, block: &AudioBlock) -> bool {
        let Some(max) = self.max else {
            return true;
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        // A pause is of no sentence, unless phrases of the same one are around it: no
        // speech follows one that crosses the limit.
        let phrase = match block.kind {
            BlockKind::Speech => block.phrase.clone(),
            BlockKind::Pause => state.phrase.take().filter(|last| !last.ends_sentence),
        };
        let is_same = match (block.kind, &phrase, &state.phrase) {
            (BlockKind::Pause, phrase, _) => phrase.is_some(),
            (_, Some(this), Some(last)) => Arc::ptr_eq(&this.sentence, &last.sentence),
            _ => false,
        };
        state.is_over |= state.audio >= max && !is_same;
        if !state.is_over {
            state.phrase = phrase;
            state.audio += duration_of(block.samples.len() as u64, block.rate);
        }
        !state.is_over
    }

    /// Notes that a text ends here, and with it its last sentence. Returns whether
    /// another text may be spoken.
    pub(crate) fn end_text(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.phrase = None;
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
    use piper_rs::timing::{Precision, SourceSentence};

    /// A block of so many milliseconds. `phrase`: speech.
    fn block(phrase: Option<&Arc<SpokenPhrase>>, milliseconds: usize) -> AudioBlock {
        let mut samples = BufferPool::default().acquire(milliseconds * 16);
        samples.resize(milliseconds * 16, 0.0);
        AudioBlock {
            samples,
            rate: SampleRate::new(16_000).unwrap(),
            kind: match phrase {
                Some(_) => BlockKind::Speech,
                None => BlockKind::Pause,
            },
            phrase: phrase.cloned(),
        }
    }

    fn sentence() -> Arc<SourceSentence> {
        Arc::new(SourceSentence {
            text: "A, b.".to_owned(),
            source: 0..5,
            words: Vec::new(),
        })
    }

    /// The first part of a sentence, or its last one.
    fn phrase(sentence: &Arc<SourceSentence>, ends_sentence: bool) -> Arc<SpokenPhrase> {
        let sentence = Arc::clone(sentence);
        let precision = Precision::Estimated;
        Arc::new(SpokenPhrase::new(
            sentence,
            ends_sentence,
            precision,
            Vec::new(),
        ))
    }

    #[test]
    fn the_sentence_that_crosses_the_limit_is_the_last() {
        let sentences = [sentence(), sentence(), sentence()];
        let [a, c, d] = sentences.each_ref().map(|one| phrase(one, true));
        let b = phrase(&sentences[1], false);
        let blocks = [
            (Some(&a), 100),
            (Some(&a), 100),
            (None, 50),
            (Some(&b), 100),
            (None, 50), // within the sentence
            (Some(&c), 100),
            (Some(&d), 100),
        ];
        for (max, heard) in [
            (Some(1), 2),
            (Some(200), 2),
            (Some(201), 3), // in the pause
            (Some(251), 6),
            (Some(350), 6),
            (Some(500), 6),
            (Some(501), 7),
            (None, 7),
        ] {
            let limit = TimeLimit::new(max.map(Duration::from_millis));
            let admitted = blocks
                .iter()
                .take_while(|(phrase, milliseconds)| limit.admits(&block(*phrase, *milliseconds)));
            assert_eq!(admitted.count(), heard, "{max:?}");
        }
    }

    #[test]
    fn the_end_of_a_text_is_the_end_of_a_sentence() {
        let limit = TimeLimit::new(Some(Duration::from_millis(100)));
        let phrase = phrase(&sentence(), false);
        let block = || block(Some(&phrase), 90);
        assert!(limit.admits(&block()) && limit.end_text());
        assert!(limit.admits(&block()) && !limit.is_over());
        assert!(!limit.end_text() && limit.is_over());
        assert!(TimeLimit::default().end_text());
    }
}
