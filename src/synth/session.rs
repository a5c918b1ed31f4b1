//! What lasts from the first text of a session to the last.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pipeline::Pipeline;
use super::{Progress, SpeechSessionOptions, StreamStats, Synthesizer};
use crate::Result;
use crate::audio::level::{Level, Normalize};
use crate::audio::loudness::{LoudnessAccuracy, VoiceLoudness};
use crate::audio::{AudioBlock, BlockKind, PooledBuffer, SampleRate, duration_of, samples_in};
use crate::phoneme_id::UnknownPhonemes;
use crate::timing::SpokenPhrase;
use crate::voice::Voice;
use crate::voice::content_hash::ContentHash;

/// Longer pauses are several blocks, so that a block stays small.
const MAX_PAUSE_BLOCK: Duration = Duration::from_secs(10);

/// The rate of a pause without speech.
const DEFAULT_RATE: SampleRate = SampleRate::new(16_000).unwrap();

/// What tells a voice from others of a session: its name, and the hash of its model.
type VoiceKey = (String, Option<ContentHash>);

/// Continuous speech, of one text or of many: pauses fall between the texts,
/// and the level stays the same.
#[derive(Debug)]
pub struct SpeechSession {
    pub(super) options: SpeechSessionOptions,
    pub(super) progress: Arc<Progress>,
    pub(super) unknown: UnknownPhonemes,
    stats: StreamStats,
    sounds: u64,
    started: Instant,
    /// Whether there was speech that a pause can follow.
    has_spoken: bool,
    /// Silence before the next speech.
    pending_pause: Duration,
    /// Silence that was asked for; it replaces the pending pause.
    requested_pause: Option<Duration>,
    last_rate: SampleRate,
    /// Whether the last text ended with a blank line.
    pub(super) after_blank_line: bool,
    /// The levels of the voices that have spoken. A voice that is loaded again may be known
    /// better, but keeps its level.
    levels: Vec<(VoiceKey, Level)>,
    /// The longest block so far: the capacity that the next one asks for.
    longest_block: usize,
}

impl Default for SpeechSession {
    fn default() -> Self {
        Self::new(SpeechSessionOptions::default())
    }
}

impl SpeechSession {
    /// Starts a session and its clock.
    pub fn new(options: SpeechSessionOptions) -> Self {
        Self {
            options,
            progress: Arc::default(),
            unknown: UnknownPhonemes::default(),
            stats: StreamStats::default(),
            sounds: 0,
            started: Instant::now(),
            has_spoken: false,
            pending_pause: Duration::ZERO,
            requested_pause: None,
            last_rate: DEFAULT_RATE,
            after_blank_line: false,
            levels: Vec::new(),
            longest_block: 0,
        }
    }

    /// Returns the session's progress, which any thread may read.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Returns the session's statistics.
    pub fn stats(&self) -> StreamStats {
        StreamStats {
            chunks: self.progress.processed_chunks(),
            unknown_phonemes: self.unknown.total(),
            ..self.stats
        }
    }

    /// Returns the phonemes that the voices of this session did not know.
    pub fn unknown_phonemes(&self) -> &UnknownPhonemes {
        &self.unknown
    }

    /// Returns how many sounds were synthesized: phonemes that the voice knows and
    /// that are heard. If a text does not raise the number, it was silent.
    pub fn sounds(&self) -> u64 {
        self.sounds
    }

    /// Discards the pause before the next speech, for a text that is not heard
    /// after the previous one.
    pub fn discard_pause(&mut self) {
        self.pending_pause = Duration::ZERO;
        self.requested_pause = None;
    }

    /// Requests exactly this silence before the next speech, instead of the pause
    /// that would fall there. Requests between the same two texts add up. Unlike
    /// other pauses, they are heard before the first speech, too.
    pub fn request_pause(&mut self, pause: Duration) {
        let sum = self.requested_pause.unwrap_or_default();
        self.requested_pause = Some(sum.saturating_add(pause));
    }

    /// Returns the next block of the pause that was [requested](Self::request_pause)
    /// after the last speech, `None` at its end. It has the rate of the last block,
    /// at first 16 kHz.
    pub fn final_pause(&mut self) -> Option<AudioBlock> {
        self.requested_pause?;
        self.take_pause(self.last_rate)
    }

    /// Notes whether `text` ends with a blank line, or is one.
    pub(super) fn note_blank_line(&mut self, text: &str) {
        let words = text.trim_end();
        let line_ends = text[words.len()..].matches('\n').count();
        self.after_blank_line = line_ends > usize::from(!words.is_empty());
    }

