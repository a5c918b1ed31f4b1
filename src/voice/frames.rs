//! Values over time, and ranges cut out of them.

use std::ops::Range;

use crate::onnx::Tensor;

/// Values of every channel for a range of frames: `[channels][frames]`.
#[derive(Default)]
pub(super) struct Frames {
    pub(super) values: Vec<f32>,
    pub(super) channels: usize,
    pub(super) range: Range<usize>,
}

/// A value passed beside the main one.
pub(super) struct Beside {
    pub(super) name: String,
    pub(super) frames: Frames,
    pub(super) shape: Vec<usize>,
    pub(super) is_per_frame: bool,
}

/// Reads a shape.
pub(super) fn sizes(shape: &[i64]) -> Vec<usize> {
    shape.iter().map(|&n| n as usize).collect()
}

/// Returns the columns in `range` of rows that are `length` long.
pub(super) fn columns(rows: &[f32], length: usize, range: &Range<usize>) -> Vec<f32> {
    let rows = rows.chunks_exact(length.max(1));
    let mut columns = Vec::with_capacity(rows.len() * range.len());
    rows.for_each(|row| columns.extend_from_slice(&row[range.clone()]));
    columns
}

impl Frames {
    /// Takes a tensor whose last axis is all frames.
    pub(super) fn new(values: &[f32], shape: &[usize]) -> Self {
        Self::at(0, values, shape)
    }

    /// Takes a tensor whose last axis is frames from `start` on.
    pub(super) fn at(start: usize, values: &[f32], shape: &[usize]) -> Self {
        let frames = shape.last().copied().unwrap_or(0);
        Self {
            values: values.to_vec(),
            channels: values.len().checked_div(frames).unwrap_or(0),
            range: start..start + frames,
        }
    }

    /// Returns the values of the frames in `range`, which must be here.
    pub(super) fn slice(&self, range: &Range<usize>) -> Vec<f32> {
        let within = range.start - self.range.start..range.end - self.range.start;
        columns(&self.values, self.range.len(), &within)
    }
}

/// Inputs of a part for a range of frames: owns what its tensors borrow.
pub(super) struct Slices<'a> {
    inputs: Vec<(&'a str, Vec<f32>, Vec<usize>)>,
}

impl<'a> Slices<'a> {
    pub(super) fn of(
        name: &'a str,
        main: &Frames,
        beside: &'a [Beside],
        range: &Range<usize>,
    ) -> Self {
        let main = (name, main.slice(range), vec![1, main.channels, range.len()]);
        let beside = beside.iter().map(|extra| {
            let mut shape = extra.shape.clone();
            let values = match (extra.is_per_frame, shape.last_mut()) {
                (true, Some(frames)) => {
                    *frames = range.len();
                    extra.frames.slice(range)
                }
                _ => extra.frames.values.clone(),
            };
            (extra.name.as_str(), values, shape)
        });
        Self {
            inputs: std::iter::once(main).chain(beside).collect(),
        }
    }

    pub(super) fn tensors(&self) -> Vec<(&str, Tensor<'_>)> {
        self.inputs
            .iter()
            .map(|(name, values, shape)| (*name, Tensor::Floats(values, shape)))
            .collect()
    }
}
