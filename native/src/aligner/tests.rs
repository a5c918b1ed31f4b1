//! An aligner in every arithmetic of this machine, against its definition.

use super::*;
use crate::definition::{Row, doubles, normalize, product};
use crate::noise::Noise;
use crate::test_numbers::{AlignedBytes, all_kernels, numbers, packed};
use crate::{Error, Instructions, Layer, Precision, Weights};

const IDS: usize = 23;
const INPUTS: usize = 6;
const FILTER: usize = 10;
const CHANNELS: usize = 5;
const DESCRIBED: usize = 7;

fn architecture() -> Alignment {
    let layer = |dilation| Separable { taps: 3, dilation };
    Alignment {
        inputs: INPUTS,
        channels: CHANNELS,
        filter: FILTER,
        separable: vec![layer(1), layer(3)],
        epsilon: 1e-5,
        couplings: 3,
        spline: Spline {
            bins: 10,
            bound: 5.0,
            min_size: 1e-3,
            min_slope: 1e-3,
            outer_slope: 0.539_742_5,
            divisor: (FILTER as f32).sqrt(),
        },
        shift: 0.1,
        factor: 0.9,
        streams: [0, 1],
        speakers: Some(Speakers {
            count: 3,
            channels: DESCRIBED,
            sides: vec![9],
        }),
    }
}

struct Salt(u32);

impl Salt {
    fn numbers(&mut self, count: usize) -> Vec<f32> {
        self.0 += 1;
        numbers(count, self.0)
    }

    fn layer(&mut self, sizes: [usize; 3], size: f32) -> Layer {
        let [outputs, inputs, taps] = sizes;
        let scale = size / ((inputs * taps) as f32).sqrt();
        let values = self.numbers(outputs * inputs * taps);
        let values = values.iter().map(|value| value * scale).collect();
        Layer {
            weights: Weights::new(sizes, values).unwrap(),
            bias: self.numbers(outputs),
        }
    }

    fn separable(&mut self) -> Vec<SeparableLayers> {
        let layer = |_| SeparableLayers {
            depthwise: self.layer([FILTER, 1, 3], 1.5),
            first_norm: [self.numbers(FILTER), self.numbers(FILTER)],
            pointwise: self.layer([FILTER, FILTER, 1], 1.5),
            second_norm: [self.numbers(FILTER), self.numbers(FILTER)],
        };
        [0, 1].map(layer).into()
    }
}

fn layers() -> AlignerLayers {
    let mut salt = Salt(0);
    AlignerLayers {
        statistics: salt.layer([2 * CHANNELS, INPUTS, 1], 1.0),
        pre: salt.layer([FILTER, INPUTS, 1], 1.5),
        separable: salt.separable(),
        post: salt.layer([FILTER, FILTER, 1], 1.5),
        couplings: (0..3)
            .map(|_| SplineLayers {
                pre: salt.layer([FILTER, 1, 1], 1.5),
                separable: salt.separable(),
                post: salt.layer([29, FILTER, 1], 9.0),
            })
            .collect(),
        speakers: Some(SpeakerLayers {
            table: salt.numbers(3 * DESCRIBED),
            predictor: salt.layer([FILTER, DESCRIBED, 1], 1.5),
            sides: vec![salt.layer([9, DESCRIBED, 1], 1.0)],
        }),
    }
}

fn pointwise(layer: &Layer, row: &[f64]) -> Row {
    let of = |output: usize| f64::from(layer.bias[output]) + product(layer, output, 0, row);
    (0..layer.bias.len()).map(of).collect()
}

/// Normalizes and activates.
fn activate(row: &[f64], norm: &[Vec<f32>; 2]) -> Row {
    let activated = |x: f64| {
        // The probability by integration: exact enough, and no polynomial.
        let steps = 2000;
        let step = x / f64::from(steps);
        let density = |n: i32| (-0.5 * (step * (f64::from(n) + 0.5)).powi(2)).exp();
        let area: f64 = (0..steps).map(density).sum::<f64>() * step;
        x * (0.5 + area / (2.0 * std::f64::consts::PI).sqrt())
    };
    normalize(row, norm).into_iter().map(activated).collect()
}

