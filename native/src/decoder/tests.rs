//! The decoder in every arithmetic of this machine, against the definition of a
//! decoder.

use std::ops::Range;

use proptest::prelude::*;

use super::places::{self, Places};
use super::run::parts;
use super::{HifiGan, Latent, Stage};
use crate::arithmetic::Arithmetic;
use crate::definition::{Row, add, convolve, product};
use crate::kernels::Work;
use crate::packed::Algorithm;
use crate::test_numbers::{AlignedBytes, all_kernels, layer, numbers, packed};
use crate::{Convolution, Error, Kernels, Layer, Precision};

/// A decoder with its weights.
struct Decoder {
    architecture: HifiGan,
    layers: Vec<Layer>,
}

/// A decoder of these sizes, with random weights.
fn with_weights(architecture: HifiGan) -> Decoder {
    let mut layers: Vec<Layer> = Vec::new();
    let add = |convolution: &Convolution, layers: &mut Vec<Layer>| {
        let sizes = [convolution.outputs, convolution.inputs, convolution.taps];
        layers.push(layer(sizes, convolution.outputs, layers.len()));
    };
    add(&architecture.first, &mut layers);
    for stage in &architecture.stages {
        let sizes = [stage.channels * stage.stride, stage.inputs, 2];
        layers.push(layer(sizes, stage.channels, layers.len()));
        let convolutions = stage.blocks.iter().flatten().flatten();
        convolutions.for_each(|convolution| add(convolution, &mut layers));
    }
    add(&architecture.last, &mut layers);
    Decoder {
        architecture,
        layers,
    }
}

/// What a decoder is by definition, in doubles: rows of channels in, samples out.
fn define(decoder: &Decoder, latent: &[Row], speaker: &[f32]) -> Vec<f64> {
    let HifiGan {
        first,
        stages,
        last,
        last_slope,
        ..
    } = &decoder.architecture;
    let mut layers = decoder.layers.iter();
    let mut next = || layers.next().unwrap();
    let mut rows = convolve(first, next(), latent);
    for row in &mut rows {
        let speaker = speaker.iter().map(|&value| f64::from(value));
        row.iter_mut()
            .zip(speaker)
            .for_each(|(to, value)| *to += value);
    }
    for stage in stages {
        let upsampled = upsample(stage, next(), &activate(&rows, stage.slope));
        let mut sum = vec![vec![0.0; stage.channels]; upsampled.len()];
        for units in &stage.blocks {
            let mut block = upsampled.clone();
            for unit in units {
                let mut value = block.clone();
                for convolution in unit {
                    let activated = activate(&value, stage.block_slope);
                    value = convolve(convolution, next(), &activated);
                }
                add(&mut block, &value);
            }
            add(&mut sum, &block);
        }
        let scale = f64::from(stage.scale);
        sum.iter_mut().flatten().for_each(|value| *value *= scale);
        rows = sum;
    }
    let samples = convolve(last, next(), &activate(&rows, *last_slope));
    samples.iter().map(|row| row[0].tanh()).collect()
}

fn activate(rows: &[Row], slope: f32) -> Vec<Row> {
    let leaky = |&value: &f64| {
        if value < 0.0 {
            value * f64::from(slope)
        } else {
            value
        }
    };
    rows.iter()
        .map(|row| row.iter().map(leaky).collect())
        .collect()
}

fn upsample(stage: &Stage, layer: &Layer, rows: &[Row]) -> Vec<Row> {
    let channels = stage.channels;
    let output = |at: usize, channel: usize| {
        let at = at + stage.dropped;
        let (row, phase) = (at / stage.stride, at % stage.stride);
        let output = phase * channels + channel;
        let mut sum = f64::from(layer.bias[channel]);
        for (tap, from) in [(0, row.checked_sub(1)), (1, Some(row))] {
            if let Some(row) = from.and_then(|from| rows.get(from)) {
                sum += product(layer, output, tap, row);
            }
        }
        sum
    };
    let row = |at| (0..channels).map(|channel| output(at, channel)).collect();
    (0..rows.len() * stage.stride).map(row).collect()
}

