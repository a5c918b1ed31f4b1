//! Recognizing the flow of a Piper voice, from the latent back to the prior.

use super::patterns::{Channels, MAX_PARTS, Patterns};
use crate::onnx::graph_index::GraphIndex;
use crate::onnx::proto::ModelProto;
use crate::onnx::split::Interface;
use piper_rs_native::{Convolution, Coupling, CouplingLayers, Couplings, GateLayers, Layer};

/// A flow.
#[derive(Clone, Debug)]
pub struct RecognizedFlow {
    /// Its sizes.
    pub architecture: Couplings,
    /// Its weights, as [`Couplings::pack`] takes them.
    pub layers: Vec<CouplingLayers>,
    /// For each gate, which of [`Interface::flow_side_inputs`] is added for the speaker;
    /// empty if none is.
    pub speaker_inputs: Vec<usize>,
}

/// Describes the flow of a voice that [`split_voice`](crate::onnx::split_voice) can
/// split; `None` if it is not made of mean-only affine couplings as Piper trains them.
pub fn recognize_flow(voice: &ModelProto, interface: &Interface) -> Option<RecognizedFlow> {
    let index = GraphIndex::new(voice.graph.as_ref()?);
    let sides = interface.flow_side_inputs.iter();
    let mut masks = sides.filter(|side| side.is_per_frame);
    let mask = masks.next().map(|side| side.name.as_str());
    if masks.next().is_some() {
        return None;
    }
    let recognizer = Recognizer {
        patterns: Patterns::new(&index),
        interface,
        mask,
    };
    recognizer.flow()
}

struct Recognizer<'a> {
    patterns: Patterns<'a>,
    interface: &'a Interface,
    /// What is 1 in every frame of the sentence.
    mask: Option<&'a str>,
}

/// A coupling, and the value that it changes.
struct Found<'a> {
    gates: Vec<Convolution>,
    layers: CouplingLayers,
    /// Indices of the speaker's inputs.
    speaker: Vec<usize>,
    half: usize,
    hidden: usize,
    before: &'a str,
}

/// A gate: its convolution, the value that it reads, and what is added for the speaker.
struct Gate<'a> {
    convolution: Convolution,
    layer: Layer,
    input: &'a str,
    speaker: Option<usize>,
}

impl<'a> Recognizer<'a> {
    fn flow(&self) -> Option<RecognizedFlow> {
        let mut value = self.unmasked(&self.interface.latent);
        // From the latent back: a coupling, or `None` for a reversal.
        let mut found = Vec::new();
        while value != self.interface.prior {
            (found.len() < 2 * MAX_PARTS).then_some(())?;
            if let Some(before) = self.patterns.reversed(value) {
                found.push(None);
                value = self.unmasked(before);
            } else {
                let coupling = self.coupling(value)?;
                value = self.unmasked(coupling.before);
                found.push(Some(coupling));
            }
        }
        let half = self.interface.channels / 2;
        let mut flow = RecognizedFlow {
            architecture: Couplings {
                half,
                ..Couplings::default()
            },
            layers: Vec::new(),
            speaker_inputs: Vec::new(),
        };
        let (mut hidden, mut is_reversed, mut gates) = (0, false, 0);
        for found in found.into_iter().rev() {
            let Some(found) = found else {
                is_reversed = !is_reversed;
                continue;
            };
            if hidden == 0 {
                hidden = found.hidden;
            }
            ((found.half, found.hidden) == (half, hidden)).then_some(())?;
            gates += found.gates.len();
            flow.speaker_inputs.extend(found.speaker);
            flow.layers.push(found.layers);
            flow.architecture.couplings.push(Coupling {
                is_reversed,
                gates: found.gates,
            });
        }
        flow.architecture.hidden = hidden;
        flow.architecture.ends_reversed = is_reversed;
        flow.architecture.has_speaker = !flow.speaker_inputs.is_empty();
        let is_complete = flow.speaker_inputs.is_empty() || flow.speaker_inputs.len() == gates;
        let fits = is_complete && gates > 0 && 2 * half == self.interface.channels;
        fits.then_some(flow)
    }

