//! The flow of a split voice: from the prior to the latent.

use std::ops::Range;

use super::frame_tensor::{FrameTensor, SideTensor, SlicedInputs, to_sizes};
use super::windows::widen;
use crate::onnx::Interface;
use crate::runtime::Session;
use crate::{CancelToken, Error, Result};
use piper_rs_native as native;

/// What turns the prior into the latent.
#[derive(Debug)]
pub(super) enum FlowStage {
    OnnxRuntime(Session),
    Native(NativeFlow),
}

/// A flow, and what it needs to know of the voice.
#[derive(Debug)]
pub(super) struct NativeFlow {
    pub(super) flow: native::Flow,
    /// For each of its gates, which side input is added for the speaker.
    pub(super) speaker_inputs: Vec<usize>,
}

impl FlowStage {
    pub(super) fn is_native(&self) -> bool {
        matches!(self, Self::Native(_))
    }

    /// The frames of the prior that the latent of some frames depends on; `None` if it
    /// depends on all of them.
    pub(super) fn frames_for(
        &self,
        interface: &Interface,
        frames: &Range<usize>,
        sentence_frames: usize,
    ) -> Option<Range<usize>> {
        match self {
            Self::OnnxRuntime(_) => {
                let overlap = interface.flow_overlap_frames?;
                Some(widen(frames, overlap, sentence_frames))
            }
            Self::Native(native) => Some(native.flow.frames_for(frames, sentence_frames)),
        }
    }

    /// Runs the flow on a range of frames. The latent is inexact near an end of the range
    /// that is not an end of the sentence.
    pub(super) fn run(
        &self,
        interface: &Interface,
        prior: &FrameTensor,
        sides: &[SideTensor],
        range: Range<usize>,
        cancel: &CancelToken,
    ) -> Result<FrameTensor> {
        match self {
            Self::OnnxRuntime(session) => {
                let inputs = SlicedInputs::new(&interface.prior, prior, &range)?;
                let inputs = inputs.with_sides(sides, &range)?;
                session.run(&inputs.tensors(), cancel, |outputs| {
                    let (shape, values) = outputs.floats(0)?;
                    let shape = to_sizes(shape);
                    Ok(FrameTensor::from_frame(range.start, values, &shape))
                })
            }
            Self::Native(native) => native.run(prior, sides, range, cancel),
        }
    }
}

impl NativeFlow {
    fn run(
        &self,
        prior: &FrameTensor,
        sides: &[SideTensor],
        range: Range<usize>,
        cancel: &CancelToken,
    ) -> Result<FrameTensor> {
        let speaker = self.speaker_inputs.iter().map(|&input| {
            let side = sides.get(input);
            side.ok_or_else(|| native_error(native::Error::Disagreement))?
                .constant()
        });
        let speaker = speaker.collect::<Result<Vec<_>>>()?;
        let is_cancelled = cancel_check(cancel);
        let given = native::Prior {
            values: &prior.slice(&range)?,
            first_frame: range.start,
        };
        let values = self
            .flow
            .run(given, &speaker, &is_cancelled)
            .map_err(native_error)?;
        Ok(FrameTensor {
            values,
            channels: prior.channels,
            range,
        })
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
