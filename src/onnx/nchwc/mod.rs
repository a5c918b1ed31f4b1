//! A decoder in ONNX Runtime's own blocked layout.
//!
//! In the layout that its source calls NCHWc, 8 or 16 channels of one sample
//! lie side by side, as wide as the processor's registers, and convolutions
//! run without rearranging anything. ONNX Runtime uses it by itself for
//! two-dimensional convolutions only, and goes back to the plain layout for
//! every activation and transposed convolution. Here the whole decoder stays
//! in it: activations and residual sums are done by the convolutions, a
//! transposed convolution is a convolution and a reordering, and factors go
//! into the weights.

mod fuse;
mod layout;
mod probe;
mod weights;

pub use probe::{nchwc_block_size, nchwc_probe};

use std::collections::HashSet;

use super::graph_index::{GraphIndex, values_used_by};
use super::nchwc::fuse::fuse;
use super::nchwc::layout::Layouts;
use super::nchwc::weights::{Weights, blocked_bias, floats, only_float};
use super::proto::{GraphProto, ModelProto, NodeProto, OperatorSetIdProto};
use super::receptive_field::Kernel;

/// The domain of ONNX Runtime's blocked operators.
pub(super) const NCHWC: &str = "com.microsoft.nchwc";

/// Why a decoder is run in the plain layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NchwcError {
    /// The file holds no graph.
    #[error("the model has no graph")]
    NoGraph,
    /// The processor has no blocks, or of a size that is unheard of.
    #[error("blocks of {block} channels do not exist")]
    BlockSize {
        /// The size asked for.
        block: usize,
    },
    /// A convolution of another kind, one whose channels are no multiple of
    /// the block, or one more than any decoder has.
    #[error("`{value}` is made by a convolution that does not fit blocks of {block} channels")]
    Convolution {
        /// What it makes.
        value: String,
        /// Channels in a block.
        block: usize,
    },
    /// There is nothing to gain.
    #[error("it has no convolutions")]
    NoConvolutions,
}

/// Rewrites a decoder, as [`split_voice`](super::split_voice) gives it, for blocks of
/// `block` channels.
///
/// That must be what ONNX Runtime uses on the machine, as
/// [`nchwc_block_size`](super::nchwc_block_size) tells: with another number the
/// model loads, and gives nonsense or reads beyond its weights.
///
/// Inputs and outputs are the same; the batch must be 1. The samples differ
/// from those of the plain form by rounding alone, less than 1e-5.
///
/// # Errors
/// [`NchwcError`] says what does not fit.
pub fn convert_to_nchwc(decoder: &ModelProto, block: usize) -> Result<ModelProto, NchwcError> {
    let graph = decoder.graph.as_ref().ok_or(NchwcError::NoGraph)?;
    if !matches!(block, 4 | 8 | 16) {
        return Err(NchwcError::BlockSize { block });
    }
    let index = GraphIndex::new(graph);
    let mut blocker = Blocker::new(&index, block);
    for node in &graph.node {
        blocker.translate(node)?;
    }
    for output in &graph.output {
        blocker.values.make_plain(&output.name);
    }
    if blocker.values.constants.is_empty() {
        return Err(NchwcError::NoConvolutions);
    }
    Ok(blocker.model(decoder, graph))
}

struct Blocker<'a, 'w> {
    index: &'w GraphIndex<'a>,
    block: usize,
    values: Layouts,
}

impl<'a, 'w> Blocker<'a, 'w> {
    fn new(index: &'w GraphIndex<'a>, block: usize) -> Self {
        Self {
            index,
            block,
            values: Layouts::new(block),
        }
    }