    /// The coupling that makes `value`.
    fn coupling(&self, value: &'a str) -> Option<Found<'a>> {
        let concat = self.patterns.producer(value)?;
        let is_concat = concat.is("Concat") && concat.int("axis") == Some(1);
        let [kept, changed] = &concat.input[..] else {
            return None;
        };
        let split = self.patterns.producer(kept)?;
        let is_split = split.is("Split") && split.int("axis") == Some(1);
        let [first, second] = &split.output[..] else {
            return None;
        };
        let before = split.input.first()?;
        (is_concat && is_split && first == kept).then_some(())?;
        let mut changed = self.unmasked(changed);
        if let Some([inner, one]) = self.patterns.operands(changed, "Mul") {
            self.patterns.is_one(one).then_some(())?;
            changed = self.unmasked(inner);
        }
        let [minuend, subtrahend] = self.patterns.operands(changed, "Sub")?;
        (minuend == second).then_some(())?;
        let (last, last_input) = self.patterns.pointwise(self.unmasked(subtrahend))?;
        let (first, gates, gate_layers) = self.gates(self.unmasked(last_input), kept)?;
        let (half, hidden) = (last.weights.outputs, last.weights.inputs);
        let first_sizes = [first.weights.outputs, first.weights.inputs];
        let gate_fits = |gate: &Gate<'_>| {
            [gate.convolution.inputs, gate.convolution.outputs] == [hidden, 2 * hidden]
        };
        let fits = first_sizes == [hidden, half] && gates.iter().all(gate_fits);
        let is_in_halves = self.patterns.split_sizes(split)? == [half as i64; 2];
        (fits && is_in_halves).then(|| Found {
            speaker: gates.iter().filter_map(|gate| gate.speaker).collect(),
            gates: gates.iter().map(|gate| gate.convolution).collect(),
            layers: CouplingLayers {
                first,
                gates: gate_layers,
                last,
            },
            half,
            hidden,
            before,
        })
    }

    /// The gates whose skips are added up to `sum`, with the convolution before them,
    /// which reads `given`.
    fn gates(&self, sum: &'a str, given: &str) -> Option<(Layer, Vec<Gate<'a>>, Vec<GateLayers>)> {
        let skips = self.terms(sum)?;
        let mut gates: Vec<Gate<'a>> = Vec::new();
        let mut layers = Vec::new();
        // The outputs of the layer behind the previous gate.
        let mut previous: Option<&str> = None;
        for skip in &skips {
            let (layer, gated) = self.patterns.pointwise(skip.of)?;
            let gate = self.gate(gated)?;
            let hidden = gate.convolution.inputs;
            let input = self.unmasked(gate.input);
            if let (Some(outputs), Some(before)) = (previous, gates.last()) {
                let [base, residual] = self.patterns.operands(input, "Add")?;
                let residual = self.patterns.channels(residual);
                let expected = Channels {
                    of: outputs,
                    from: 0,
                    to: Some(hidden),
                };
                (base == before.input && residual == expected).then_some(())?;
            }
            previous = Some(skip.of);
            layers.push(layer);
            gates.push(gate);
        }
        let first_gate = gates.first()?;
        let hidden = first_gate.convolution.inputs;
        let (first, input) = self.patterns.pointwise(self.unmasked(first_gate.input))?;
        (input == given).then_some(())?;
        let last = layers.len() - 1;
        let mut described = Vec::new();
        for (n, (layer, (skip, gate))) in layers.iter().zip(skips.iter().zip(&gates)).enumerate() {
            let (residual, skipped) = match n == last {
                true => (None, layer.clone()),
                false => (
                    Some(outputs(layer, 0, hidden)?),
                    outputs(layer, hidden, hidden)?,
                ),
            };
            let start = layer.weights.outputs - skipped.weights.outputs;
            let is_rest = skip.to.is_none_or(|to| to == layer.weights.outputs);
            let fits = skip.from == start && is_rest;
            let sizes = [skipped.weights.outputs, skipped.weights.inputs];
            (fits && sizes == [hidden; 2]).then_some(())?;
            described.push(GateLayers {
                gate: gate.layer.clone(),
                residual,
                skip: skipped,
            });
        }
        Some((first, gates, described))
    }

