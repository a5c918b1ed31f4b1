//! Samples and the buffers they live in.

pub mod level;
pub mod pcm;
pub mod pool;
pub mod resample;
pub mod wav;

pub use pool::{BufferPool, PoolStats, PooledBuffer};

use std::num::NonZeroU32;
use std::time::Duration;

/// Samples per second. Piper audio is always mono, so this is also frames.
pub type SampleRate = NonZeroU32;

/// Returns how many samples last `duration`, rounded down as piper does.
pub fn samples_in(duration: Duration, rate: SampleRate) -> usize {
    (duration.as_secs_f64() * f64::from(rate.get())) as usize
}

/// Returns how long `samples` last.
pub fn duration_of(samples: u64, rate: SampleRate) -> Duration {
    Duration::from_secs_f64(samples as f64 / f64::from(rate.get()))
}

/// A piece of audio on its way to a sink.
///
/// Dropping a block returns its buffer to the pool.
#[derive(Debug)]
pub struct AudioBlock {
    /// Mono samples, in −1..=1 once the level stage has seen them.
    pub samples: PooledBuffer,
    /// Their rate.
    pub rate: SampleRate,
    /// What the samples are.
    pub kind: BlockKind,
}

/// What a block holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// Speech: a sentence, or a part of one.
    Speech,
    /// Zeros between sentences, lines or paragraphs.
    Pause,
}
