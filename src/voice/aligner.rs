//! The native part between the encoder and the flow of a split voice.

use piper_rs_native as native;

use super::flow_stage::native_error;
use super::frame_tensor::SideTensor;
use super::id_ends::Durations;
use super::model::Inference;
use super::prior::{Prior, PriorValues};
use crate::Result;
use crate::onnx::{Interface, SideInput, SideValue};
use crate::runtime::max_value_bytes;

/// No sentence has more frames: an hour and a half at 22 kHz.
const MAX_FRAMES: usize = 1 << 19;
/// How many values of a frame's channels there are at once: the latent, and rows that kernels
/// read.
const VALUES_PER_CHANNEL: usize = 4;

/// An aligner, and what it needs to know of the voice.
#[derive(Debug)]
pub(super) struct NativeAligner {
    aligner: native::Aligner,
    /// What the later stages take: first the flow, then the decoder.
    sides: Vec<SideValue>,
    takes_speaker: bool,
    max_frames: usize,
}

impl NativeAligner {
    /// An aligner of this architecture.
    pub(super) fn new(
        aligner: native::Aligner,
        architecture: &native::Alignment,
        sides: Vec<SideValue>,
    ) -> Self {
        let frame_bytes = architecture.channels * VALUES_PER_CHANNEL * size_of::<f32>();
        let in_memory = max_value_bytes().map(|bytes| bytes / frame_bytes);
        Self {
            aligner,
            sides,
            takes_speaker: architecture.speakers.is_some(),
            max_frames: in_memory.unwrap_or(MAX_FRAMES).min(MAX_FRAMES),
        }
    }

    pub(super) fn takes_speaker(&self) -> bool {
        self.takes_speaker
    }

    /// Makes the prior of encoded ids, `[channels][ids]`.
    pub(super) fn run(
        &self,
        encoded: &[f32],
        inference: &Inference,
        interface: &Interface,
    ) -> Result<Prior> {
        let speaker = inference.speaker.unwrap_or(0);
        let aligned = self.aligner.align(native::Sentence {
            encoded,
            noise_scale: inference.scales.noise_scale,
            length_scale: inference.scales.length_scale,
            noise_w: inference.scales.noise_w,
            speed: inference.speed,
            // A negative id is none that the aligner knows.
            speaker: usize::try_from(speaker).unwrap_or(usize::MAX),
            seed: inference.seed as i64,
            max_frames: self.max_frames,
        });
        let aligned = aligned.map_err(native_error)?;
        let mut values = self.sides.iter();
        let mut side = |input: &SideInput| -> Result<SideTensor> {
            let disagreement = || native_error(native::Error::Disagreement);
            Ok(match values.next().ok_or_else(disagreement)? {
                SideValue::Ones => SideTensor::ones(&input.name, aligned.prior.frames()),
                &SideValue::Speaker { layer, from, to } => {
                    let values = aligned.sides.get(layer).and_then(|side| side.get(from..to));
                    SideTensor::of_channels(&input.name, values.ok_or_else(disagreement)?)
                }
            })
        };
        let flow_sides = interface.flow_side_inputs.iter().map(&mut side);
        let flow_sides = flow_sides.collect::<Result<_>>()?;
        let decoder_sides = interface.decoder_side_inputs.iter().map(side);
        Ok(Prior {
            flow_sides,
            decoder_sides: decoder_sides.collect::<Result<_>>()?,
            durations: Some(Durations::new(aligned.durations)),
            values: PriorValues::Computed(aligned.prior),
        })
    }
}