    /// The skips that are added up to `sum`: `((0 + a) + b) + c`.
    fn terms(&self, sum: &'a str) -> Option<Vec<Channels<'a>>> {
        let mut terms = Vec::new();
        let mut value = sum;
        while let Some([before, term]) = self.patterns.operands(value, "Add") {
            (terms.len() < MAX_PARTS).then_some(())?;
            terms.push(self.patterns.channels(term));
            value = before;
        }
        if !self.patterns.is_zero(value) {
            terms.push(self.patterns.channels(value));
        }
        terms.reverse();
        Some(terms)
    }

    /// The gate that makes `value`.
    fn gate(&self, value: &'a str) -> Option<Gate<'a>> {
        let [tangent, sigmoid] = self.patterns.operands(value, "Mul")?;
        let tangent = self
            .patterns
            .channels(self.patterns.input(tangent, "Tanh")?);
        let sigmoid = self
            .patterns
            .channels(self.patterns.input(sigmoid, "Sigmoid")?);
        (tangent.of == sigmoid.of).then_some(())?;
        let (mut sums, mut speaker) = (tangent.of, None);
        if let Some([convolved, added]) = self.patterns.operands(sums, "Add") {
            if !self.patterns.is_zero(added) {
                let mut inputs = self.interface.flow_side_inputs.iter();
                speaker = Some(inputs.position(|side| side.name == added && !side.is_per_frame)?);
            }
            sums = convolved;
        }
        let node = self.patterns.conv(sums)?;
        let (convolution, layer) = self.patterns.convolution(node)?;
        let half = convolution.outputs / 2;
        let is_end = sigmoid.to.is_none_or(|to| to == convolution.outputs);
        let halves = (tangent.from, tangent.to, sigmoid.from) == (0, Some(half), half);
        (halves && is_end).then(|| Gate {
            convolution,
            layer,
            input: node.input[0].as_str(),
            speaker,
        })
    }

    fn unmasked(&self, value: &'a str) -> &'a str {
        self.patterns.unmasked(value, self.mask)
    }
}

/// Some outputs of a layer.
fn outputs(layer: &Layer, from: usize, count: usize) -> Option<Layer> {
    Some(Layer {
        weights: layer.weights.of_outputs(from..from + count)?,
        bias: layer.bias.get(from..from + count)?.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::onnx::proto::{AttributeProto, NodeProto};
    use crate::onnx::tests::{self, numbers};
    use crate::onnx::{VoiceParts, split_voice};
    use crate::runtime::Tensor;
    use piper_rs_native::{Flow, Kernels, Precision};

    fn voice(name: &str) -> ModelProto {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/voices");
        let file = std::fs::read(folder.join(name)).unwrap();
        ModelProto::read(file.into()).unwrap()
    }

    /// The latent by ONNX Runtime. Masks are 1, and so are all other values of `sides`.
    fn run(parts: &VoiceParts, prior: &[f32], frames: usize, sides: &[Vec<f32>]) -> Vec<f32> {
        let shape = |values: &[f32]| [1, values.len() / frames, frames];
        let prior_shape = shape(prior);
        let mut inputs = vec![(
            parts.interface.prior.as_str(),
            Tensor::Floats(prior, &prior_shape),
        )];
        let described = parts.interface.flow_side_inputs.iter().zip(sides);
        let shapes: Vec<_> = described
            .clone()
            .map(|(side, values)| match side.is_per_frame {
                true => [1, 1, values.len()],
                false => [1, values.len(), 1],
            })
            .collect();
        for ((side, values), shape) in described.zip(&shapes) {
            inputs.push((&side.name, Tensor::Floats(values, shape)));
        }
        let flow = tests::session(&parts.flow).unwrap();
        tests::run(&flow, &inputs).unwrap()
    }

    #[test]
    fn a_recognized_flow_makes_the_latent_of_its_graph() {
        let Some(kernels) = Kernels::of_this_machine(Precision::Fp32) else {
            return; // this processor has no kernels
        };
        for name in ["tiny.onnx", "tiny_multi.onnx"] {
            let model = voice(name);
            let parts = split_voice(&model).unwrap();
            let flow = recognize_flow(&model, &parts.interface).unwrap();
            let (frames, hidden) = (23, flow.architecture.hidden);
            let prior = numbers(parts.interface.channels * frames, 77, 2.0);
            let side = |side: &crate::onnx::SideInput| match side.is_per_frame {
                true => vec![1.0; frames],
                false => numbers(2 * hidden, 78, 2.0),
            };
            let sides = parts.interface.flow_side_inputs.iter().map(side);
            let sides: Vec<_> = sides.collect();
            let expected = run(&parts, &prior, frames, &sides);
            let mut weights = Vec::new();
            let packed = flow.architecture.pack(&flow.layers, kernels, &mut weights);
            packed.unwrap();
            assert_eq!(flow.architecture.has_speaker, name == "tiny_multi.onnx");
            let speaker = flow.speaker_inputs.iter().map(|&n| sides[n].as_slice());
            let speaker: Vec<_> = speaker.collect();
            let native = Flow::new(flow.architecture, kernels, Box::new(weights)).unwrap();
            let of_frames = |needed: std::ops::Range<usize>| -> Vec<f32> {
                let channels = prior.chunks_exact(frames);
                let needed = channels.flat_map(|row| &row[needed.clone()]);
                needed.copied().collect()
            };
            let given = piper_rs_native::Prior {
                frames,
                values: &of_frames,
                speaker: &speaker,
            };
            let latent = native.begin().advance(given, frames, &|| false).unwrap();
            assert_eq!(latent.len(), expected.len());
            let differences = latent.iter().zip(&expected).map(|(a, b)| (a - b).abs());
            let worst = differences.fold(0.0, f32::max);
            assert!(worst < 1e-5, "{name}: {worst}");
            let changed = expected
                .iter()
                .zip(&prior)
                .any(|(a, b)| (a - b).abs() > 0.1);
            assert!(changed, "{name}");
        }
    }

    #[test]
    fn a_split_without_inputs_makes_a_flow_unknown() {
        let mut model = voice("tiny_multi.onnx");
        let interface = split_voice(&model).unwrap().interface;
        let nodes = model.graph.as_mut().unwrap().node.iter_mut();
        let mut splits = nodes.filter(|node| {
            let of_flow = node
                .output
                .first()
                .is_some_and(|name| name.starts_with("/flow/"));
            node.is("Split") && of_flow
        });
        let split = splits.next().unwrap();
        split.input.clear();
        let halves = [interface.channels as i64 / 2; 2];
        split.attribute.push(AttributeProto::ints("split", &halves));
        assert!(recognize_flow(&model, &interface).is_none());
    }

    #[test]
    fn any_other_node_makes_a_flow_unknown() {
        let model = voice("tiny_multi.onnx");
        let interface = split_voice(&model).unwrap().interface;
        assert!(recognize_flow(&model, &interface).is_some());
        let nodes = &model.graph.as_ref().unwrap().node;
        let of_flow = |node: &NodeProto| {
            let is_shared = ["Constant", "Slice"].contains(&&*node.op_type);
            node.output[0].starts_with("/flow/") && !is_shared && !node.output[0].contains("cond")
        };
        let mut changed = 0;
        for n in (0..nodes.len()).filter(|&n| of_flow(&nodes[n])) {
            let mut model = model.clone();
            model.graph.as_mut().unwrap().node[n].op_type = "Relu".to_owned();
            let output = &nodes[n].output[0];
            assert!(recognize_flow(&model, &interface).is_none(), "{output}");
            changed += 1;
        }
        assert!(changed > 20, "{changed}");
        for n in (0..nodes.len())
            .filter(|&n| nodes[n].is("Slice") && nodes[n].output[0].starts_with("/flow/"))
        {
            let mut model = model.clone();
            model.graph.as_mut().unwrap().node[n].input.truncate(3); // along any axis
            assert!(
                recognize_flow(&model, &interface).is_none(),
                "{}",
                nodes[n].output[0]
            );
        }
        let mut interface = interface;
        interface.flow_side_inputs.retain(|side| side.is_per_frame);
        assert!(recognize_flow(&model, &interface).is_none(), "no speaker");
    }
}
