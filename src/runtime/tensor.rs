//! The inputs of a run.

use ort::value::TensorRef;

use super::raw;

/// How ONNX Runtime aligns tensors of its own, in bytes.
const ALIGNMENT: usize = 64;

/// An input, borrowed from the caller: values in row-major order, and a shape.
#[derive(Debug, Clone, Copy)]
pub enum Tensor<'a> {
    /// 64-bit integers.
    Ints(&'a [i64], &'a [usize]),
    /// 32-bit floats.
    Floats(&'a [f32], &'a [usize]),
}

/// Floats that are aligned as ONNX Runtime's own.
pub(super) struct AlignedFloats {
    buffer: Vec<f32>,
    start: usize,
}

impl<'a> Tensor<'a> {
    pub(super) fn value(self) -> Result<raw::Input<'a>, ort::Error> {
        Ok(match self {
            Tensor::Ints(data, shape) => TensorRef::from_array_view((shape, data))?.into(),
            Tensor::Floats(data, shape) => TensorRef::from_array_view((shape, data))?.into(),
        })
    }

    /// Copies floats that are not aligned as ONNX Runtime's own. It adds up the numbers of
    /// a tensor in an order that depends on its address: without copies, the last bit of a
    /// result would depend on where the memory of the caller happens to begin.
    pub(super) fn aligned_copy(self) -> Option<AlignedFloats> {
        match self {
            Tensor::Floats(data, _) if data.as_ptr().align_offset(ALIGNMENT) != 0 => {
                Some(AlignedFloats::of(data))
            }
            Tensor::Floats(..) | Tensor::Ints(..) => None,
        }
    }

    /// Returns the tensor with the values of its copy, if there is one.
    pub(super) fn with_copy(self, copy: Option<&'a AlignedFloats>) -> Self {
        match (self, copy) {
            (Tensor::Floats(data, shape), Some(copy)) => {
                Tensor::Floats(&copy.buffer[copy.start..copy.start + data.len()], shape)
            }
            (tensor, _) => tensor,
        }
    }
}

impl AlignedFloats {
    fn of(floats: &[f32]) -> Self {
        let spare = ALIGNMENT / size_of::<f32>();
        let mut buffer = vec![0.0; floats.len() + spare];
        let start = buffer.as_ptr().align_offset(ALIGNMENT).min(spare);
        buffer[start..start + floats.len()].copy_from_slice(floats);
        Self { buffer, start }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_at_any_address_become_aligned_ones() {
        let floats: Vec<f32> = (0..100).map(|n| n as f32).collect();
        for start in 0..20 {
            let shape = [floats.len() - start];
            let tensor = Tensor::Floats(&floats[start..], &shape);
            let copy = tensor.aligned_copy();
            let Tensor::Floats(aligned, _) = tensor.with_copy(copy.as_ref()) else {
                panic!("they are floats");
            };
            assert_eq!(aligned.as_ptr().align_offset(ALIGNMENT), 0, "{start}");
            assert_eq!(aligned, &floats[start..]);
        }
    }
}