fn separable(stack: &[SeparableLayers], dilations: &[usize], rows: &mut [Row]) {
    for (layer, &dilation) in stack.iter().zip(dilations) {
        let input = rows.to_vec();
        for (n, row) in rows.iter_mut().enumerate() {
            let convolved = (0..FILTER).map(|channel| {
                let taps = (0..3).map(|tap| {
                    let at = (n + tap * dilation).checked_sub(dilation);
                    let value = at
                        .and_then(|at| input.get(at))
                        .map_or(0.0, |row| row[channel]);
                    f64::from(layer.depthwise.weights.at(channel, 0, tap)) * value
                });
                f64::from(layer.depthwise.bias[channel]) + taps.sum::<f64>()
            });
            let inner = activate(&convolved.collect::<Row>(), &layer.first_norm);
            let outer = activate(&pointwise(&layer.pointwise, &inner), &layer.second_norm);
            row.iter_mut().zip(outer).for_each(|(to, add)| *to += add);
        }
    }
}

/// The spline at `x`, and by bisection where it is `y`.
fn inverse(y: f64, parameters: &[f64]) -> f64 {
    if !(-5.0..=5.0).contains(&y) {
        return y;
    }
    let knots = |sizes: &[f64]| -> Row {
        let sizes: Row = sizes
            .iter()
            .map(|size| (size / (FILTER as f64).sqrt()).exp())
            .collect();
        let sum: f64 = sizes.iter().sum();
        let mut knots = vec![-5.0];
        for size in sizes {
            let size = 10.0 * (1e-3 + (1.0 - 1e-2) * size / sum);
            knots.push(knots[knots.len() - 1] + size);
        }
        knots
    };
    let (xs, ys) = (knots(&parameters[..10]), knots(&parameters[10..20]));
    let slope = |knot: usize| match knot {
        0 | 10 => 1e-3 + 0.539_742_5_f64.exp().ln_1p(),
        knot => 1e-3 + parameters[19 + knot].exp().ln_1p(),
    };
    let spline = |x: f64| {
        let piece = (1..10).filter(|&n| x >= xs[n]).count();
        let (width, height) = (xs[piece + 1] - xs[piece], ys[piece + 1] - ys[piece]);
        let (share, delta) = ((x - xs[piece]) / width, height / width);
        let (start, end) = (slope(piece), slope(piece + 1));
        let mixed = share * (1.0 - share);
        let above = height * (delta * share * share + start * mixed);
        ys[piece] + above / (delta + (start + end - 2.0 * delta) * mixed)
    };
    let (mut low, mut high) = (-5.0, 5.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if spline(middle) < y {
            low = middle
        } else {
            high = middle
        }
    }
    low
}

/// The logarithms of the durations, and means and logarithms of deviations.
fn define(layers: &AlignerLayers, sentence: &Sentence<'_>) -> (Row, Vec<Row>) {
    let encoded: Vec<Row> = (0..IDS)
        .map(|id| {
            (0..INPUTS)
                .map(|n| f64::from(sentence.encoded[n * IDS + id]))
                .collect()
        })
        .collect();
    let speakers = layers.speakers.as_ref().unwrap();
    let described = &speakers.table[sentence.speaker * DESCRIBED..][..DESCRIBED];
    let added = pointwise(&speakers.predictor, &doubles(described));
    let mut rows: Vec<Row> = encoded
        .iter()
        .map(|row| {
            let row = pointwise(&layers.pre, row);
            row.iter().zip(&added).map(|(a, b)| a + b).collect()
        })
        .collect();
    separable(&layers.separable, &[1, 3], &mut rows);
    let condition: Vec<Row> = rows
        .iter()
        .map(|row| pointwise(&layers.post, row))
        .collect();
    let mut noise = vec![0.0; 2 * IDS];
    Noise::new(sentence.seed, 0).fill(0, &mut noise);
    let mut noise: Row = noise
        .iter()
        .map(|&n| f64::from(n * sentence.noise_w))
        .collect();
    for (n, coupling) in layers.couplings.iter().enumerate() {
        let (first, second) = noise.split_at_mut(IDS);
        let (changed, given) = if n % 2 == 0 {
            (first, second)
        } else {
            (second, first)
        };
        let mut rows: Vec<Row> = given
            .iter()
            .zip(&condition)
            .map(|(&given, condition)| {
                let row = pointwise(&coupling.pre, &[given]);
                row.iter().zip(condition).map(|(a, b)| a + b).collect()
            })
            .collect();
        separable(&coupling.separable, &[1, 3], &mut rows);
        for (value, row) in changed.iter_mut().zip(&rows) {
            *value = inverse(*value, &pointwise(&coupling.post, row));
        }
    }
    let logarithms = noise[..IDS]
        .iter()
        .map(|value| (value - f64::from(0.1_f32)) * 0.9);
    let statistics = encoded.iter().map(|row| pointwise(&layers.statistics, row));
    (logarithms.collect(), statistics.collect())
}

