//! What lasts from the first text of a run to the last.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::Progress;
use super::line::Line;
use crate::audio::level::{Level, Normalize};
use crate::audio::{AudioBlock, BlockKind, BufferPool, PooledBuffer, SampleRate, samples_in};
use crate::phoneme_id::UnknownPhonemes;
use crate::voice::Voice;
use crate::{CancelToken, Result};

/// How a run is set up.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Where blocks get their buffers.
    pub pool: BufferPool,
    /// Stops the run.
    pub cancel: CancelToken,
    /// How loud it is.
    pub normalize: Normalize,
}

/// A continuous reading, of one text or of many.
#[derive(Debug)]
pub struct Run {
    pub(super) options: RunOptions,
    pub(super) progress: Arc<Progress>,
    pub(super) unknown: UnknownPhonemes,
    stats: StreamStats,
    started: Instant,
    /// Whether there was speech that a pause can follow.
    has_spoken: bool,
    /// Silence due before the next speech.
    pause: Duration,
    /// The longest block so far: what the next one asks the pool for.
    longest_block: usize,
}

/// What a run has made.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct StreamStats {
    /// Seconds of audio, pauses included.
    pub audio_seconds: f64,
    /// Milliseconds from the start of the run to its first block of speech.
    pub first_audio_ms: Option<f64>,
    /// Chunks of text spoken.
    pub chunks: u64,
    /// Inferences begun: sentences, or the pieces of those that were too long.
    pub sentences: u64,
    /// Phonemes left out because the voice does not know them.
    pub unknown_phonemes: u64,
    /// Words and phrases spoken as a lexicon has them.
    pub replaced_words: u64,
}

impl Run {
    /// Starts a run, and its clock.
    pub fn new(options: RunOptions) -> Self {
        Self {
            options,
            progress: Arc::default(),
            unknown: UnknownPhonemes::default(),
            stats: StreamStats::default(),
            started: Instant::now(),
            has_spoken: false,
            pause: Duration::ZERO,
            longest_block: 0,
        }
    }

    /// Returns the run's progress, to be read from any thread.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Returns the run's statistics.
    pub fn stats(&self) -> StreamStats {
        StreamStats {
            chunks: self.progress.processed_chunks(),
            unknown_phonemes: self.unknown.total(),
            ..self.stats
        }
    }

    /// Returns the phonemes that no voice of this run knew.
    pub fn unknown_phonemes(&self) -> &UnknownPhonemes {
        &self.unknown
    }

    /// Forgets the pause that is due: what comes next is not heard after what
    /// came before.
    pub fn cut(&mut self) {
        self.pause = Duration::ZERO;
    }

    /// Asks for silence before the next speech; the longest asked for counts.
    pub(super) fn pause_at_least(&mut self, pause: Duration) {
        if self.has_spoken {
            self.pause = self.pause.max(pause);
        }
    }

    /// Returns the threads that make this run's blocks with `voice`.
    pub(super) fn line(&self, voice: &Voice) -> Line {
        let RunOptions { pool, cancel, .. } = &self.options;
        Line::new(voice.workers(), pool.clone(), self.longest_block, cancel)
    }

    /// Counts from here on what is asked to be silent.
    pub(super) fn speech_begins(&mut self) {
        self.has_spoken = true;
    }

    pub(super) fn words_replaced(&mut self, words: u64) {
        self.stats.replaced_words += words;
    }

    /// Returns the number of the next sentence, counted from 0.
    pub(super) fn next_sentence(&mut self) -> u64 {
        self.stats.sentences += 1;
        self.stats.sentences - 1
    }

    /// Returns the silence that is due, if any, as a block.
    pub(super) fn due_pause(&mut self, rate: SampleRate) -> Option<AudioBlock> {
        let length = samples_in(std::mem::take(&mut self.pause), rate);
        (length > 0).then(|| {
            let mut samples = self.options.pool.acquire(length);
            samples.resize(length, 0.0);
            self.count(length, rate);
            AudioBlock {
                samples,
                rate,
                kind: BlockKind::Pause,
            }
        })
    }

    /// Brings a voice's samples to their level and makes a block of them.
    pub(super) fn finish_block(
        &mut self,
        mut samples: PooledBuffer,
        voice: &Voice,
        volume: f32,
    ) -> Result<AudioBlock> {
        let level = self.level(voice)?;
        level.apply(&mut samples, volume);
        let rate = voice.config().sample_rate;
        self.longest_block = self.longest_block.max(samples.len());
        self.stats
            .first_audio_ms
            .get_or_insert(self.started.elapsed().as_secs_f64() * 1000.0);
        self.count(samples.len(), rate);
        Ok(AudioBlock {
            samples,
            rate,
            kind: BlockKind::Speech,
        })
    }

    fn level(&self, voice: &Voice) -> Result<Level> {
        let normalize = self.options.normalize;
        let reference = match normalize {
            Normalize::Run => voice.reference_peak()?,
            Normalize::Sentence(_) | Normalize::Off => 0.0,
        };
        Ok(Level::new(normalize, reference))
    }

    fn count(&mut self, samples: usize, rate: SampleRate) {
        self.stats.audio_seconds += samples as f64 / f64::from(rate.get());
    }
}
