//! Recognizing Piper's decoder, HiFi-GAN, from the samples back to the latent.

use super::patterns::{MAX_PARTS, MAX_STEPS, Patterns};
use crate::onnx::graph_index::GraphIndex;
use crate::onnx::kernel::Kernel;
use crate::onnx::proto::{ModelProto, NodeProto};
use crate::onnx::split::Interface;
use crate::onnx::weights::Weights;
use piper_rs_native::{Convolution, HifiGan, Layer, Stage};

/// A decoder.
#[derive(Clone, Debug)]
pub struct RecognizedDecoder {
    /// Its sizes.
    pub architecture: HifiGan,
    /// Its weights, as [`HifiGan::pack`] takes them.
    pub layers: Vec<Layer>,
}

/// Describes the decoder of a voice that [`split_voice`](crate::onnx::split_voice)
/// can split; `None` if it is not a HiFi-GAN as Piper trains them.
pub fn recognize_decoder(voice: &ModelProto, interface: &Interface) -> Option<RecognizedDecoder> {
    let index = GraphIndex::new(voice.graph.as_ref()?);
    let speaker = match &interface.decoder_side_inputs[..] {
        [] => None,
        [side] if !side.is_per_frame => Some(side.name.as_str()),
        _ => return None,
    };
    let mut recognizer = Recognizer {
        patterns: Patterns::new(&index),
        latent: &interface.latent,
        speaker,
        stages: Vec::new(),
        layers: Vec::new(),
    };
    let mut audio = index.producer(&interface.audio)?;
    for _ in 0..MAX_PARTS {
        if ["Unsqueeze", "Squeeze", "Identity"]
            .iter()
            .any(|op| audio.is(op))
        {
            audio = index.producer(audio.input.first()?)?;
        }
    }
    let patterns = &recognizer.patterns;
    let last = patterns.conv(audio.is("Tanh").then(|| audio.input.first())??)?;
    let (last_slope, value) = patterns.activated(last.input.first()?)?;
    let first = recognizer.stages_before(value)?;
    let (last, layer) = recognizer.patterns.convolution(last)?;
    recognizer.layers.push(layer);
    let Recognizer { stages, layers, .. } = recognizer;
    let channels = stages.last()?.channels;
    let architecture = HifiGan {
        first,
        has_speaker: speaker.is_some(),
        stages,
        last_slope,
        last,
    };
    let ends_fit = (last.inputs, last.outputs, last.dilation) == (channels, 1, 1);
    // To one side, it may look further than the last stage has room for.
    let is_centred = last.before == last.after();
    let fits = ends_fit && is_centred && architecture.hop() == interface.hop;
    fits.then_some(RecognizedDecoder {
        architecture,
        layers,
    })
}

struct Recognizer<'a> {
    patterns: Patterns<'a>,
    latent: &'a str,
    speaker: Option<&'a str>,
    stages: Vec<Stage>,
    layers: Vec<Layer>,
}

/// A residual block: the value that it adds to, and the convolutions of its units.
struct Block<'a> {
    base: &'a str,
    slope: f32,
    units: Vec<Vec<&'a NodeProto>>,
}

impl<'a> Recognizer<'a> {
    /// Recognizes the stages that make `value`, and what is before them. Returns the
    /// first convolution.
    fn stages_before(&mut self, value: &'a str) -> Option<Convolution> {
        // From the last stage back.
        let mut found = Vec::new();
        let mut value = value;
        while let Some((sum, scale)) = self.patterns.scaled(value) {
            let blocks = self.blocks(sum)?;
            let upsampling = self.patterns.producer(blocks.first()?.base)?;
            let is_common = blocks.iter().all(|block| block.base == blocks[0].base);
            if !upsampling.is("ConvTranspose") || !is_common || found.len() == MAX_PARTS {
                return None;
            }
            let (slope, before) = self.patterns.activated(upsampling.input.first()?)?;
            found.push((slope, upsampling, blocks, scale));
            value = before;
        }
        let first = self.first(value)?;
        let mut channels = first.outputs;
        for (slope, upsampling, blocks, scale) in found.into_iter().rev() {
            let stage = self.stage(slope, upsampling, &blocks, scale)?;
            let made = std::mem::replace(&mut channels, stage.channels);
            (stage.inputs == made).then(|| self.stages.push(stage))?;
        }
        Some(first)
    }