#[test]
fn every_arithmetic_aligns_a_sentence_as_it_is_defined() {
    let layers = layers();
    let encoded = numbers(INPUTS * IDS, 99);
    for (speaker, speed) in [(0, 1.0), (2, 0.7)] {
        let sentence = Sentence {
            encoded: &encoded,
            noise_scale: 0.667,
            length_scale: 1.7,
            noise_w: 0.8,
            speed,
            speaker,
            seed: 5,
            max_frames: 1000,
        };
        let (logarithms, statistics) = define(&layers, &sentence);
        let spoken: Vec<f32> = logarithms.iter().map(|&log| log as f32).collect();
        let durations = durations::spoken(&spoken, &sentence).unwrap();
        assert!(durations.iter().any(|&frames| frames > 2.0));
        let ids: Vec<usize> = (0..IDS)
            .flat_map(|id| vec![id; durations[id] as usize])
            .collect();
        let mut noise = vec![0.0; CHANNELS * ids.len()];
        Noise::new(5, 1).fill(0, &mut noise);
        for kernels in all_kernels(Precision::Fp32) {
            let packed = packed(|to| Alignment::pack(&layers, kernels, to));
            let aligner = Aligner::new(architecture(), kernels, Box::new(packed));
            let aligned = aligner.unwrap().align(sentence).unwrap();
            assert_eq!(aligned.durations, durations, "{kernels}");
            let prior = aligned.prior;
            assert_eq!((prior.channels(), prior.frames()), (CHANNELS, ids.len()));
            let values = prior.values(0..ids.len());
            assert_eq!(values.len(), CHANNELS * ids.len());
            for (start, end) in [(0, 1), (1, 4), (2, ids.len()), (3, 3), (5, usize::MAX)] {
                let own = start..end.min(ids.len());
                let channels = values.chunks_exact(ids.len());
                let expected: Vec<f32> = channels
                    .flat_map(|row| &row[own.clone()])
                    .copied()
                    .collect();
                assert_eq!(prior.values(start..end), expected, "{start} to {end}");
            }
            for (n, value) in values.iter().enumerate() {
                let (channel, id) = (n / ids.len(), ids[n % ids.len()]);
                let deviation = statistics[id][CHANNELS + channel].exp();
                let expected = statistics[id][channel] + f64::from(noise[n]) * deviation * 0.667;
                assert!((f64::from(*value) - expected).abs() < 1e-5, "{kernels}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let kernels = Kernels {
        instructions: Instructions::Scalar,
        precision: Precision::Fp32,
    };
    let packed = packed(|to| Alignment::pack(&layers(), kernels, to));
    let load = |architecture: Alignment, bytes: &[u8]| {
        Aligner::new(architecture, kernels, Box::new(AlignedBytes::from(bytes)))
    };
    assert!(load(architecture(), &packed[64..]).is_none());
    let other = Alignment {
        filter: 20,
        ..architecture()
    };
    assert!(load(other, &packed).is_none());
    let aligner = load(architecture(), &packed).unwrap();
    let sentence = |encoded, speaker, max_frames| Sentence {
        encoded,
        length_scale: 1.0,
        speed: 1.0,
        speaker,
        max_frames,
        ..Sentence::default()
    };
    let ids = [0.5; 2 * INPUTS];
    assert!(aligner.align(sentence(&ids, 0, 1000)).is_ok());
    assert_eq!(
        aligner.align(sentence(&ids, 3, 1000)),
        Err(Error::Disagreement)
    );
    assert_eq!(
        aligner.align(sentence(&ids[1..], 0, 1000)),
        Err(Error::Disagreement)
    );
    assert_eq!(
        aligner.align(sentence(&[], 0, 1000)),
        Err(Error::Disagreement)
    );
    assert_eq!(aligner.align(sentence(&ids, 0, 0)), Err(Error::TooLong));
}

#[test]
fn sizes_that_kernels_cannot_run_do_not_fit() {
    let mut salt = Salt(0);
    let mut layers = layers();
    assert!(layers.fit(&architecture()));
    let bins = spline::MAX_BINS + 1;
    for coupling in &mut layers.couplings {
        coupling.post = salt.layer([3 * bins - 1, FILTER, 1], 9.0);
    }
    let mut other = architecture();
    other.spline.bins = bins;
    assert!(!layers.fit(&other));
}
