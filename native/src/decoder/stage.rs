//! A stage of a decoder: an upsampling, and the mean of residual blocks.

use std::ops::Range;

use super::Stage;
use super::level::Level;
use crate::arithmetic::Arithmetic;
use crate::convolution::{Activation, ConvolutionRun, FollowUp, Output, Workspace};
use crate::packed::{Packed, Place, padded};
use crate::rows::Rows;

/// The buffers of a stage while it runs. Residuals and sums are floats, the inputs of
/// convolutions operands.
#[derive(Debug, Default)]
pub(super) struct StageRows<T> {
    /// The upsampled input of all blocks, and the same activated.
    upsampled: Rows<f32>,
    activated: Rows<T>,
    /// The sum of a block's input and its units so far.
    residual: Rows<f32>,
    /// The inputs of convolutions within a block: each reads one and writes the other. If
    /// no block has more than two convolutions, the second is empty.
    inner: [Rows<T>; 2],
    /// The sum of the blocks so far.
    sum: Rows<f32>,
    /// What convolutions compute with.
    workspace: Workspace<T>,
}

/// A stage that is run for some rows.
pub(super) struct StageRun<'a, A: Arithmetic> {
    pub(super) arithmetic: A,
    pub(super) stage: &'a Stage,
    pub(super) level: &'a Level,
    pub(super) packed: &'a Packed,
    /// Its upsampling and the convolutions of its blocks.
    pub(super) places: &'a (Place, Vec<Place>),
    pub(super) input: &'a Rows<A::Operand>,
    /// The activated mean of the blocks.
    pub(super) output: &'a mut Rows<A::Operand>,
    /// The slope of the leaky ReLU behind the stage.
    pub(super) output_slope: f32,
    pub(super) sentence_frames: usize,
}

impl<A: Arithmetic> StageRun<'_, A> {
    /// Computes these rows of the output.
    pub(super) fn run(mut self, needed: &Range<isize>, rows: &mut StageRows<A::Operand>) {
        let upsampled = self.level.upsampled(needed, self.sentence_frames);
        self.reset(&upsampled, rows);
        self.upsample(&upsampled, rows);
        let mut places = self.places.1.iter();
        for (block, units) in self.stage.blocks.iter().enumerate() {
            let (mut computed, _) = self.level.of_block(block, needed, self.sentence_frames);
            let mut step = Step {
                block,
                ..Step::default()
            };
            for (unit, convolutions) in units.iter().enumerate() {
                step.is_in_first_unit = unit == 0;
                for n in 0..convolutions.len() {
                    step.ends_unit = n + 1 == convolutions.len();
                    step.ends_block = step.ends_unit && unit + 1 == units.len();
                    let place = places.next().expect("a place for each convolution");
                    let range = computed.pop().expect("rows for each convolution");
                    self.convolve(place, step, range, rows);
                    step.number += 1;
                }
            }
        }
        let sentence = self.sentence();
        self.output.clear_outside(&sentence);
    }

    /// All rows of the sentence.
    fn sentence(&self) -> Range<isize> {
        self.level.sentence(self.sentence_frames)
    }

    /// Makes room for these rows, for those that convolutions read around them, and for
    /// those that a tile computes too many.
    fn reset(&mut self, upsampled: &Range<isize>, rows: &mut StageRows<A::Operand>) {
        let (margin, tile, stride) = (self.level.margin, A::ROWS, self.stage.stride);
        let before = margin.max(stride) + tile;
        let after = (margin + tile).max((tile + 1) * stride);
        let range = upsampled.start - before as isize..upsampled.end + after as isize;
        let channels = padded::<A>(self.stage.channels);
        let StageRows {
            upsampled,
            activated,
            residual,
            inner: [first, second],
            sum,
            ..
        } = rows;
        for floats in [upsampled, residual, sum] {
            floats.reset(range.clone(), channels);
        }
        for operands in [activated, first, &mut *self.output] {
            operands.reset(range.clone(), channels / A::CHANNELS);
        }
        let blocks = self.stage.blocks.iter();
        let convolutions = blocks.map(|block| block.iter().flatten().count());
        if convolutions.max() > Some(2) {
            second.reset(range, channels / A::CHANNELS);
        }
    }

    fn upsample(&self, upsampled: &Range<isize>, rows: &mut StageRows<A::Operand>) {
        let convolved = self.level.convolved(upsampled);
        let place = &self.places.0;
        let start = convolved.start * self.stage.stride as isize - self.stage.dropped as isize;
        let finish = FollowUp {
            addends: [None, None],
            output: Output::To(rows.upsampled.starting_at_mut(start)),
            activation: Some(Activation {
                scale: 1.0,
                slope: self.stage.block_slope,
                to: rows.activated.starting_at_mut(start),
            }),
        };
        let input = self.input;
        let run = ConvolutionRun::new(self.packed, place, input, convolved, finish);
        run.run(self.arithmetic, &mut rows.workspace);
        rows.activated.clear_outside(&self.sentence());
    }

    /// Runs a convolution of a block.
    fn convolve(
        &mut self,
        place: &Place,
        step: Step,
        range: Range<isize>,
        rows: &mut StageRows<A::Operand>,
    ) {
        let start = range.start;
        let [even, odd] = &mut rows.inner;
        let (read, written) = match step.number % 2 {
            0 => (odd, even),
            _ => (even, odd),
        };
        let input = match step.number {
            0 => &rows.activated,
            _ => &*read,
        };
        let (is_first, is_last) = (step.block == 0, step.block + 1 == self.stage.blocks.len());
        let mut addends = [None, None];
        let mut output = Output::Nowhere;
        if step.ends_block {
            addends[0] = Some(match step.is_in_first_unit {
                true => rows.upsampled.starting_at(start),
                false => rows.residual.starting_at(start),
            });
            match (is_first, is_last) {
                (true, true) => {}
                (true, false) => output = Output::To(rows.sum.starting_at_mut(start)),
                (false, false) => output = Output::AddedTo(rows.sum.starting_at_mut(start)),
                (false, true) => addends[1] = Some(rows.sum.starting_at(start)),
            }
        } else if step.ends_unit {
            if step.is_in_first_unit {
                addends[0] = Some(rows.upsampled.starting_at(start));
                output = Output::To(rows.residual.starting_at_mut(start));
            } else {
                output = Output::AddedTo(rows.residual.starting_at_mut(start));
            }
        }
        let activation = match (step.ends_block, is_last) {
            (false, _) => Some((1.0, self.stage.block_slope, &mut *written)),
            (true, true) => Some((self.stage.scale, self.output_slope, &mut *self.output)),
            (true, false) => None,
        };
        let finish = FollowUp {
            addends,
            output,
            activation: activation.map(|(scale, slope, to)| Activation {
                scale,
                slope,
                to: to.starting_at_mut(start),
            }),
        };
        let run = ConvolutionRun::new(self.packed, place, input, range, finish);
        run.run(self.arithmetic, &mut rows.workspace);
        if !step.ends_block {
            written.clear_outside(&self.sentence());
        }
    }
}

/// Which convolution of a stage is run.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    block: usize,
    /// Within the block.
    number: usize,
    is_in_first_unit: bool,
    ends_unit: bool,
    ends_block: bool,
}