/// Random sizes; few channels, so that they are padded.
fn architecture() -> impl Strategy<Value = HifiGan> {
    let convolution = (1usize..4, 1usize..4).prop_map(|(reach, dilation)| Convolution {
        taps: 2 * reach + 1,
        dilation,
        before: reach * dilation,
        ..Convolution::default()
    });
    let unit = prop::collection::vec(convolution, 1..=2);
    let block = prop::collection::vec(unit, 1..=3);
    let blocks = prop::collection::vec(block, 1..=3);
    let stage = (1usize..20, 1usize..=8, 0usize..=8, blocks);
    let stage = stage.prop_map(|(channels, stride, dropped, blocks)| Stage {
        slope: 0.1,
        inputs: 0,
        channels,
        stride,
        dropped: dropped.min(stride),
        block_slope: 0.2,
        scale: 1.0 / blocks.len() as f32,
        blocks,
    });
    let stages = prop::collection::vec(stage, 1..=3);
    (1usize..9, 1usize..40, stages, any::<bool>()).prop_map(
        |(inputs, channels, mut stages, has_speaker)| {
            let mut before = channels;
            for stage in &mut stages {
                stage.inputs = std::mem::replace(&mut before, stage.channels);
                for convolution in stage.blocks.iter_mut().flatten().flatten() {
                    (convolution.inputs, convolution.outputs) = (stage.channels, stage.channels);
                }
            }
            let seven = |inputs, outputs| Convolution {
                inputs,
                outputs,
                taps: 7,
                dilation: 1,
                before: 3,
            };
            HifiGan {
                first: seven(inputs, channels),
                has_speaker,
                stages,
                last_slope: 0.01,
                last: seven(before, 1),
            }
        },
    )
}

/// A sentence for a decoder, in all forms that are needed.
struct Sentence {
    frames: usize,
    /// `[channels][frames]`
    values: Vec<f32>,
    speaker: Vec<f32>,
}

impl Sentence {
    fn new(architecture: &HifiGan, frames: usize) -> Self {
        let speakers = usize::from(architecture.has_speaker);
        Self {
            frames,
            values: numbers(architecture.first.inputs * frames, 77),
            speaker: numbers(architecture.first.outputs * speakers, 78),
        }
    }

    fn rows(&self) -> Vec<Row> {
        let row = |frame: usize| {
            let column = self.values[frame..].iter().step_by(self.frames);
            column.map(|&value| f64::from(value)).collect()
        };
        (0..self.frames).map(row).collect()
    }

    fn latent(&self) -> Latent<'_> {
        Latent {
            values: &self.values,
            first_frame: 0,
            sentence_frames: self.frames,
            speaker: (!self.speaker.is_empty()).then_some(&self.speaker),
        }
    }

    /// Decodes a longer sentence of NaN, so that all values that buffers have are unknown.
    fn forget(&self, decoder: &super::Decoder) {
        let frames = self.frames + 10;
        let values = vec![f32::NAN; self.values.len() / self.frames * frames];
        let unknown = Latent {
            values: &values,
            sentence_frames: frames,
            ..self.latent()
        };
        let decoded = decoder.decode(unknown, &(0..frames), &never, &mut Vec::new());
        decoded.unwrap();
    }

    fn decode(&self, decoder: &super::Decoder, window: Range<usize>) -> Vec<f32> {
        let mut samples = Vec::new();
        let decoded = decoder.decode(self.latent(), &window, &never, &mut samples);
        decoded.unwrap();
        samples
    }
}

fn never() -> bool {
    false
}

fn pack(decoder: &Decoder, kernels: Kernels) -> AlignedBytes {
    packed(|to| decoder.architecture.pack(&decoder.layers, kernels, to))
}

fn native(decoder: &Decoder, kernels: Kernels) -> super::Decoder {
    let bytes = Box::new(pack(decoder, kernels));
    super::Decoder::new(decoder.architecture.clone(), kernels, bytes).unwrap()
}

/// Checks all kernels of a precision against the definition, and windows against the
/// whole sentence.
fn check(
    architecture: HifiGan,
    frames: usize,
    cut: usize,
    precision: Precision,
    limit: f64,
) -> Result<(), TestCaseError> {
    let decoder = with_weights(architecture);
    let sentence = Sentence::new(&decoder.architecture, frames);
    let expected = define(&decoder, &sentence.rows(), &sentence.speaker);
    for kernels in all_kernels(precision) {
        let native = native(&decoder, kernels);
        sentence.forget(&native);
        let samples = sentence.decode(&native, 0..frames);
        prop_assert_eq!(samples.len(), expected.len());
        for (n, (&sample, &expected)) in samples.iter().zip(&expected).enumerate() {
            let difference = (f64::from(sample) - expected).abs();
            prop_assert!(difference < limit, "{kernels}: {difference} in sample {n}");
        }
        let cut = cut % (frames + 1);
        sentence.forget(&native);
        let mut windows = sentence.decode(&native, 0..cut);
        sentence.forget(&native);
        windows.extend(sentence.decode(&native, cut..frames));
        prop_assert_eq!(windows, samples, "{} cut at {}", kernels, cut);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 12 }))]

    #[test]
    fn every_decoder_in_fp32_makes_the_samples_of_its_definition(
        architecture in architecture(), frames in 1usize..6, cut in 0usize..6
    ) {
        check(architecture, frames, cut, Precision::Fp32, 2e-5)?;
    }

    #[test]
    fn every_decoder_in_bf16_makes_about_the_samples_of_its_definition(
        architecture in architecture(), frames in 1usize..6, cut in 0usize..6
    ) {
        check(architecture, frames, cut, Precision::Bf16, 0.2)?;
    }

    #[test]
    fn kernels_for_bf16_agree(architecture in architecture(), frames in 1usize..6) {
        let decoder = with_weights(architecture);
        let sentence = Sentence::new(&decoder.architecture, frames);
        let samples = all_kernels(Precision::Bf16).into_iter();
        let mut samples =
            samples.map(|kernels| sentence.decode(&native(&decoder, kernels), 0..frames));
        let scalar = samples.next().unwrap();
        for other in samples {
            // A sum that is rounded differently may be rounded to another bf16.
            let pairs = scalar.iter().zip(&other);
            let worst = pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            prop_assert!(worst < 0.02, "{worst}");
        }
    }
}

