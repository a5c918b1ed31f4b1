//! Numbers for tests.

use std::io::{self, Write};
use std::ops::Deref;

use crate::layer::{Layer, Weights};
use crate::{Instructions, Kernels, Precision};

/// All kernels of this machine, the scalar ones first. Miri would take hours for vectors.
pub(crate) fn all_kernels(precision: Precision) -> Vec<Kernels> {
    let instructions = [
        Instructions::Scalar,
        Instructions::Avx2,
        Instructions::Avx512,
        Instructions::Avx512Bf16,
        Instructions::Neon,
    ];
    let kernels = instructions.map(|instructions| Kernels {
        instructions,
        precision,
    });
    kernels
        .into_iter()
        .filter(|kernels| kernels.exist())
        .take(if cfg!(miri) { 1 } else { usize::MAX })
        .collect()
}

/// What `pack` writes.
pub(crate) fn packed(pack: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> AlignedBytes {
    let mut bytes = Vec::new();
    pack(&mut bytes).unwrap();
    AlignedBytes::from(&bytes[..])
}

/// Bytes at an address at which floats may be, as in a mapped file. Those of a vector may
/// be anywhere, and under Miri they are.
#[derive(Clone)]
pub(crate) struct AlignedBytes(Vec<f32>);

impl From<&[u8]> for AlignedBytes {
    fn from(bytes: &[u8]) -> Self {
        let floats = bytes.chunks_exact(size_of::<f32>());
        assert!(floats.remainder().is_empty(), "whole floats");
        Self(floats.map(bytemuck::pod_read_unaligned).collect())
    }
}

impl Deref for AlignedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }
}

impl AsRef<[u8]> for AlignedBytes {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

/// Pseudo-random numbers between −1 and 1.
pub(crate) fn numbers(count: usize, salt: u32) -> Vec<f32> {
    let mut state = salt.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state as f32 / u32::MAX as f32 - 0.5) * 2.0
    };
    (0..count).map(|_| next()).collect()
}

/// The layer of a convolution, with outputs about as large as its inputs.
pub(crate) fn layer([outputs, inputs, taps]: [usize; 3], biases: usize, salt: usize) -> Layer {
    let scale = 1.7 / ((inputs * taps) as f32).sqrt();
    let weights = numbers(outputs * inputs * taps, salt as u32 + 1);
    let weights = weights.iter().map(|weight| weight * scale).collect();
    Layer {
        weights: Weights::new([outputs, inputs, taps], weights).unwrap(),
        bias: numbers(biases, salt as u32 + 1001),
    }
}
