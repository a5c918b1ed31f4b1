//! A decoder: from the latent of a sentence to samples, in windows.
//!
//! The first convolution and the first stage run on parts of a window, the other stages
//! on tiles of a part, which fit into the processor's cache. Each layer computes exactly
//! the rows that the next one needs.

use std::ops::Range;

use super::last::LastConvolution;
use super::level::{Level, levels};
use super::places::Places;
use super::stage::{StageRows, StageRun};
use super::{Decode, HifiGan, Latent};
use crate::arithmetic::Arithmetic;
use crate::convolution::{Activation, ConvolutionRun, FollowUp, Output};
use crate::packed::{Bytes, with_condition};
use crate::rows::{Rows, transpose};
use crate::workspaces::Workspaces;
use crate::{Error, Result};

/// Samples of a tile.
const TILE_SAMPLES: usize = 4096;
/// Tiles of a part at most: 1.5 s at 22 050 Hz. Each part computes some rows of the first
/// stage that its neighbour computes too. In a voice of medium quality, twice as many tiles
/// would need 4 MB more for each thread, half as many 1 MB less, and neither changes the time
/// by 1 %.
const PART_TILES: usize = 8;

/// A decoder in the arithmetic of one instruction set.
#[derive(Debug)]
pub(super) struct Model<A: Arithmetic> {
    arithmetic: A,
    architecture: HifiGan,
    places: Places,
    /// Of each stage.
    levels: Vec<Level>,
    workspaces: Workspaces<Workspace<A::Operand>>,
}

/// The buffers of a part.
#[derive(Debug, Default)]
struct Workspace<T> {
    latent: Rows<T>,
    /// The activated outputs of the first convolution.
    first: Rows<T>,
    /// Of the stage that runs.
    stage: StageRows<T>,
    /// Of each stage.
    outputs: Vec<Rows<T>>,
}

impl<A: Arithmetic> Decode for Model<A> {
    fn decode(
        &self,
        latent: Latent<'_>,
        window: &Range<usize>,
        is_cancelled: &dyn Fn() -> bool,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let decode =
            |workspace: &mut _| self.decode_in(workspace, latent, window, is_cancelled, samples);
        self.workspaces.with(decode)
    }

    fn frames_for(&self, window: &Range<usize>, sentence_frames: usize) -> Range<usize> {
        let samples = self.samples(window);
        let (_, frames) = self.needed(samples, sentence_frames);
        let latent = self.latent(&frames, sentence_frames);
        latent.start as usize..latent.end as usize
    }
}

impl<A: Arithmetic> Model<A> {
    /// `None` if these are not the packed weights of this architecture.
    pub(super) fn new(arithmetic: A, architecture: HifiGan, bytes: Bytes) -> Option<Self> {
        Some(Self {
            arithmetic,
            places: Places::new::<A>(&architecture, bytes)?,
            levels: levels::<A>(&architecture),
            architecture,
            workspaces: Workspaces::default(),
        })
    }

    fn decode_in(
        &self,
        workspace: &mut Workspace<A::Operand>,
        latent: Latent<'_>,
        window: &Range<usize>,
        is_cancelled: &dyn Fn() -> bool,
        samples: &mut Vec<f32>,
    ) -> Result<()> {
        let HifiGan {
            first,
            stages,
            last,
            ..
        } = &self.architecture;
        let expected = match self.architecture.has_speaker {
            true => first.outputs,
            false => 0,
        };
        if latent.speaker.map_or(0, <[f32]>::len) != expected {
            return Err(Error::Disagreement);
        }
        workspace.outputs.resize_with(stages.len(), Rows::default);
        let samples_of_sentence = latent.sentence_frames * self.architecture.hop();
        for part in parts(clamp(self.samples(window), samples_of_sentence)) {
            let (of_part, frames) = self.needed(part.clone(), latent.sentence_frames);
            self.first(workspace, latent, frames)?;
            self.stage(workspace, 0, latent.sentence_frames, &of_part[0]);
            for tile in ranges(part, TILE_SAMPLES) {
                let (needed, _) = self.needed(tile.clone(), latent.sentence_frames);
                for (n, needed) in needed.iter().enumerate().skip(1) {
                    self.stage(workspace, n, latent.sentence_frames, needed);
                }
                self.arithmetic.run(LastConvolution {
                    weights: self.places.packed.weights(&self.places.last),
                    bias: self.places.packed.bias(&self.places.last)[0],
                    input: &workspace.outputs[stages.len() - 1],
                    before: last.before,
                    rows: tile,
                    samples: &mut *samples,
                });
                if is_cancelled() {
                    return Err(Error::Cancelled);
                }
            }
        }
        Ok(())
    }

