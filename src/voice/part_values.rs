//! Values that the parts of a framewise voice pass to each other.

use std::ops::Range;

use super::frame_tensor::{disagreement, frame_axis, slice_columns, to_sizes};
use crate::runtime::{Outputs, Session, Tensor};
use crate::{Error, Result};

/// A copy of what a part returned.
#[derive(Clone)]
pub(super) struct PartValue {
    name: String,
    pub(super) shape: Vec<usize>,
    numbers: Numbers,
}

#[derive(Clone)]
enum Numbers {
    Floats(Vec<f32>),
    Ints(Vec<i64>),
}

/// Where the frames of a value are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FrameAxis {
    /// Rows: `[frames, values]`.
    First,
    /// The last axis, axes of size 1 aside.
    Last,
}

impl PartValue {
    /// Copies the output at `index`.
    pub(super) fn output(session: &Session, outputs: &Outputs<'_>, index: usize) -> Result<Self> {
        let (shape, numbers) = match outputs.ints(index) {
            Some((shape, ints)) => (shape, Numbers::Ints(ints.to_vec())),
            None => {
                let (shape, floats) = outputs.floats(index)?;
                (shape, Numbers::Floats(floats.to_vec()))
            }
        };
        Ok(Self {
            name: session.outputs()[index].clone(),
            shape: to_sizes(shape),
            numbers,
        })
    }

    /// An input that is a list of numbers.
    pub(super) fn list(name: &str, numbers: &[usize]) -> Self {
        Self {
            name: name.to_owned(),
            shape: vec![numbers.len()],
            numbers: Numbers::Ints(numbers.iter().map(|&n| n as i64).collect()),
        }
    }

    /// Returns the frames in `range` of a value that has `frames` of them. Fails if it
    /// has another number of them.
    pub(super) fn slice(
        &self,
        axis: FrameAxis,
        frames: usize,
        range: &Range<usize>,
    ) -> Result<Self> {
        let axis = match axis {
            FrameAxis::First if self.shape.first() == Some(&frames) => 0,
            FrameAxis::First => return Err(disagreement()),
            FrameAxis::Last => frame_axis(&self.shape, frames)?,
        };
        let width: usize = self.shape[axis + 1..].iter().product();
        let (length, columns) = (frames * width, range.start * width..range.end * width);
        let numbers = match &self.numbers {
            Numbers::Floats(floats) => Numbers::Floats(slice_columns(floats, length, &columns)?),
            Numbers::Ints(ints) => Numbers::Ints(slice_columns(ints, length, &columns)?),
        };
        let mut shape = self.shape.clone();
        shape[axis] = range.len();
        Ok(Self {
            name: self.name.clone(),
            shape,
            numbers,
        })
    }

    pub(super) fn tensor(&self) -> Tensor<'_> {
        match &self.numbers {
            Numbers::Floats(floats) => Tensor::Floats(floats, &self.shape),
            Numbers::Ints(ints) => Tensor::Ints(ints, &self.shape),
        }
    }
}

/// Values by name.
#[derive(Default)]
pub(super) struct PartValues(pub(super) Vec<PartValue>);

impl PartValues {
    /// Copies all outputs of a part.
    pub(super) fn outputs(session: &Session, outputs: &Outputs<'_>) -> Result<Self> {
        let indices = 0..session.outputs().len();
        let copied = indices.map(|index| PartValue::output(session, outputs, index));
        Ok(Self(copied.collect::<Result<_>>()?))
    }

    pub(super) fn get(&self, name: &str) -> Result<&PartValue> {
        let value = self.0.iter().find(|value| value.name == name);
        value.ok_or_else(|| Error::Inference {
            source: format!("a part of it has no output `{name}`").into(),
        })
    }

    /// Returns the inputs of `session`, all of which are here.
    pub(super) fn inputs_of<'a>(
        &'a self,
        session: &'a Session,
    ) -> Result<Vec<(&'a str, Tensor<'a>)>> {
        let inputs = session.inputs().iter();
        let inputs = inputs.map(|name| Ok((name.as_str(), self.get(name)?.tensor())));
        inputs.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(shape: &[usize]) -> PartValue {
        let size = shape.iter().product::<usize>();
        PartValue {
            name: "value".to_owned(),
            shape: shape.to_vec(),
            numbers: Numbers::Floats((0..size).map(|n| n as f32).collect()),
        }
    }

    fn floats(value: &PartValue) -> &[f32] {
        match &value.numbers {
            Numbers::Floats(floats) => floats,
            Numbers::Ints(_) => panic!("they are floats"),
        }
    }

    #[test]
    fn a_slice_has_the_same_frames_of_every_channel() {
        let slice = value(&[1, 2, 3])
            .slice(FrameAxis::Last, 3, &(1..3))
            .unwrap();
        assert_eq!(
            (floats(&slice), &*slice.shape),
            (&[1.0, 2.0, 4.0, 5.0][..], &[1, 2, 2][..])
        );
        let slice = value(&[3, 1]).slice(FrameAxis::Last, 3, &(2..3)).unwrap();
        assert_eq!((floats(&slice), &*slice.shape), (&[2.0][..], &[1, 1][..]));
    }

    #[test]
    fn rows_are_those_of_the_frames() {
        // Not the last axis, although it is as long.
        let slice = value(&[2, 2]).slice(FrameAxis::First, 2, &(1..2)).unwrap();
        assert_eq!(
            (floats(&slice), &*slice.shape),
            (&[2.0, 3.0][..], &[1, 2][..])
        );
    }

    #[test]
    fn another_number_of_frames_is_an_error() {
        for (axis, frames, range) in [
            (FrameAxis::First, 3, 0..1),
            (FrameAxis::Last, 2, 0..1),
            (FrameAxis::Last, 3, 1..4),
        ] {
            let message = value(&[2, 3]).slice(axis, frames, &range).err().unwrap();
            assert!(
                message.to_string().contains("voice model failed"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_missing_value_is_an_error() {
        let values = PartValues(vec![value(&[1])]);
        assert!(values.get("value").is_ok() && values.get("other").is_err());
    }
}
