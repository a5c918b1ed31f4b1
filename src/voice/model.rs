//! Ids → samples: the seam between voices and the engine that runs them.

use std::sync::Arc;

use super::content::ContentHash;
use super::prepared::Layout;
use super::{Pace, Scales};
use crate::{CancelToken, Error, Result};

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

    /// Returns the content of the file it was made from, where that was looked
    /// up while it was loaded.
    fn content(&self) -> Option<ContentHash> {
        None
    }

    /// Returns how much of it is files mapped into memory.
    fn mapped_bytes(&self) -> u64 {
        0
    }

    /// Returns how its decoder keeps its channels, where it is run in parts.
    fn layout(&self) -> Option<Layout> {
        None
    }

    /// Returns how many threads should work on its sentences at a time; 1 for
    /// a model that spreads each step over threads by itself.
    fn workers(&self) -> usize {
        1
    }

    /// Begins to speak one sentence. Nothing is computed yet.
    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance>;
}

/// What comes after a step of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Another step.
    Step,
    /// So many windows, which end it.
    Windows(usize),
}

/// A sentence being spoken: steps one after the other, then windows in any
/// order, on any threads.
///
/// Everything here appends samples, the model's own, about −1..=1, and ends
/// early with [`Error::Cancelled`], within
/// milliseconds of the cancellation.
pub trait Utterance: Send + Sync {
    /// Does the next step; its samples, if it gives any, follow those of the
    /// step before.
    ///
    /// Not to be called again once it has said [`Next::Windows`].
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Next>;

    /// Gives the samples of one window, counted from 0; they follow those of
    /// the window before.
    fn window(&self, n: usize, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<()>;
}

/// Refuses samples that nothing can be done with.
pub(crate) fn check_finite(samples: &[f32]) -> Result<()> {
    match samples.iter().all(|sample| sample.is_finite()) {
        true => Ok(()),
        false => Err(Error::Inference {
            source: "it gave samples that are no numbers".into(),
        }),
    }
}

/// Speaks one sentence from beginning to end on this thread.
pub(super) fn samples_of(model: Arc<dyn Model>, inference: Inference) -> Result<Vec<f32>> {
    let never = CancelToken::new();
    let mut samples = Vec::new();
    let mut utterance = model.begin(inference);
    let windows = loop {
        if let Next::Windows(windows) = utterance.step(&never, &mut samples)? {
            break windows;
        }
    };
    for n in 0..windows {
        utterance.window(n, &never, &mut samples)?;
    }
    Ok(samples)
}
