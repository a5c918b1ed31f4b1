//! How fast kernels are in a decoder.

use std::time::{Duration, Instant};

use super::{Decoder, HifiGan, Latent, Stage};
use crate::kernels::Kernels;
use crate::layer::{Convolution, Layer, Weights};

/// How often each is timed: 5 ms in all.
const ROUNDS: usize = 8;
const FRAMES: usize = 16;
/// Of the second stage of a voice of medium quality, and its blocks.
const CHANNELS: usize = 64;
const TAPS: [usize; 3] = [3, 5, 7];

/// The time of a decoder with these kernels, divided by that with the `other` ones. `None` if
/// this processor does not have them. Compares the best times, because other processes disturb
/// the rest.
pub fn relative_time(kernels: Kernels, other: Kernels) -> Option<f32> {
    let decoders = [typical(kernels)?, typical(other)?];
    let values = vec![0.5; CHANNELS * FRAMES];
    let latent = Latent {
        values: &values,
        first_frame: 0,
        sentence_frames: FRAMES,
        speaker: None,
    };
    let mut best = [Duration::MAX; 2];
    for _ in 0..ROUNDS {
        for (best, decoder) in best.iter_mut().zip(&decoders) {
            let started = Instant::now();
            let decoded = decoder.decode(latent, &(0..FRAMES), &|| false, &mut Vec::new());
            decoded.ok()?;
            *best = started.elapsed().min(*best);
        }
    }
    let [own, others] = best.map(|time| time.as_secs_f32());
    Some(own / others)
}

/// A decoder with such a stage behind a small one: the upsampling of a first stage is
/// computed in another way. Its weights are zero, which does not change its time.
fn typical(kernels: Kernels) -> Option<Decoder> {
    let convolution = |taps, outputs| Convolution {
        inputs: CHANNELS,
        outputs,
        taps,
        dilation: 1,
        before: taps / 2,
    };
    let block = |taps| vec![vec![convolution(taps, CHANNELS)]; 2];
    let stage = Stage {
        slope: 0.1,
        inputs: CHANNELS,
        channels: CHANNELS,
        stride: 8,
        dropped: 4,
        block_slope: 0.1,
        blocks: TAPS.map(block).to_vec(),
        scale: 1.0,
    };
    let small = Stage {
        stride: 1,
        dropped: 0,
        blocks: vec![vec![vec![convolution(1, CHANNELS)]]],
        ..stage.clone()
    };
    let stages = vec![small, stage];
    let mut layers = vec![zeros([CHANNELS, CHANNELS, 7], CHANNELS)?];
    for stage in &stages {
        layers.push(zeros([CHANNELS * stage.stride, CHANNELS, 2], CHANNELS)?);
        for convolution in stage.blocks.iter().flatten().flatten() {
            layers.push(zeros([CHANNELS, CHANNELS, convolution.taps], CHANNELS)?);
        }
    }
    layers.push(zeros([1, CHANNELS, 7], 1)?);
    let architecture = HifiGan {
        first: convolution(7, CHANNELS),
        has_speaker: false,
        stages,
        last_slope: 0.01,
        last: convolution(7, 1),
    };
    let mut weights = Vec::new();
    architecture.pack(&layers, kernels, &mut weights).ok()?;
    Decoder::new(architecture, kernels, Box::new(weights))
}

fn zeros(sizes: [usize; 3], biases: usize) -> Option<Layer> {
    let weights = Weights::new(sizes, vec![0.0; sizes.iter().product()])?;
    Some(Layer {
        weights,
        bias: vec![0.0; biases],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_numbers::all_kernels;
    use crate::{Instructions, Precision};

    #[test]
    #[cfg_attr(miri, ignore)] // it would take minutes
    fn all_kernels_of_this_processor_have_a_time() {
        let precisions = [Precision::Fp32, Precision::Fp16, Precision::Bf16];
        let kernels = precisions.map(all_kernels).concat();
        for &other in &kernels {
            let ratio = relative_time(other, kernels[0]).unwrap();
            assert!(ratio > 0.0 && ratio.is_finite(), "{other}: {ratio}");
        }
        let missing = Kernels {
            instructions: Instructions::Neon,
            precision: Precision::Bf16,
        };
        assert_eq!(relative_time(missing, kernels[0]), None);
    }
}
