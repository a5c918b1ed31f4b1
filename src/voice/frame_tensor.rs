//! Values per channel and frame, and slices of them.

use std::ops::Range;

use crate::runtime::Tensor;
use crate::{Error, Result};

/// The values of every channel for a range of frames: `[channels][frames]`.
#[derive(Default)]
pub(super) struct FrameTensor {
    pub(super) values: Vec<f32>,
    pub(super) channels: usize,
    pub(super) range: Range<usize>,
}

/// A value that a part takes in addition to its main input.
pub(super) struct SideTensor {
    pub(super) name: String,
    pub(super) frames: FrameTensor,
    pub(super) shape: Vec<usize>,
    pub(super) is_per_frame: bool,
}

/// Converts ONNX Runtime's form of a shape.
pub(super) fn to_sizes(shape: &[i64]) -> Vec<usize> {
    shape.iter().map(|&n| n as usize).collect()
}

/// Returns the columns in `range` of rows that have `length` columns each.
///
/// Fails if `range` is not within `0..length`: a split graph may return less
/// than it should.
pub(super) fn slice_columns(rows: &[f32], length: usize, range: &Range<usize>) -> Result<Vec<f32>> {
    if range.start > range.end || range.end > length {
        return Err(Error::Inference {
            source: "its parts disagree about the length of the sentence".into(),
        });
    }
    let rows = rows.chunks_exact(length.max(1));
    let mut columns = Vec::with_capacity(rows.len() * range.len());
    rows.for_each(|row| columns.extend_from_slice(&row[range.clone()]));
    Ok(columns)
}

impl FrameTensor {
    /// Copies a tensor whose last axis is all frames.
    pub(super) fn new(values: &[f32], shape: &[usize]) -> Self {
        Self::from_frame(0, values, shape)
    }

    /// Copies a tensor whose last axis is the frames from `start` on.
    pub(super) fn from_frame(start: usize, values: &[f32], shape: &[usize]) -> Self {
        // The shape of an empty tensor may contain any size.
        let last = shape.last().filter(|_| !values.is_empty());
        let frames = last.copied().unwrap_or(0);
        Self {
            values: values.to_vec(),
            channels: values.len().checked_div(frames).unwrap_or(0),
            range: start..start + frames,
        }
    }

    /// Returns the values of the frames in `range`. Fails if some of them are
    /// missing.
    pub(super) fn slice(&self, range: &Range<usize>) -> Result<Vec<f32>> {
        // A frame before the first one makes an invalid range, which fails.
        let at = |frame: usize| frame.checked_sub(self.range.start).unwrap_or(usize::MAX);
        let within = at(range.start)..at(range.end);
        slice_columns(&self.values, self.range.len(), &within)
    }
}

/// The inputs of a part for a range of frames. Owns the data that its tensors
/// borrow.
pub(super) struct SlicedInputs<'a> {
    inputs: Vec<(&'a str, Vec<f32>, Vec<usize>)>,
}

impl<'a> SlicedInputs<'a> {
    pub(super) fn new(
        name: &'a str,
        main: &FrameTensor,
        side_tensors: &'a [SideTensor],
        range: &Range<usize>,
    ) -> Result<Self> {
        let shape = vec![1, main.channels, range.len()];
        let mut inputs = vec![(name, main.slice(range)?, shape)];
        for side in side_tensors {
            let mut shape = side.shape.clone();
            let values = match (side.is_per_frame, shape.last_mut()) {
                (true, Some(frames)) => {
                    *frames = range.len();
                    side.frames.slice(range)?
                }
                _ => side.frames.values.clone(),
            };
            inputs.push((side.name.as_str(), values, shape));
        }
        Ok(Self { inputs })
    }

    pub(super) fn tensors(&self) -> Vec<(&str, Tensor<'_>)> {
        self.inputs
            .iter()
            .map(|(name, values, shape)| (*name, Tensor::Floats(values, shape)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_has_the_same_frames_of_every_channel() {
        let frames = FrameTensor::from_frame(10, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1, 2, 3]);
        assert_eq!(frames.slice(&(11..13)).unwrap(), [2.0, 3.0, 5.0, 6.0]);
    }

    #[test]
    fn missing_frames_are_an_error() {
        let frames = FrameTensor::from_frame(10, &[0.0; 6], &[1, 2, 3]);
        for range in [9..11, 8..9, 11..14, 0..20] {
            let message = frames.slice(&range).unwrap_err().to_string();
            assert!(message.contains("voice model failed"), "{message}");
        }
        assert!(slice_columns(&[0.0; 4], 2, &(1..3)).is_err());
    }

    #[test]
    fn an_empty_tensor_has_no_frames() {
        assert_eq!(FrameTensor::new(&[], &[0, 192, 1 << 40]).range, 0..0);
    }
}