    /// The samples of these frames.
    fn samples(&self, window: &Range<usize>) -> Range<isize> {
        let hop = self.architecture.hop();
        (window.start * hop) as isize..(window.end * hop) as isize
    }

    /// The outputs of each stage that these samples need, and the frames of the first
    /// convolution's.
    fn needed(&self, samples: Range<isize>, frames: usize) -> (Vec<Range<isize>>, Range<isize>) {
        let last = &self.architecture.last;
        let mut rows = samples.start - last.before as isize..samples.end + last.after() as isize;
        let mut needed = vec![0..0; self.levels.len()];
        for (n, level) in self.levels.iter().enumerate().rev() {
            needed[n] = clamp(rows, frames * level.rows_per_frame);
            rows = level.inputs(&needed[n], frames);
        }
        (needed, rows)
    }

    /// The frames of the latent that these frames of the first convolution need.
    fn latent(&self, frames: &Range<isize>, sentence_frames: usize) -> Range<isize> {
        let first = &self.architecture.first;
        let needed = frames.start - first.before as isize..frames.end + first.after() as isize;
        clamp(needed, sentence_frames)
    }

    /// Runs the first convolution for these frames.
    fn first(
        &self,
        workspace: &mut Workspace<A::Operand>,
        latent: Latent<'_>,
        frames: Range<isize>,
    ) -> Result<()> {
        let HifiGan {
            first: convolution,
            stages,
            ..
        } = &self.architecture;
        let (packed, place) = (&self.places.packed, &self.places.first);
        let margin = A::ROWS as isize;
        let (before, after) = (convolution.before as isize, convolution.after() as isize);
        workspace.latent.reset(
            frames.start - before..frames.end + after + margin,
            place.sizes.inputs / A::CHANNELS,
        );
        let needed = self.latent(&frames, latent.sentence_frames);
        let first = needed.start - latent.first_frame as isize;
        let first = usize::try_from(first).map_err(|_| Error::Disagreement)?;
        let columns = first..first + needed.len();
        let rows = workspace.latent.starting_at_mut(needed.start);
        transpose(
            self.arithmetic,
            latent.values,
            convolution.inputs,
            columns,
            rows,
        )?;
        workspace.latent.clear_outside(&needed);
        workspace.first.reset(
            frames.start - margin..frames.end + 2 * margin,
            place.sizes.outputs / A::CHANNELS,
        );
        let finish = FollowUp {
            addends: [None, None],
            output: Output::Nowhere,
            activation: Some(Activation {
                scale: 1.0,
                slope: stages[0].slope,
                to: workspace.first.starting_at_mut(frames.start),
            }),
        };
        let bias = with_condition(packed.bias(place), latent.speaker);
        let run = ConvolutionRun::new(packed, place, &workspace.latent, frames, finish);
        self.arithmetic.run(ConvolutionRun { bias: &bias, ..run });
        workspace
            .first
            .clear_outside(&(0..latent.sentence_frames as isize));
        Ok(())
    }

    /// Runs stage `n` for these rows of its outputs.
    fn stage(
        &self,
        workspace: &mut Workspace<A::Operand>,
        n: usize,
        sentence_frames: usize,
        needed: &Range<isize>,
    ) {
        let stages = &self.architecture.stages;
        let (before, own) = workspace.outputs.split_at_mut(n);
        let next = stages.get(n + 1);
        let run = StageRun {
            arithmetic: self.arithmetic,
            stage: &stages[n],
            level: &self.levels[n],
            packed: &self.places.packed,
            places: &self.places.stages[n],
            input: before.last().unwrap_or(&workspace.first),
            output: &mut own[0],
            output_slope: next.map_or(self.architecture.last_slope, |next| next.slope),
            sentence_frames,
        };
        run.run(needed, &mut workspace.stage);
    }
}

/// Parts of a window of samples, with nearly as many tiles each.
pub(super) fn parts(window: Range<isize>) -> impl Iterator<Item = Range<isize>> {
    let tiles = window.len().div_ceil(TILE_SAMPLES).max(1);
    let of_part = tiles.div_ceil(tiles.div_ceil(PART_TILES));
    ranges(window, of_part * TILE_SAMPLES)
}

/// Splits a range into ranges of `size`, of which the last may be smaller.
fn ranges(all: Range<isize>, size: usize) -> impl Iterator<Item = Range<isize>> {
    let end = all.end;
    let starts = all.step_by(size);
    starts.map(move |start| start..(start + size as isize).min(end))
}

/// The part of a range that is within a sentence of this many rows.
fn clamp(rows: Range<isize>, sentence: usize) -> Range<isize> {
    rows.start.max(0)..rows.end.min(sentence as isize)
}
