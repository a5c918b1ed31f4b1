//! The stochastic duration predictor, from the logarithms of durations back to the
//! encoded ids.

use piper_rs_native::{Layer, Spline, SplineLayers};

use super::Recognizer;
use super::separable::Stack;
use crate::onnx::recognize::patterns::MAX_PARTS;

/// Which of Piper's scales is noise W.
const NOISE_W: i64 = 2;

/// A duration predictor.
pub(super) struct Predictor<'a> {
    /// Its input.
    pub(super) encoded: &'a str,
    /// What the random operator makes.
    pub(super) noise: &'a str,
    pub(super) pre: Layer,
    /// What is added for a speaker: the layer, and the value that it reads.
    pub(super) speaker: Option<(Layer, &'a str)>,
    pub(super) stack: Stack<'a>,
    pub(super) post: Layer,
    /// In the order in which they run.
    pub(super) couplings: Vec<SplineLayers>,
    pub(super) spline: Spline,
    pub(super) shift: f32,
    pub(super) factor: f32,
}

/// A coupling.
struct Coupling<'a> {
    layers: SplineLayers,
    stack: Stack<'a>,
    spline: Spline,
    /// What is known about the ids.
    condition: &'a str,
    /// Both halves of the noise before it.
    before: &'a str,
}

impl<'a> Recognizer<'a> {
    /// The predictor that makes `logarithms`.
    pub(super) fn predictor(&self, logarithms: &'a str) -> Option<Predictor<'a>> {
        let (half, 0) = self.half(logarithms)? else {
            return None;
        };
        let (transformed, shift, factor) = self.affine(self.unmasked(half))?;
        let mut value = self.patterns.reversed(transformed)?;
        let mut found: Vec<Coupling<'a>> = Vec::new();
        while let Some(coupling) = self.coupling(self.unmasked(value)) {
            let fits = found.first().is_none_or(|first| {
                let known = (&first.stack.sizes, first.stack.epsilon, first.spline);
                let own = (
                    &coupling.stack.sizes,
                    coupling.stack.epsilon,
                    coupling.spline,
                );
                known == own && first.condition == coupling.condition
            });
            (fits && found.len() < MAX_PARTS).then_some(())?;
            value = self.patterns.reversed(coupling.before)?;
            found.push(coupling);
        }
        let (condition, spline) = (found.first()?.condition, found.first()?.spline);
        let (post, value_of_stack) = self.patterns.pointwise(condition)?;
        let stack = self.stack(value_of_stack, post.weights.inputs)?;
        let (pre, encoded, speaker) = self.first(stack.input)?;
        let first = found.first()?;
        let fits = first.stack.sizes == stack.sizes && first.stack.epsilon == stack.epsilon;
        let couplings = found.into_iter().rev().map(|coupling| {
            let separable = coupling.stack.layers;
            SplineLayers {
                separable,
                ..coupling.layers
            }
        });
        let couplings = couplings.collect();
        fits.then_some(Predictor {
            encoded,
            noise: self.by_scale(value, NOISE_W)?,
            pre,
            speaker,
            stack,
            post,
            couplings,
            spline,
            shift,
            factor,
        })
    }

    /// What reads the encoded ids, their value, and what is added for a speaker.
    #[allow(clippy::type_complexity)]
    fn first(&self, value: &'a str) -> Option<(Layer, &'a str, Option<(Layer, &'a str)>)> {
        if let Some((pre, encoded)) = self.patterns.pointwise(value) {
            return Some((pre, encoded, None));
        }
        let of_speaker = |operand: &'a str| {
            let (layer, described) = self.patterns.pointwise(operand)?;
            self.speaker_table(described)?;
            Some((layer, described))
        };
        let (speaker, ids) = self.either(value, "Add", of_speaker)?;
        let (pre, encoded) = self.patterns.pointwise(ids)?;
        Some((pre, encoded, Some(speaker)))
    }

    /// The value before an affine map of the first channel, what is subtracted, and the
    /// factor.
    fn affine(&self, value: &'a str) -> Option<(&'a str, f32, f32)> {
        let factors = |operand: &'a str| {
            let logarithms = || self.numbers(self.input(operand, "Exp")?);
            let exponentials =
                |logarithms: Vec<f32>| logarithms.iter().map(|log| log.exp()).collect();
            self.numbers(operand)
                .or_else(|| logarithms().map(exponentials))
        };
        let (factors, shifted) = self.either(value, "Mul", factors)?;
        let [before, shifts] = self.patterns.operands(shifted, "Sub")?;
        let shifts = self.numbers(shifts)?;
        let is_pair = (factors.len(), shifts.len()) == (2, 2);
        is_pair.then_some((before, shifts[0], factors[0]))
    }

    /// The coupling that makes `value`, two channels.
    fn coupling(&self, value: &str) -> Option<Coupling<'a>> {
        let [given, transformed] = self.concatenated(value)?;
        let (before, 0) = self.half(given)? else {
            return None;
        };
        let source = &self.patterns.producer(given)?.output[1];
        let last = self.last_convolution(transformed, source)?;
        let (post, value_of_stack) = self.patterns.pointwise(last)?;
        let spline = self.spline(transformed, source, (last, post.weights.outputs))?;
        let stack = self.stack(value_of_stack, post.weights.inputs)?;
        let of_given = |operand: &'a str| {
            let (layer, input) = self.patterns.pointwise(operand)?;
            (input == given && layer.weights.inputs == 1).then_some(layer)
        };
        let (pre, condition) = self.either(stack.input, "Add", of_given)?;
        let layers = SplineLayers {
            pre,
            separable: Vec::new(),
            post,
        };
        Some(Coupling {
            layers,
            stack,
            spline,
            condition: self.unmasked(condition),
            before,
        })
    }

    /// Both values of which `value` has the channels.
    fn concatenated(&self, value: &str) -> Option<[&'a str; 2]> {
        let node = self.patterns.producer(value)?;
        match &node.input[..] {
            [a, b] if node.is("Concat") && node.int("axis") == Some(1) => Some([a, b]),
            _ => None,
        }
    }

    /// The output of the last convolution on which `value` depends besides `given`.
    fn last_convolution(&self, value: &'a str, given: &'a str) -> Option<&'a str> {
        let index = self.patterns.index;
        let nodes = index.dependencies(&[value], &[given]);
        let convolutions = index.nodes(&nodes).filter(|node| node.is("Conv"));
        let last = convolutions.last()?;
        last.output.first().map(String::as_str)
    }
}