/// Two stages and a speaker, with 64 samples for each frame.
fn small() -> HifiGan {
    let convolution = |inputs, outputs, dilation| Convolution {
        inputs,
        outputs,
        taps: 3,
        dilation,
        before: dilation,
    };
    let stage = |inputs, channels| Stage {
        slope: 0.1,
        inputs,
        channels,
        stride: 8,
        dropped: 4,
        block_slope: 0.1,
        blocks: vec![vec![
            vec![convolution(channels, channels, 1)],
            vec![convolution(channels, channels, 3)],
        ]],
        scale: 1.0,
    };
    HifiGan {
        first: convolution(4, 8, 1),
        has_speaker: true,
        stages: vec![stage(8, 8), stage(8, 4)],
        last_slope: 0.01,
        last: convolution(4, 1, 1),
    }
}

#[test]
#[cfg_attr(miri, ignore)] // it would take an hour
fn samples_of_several_parts_and_tiles_equal_those_of_small_windows() {
    let decoder = with_weights(small());
    let sentence = Sentence::new(&decoder.architecture, 600);
    assert_eq!(parts(0..600 * 64).count(), 2);
    for kernels in [Precision::Fp32, Precision::Bf16].map(all_kernels).concat() {
        let native = native(&decoder, kernels);
        let whole = sentence.decode(&native, 0..600);
        assert_eq!(whole.len(), 600 * 64);
        let windows = (0..30).flat_map(|n| sentence.decode(&native, n * 20..n * 20 + 20));
        assert_eq!(windows.collect::<Vec<_>>(), whole, "{kernels}");
    }
}

#[test]
fn samples_are_the_same_if_only_the_frames_for_them_are_given() {
    let decoder = with_weights(small());
    let sentence = Sentence::new(&decoder.architecture, 100);
    for kernels in [Precision::Fp32, Precision::Bf16].map(all_kernels).concat() {
        let native = native(&decoder, kernels);
        for window in [0..1, 20..40, 37..38, 98..100] {
            let needed = native.frames_for(&window, 100);
            assert!(
                needed.len() <= window.len() + 2 * 8,
                "{kernels}: {needed:?}"
            );
            let rows = sentence.values.chunks_exact(100);
            let values: Vec<f32> = rows.flat_map(|row| &row[needed.clone()]).copied().collect();
            let part = Latent {
                values: &values,
                first_frame: needed.start,
                ..sentence.latent()
            };
            let mut samples = Vec::new();
            native.decode(part, &window, &never, &mut samples).unwrap();
            assert_eq!(samples, sentence.decode(&native, window), "{kernels}");
        }
    }
}

#[test]
fn a_latent_without_the_frames_that_samples_depend_on_is_an_error() {
    let decoder = with_weights(small());
    let sentence = Sentence::new(&decoder.architecture, 40);
    let native = native(&decoder, all_kernels(Precision::Fp32)[0]);
    let part = Latent {
        first_frame: 10,
        sentence_frames: 100,
        ..sentence.latent()
    };
    let decode = |window| {
        let mut samples = Vec::new();
        native.decode(part, &window, &never, &mut samples)
    };
    assert!(decode(20..40).is_ok());
    assert!(decode(10..20).is_err());
    assert!(decode(45..50).is_err());
}

#[test]
fn a_latent_with_other_values_of_a_speaker_is_an_error() {
    let without = HifiGan {
        has_speaker: false,
        ..small()
    };
    for (architecture, right) in [(small(), 8), (without, 0)] {
        let decoder = with_weights(architecture);
        let sentence = Sentence::new(&decoder.architecture, 40);
        let native = native(&decoder, all_kernels(Precision::Fp32)[0]);
        for channels in [0, 7, 8, 9] {
            let speaker = numbers(channels, 78);
            let latent = Latent {
                speaker: (channels > 0).then_some(&speaker),
                ..sentence.latent()
            };
            let decoded = native.decode(latent, &(0..2), &never, &mut Vec::new());
            assert_eq!(decoded.is_ok(), channels == right, "{channels}");
        }
    }
}

