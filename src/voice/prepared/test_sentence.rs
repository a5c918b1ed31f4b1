//! A sentence that every voice can speak, to compare its models.

use std::sync::Arc;

use super::faults::is_fault_of_model;
use crate::error::Cause;
use crate::voice::model::{Inference, Model, ModelInfo};
use crate::voice::trial;
use crate::voice::{OptimizeFor, Scales};

/// How much a sample of a prepared model may differ from the stock model's: a
/// third of the step of 16-bit audio.
pub(super) const MAX_DIFFERENCE: f32 = 1e-5;
/// How much louder the stock model must be than the difference to it of parts that
/// are less precise by design, in dB. A trained voice has 40 dB in bf16.
pub(super) const MIN_SNR_DB: f32 = 35.0;
/// Ids in the sentence.
const TEST_IDS: usize = 41;

/// Returns the largest difference between two samples; infinity if the numbers
/// of samples differ.
pub(super) fn difference(a: &[f32], b: &[f32]) -> f32 {
    if a.len() != b.len() {
        return f32::INFINITY;
    }
    // `f32::max` ignores NaN, which must not count as equal.
    let distance = |(a, b): (&f32, &f32)| if a == b { 0.0 } else { (a - b).abs() };
    let largest = |max: f32, d: f32| if d <= max { max } else { d };
    a.iter().zip(b).map(distance).fold(0.0, largest)
}

/// Returns how much louder `expected` is than the difference to it, in dB; −∞ if the
/// numbers of samples differ.
pub(super) fn snr_db(expected: &[f32], samples: &[f32]) -> f32 {
    if expected.len() != samples.len() {
        return f32::NEG_INFINITY;
    }
    let power = |values: &mut dyn Iterator<Item = f64>| values.map(|v| v * v).sum::<f64>();
    let signal = power(&mut expected.iter().map(|&sample| f64::from(sample)));
    let pairs = expected.iter().zip(samples);
    let noise = power(&mut pairs.map(|(&a, &b)| f64::from(a) - f64::from(b)));
    // Equal samples have an infinite ratio, which JSON cannot hold. NaN stays NaN.
    let noise = if noise == 0.0 {
        f64::MIN_POSITIVE
    } else {
        noise
    };
    (10.0 * (signal / noise).log10()) as f32
}

/// Speaks the sentence.
pub(super) fn speak(model: Arc<dyn Model>) -> crate::Result<Vec<f32>> {
    let sentence = test_sentence(model.info(), TEST_IDS);
    trial::speak(model, sentence)
}

/// Speaks the sentence; without samples if the model is at fault.
pub(super) fn speak_if_it_can(model: Arc<dyn Model>) -> Result<Vec<f32>, Cause> {
    match speak(model).map_err(Cause::from) {
        Err(error) if is_fault_of_model(&error) => Ok(Vec::new()),
        spoken => spoken,
    }
}

/// A sentence of this many arbitrary ids.
pub(super) fn test_sentence(info: &ModelInfo, ids: usize) -> Inference {
    let rows = info.embedding_rows.unwrap_or(4) as i64;
    // Any varied ids do. 31 has no small factor in common with the sizes of
    // tables.
    let ids = (0..ids as i64).map(|n| (n * 31 + 1) % rows).collect();
    Inference {
        ids,
        scales: Scales::default(),
        speed: 1.0,
        speaker: info.takes_speaker.then_some(0),
        seed: 1,
        optimize_for: OptimizeFor::Latency,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_of_a_signal_to_a_difference_is_in_decibels() {
        let signal = [0.5, -0.5, 0.5, -0.5];
        let ratio = |samples: &[f32]| snr_db(&signal, samples);
        assert!((ratio(&[0.55, -0.55, 0.45, -0.45]) - 20.0).abs() < 0.01);
        assert!((ratio(&[0.0; 4])).abs() < 0.01);
        assert!(ratio(&signal) > 1000.0 && ratio(&signal).is_finite());
        assert_eq!(ratio(&signal[1..]), f32::NEG_INFINITY);
        let worse = ratio(&[f32::NAN; 4]) >= MIN_SNR_DB;
        assert!(!worse, "a sample that is no number is no match");
    }
}
