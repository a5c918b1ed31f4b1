//! The iterator from text to audio blocks.

use std::collections::VecDeque;
use std::iter::Fuse;
use std::sync::Arc;
use std::time::Duration;

use super::pipeline::{Pipeline, StepMemory};
use super::plan::{Plan, PlanItem, PlannedPhrase};
use super::queued_phrase::QueuedPhrase;
use super::speed_shares::SpeedShares;
use super::{SpeechSession, Synthesizer, TextEnd};
use crate::audio::level::Normalize;
use crate::audio::stretch::Stretcher;
use crate::audio::{AudioBlock, PooledBuffer};
use crate::phoneme_id::PhonemeSpans;
use crate::timing::SpokenPhrase;
use crate::voice::model::check_finite;
use crate::voice::{Inference, OptimizeFor};
use crate::{Error, Result};

/// After this many ids a sentence may be made in the cheaper way, whose first
/// sound comes later: the ids before it last some 5 s.
///
/// Ids and not seconds of audio: the windows that a sentence is split into
/// change its last bits, and they must not depend on how far ahead the
/// threads are.
const LIVE_IDS: usize = 140;

/// The attention matrices of a sentence of this length take some 40 MB; they
/// grow with the square of the length.
const MAX_SMALL_IDS: usize = 1000;

/// The audio of a text, made block by block, a few sentences ahead of the
/// consumer.
///
/// A block is a pause, a sentence, or a part of a sentence. After an error the
/// iterator ends.
pub struct Blocks<'a> {
    synthesizer: &'a Synthesizer,
    session: &'a mut SpeechSession,
    plan: Fuse<Plan<'a>>,
    /// What is planned and not returned yet; its sentences are in the pipeline.
    queue: VecDeque<QueuedItem>,
    pipeline: Pipeline,
    model_speed: f32,
    /// `None` if samples stay as the model makes them.
    stretcher: Option<Stretcher>,
    /// What the first sentence says, once its first samples are there.
    phrase: Option<Arc<SpokenPhrase>>,
    /// Ids of this text's sentences so far.
    n_ids: usize,
    state: State,
}

/// A plan item whose speech, if any, is in the pipeline.
enum QueuedItem {
    /// The pipeline's next sentence.
    Speech(Option<Box<QueuedPhrase>>),
    Silence(Duration),
    ChunkEnd(u64),
    Failure(Error),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    BetweenSentences,
    InSentence,
    /// The last samples of a sentence have been stretched.
    SentenceStretched,
    Ended,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(
        synthesizer: &'a Synthesizer,
        session: &'a mut SpeechSession,
        text: &str,
        end: TextEnd,
    ) -> Self {
        let info = synthesizer.voice.model_info();
        let shares = SpeedShares::new(synthesizer.options.speed, info);
        let rate = synthesizer.sample_rate();
        let plan = Plan::new(text, end, synthesizer, session);
        session.note_blank_line(text);
        Self {
            model_speed: shares.model,
            stretcher: shares.stretcher.map(|speed| Stretcher::new(rate, speed)),
            synthesizer,
            plan: plan.fuse(),
            queue: VecDeque::new(),
            pipeline: session.pipeline(&synthesizer.voice),
            session,
            phrase: None,
            n_ids: 0,
            state: State::BetweenSentences,
        }
    }

    /// Returns the next block, `None` at the end of the text.
    fn next_block(&mut self) -> Result<Option<AudioBlock>> {
        loop {
            if self.session.options.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            self.fill_queue()?;
            match self.queue.front() {
                None => return Ok(None),
                Some(QueuedItem::Speech(_)) => {
                    if let Some(block) = self.next_speech()? {
                        return Ok(Some(block));
                    }
                }
                Some(_) => self.skip_item()?,
            }
        }
    }

    /// Queues items until the pipeline has enough sentences.
    fn fill_queue(&mut self) -> Result<()> {
        while self.pipeline.wants_more() {
            let Some(item) = self.plan.next() else {
                break;
            };
            let queued = match item {
                PlanItem::Speech(phrase) => QueuedItem::Speech(self.push_sentence(phrase)?),
                PlanItem::Silence(pause) => QueuedItem::Silence(pause),
                PlanItem::ReplacedWords(words) => {
                    self.session.add_replaced_words(words);
                    continue;
                }
                PlanItem::ChunkEnd(chars) => QueuedItem::ChunkEnd(chars),
                PlanItem::Failure(error) => QueuedItem::Failure(error),
            };
            self.queue.push_back(queued);
        }
        Ok(())
    }