    fn translate(&mut self, node: &'a NodeProto) -> Result<(), NchwcError> {
        let is_constant = node
            .output
            .iter()
            .all(|output| self.index.is_constant(output));
        let done = match node.op_type.as_str() {
            _ if is_constant || !node.is(&node.op_type) => false,
            "Conv" => {
                self.convolve(node).ok_or_else(|| self.unfit(node))?;
                true
            }
            "ConvTranspose" => {
                self.upsample(node).ok_or_else(|| self.unfit(node))?;
                true
            }
            "LeakyRelu" => self.activate(node).is_some(),
            "Add" => self.add(node).is_some(),
            "Mul" | "Div" => self.scale(node).is_some(),
            _ => false,
        };
        if !done {
            for value in values_used_by(node) {
                self.values.make_plain(value);
            }
            self.values.builder.nodes.push(node.clone());
        }
        Ok(())
    }

    fn unfit(&self, node: &NodeProto) -> NchwcError {
        NchwcError::Convolution {
            value: node.output.concat(),
            block: self.block,
        }
    }

    fn convolve(&mut self, node: &'a NodeProto) -> Option<()> {
        let kernel = Kernel::read(node).filter(|kernel| kernel.stride == 1)?;
        let mut weights = Weights::read(self.index.tensor(node.input.get(1)?)?)?;
        let fits = node.int("group").unwrap_or(1) == 1
            && weights.taps as i64 == kernel.size
            && weights.inputs % self.block == 0;
        let bias = self.bias(node, weights.outputs)?;
        let input = self
            .values
            .make_blocked(node.input.first().filter(|_| fits)?, weights.inputs)?;
        weights.scale(input.factor);
        let bias = bias.map(|bias| blocked_bias(&bias, 1, self.block));
        let output = self
            .values
            .blocked_conv(&input.name, &weights, bias, kernel)?;
        self.values.hold(node, output, weights.outputs, 1.0)?;
        if weights.outputs % self.block != 0 {
            // Only a reordering knows that some channels do not exist.
            self.values.make_plain(node.output.first()?);
            self.values.held.remove(node.output.first()?);
        }
        Some(())
    }

    /// `Some(None)` when there is none, `None` when it cannot be used.
    fn bias(&self, node: &NodeProto, channels: usize) -> Option<Option<Vec<f32>>> {
        let Some(name) = node.input.get(2).filter(|name| !name.is_empty()) else {
            return Some(None);
        };
        let bias = floats(self.index.tensor(name)?)?;
        (bias.len() == channels).then_some(Some(bias))
    }

    /// A convolution with two taps gives, for each pair of neighbours, all
    /// samples between them as channels; these are then put in a row.
    fn upsample(&mut self, node: &'a NodeProto) -> Option<()> {
        let kernel = Kernel::read(node)?;
        let [cut_before, cut_after] = kernel.pads;
        let stride = usize::try_from(kernel.stride).ok()?;
        let mut weights = Weights::read_transposed(self.index.tensor(node.input.get(1)?)?, stride)?;
        let channels = weights.outputs / stride;
        let fits = node.int("group").unwrap_or(1) == 1
            && kernel.dilation == 1
            && node.attribute("output_shape").is_none()
            && node.ints("output_padding").iter().all(|&extra| extra == 0)
            && kernel.size == 2 * kernel.stride
            && cut_before.checked_add(cut_after)? == kernel.stride
            && channels % self.block == 0
            && weights.inputs % self.block == 0;
        let bias = self.bias(node, channels)?;
        let input = self
            .values
            .make_blocked(node.input.first().filter(|_| fits)?, weights.inputs)?;
        weights.scale(input.factor);
        let bias = bias.map(|bias| blocked_bias(&bias, stride, self.block));
        let pairs = Kernel {
            size: 2,
            stride: 1,
            dilation: 1,
            pads: [1, 1],
        };
        let phases = self
            .values
            .blocked_conv(&input.name, &weights, bias, pairs)?;
        let output = self
            .values
            .put_in_a_row(&phases, kernel.stride, channels, kernel.pads);
        self.values.hold(node, output, channels, 1.0)
    }

