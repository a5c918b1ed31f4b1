//! Ids → samples: the interface between voices and the engine that runs them.

use std::fmt;
use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Scales;
use super::content_hash::ContentHash;
use super::engine::PartEngine;
use super::loudness_file::LoudnessFile;
use super::windows::OptimizeFor;
use crate::audio::loudness::VoiceLoudness;
use crate::{CancelToken, Error, Result};

/// One sentence for a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inference {
    /// The sentence, framed: `^ _ a _ $`.
    pub ids: Vec<i64>,
    /// Piper's scales.
    pub scales: Scales,
    /// The factor by which the model divides the durations of the ids; 1 if
    /// it [cannot](ModelInfo::takes_speed).
    pub speed: f32,
    /// The speaker's id, if the model takes one.
    pub speaker: Option<i64>,
    /// The same seed gives the same samples, unless the model's noise cannot
    /// be seeded.
    pub seed: u64,
    /// What the sizes of the windows are chosen for.
    pub optimize_for: OptimizeFor,
}

/// Turns ids into samples.
pub trait Model: Send + Sync + fmt::Debug {
    /// Returns what is known about the model before it runs.
    fn info(&self) -> &ModelInfo;

    /// Starts a sentence. Nothing is computed yet.
    fn begin(self: Arc<Self>, inference: Inference) -> Box<dyn Utterance>;
}

/// A model, and why it is not split, although it was requested.
pub(super) struct LoadedModel {
    pub(super) model: Arc<dyn Model>,
    pub(super) split_failure: Option<String>,
    /// Whether it is the stock model or has been compared with it.
    pub(super) is_checked: bool,
    /// Where its loudness is stored; `None` if it is not prepared.
    pub(super) loudness_file: Option<LoudnessFile>,
}

/// What is known about a model before it runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModelInfo {
    /// Whether the model takes a speaker id.
    pub takes_speaker: bool,
    /// Whether the model divides durations by [`Inference::speed`].
    pub takes_speed: bool,
    /// Rows of the embedding table: valid ids are below this. `None` if not
    /// known.
    pub embedding_rows: Option<usize>,
    /// Rows of the speakers' table: valid speaker ids are below this. `None` if
    /// there is no such table or it is not known.
    pub speakers: Option<NonZeroU32>,
    /// The voice's [loudness](super::Voice::reference_loudness), if it is known
    /// without measuring.
    pub reference_loudness: Option<VoiceLoudness>,
    /// An [estimate](super::Voice::estimated_loudness) of it, if it is known.
    pub estimated_loudness: Option<VoiceLoudness>,
    /// Hash of the model's file, if it was computed during the load.
    pub content_hash: Option<ContentHash>,
    /// Bytes of the model that are files mapped into memory.
    pub mapped_bytes: u64,
    /// The parts of a split model and what runs them; none for a stock model.
    pub parts: Vec<PartEngine>,
    /// How many threads should run steps of its sentences at the same time; 1
    /// for a model that spreads each step over threads itself.
    pub workers: usize,
}

impl Default for ModelInfo {
    /// One speaker, one worker, nothing else known.
    fn default() -> Self {
        Self {
            takes_speaker: false,
            takes_speed: false,
            embedding_rows: None,
            speakers: None,
            reference_loudness: None,
            estimated_loudness: None,
            content_hash: None,
            mapped_bytes: 0,
            parts: Vec::new(),
            workers: 1,
        }
    }
}

/// What remains of a sentence after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remaining {
    /// At least one more step.
    Steps,
    /// This many windows and no more steps.
    Windows(usize),
}

/// Whether a thread may help at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Help {
    None,
    /// It may: a processor is idle.
    Thread,
}

/// A sentence being spoken: first its steps, one after the other, then its
/// windows, in any order and on any threads, which are then passed on in order.
///
/// Steps and windows append samples, roughly within −1..=1. Both return
/// [`Error::Cancelled`] within milliseconds of a cancellation.
pub trait Utterance: Send + Sync {
    /// Runs the next step. Its samples, if any, follow those of the previous
    /// step.
    ///
    /// Must not be called again after it returned [`Remaining::Windows`].
    fn step(&mut self, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<Remaining>;

    /// The same, sooner, on a second thread as well: to be called if a processor is idle and
    /// the step [can be helped](Self::can_be_helped).
    fn step_with_help(
        &mut self,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<Remaining> {
        self.step(cancel, samples)
    }

    /// Returns whether a thread can help at the next step.
    fn can_be_helped(&self) -> bool {
        false
    }

    /// Returns, once, where the ids end: how many of the samples that are returned lie
    /// before the end of each. An id that lies before the first sample ends at 0, and
    /// the ends may be a little after the last sample.
    ///
    /// They are known at the latest after the step that returns the first samples or
    /// [`Remaining::Windows`], unless [`pass_on`](Self::pass_on) returns them. Some voices know only those of the ids that are no pads,
    /// others none.
    fn take_id_ends(&mut self) -> Option<Vec<u64>> {
        None
    }

    /// Appends the samples of window `n`, counted from 0. They follow those of
    /// window `n - 1`.
    fn window(&self, n: usize, cancel: &CancelToken, samples: &mut Vec<f32>) -> Result<()>;

    /// Changes the samples of window `n` to those that are heard, if that depends on
    /// other windows. Must be called for each window, in their order. Returns, once,
    /// where the [ids end](Self::take_id_ends), if that depends on windows, too.
    fn pass_on(&self, n: usize, samples: &mut Vec<f32>) -> Option<Vec<u64>> {
        _ = (n, samples);
        None
    }
}

/// Fails if any sample is infinite or not a number.
pub(crate) fn check_finite(samples: &[f32]) -> Result<()> {
    match samples.iter().all(|sample| sample.is_finite()) {
        true => Ok(()),
        false => Err(Error::Inference {
            source: "it returned samples that are not finite numbers".into(),
        }),
    }
}
