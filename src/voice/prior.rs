//! What the text stage of a split model makes of a sentence.

use std::ops::Range;

use super::frame_tensor::{FrameTensor, SideTensor, disagreement, to_sizes};
use super::id_ends::Durations;
use crate::onnx::{Interface, SideInput};
use crate::runtime::{Outputs, Session};
use crate::{Error, Result};
use piper_rs_native::FramePrior;

/// The prior of a sentence's frames, and what else the later stages take.
pub(super) struct Prior {
    pub(super) values: PriorValues,
    pub(super) flow_sides: Vec<SideTensor>,
    pub(super) decoder_sides: Vec<SideTensor>,
    pub(super) durations: Option<Durations>,
}

/// The values of the frames.
pub(super) enum PriorValues {
    /// Of a graph, which computes all of them.
    Whole(FrameTensor),
    /// Computed when they are needed.
    Computed(FramePrior),
}

impl Prior {
    /// Copies the outputs of `session`, the last part of a text stage.
    pub(super) fn read(
        outputs: &Outputs<'_>,
        session: &Session,
        interface: &Interface,
    ) -> Result<Self> {
        let index = |name: &str| {
            session.output(name).ok_or_else(|| Error::Inference {
                source: format!("its text part has no output `{name}`").into(),
            })
        };
        let (shape, values) = outputs.floats(index(&interface.prior)?)?;
        let values = FrameTensor::new(values, &to_sizes(shape));
        let sides = |inputs: &[SideInput]| -> Result<Vec<SideTensor>> {
            let side = |input: &SideInput| {
                SideTensor::new(outputs, index(&input.name)?, input, values.range.len())
            };
            inputs.iter().map(side).collect()
        };
        Ok(Self {
            flow_sides: sides(&interface.flow_side_inputs)?,
            decoder_sides: sides(&interface.decoder_side_inputs)?,
            durations: Durations::read(outputs, session),
            values: PriorValues::Whole(values),
        })
    }

    /// The frames of the sentence.
    pub(super) fn frames(&self) -> usize {
        match &self.values {
            PriorValues::Whole(values) => values.range.end,
            PriorValues::Computed(prior) => prior.frames(),
        }
    }

    /// Channels of a frame.
    pub(super) fn channels(&self) -> usize {
        match &self.values {
            PriorValues::Whole(values) => values.channels,
            PriorValues::Computed(prior) => prior.channels(),
        }
    }

    /// The values of some frames: `[channels][frames]`.
    pub(super) fn of_frames(&self, frames: &Range<usize>) -> Result<Vec<f32>> {
        match &self.values {
            PriorValues::Whole(values) => values.slice(frames),
            PriorValues::Computed(prior) if frames.end <= prior.frames() => {
                Ok(prior.values(frames.clone()))
            }
            PriorValues::Computed(_) => Err(disagreement()),
        }
    }
}