    /// Passes a phrase on to the pipeline. Returns what it says, if that is told.
    fn push_sentence(&mut self, phrase: PlannedPhrase) -> Result<Option<Box<QueuedPhrase>>> {
        let PlannedPhrase { phonemes, words } = phrase;
        let Synthesizer {
            voice,
            options,
            speaker,
            ..
        } = self.synthesizer;
        let mut ids = Vec::new();
        let table = voice.ids();
        let mut spans = PhonemeSpans::default();
        let unknown = &mut self.session.unknown;
        let sounds = match words {
            Some(_) => table.encode_spans(&phonemes, &mut ids, unknown, &mut spans),
            None => table.encode(&phonemes, &mut ids, unknown),
        };
        self.session.add_sounds(sounds);
        let optimize_for = match options.optimize_for {
            OptimizeFor::Latency if self.n_ids < LIVE_IDS => OptimizeFor::Latency,
            _ => OptimizeFor::Throughput,
        };
        self.n_ids += ids.len();
        let memory = match ids.len() {
            ..=MAX_SMALL_IDS => StepMemory::Small,
            _ => StepMemory::Large,
        };
        let inference = Inference {
            ids,
            scales: options.scales,
            speed: self.model_speed,
            speaker: *speaker,
            seed: sentence_seed(options.seed, self.session.next_inference()),
            optimize_for,
        };
        // Measuring is faster while no worker is busy.
        self.session.measure(voice)?;
        self.pipeline.push(voice.begin(inference), memory)?;
        Ok(words.map(|words| {
            Box::new(QueuedPhrase {
                phonemes,
                words,
                spans,
            })
        }))
    }

    /// Removes the first item, which is not speech, from the queue.
    fn skip_item(&mut self) -> Result<()> {
        match self.queue.pop_front() {
            Some(QueuedItem::Silence(pause)) => self.session.pause_at_least(pause),
            Some(QueuedItem::ChunkEnd(chars)) => self.session.progress.chunk_done(chars),
            Some(QueuedItem::Failure(error)) => return Err(error),
            Some(QueuedItem::Speech(_)) | None => {}
        }
        Ok(())
    }

    /// Returns the next block of the first sentence, `None` at its end.
    fn next_speech(&mut self) -> Result<Option<AudioBlock>> {
        let rate = self.synthesizer.sample_rate();
        if self.state == State::BetweenSentences {
            if let Some(pause) = self.session.take_pause(rate) {
                return Ok(Some(pause));
            }
            self.state = State::InSentence;
            self.session.start_speech();
        }
        let Some(samples) = self.next_samples()? else {
            self.end_sentence();
            return Ok(None);
        };
        check_finite(&samples)?;
        let volume = self.synthesizer.options.volume;
        let voice = &self.synthesizer.voice;
        let phrase = self.phrase.clone();
        let block = self.session.finish_block(samples, voice, volume, phrase)?;
        Ok(Some(block))
    }

    /// Notes what the first sentence says, when its first samples are there.
    fn note_phrase(&mut self) {
        if let Some(QueuedItem::Speech(queued)) = self.queue.front_mut()
            && let Some(queued) = queued.take()
        {
            let id_ends = self.pipeline.take_id_ends();
            let stretch = self.stretcher.as_ref().map_or(1.0, Stretcher::speed);
            self.phrase = Some(Arc::new(queued.spoken(id_ends.as_deref(), stretch)));
        }
    }

    /// Returns some samples of the first sentence, or all of them if its level
    /// depends on all; `None` at its end.
    fn next_samples(&mut self) -> Result<Option<PooledBuffer>> {
        let samples = self.take_samples()?;
        if !matches!(self.session.options.normalize, Normalize::Sentence(_)) {
            return Ok(samples);
        }
        let Some(mut sentence) = samples else {
            return Ok(None);
        };
        while let Some(more) = self.take_samples()? {
            sentence.extend_from_slice(&more);
        }
        self.end_sentence();
        Ok(Some(sentence))
    }

    /// Takes samples of the first sentence from the pipeline, and stretches
    /// them if necessary; `None` at its end.
    fn take_samples(&mut self) -> Result<Option<PooledBuffer>> {
        if self.state == State::SentenceStretched {
            return Ok(None);
        }
        let mut stretched = None;
        loop {
            let samples = self.pipeline.take()?;
            if samples.is_some() {
                self.note_phrase();
            }
            let Some(stretcher) = &mut self.stretcher else {
                return Ok(samples);
            };
            let pool = &self.session.options.pool;
            let mut out = stretched.take().unwrap_or_else(|| pool.acquire(0));
            match samples {
                Some(samples) => stretcher.process(&samples, &mut out),
                None => {
                    self.state = State::SentenceStretched;
                    stretcher.finish(&mut out);
                    return Ok((!out.is_empty()).then_some(out));
                }
            }
            // A short block may give nothing yet.
            match out.is_empty() {
                true => stretched = Some(out),
                false => return Ok(Some(out)),
            }
        }
    }

