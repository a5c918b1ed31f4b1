//! Recognizing the text part of a Piper voice: the encoder, and the aligner behind it.

mod aligner;
mod attention;
mod encoder;
mod nodes;
mod norm;
mod predictor;
mod separable;
mod spline;
#[cfg(test)]
mod tests;

use super::patterns::Patterns;
use crate::onnx::durations::find_durations;
use crate::onnx::graph_index::GraphIndex;

pub use aligner::{RecognizedAligner, SideValue, recognize_aligner};
pub use encoder::{RecognizedEncoder, recognize_encoder};

/// Which of Piper's scales is the length scale.
const LENGTH_SCALE: i64 = 1;

/// Recognizes what is made of ids.
struct Recognizer<'a> {
    patterns: Patterns<'a>,
    /// The durations of the ids, as the voice rounds them.
    durations: &'a str,
    /// The durations before they are scaled and rounded.
    natural: &'a str,
    /// What is 1 for every id.
    mask: Option<&'a str>,
}

impl<'a> Recognizer<'a> {
    /// `None` if the graph does not round durations as stock voices do.
    fn new(index: &'a GraphIndex<'a>) -> Option<Self> {
        let durations = find_durations(index)?.value;
        let mut recognizer = Self {
            patterns: Patterns::new(index),
            durations,
            natural: durations,
            mask: None,
        };
        let scaled = recognizer.input(durations, "Ceil")?;
        recognizer.natural = recognizer.by_scale(scaled, LENGTH_SCALE)?;
        // They are masked as all values of ids are.
        let operands = recognizer.patterns.operands(recognizer.natural, "Mul")?;
        let mut masks = operands.into_iter();
        recognizer.mask = masks.find(|value| recognizer.is_mask(value));
        Some(recognizer)
    }
}
