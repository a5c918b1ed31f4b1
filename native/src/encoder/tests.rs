//! An encoder in every arithmetic of this machine, against its definition.

use super::*;
use crate::definition::{Row, add, convolve, normalize};
use crate::test_numbers::{AlignedBytes, all_kernels, layer, numbers, packed};
use crate::{Error, Precision};

const CHANNELS: usize = 6;
const HEAD: usize = 3;
const WINDOW: usize = 2;

fn architecture() -> Transformer {
    with_convolutions(3, 1)
}

/// With inner convolutions of so many taps, so far apart.
fn with_convolutions(taps: usize, dilation: usize) -> Transformer {
    let convolution = |inputs, outputs| Convolution {
        inputs,
        outputs,
        taps,
        dilation,
        before: taps / 2 * dilation,
    };
    Transformer {
        symbols: 9,
        channels: CHANNELS,
        scale: 2.5,
        heads: 2,
        divisor: (HEAD as f32).sqrt(),
        window: WINDOW,
        convolutions: [convolution(CHANNELS, 11), convolution(11, CHANNELS)],
        epsilon: 1e-5,
        layers: 2,
    }
}

fn layers(architecture: &Transformer) -> EncoderLayers {
    let mut salt = 0;
    let mut next = |outputs, inputs, taps| {
        salt += 1;
        layer([outputs, inputs, taps], outputs, salt)
    };
    let mut transformer = |salt: u32| {
        let distances = (2 * WINDOW + 1) * HEAD;
        TransformerLayers {
            inputs: [0; 3].map(|_| next(CHANNELS, CHANNELS, 1)),
            distances: [1, 2].map(|n| numbers(distances, salt + n)),
            output: next(CHANNELS, CHANNELS, 1),
            first_norm: [3, 4].map(|n| numbers(CHANNELS, salt + n)),
            convolutions: architecture
                .convolutions
                .map(|sizes| next(sizes.outputs, sizes.inputs, sizes.taps)),
            second_norm: [5, 6].map(|n| numbers(CHANNELS, salt + n)),
        }
    };
    EncoderLayers {
        layers: vec![transformer(500), transformer(600)],
        table: numbers(9 * CHANNELS, 77),
    }
}

fn add_and_normalize(rows: &mut [Row], added: &[Row], norm: &[Vec<f32>; 2]) {
    add(rows, added);
    for row in rows {
        *row = normalize(row, norm);
    }
}

fn attend(layers: &TransformerLayers, rows: &[Row]) -> Vec<Row> {
    let plain = Convolution::pointwise(CHANNELS, CHANNELS);
    let [queries, keys, values] = layers
        .inputs
        .each_ref()
        .map(|layer| convolve(&plain, layer, rows));
    // What a distance adds to a channel of keys or values.
    let distant = |which: usize, from: usize, to: usize, channel: usize| {
        let distance = (to + WINDOW).checked_sub(from).filter(|&n| n <= 2 * WINDOW);
        distance.map_or(0.0, |n| {
            f64::from(layers.distances[which][n * HEAD + channel])
        })
    };
    let mut attended = vec![vec![0.0; CHANNELS]; rows.len()];
    for head in 0..2 {
        for (id, to) in attended.iter_mut().enumerate() {
            let score = |other: usize| {
                let products = (0..HEAD).map(|channel| {
                    let at = head * HEAD + channel;
                    let key = keys[other][at] + distant(0, id, other, channel);
                    queries[id][at] * key / (HEAD as f64).sqrt()
                });
                products.sum::<f64>().exp()
            };
            let scores: Row = (0..rows.len()).map(score).collect();
            let total: f64 = scores.iter().sum();
            for channel in 0..HEAD {
                let at = head * HEAD + channel;
                let value = |other: usize| values[other][at] + distant(1, id, other, channel);
                let weighted = scores
                    .iter()
                    .enumerate()
                    .map(|(n, score)| score / total * value(n));
                to[at] = weighted.sum();
            }
        }
    }
    convolve(&plain, &layers.output, &attended)
}

