//! The aligner, from the prior back to the encoded ids.

use piper_rs_native::{AlignerLayers, Alignment, Layer, SpeakerLayers, Speakers};

use super::Recognizer;
use super::predictor::Predictor;
use crate::onnx::graph_index::GraphIndex;
use crate::onnx::proto::{ModelProto, NodeProto};
use crate::onnx::split::{Interface, SideInput};

/// Which of Piper's scales is the noise scale.
const NOISE_SCALE: i64 = 0;

/// An aligner.
#[derive(Clone, Debug)]
pub struct RecognizedAligner {
    /// Its sizes.
    pub architecture: Alignment,
    /// Its weights.
    pub layers: AlignerLayers,
    /// The value that it takes: the encoded ids.
    pub encoded: String,
    /// For each of [`Interface::flow_side_inputs`] and then of
    /// [`Interface::decoder_side_inputs`], what it is.
    pub sides: Vec<SideValue>,
}

/// What another part of a voice takes besides its main input.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum SideValue {
    /// 1 for each frame.
    Ones,
    /// Some channels of a [layer](Speakers::sides) of the speaker.
    Speaker {
        /// The number of the layer.
        layer: usize,
        /// The first channel.
        from: usize,
        /// The channel behind the last.
        to: usize,
    },
}

/// Describes what is between the encoder and the flow of a voice that
/// [`split_voice`](crate::onnx::split_voice) can split; `None` if it is not a stochastic
/// duration predictor and a prior as Piper trains them.
pub fn recognize_aligner(voice: &ModelProto, interface: &Interface) -> Option<RecognizedAligner> {
    let index = GraphIndex::new(voice.graph.as_ref()?);
    Recognizer::new(&index)?.aligner(interface)
}

/// The prior of every frame.
struct Prior<'a> {
    /// Of the means, then of the logarithms of deviations.
    statistics: Layer,
    /// What that layer reads.
    encoded: &'a str,
    /// What the random operator makes.
    noise: &'a str,
}

impl<'a> Recognizer<'a> {
    fn aligner(&self, interface: &Interface) -> Option<RecognizedAligner> {
        let prior = self.prior(self.value(&interface.prior)?)?;
        let logarithms = self.input(self.unmasked(self.natural), "Exp")?;
        let predictor = self.predictor(logarithms)?;
        let streams = self.streams([predictor.noise, prior.noise])?;
        let weights = &prior.statistics.weights;
        let is_prior = weights.outputs == 2 * interface.channels
            && prior.encoded == predictor.encoded
            && weights.inputs == predictor.pre.weights.inputs;
        let (speakers, sides) = self.sides(interface, &predictor)?;
        let (sizes, speakers) = match speakers {
            Some((sizes, layers)) => (Some(sizes), Some(layers)),
            None => (None, None),
        };
        let architecture = Alignment {
            inputs: weights.inputs,
            channels: interface.channels,
            filter: predictor.pre.weights.outputs,
            separable: predictor.stack.sizes,
            epsilon: predictor.stack.epsilon,
            couplings: predictor.couplings.len(),
            spline: predictor.spline,
            shift: predictor.shift,
            factor: predictor.factor,
            streams,
            speakers: sizes,
        };
        let layers = AlignerLayers {
            statistics: prior.statistics,
            pre: predictor.pre,
            separable: predictor.stack.layers,
            post: predictor.post,
            couplings: predictor.couplings,
            speakers,
        };
        let fits = is_prior && layers.fit(&architecture);
        fits.then_some(RecognizedAligner {
            architecture,
            layers,
            encoded: prior.encoded.to_owned(),
            sides,
        })
    }

