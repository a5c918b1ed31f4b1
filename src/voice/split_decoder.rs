//! The decoder of a split voice: from the latent to samples, in windows.

use std::ops::Range;

use super::flow_stage::{cancel_check, native_error};
use super::frame_tensor::{FrameTensor, SideTensor, SlicedInputs, slice_columns, to_sizes};
use super::windows::{fine_ranges, widen};
use crate::onnx::Interface;
use crate::runtime::{Session, Tensor};
use crate::{CancelToken, Error, Result};
use piper_rs_native as native;

/// What turns the latent into samples.
#[derive(Debug)]
pub(super) enum SplitDecoder {
    /// The *coarse* decoder turns the latent into a hidden representation with some
    /// positions per frame, and the *fine* decoder turns that into samples.
    OnnxRuntime(Box<[Session; 2]>),
    /// All of it at once.
    Native(native::Decoder),
}

/// The latent of a sentence, or of some frames of it.
#[derive(Clone, Copy)]
pub(super) struct Latent<'a> {
    pub(super) latent: &'a FrameTensor,
    pub(super) sides: &'a [SideTensor],
    /// Frames of the whole sentence.
    pub(super) sentence_frames: usize,
}

impl SplitDecoder {
    /// The frames of the latent that the samples of a window depend on.
    pub(super) fn frames_for(
        &self,
        interface: &Interface,
        window: &Range<usize>,
        sentence_frames: usize,
    ) -> Range<usize> {
        match self {
            Self::OnnxRuntime(_) => {
                let overlap = interface.coarse_overlap_frames + interface.fine_overlap_frames;
                widen(window, overlap, sentence_frames)
            }
            Self::Native(decoder) => decoder.frames_for(window, sentence_frames),
        }
    }

    /// Appends the samples of a window.
    pub(super) fn decode(
        &self,
        interface: &Interface,
        latent: Latent<'_>,
        window: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let [coarse, fine] = match self {
            Self::OnnxRuntime(sessions) => &**sessions,
            Self::Native(decoder) => {
                let is_cancelled = cancel_check(cancel);
                let decoded = decoder.decode(latent.native()?, window, &is_cancelled, samples);
                return decoded.map_err(native_error);
            }
        };
        let needed = self.frames_for(interface, window, latent.sentence_frames);
        let name = &interface.latent;
        let sizes = [latent.latent.channels, needed.len()];
        let inputs = SlicedInputs::new(name, latent.latent.slice(&needed)?, sizes);
        let inputs = inputs.with_sides(latent.sides, &needed)?;
        coarse.run(&inputs.tensors(), cancel, |outputs| {
            let (shape, values) = outputs.floats(0)?;
            let hidden = DecoderHidden {
                interface,
                values,
                positions: to_sizes(shape).last().copied().unwrap_or(0),
                first_frame: needed.start,
                frames: latent.sentence_frames,
            };
            fine_ranges(window).try_for_each(|range| hidden.decode(fine, &range, cancel, samples))
        })
    }
}

impl<'a> Latent<'a> {
    fn native(self) -> Result<native::Latent<'a>> {
        let speaker = self.sides.first().map(SideTensor::constant);
        Ok(native::Latent {
            values: &self.latent.values,
            first_frame: self.latent.range.start,
            sentence_frames: self.sentence_frames,
            speaker: speaker.transpose()?,
        })
    }
}

/// The coarse decoder's output: `[channels][positions]`.
struct DecoderHidden<'a> {
    interface: &'a Interface,
    values: &'a [f32],
    positions: usize,
    first_frame: usize,
    /// Frames of the whole sentence.
    frames: usize,
}

impl DecoderHidden<'_> {
    /// Appends the samples of the frames in `range`.
    fn decode(
        &self,
        fine: &Session,
        range: &Range<usize>,
        cancel: &CancelToken,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let Interface {
            ref decoder_hidden,
            positions_per_frame,
            hop,
            fine_overlap_frames,
            ..
        } = *self.interface;
        let needed = widen(range, fine_overlap_frames, self.frames);
        let position = |frame: usize| (frame - self.first_frame) * positions_per_frame;
        let values = slice_columns(
            self.values,
            self.positions,
            &(position(needed.start)..position(needed.end)),
        )?;
        let length = needed.len() * positions_per_frame;
        let shape = [1, values.len() / length.max(1), length];
        let input = [(decoder_hidden.as_str(), Tensor::Floats(&values, &shape))];
        fine.run(&input, cancel, |outputs| {
            let (_, decoded) = outputs.floats(0)?;
            let from = (range.start - needed.start) * hop;
            let wanted = decoded.get(from..from + range.len() * hop);
            samples.extend_from_slice(wanted.ok_or_else(|| Error::Inference {
                source: "its decoder returned too few samples".into(),
            })?);
            Ok(())
        })
    }
}