/// What an encoder is by definition, in doubles.
fn define(architecture: &Transformer, layers: &EncoderLayers, ids: &[i64]) -> Vec<Row> {
    let row = |&id: &i64| {
        let row = &layers.table[id as usize * CHANNELS..][..CHANNELS];
        row.iter().map(|&value| f64::from(value) * 2.5).collect()
    };
    let mut rows: Vec<Row> = ids.iter().map(row).collect();
    let [first, second] = architecture.convolutions;
    for layers in &layers.layers {
        let attended = attend(layers, &rows);
        add_and_normalize(&mut rows, &attended, &layers.first_norm);
        let mut inner = convolve(&first, &layers.convolutions[0], &rows);
        let values = inner.iter_mut().flatten();
        values.for_each(|value| *value = value.max(0.0));
        let outer = convolve(&second, &layers.convolutions[1], &inner);
        add_and_normalize(&mut rows, &outer, &layers.second_norm);
    }
    rows
}

#[test]
fn every_arithmetic_encodes_ids_as_is_defined() {
    check(&architecture(), &[1, 2, 5, 40]);
}

#[test]
fn convolutions_may_look_far_behind_the_last_id() {
    check(&with_convolutions(9, 2), &[1, 7, 13, 30]);
}

fn on_two_threads(beside: &mut (dyn FnMut() + Send), here: &mut dyn FnMut()) -> bool {
    std::thread::scope(|scope| {
        scope.spawn(beside);
        here();
    });
    true
}

fn check(architecture: &Transformer, lengths: &[i64]) {
    let layers = layers(architecture);
    assert!(layers.fit(architecture));
    for &length in lengths {
        let ids: Vec<i64> = (0..length).map(|n| n * 5 % 9).collect();
        let expected = define(architecture, &layers, &ids);
        for kernels in all_kernels(Precision::Fp32) {
            let packed = packed(|to| Transformer::pack(&layers, kernels, to));
            let encoder = Encoder::new(architecture.clone(), kernels, Box::new(packed)).unwrap();
            let encoded = encoder.encode(&ids, &|| false).unwrap();
            let by_two = encoder.encode_on_two_threads(&ids, &|| false, &on_two_threads);
            assert_eq!(by_two.as_ref(), Ok(&encoded), "{kernels}, {length} ids");
            assert_eq!(encoded.len(), CHANNELS * ids.len());
            for (n, value) in encoded.iter().enumerate() {
                let expected = expected[n % ids.len()][n / ids.len()];
                let error = (f64::from(*value) - expected).abs();
                assert!(error < 1e-5, "{kernels}, {length} ids: {value}, {expected}");
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let kernels = all_kernels(Precision::Fp32)[0];
    let packed = packed(|to| Transformer::pack(&layers(&architecture()), kernels, to));
    let other = Transformer {
        heads: 5,
        ..architecture()
    };
    assert!(Encoder::new(other, kernels, Box::new(packed.clone())).is_none());
    let shorter = Box::new(AlignedBytes::from(&packed[64..]));
    assert!(Encoder::new(architecture(), kernels, shorter).is_none());
    let encoder = Encoder::new(architecture(), kernels, Box::new(packed)).unwrap();
    for ids in [&[][..], &[9], &[-1]] {
        assert_eq!(
            encoder.encode(ids, &|| false),
            Err(Error::Disagreement),
            "{ids:?}"
        );
    }
    assert_eq!(encoder.encode(&[1], &|| true), Err(Error::Cancelled));
    let ids = [1; 50];
    let by_two = encoder.encode_on_two_threads(&ids, &|| true, &on_two_threads);
    assert_eq!(by_two, Err(Error::Cancelled));
    // Cancelled in the middle: neither half waits for ever.
    let left = std::sync::atomic::AtomicI32::new(3);
    let soon = || left.fetch_sub(1, std::sync::atomic::Ordering::SeqCst) <= 0;
    let by_two = encoder.encode_on_two_threads(&ids, &soon, &on_two_threads);
    assert_eq!(by_two, Err(Error::Cancelled));
    let refused = encoder.encode_on_two_threads(&ids, &|| false, &|_, _| false);
    assert_eq!(refused, encoder.encode(&ids, &|| false));
}

#[test]
fn sizes_that_make_no_sense_do_not_fit() {
    let layers = layers(&architecture());
    let changes: [fn(&mut Transformer); 4] = [
        |sizes| sizes.heads = 0,
        |sizes| sizes.heads = 4,
        |sizes| sizes.window = usize::MAX / 2,
        |sizes| sizes.symbols = usize::MAX,
    ];
    for change in changes {
        let mut other = architecture();
        change(&mut other);
        assert!(!layers.fit(&other), "{other:?}");
    }
}
