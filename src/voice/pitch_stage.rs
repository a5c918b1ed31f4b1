//! The pitch of a framewise voice: what its text stage computes tick by tick.

use std::ops::Range;

use super::narrowed::Narrowed;
use super::part_values::{FrameAxis, PartValue, PartValues};
use crate::onnx::{Padding, PitchInterface};
use crate::runtime::Session;
use crate::{CancelToken, Result};

#[derive(Debug)]
pub(super) struct PitchStage {
    pub(super) session: Session,
    pub(super) interface: PitchInterface,
    /// Ticks that it needs on each side of those it is run for.
    pub(super) overlap_ticks: usize,
    pub(super) frames_per_tick: usize,
}

impl PitchStage {
    /// Returns how many ticks a sentence has, by the outputs of its text part.
    pub(super) fn ticks(&self, text: &PartValues) -> Result<usize> {
        let shape = &text.get(&self.interface.ticks)?.shape;
        Ok(shape.last().copied().unwrap_or(0))
    }

    /// Returns the ticks with these frames.
    pub(super) fn ticks_of(&self, frames: &Range<usize>) -> Range<usize> {
        frames.start / self.frames_per_tick..frames.end.div_ceil(self.frames_per_tick)
    }

    /// Returns the values of the ticks in a window that starts with the sentence, and
    /// which ticks these are: some at its end may be wrong.
    pub(super) fn run(
        &self,
        text: &PartValues,
        window: &Range<usize>,
        cancel: &CancelToken,
    ) -> Result<(Range<usize>, PartValues)> {
        let PitchInterface {
            ticks,
            others,
            narrowings,
            padding,
            ..
        } = &self.interface;
        let count = self.ticks(text)?;
        let Narrowed {
            needed,
            kept,
            numbers,
        } = Narrowed::new(narrowings, window, self.overlap_ticks, count);
        let mut inputs = PartValues(numbers);
        if let Some(Padding { pads, columns }) = padding {
            // The stock model computes all ticks at once: the sums of a window must be
            // added up as its are.
            let is_whole = kept.len() == count || count <= Padding::ENOUGH;
            let added = if is_whole { 0 } else { Padding::ENOUGH };
            let ends = [0, 0, 0, 0, 0, added];
            inputs.0.push(PartValue::list(pads, &ends));
            inputs.0.push(PartValue::list(columns, &[kept.len()]));
        }
        let ticks = text.get(ticks)?;
        inputs.0.push(ticks.slice(FrameAxis::Last, count, &needed)?);
        let inputs = inputs.inputs_of(&self.session)?;
        let mut values = self.session.run(&inputs, cancel, |outputs| {
            PartValues::outputs(&self.session, outputs)
        })?;
        for other in others {
            let value = text.get(&other.name)?;
            values.0.push(match other.is_per_frame {
                true => value.slice(FrameAxis::Last, count, &kept)?,
                false => value.clone(),
            });
        }
        Ok((kept, values))
    }
}
