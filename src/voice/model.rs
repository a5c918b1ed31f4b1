//! Ids → samples: the seam between voices and the engine that runs them.

use super::{Pace, Scales};
use crate::{CancelToken, Result};

/// One sentence for a model.
#[derive(Debug, Clone)]
pub struct Inference {
    /// What to say, framed: `^ _ a _ $`.
    pub ids: Vec<i64>,
    /// How to say it.
    pub scales: Scales,
    /// Who says it, where the model asks.
    pub speaker: Option<i64>,
    /// Which reading: the same for the same seed, unless the model's noise
    /// could not be made to follow it.
    pub seed: u64,
    /// How soon the samples are wanted.
    pub pace: Pace,
}

/// Turns ids into samples. The seam between voices and the engine that runs
/// them.
pub trait Model: Send + Sync + std::fmt::Debug {
    /// Returns whether the model wants to know who speaks.
    fn takes_speaker(&self) -> bool;

    /// Returns how many ids the model's embedding table has, where known.
    fn symbols(&self) -> Option<usize>;

    /// Returns the voice's [reference peak](super::Voice::reference_peak),
    /// where it was measured before.
    fn reference_peak(&self) -> Option<f32> {
        None
    }

    /// Begins to speak one sentence. Nothing is computed yet.
    fn begin(&self, inference: Inference) -> Box<dyn Utterance + '_>;
}

/// What is left of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// More samples come.
    More,
    /// These were the last.
    Nothing,
}

/// A sentence being spoken. Pull its samples piece by piece.
pub trait Utterance: Send {
    /// Appends the next samples, the model's own, about −1..=1, to `samples`.
    ///
    /// Not to be called again once it has said [`Rest::Nothing`].
    /// Ends early with [`Error::Cancelled`](crate::Error::Cancelled), within
    /// milliseconds of the cancellation.
    fn next_samples(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Rest>;
}
