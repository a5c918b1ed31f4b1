//! The iterator from text to audio blocks.

use std::collections::VecDeque;
use std::iter::Fuse;
use std::time::Duration;

use super::line::{Line, Weight};
use super::plan::{Due, Plan};
use super::{Run, Synthesizer};
use crate::audio::level::Normalize;
use crate::audio::{AudioBlock, PooledBuffer};
use crate::phoneme::Phonemes;
use crate::voice::model::check_finite;
use crate::voice::{Inference, Pace};
use crate::{Error, Result};

/// The sentences after this many ids may be made in the cheaper way, of which
/// the first sound comes later: those before them sound for some 5 s.
///
/// Ids and not seconds heard: which windows a sentence is cut into changes its
/// last bits, and they must not depend on how far ahead the threads are.
const LIVE_IDS: usize = 140;

/// The attention of a sentence of this length takes some 40 MB; it grows with
/// the square of the length.
const MAX_LIGHT_IDS: usize = 1000;

/// The audio of a text, made block by block, a few sentences ahead of what is
/// asked for.
///
/// A block is a pause, or a sentence, or a part of one. After an error the
/// iterator ends.
pub struct Blocks<'a> {
    synthesizer: &'a Synthesizer,
    run: &'a mut Run,
    plan: Fuse<Plan<'a>>,
    /// What is planned and not heard yet; its sentences are on the line.
    due: VecDeque<Planned>,
    line: Line,
    /// Ids of this text's sentences so far.
    begun_ids: usize,
    state: State,
}

/// What is due, its speech on the line.
enum Planned {
    /// The line's next sentence.
    Speech,
    Silence(Duration),
    ChunkEnd,
    Failure(Error),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BetweenSentences,
    InSentence,
    Ended,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(synthesizer: &'a Synthesizer, run: &'a mut Run, text: &str) -> Self {
        Self {
            synthesizer,
            plan: Plan::new(synthesizer, text).fuse(),
            due: VecDeque::new(),
            line: run.line(&synthesizer.voice),
            run,
            begun_ids: 0,
            state: State::BetweenSentences,
        }
    }

    /// Returns the next block, `None` at the end of the text.
    fn advance(&mut self) -> Result<Option<AudioBlock>> {
        loop {
            if self.run.options.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            self.plan_ahead();
            match self.due.front() {
                None => return Ok(None),
                Some(Planned::Speech) => {
                    if let Some(block) = self.speak_on()? {
                        return Ok(Some(block));
                    }
                }
                Some(_) => self.pass()?,
            }
        }
    }

    /// Puts sentences on the line while it wants some.
    fn plan_ahead(&mut self) {
        while self.line.wants_more() {
            let Some(due) = self.plan.next() else {
                return;
            };
            let planned = match due {
                Due::Speech(phonemes) => {
                    self.begin(&phonemes);
                    Planned::Speech
                }
                Due::Silence(pause) => Planned::Silence(pause),
                Due::Replaced(words) => {
                    self.run.words_replaced(words);
                    continue;
                }
                Due::ChunkEnd => Planned::ChunkEnd,
                Due::Failure(error) => Planned::Failure(error),
            };
            self.due.push_back(planned);
        }
    }

    fn begin(&mut self, phonemes: &Phonemes) {
        let Synthesizer {
            voice,
            options,
            speaker,
            ..
        } = self.synthesizer;
        let mut ids = Vec::new();
        voice
            .ids()
            .encode(phonemes, &mut ids, &mut self.run.unknown);
        let pace = match options.pace {
            Pace::Live if self.begun_ids < LIVE_IDS => Pace::Live,
            _ => Pace::Bulk,
        };
        self.begun_ids += ids.len();
        let weight = match ids.len() {
            ..=MAX_LIGHT_IDS => Weight::Light,
            _ => Weight::Heavy,
        };
        let inference = Inference {
            ids,
            scales: options.scales,
            speaker: *speaker,
            seed: sentence_seed(options.seed, self.run.next_sentence()),
            pace,
        };
        self.line.push(voice.begin(inference), weight);
    }

