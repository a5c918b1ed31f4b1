//! Which rows the layers of a stage need.

use std::ops::Range;

use super::places::{upsamples_fast, upsampling};
use super::{HifiGan, Stage};
use crate::arithmetic::Arithmetic;
use crate::reach::Reach;

/// What is known about the rows of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// Rows of its outputs for each frame.
    pub(super) rows_per_frame: usize,
    stride: usize,
    dropped: usize,
    upsampling: Reach,
    /// The convolutions of each block.
    blocks: Vec<Vec<Reach>>,
    /// How many rows before and after those that are computed a convolution of this stage, or
    /// the one behind it, may read, because they are zero.
    pub(super) margin: usize,
}

/// The levels of all stages.
pub(super) fn levels<A: Arithmetic>(architecture: &HifiGan) -> Vec<Level> {
    let mut rows_per_frame = 1;
    let stages = &architecture.stages;
    let level = |(n, stage): (usize, &Stage)| {
        rows_per_frame *= stage.stride;
        let convolutions = stage.blocks.iter().map(|units| units.iter().flatten());
        let blocks = convolutions.map(|block| block.map(Reach::of::<A>).collect());
        let blocks: Vec<Vec<Reach>> = blocks.collect();
        let next = match stages.get(n + 1) {
            Some(next) => upsampling_reach::<A>(n + 1, next),
            None => Reach::by_definition(&architecture.last),
        };
        let read = blocks.iter().flatten().chain([&next]);
        Level {
            rows_per_frame,
            stride: stage.stride,
            dropped: stage.dropped,
            upsampling: upsampling_reach::<A>(n, stage),
            margin: read.map(Reach::margin).max().unwrap_or(0),
            blocks,
        }
    };
    stages.iter().enumerate().map(level).collect()
}

/// How far the upsampling of a stage looks.
fn upsampling_reach<A: Arithmetic>(n: usize, stage: &Stage) -> Reach {
    let upsampling = upsampling::<A>(stage);
    match upsamples_fast(n) {
        true => Reach::of::<A>(&upsampling),
        false => Reach::by_definition(&upsampling),
    }
}

impl Level {
    /// All rows of a sentence.
    pub(super) fn sentence(&self, frames: usize) -> Range<isize> {
        0..(frames * self.rows_per_frame) as isize
    }

    /// The rows that each convolution of a block has to compute for these outputs of the
    /// stage, the last one first, and the rows of the upsampling that the block needs.
    pub(super) fn of_block(
        &self,
        block: usize,
        outputs: &Range<isize>,
        frames: usize,
    ) -> (Vec<Range<isize>>, Range<isize>) {
        let sentence = self.sentence(frames);
        let mut rows = outputs.clone();
        let convolutions = self.blocks[block].iter().rev();
        let computed = convolutions.map(|reach| {
            let needed = reach.inputs(&rows, &sentence);
            std::mem::replace(&mut rows, needed)
        });
        (computed.collect(), rows)
    }

    /// The rows of the upsampling that these outputs need.
    pub(super) fn upsampled(&self, outputs: &Range<isize>, frames: usize) -> Range<isize> {
        let blocks = 0..self.blocks.len();
        let needed = blocks.map(|block| self.of_block(block, outputs, frames).1);
        needed.fold(outputs.clone(), |all, rows| {
            all.start.min(rows.start)..all.end.max(rows.end)
        })
    }

    /// The rows of the convolution by which an upsampling is computed: each makes as
    /// many rows as the stride, beginning before them by those that are dropped.
    pub(super) fn convolved(&self, upsampled: &Range<isize>) -> Range<isize> {
        let (stride, dropped) = (self.stride as isize, self.dropped as isize);
        let last = (upsampled.end - 1 + dropped).div_euclid(stride);
        (upsampled.start + dropped).div_euclid(stride)..last + 1
    }

    /// The rows before the upsampling that these outputs need.
    pub(super) fn inputs(&self, outputs: &Range<isize>, frames: usize) -> Range<isize> {
        let convolved = self.convolved(&self.upsampled(outputs, frames));
        let total = frames * self.rows_per_frame / self.stride;
        self.upsampling.inputs(&convolved, &(0..total as isize))
    }
}
