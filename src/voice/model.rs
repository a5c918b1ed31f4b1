//! Ids → samples: the seam between voices and the engine that runs them.

use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::content_hash::ContentHash;
use super::prepared::Layout;
use super::{Pace, Scales};
use crate::error::Cause;
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

/// How long a voice is tried; seconds are enough on slow machines.
const TRIAL: Duration = Duration::from_secs(120);

/// A graph that may have no end.
#[derive(Debug, thiserror::Error)]
#[error("it was still at a few syllables after {0:?}")]
pub(super) struct Endless(Duration);

/// Whether a trial failed by having no end.
pub(super) fn is_endless(cause: &Cause) -> bool {
    match cause.downcast_ref() {
        Some(Error::Inference { source }) => source.is::<Endless>(),
        _ => false,
    }
}

/// Speaks a few syllables from beginning to end on this thread, to try a
/// voice. Fails by [`Endless`] where that takes minutes.
pub(super) fn samples_of(model: Arc<dyn Model>, inference: Inference) -> Result<Vec<f32>> {
    samples_within(TRIAL, model, inference)
}

fn samples_within(
    limit: Duration,
    model: Arc<dyn Model>,
    inference: Inference,
) -> Result<Vec<f32>> {
    let stop = CancelToken::new();
    let outcome = thread::scope(|scope| {
        let (done, wait) = mpsc::channel::<()>();
        let late = stop.clone();
        scope.spawn(move || {
            if wait.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                late.cancel();
            }
        });
        let outcome = speak(model, inference, &stop);
        drop(done);
        outcome
    });
    match outcome {
        Err(Error::Cancelled) => Err(Error::Inference {
            source: Endless(limit).into(),
        }),
        outcome => outcome,
    }
}

fn speak(model: Arc<dyn Model>, inference: Inference, stop: &CancelToken) -> Result<Vec<f32>> {
    let mut samples = Vec::new();
    let mut utterance = model.begin(inference);
    let windows = loop {
        if let Next::Windows(windows) = utterance.step(stop, &mut samples)? {
            break windows;
        }
    };
    for n in 0..windows {
        utterance.window(n, stop, &mut samples)?;
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Speaks until it is stopped.
    #[derive(Debug)]
    struct EndlessModel;

    impl Model for EndlessModel {
        fn takes_speaker(&self) -> bool {
            false
        }

        fn symbols(&self) -> Option<usize> {
            None
        }

        fn begin(self: Arc<Self>, _: Inference) -> Box<dyn Utterance> {
            Box::new(EndlessUtterance)
        }
    }

    struct EndlessUtterance;

    impl Utterance for EndlessUtterance {
        fn step(&mut self, cancel: &CancelToken, _: &mut Vec<f32>) -> Result<Next> {
            match cancel.is_cancelled() {
                true => Err(Error::Cancelled),
                false => Ok(Next::Step),
            }
        }

        fn window(&self, _: usize, _: &CancelToken, _: &mut Vec<f32>) -> Result<()> {
            unreachable!("there are none")
        }
    }

    #[test]
    fn a_trial_of_a_voice_without_an_end_ends() {
        let inference = Inference {
            ids: Vec::new(),
            scales: Scales::default(),
            speaker: None,
            seed: 0,
            pace: Pace::Live,
        };
        let limit = Duration::from_millis(5);
        let error = samples_within(limit, Arc::new(EndlessModel), inference).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert_eq!(cause, "it was still at a few syllables after 5ms");
        assert!(is_endless(&error.into()));
    }
}
