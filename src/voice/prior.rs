//! What the text stage of a split model makes of a sentence.

use super::frame_tensor::{FrameTensor, SideTensor, to_sizes};
use super::id_ends::Durations;
use crate::onnx::{Interface, SideInput};
use crate::runtime::{Outputs, Session};
use crate::{Error, Result};

/// The prior of a sentence's frames, and what else the later stages take.
pub(super) struct Prior {
    pub(super) prior: FrameTensor,
    pub(super) flow_sides: Vec<SideTensor>,
    pub(super) decoder_sides: Vec<SideTensor>,
    pub(super) durations: Option<Durations>,
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
        let prior = FrameTensor::new(values, &to_sizes(shape));
        let sides = |inputs: &[SideInput]| -> Result<Vec<SideTensor>> {
            let side = |input: &SideInput| {
                SideTensor::new(outputs, index(&input.name)?, input, prior.range.len())
            };
            inputs.iter().map(side).collect()
        };
        Ok(Self {
            flow_sides: sides(&interface.flow_side_inputs)?,
            decoder_sides: sides(&interface.decoder_side_inputs)?,
            durations: Durations::read(outputs, session),
            prior,
        })
    }

    /// The frames of the sentence.
    pub(super) fn frames(&self) -> usize {
        self.prior.range.end
    }
}
