//! The weights of convolutions, in the order of the file, of the blocked layout, and for
//! native kernels.

use crate::onnx::proto::{DataType, TensorProto};

/// The most numbers that are taken from a part of a voice, to be copied or packed; the
/// decoder of a high-quality voice has 14 million. In a hostile file, thousands of
/// convolutions may share one tensor, and each is packed.
pub(super) const MAX_WEIGHTS: usize = 1 << 26;

/// Weights `[outputs, inputs, taps]`, as in a one-dimensional `Conv`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights {
    pub(super) outputs: usize,
    pub(super) inputs: usize,
    pub(super) taps: usize,
    values: Vec<f32>,
}

impl Weights {
    /// `None` unless the tensor holds all of `[outputs, inputs, taps]` floats.
    pub(super) fn read(tensor: &TensorProto) -> Option<Self> {
        let [outputs, inputs, taps] = sizes(tensor)?;
        let values = floats(tensor)?;
        (values.len() == outputs * inputs * taps).then_some(Self {
            outputs,
            inputs,
            taps,
            values,
        })
    }

    /// Reads the weights of a transposed convolution with `2 × stride` taps as
    /// those of a convolution with two taps and `stride` times the channels:
    /// those of the first sample between two inputs, of the second, and so on.
    pub(super) fn read_transposed(tensor: &TensorProto, stride: usize) -> Option<Self> {
        let [inputs, outputs, taps] = sizes(tensor)?;
        let values = floats(tensor)?;
        if values.len() != inputs * outputs * taps || taps != stride.checked_mul(2)? {
            return None;
        }
        let mut weights = Vec::with_capacity(values.len());
        for phase in 0..stride {
            for output in 0..outputs {
                for input in 0..inputs {
                    let row = (input * outputs + output) * taps;
                    weights.extend([values[row + phase + stride], values[row + phase]]);
                }
            }
        }
        Some(Self {
            outputs: outputs * stride,
            inputs,
            taps: 2,
            values: weights,
        })
    }

    /// The length of [`blocked`](Self::blocked).
    pub(super) fn blocked_len(&self, block: usize) -> usize {
        self.outputs.next_multiple_of(block) * self.inputs * self.taps
    }

    pub(super) fn scale(&mut self, factor: f32) {
        if factor != 1.0 {
            self.values.iter_mut().for_each(|value| *value *= factor);
        }
    }

    /// The weights in the order of the blocked layout:
    /// `[outputs / block][inputs / block][taps][block of inputs][block of outputs]`.
    /// Outputs are padded with zeros; inputs must be a multiple of `block`.
    pub(super) fn blocked(&self, block: usize) -> TensorProto {
        let outputs = self.outputs.next_multiple_of(block);
        let mut values = Vec::with_capacity(self.blocked_len(block));
        for output_block in (0..outputs).step_by(block) {
            for input_block in (0..self.inputs).step_by(block) {
                for tap in 0..self.taps {
                    for input in input_block..input_block + block {
                        let outputs = output_block..output_block + block;
                        values.extend(outputs.map(|output| self.at(output, input, tap)));
                    }
                }
            }
        }
        let dims = [outputs, self.inputs, 1, self.taps].map(|size| size as i64);
        TensorProto::floats(&dims, &values)
    }

    /// The same for native kernels.
    pub(super) fn native(self) -> piper_rs_native::Weights {
        let sizes = [self.outputs, self.inputs, self.taps];
        piper_rs_native::Weights::new(sizes, self.values).expect("as many values")
    }

    fn at(&self, output: usize, input: usize, tap: usize) -> f32 {
        let index = (output * self.inputs + input) * self.taps + tap;
        // Padding, beyond the last output.
        self.values.get(index).copied().unwrap_or(0.0)
    }
}

/// The weights of a convolution for native kernels: a view if they are bytes. `None` unless
/// the tensor holds all of `[outputs, inputs, taps]` floats.
pub(super) fn native_weights(tensor: &TensorProto) -> Option<piper_rs_native::Weights> {
    let sizes = sizes(tensor)?;
    match &tensor.raw_data {
        Some(raw) if is_here(tensor) => piper_rs_native::Weights::from_le_bytes(sizes, raw.clone()),
        _ => piper_rs_native::Weights::new(sizes, floats(tensor)?),
    }
}