    /// Passes what is not speech.
    fn pass(&mut self) -> Result<()> {
        match self.due.pop_front() {
            Some(Planned::Silence(pause)) => self.run.pause_at_least(pause),
            Some(Planned::ChunkEnd) => self.run.progress.chunk_done(),
            Some(Planned::Failure(error)) => return Err(error),
            Some(Planned::Speech) | None => {}
        }
        Ok(())
    }

    /// Takes the next samples of the sentence that is heard now; nothing at
    /// its end.
    fn speak_on(&mut self) -> Result<Option<AudioBlock>> {
        let rate = self.synthesizer.voice.config().sample_rate;
        if self.state == State::BetweenSentences {
            self.state = State::InSentence;
            if let Some(pause) = self.run.due_pause(rate) {
                return Ok(Some(pause));
            }
            self.run.speech_begins();
        }
        let Some(samples) = self.samples()? else {
            self.state = State::BetweenSentences;
            self.due.pop_front();
            return Ok(None);
        };
        check_finite(&samples)?;
        let volume = self.synthesizer.options.volume;
        let voice = &self.synthesizer.voice;
        Ok(Some(self.run.finish_block(samples, voice, volume)?))
    }

    /// Takes samples from the line: some, or those of the whole sentence where
    /// its level depends on all of them.
    fn samples(&mut self) -> Result<Option<PooledBuffer>> {
        let taken = self.line.take()?;
        if !matches!(self.run.options.normalize, Normalize::Sentence(_)) {
            return Ok(taken);
        }
        let Some(mut whole) = taken else {
            return Ok(None);
        };
        while let Some(more) = self.line.take()? {
            whole.extend_from_slice(&more);
        }
        self.state = State::BetweenSentences;
        self.due.pop_front();
        Ok(Some(whole))
    }
}

impl Iterator for Blocks<'_> {
    type Item = Result<AudioBlock>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Ended {
            return None;
        }
        let next = self.advance().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.state = State::Ended;
        }
        next
    }
}

