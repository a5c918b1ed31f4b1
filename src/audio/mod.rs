//! Samples and the buffers they live in.

pub mod level;
pub mod loudness;
pub mod pcm;
pub mod pool;
pub mod resample;
pub mod stretch;
pub mod wav;

pub use pool::{BufferPool, PoolStats, PooledBuffer};

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::timing::SpokenPhrase;

/// Samples per second. Piper's audio is mono, so a sample is a frame.
pub type SampleRate = NonZeroU32;

/// Returns how many samples last `duration`, rounded down as piper does.
pub fn samples_in(duration: Duration, rate: SampleRate) -> usize {
    (duration.as_secs_f64() * f64::from(rate.get())) as usize
}

/// Returns how long `samples` last.
pub fn duration_of(samples: u64, rate: SampleRate) -> Duration {
    Duration::from_secs_f64(samples as f64 / f64::from(rate.get()))
}

/// A block of audio.
///
/// Dropping it returns its buffer to the pool.
#[derive(Debug)]
pub struct AudioBlock {
    /// Mono samples in −1..=1.
    pub samples: PooledBuffer,
    /// The samples' rate.
    pub rate: SampleRate,
    /// Speech or a pause.
    pub kind: BlockKind,
    /// What it says, if that was [requested](crate::synth::WordTimes) and it is speech.
    pub phrase: Option<Arc<SpokenPhrase>>,
}

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// A sentence, or a part of one.
    Speech,
    /// Zeros between sentences, lines or paragraphs.
    Pause,
}
