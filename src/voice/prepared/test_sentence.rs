//! A sentence that every voice can speak, to compare its models.

use std::sync::Arc;

use crate::Result;
use crate::voice::model::{Inference, Model, ModelInfo};
use crate::voice::trial;
use crate::voice::{OptimizeFor, Scales};

/// How much a sample of a prepared model may differ from the stock model's: a
/// third of the step of 16-bit audio.
pub(super) const MAX_DIFFERENCE: f32 = 1e-5;
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

/// Speaks the sentence.
pub(super) fn speak(model: Arc<dyn Model>) -> Result<Vec<f32>> {
    let sentence = test_sentence(model.info(), TEST_IDS);
    trial::speak(model, sentence)
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
