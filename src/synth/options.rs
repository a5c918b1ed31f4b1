//! How text is spoken.

use std::time::Duration;

use super::{Pauses, Place};
use crate::CancelToken;
use crate::audio::BufferPool;
use crate::audio::level::Normalize;
use crate::audio::loudness::LoudnessAccuracy;
use crate::chunk::ChunkOptions;
use crate::voice::{OptimizeFor, Scales, Speaker, Speed, VoiceConfig};

/// How a [`Synthesizer`](super::Synthesizer) speaks.
///
/// ```
/// use piper_rs::{SpeakOptions, VoiceConfig, VoiceFiles};
///
/// let config = VoiceConfig::of(&VoiceFiles::Builtin)?;
/// let options = SpeakOptions {
///     volume: 0.8,
///     ..SpeakOptions::for_voice(&config)
/// };
/// # let _ = options;
/// # Ok::<(), piper_rs::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct SpeakOptions {
    /// How text is split.
    pub chunks: ChunkOptions,
    /// Piper's noise scale, length scale and noise W.
    pub scales: Scales,
    /// How many times as fast as these scales say.
    pub speed: Speed,
    /// The speaker; `None` for the voice's default speaker.
    pub speaker: Option<Speaker>,
    /// Silence between sentences, lines and paragraphs, before the
    /// [speed](Self::speed) shortens it.
    pub pauses: Pauses,
    /// Silence after single phonemes, each of which ends a phrase. The speed
    /// shortens it, too.
    pub phoneme_silence: Vec<(char, Duration)>,
    /// A factor on the loudness; 1 changes nothing.
    pub volume: f32,
    /// Random seed; the same seed gives the same audio. Each sentence derives
    /// its own seed from it. Voices that are loaded without preparation draw
    /// their own random numbers.
    pub seed: u64,
    /// Whether a listener waits for the audio.
    pub optimize_for: OptimizeFor,
}

/// Whether blocks of speech tell what they say, and when: see
/// [`AudioBlock::phrase`](crate::AudioBlock::phrase).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WordTimes {
    /// They do not, which costs nothing.
    #[default]
    Off,
    /// They do. Each new word is phonemized once more, alone.
    On,
}

impl WordTimes {
    /// Returns what to set if they may be needed.
    pub fn on_if(needed: bool) -> Self {
        match needed {
            true => Self::On,
            false => Self::Off,
        }
    }
}

/// What follows a text that does not end with a line end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TextEnd {
    /// Another line, or nothing.
    #[default]
    Line,
    /// More of the same line, which another voice may speak. After a sentence
    /// there is its pause; within one there is none, and the pitch does not fall.
    Open,
}

/// How a [`SpeechSession`](super::SpeechSession) is set up.
#[derive(Debug, Clone, Default)]
pub struct SpeechSessionOptions {
    /// Where blocks get their buffers from.
    pub pool: BufferPool,
    /// Cancels the session.
    pub cancel: CancelToken,
    /// How loudness is normalized.
    pub normalize: Normalize,
    /// How exactly the loudness of a voice is known, unless [`Normalize::Loudness`] needs it.
    pub loudness_accuracy: LoudnessAccuracy,
    /// Whether blocks tell what they say.
    pub times: WordTimes,
    /// Its place among other sessions; `None` if it need not wait for any.
    pub place: Option<Place>,
}

impl Default for SpeakOptions {
    /// Piper's scales, this crate's pauses, seed 0, the first sound as early
    /// as possible. [`for_voice`](Self::for_voice) is better if the voice is
    /// known.
    fn default() -> Self {
        Self {
            chunks: ChunkOptions::default(),
            scales: Scales::default(),
            speed: Speed::NATURAL,
            speaker: None,
            pauses: Pauses::default(),
            phoneme_silence: Vec::new(),
            volume: 1.0,
            seed: 0,
            optimize_for: OptimizeFor::Latency,
        }
    }
}

impl SpeakOptions {
    /// Returns the defaults for a voice: its language, its scales and its
    /// phoneme silence.
    pub fn for_voice(config: &VoiceConfig) -> Self {
        Self {
            chunks: ChunkOptions {
                language: config.espeak_voice.clone(),
                ..ChunkOptions::default()
            },
            scales: config.scales,
            phoneme_silence: config.phoneme_silence.clone(),
            ..Self::default()
        }
    }
}