    /// Requests silence before the next speech; the longest request counts.
    pub(super) fn pause_at_least(&mut self, pause: Duration) {
        if self.has_spoken {
            self.pending_pause = self.pending_pause.max(pause);
        }
    }

    /// Returns the threads that make this session's blocks with `voice`.
    pub(super) fn pipeline(&self, voice: &Voice) -> Pipeline {
        let n_workers = voice.model_info().workers;
        Pipeline::new(n_workers, self.longest_block, &self.options)
    }

    /// Notes that speech has started: pauses are counted from now on.
    pub(super) fn start_speech(&mut self) {
        self.has_spoken = true;
    }

    pub(super) fn add_sounds(&mut self, sounds: u64) {
        self.sounds += sounds;
    }

    pub(super) fn add_replaced_words(&mut self, words: u64) {
        self.stats.replaced_words += words;
    }

    /// Counts an inference and returns its number, counted from 0.
    pub(super) fn next_inference(&mut self) -> u64 {
        self.stats.inferences += 1;
        self.stats.inferences - 1
    }

    /// Returns the next block of the pause before the next speech, `None` at its
    /// end.
    pub(super) fn take_pause(&mut self, rate: SampleRate) -> Option<AudioBlock> {
        let pending = std::mem::take(&mut self.pending_pause);
        let pause = self.requested_pause.take().unwrap_or(pending);
        let block = pause.min(MAX_PAUSE_BLOCK);
        self.requested_pause = Some(pause - block).filter(|rest| !rest.is_zero());
        let length = samples_in(block, rate);
        (length > 0).then(|| {
            let mut samples = self.options.pool.acquire(length);
            samples.resize(length, 0.0);
            self.count(length, rate);
            AudioBlock {
                samples,
                rate,
                kind: BlockKind::Pause,
                phrase: None,
            }
        })
    }

    /// Brings a voice's samples to their level and makes a block of them.
    pub(super) fn finish_block(
        &mut self,
        mut samples: PooledBuffer,
        voice: &Voice,
        volume: f32,
        phrase: Option<Arc<SpokenPhrase>>,
    ) -> Result<AudioBlock> {
        let level = self.level(voice)?;
        self.stats.clipped_samples += level.apply(&mut samples, volume);
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
            phrase,
        })
    }

    /// Returns the absolute value up to which this synthesizer's samples are
    /// silence, for [`Trimmed`](crate::sink::Trimmed). The first call measures
    /// the [loudness](Voice::reference_loudness) of a voice, if it is not known.
    pub fn silence_threshold(&self, synthesizer: &Synthesizer) -> Result<f32> {
        let normalize = self.options.normalize;
        let loudness = match normalize {
            Normalize::Sentence(_) => None,
            _ => self.loudness(&synthesizer.voice)?,
        };
        let level = Level::new(normalize, loudness);
        Ok(level.silence_threshold(synthesizer.options.volume))
    }

    /// Measures a voice, if its level needs that and it has not been done.
    pub(super) fn measure(&mut self, voice: &Voice) -> Result<()> {
        self.level(voice).map(drop)
    }

    fn level(&mut self, voice: &Voice) -> Result<Level> {
        let hash = voice.model_info().content_hash;
        let is_of_voice = |(name, of): &VoiceKey| name == voice.name() && *of == hash;
        if let Some((_, level)) = self.levels.iter().find(|(key, _)| is_of_voice(key)) {
            return Ok(*level);
        }
        let normalize = self.options.normalize;
        let loudness = match normalize {
            Normalize::Run | Normalize::Loudness(_) => self.loudness(voice)?,
            Normalize::Sentence(_) | Normalize::Off => None,
        };
        let level = Level::new(normalize, loudness);
        self.levels.push(((voice.name().to_owned(), hash), level));
        Ok(level)
    }

    fn loudness(&self, voice: &Voice) -> Result<Option<VoiceLoudness>> {
        match (self.options.normalize, self.options.loudness_accuracy) {
            // A target is to be met.
            (Normalize::Loudness(_), _) | (_, LoudnessAccuracy::Measured) => {
                voice.reference_loudness()
            }
            (_, LoudnessAccuracy::Estimated) => voice.estimated_loudness(),
        }
    }

    fn count(&mut self, samples: usize, rate: SampleRate) {
        self.last_rate = rate;
        self.stats.audio_seconds += samples as f64 / f64::from(rate.get());
        if let Some(place) = &self.options.place {
            place.add_sound(duration_of(samples as u64, rate));
        }
    }
}