    fn end_sentence(&mut self) {
        self.state = State::BetweenSentences;
        self.queue.pop_front();
    }
}

impl Iterator for Blocks<'_> {
    type Item = Result<AudioBlock>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.state == State::Ended {
            return None;
        }
        let next = self.next_block().transpose();
        if !matches!(next, Some(Ok(_))) {
            self.state = State::Ended;
        }
        next
    }
}

/// Mixes the seed with a sentence's number, so that neither neighbouring
/// seeds nor neighbouring sentences sound alike (the finaliser of SplitMix64).
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
    use crate::lexicon::Pronouncer;
    use crate::phoneme::TextPhonemizer;
    use crate::synth::{Pauses, SpeakOptions, SpeechSessionOptions, WordTimes};
    use crate::voice::ModelInfo;
    use crate::voice::Voice;
    use crate::voice::fake::{voice, voice_with_info};
    use std::sync::Arc;

    /// A voice that makes 100 samples of each id, at 16 kHz; code points are
    /// its phonemes.
    fn synthesizer() -> Synthesizer {
        let options = SpeakOptions {
            pauses: Pauses {
                sentence: Duration::from_millis(10),
                line: Duration::from_millis(20),
                paragraph: Duration::from_millis(30),
                scene: None,
            },
            optimize_for: OptimizeFor::Throughput,
            ..SpeakOptions::default()
        };
        synthesizer_with(voice(1), options)
    }

    fn synthesizer_with(voice: Voice, options: SpeakOptions) -> Synthesizer {
        let pronouncer = Pronouncer::new(Arc::new(TextPhonemizer));
        Synthesizer::new(Arc::new(voice), pronouncer, options).unwrap()
    }

    /// Speaks texts in one session; speech as `+` and its ids, a pause as `-` and
    /// its milliseconds.
    fn speak(texts: &[&str]) -> Vec<String> {
        let synthesizer = synthesizer();
        let mut session = SpeechSession::default();
        let mut spoken = Vec::new();
        for text in texts {
            for block in synthesizer.blocks(&mut session, text) {
                let block = block.unwrap();
                spoken.push(match block.kind {
                    BlockKind::Speech => format!("+{}", block.samples.len() / 100),
                    BlockKind::Pause => format!("-{}", block.samples.len() / 16),
                });
            }
        }
        spoken
    }

    #[test]
    fn pauses_fall_between_speech_and_the_longest_counts() {
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
    fn a_requested_pause_replaces_the_others_and_is_heard_everywhere() {
        let synthesizer = synthesizer();
        let mut session = SpeechSession::default();
        let mut spoken = Vec::new();
        let pauses = [&[25][..], &[1, 4], &[], &[0], &[25_000]];
        for (text, pauses) in ["a!", "aa!\n\n", "a!", "a!", "a!"].iter().zip(pauses) {
            for pause in pauses {
                session.request_pause(Duration::from_millis(*pause));
            }
            let blocks = synthesizer.blocks(&mut session, text);
            spoken.extend(blocks.map(|block| block.unwrap().samples.len()));
        }
        assert!(session.final_pause().is_none());
        session.request_pause(Duration::from_millis(10_001));
        let last = std::iter::from_fn(|| session.final_pause());
        spoken.extend(last.map(|block| block.samples.len()));
        let (long, second) = (160_000, 500);
        let expected = [
            400, second, 80, 700, 480, second, second, long, long, 80_000, second, long, 16,
        ];
        assert_eq!(spoken, expected);
    }

    #[test]
    fn a_text_that_goes_on_has_the_pause_of_a_sentence_or_none() {
        // The end, and the pause after it.
        let cases = [
            ("a", TextEnd::Open, None),
            ("a, ", TextEnd::Open, None),
            ("a! ", TextEnd::Open, Some(160)),
            ("a.” ", TextEnd::Open, Some(160)),
            ("a\n", TextEnd::Open, Some(320)),
            ("a\n\n", TextEnd::Open, Some(480)),
            ("a! ", TextEnd::Line, Some(320)),
        ];
        let synthesizer = synthesizer();
        for (text, end, expected) in cases {
            let mut session = SpeechSession::default();
            assert_eq!(
                synthesizer.blocks_before(&mut session, text, end).count(),
                1
            );
            let mut next = synthesizer.blocks(&mut session, "a");
            let first = next.next().unwrap().unwrap();
            let pause = (first.kind == BlockKind::Pause).then_some(first.samples.len());
            assert_eq!(pause, expected, "{text:?}");
        }
    }

    #[test]
    fn a_cancelled_session_ends_with_an_error_and_stays_ended() {
        let cancel = CancelToken::new();
        let synthesizer = synthesizer();
        let mut session = SpeechSession::new(SpeechSessionOptions {
            cancel: cancel.clone(),
            ..SpeechSessionOptions::default()
        });
        let mut blocks = synthesizer.blocks(&mut session, "a! A!");
        assert!(blocks.next().unwrap().is_ok());
        cancel.cancel();
        assert!(matches!(blocks.next(), Some(Err(Error::Cancelled))));
        assert!(blocks.next().is_none());
    }

    #[test]
    fn a_session_counts_what_it_makes() {
        let synthesizer = synthesizer();
        let mut session = SpeechSession::default();
        let blocks = synthesizer.blocks(&mut session, "a? Aq!");
        assert_eq!(blocks.filter_map(Result::ok).count(), 3);
        let stats = session.stats();
        assert_eq!((stats.inferences, stats.chunks), (2, 2));
        assert_eq!(stats.unknown_phonemes, 4, "`?`, `A`, `q`, `!`");
        assert!(stats.first_audio_ms.is_some());
    }

    #[test]
    fn blocks_tell_what_they_say() {
        let options = SpeakOptions {
            phoneme_silence: vec![(',', Duration::from_millis(1))],
            ..synthesizer().options
        };
        let synthesizer = synthesizer_with(voice(1), options);
        let mut session = SpeechSession::new(SpeechSessionOptions {
            times: WordTimes::On,
            ..SpeechSessionOptions::default()
        });
        // The frame is three ids, a phoneme two; `q`, spaces and marks are unknown.
        let blocks = synthesizer.blocks(&mut session, " aa qa, a! A a");
        let mut told = Vec::new();
        for block in blocks.map(|block| block.unwrap()) {
            let Some(phrase) = &block.phrase else {
                assert_eq!(block.kind, BlockKind::Pause);
                continue;
            };
            let samples = block.samples.len() as u64;
            let phonemes = phrase.phonemes(samples);
            let phonemes: Vec<_> = phonemes.map(|(own, at)| (own.word, at)).collect();
            let sentence = &phrase.sentence;
            told.push((sentence.text.clone(), phrase.ends_sentence, phonemes));
            assert_eq!(sentence.text.len(), sentence.source.len());
            assert_eq!(sentence.words[0].start, sentence.source.start);
        }
        let first = vec![
            (Some(0), 200..400),
            (Some(0), 400..600),
            (Some(1), 600..800),
        ];
        let expected = [
            ("aa qa, a!".to_owned(), false, first),
            ("aa qa, a!".to_owned(), true, vec![(Some(2), 200..400)]),
            ("A a".to_owned(), true, vec![(Some(1), 200..400)]),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_callback_that_returns_break_ends_the_speech() {
        let mut session = SpeechSession::default();
        let mut n_blocks = 0;
        let spoken = synthesizer().speak(&mut session, "a! A! A!", |_| {
            n_blocks += 1;
            std::ops::ControlFlow::Break(())
        });
        assert!(spoken.is_ok());
        assert_eq!(n_blocks, 1);
    }

    #[test]
    fn the_pace_of_a_sentence_does_not_depend_on_the_number_of_threads() {
        // Fifty `a` are 103 ids with their frame: two such sentences are live.
        let text = format!("{}! ", "a".repeat(50))
            .repeat(9)
            .replace("! a", "! A");
        let peaks = |workers| -> Vec<f32> {
            let options = SpeakOptions {
                optimize_for: OptimizeFor::Latency,
                ..synthesizer().options
            };
            let info = ModelInfo {
                workers,
                ..ModelInfo::default()
            };
            let synthesizer = synthesizer_with(voice_with_info(1, info), options);
            let mut session = SpeechSession::new(SpeechSessionOptions {
                normalize: Normalize::Off,
                ..SpeechSessionOptions::default()
            });
            let blocks = synthesizer
                .blocks(&mut session, &text)
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
    fn neighbouring_sentences_and_seeds_get_different_seeds() {
        let seeds = [(1, 0), (1, 1), (2, 0)].map(|(seed, n)| sentence_seed(seed, n));
        assert!(seeds[0] != seeds[1] && seeds[0] != seeds[2] && seeds[1] != seeds[2]);
        assert_eq!(seeds[0], sentence_seed(1, 0));
    }
}
