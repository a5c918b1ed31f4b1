//! The iterator from text to audio blocks.

use std::collections::VecDeque;
use std::ops::Range;

use super::pieces::{Piece, pieces};
use super::{Run, Synthesizer};
use crate::audio::AudioBlock;
use crate::audio::level::Normalize;
use crate::chunk::{self, Boundary};
use crate::error::Cause;
use crate::phoneme::Phonemes;
use crate::voice::{Inference, Rest, Utterance};
use crate::{Error, Result};

/// The audio of a text, made block by block as it is asked for.
///
/// A block is a pause, or a sentence, or a part of one. After an error the
/// iterator ends.
pub struct Blocks<'a> {
    synthesizer: &'a Synthesizer,
    run: &'a mut Run,
    text: String,
    /// What is still to be said, in order: chunks of the text, sentences of
    /// the chunk, pieces of the sentence, and the piece being spoken.
    chunks: std::vec::IntoIter<Vec<Part>>,
    sentences: VecDeque<(Phonemes, Boundary)>,
    pieces: VecDeque<Piece>,
    utterance: Option<Box<dyn Utterance + 'a>>,
    /// Follows the sentence whose pieces are being spoken.
    boundary: Option<Boundary>,
    state: State,
}

/// A sentence's place in the text, and how the text goes on.
type Part = (Range<usize>, Boundary);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BetweenChunks,
    InChunk,
    Ended,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(synthesizer: &'a Synthesizer, run: &'a mut Run, text: &str) -> Self {
        let options = &synthesizer.options;
        let chunks: Vec<_> = chunk::split(text, &options.chunks)
            .map(|c| parts(text, &c))
            .collect();
        if chunks.iter().all(Vec::is_empty) {
            // Blank lines: nothing to say, but a reader would pause.
            run.pause_at_least(options.pauses.after(Boundary::Paragraph));
        }
        Self {
            synthesizer,
            run,
            text: text.to_owned(),
            chunks: chunks.into_iter(),
            sentences: VecDeque::new(),
            pieces: VecDeque::new(),
            utterance: None,
            boundary: None,
            state: State::BetweenChunks,
        }
    }

    /// Returns the next block, `None` at the end of the text.
    fn advance(&mut self) -> Result<Option<AudioBlock>> {
        loop {
            if self.run.options.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            if let Some(block) = self.speak_on()? {
                return Ok(Some(block));
            }
            if !self.pieces.is_empty() {
                let rate = self.synthesizer.voice.config().sample_rate;
                if let Some(pause) = self.run.due_pause(rate) {
                    return Ok(Some(pause));
                }
                self.begin_piece();
            } else if let Some((phonemes, boundary)) = self.sentences.pop_front() {
                self.begin_sentence(&phonemes, boundary);
            } else if !self.begin_chunk()? {
                return Ok(None);
            }
        }
    }

    /// Takes the next samples of the piece being spoken.
    fn speak_on(&mut self) -> Result<Option<AudioBlock>> {
        let Some(utterance) = &mut self.utterance else {
            return Ok(None);
        };
        let mut samples = self.run.buffer();
        let cancel = &self.run.options.cancel;
        let whole_sentence = matches!(self.run.options.normalize, Normalize::Sentence(_));
        let mut rest = utterance.next_samples(cancel, &mut samples)?;
        while rest == Rest::More && whole_sentence {
            rest = utterance.next_samples(cancel, &mut samples)?;
        }
        if rest == Rest::Nothing {
            self.utterance = None;
            self.end_piece();
        }
        if samples.is_empty() {
            return Ok(None);
        }
        if !samples.iter().all(|sample| sample.is_finite()) {
            let reason = "it gave samples that are no numbers";
            return Err(Error::Inference {
                source: Cause::from(reason),
            });
        }
        let volume = self.synthesizer.options.volume;
        let voice = &self.synthesizer.voice;
        Ok(Some(self.run.finish_block(samples, voice, volume)?))
    }

    fn begin_piece(&mut self) {
        let Some(piece) = self.pieces.front() else {
            return;
        };
        let Synthesizer {
            voice,
            options,
            speaker,
            ..
        } = self.synthesizer;
        let mut ids = Vec::new();
        voice
            .ids()
            .encode(&piece.phonemes, &mut ids, &mut self.run.unknown);
        let inference = Inference {
            ids,
            scales: options.scales,
            speaker: *speaker,
            seed: sentence_seed(options.seed, self.run.next_sentence()),
            pace: options.pace,
        };
        self.utterance = Some(voice.model().begin(inference));
    }

    /// Asks for the silence after the piece, and after its sentence.
    fn end_piece(&mut self) {
        let pauses = self.synthesizer.options.pauses;
        if let Some(piece) = self.pieces.pop_front() {
            self.run.pause_at_least(piece.pause);
        }
        if self.pieces.is_empty()
            && let Some(boundary) = self.boundary.take()
        {
            self.run.pause_at_least(pauses.after(boundary));
        }
    }

    fn begin_sentence(&mut self, phonemes: &Phonemes, boundary: Boundary) {
        self.pieces
            .extend(pieces(phonemes, &self.synthesizer.options.phoneme_silence));
        if self.pieces.is_empty() {
            let pause = self.synthesizer.options.pauses.after(boundary);
            self.run.pause_at_least(pause);
        } else {
            self.boundary = Some(boundary);
        }
    }

    /// Turns the next chunk into sentences; returns `false` at the last one.
    fn begin_chunk(&mut self) -> Result<bool> {
        if self.state == State::InChunk {
            self.run.progress.chunk_done();
            self.state = State::BetweenChunks;
        }
        let Some(parts) = self.chunks.next() else {
            return Ok(false);
        };
        self.state = State::InChunk;
        for (range, boundary) in parts {
            let mut spoken = self
                .synthesizer
                .phonemizer
                .phonemize(self.text[range].trim())?;
            if boundary == Boundary::Clause {
                // Cut only for its length: its voice must not fall here.
                spoken = spoken.into_iter().map(Phonemes::open_ended).collect();
            }
            // The phonemizer may find several sentences in what we took for one.
            let last = spoken.len().saturating_sub(1);
            let ends = |n| {
                if n == last {
                    boundary
                } else {
                    Boundary::Sentence
                }
            };
            let ended = spoken.into_iter().enumerate().map(|(n, p)| (p, ends(n)));
            self.sentences.extend(ended);
        }
        Ok(true)
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

/// Returns where each sentence of `chunk` stands in `text`.
fn parts(text: &str, chunk: &chunk::Chunk<'_>) -> Vec<Part> {
    let at = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    chunk
        .sentences
        .iter()
        .map(|s| (at(s.text)..at(s.text) + s.text.len(), s.boundary))
        .collect()
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
    use crate::phoneme::TextPhonemizer;
    use crate::synth::{Pauses, RunOptions, SpeakOptions};
    use crate::voice::{Pace, Scales, tests::voice};
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
        Synthesizer::new(Arc::new(voice(1)), Arc::new(TextPhonemizer), options).unwrap()
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
    fn neighbouring_sentences_and_seeds_read_differently() {
        let seeds = [(1, 0), (1, 1), (2, 0)].map(|(seed, n)| sentence_seed(seed, n));
        assert!(seeds[0] != seeds[1] && seeds[0] != seeds[2] && seeds[1] != seeds[2]);
        assert_eq!(seeds[0], sentence_seed(1, 0));
    }
}
