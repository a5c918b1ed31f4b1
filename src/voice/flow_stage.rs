//! The flow of a split voice: from the prior to the latent.

use std::ops::Range;
use std::sync::Arc;

use super::frame_tensor::{FrameTensor, SlicedInputs, to_sizes};
use super::prior::Prior;
use crate::onnx::Interface;
use crate::runtime::Session;
use crate::{CancelToken, Error, Result};
use piper_rs_native as native;

/// What turns the prior into the latent.
#[derive(Debug)]
pub(super) enum FlowStage {
    /// Runs on any range of frames.
    OnnxRuntime(Arc<Session>),
    /// Runs from the first frame to the last.
    Native(Arc<NativeFlow>),
}

/// A flow, and what it needs to know of the voice.
#[derive(Debug)]
pub(super) struct NativeFlow {
    pub(super) flow: native::Flow,
    /// For each of its gates, which side input is added for the speaker.
    pub(super) speaker_inputs: Vec<usize>,
}

/// Runs the flow of ONNX Runtime on a range of frames. The latent is inexact near an end of
/// the range that is not an end of the sentence.
pub(super) fn run_flow(
    session: &Session,
    interface: &Interface,
    prior: &Prior,
    range: Range<usize>,
    cancel: &CancelToken,
) -> Result<FrameTensor> {
    let sizes = [prior.channels(), range.len()];
    let inputs = SlicedInputs::new(&interface.prior, prior.of_frames(&range)?, sizes);
    let inputs = inputs.with_sides(&prior.flow_sides, &range)?;
    session.run(&inputs.tensors(), cancel, |outputs| {
        let (shape, values) = outputs.floats(0)?;
        let shape = to_sizes(shape);
        Ok(FrameTensor::from_frame(range.start, values, &shape))
    })
}

impl NativeFlow {
    /// Begins a sentence.
    pub(super) fn begin(&self) -> native::FlowRun {
        self.flow.begin()
    }

    /// Returns the latent of the next frames, up to `end`: `[channels][frames]`.
    pub(super) fn advance(
        &self,
        run: &mut native::FlowRun,
        prior: &Prior,
        end: usize,
        cancel: &CancelToken,
    ) -> Result<Vec<f32>> {
        let speaker = self.speaker_inputs.iter().map(|&input| {
            let side = prior.flow_sides.get(input);
            side.ok_or_else(|| native_error(native::Error::Disagreement))?
                .constant()
        });
        let speaker = speaker.collect::<Result<Vec<_>>>()?;
        let given = native::Prior {
            frames: prior.frames(),
            // The flow notices if some are missing.
            values: &|frames| prior.of_frames(&frames).unwrap_or_default(),
            speaker: &speaker,
        };
        let is_cancelled = cancel_check(cancel);
        run.advance(given, end, &is_cancelled).map_err(native_error)
    }
}

/// What native kernels ask every millisecond or so: whether they shall stop.
///
/// Threads that are ready run first: those that bring samples to the listener would wait
/// up to 4 ms until the system interrupts a thread that computes.
pub(super) fn cancel_check(cancel: &CancelToken) -> impl Fn() -> bool + Sync {
    || {
        std::thread::yield_now();
        cancel.is_cancelled()
    }
}

/// The error of a native part as one of a voice.
pub(super) fn native_error(error: native::Error) -> Error {
    match error {
        native::Error::Cancelled => Error::Cancelled,
        native::Error::Disagreement | native::Error::TooLong => Error::Inference {
            source: error.into(),
        },
    }
}
