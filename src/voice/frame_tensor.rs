//! Values over time, and ranges cut out of them.

use std::ops::Range;

use crate::runtime::Tensor;
use crate::{Error, Result};

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
///
/// Fails where rows are shorter than that: a graph may give less than it was
/// cut to give.
pub(super) fn columns(rows: &[f32], length: usize, range: &Range<usize>) -> Result<Vec<f32>> {
    if range.start > range.end || range.end > length {
        return Err(Error::Inference {
            source: "its parts do not agree on how long the sentence is".into(),
        });
    }
    let rows = rows.chunks_exact(length.max(1));
    let mut columns = Vec::with_capacity(rows.len() * range.len());
    rows.for_each(|row| columns.extend_from_slice(&row[range.clone()]));
    Ok(columns)
}

impl Frames {
    /// Takes a tensor whose last axis is all frames.
    pub(super) fn new(values: &[f32], shape: &[usize]) -> Self {
        Self::at(0, values, shape)
    }

    /// Takes a tensor whose last axis is frames from `start` on.
    pub(super) fn at(start: usize, values: &[f32], shape: &[usize]) -> Self {
        // Without values a size says nothing, and may be any.
        let last = shape.last().filter(|_| !values.is_empty());
        let frames = last.copied().unwrap_or(0);
        Self {
            values: values.to_vec(),
            channels: values.len().checked_div(frames).unwrap_or(0),
            range: start..start + frames,
        }
    }

    /// Returns the values of the frames in `range`; fails where they are not
    /// here.
    pub(super) fn slice(&self, range: &Range<usize>) -> Result<Vec<f32>> {
        // Frames before the first ones make a range that runs backwards.
        let at = |frame: usize| frame.checked_sub(self.range.start).unwrap_or(usize::MAX);
        let within = at(range.start)..at(range.end);
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
    ) -> Result<Self> {
        let shape = vec![1, main.channels, range.len()];
        let mut inputs = vec![(name, main.slice(range)?, shape)];
        for extra in beside {
            let mut shape = extra.shape.clone();
            let values = match (extra.is_per_frame, shape.last_mut()) {
                (true, Some(frames)) => {
                    *frames = range.len();
                    extra.frames.slice(range)?
                }
                _ => extra.frames.values.clone(),
            };
            inputs.push((extra.name.as_str(), values, shape));
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
    fn frames_are_cut_out_of_every_channel() {
        let frames = Frames::at(10, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &[1, 2, 3]);
        assert_eq!(frames.slice(&(11..13)).unwrap(), [2.0, 3.0, 5.0, 6.0]);
    }

    #[test]
    fn frames_that_a_graph_did_not_give_are_an_error() {
        let frames = Frames::at(10, &[0.0; 6], &[1, 2, 3]);
        for range in [9..11, 8..9, 11..14, 0..20] {
            let message = frames.slice(&range).unwrap_err().to_string();
            assert!(message.contains("voice model failed"), "{message}");
        }
        let columns = columns(&[0.0; 4], 2, &(1..3));
        assert!(columns.is_err());
    }

    #[test]
    fn a_size_without_values_is_no_length() {
        assert_eq!(Frames::new(&[], &[0, 192, 1 << 40]).range, 0..0);
    }
}