    /// The first convolution, which makes `value`, with what is added for the speaker.
    fn first(&mut self, value: &'a str) -> Option<Convolution> {
        let mut value = value;
        if let Some(speaker) = self.speaker {
            let [a, b] = self.patterns.operands(value, "Add")?;
            value = match (a == speaker, b == speaker) {
                (false, true) => a,
                (true, false) => b,
                _ => return None,
            };
        }
        let node = self.patterns.conv(value)?;
        let is_first = node.input.first()? == self.latent;
        let (first, layer) = self.patterns.convolution(node).filter(|_| is_first)?;
        self.layers.push(layer);
        Some(first)
    }

    fn stage(
        &mut self,
        slope: f32,
        upsampling: &NodeProto,
        blocks: &[Block<'a>],
        scale: f32,
    ) -> Option<Stage> {
        let kernel = Kernel::read(upsampling).filter(|kernel| kernel.multiplies_length(upsampling));
        let is_plain = upsampling.int("group").unwrap_or(1) == 1;
        let kernel = kernel.filter(|kernel| is_plain && kernel.stride <= MAX_STEPS)?;
        let stride = usize::try_from(kernel.stride).ok()?;
        let tensor = self.patterns.counted(upsampling.input.get(1)?)?;
        let weights = Weights::read_transposed(tensor, stride)?;
        let (inputs, channels) = (weights.inputs, weights.outputs / stride);
        let bias = self.patterns.bias(upsampling, channels)?;
        self.layers.push(Layer {
            weights: weights.native(),
            bias,
        });
        let block_slope = blocks.first()?.slope;
        let mut described = Vec::new();
        for block in blocks {
            let mut units = Vec::new();
            for unit in &block.units {
                let mut convolutions = Vec::new();
                for node in unit {
                    let (convolution, layer) = self.patterns.convolution(node)?;
                    let sizes = [convolution.inputs, convolution.outputs];
                    (sizes == [channels; 2]).then_some(())?;
                    self.layers.push(layer);
                    convolutions.push(convolution);
                }
                units.push(convolutions);
            }
            (block.slope == block_slope).then(|| described.push(units))?;
        }
        Some(Stage {
            slope,
            inputs,
            channels,
            stride,
            dropped: usize::try_from(kernel.pads[0]).ok()?,
            block_slope,
            blocks: described,
            scale,
        })
    }

    /// The blocks that are added up to `sum`: `(a + b) + c`.
    fn blocks(&self, sum: &'a str) -> Option<Vec<Block<'a>>> {
        let mut blocks = Vec::new();
        let mut value = sum;
        while blocks.len() < MAX_PARTS {
            if let Some(block) = self.block(value) {
                blocks.push(block);
                blocks.reverse();
                return Some(blocks);
            }
            let [sum, last] = self.patterns.operands(value, "Add")?;
            blocks.push(self.block(last)?);
            value = sum;
        }
        None
    }

    /// The residual block that makes `value`.
    fn block(&self, value: &'a str) -> Option<Block<'a>> {
        let (mut base, mut slope, mut units) = (value, None, Vec::new());
        while let Some((unit, unit_slope, before)) = self.unit(base) {
            if units.len() == MAX_PARTS || slope.is_some_and(|slope| slope != unit_slope) {
                return None;
            }
            (base, slope) = (before, Some(unit_slope));
            units.push(unit);
        }
        units.reverse();
        Some(Block {
            base,
            slope: slope?,
            units,
        })
    }

    /// The unit that makes `value`: its convolutions, their slope, and the value that
    /// they are added to.
    fn unit(&self, value: &'a str) -> Option<(Vec<&'a NodeProto>, f32, &'a str)> {
        let [a, b] = self.patterns.operands(value, "Add")?;
        let (last, base) = match (self.patterns.conv(a), self.patterns.conv(b)) {
            (Some(last), None) => (last, b),
            (None, Some(last)) => (last, a),
            _ => return None,
        };
        let (slope, input) = self.patterns.activated(last.input.first()?)?;
        if input == base {
            return Some((vec![last], slope, base));
        }
        let first = self.patterns.conv(input)?;
        let activated = self.patterns.activated(first.input.first()?)?;
        (activated == (slope, base)).then(|| (vec![first, last], slope, base))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::proto::AttributeProto;
    use crate::onnx::split::SideInput;
    use crate::onnx::tests::{DecoderBuilder, numbers, run, session};
    use crate::runtime::Tensor;
    use piper_rs_native::{Decoder, Kernels, Latent, Precision};

    const LATENT: usize = 6;

    fn activate(decoder: &mut DecoderBuilder, input: &str, slope: f32) -> String {
        let slope = AttributeProto::float("alpha", slope);
        decoder.graph.op_with("LeakyRelu", &[input], vec![slope])
    }

    /// A residual block with two units of so many convolutions.
    fn block(
        decoder: &mut DecoderBuilder,
        input: &str,
        [channels, taps]: [usize; 2],
        type_: usize,
    ) -> String {
        let mut value = input.to_owned();
        for dilation in [1, 3] {
            let mut added = value.clone();
            for n in 0..type_ {
                let activated = activate(decoder, &added, 0.1);
                let dilation = if n == 0 { dilation } else { 1 };
                added = decoder.conv(&activated, [channels, channels, taps], dilation);
            }
            value = decoder.graph.op("Add", &[&added, &value]);
        }
        value
    }

    /// A decoder as Piper exports it, with blocks of this type.
    fn voice(block_type: usize) -> (ModelProto, Interface) {
        let mut decoder = DecoderBuilder::new(|sizes| {
            let inputs: usize = sizes[1..].iter().product();
            1.5 / (inputs as f32).sqrt()
        });
        let mut value = decoder.conv("z", [32, LATENT, 7], 1);
        value = decoder.graph.op("Add", &[&value, "g"]);
        for (from, to, stride) in [(32, 16, 8), (16, 8, 2)] {
            let activated = activate(&mut decoder, &value, 0.1);
            let base = decoder.upsample(&activated, [from, to], stride);
            let mut sum: Option<String> = None;
            for taps in [3, 5, 7] {
                let block = block(&mut decoder, &base, [to, taps], block_type);
                sum = Some(match sum {
                    None => block,
                    Some(sum) => decoder.graph.op("Add", &[&sum, &block]),
                });
            }
            let three = decoder.graph.float(3.0);
            value = decoder.graph.op("Div", &[&sum.unwrap(), &three]);
        }
        let activated = activate(&mut decoder, &value, 0.01);
        let samples = decoder.conv(&activated, [1, 8, 7], 1);
        let model = decoder.finish(&samples, &["z", "g"]);
        let interface = Interface {
            prior: "p".to_owned(),
            latent: "z".to_owned(),
            decoder_hidden: "h".to_owned(),
            audio: "audio".to_owned(),
            flow_side_inputs: Vec::new(),
            decoder_side_inputs: vec![SideInput {
                name: "g".to_owned(),
                is_per_frame: false,
            }],
            channels: LATENT,
            positions_per_frame: 8,
            hop: 16,
            coarse_overlap_frames: 9,
            fine_overlap_frames: 2,
            flow_overlap_frames: None,
        };
        (model, interface)
    }

    #[test]
    fn a_recognized_decoder_makes_the_samples_of_its_graph() {
        let Some(kernels) = Kernels::of_this_machine(Precision::Fp32) else {
            return; // this processor has no kernels
        };
        for block_type in [1, 2] {
            let (model, interface) = voice(block_type);
            let decoder = recognize_decoder(&model, &interface).unwrap();
            let units = &decoder.architecture.stages[0].blocks[0];
            assert_eq!([units.len(), units[0].len()], [2, block_type]);
            let (latent, speaker) = (numbers(LATENT * 40, 77, 2.0), numbers(32, 78, 2.0));
            let inputs = [
                ("z", Tensor::Floats(&latent, &[1, LATENT, 40])),
                ("g", Tensor::Floats(&speaker, &[1, 32, 1])),
            ];
            let expected = run(&session(&model).unwrap(), &inputs).unwrap();
            let RecognizedDecoder {
                architecture,
                layers,
            } = decoder;
            let mut weights = Vec::new();
            architecture.pack(&layers, kernels, &mut weights).unwrap();
            let native = Decoder::new(architecture, kernels, Box::new(weights)).unwrap();
            let latent = Latent {
                values: &latent,
                first_frame: 0,
                sentence_frames: 40,
                speaker: Some(&speaker),
            };
            let mut samples = Vec::new();
            native
                .decode(latent, &(0..40), &|| false, &mut samples)
                .unwrap();
            assert_eq!(samples.len(), expected.len());
            let differences = samples.iter().zip(&expected).map(|(a, b)| (a - b).abs());
            let worst = differences.fold(0.0, f32::max);
            assert!(worst < 1e-5, "{worst} with blocks of type {block_type}");
            assert!(expected.iter().any(|sample| sample.abs() > 0.05));
        }
    }

    #[test]
    fn any_change_to_the_graph_makes_it_unknown() {
        type Change = fn(&mut ModelProto, &mut Interface);
        fn last<'a>(model: &'a mut ModelProto, op_type: &str) -> &'a mut NodeProto {
            let nodes = model.graph.as_mut().unwrap().node.iter_mut();
            nodes.rev().find(|node| node.op_type == op_type).unwrap()
        }
        let changes: [(&str, Change); 10] = [
            ("another end", |model, _| {
                last(model, "Tanh").op_type = "Sigmoid".into()
            }),
            ("another activation", |model, _| {
                last(model, "LeakyRelu").op_type = "Elu".into()
            }),
            ("a slope above 1", |model, _| {
                last(model, "LeakyRelu").attribute = vec![AttributeProto::float("alpha", 1.5)];
            }),
            ("another sum", |model, _| {
                last(model, "Add").op_type = "Sub".into()
            }),
            ("another mean", |model, _| {
                last(model, "Div").op_type = "Pow".into()
            }),
            ("groups", |model, _| {
                last(model, "Conv")
                    .attribute
                    .push(AttributeProto::int("group", 2));
            }),
            ("a last convolution that looks back", |model, _| {
                let last = last(model, "Conv");
                last.attribute.retain(|attribute| attribute.name != "pads");
                last.attribute.push(AttributeProto::ints("pads", &[6, 0]));
            }),
            ("another latent", |_, interface| {
                interface.latent = "y".into()
            }),
            ("no speaker", |_, interface| {
                interface.decoder_side_inputs.clear()
            }),
            ("more samples", |_, interface| interface.hop = 32),
        ];
        for (what, change) in changes {
            let (mut model, mut interface) = voice(2);
            assert!(recognize_decoder(&model, &interface).is_some());
            change(&mut model, &mut interface);
            assert!(recognize_decoder(&model, &interface).is_none(), "{what}");
        }
    }

    #[test]
    fn a_graph_with_a_cycle_is_unknown() {
        let (mut model, interface) = voice(2);
        let nodes = &mut model.graph.as_mut().unwrap().node;
        let mean = nodes.iter().rfind(|node| node.op_type == "Div").unwrap();
        let mean = mean.output[0].clone();
        let first = nodes.iter_mut().find(|node| node.op_type == "LeakyRelu");
        first.unwrap().input[0] = mean;
        assert!(recognize_decoder(&model, &interface).is_none());
    }
}
