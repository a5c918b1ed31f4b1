//! How far the layers of a decoder look, in rows.

use std::ops::Range;

use super::{HifiGan, Stage, Unit};

/// What is known about the rows of a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// Rows of its outputs for each frame.
    pub(super) rows_per_frame: usize,
    stride: usize,
    dropped: usize,
    /// How many rows its blocks look to each side.
    pub(super) before: usize,
    pub(super) after: usize,
}

/// The levels of all stages.
pub(super) fn levels(architecture: &HifiGan) -> Vec<Level> {
    let mut rows_per_frame = 1;
    let stages = architecture.stages.iter();
    let level = |stage: &Stage| {
        rows_per_frame *= stage.stride;
        let blocks = || stage.blocks.iter().map(|units| reach(units));
        Level {
            rows_per_frame,
            stride: stage.stride,
            dropped: stage.dropped,
            before: blocks().map(|(before, _)| before).max().unwrap_or(0),
            after: blocks().map(|(_, after)| after).max().unwrap_or(0),
        }
    };
    stages.map(level).collect()
}

/// How many rows units that run one after the other look to each side.
pub(super) fn reach(units: &[Unit]) -> (usize, usize) {
    let convolutions = || units.iter().flatten();
    let before = convolutions().map(|convolution| convolution.before);
    let after = convolutions().map(|convolution| convolution.after());
    (before.sum(), after.sum())
}

impl Level {
    /// The rows of the upsampling that these outputs need.
    pub(super) fn upsampled(&self, outputs: &Range<isize>, sentence_frames: usize) -> Range<isize> {
        let total = (sentence_frames * self.rows_per_frame) as isize;
        let start = outputs.start - self.before as isize;
        start.max(0)..(outputs.end + self.after as isize).min(total)
    }

    /// The rows of the convolution by which an upsampling is computed: each makes as
    /// many rows as the stride, beginning before them by those that are dropped.
    pub(super) fn convolved(&self, upsampled: &Range<isize>) -> Range<isize> {
        let (stride, dropped) = (self.stride as isize, self.dropped as isize);
        let last = (upsampled.end - 1 + dropped).div_euclid(stride);
        (upsampled.start + dropped).div_euclid(stride)..last + 1
    }

    /// The rows before the upsampling that these outputs need.
    pub(super) fn inputs(&self, outputs: &Range<isize>, sentence_frames: usize) -> Range<isize> {
        let convolved = self.convolved(&self.upsampled(outputs, sentence_frames));
        let total = sentence_frames * self.rows_per_frame / self.stride;
        (convolved.start - 1).max(0)..convolved.end.min(total as isize)
    }
}
