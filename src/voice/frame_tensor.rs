//! Values per channel and frame, and slices of them.

use std::ops::Range;

use crate::onnx::SideInput;
use crate::runtime::{Outputs, Tensor};
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
    name: String,
    frames: FrameTensor,
    shape: Vec<usize>,
    /// `None` if it is the same in every frame.
    frame_axis: Option<usize>,
}

impl SideTensor {
    /// 1 for each frame.
    pub(super) fn ones(name: &str, frames: usize) -> Self {
        let shape = vec![1, 1, frames];
        Self {
            name: name.to_owned(),
            frames: FrameTensor::new(&vec![1.0; frames], &shape),
            shape,
            frame_axis: Some(2),
        }
    }

    /// Values of channels, the same in every frame.
    pub(super) fn of_channels(name: &str, values: &[f32]) -> Self {
        let shape = vec![1, values.len(), 1];
        Self {
            name: name.to_owned(),
            frames: FrameTensor::new(values, &shape),
            shape,
            frame_axis: None,
        }
    }

    /// Copies the output at `index` for a sentence of this many frames.
    pub(super) fn new(
        outputs: &Outputs<'_>,
        index: usize,
        input: &SideInput,
        frames: usize,
    ) -> Result<Self> {
        let (shape, values) = outputs.floats(index)?;
        let shape = to_sizes(shape);
        let frame_axis = match input.is_per_frame {
            true => Some(frame_axis(&shape, frames)?),
            false => None,
        };
        let by_frame = &shape[..frame_axis.map_or(shape.len(), |axis| axis + 1)];
        Ok(Self {
            name: input.name.clone(),
            frames: FrameTensor::new(values, by_frame),
            shape,
            frame_axis,
        })
    }

    /// The values that are the same in every frame.
    pub(super) fn constant(&self) -> Result<&[f32]> {
        let is_constant = self.frame_axis.is_none();
        let values = is_constant.then_some(&*self.frames.values);
        values.ok_or_else(disagreement)
    }
}

/// Returns the axis with the frames. It is the last one, axes of size 1 aside.
pub(super) fn frame_axis(shape: &[usize], frames: usize) -> Result<usize> {
    let axis = shape.iter().rposition(|&size| size == frames);
    let is_last = |axis: &usize| shape[axis + 1..].iter().all(|&size| size == 1);
    axis.filter(is_last).ok_or_else(disagreement)
}

pub(super) fn disagreement() -> Error {
    Error::Inference {
        source: "its parts disagree about the length of the sentence".into(),
    }
}

/// Converts ONNX Runtime's form of a shape.
pub(super) fn to_sizes(shape: &[i64]) -> Vec<usize> {
    shape.iter().map(|&n| n as usize).collect()
}

/// Returns the columns in `range` of rows that have `length` columns each.
///
/// Fails if `range` is not within `0..length`: a split graph may return less
/// than it should.
pub(super) fn slice_columns<T: Copy>(
    rows: &[T],
    length: usize,
    range: &Range<usize>,
) -> Result<Vec<T>> {
    if range.start > range.end || range.end > length {
        return Err(disagreement());
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

    /// Returns the values of the frames in `range`, or all of them.
    fn columns(&self, range: Option<&Range<usize>>) -> Result<Vec<f32>> {
        range.map_or_else(|| Ok(self.values.clone()), |range| self.slice(range))
    }
}

/// The inputs of a part for a range of frames. Owns the data that its tensors
/// borrow.
pub(super) struct SlicedInputs<'a> {
    inputs: Vec<SlicedInput<'a>>,
}

struct SlicedInput<'a> {
    name: &'a str,
    values: Vec<f32>,
    shape: Vec<usize>,
}

impl<'a> SlicedInputs<'a> {
    /// The main input, of so many channels and frames.
    pub(super) fn new(name: &'a str, values: Vec<f32>, [channels, frames]: [usize; 2]) -> Self {
        let inputs = vec![SlicedInput {
            name,
            values,
            shape: vec![1, channels, frames],
        }];
        Self { inputs }
    }

    pub(super) fn with_sides(
        mut self,
        side_tensors: &'a [SideTensor],
        range: &Range<usize>,
    ) -> Result<Self> {
        for side in side_tensors {
            let mut shape = side.shape.clone();
            let columns = side.frame_axis.map(|axis| {
                shape[axis] = range.len();
                range
            });
            self.inputs.push(SlicedInput {
                name: &side.name,
                values: side.frames.columns(columns)?,
                shape,
            });
        }
        Ok(self)
    }

    pub(super) fn tensors(&self) -> Vec<(&str, Tensor<'_>)> {
        let inputs = self.inputs.iter();
        inputs
            .map(|input| (input.name, Tensor::Floats(&input.values, &input.shape)))
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
    fn the_frames_may_be_followed_by_axes_of_size_1() {
        assert_eq!(frame_axis(&[1, 30, 9], 9).unwrap(), 2);
        assert_eq!(frame_axis(&[9, 1], 9).unwrap(), 0);
        assert_eq!(frame_axis(&[9], 9).unwrap(), 0);
        assert_eq!(frame_axis(&[1, 1], 1).unwrap(), 1);
        for (shape, frames) in [(&[9, 2], 9), (&[9, 1], 8), (&[2, 9], 2)] {
            assert!(frame_axis(shape, frames).is_err(), "{shape:?}");
        }
    }

    #[test]
    fn an_empty_tensor_has_no_frames() {
        assert_eq!(FrameTensor::new(&[], &[0, 192, 1 << 40]).range, 0..0);
    }
}