    /// A factor above 0 passes through.
    fn activate(&mut self, node: &NodeProto) -> Option<()> {
        let input = self.values.held.get(node.input.first()?)?.clone();
        let attributes = node.attribute.clone();
        let output = self
            .values
            .builder
            .op_with("LeakyRelu", &[&input.name], attributes);
        self.values.hold(node, output, input.channels, input.factor)
    }

    fn add(&mut self, node: &NodeProto) -> Option<()> {
        let [a, b] = node.input.as_slice() else {
            return None;
        };
        let channels = self.values.held.get(a)?.channels;
        if self.values.held.get(b)?.channels != channels {
            return None;
        }
        let [a, b] = [self.values.multiplied(a)?, self.values.multiplied(b)?];
        let output = self.values.builder.op("Add", &[&a, &b]);
        self.values.hold(node, output, channels, 1.0)
    }

    /// Remembers the factor; a convolution will take it.
    fn scale(&mut self, node: &NodeProto) -> Option<()> {
        let [input, by] = node.input.as_slice() else {
            return None;
        };
        let held = self.values.held.get(input)?.clone();
        let by = only_float(self.index.tensor(by)?)?;
        let factor = if node.is("Div") {
            held.factor / by
        } else {
            held.factor * by
        };
        if !factor.is_normal() || factor < 0.0 {
            return None;
        }
        self.values.hold(node, held.name, held.channels, factor)
    }