    /// The prior: a mean, and noise times a deviation, of the ids of each frame.
    fn prior(&self, value: &'a str) -> Option<Prior<'a>> {
        let noisy = |operand: &'a str| {
            let scaled = self.by_scale(operand, NOISE_SCALE)?;
            let deviation = |operand: &'a str| self.input(operand, "Exp");
            self.either(scaled, "Mul", deviation)
        };
        let ((logarithms, noise), means) = self.either(value, "Add", noisy)?;
        let (means, path) = self.spread(means)?;
        let (logarithms, same_path) = self.spread(logarithms)?;
        let [(statistics, 0), (same, 1)] = [self.half(means)?, self.half(logarithms)?] else {
            return None;
        };
        let (layer, encoded) = self.patterns.pointwise(self.unmasked(statistics))?;
        let depends = self.patterns.index.dependents(self.durations);
        let fits = path == same_path
            && statistics == same
            && self.patterns.index.is_produced_by(path, &depends);
        fits.then_some(Prior {
            statistics: layer,
            encoded,
            noise,
        })
    }

    /// The values of ids that `value` has for each frame, and the path that says which
    /// frames an id has.
    fn spread(&self, value: &str) -> Option<(&'a str, &'a str)> {
        let [path, ids] = self.patterns.operands(self.transposed(value)?, "MatMul")?;
        Some((self.transposed(ids)?, path))
    }

    /// The numbers of random operators among all of them.
    fn streams(&self, noises: [&str; 2]) -> Option<[usize; 2]> {
        let nodes = self.patterns.index.graph.node.iter();
        let random: Vec<_> = nodes.filter(|node| node.is_random()).collect();
        let stream = |noise: &str| {
            let makes =
                |node: &NodeProto| node.output.first().is_some_and(|output| output == noise);
            let at = random.iter().position(|node| makes(node))?;
            let node = random[at];
            let is_standard = node.float("mean").unwrap_or(0.0) == 0.0
                && node.float("scale").unwrap_or(1.0) == 1.0;
            (node.is("RandomNormalLike") && is_standard).then_some(at)
        };
        Some([stream(noises[0])?, stream(noises[1])?])
    }

    /// The layers of the speakers, and what other parts take of them.
    #[allow(clippy::type_complexity)]
    fn sides(
        &self,
        interface: &Interface,
        predictor: &Predictor<'a>,
    ) -> Option<(Option<(Speakers, SpeakerLayers)>, Vec<SideValue>)> {
        let inputs = interface.flow_side_inputs.iter();
        let inputs = inputs.chain(&interface.decoder_side_inputs);
        let (mut values, mut layers) = (Vec::new(), Vec::new());
        let mut sides = Vec::new();
        let described = predictor.speaker.as_ref().map(|(_, value)| *value);
        for input in inputs {
            sides.push(match input.is_per_frame {
                true => {
                    let is_mask = self.is_frame_mask(&input.name);
                    is_mask.then_some(SideValue::Ones)?
                }
                false => self.side(input, described?, &mut values, &mut layers)?,
            });
        }
        let Some((layer, described)) = &predictor.speaker else {
            return Some((None, sides));
        };
        let (count, channels, table) = self.speaker_table(described)?;
        let sizes = Speakers {
            count,
            channels,
            sides: layers.iter().map(|layer| layer.weights.outputs).collect(),
        };
        let layers = SpeakerLayers {
            table,
            predictor: layer.clone(),
            sides: layers,
        };
        Some((Some((sizes, layers)), sides))
    }

    fn side(
        &self,
        input: &SideInput,
        described: &str,
        values: &mut Vec<String>,
        layers: &mut Vec<Layer>,
    ) -> Option<SideValue> {
        let value = self.value(&input.name)?;
        let channels = self.patterns.channels(value);
        let layer = match values.iter().position(|value| value == channels.of) {
            Some(layer) => layer,
            None => {
                let (layer, of) = self.patterns.pointwise(channels.of)?;
                (of == described).then_some(())?;
                values.push(channels.of.to_owned());
                layers.push(layer);
                layers.len() - 1
            }
        };
        let all = layers[layer].weights.outputs;
        let to = channels.to.unwrap_or(all).min(all);
        (channels.from < to).then_some(SideValue::Speaker {
            layer,
            from: channels.from,
            to,
        })
    }
}
