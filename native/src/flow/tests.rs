//! The flow in every arithmetic of this machine, against the definition of a flow.

use std::ops::Range;

use proptest::prelude::*;

use super::model::makes_sense;
use super::{Coupling, CouplingLayers, Couplings, Flow, FlowRun, GateLayers, Prior};
use crate::definition::{Row, add, convolve, doubles};
use crate::test_numbers::{all_kernels, layer, numbers, packed};
use crate::{Convolution, Error, Precision};

fn with_weights(architecture: &Couplings) -> Vec<CouplingLayers> {
    let Couplings { half, hidden, .. } = *architecture;
    let mut salt = 0;
    let mut next = |outputs, inputs, taps| {
        salt += 1;
        layer([outputs, inputs, taps], outputs, salt)
    };
    let mut all = Vec::new();
    for coupling in &architecture.couplings {
        let first = next(hidden, half, 1);
        let mut gates = Vec::new();
        for (n, gate) in coupling.gates.iter().enumerate() {
            let has_residual = n + 1 < coupling.gates.len();
            gates.push(GateLayers {
                gate: next(2 * hidden, hidden, gate.taps),
                residual: has_residual.then(|| next(hidden, hidden, 1)),
                skip: next(hidden, hidden, 1),
            });
        }
        let last = next(half, hidden, 1);
        all.push(CouplingLayers { first, gates, last });
    }
    all
}

/// What a flow is by definition, in doubles.
fn define(
    architecture: &Couplings,
    layers: &[CouplingLayers],
    prior: &[Row],
    speaker: &[Vec<f32>],
) -> Vec<Row> {
    let Couplings { half, hidden, .. } = *architecture;
    let mut frames = prior.to_vec();
    let mut is_reversed = false;
    let mut speaker = speaker.iter();
    for (coupling, layers) in architecture.couplings.iter().zip(layers) {
        if coupling.is_reversed != is_reversed {
            frames.iter_mut().for_each(|frame| frame.reverse());
            is_reversed = coupling.is_reversed;
        }
        let given: Vec<Row> = frames.iter().map(|frame| frame[..half].to_vec()).collect();
        let plain = Convolution::pointwise(1, 1);
        let mut value = convolve(&plain, &layers.first, &given);
        let mut skips = vec![vec![0.0; hidden]; frames.len()];
        for (gate, layers) in coupling.gates.iter().zip(&layers.gates) {
            let mut sums = convolve(gate, &layers.gate, &value);
            if let Some(speaker) = speaker.next() {
                add(&mut sums, &vec![doubles(speaker); frames.len()]);
            }
            let gated = |row: &Vec<f64>| {
                let pairs = row[..hidden].iter().zip(&row[hidden..]);
                pairs.map(|(a, b)| a.tanh() / (1.0 + (-b).exp())).collect()
            };
            let gated: Vec<Row> = sums.iter().map(gated).collect();
            if let Some(residual) = &layers.residual {
                add(&mut value, &convolve(&plain, residual, &gated));
            }
            add(&mut skips, &convolve(&plain, &layers.skip, &gated));
        }
        let subtracted = convolve(&plain, &layers.last, &skips);
        for (frame, subtracted) in frames.iter_mut().zip(&subtracted) {
            let pairs = frame[half..].iter_mut().zip(subtracted);
            pairs.for_each(|(value, subtracted)| *value -= subtracted);
        }
    }
    if architecture.ends_reversed != is_reversed {
        frames.iter_mut().for_each(|frame| frame.reverse());
    }
    frames
}

/// Random sizes; few channels, so that they are padded.
fn architecture() -> impl Strategy<Value = Couplings> {
    let gate = (1usize..=5, 1usize..4, 0usize..5);
    let gate = gate.prop_map(|(taps, dilation, before)| [taps, dilation, before % taps]);
    let gates = prop::collection::vec(gate, 1..=3);
    let coupling = (any::<bool>(), gates);
    let couplings = prop::collection::vec(coupling, 1..=3);
    let sizes = (1usize..20, 1usize..40);
    (sizes, couplings, any::<bool>(), any::<bool>()).prop_map(
        |((half, hidden), couplings, ends_reversed, has_speaker)| {
            let gate = |[taps, dilation, before]: [usize; 3]| Convolution {
                inputs: hidden,
                outputs: 2 * hidden,
                taps,
                dilation,
                before: before * dilation,
            };
            let coupling = |(is_reversed, gates): (bool, Vec<[usize; 3]>)| Coupling {
                is_reversed,
                gates: gates.into_iter().map(gate).collect(),
            };
            Couplings {
                half,
                hidden,
                couplings: couplings.into_iter().map(coupling).collect(),
                ends_reversed,
                has_speaker,
            }
        },
    )
}

/// Within one part, or of several ones.
fn frames() -> impl Strategy<Value = usize> {
    // Several parts would take Miri minutes.
    let several: std::ops::Range<usize> = if cfg!(miri) { 1..20 } else { 150..250 };
    prop_oneof![1usize..20, several]
}