/// `copies` of the biases, padded with zeros to a multiple of `block`.
pub(super) fn blocked_bias(bias: &[f32], copies: usize, block: usize) -> TensorProto {
    let mut values = bias.repeat(copies);
    values.resize(values.len().next_multiple_of(block), 0.0);
    TensorProto::floats(&[values.len() as i64], &values)
}

fn sizes(tensor: &TensorProto) -> Option<[usize; 3]> {
    let sizes: Option<Vec<usize>> = tensor
        .dims
        .iter()
        .map(|&size| usize::try_from(size).ok().filter(|&s| s > 0))
        .collect();
    let sizes: [usize; 3] = sizes?.try_into().ok()?;
    sizes
        .iter()
        .try_fold(1_usize, |product, &size| product.checked_mul(size))?;
    Some(sizes)
}

/// The values of a float tensor; `None` if they are in another file.
pub(super) fn floats(tensor: &TensorProto) -> Option<Vec<f32>> {
    if !is_here(tensor) {
        return None;
    }
    let Some(raw) = &tensor.raw_data else {
        return Some(tensor.float_data.clone());
    };
    let read = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap_or_default());
    Some(raw.chunks_exact(4).map(read).collect())
}

/// Whether a tensor has floats, and in this file.
fn is_here(tensor: &TensorProto) -> bool {
    tensor.data_type == DataType::Float as i32 && tensor.data_location == 0
}

/// How many values a float tensor holds.
pub(super) fn float_count(tensor: &TensorProto) -> usize {
    let raw = tensor.raw_data.as_ref();
    raw.map_or(tensor.float_data.len(), |raw| raw.len() / size_of::<f32>())
}

/// The value of a float tensor that has only one.
pub(super) fn only_float(tensor: &TensorProto) -> Option<f32> {
    match float_count(tensor) {
        1 => floats(tensor)?.first().copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_the_weights_of_all_outputs_for_each_input() {
        let values: Vec<f32> = (0..3 * 2 * 2).map(|i| i as f32).collect();
        let weights = Weights::read(&TensorProto::floats(&[3, 2, 2], &values)).unwrap();
        let blocked = weights.blocked(2);
        assert_eq!(blocked.dims, [4, 2, 1, 2]);
        let expected = [
            0.0, 4.0, 2.0, 6.0, 1.0, 5.0, 3.0, 7.0, // outputs 0 and 1
            8.0, 0.0, 10.0, 0.0, 9.0, 0.0, 11.0, 0.0, // output 2 and none
        ];
        assert_eq!(floats(&blocked).unwrap(), expected);
    }

    #[test]
    fn transposed_weights_become_two_taps_with_more_channels() {
        let values: Vec<f32> = (0..2 * 4).map(|i| i as f32).collect();
        let tensor = TensorProto::floats(&[1, 2, 4], &values);
        let weights = Weights::read_transposed(&tensor, 2).unwrap();
        assert_eq!((weights.outputs, weights.inputs, weights.taps), (4, 1, 2));
        assert_eq!(weights.values, [2.0, 0.0, 6.0, 4.0, 3.0, 1.0, 7.0, 5.0]);
        assert_eq!(Weights::read_transposed(&tensor, 3), None);
    }

    #[test]
    fn tensors_of_another_size_than_declared_are_refused() {
        let huge = i64::MAX / 2;
        for dims in [
            &[2, 2, 2][..],
            &[huge, huge, huge],
            &[-1, 2, 2],
            &[0, 2, 2],
            &[2, 2],
        ] {
            let tensor = TensorProto::floats(dims, &[0.0; 4]);
            assert_eq!(Weights::read(&tensor), None, "{dims:?}");
            assert_eq!(Weights::read_transposed(&tensor, 1), None, "{dims:?}");
        }
    }

    #[test]
    fn only_a_single_number_is_a_factor() {
        let of = |values: &[f32]| only_float(&TensorProto::floats(&[], values));
        assert_eq!(
            [of(&[2.0]), of(&[]), of(&[1.0; 2])],
            [Some(2.0), None, None]
        );
    }

    #[test]
    fn biases_are_repeated_and_padded() {
        let bias = blocked_bias(&[1.0, 2.0, 3.0], 2, 8);
        assert_eq!(
            floats(&bias).unwrap(),
            [1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 0.0, 0.0]
        );
    }
}