#[test]
fn weights_that_are_not_aligned_are_refused() {
    struct Shifted(Vec<u8>);
    impl AsRef<[u8]> for Shifted {
        fn as_ref(&self) -> &[u8] {
            // One of both is not a multiple of four.
            let start = 2 + self.0.as_ptr().align_offset(4);
            &self.0[start..]
        }
    }
    let decoder = with_weights(small());
    for kernels in [Precision::Fp32, Precision::Fp16].map(all_kernels).concat() {
        let mut bytes = Shifted(Vec::with_capacity(1 << 20));
        bytes.0.extend([0; 8]);
        let start = bytes.as_ref().as_ptr() as usize - bytes.0.as_ptr() as usize;
        bytes.0.truncate(start);
        bytes.0.extend_from_slice(&pack(&decoder, kernels));
        let native = super::Decoder::new(decoder.architecture.clone(), kernels, Box::new(bytes));
        assert!(native.is_none(), "{kernels}");
    }
}

#[test]
fn weights_of_another_architecture_are_refused() {
    let decoder = with_weights(small());
    let kernels = all_kernels(Precision::Fp32)[0];
    let bytes = pack(&decoder, kernels);
    for bytes in [
        &bytes[..bytes.len() - 64],
        &[&bytes[..], &[0; 64]].concat(),
        &[],
    ] {
        let bytes = Box::new(AlignedBytes::from(bytes));
        assert!(super::Decoder::new(decoder.architecture.clone(), kernels, bytes).is_none());
    }
}

#[test]
fn parts_of_a_window_are_nearly_equal() {
    for (samples, tiles) in [
        (0, &[][..]),
        (1, &[1]),
        (8 * 4096, &[8]),
        (8 * 4096 + 1, &[5, 4]),
        (9 * 4096, &[5, 4]),
        (24 * 4096, &[8, 8, 8]),
    ] {
        let window = 7..7 + samples;
        let parts: Vec<_> = parts(window.clone()).collect();
        let in_parts = parts.iter().map(|part| part.len().div_ceil(4096));
        assert!(in_parts.eq(tiles.iter().copied()), "{samples}: {parts:?}");
        assert!(parts.into_iter().flatten().eq(window));
    }
}

#[test]
fn a_window_beyond_the_sentence_ends_with_it() {
    let decoder = with_weights(small());
    let sentence = Sentence::new(&decoder.architecture, 100);
    let native = native(&decoder, all_kernels(Precision::Fp32)[0]);
    let decode = |window| sentence.decode(&native, window);
    assert_eq!(decode(98..103), decode(98..100));
    assert_eq!(decode(100..105), []);
}

#[test]
fn all_upsamplings_but_the_first_take_fewer_products_in_fp32() {
    struct Upsamplings;
    impl Work for Upsamplings {
        type Result = Vec<Algorithm>;

        fn run(self, arithmetic: impl Arithmetic) -> Vec<Algorithm> {
            algorithms(arithmetic)
        }
    }
    fn algorithms<A: Arithmetic>(arithmetic: A) -> Vec<Algorithm> {
        let Decoder {
            architecture,
            layers,
        } = with_weights(small());
        let bytes = packed(|to| places::pack(arithmetic, &architecture, &layers, to));
        let places = Places::new::<A>(&architecture, Box::new(bytes)).unwrap();
        let upsamplings = places.stages.iter().map(|(upsampling, _)| upsampling);
        upsamplings.map(|place| place.algorithm).collect()
    }
    let algorithms = |precision| {
        let kernels = all_kernels(precision).into_iter();
        kernels.map(|kernels| kernels.with(Upsamplings).unwrap())
    };
    let expected = [Algorithm::Direct, Algorithm::Winograd];
    assert!(algorithms(Precision::Fp32).all(|found| found == expected));
    assert!(algorithms(Precision::Bf16).all(|found| found == [Algorithm::Direct; 2]));
}

#[test]
fn a_cancelled_window_ends_with_its_first_tile() {
    let decoder = with_weights(small());
    let sentence = Sentence::new(&decoder.architecture, 100);
    let native = native(&decoder, all_kernels(Precision::Fp32)[0]);
    let mut samples = Vec::new();
    let decoded = native.decode(sentence.latent(), &(0..100), &|| true, &mut samples);
    assert_eq!(decoded, Err(Error::Cancelled));
    assert!(samples.len() < 6400);
}