/// Checks all kernels of a precision against the definition.
fn check(
    architecture: &Couplings,
    frames: usize,
    precision: Precision,
    limit: f64,
) -> Result<(), TestCaseError> {
    let layers = with_weights(architecture);
    let prior = numbers(2 * architecture.half * frames, 77);
    let column = |frame: usize| prior[frame..].iter().step_by(frames);
    let rows = (0..frames).map(|frame| column(frame).map(|&value| f64::from(value)).collect());
    let gates: usize = architecture.couplings.iter().map(|c| c.gates.len()).sum();
    let speaker: Vec<_> = match architecture.has_speaker {
        true => (0..gates)
            .map(|n| numbers(2 * architecture.hidden, n as u32))
            .collect(),
        false => Vec::new(),
    };
    let expected = define(architecture, &layers, &rows.collect::<Vec<_>>(), &speaker);
    let speaker: Vec<&[f32]> = speaker.iter().map(Vec::as_slice).collect();
    for kernels in all_kernels(precision) {
        let bytes = Box::new(packed(|to| architecture.pack(&layers, kernels, to)));
        let flow = Flow::new(architecture.clone(), kernels, bytes).unwrap();
        let latent = run(&flow, (&prior, frames), &speaker).unwrap();
        prop_assert_eq!(latent.len(), prior.len());
        for (n, &value) in latent.iter().enumerate() {
            let expected = expected[n % frames][n / frames];
            let difference = (f64::from(value) - expected).abs();
            prop_assert!(difference < limit, "{kernels}: {difference} in value {n}");
        }
        let given = (&prior[..], frames);
        let cancelled = advance(&mut flow.begin(), given, &speaker, frames, &|| true);
        prop_assert_eq!(cancelled, Err(Error::Cancelled));
        forget(&flow, architecture, &speaker);
        let again = run(&flow, (&prior, frames), &speaker).unwrap();
        prop_assert_eq!(again, latent, "{} again", kernels);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 24 }))]

    #[test]
    fn every_flow_in_fp32_is_its_definition(architecture in architecture(), frames in frames()) {
        check(&architecture, frames, Precision::Fp32, 2e-5)?;
    }

    #[test]
    fn every_flow_with_weights_in_fp16_is_about_its_definition(
        architecture in architecture(), frames in frames()
    ) {
        check(&architecture, frames, Precision::Fp16, 0.01)?;
    }

    #[test]
    fn kernels_with_weights_in_fp16_agree(architecture in architecture(), frames in frames()) {
        let layers = with_weights(&architecture);
        let prior = numbers(2 * architecture.half * frames, 77);
        let architecture = Couplings { has_speaker: false, ..architecture };
        let latents = all_kernels(Precision::Fp16).into_iter().map(|kernels| {
            let bytes = Box::new(packed(|to| architecture.pack(&layers, kernels, to)));
            let flow = Flow::new(architecture.clone(), kernels, bytes).unwrap();
            run(&flow, (&prior, frames), &[]).unwrap()
        });
        let latents: Vec<_> = latents.collect();
        for latent in &latents {
            for (n, (value, expected)) in latent.iter().zip(&latents[0]).enumerate() {
                prop_assert!((value - expected).abs() < 2e-5, "{value}, {expected} in {n}");
            }
        }
    }

    #[test]
    fn every_flow_in_bf16_is_about_its_definition(
        architecture in architecture(), frames in frames()
    ) {
        check(&architecture, frames, Precision::Bf16, 0.3)?;
    }
}

/// Fills the buffers of a flow with what no sentence may read.
fn forget(flow: &Flow, architecture: &Couplings, speaker: &[&[f32]]) {
    let unknown = vec![f32::NAN; 2 * architecture.half * 400];
    run(flow, (&unknown, 400), speaker).unwrap();
}

/// Runs a flow on a whole sentence, at once.
fn run(flow: &Flow, given: (&[f32], usize), speaker: &[&[f32]]) -> crate::Result<Vec<f32>> {
    advance(&mut flow.begin(), given, speaker, usize::MAX, &|| false)
}

/// Runs a flow up to a frame of a sentence: of values and a number of frames.
fn advance(
    run: &mut FlowRun,
    (values, frames): (&[f32], usize),
    speaker: &[&[f32]],
    end: usize,
    is_cancelled: &dyn Fn() -> bool,
) -> crate::Result<Vec<f32>> {
    let of_frames = |needed: Range<usize>| -> Vec<f32> {
        let channels = values.chunks(frames.max(1));
        let needed = channels.flat_map(|row| row.get(needed.clone()).unwrap_or_default());
        needed.copied().collect()
    };
    let prior = Prior {
        frames,
        values: &of_frames,
        speaker,
    };
    run.advance(prior, end, is_cancelled)
}