    fn model(self, decoder: &ModelProto, graph: &GraphProto) -> ModelProto {
        let outputs: Vec<&str> = graph
            .output
            .iter()
            .map(|output| output.name.as_str())
            .collect();
        let mut nodes = fuse(self.values.builder.nodes, &outputs);
        let used: HashSet<String> = nodes
            .iter()
            .flat_map(values_used_by)
            .chain(outputs)
            .map(str::to_owned)
            .collect();
        // The divisors have gone into the weights.
        nodes.retain(|node| !node.is("Constant") || node.output.iter().any(|o| used.contains(o)));
        let own = graph
            .initializer
            .iter()
            .filter(|tensor| used.contains(&tensor.name));
        let initializer = own.cloned().chain(self.values.constants).collect();
        let mut model = ModelProto {
            graph: Some(GraphProto {
                initializer,
                node: nodes,
                ..graph.clone()
            }),
            ..decoder.clone()
        };
        model.opset_import.retain(|set| set.domain != NCHWC);
        model.opset_import.push(OperatorSetIdProto {
            domain: NCHWC.to_owned(),
            version: 1,
        });
        model
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CancelToken;
    use crate::onnx::graph_builder::GraphBuilder;
    use crate::onnx::proto::{AttributeProto, TensorProto};
    use crate::onnx::subgraph::float_value;
    use crate::runtime::{Runtime, Session, SessionOptions, Tensor};

    /// Numbers without a pattern, small enough to go through many layers.
    fn numbers(count: usize, salt: u32) -> Vec<f32> {
        let mut state = salt.wrapping_mul(2_654_435_761) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state as f32 / u32::MAX as f32 - 0.5) * 0.4
        };
        (0..count).map(|_| next()).collect()
    }

    /// A HiFi-GAN decoder in miniature.
    struct Sketch {
        builder: GraphBuilder,
        weights: Vec<TensorProto>,
    }

    impl Sketch {
        fn weight(&mut self, dims: &[usize]) -> String {
            let salt = self.weights.len() as u32 + 1;
            let values = numbers(dims.iter().product(), salt);
            let dims: Vec<i64> = dims.iter().map(|&size| size as i64).collect();
            let mut tensor = TensorProto::floats(&dims, &values);
            tensor.name = format!("w{salt}");
            self.weights.push(tensor);
            format!("w{salt}")
        }

        fn conv(
            &mut self,
            input: &str,
            [outputs, inputs]: [usize; 2],
            taps: i64,
            dilation: i64,
        ) -> String {
            let weights = [
                self.weight(&[outputs, inputs, taps as usize]),
                self.weight(&[outputs]),
            ];
            let pad = (taps - 1) * dilation / 2;
            let attributes = vec![
                AttributeProto::ints("kernel_shape", &[taps]),
                AttributeProto::ints("dilations", &[dilation]),
                AttributeProto::ints("pads", &[pad, pad]),
            ];
            self.builder
                .op_with("Conv", &[input, &weights[0], &weights[1]], attributes)
        }

        fn upsample(&mut self, input: &str, [inputs, outputs]: [usize; 2], stride: i64) -> String {
            let taps = 2 * stride as usize;
            let weights = [
                self.weight(&[inputs, outputs, taps]),
                self.weight(&[outputs]),
            ];
            let pads = [stride / 2, stride - stride / 2];
            let attributes = vec![
                AttributeProto::ints("kernel_shape", &[2 * stride]),
                AttributeProto::ints("strides", &[stride]),
                AttributeProto::ints("pads", &pads),
            ];
            self.builder.op_with(
                "ConvTranspose",
                &[input, &weights[0], &weights[1]],
                attributes,
            )
        }

        /// The mean of two residual blocks, activated.
        fn stage(&mut self, x: &str, channels: usize) -> String {
            let activated = self.builder.op("LeakyRelu", &[x]);
            let blocks = [3, 5].map(|taps| {
                let first = self.conv(&activated, [channels; 2], taps, 1);
                let first = self.builder.op("Add", &[&first, x]);
                let second = self.builder.op("LeakyRelu", &[&first]);
                let second = self.conv(&second, [channels; 2], taps, 3);
                self.builder.op("Add", &[&second, &first])
            });
            let sum = self.builder.op("Add", &[&blocks[0], &blocks[1]]);
            let two = self.builder.float(2.0);
            let mean = self.builder.op("Div", &[&sum, &two]);
            self.builder.op("LeakyRelu", &[&mean])
        }
    }

    fn decoder(latent: usize, outputs: usize, has_speakers: bool) -> ModelProto {
        let mut sketch = Sketch {
            builder: GraphBuilder::new("d"),
            weights: Vec::new(),
        };
        let mut x = sketch.conv("z", [32, latent], 7, 1);
        if has_speakers {
            x = sketch.builder.op("Add", &[&x, "speaker"]);
        }
        let x = sketch.builder.op("LeakyRelu", &[&x]);
        let x = sketch.upsample(&x, [32, 16], 4);
        let x = sketch.stage(&x, 16);
        let x = sketch.upsample(&x, [16, 16], 3);
        let x = sketch.stage(&x, 16);
        let x = sketch.conv(&x, [outputs, 16], 7, 1);
        sketch.builder.op("Tanh", &[&x]);
        sketch.builder.rename_last_output("audio");
        let inputs = ["z", "speaker"].map(|name| float_value(name, None));
        let graph = GraphProto {
            name: "decoder".to_owned(),
            node: sketch.builder.nodes,
            initializer: sketch.weights,
            input: inputs
                .into_iter()
                .take(1 + usize::from(has_speakers))
                .collect(),
            output: vec![float_value("audio", None)],
            ..GraphProto::default()
        };
        ModelProto {
            ir_version: 8,
            opset_import: vec![OperatorSetIdProto {
                domain: String::new(),
                version: 15,
            }],
            graph: Some(graph),
            ..ModelProto::default()
        }
    }

    /// `None` when ONNX Runtime does not take the model.
    fn run(model: &ModelProto, latent: usize, frames: usize) -> Option<Vec<f32>> {
        use prost::Message as _;
        let path = std::env::var_os("ORT_DYLIB_PATH").unwrap();
        let runtime = Runtime::load(&[path.into()]).unwrap();
        let options = SessionOptions { threads: 1 };
        let session = Session::from_bytes(&runtime, &model.encode_to_vec(), options).ok()?;
        let (z, speaker) = (numbers(latent * frames, 77), numbers(32, 78));
        let shape = [1, latent, frames];
        let inputs = [
            ("z", Tensor::Floats(&z, &shape)),
            ("speaker", Tensor::Floats(&speaker, &[1, 32, 1])),
        ];
        let inputs = &inputs[..session.inputs().len()];
        let read = |outputs: &crate::runtime::Outputs<'_>| Ok(outputs.floats(0)?.1.to_vec());
        session.run(inputs, &CancelToken::new(), read).ok()
    }

    fn difference(a: &[f32], b: &[f32]) -> f32 {
        assert_eq!(a.len(), b.len());
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max)
    }

    /// The size with which blocks work on this machine. Channels are multiples
    /// of every size, so that a wrong one gives nonsense and nothing worse.
    fn block_size_here() -> Option<usize> {
        let plain = decoder(16, 16, false);
        let expected = run(&plain, 16, 9).unwrap();
        [8, 16].into_iter().find(|&block| {
            let blocked = run(&convert_to_nchwc(&plain, block).unwrap(), 16, 9);
            blocked.is_some_and(|blocked| difference(&blocked, &expected) < 1e-5)
        })
    }

    #[test]
    fn a_blocked_decoder_gives_the_samples_of_the_plain_one() {
        let Some(block) = block_size_here() else {
            if cfg!(target_arch = "x86_64") {
                panic!("every x86-64 processor of the last ten years has blocks");
            }
            return; // ONNX Runtime has no blocked kernels for this processor
        };
        for (latent, outputs, has_speakers) in [(16, 1, false), (48, 1, true), (16, 16, true)] {
            let plain = decoder(latent, outputs, has_speakers);
            let blocked = convert_to_nchwc(&plain, block).unwrap();
            for frames in [1, 2, 33] {
                let expected = run(&plain, latent, frames).unwrap();
                let samples = run(&blocked, latent, frames).unwrap();
                assert_eq!(samples.len(), outputs * frames * 12);
                let worst = difference(&samples, &expected);
                assert!(worst < 1e-5, "{worst} with {frames} frames");
                assert!(expected.iter().any(|sample| sample.abs() > 0.05));
            }
        }
    }

    #[test]
    fn activations_sums_and_factors_go_into_the_convolutions() {
        let blocked = convert_to_nchwc(&decoder(16, 1, false), 8).unwrap();
        let nodes = &blocked.graph.as_ref().unwrap().node;
        let count = |op_type: &str| nodes.iter().filter(|node| node.op_type == op_type).count();
        // Two stages with three activations and a running sum each.
        assert_eq!((count("LeakyRelu"), count("Add")), (6, 2));
        assert_eq!(
            (count("Div"), count("Mul"), count("ConvTranspose")),
            (0, 0, 0)
        );
        assert_eq!((count("ReorderInput"), count("ReorderOutput")), (1, 1));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let plain = decoder(16, 1, false);
        assert_eq!(
            convert_to_nchwc(&plain, 1),
            Err(NchwcError::BlockSize { block: 1 })
        );
        assert_eq!(
            convert_to_nchwc(&ModelProto::default(), 8),
            Err(NchwcError::NoGraph)
        );
        let odd = convert_to_nchwc(&decoder(12, 1, false), 8).unwrap_err();
        let message = odd.to_string();
        assert!(
            message.ends_with("does not fit blocks of 8 channels"),
            "{message}"
        );
        let mut empty = plain.clone();
        empty.graph.as_mut().unwrap().node.clear();
        assert_eq!(convert_to_nchwc(&empty, 8), Err(NchwcError::NoConvolutions));
        let mut cropped = plain;
        for tensor in &mut cropped.graph.as_mut().unwrap().initializer {
            tensor.raw_data = tensor
                .raw_data
                .as_ref()
                .map(|raw| raw.slice(..raw.len() / 2));
        }
        assert!(matches!(
            convert_to_nchwc(&cropped, 8),
            Err(NchwcError::Convolution { .. })
        ));
    }
}
