//! Layers as they are trained: their sizes, and their weights in the order of the graph.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;

/// A convolution that keeps the number of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Convolution {
    /// Channels that it takes.
    pub inputs: usize,
    /// Channels that it makes.
    pub outputs: usize,
    /// Rows that it looks at.
    pub taps: usize,
    /// How far these are apart.
    pub dilation: usize,
    /// How many rows before its own the first of these is.
    pub before: usize,
}

impl Convolution {
    /// One that looks at its own row alone.
    pub fn pointwise(inputs: usize, outputs: usize) -> Self {
        Self {
            inputs,
            outputs,
            taps: 1,
            dilation: 1,
            before: 0,
        }
    }

    /// How many rows after its own the last row that it looks at is.
    pub fn after(&self) -> usize {
        (self.taps - 1) * self.dilation - self.before
    }
}

/// The weights of a convolution.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// Those of the products.
    pub weights: Weights,
    /// What each output begins with.
    pub bias: Vec<f32>,
}

impl Layer {
    /// Whether its sizes are these: `[outputs, inputs, taps]`.
    pub(crate) fn has(&self, sizes: [usize; 3]) -> bool {
        let weights = &self.weights;
        [weights.outputs, weights.inputs, weights.taps] == sizes
            && self.bias.len() == weights.outputs
    }
}

/// Weights `[outputs][inputs][taps]`.
#[derive(Clone, Debug)]
pub struct Weights {
    /// Channels that are made.
    pub outputs: usize,
    /// Channels that are taken.
    pub inputs: usize,
    /// Rows that are looked at.
    pub taps: usize,
    values: Values,
}

#[derive(Clone, Debug)]
enum Values {
    Floats(Vec<f32>),
    /// Floats of little-endian bytes, which need not be aligned: a view of a file.
    Bytes(Bytes),
}

const FLOAT_BYTES: usize = size_of::<f32>();

impl Weights {
    /// `None` unless there are as many values as the sizes `[outputs, inputs, taps]` say.
    pub fn new([outputs, inputs, taps]: [usize; 3], values: Vec<f32>) -> Option<Self> {
        let count = outputs.checked_mul(inputs)?.checked_mul(taps)?;
        (count == values.len()).then_some(Self {
            outputs,
            inputs,
            taps,
            values: Values::Floats(values),
        })
    }

    /// The same of floats in little-endian bytes, which are not copied.
    pub fn from_le_bytes([outputs, inputs, taps]: [usize; 3], values: Bytes) -> Option<Self> {
        let count = outputs.checked_mul(inputs)?.checked_mul(taps)?;
        (count.checked_mul(FLOAT_BYTES)? == values.len()).then_some(Self {
            outputs,
            inputs,
            taps,
            values: Values::Bytes(values),
        })
    }

    /// Those of some outputs; `None` if it has fewer outputs.
    pub fn of_outputs(&self, outputs: Range<usize>) -> Option<Self> {
        if outputs.start > outputs.end || outputs.end > self.outputs {
            return None;
        }
        let size = self.inputs * self.taps;
        let range = outputs.start * size..outputs.end * size;
        Some(Self {
            outputs: outputs.len(),
            values: match &self.values {
                Values::Floats(values) => Values::Floats(values[range].to_vec()),
                Values::Bytes(bytes) => Values::Bytes(bytes.slice(in_bytes(&range))),
            },
            ..*self
        })
    }

    /// All of them.
    pub fn values(&self) -> Cow<'_, [f32]> {
        match &self.values {
            Values::Floats(values) => Cow::Borrowed(values),
            Values::Bytes(bytes) => Cow::Owned(floats(bytes).collect()),
        }
    }

    /// Appends those of one output, `[inputs][taps]`; panics if there is no such output.
    pub(crate) fn read_output(&self, output: usize, to: &mut Vec<f32>) {
        let size = self.inputs * self.taps;
        let range = output * size..(output + 1) * size;
        match &self.values {
            Values::Floats(values) => to.extend_from_slice(&values[range]),
            Values::Bytes(bytes) => to.extend(floats(&bytes[in_bytes(&range)])),
        }
    }

    /// One weight; panics if there is no such weight.
    pub fn at(&self, output: usize, input: usize, tap: usize) -> f32 {
        let n = (output * self.inputs + input) * self.taps + tap;
        match &self.values {
            Values::Floats(values) => values[n],
            Values::Bytes(bytes) => floats(&bytes[n * FLOAT_BYTES..]).next().expect("a weight"),
        }
    }
}

impl PartialEq for Weights {
    fn eq(&self, other: &Self) -> bool {
        let sizes = |weights: &Self| [weights.outputs, weights.inputs, weights.taps];
        sizes(self) == sizes(other) && self.values() == other.values()
    }
}

/// Where so many floats are.
fn in_bytes(floats: &Range<usize>) -> Range<usize> {
    floats.start * FLOAT_BYTES..floats.end * FLOAT_BYTES
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> {
    let (floats, _) = bytes.as_chunks();
    floats.iter().map(|&float| f32::from_le_bytes(float))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same weights as floats and as bytes that are not aligned.
    fn both() -> [Weights; 2] {
        let values: Vec<f32> = (0..24).map(|n| n as f32 * 0.5).collect();
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        let bytes: Vec<u8> = [1].into_iter().chain(bytes).collect();
        let bytes = Bytes::from(bytes).slice(1..);
        let weights = Weights::from_le_bytes([4, 3, 2], bytes);
        [Weights::new([4, 3, 2], values).unwrap(), weights.unwrap()]
    }

    #[test]
    fn weights_in_bytes_are_those_in_floats() {
        let [floats, bytes] = both();
        assert_eq!(floats, bytes);
        for weights in [&floats, &bytes] {
            assert_eq!(weights.at(3, 2, 1), 11.5);
            let mut read = vec![0.0];
            weights.read_output(1, &mut read);
            assert_eq!(read, [0.0, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5]);
            let part = weights.of_outputs(1..3).unwrap();
            assert_eq!((part.outputs, part.at(1, 2, 1)), (2, 8.5));
            assert_eq!(part.values().len(), 12);
        }
    }

    #[test]
    fn sizes_must_fit() {
        let [floats, bytes] = both();
        let raw = Bytes::from(vec![0; 24 * 4]);
        for sizes in [[4, 3, 1], [4, 3, 3], [usize::MAX, 2, 2], [0, 3, 2]] {
            assert!(Weights::new(sizes, vec![0.0; 24]).is_none());
            assert!(Weights::from_le_bytes(sizes, raw.clone()).is_none());
        }
        assert!(Weights::from_le_bytes([4, 3, 2], raw.slice(1..)).is_none());
        let reversed = Range { start: 3, end: 1 };
        for weights in [floats, bytes] {
            assert!(weights.of_outputs(3..5).is_none());
            assert!(weights.of_outputs(reversed.clone()).is_none());
        }
    }
}