fn small() -> Couplings {
    let gate = Convolution {
        inputs: 8,
        outputs: 16,
        taps: 5,
        dilation: 1,
        before: 2,
    };
    let coupling = |is_reversed| Coupling {
        is_reversed,
        gates: vec![gate; 2],
    };
    Couplings {
        half: 4,
        hidden: 8,
        couplings: vec![coupling(true), coupling(false)],
        ends_reversed: false,
        has_speaker: true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 1 } else { 24 }))]

    #[test]
    fn a_latent_is_the_same_in_whatever_parts_it_is_computed(
        architecture in architecture(),
        frames in 1usize..if cfg!(miri) { 20 } else { 250 },
        parts in prop::collection::vec(0usize..150, 0..8),
    ) {
        let layers = with_weights(&architecture);
        let values = numbers(2 * architecture.half * frames, 5);
        let architecture = Couplings { has_speaker: false, ..architecture };
        let precisions = [Precision::Fp32, Precision::Fp16, Precision::Bf16];
        for kernels in precisions.map(all_kernels).concat() {
            let bytes = Box::new(packed(|to| architecture.pack(&layers, kernels, to)));
            let flow = Flow::new(architecture.clone(), kernels, bytes).unwrap();
            let whole = run(&flow, (&values, frames), &[]).unwrap();
            let given = (&values[..], frames);
            forget(&flow, &architecture, &[]);
            let (mut in_parts, mut end) = (flow.begin(), 0);
            for size in parts.iter().copied().chain([frames]) {
                let start = end;
                end = (start + size).min(frames);
                let part = advance(&mut in_parts, given, &[], end, &|| false).unwrap();
                prop_assert_eq!(part.len(), 2 * architecture.half * (end - start));
                let channels = part.chunks_exact((end - start).max(1));
                for (part, whole) in channels.zip(whole.chunks_exact(frames)) {
                    prop_assert_eq!(part, &whole[start..end], "{} to {}", kernels, end);
                }
            }
        }
    }
}

#[test]
fn the_first_frames_are_computed_without_the_others() {
    let architecture = small();
    let frames = 100;
    let prior = numbers(8 * frames, 5);
    // 2 frames for each of 4 gates, and whole tiles.
    let needed = 10 + 4 * 2 + 4;
    let unknown = |n: usize| n % frames >= needed;
    let with_unknown = prior.iter().enumerate();
    let with_unknown = with_unknown.map(|(n, &value)| if unknown(n) { f32::NAN } else { value });
    let with_unknown: Vec<f32> = with_unknown.collect();
    let speaker = numbers(16, 1);
    for kernels in [Precision::Fp32, Precision::Bf16].map(all_kernels).concat() {
        let layers = with_weights(&architecture);
        let bytes = Box::new(packed(|to| architecture.pack(&layers, kernels, to)));
        let flow = Flow::new(architecture.clone(), kernels, bytes).unwrap();
        let first = |values: &[f32]| {
            let speaker = &[&speaker[..]; 4];
            advance(&mut flow.begin(), (values, frames), speaker, 10, &|| false).unwrap()
        };
        assert_eq!(first(&with_unknown), first(&prior), "{kernels}");
    }
}

#[test]
fn values_of_another_size_are_an_error() {
    let architecture = small();
    let kernels = all_kernels(Precision::Fp32)[0];
    let bytes = Box::new(packed(|to| {
        architecture.pack(&with_weights(&architecture), kernels, to)
    }));
    let flow = Flow::new(architecture, kernels, bytes).unwrap();
    let speaker = &[0.0; 16][..];
    let run = |prior: &[f32], speaker: &[&[f32]]| run(&flow, (prior, 2), speaker);
    assert!(run(&[0.0; 16], &[speaker; 4]).is_ok());
    assert!(run(&[0.0; 15], &[speaker; 4]).is_err());
    assert!(run(&[], &[speaker; 4]).is_err());
    assert!(run(&[0.0; 16], &[speaker; 3]).is_err());
    assert!(run(&[0.0; 16], &[&speaker[..15]; 4]).is_err());
    let of_nothing = advance(&mut flow.begin(), (&[], 0), &[speaker; 4], 9, &|| false);
    assert!(of_nothing.unwrap().is_empty());
}

#[test]
fn an_architecture_that_makes_no_sense_is_refused() {
    let gate = small().couplings[0].gates[0];
    let with = |gates: Vec<Convolution>| Couplings {
        couplings: vec![Coupling {
            is_reversed: false,
            gates,
        }],
        ..small()
    };
    let without = Couplings {
        couplings: Vec::new(),
        ..small()
    };
    let kernels = all_kernels(Precision::Fp32)[0];
    assert!(Flow::new(without.clone(), kernels, Box::new(Vec::new())).is_none());
    let wrong = [
        without,
        Couplings { half: 0, ..small() },
        Couplings {
            hidden: 0,
            ..small()
        },
        with(vec![Convolution { inputs: 7, ..gate }]),
        with(vec![Convolution {
            dilation: 1 << 30,
            ..gate
        }]),
        with(Vec::new()),
        with(vec![Convolution { before: 5, ..gate }]),
        with(vec![Convolution { taps: 0, ..gate }]),
        with(vec![Convolution {
            dilation: 0,
            ..gate
        }]),
    ];
    for architecture in wrong {
        assert!(!makes_sense(&architecture), "{architecture:?}");
    }
    assert!(makes_sense(&small()));
}