/// Mixes a run's seed with a sentence's number, so that neither neighbouring
/// seeds nor neighbouring sentences read alike (the finaliser of SplitMix64).
fn sentence_seed(seed: u64, sentence: u64) -> u64 {
    let mut z = seed.wrapping_add(sentence.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CancelToken;
    use crate::audio::BlockKind;
    use crate::chunk::ChunkOptions;
    use crate::lexicon::Pronouncer;
    use crate::phoneme::TextPhonemizer;
    use crate::synth::{Pauses, RunOptions, SpeakOptions};
    use crate::voice::tests::{voice, voice_with_workers};
    use crate::voice::{Pace, Scales};
    use std::sync::Arc;
    use std::time::Duration;

    /// A voice that makes 100 samples of each id, at 16 kHz; code points are
    /// its phonemes.
    fn synthesizer() -> Synthesizer {
        let options = SpeakOptions {
            chunks: ChunkOptions::default(),
            scales: Scales::default(),
            speaker: None,
            pauses: Pauses {
                sentence: Duration::from_millis(10),
                line: Duration::from_millis(20),
                paragraph: Duration::from_millis(30),
            },
            phoneme_silence: Vec::new(),
            volume: 1.0,
            seed: 0,
            pace: Pace::Bulk,
        };
        Synthesizer::new(
            Arc::new(voice(1)),
            Pronouncer::new(Arc::new(TextPhonemizer)),
            options,
        )
        .unwrap()
    }

    /// Speaks texts in one run; speech as `+` and its ids, a pause as `-` and
    /// its milliseconds.
    fn speak(texts: &[&str]) -> Vec<String> {
        let synthesizer = synthesizer();
        let mut run = Run::new(RunOptions::default());
        let mut said = Vec::new();
        for text in texts {
            for block in synthesizer.blocks(&mut run, text) {
                let block = block.unwrap();
                said.push(match block.kind {
                    BlockKind::Speech => format!("+{}", block.samples.len() / 100),
                    BlockKind::Pause => format!("-{}", block.samples.len() / 16),
                });
            }
        }
        said
    }

    #[test]
    fn pauses_fall_between_pieces_of_speech_and_the_longest_counts() {
        // Every `a` is two ids, the frame three.
        let cases: [(&[&str], &[&str]); 6] = [
            (&["a! Aa!"], &["+5", "-10", "+5"]),
            (&["a!\n", "aa!\n"], &["+5", "-20", "+7"]),
            (&["a!\n\naa!"], &["+5", "-30", "+7"]),
            (&["a!\n", "\n", "\n", "aa!\n"], &["+5", "-30", "+7"]),
            (&["\n\n", "a!\n", "\n"], &["+5"]),
            (&["", " \n"], &[]),
        ];
        for (texts, expected) in cases {
            assert_eq!(speak(texts), expected, "{texts:?}");
        }
    }

    #[test]
    fn a_cancelled_run_ends_in_an_error_and_then_for_good() {
        let cancel = CancelToken::new();
        let synthesizer = synthesizer();
        let mut run = Run::new(RunOptions {
            cancel: cancel.clone(),
            ..RunOptions::default()
        });
        let mut blocks = synthesizer.blocks(&mut run, "a! A!");
        assert!(blocks.next().unwrap().is_ok());
        cancel.cancel();
        assert!(matches!(blocks.next(), Some(Err(Error::Cancelled))));
        assert!(blocks.next().is_none());
    }

    #[test]
    fn a_run_counts_what_it_makes() {
        let synthesizer = synthesizer();
        let mut run = Run::new(RunOptions::default());
        let blocks = synthesizer.blocks(&mut run, "a? Aq!");
        assert_eq!(blocks.filter_map(Result::ok).count(), 3);
        let stats = run.stats();
        assert_eq!((stats.sentences, stats.chunks), (2, 2));
        assert_eq!(stats.unknown_phonemes, 4, "`?`, `A`, `q`, `!`");
        assert!(stats.first_audio_ms.is_some());
    }

    #[test]
    fn a_callback_that_breaks_ends_the_speech() {
        let mut run = Run::new(RunOptions::default());
        let mut taken = 0;
        let spoken = synthesizer().speak(&mut run, "a! A! A!", |_| {
            taken += 1;
            std::ops::ControlFlow::Break(())
        });
        assert!(spoken.is_ok());
        assert_eq!(taken, 1);
    }

    #[test]
    fn how_a_sentence_is_made_does_not_depend_on_how_many_threads_there_are() {
        // Fifty `a` are 103 ids with their frame: two such sentences are live.
        let text = format!("{}! ", "a".repeat(50))
            .repeat(9)
            .replace("! a", "! A");
        let peaks = |workers| -> Vec<f32> {
            let options = SpeakOptions {
                pace: Pace::Live,
                ..synthesizer().options
            };
            let voice = Arc::new(voice_with_workers(1, workers));
            let synthesizer =
                Synthesizer::new(voice, Pronouncer::new(Arc::new(TextPhonemizer)), options)
                    .unwrap();
            let mut run = Run::new(RunOptions {
                normalize: Normalize::Off,
                ..RunOptions::default()
            });
            let blocks = synthesizer
                .blocks(&mut run, &text)
                .map(|block| block.unwrap());
            let speech = blocks.filter(|block| block.kind == BlockKind::Speech);
            speech.map(|block| block.samples[0]).collect()
        };
        let expected = [[0.5; 2].as_slice(), &[0.25; 7]].concat();
        for workers in [1, 2, 8] {
            assert_eq!(peaks(workers), expected, "{workers} threads");
        }
    }

    #[test]
    fn neighbouring_sentences_and_seeds_read_differently() {
        let seeds = [(1, 0), (1, 1), (2, 0)].map(|(seed, n)| sentence_seed(seed, n));
        assert!(seeds[0] != seeds[1] && seeds[0] != seeds[2] && seeds[1] != seeds[2]);
        assert_eq!(seeds[0], sentence_seed(1, 0));
    }
}
